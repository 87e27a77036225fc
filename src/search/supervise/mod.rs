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
pub(super) use room::{free_bytes, want};
pub(super) use standing::standing;
pub(super) use supervisor::Supervisor;

use super::{Record, Search, SearchError, SearchFolder, SearchState, engine};
use crate::data::printable;
use crate::run::{ProcessIdentity, RunLog};
use crate::train::panic_words;
use keeper::Keeper;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::any::Any;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Requests of others are looked for so often.
const LOOK: Duration = Duration::from_secs(1);

/// Supervises a search until it ends, in this process. Returns how it ended; of a search that failed its record says why.
/// On TERM or Ctrl-C it leaves the search, as lost: to be gone on with.
///
/// # Errors
/// Where another process supervises it, or its files cannot be read or written.
pub fn supervise(folder: &SearchFolder) -> Result<SearchState, SearchError> {
    let terminated = listen()?;
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
    let outcome = catch_unwind(AssertUnwindSafe(|| work(folder, record, &keeper, &mut last, &terminated)))
        .unwrap_or_else(|panic| Err(broken_down(&*panic)));
    // Whoever took it over, or removed it, has the word.
    if let Err(error @ SearchError::Supervised { .. }) = outcome {
        return Err(error);
    }
    let Some(end) = outcome.transpose().map(|outcome| conclude(outcome, &mut last)) else {
        return leave(folder, &keeper, last);
    };
    say_in(folder, &told(&last));
    keeper.end(&last)?;
    if end == SearchState::Stopped {
        let _ = fs::remove_file(folder.stop_request());
    }
    Ok(end)
}

/// Whether this process was asked to end, as when its machine shuts down.
fn listen() -> Result<Arc<AtomicBool>, SearchError> {
    let terminated = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(&terminated))
            .map_err(|error| SearchError::Failed(format!("the search cannot listen to signals: {error}")))?;
    }
    Ok(terminated)
}

/// The runs are processes of their own and go on; readers see the search as lost, and why.
fn leave(folder: &SearchFolder, keeper: &Keeper, last: Record) -> Result<SearchState, SearchError> {
    let sentence = "its supervisor was ended by a signal, and runs that were begun go on; --resume goes on";
    say_in(folder, sentence);
    keeper.put(&Record { problem: Some(sentence.into()), ..last })?;
    Ok(SearchState::Lost)
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
    terminated: &AtomicBool,
) -> Result<Option<SearchState>, SearchError> {
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
            return Ok(Some(end));
        }
        keeper.put(&supervisor.record)?;
        pause(folder, supervisor.pause(), terminated);
        if terminated.load(Ordering::Relaxed) {
            return Ok(None);
        }
    }
}

/// Waits, but not where somebody wants something.
fn pause(folder: &SearchFolder, pause: Duration, terminated: &AtomicBool) {
    let begin = Instant::now();
    loop {
        let left = pause.saturating_sub(begin.elapsed());
        sleep(left.min(LOOK));
        let is_asked = terminated.load(Ordering::Relaxed);
        if left <= LOOK || is_asked || folder.stop_request().exists() || folder.throttle_request().exists() {
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

fn broken_down(panic: &(dyn Any + Send)) -> SearchError {
    let said = panic_words(panic);
    let sentence = "please report it; mien search --resume goes on";
    SearchError::Failed(format!("the supervisor broke down ({said}): {sentence}"))
}
