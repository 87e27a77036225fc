//! A run of the plan made ready to be trained on.

use super::{PlannedRun, Search, SearchError, SearchFolder};
use crate::config;
use crate::device::DeviceChoice;
use crate::run::{self, RunError, RunFolder, RunLock, State, Status, Trial, observe};

/// Makes the folder of a run, or takes the one that is there, and leaves it `queued`: for whoever trains on it next,
/// from its last checkpoint. On `device`, where one is given.
///
/// # Errors
/// Where the run is being trained, or has finished.
pub(super) fn ready(
    folder: &SearchFolder,
    search: &Search,
    planned: &PlannedRun,
    device: Option<DeviceChoice>,
) -> Result<RunFolder, SearchError> {
    let mut config = planned.config(&search.name, &search.base, search.metric)?;
    config.train.device = device.unwrap_or(config.train.device);
    let status = Status {
        search: Some(folder.id()),
        epochs: Some(config.train.epochs as u64),
        arch: Some(config.model.arch.clone()),
        ..Status::new(State::Queued)
    };
    let trial = Trial { search: folder.id(), number: planned.number, halving: search.halving() };
    let id = folder.run_id(planned.number);
    if let Some(made) = RunFolder::create_trial(&folder.runs(), &id, &status, &config, &trial)? {
        return Ok(made);
    }
    let there = folder.run(planned.number);
    run::prepare_resume(&there)?;
    if let Some(device) = device {
        let mut config = config::complete(&there.config())?;
        config.train.device = device;
        there.write_config(&config)?;
    }
    Ok(there)
}

/// Whether a process has the run, or had it to its end.
pub(super) fn is_taken(folder: &RunFolder) -> bool {
    observe(folder).state == State::Finished || is_trained(folder)
}

/// Whether a process has the run, also one that has not said so yet.
pub(super) fn is_trained(folder: &RunFolder) -> bool {
    match observe(folder).state {
        State::Running => true,
        State::Queued => matches!(RunLock::acquire(folder), Err(RunError::Locked { .. })),
        _ => false,
    }
}
