//! The supervisor of a search: one process that hands runs to an engine, sees how they end, and begins again what failed.
//!
//! It can be killed at any moment: what is true of a run stands in the run's folder, and the next supervisor finds it
//! there.

mod breaker;
mod keeper;
mod ledger;
mod lock;
mod room;
mod standing;
mod supervisor;
#[cfg(test)]
mod tests;

pub(super) use lock::SupervisorLock;
pub(super) use standing::standing;
pub(super) use supervisor::Supervisor;

use super::{Record, Search, SearchError, SearchFolder, SearchState, engine};
use crate::data::printable;
use crate::run::{ProcessIdentity, RunLog};
use keeper::Keeper;
use std::any::Any;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Requests of others are looked for so often.
const LOOK: Duration = Duration::from_secs(1);

/// Supervises a search until it ends, in this process. Returns how it ended; of a search that failed its record says why.
///
/// # Errors
/// Where another process supervises it, or its files cannot be read or written.
pub fn supervise(folder: &SearchFolder) -> Result<SearchState, SearchError> {
    let _lock = take_patiently(folder)?;
    let record = Record::read(folder)?;
    // Someone stopped it before this process had it.
    if record.state == SearchState::Stopped {
        return Ok(SearchState::Stopped);
    }
    let process = ProcessIdentity::current();
    let record = Record { state: SearchState::Running, problem: None, process, ..record };
    let keeper = Keeper::start(folder, &record)?;
    let mut last = record.clone();
    let outcome = catch_unwind(AssertUnwindSafe(|| work(folder, record, &keeper, &mut last)))
        .unwrap_or_else(|panic| Err(SearchError::Failed(words(&*panic))));
    // Whoever took it over, or removed it, has the word.
    if let Err(error @ SearchError::Supervised { .. }) = outcome {
        return Err(error);
    }
    let end = conclude(outcome, &mut last);
    say_in(folder, &told(&last));
    keeper.end(&last)?;
    if end == SearchState::Stopped {
        let _ = fs::remove_file(folder.stop_request());
    }
    Ok(end)
}

/// Who changes a search holds it for a moment.
fn take_patiently(folder: &SearchFolder) -> Result<SupervisorLock, SearchError> {
    let begin = Instant::now();
    loop {
        match SupervisorLock::take(folder) {
            Err(SearchError::Supervised { .. }) if begin.elapsed() < Duration::from_secs(3) => {
                sleep(Duration::from_millis(50));
            }
            other => return other,
        }
    }
}

fn work(
    folder: &SearchFolder,
    record: Record,
    keeper: &Keeper,
    last: &mut Record,
) -> Result<SearchState, SearchError> {
    let search = Search::of_folder(folder)?;
    let engine = engine::open(&search, folder, &record)?;
    let log = folder.clone();
    let mut supervisor = Supervisor::open(folder, &search, engine, record, move |text| say_in(&log, text))?;
    say_in(folder, &format!("supervised: {} runs wait, {} go on", supervisor.waiting(), supervisor.held()));
    loop {
        let end = supervisor.round();
        last.clone_from(&supervisor.record);
        if let Some(end) = end? {
            supervisor.put_away();
            return Ok(end);
        }
        keeper.put(&supervisor.record)?;
        pause(folder, supervisor.pause());
    }
}

/// Waits, but not where somebody wants something.
fn pause(folder: &SearchFolder, pause: Duration) {
    let begin = Instant::now();
    loop {
        let left = pause.saturating_sub(begin.elapsed());
        sleep(left.min(LOOK));
        if left <= LOOK || folder.stop_request().exists() || folder.throttle_request().exists() {
            return;
        }
    }
}

fn conclude(outcome: Result<SearchState, SearchError>, record: &mut Record) -> SearchState {
    record.state = match outcome {
        Ok(end) => end,
        Err(error) => {
            record.problem = Some(printable(&error.to_string().replace('\n', " ")).into_owned());
            SearchState::Failed
        }
    };
    if record.state != SearchState::Failed {
        record.problem = None;
    }
    record.state
}

fn told(record: &Record) -> String {
    match &record.problem {
        Some(problem) => format!("the search {}: {problem}", record.state.name()),
        None => format!("the search is {}", record.state.name()),
    }
}

/// Adds to the search's log; a disk that does not take it must not end the search.
fn say_in(folder: &SearchFolder, text: &str) {
    if let Ok(log) = RunLog::append_to(&folder.log()) {
        let _ = log.line(&printable(text));
    }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
    format!("the supervisor broke down ({text}): please report it; mien search --resume goes on")
}
