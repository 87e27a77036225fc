use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How a run ended that will not be begun again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Finished,
    /// It failed or was lost too often.
    Failed,
    /// Someone stopped it, or took it out of the queue.
    Stopped,
}

/// Which runs of the plan wait, which are with the engine, and how many have ended. A round costs what is held, however
/// long the plan.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    waiting: VecDeque<u64>,
    held: BTreeMap<u64, Held>,
    /// Those that wait and have a folder.
    with_folder: BTreeSet<u64>,
    pub(super) ended: Ended,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) finished: usize,
    pub(super) failed: usize,
    pub(super) stopped: usize,
}

/// A run that is with the engine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Held {
    /// The heartbeat of the end that the run's folder told of when it was handed over. While it tells of the same end, the
    /// run has not begun anew.
    pub(super) before: Option<f64>,
    /// The steps that it had done then.
    pub(super) step: u64,
}

impl Ledger {
    pub(super) fn wait(&mut self, number: u64, has_folder: bool) {
        self.let_go(number, has_folder);
        self.waiting.push_back(number);
    }

    /// As [`Ledger::wait`], before all others.
    pub(super) fn wait_first(&mut self, number: u64, has_folder: bool) {
        self.let_go(number, has_folder);
        self.waiting.push_front(number);
    }

    fn let_go(&mut self, number: u64, has_folder: bool) {
        self.held.remove(&number);
        if has_folder {
            self.with_folder.insert(number);
        }
    }

    pub(super) fn hold(&mut self, number: u64, held: Held) {
        self.held.insert(number, held);
        self.with_folder.remove(&number);
    }

    pub(super) fn end(&mut self, number: u64, end: End) {
        self.held.remove(&number);
        self.with_folder.remove(&number);
        match end {
            End::Finished => self.ended.finished += 1,
            End::Failed => self.ended.failed += 1,
            End::Stopped => self.ended.stopped += 1,
        }
    }

    /// Takes the next runs out of those that wait, at most so many.
    pub(super) fn take(&mut self, most: usize) -> Vec<u64> {
        self.waiting.drain(..most.min(self.waiting.len())).collect()
    }

    pub(super) fn has_folder(&self, number: u64) -> bool {
        self.with_folder.contains(&number)
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Those that wait and have a folder.
    pub(super) fn waiting_with_folder(&self) -> impl Iterator<Item = u64> {
        self.with_folder.iter().copied()
    }

    pub(super) fn held(&self) -> &BTreeMap<u64, Held> {
        &self.held
    }

    pub(super) fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.held.is_empty()
    }
}
