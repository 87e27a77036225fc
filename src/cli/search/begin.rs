use super::{Arguments, Outcome};
use crate::cli::output::{grouped, note, print, print_json};
use crate::cli::{Failure, progress};
use crate::run::printable;
use crate::search::{
    self, BeginOptions, EngineKind, Plan, Record, ResumeOptions, SearchFolder, SearchState, StopOutcome,
};
use serde_json::json;
use std::path::Path;

pub(super) fn run(file: &str, arguments: &Arguments, runs: &Path) -> Outcome {
    let folder = begin(file, arguments, runs)?;
    go_on(&folder, arguments, None)
}

/// Follows a search, also one that is begun by it.
pub(super) fn watch(search: &str, arguments: &Arguments, runs: &Path) -> Outcome {
    let folder = match SearchFolder::find(runs, search) {
        Err(_) if Path::new(search).is_file() => return run(search, arguments, runs),
        found => found?,
    };
    super::watch::run(&folder, arguments.json)
}

fn begin(file: &str, arguments: &Arguments, runs: &Path) -> Result<SearchFolder, Failure> {
    let path = Path::new(file);
    if !path.exists()
        && let Ok(folder) = SearchFolder::find(runs, file)
    {
        let id = folder.id();
        return Err(Failure::refused(format!(
            "{} is a search that has begun: --watch follows it, --show shows it, --resume goes on with it",
            printable(&id)
        )));
    }
    let options =
        BeginOptions { engine: arguments.engine, max_runs: arguments.max_runs, again: arguments.new };
    Ok(search::begin_with(runs, path, &options, &mut progress::pictures("packing pictures"))?)
}

/// What is left to do once a search goes on by itself: to say so, or to follow it.
fn go_on(folder: &SearchFolder, arguments: &Arguments, left: Option<String>) -> Outcome {
    if !arguments.watch {
        return tell(folder, arguments.json, left);
    }
    let id = folder.id();
    let how = left.map_or("begun".into(), |left| format!("goes on, {left}"));
    note(format!("{}: {how}; Ctrl-C leaves it running", printable(&id)));
    super::watch::run(folder, arguments.json)
}

pub(super) fn resume(search: &str, arguments: &Arguments, runs: &Path) -> Outcome {
    let folder = SearchFolder::find(runs, search)?;
    let options = ResumeOptions { engine: arguments.engine, max_runs: arguments.max_runs };
    let resumed = search::resume(&folder, &options)?;
    if resumed.left == 0 && !arguments.json {
        let id = folder.id();
        let done = grouped(resumed.done as usize);
        return print(&format!("{}: all {done} runs are finished, nothing is left\n", printable(&id)));
    }
    let mut sentence = format!("{} of its runs are left", grouped(resumed.left as usize));
    if resumed.added > 0 {
        sentence += &format!(", {} of them new", grouped(resumed.added as usize));
    }
    go_on(&folder, arguments, Some(sentence))
}

/// Says that a search goes on by itself.
fn tell(folder: &SearchFolder, json: bool, left: Option<String>) -> Outcome {
    let record = Record::read(folder)?;
    let runs = Plan::read(folder)?.runs.len();
    let id = folder.id();
    if json {
        return print_json(&json!({
            "search": id,
            "runs": runs,
            "engine": record.engine,
            "state": record.observed_state(),
        }));
    }
    let id = printable(&id);
    let place = match record.engine {
        EngineKind::Slurm => "Slurm".into(),
        EngineKind::Local => printable(&record.slots.join(", ")).into_owned(),
    };
    let left = left.map(|left| format!("; {left}")).unwrap_or_default();
    print(&format!(
        "{id}: {} {} on {place}{left}\nIt goes on by itself: mien shows it, mien search {id} --watch follows it, mien search {id} --stop stops it\n",
        grouped(runs),
        if runs == 1 { "run" } else { "runs" },
    ))
}

pub(super) fn supervise(search: &str, runs: &Path) -> Outcome {
    let folder = SearchFolder::find(runs, search)?;
    match search::supervise(&folder)? {
        SearchState::Failed => {
            let problem = Record::read(&folder)?.problem.unwrap_or_default();
            Err(Failure::failed(format!("the search failed: {problem}")))
        }
        _ => Ok(()),
    }
}

pub(super) fn stop(search: &str, json: bool, runs: &Path) -> Outcome {
    let folder = SearchFolder::find(runs, search)?;
    let outcome = search::stop(&folder)?;
    let id = folder.id();
    if json {
        let state = Record::read(&folder)?.observed_state();
        return print_json(&json!({"search": id, "state": state}));
    }
    let id = printable(&id);
    print(&match outcome {
        StopOutcome::Stopped => {
            format!("{id}: stopped, its runs keep their checkpoints; mien search {id} --resume goes on\n")
        }
        StopOutcome::Stopping => {
            format!(
                "{id}: asked to stop; its runs are about to write their checkpoints, mien search {id} --watch follows it\n"
            )
        }
    })
}

pub(super) fn throttle(search: &str, most: usize, json: bool, runs: &Path) -> Outcome {
    let folder = SearchFolder::find(runs, search)?;
    search::throttle(&folder, most)?;
    let id = folder.id();
    if json {
        return print_json(&json!({"search": id, "throttle": most}));
    }
    note(format!("{}: at most {most} at once from now on", printable(&id)));
    Ok(())
}
