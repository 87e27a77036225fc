use super::error::TrainError;
use super::job::Job;
use crate::run::{RunFolder, RunLock, RunLog, State, Status, StatusWriter};

/// A run that is this process's to train: locked, with a heartbeat and an end that is always written down. Taken before
/// anything slow, as packing pictures or trying a GPU, so that nobody takes the run for lost or starts it twice meanwhile.
pub struct Claim {
    folder: RunFolder,
    status: StatusWriter,
    _lock: RunLock,
}

impl Claim {
    /// Refused where another process has the run.
    pub fn take(folder: &RunFolder) -> Result<Self, TrainError> {
        let lock = RunLock::acquire(folder)?;
        let mut status = Status::read(folder)?;
        status.state = State::Running;
        status.error = None;
        status.job = Job::here().map(|job| job.name().to_string());
        Ok(Self { folder: folder.clone(), status: StatusWriter::start(folder, status)?, _lock: lock })
    }

    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    pub(super) fn status(&self) -> &StatusWriter {
        &self.status
    }

    /// Writes the end of a run that did not fail.
    pub(super) fn end(self, state: State) -> Result<(), TrainError> {
        Ok(self.status.finish(state, None)?)
    }

    /// Writes why the run failed. That this cannot be written either would add nothing to the first failure, which is
    /// the one to tell.
    pub(super) fn fail(self, error: &TrainError) {
        let sentence = error.to_string();
        if let Ok(log) = RunLog::open(&self.folder) {
            let _ = log.line(&sentence);
        }
        let _ = self.status.finish(State::Failed, Some(sentence));
    }
}
