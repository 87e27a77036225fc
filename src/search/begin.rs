//! Beginning a search: everything is looked at before anything is made.

use super::supervise::{Supervisor, SupervisorLock, free_bytes, want};
use super::{
    EngineKind, Plan, PlannedRun, Record, Search, SearchError, SearchFolder, SearchState, engine, local,
};
use crate::data::{printable, shown};
use crate::model;
use crate::run::{self, Attempt, Detached, FileLock, SEARCHES};
use crate::train::{self, TrainError};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// How a search is begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeginOptions {
    /// Where the runs are trained; none: where the file has a section for, else on this machine.
    pub engine: Option<EngineKind>,
    /// More runs than this are refused.
    pub max_runs: u64,
    /// Also where a search was begun from this file already.
    pub again: bool,
}

/// More runs than this are a mistake unless the user says otherwise.
pub const MAX_RUNS: u64 = 100_000;

impl Default for BeginOptions {
    fn default() -> Self {
        Self { engine: None, max_runs: MAX_RUNS, again: false }
    }
}

/// As [`begin_with`], for those who show no progress.
pub fn begin(runs: &Path, file: &Path, options: &BeginOptions) -> Result<SearchFolder, SearchError> {
    begin_with(runs, file, options, &mut |_, _| {})
}

/// Begins a search: reads and checks everything, makes its folder with the whole plan, and starts the supervisor, which
/// goes on by itself. `progress` hears of pictures packed, done and in all.
///
/// # Errors
/// What is refused leaves no folder, also where a scheduler refuses.
pub fn begin_with(
    runs: &Path,
    file: &Path,
    options: &BeginOptions,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<SearchFolder, SearchError> {
    let search = Search::from_file(file)?;
    check_count(search.count(), options.max_runs)?;
    if !options.again {
        refuse_begun(runs, &search.file)?;
    }
    let engine = options.engine.unwrap_or_else(|| engine_of(&search));
    let slots = match engine {
        EngineKind::Local => local::slots(search.local.as_ref())?,
        EngineKind::Slurm => Vec::new(),
    };
    let planned: Vec<PlannedRun> = search.runs().collect();
    check_pictures(&search, planned.first(), progress)?;
    let text = fs::read_to_string(file).map_err(SearchError::read(file))?;
    let record = Record { engine, slots, ..Record::new(search.file.clone()) };

    let _begin = begin_lock(runs)?;
    // Another may have been begun while the pictures were packed.
    if !options.again {
        refuse_begun(runs, &search.file)?;
    }
    if let Some(want) = want(runs, free_bytes(runs)) {
        return Err(SearchError::Refused(want));
    }
    let fill = |inside: &SearchFolder| Plan::append(inside, &planned);
    let folder = SearchFolder::create(runs, &search.name, &text, &search.base, &record, fill)?;
    match set_going(&folder, &search, engine) {
        Ok(()) => Ok(folder),
        Err(NotGoing::AtAll(error)) => {
            // That it cannot be removed either would add nothing to what is to be told.
            let _ = fs::remove_dir_all(folder.path());
            Err(error)
        }
        Err(NotGoing::AnyMore(error)) => Err(error),
    }
}

fn check_count(count: u64, most: u64) -> Result<(), SearchError> {
    if count <= most {
        return Ok(());
    }
    Err(SearchError::Refused(format!(
        "the search has {count} runs and at most {most} are allowed: take fewer values, draw some with \
         sampler = \"random\" and trials, or allow them with --max-runs {count}"
    )))
}

/// Where the runs are trained if nobody says.
fn engine_of(search: &Search) -> EngineKind {
    match (&search.local, &search.slurm) {
        (None, Some(_)) => EngineKind::Slurm,
        _ => EngineKind::Local,
    }
}

fn refuse_begun(runs: &Path, file: &Path) -> Result<(), SearchError> {
    let is_of_file = |folder: &SearchFolder| Record::read(folder).is_ok_and(|record| record.file == file);
    let Some(begun) = SearchFolder::list(runs)?.into_iter().find(is_of_file) else { return Ok(()) };
    Err(SearchError::Refused(format!(
        "{} was begun already, as {}: --resume goes on with it, --new begins another search",
        shown(file),
        printable(&begun.id())
    )))
}

/// Opens the pictures, packing them where they are not: once here instead of in every run, and a search whose runs would
/// all fail is refused.
fn check_pictures(
    search: &Search,
    first: Option<&PlannedRun>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(), SearchError> {
    let mut check = |config: &crate::config::RunConfig| -> Result<(), TrainError> {
        model::summary(&config.model)?;
        train::pictures(config, progress).map(|_| ())
    };
    let Err(error) = check(&search.base) else { return Ok(()) };
    // What the base alone could not be trained with may be an axis.
    let first = first.map(|run| run.config(&search.name, &search.base, search.metric)).transpose()?;
    match first {
        Some(config) if check(&config).is_ok() => Ok(()),
        _ => Err(error.into()),
    }
}

/// Held while a folder is made, so that two who begin the same file at once begin it once.
fn begin_lock(runs: &Path) -> Result<FileLock, SearchError> {
    let searches = runs.join(SEARCHES);
    fs::create_dir_all(&searches).map_err(SearchError::write(&searches))?;
    run::keep_out_of_git(runs)?;
    match FileLock::acquire(&searches.join(".begin.lock"), || None)? {
        Attempt::Acquired(lock) => Ok(lock),
        _ => Err(SearchError::Refused("another search is being begun here: try again in a moment".into())),
    }
}

/// Why a search does not go on by itself.
pub(super) enum NotGoing {
    /// Nothing of it was begun.
    AtAll(SearchError),
    /// Another process was quicker and has it, or its supervisor has begun and ended badly: the search's record is not
    /// this process's to write.
    AnyMore(SearchError),
}

/// Hands the first runs over where a scheduler may refuse them, then starts the supervisor.
pub(super) fn set_going(folder: &SearchFolder, search: &Search, engine: EngineKind) -> Result<(), NotGoing> {
    let mut taken_back = None;
    if engine == EngineKind::Slurm {
        taken_back = Some(hand_over(folder, search)?);
    }
    match start_supervisor(folder) {
        Ok(supervisor) => wait_for(folder, &supervisor).map_err(NotGoing::AnyMore),
        Err(error) => {
            if let Some(mut supervisor) = taken_back {
                supervisor.stop();
                // The first failure is the one to tell.
                let _ = supervisor.round();
            }
            Err(NotGoing::AtAll(error))
        }
    }
}

fn hand_over(folder: &SearchFolder, search: &Search) -> Result<Supervisor, NotGoing> {
    let _lock = match SupervisorLock::take(folder) {
        Err(error @ SearchError::Supervised { .. }) => return Err(NotGoing::AnyMore(error)),
        other => other.map_err(NotGoing::AtAll)?,
    };
    // As it is now: another process may have had the search meanwhile.
    let record = Record::read(folder).map_err(NotGoing::AtAll)?;
    if record.state == SearchState::Stopped {
        let id = folder.id();
        let error = SearchError::Failed(format!("{} was stopped before it went on", printable(&id)));
        return Err(NotGoing::AnyMore(error));
    }
    hand_over_first(folder, search, record).map_err(NotGoing::AtAll)
}

fn hand_over_first(
    folder: &SearchFolder,
    search: &Search,
    record: Record,
) -> Result<Supervisor, SearchError> {
    let engine = engine::open(search, folder, &record)?;
    let mut supervisor = Supervisor::open(folder, search, engine, record, |_| {})?;
    supervisor.begin_first()?;
    if let Err(error) = supervisor.record.write(folder) {
        // Jobs that nobody knows of must not stay in the queue.
        supervisor.stop();
        let _ = supervisor.round();
        return Err(error);
    }
    Ok(supervisor)
}

fn start_supervisor(folder: &SearchFolder) -> Result<Detached, SearchError> {
    let program = run::this_program()?;
    let args = [
        "--runs".into(),
        folder.runs().into_os_string(),
        "search".into(),
        folder.path().as_os_str().to_owned(),
        "--supervise".into(),
    ];
    Ok(run::start_detached(&program, &args, &folder.log())?)
}

/// So long a supervisor is waited for until it says that it has the search.
const PATIENCE: Duration = Duration::from_secs(30);

fn wait_for(folder: &SearchFolder, supervisor: &Detached) -> Result<(), SearchError> {
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        let ended = supervisor.ended_within(Duration::from_millis(20));
        let record = Record::read(folder).ok();
        if let Some(status) = ended {
            let failed = |record: &Record| record.state == SearchState::Failed;
            let problem =
                record.as_ref().filter(|record| failed(record)).and_then(|record| record.problem.clone());
            return match (status.success(), problem) {
                (true, None) => Ok(()),
                (_, problem) => {
                    let said =
                        problem.unwrap_or_else(|| format!("{status}; {} says more", shown(&folder.log())));
                    let id = folder.id();
                    Err(SearchError::Failed(format!("{} ended at once: {said}", printable(&id))))
                }
            };
        }
        if record.is_some_and(|record| record.process.pid == Some(supervisor.pid)) {
            return Ok(());
        }
    }
    // A slow disk; it goes on by itself or its log says why not.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::folder::tests::{search, search_folder};

    fn error_of_another(outcome: Result<(), NotGoing>) -> String {
        match outcome {
            Err(NotGoing::AnyMore(error)) => error.to_string(),
            Err(NotGoing::AtAll(error)) => panic!("the search would be written over: {error}"),
            Ok(()) => panic!("it went on"),
        }
    }

    #[test]
    fn a_search_that_another_process_has_or_has_stopped_is_left_to_it() {
        let (_keep, folder) = search_folder("tiny");
        let lock = SupervisorLock::take(&folder).unwrap();
        let error = error_of_another(set_going(&folder, &search(), EngineKind::Slurm));
        assert!(error.contains("already supervised"), "{error}");
        drop(lock);

        let stopped = Record { state: SearchState::Stopped, ..Record::read(&folder).unwrap() };
        stopped.write(&folder).unwrap();
        let error = error_of_another(set_going(&folder, &search(), EngineKind::Slurm));
        assert!(error.contains("was stopped"), "{error}");
        assert_eq!(Record::read(&folder).unwrap(), stopped);
    }
}
