//! What a supervisor needs of a place where runs are trained.

use super::{PlannedRun, Record, SearchError};
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

/// A place where runs are trained. One supervisor owns it; nothing here waits longer than a command of the scheduler.
pub trait Engine {
    /// How many runs may be handed over now, beside the `held` ones that are on it.
    fn room(&self, held: usize) -> usize;

    /// Has runs begun, or gone on with: those that have a folder continue from their checkpoints. What must outlive the
    /// supervisor is put into `record`, which is written after this.
    ///
    /// # Errors
    /// Where none of them could be handed over. A run that cannot be begun for a reason of its own is left `failed` in its
    /// folder instead.
    fn hand_over(&mut self, runs: &[&PlannedRun], record: &mut Record) -> Result<(), SearchError>;

    /// Looks anew at everything; called once a round, before [`Engine::holding`].
    fn look(&mut self, record: &Record) -> Result<(), SearchError>;

    /// What was seen of a run at the last look.
    fn holding(&self, run: &PlannedRun) -> Holding;

    /// Takes back whatever waits and stops whatever runs, each with a checkpoint.
    fn cancel(&mut self, record: &Record) -> Result<(), SearchError>;

    /// At most so many runs at once from now on.
    fn throttle(&mut self, most: usize, record: &mut Record) -> Result<(), SearchError>;

    /// Between two rounds.
    fn pause(&self) -> Duration;
}
