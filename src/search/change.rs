//! Changing a search that has begun: going on with it, stopping it, letting more or fewer runs go on at once.

use super::begin::{NotGoing, set_going};
use super::supervise::{Supervisor, SupervisorLock, standing};
use super::{
    EngineKind, MAX_RUNS, Plan, PlannedRun, Record, Search, SearchError, SearchFolder, SearchState, engine,
    local,
};
use crate::data::{Durability, printable, replace, shown};
use crate::run::{ProcessIdentity, State, unix_seconds};
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How a search is gone on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeOptions {
    /// Where the runs are trained from now on; none: where they were.
    pub engine: Option<EngineKind>,
    /// More runs than this in all are refused.
    pub max_runs: u64,
}

impl Default for ResumeOptions {
    fn default() -> Self {
        Self { engine: None, max_runs: MAX_RUNS }
    }
}

/// What a search that is gone on with has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resumed {
    /// Runs that are to be trained, the added ones among them; where there is none, nothing was started.
    pub left: u64,
    /// Runs that the search's file has come to hold since.
    pub added: u64,
    /// Runs that are trained to their end.
    pub done: u64,
}

/// What came of stopping a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopOutcome {
    /// Nothing of it runs any more.
    Stopped,
    /// It was asked to, and its runs are about to write their checkpoints.
    Stopping,
}

/// Goes on with a search: with every run that is not finished, and with those that its file has come to hold since.
///
/// # Errors
/// Where a supervisor lives ([`SearchError::Supervised`]), and where the file has become another search.
pub fn resume(folder: &SearchFolder, options: &ResumeOptions) -> Result<Resumed, SearchError> {
    let lock = SupervisorLock::take(folder)?;
    let mut record = Record::read(folder)?;
    let begun = Search::of_folder(folder)?;
    let plan = Plan::read(folder)?;
    let (search, text) = match read_again(&record.file)? {
        Some((search, text)) => (search, Some(text)),
        None => (begun.clone(), None),
    };
    check_same(&begun, &search, &record.file)?;
    let added = new_runs(&search, &plan, options.max_runs)?;
    let kind = options.engine.unwrap_or(record.engine);
    if kind != record.engine {
        refuse_held(folder, &begun, &record)?;
    }
    let slots = match kind {
        EngineKind::Local => local::slots(search.local.as_ref())?,
        EngineKind::Slurm => Vec::new(),
    };

    check_numbers(folder, &added)?;
    if let Some(text) = text {
        write_anew(&folder.file(), &text)?;
    }
    if !added.is_empty() {
        Plan::append(folder, &added)?;
    }
    let seen = standing(folder, &plan)?;
    let is_finished = |state: State| state == State::Finished;
    let done = seen.iter().flatten().filter(|seen| is_finished(seen.state)).count() as u64;
    let resumed =
        Resumed { left: (plan.runs.len() + added.len()) as u64 - done, added: added.len() as u64, done };
    clear(&folder.stop_request())?;
    clear(&folder.throttle_request())?;
    record = Record {
        state: if resumed.left == 0 { SearchState::Finished } else { SearchState::Planned },
        engine: kind,
        slots,
        process: ProcessIdentity::default(),
        heartbeat: unix_seconds(),
        problem: None,
        retried: Default::default(),
        cancelled: Default::default(),
        failed: Default::default(),
        ..record
    };
    record.write(folder)?;
    drop(lock);
    if resumed.left > 0 {
        set_going(folder, &search, kind).map_err(|not_going| match not_going {
            NotGoing::AtAll(error) => {
                let problem = Some(error.to_string());
                // What is to be told is told by the error.
                let _ = Record { state: SearchState::Failed, problem, ..record }.write(folder);
                error
            }
            NotGoing::AnyMore(error) => error,
        })?;
    }
    Ok(resumed)
}

/// The search's file as it is now; `None` where it is gone.
fn read_again(file: &Path) -> Result<Option<(Search, String)>, SearchError> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some((Search::from_file(file)?, text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SearchError::read(file)(error)),
    }
}

/// Runs of one search are comparable: they begin from one config and are ranked by one number.
fn check_same(begun: &Search, now: &Search, file: &Path) -> Result<(), SearchError> {
    let changed = if begun.name != now.name {
        "name"
    } else if begun.metric != now.metric {
        "metric"
    } else if begun.base != now.base {
        "base config"
    } else {
        return Ok(());
    };
    Err(SearchError::Refused(format!(
        "the {changed} of {} is another one than when the search began: put it back, or begin another search with --new",
        shown(file)
    )))
}

/// The runs that the plan does not hold, with the numbers that they get.
fn new_runs(search: &Search, plan: &Plan, most: u64) -> Result<Vec<PlannedRun>, SearchError> {
    // Before any run is made of a space that may be huge.
    if search.count() > most {
        return Err(too_many(search.count(), most));
    }
    let planned: HashSet<String> = plan.runs.iter().map(point).collect();
    let mut new: Vec<PlannedRun> = Vec::new();
    for run in search.runs() {
        let as_read = run.as_read().map_err(|error| SearchError::content(&search.file, error))?;
        if !planned.contains(&point(&as_read)) {
            let number = (plan.runs.len() + new.len()) as u64 + 1;
            new.push(PlannedRun { number, ..run });
        }
    }
    let count = (plan.runs.len() + new.len()) as u64;
    if count > most { Err(too_many(count, most)) } else { Ok(new) }
}

/// A number that a run had already would give that run's folder to another point.
fn check_numbers(folder: &SearchFolder, added: &[PlannedRun]) -> Result<(), SearchError> {
    let Some(run) = added.iter().find(|run| folder.run(run.number).path().exists()) else { return Ok(()) };
    let reason = format!(
        "it holds run {} no more, which has a folder: put the file back as it was, or begin another search with --new",
        run.number
    );
    Err(SearchError::content(&folder.plan(), reason))
}

fn too_many(count: u64, most: u64) -> SearchError {
    SearchError::Refused(format!(
        "the search would have {count} runs and at most {most} are allowed: allow them with --max-runs {count}"
    ))
}

/// A run's seed and values, whatever the order of the axes.
fn point(run: &PlannedRun) -> String {
    let mut values: Vec<String> = run.set.iter().map(|(key, value)| format!("{key}={value}")).collect();
    values.sort();
    format!("{} {}", run.seed, values.join(" "))
}

fn refuse_held(folder: &SearchFolder, search: &Search, record: &Record) -> Result<(), SearchError> {
    let engine = engine::open(search, folder, record)?;
    let held = Supervisor::open(folder, search, engine, record.clone(), |_| {})?.held();
    if held == 0 {
        return Ok(());
    }
    let id = folder.id();
    Err(SearchError::Refused(format!(
        "{held} runs are still where the search was before: stop it first with mien search {} --stop",
        printable(&id)
    )))
}

/// So long a search that was asked to stop is waited for: a trainer finishes its step and writes a checkpoint.
const PATIENCE: Duration = Duration::from_secs(60);

/// Stops a search; its runs keep their checkpoints. Where no supervisor lives this does what it would.
pub fn stop(folder: &SearchFolder) -> Result<StopOutcome, SearchError> {
    match SupervisorLock::take(folder) {
        Ok(_lock) => stop_here(folder),
        Err(SearchError::Supervised { .. }) => ask_to_stop(folder),
        Err(error) => Err(error),
    }
}

fn ask_to_stop(folder: &SearchFolder) -> Result<StopOutcome, SearchError> {
    write_anew(&folder.stop_request(), "")?;
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        match Record::read(folder)?.observed_state() {
            SearchState::Lost => return stop(folder),
            state if !state.is_active() => return Ok(StopOutcome::Stopped),
            _ => {}
        }
        sleep(Duration::from_millis(100));
    }
    Ok(StopOutcome::Stopping)
}

fn stop_here(folder: &SearchFolder) -> Result<StopOutcome, SearchError> {
    let record = Record::read(folder)?;
    let search = Search::of_folder(folder)?;
    let engine = engine::open(&search, folder, &record)?;
    let was = record.state;
    let mut supervisor = Supervisor::open(folder, &search, engine, record, |_| {})?;
    if supervisor.held() == 0 && !was.is_active() {
        let id = folder.id();
        return Err(SearchError::Refused(format!("{} is not running, it is {}", printable(&id), was.name())));
    }
    supervisor.stop();
    let begin = Instant::now();
    let mut outcome = StopOutcome::Stopping;
    while outcome == StopOutcome::Stopping && begin.elapsed() < PATIENCE {
        match supervisor.round()? {
            Some(_) => outcome = StopOutcome::Stopped,
            None => sleep(Duration::from_millis(200)),
        }
    }
    supervisor.put_away();
    let problem = supervisor.record.problem.take();
    let process = ProcessIdentity::default();
    Record { state: SearchState::Stopped, process, ..supervisor.record }.write(folder)?;
    clear(&folder.stop_request())?;
    match problem {
        Some(problem) if outcome == StopOutcome::Stopping => Err(SearchError::Failed(problem)),
        _ => Ok(outcome),
    }
}

/// Lets at most so many runs go on at once, from now on.
pub fn throttle(folder: &SearchFolder, most: usize) -> Result<(), SearchError> {
    if most == 0 {
        return Err(SearchError::Refused("a search lets at least one run go on: --stop ends it".into()));
    }
    let _lock = match SupervisorLock::take(folder) {
        Ok(lock) => lock,
        Err(SearchError::Supervised { .. }) => {
            return write_anew(&folder.throttle_request(), &format!("{most}\n"));
        }
        Err(error) => return Err(error),
    };
    let mut record = Record::read(folder)?;
    let search = Search::of_folder(folder)?;
    let mut engine = engine::open(&search, folder, &record)?;
    engine.look(&record)?;
    engine.throttle(most, &mut record)?;
    record.throttle = Some(most);
    record.write(folder)
}

fn write_anew(path: &Path, text: &str) -> Result<(), SearchError> {
    let written = replace(path, Durability::Synced, |file| file.write_all(text.as_bytes()));
    written.map_err(SearchError::write(path))
}

fn clear(path: &Path) -> Result<(), SearchError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(SearchError::write(path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::folder::{self, tests::search_folder};
    use crate::search::{Axis, Sampler, Values};
    use toml::Value;

    fn search(sampler: Sampler, axes: Vec<Axis>) -> Search {
        Search { sampler, axes, seeds: vec![42, 43], ..folder::tests::search() }
    }

    fn axis(field: &str, values: Values) -> Axis {
        Axis { field: field.into(), values }
    }

    /// Ends that are written with all their digits.
    fn range(points: Option<usize>) -> Values {
        Values::Range { min: 1.0 / 3e9, max: 0.1 + 0.2, is_log: true, is_whole: false, points }
    }

    /// Numbers of which JSON brings some back as their neighbours.
    fn odd() -> Vec<Value> {
        let powers = (1..400).map(|i| 10f64.powf(-f64::from(i) / 40.0));
        [0.1 + 0.2, 1.0 / 3.0, 10f64.powf(-2.5)].into_iter().chain(powers).map(Value::Float).collect()
    }

    #[test]
    fn a_number_that_the_plan_brings_back_as_its_neighbour_is_no_new_point() {
        let random = Sampler::Random { trials: 2000, seed: 1 };
        for search in [
            search(Sampler::Grid, vec![axis("train.learning_rate", Values::List(odd()))]),
            search(Sampler::Grid, vec![axis("train.learning_rate", range(Some(1000)))]),
            search(random, vec![axis("train.learning_rate", range(None))]),
        ] {
            let (_keep, folder) = search_folder("tiny");
            let planned: Vec<_> = search.runs().collect();
            Plan::append(&folder, &planned).unwrap();
            let plan = Plan::read(&folder).unwrap();
            assert_eq!(new_runs(&search, &plan, MAX_RUNS).unwrap(), []);
        }
    }

    #[test]
    fn the_numbers_of_that_test_are_such_as_json_changes() {
        let search = search(Sampler::Grid, vec![axis("train.learning_rate", Values::List(odd()))]);
        assert!(search.runs().any(|run| run.as_read().unwrap() != run));
    }

    #[test]
    fn points_that_the_file_has_come_to_hold_are_new_with_each_seed() {
        let (_keep, folder) = search_folder("tiny");
        let rates = |many: usize| axis("train.learning_rate", Values::List(odd()[..many].to_vec()));
        Plan::append(&folder, &search(Sampler::Grid, vec![rates(3)]).runs().collect::<Vec<_>>()).unwrap();
        let plan = Plan::read(&folder).unwrap();
        let new = new_runs(&search(Sampler::Grid, vec![rates(4)]), &plan, MAX_RUNS).unwrap();
        assert_eq!(new.iter().map(|run| (run.number, run.seed)).collect::<Vec<_>>(), [(7, 42), (8, 43)]);
        assert!(new_runs(&search(Sampler::Grid, vec![rates(4)]), &plan, 7).is_err());
    }
}
