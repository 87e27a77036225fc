//! Where the runs of a plan stand, as their folders say.

use super::super::{Plan, SearchError, SearchFolder};
use crate::run::{Machine, Observed, observe_from, unix_seconds};
use rayon::prelude::*;
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;

/// Every run of the plan, in its order; `None` where it has no folder. One look at the folder of runs, and one at the
/// status of each run that is there.
pub(in crate::search) fn standing(
    folder: &SearchFolder,
    plan: &Plan,
) -> Result<Vec<Option<Observed>>, SearchError> {
    let there = names(folder)?;
    let (machine, now) = (Machine::here(), unix_seconds());
    let seen = plan.runs.par_iter().map(|run| {
        let is_there = there.contains(&OsString::from(folder.run_id(run.number)));
        is_there.then(|| observe_from(&folder.run(run.number), &machine, now))
    });
    Ok(seen.collect())
}

fn names(folder: &SearchFolder) -> Result<HashSet<OsString>, SearchError> {
    let runs = folder.runs();
    let entries = match fs::read_dir(&runs) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HashSet::new()),
        Err(error) => return Err(SearchError::read(&runs)(error)),
    };
    entries
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<_, _>>()
        .map_err(SearchError::read(&runs))
}
