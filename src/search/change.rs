//! Changing a search that has begun: going on with it, stopping it, letting more or fewer runs go on at once.

use super::{EngineKind, MAX_RUNS, SearchError, SearchFolder};

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
pub fn resume(_folder: &SearchFolder, _options: &ResumeOptions) -> Result<Resumed, SearchError> {
    Err(SearchError::Refused("--resume is being built".into()))
}

/// Stops a search; its runs keep their checkpoints.
pub fn stop(_folder: &SearchFolder) -> Result<StopOutcome, SearchError> {
    Err(SearchError::Refused("--stop is being built".into()))
}

/// Lets at most so many runs go on at once, from now on.
pub fn throttle(_folder: &SearchFolder, _most: usize) -> Result<(), SearchError> {
    Err(SearchError::Refused("--throttle is being built".into()))
}
