//! Beginning a search.

use super::{EngineKind, SearchError, SearchFolder};
use std::path::Path;

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

/// Begins a search: reads and checks everything, makes its folder with the whole plan, and starts the supervisor, which
/// goes on by itself. `progress` hears of pictures packed, done and in all.
///
/// # Errors
/// What is refused leaves no folder.
pub fn begin_with(
    _runs: &Path,
    _file: &Path,
    _options: &BeginOptions,
    _progress: &mut dyn FnMut(usize, usize),
) -> Result<SearchFolder, SearchError> {
    Err(SearchError::Refused("search is being built".into()))
}

/// As [`begin_with`], for those who show no progress.
pub fn begin(runs: &Path, file: &Path, options: &BeginOptions) -> Result<SearchFolder, SearchError> {
    begin_with(runs, file, options, &mut |_, _| {})
}
