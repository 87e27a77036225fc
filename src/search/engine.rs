//! What a supervisor needs of a place where runs are trained.

use super::local::Local;
use super::{EngineKind, PlannedRun, Record, Search, SearchError, SearchFolder};
use crate::run::Status;
use std::time::Duration;

/// What an engine knows of a run that was handed to it and whose own folder does not say that it has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holding {
    /// It waits for its turn; why, in the scheduler's words.
    Waiting(String),
    /// It has a process, or soon will.
    Running,
    /// The engine has nothing of it any more: what the run's folder says is all there is.
    Gone,
    /// Someone took it out of the queue.
    Cancelled,
}

/// A run that could not be begun for a reason of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotBegun {
    pub number: u64,
    /// One sentence.
    pub reason: String,
}

/// A place where runs are trained. One supervisor owns it; nothing here waits longer than a command of the scheduler.
pub trait Engine {
    /// How many runs may be handed over now, beside the `held` ones that are on it.
    fn room(&self, held: usize) -> usize;

    /// A run that is being trained already as the supervisor begins, as its folder says. Told once, before the first round.
    fn adopt(&mut self, _run: &PlannedRun, _status: &Status) {}

    /// Has runs begun, or gone on with: those that have a folder continue from their checkpoints. What must outlive the
    /// supervisor is put into `record`, which is written after this. Returned are the runs that cannot be begun for a reason
    /// of their own; all others are held from now on.
    ///
    /// # Errors
    /// Where the place itself fails, as by a full disk or a scheduler that refuses. Runs that were begun before are held all
    /// the same: [`Engine::holding`] says which.
    fn hand_over(&mut self, runs: &[&PlannedRun], record: &mut Record) -> Result<Vec<NotBegun>, SearchError>;

    /// Looks anew at everything; called once a round, before [`Engine::holding`].
    fn look(&mut self, record: &Record) -> Result<(), SearchError>;

    /// What was seen of a run at the last look, or has come of handing it over since.
    fn holding(&self, run: &PlannedRun) -> Holding;

    /// Takes back whatever waits and stops whatever runs, each with a checkpoint.
    fn cancel(&mut self, record: &Record) -> Result<(), SearchError>;

    /// At most so many runs at once from now on. The supervisor keeps the number in [`Record::throttle`].
    fn throttle(&mut self, most: usize, record: &mut Record) -> Result<(), SearchError>;

    /// Between two rounds.
    fn pause(&self) -> Duration;
}

/// The engine that a search's record names.
pub(super) fn open(
    search: &Search,
    folder: &SearchFolder,
    record: &Record,
) -> Result<Box<dyn Engine>, SearchError> {
    match record.engine {
        EngineKind::Local => Ok(Box::new(Local::open(search, folder, record)?)),
        EngineKind::Slurm => Err(SearchError::Refused("Slurm is being built".into())),
    }
}
