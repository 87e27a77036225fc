mod compare;
mod log;
mod show;
mod table;

use super::evaluate::split_parser;
use super::output::{print, print_json};
use super::{Failure, Outcome, trainer};
use crate::data::Split;
use crate::run::{self, RunFolder, StopRequest, printable};
use serde_json::json;
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;

/// Lists, shows, compares, stops, resumes and removes runs.
///
/// A RUN is a folder, its id, any unique part of it, or 'latest'.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The runs, newest first, with the best validation accuracy so far and the test accuracy of the evaluation.
    List {
        /// One JSON document for programs.
        #[arg(long)]
        json: bool,
    },
    /// Everything about one run in words.
    Show {
        run: String,
        /// One JSON document for programs.
        #[arg(long)]
        json: bool,
    },
    /// Two runs on the pictures that both scored: metrics, their difference, and whether that is chance.
    Compare {
        #[arg(value_name = "A")]
        first: String,
        #[arg(value_name = "B")]
        second: String,
        /// Both need its scores: mien evaluate writes them.
        #[arg(long, default_value = "test", value_parser = split_parser())]
        split: Split,
        /// One JSON document for programs.
        #[arg(long)]
        json: bool,
    },
    /// What the trainer said.
    Log {
        run: String,
        /// Go on as lines come, until the run ends.
        #[arg(short, long)]
        follow: bool,
    },
    /// Asks the trainers to stop; each finishes its step and writes a checkpoint.
    Stop {
        // Not called `runs`: that is the flag for the folder of them, which stands before or after any command.
        #[arg(required = true, value_name = "RUN")]
        selectors: Vec<String>,
        /// One JSON document for programs: the runs that were asked, with their states.
        #[arg(long)]
        json: bool,
    },
    /// Goes on with a run from its last checkpoint.
    Resume {
        run: String,
        /// In the background: the end of this terminal does not reach it.
        #[arg(long)]
        detach: bool,
        /// One JSON document for programs, as of mien train.
        #[arg(long)]
        json: bool,
    },
    /// Deletes runs with their weights, scores and metrics.
    Remove {
        #[arg(required = true, value_name = "RUN")]
        selectors: Vec<String>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// One JSON document for programs: the runs that are no more.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(arguments: Arguments, runs: &Path) -> Outcome {
    match arguments.action {
        Action::List { json } => table::list(runs, json),
        Action::Show { run, json } => show::show(&find(runs, &run)?, json),
        Action::Compare { first, second, split, json } => {
            compare::compare([&find(runs, &first)?, &find(runs, &second)?], split.name(), json)
        }
        Action::Log { run, follow } => log::log(&find(runs, &run)?, follow),
        Action::Stop { selectors, json } => stop(&find_all(runs, &selectors)?, json),
        Action::Resume { run, detach, json } => resume(&find(runs, &run)?, detach, json),
        Action::Remove { selectors, yes, json } => remove(&find_all(runs, &selectors)?, yes, json),
    }
}

/// Before any work: a selector that means no run, or several, is a wrong command line.
fn find(runs: &Path, selector: &str) -> Result<RunFolder, Failure> {
    Ok(run::find(runs, selector)?)
}

/// Each run once, however often it was named.
fn find_all(runs: &Path, selectors: &[String]) -> Result<Vec<RunFolder>, Failure> {
    let mut folders: Vec<RunFolder> = Vec::new();
    for selector in selectors {
        let folder = find(runs, selector)?;
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    Ok(folders)
}

/// What was done to a run.
struct Done {
    said: String,
    state: &'static str,
}

/// Does one thing to each run, also after it failed for one; the sentences of those it failed for come together.
fn for_each(
    folders: &[RunFolder],
    json: bool,
    mut act: impl FnMut(&RunFolder) -> Result<Done, run::RunError>,
) -> Outcome {
    let (mut document, mut failures) = (Vec::new(), Vec::new());
    for folder in folders {
        match act(folder) {
            Ok(done) if json => document.push(json!({ "id": folder.id(), "state": done.state })),
            Ok(done) => print(&format!("{}\n", done.said))?,
            Err(error) => failures.push(error.to_string()),
        }
    }
    if json {
        print_json(&document)?;
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::failed(failures.join("\nmien: "))) }
}

fn stop(folders: &[RunFolder], json: bool) -> Outcome {
    for_each(folders, json, |folder| {
        let id = folder.id();
        let id = printable(&id);
        let said = match run::stop(folder)? {
            StopRequest::Signalled { pid } => {
                format!("{id} stops (process {pid}) as soon as its step is done and a checkpoint written")
            }
            StopRequest::Left => {
                format!(
                    "{id} is asked to stop by a file in its folder; its trainer looks for it within a second"
                )
            }
        };
        // It has been asked; until its step is done it runs.
        Ok(Done { said, state: run::observe(folder).state.name() })
    })
}

fn resume(folder: &RunFolder, detach: bool, json: bool) -> Outcome {
    if detach {
        return trainer::report(folder, &run::resume(folder)?, json);
    }
    run::check_resumable(folder)?;
    folder.clear_stop_request()?;
    let program = run::this_program()?;
    let runs = folder.path().parent().unwrap_or(folder.path());
    let mut command = std::process::Command::new(&program);
    command.arg("--runs").arg(runs).args(["train", "--resume"]).arg(folder.path());
    command.args(json.then_some("--json"));
    // Replaces this process: the trainer has the terminal, its signals and its exit code. Returns only on failure.
    let error = command.exec();
    Err(Failure::failed(format!("cannot start {}: {error}", program.display())))
}

fn remove(folders: &[RunFolder], yes: bool, json: bool) -> Outcome {
    if !yes && !confirmed(folders)? {
        return if json { print("[]\n") } else { print("nothing was removed\n") };
    }
    for_each(folders, json, |folder| {
        run::remove(folder)?;
        Ok(Done { said: format!("removed {}", printable(&folder.id())), state: "removed" })
    })
}

fn confirmed(folders: &[RunFolder]) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::refused(
            "mien runs remove asks before it deletes; without a terminal, add --yes",
        ));
    }
    let mut question = String::new();
    for folder in folders {
        let summary = run::RunSummary::read(folder);
        let title = summary.title.as_deref().map(|title| format!(" \"{title}\"")).unwrap_or_default();
        question += &format!("  {}{title}, {}\n", summary.id, summary.state());
    }
    let what = if folders.len() == 1 { "this run".into() } else { format!("these {} runs", folders.len()) };
    question += &format!("Remove {what} with all weights and scores? [y/N] ");
    io::stderr()
        .write_all(question.as_bytes())
        .map_err(|error| Failure::failed(format!("cannot ask: {error}")))?;
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::failed(format!("cannot read the answer: {error}")))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
