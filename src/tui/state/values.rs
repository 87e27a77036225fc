//! Configs and results of runs, which lists do without: read only once someone looks for runs by them.

use super::State;
use crate::run::{RunFolder, State as RunState};
use crate::tui::message::{Effect, RunEntry};
use crate::tui::query::Values;
use std::collections::HashMap;
use std::sync::Arc;

/// Where a run stood when its results were read; elsewhere they are others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    state: RunState,
    epoch: u64,
    /// The bits of the accuracies, to be compared only.
    accuracies: [Option<u64>; 2],
}

impl AsOf {
    fn of(run: &RunEntry) -> Self {
        let accuracies = [run.valid_accuracy, run.test_accuracy].map(|share| share.map(f64::to_bits));
        Self { state: run.state, epoch: run.epoch, accuracies }
    }
}

/// The runs to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub runs: Vec<(RunFolder, AsOf)>,
}

/// What was read.
#[derive(Debug)]
pub enum Report {
    Read(Vec<(RunFolder, AsOf, Arc<Values>)>),
    /// All of the order.
    Done,
}

/// What is known beside the list.
#[derive(Debug, Default)]
pub struct Known {
    values: HashMap<RunFolder, (AsOf, Arc<Values>)>,
    /// An order is being worked on.
    reading: bool,
    /// Runs may have come or changed since it was looked for what is missing.
    stale: bool,
}

impl Known {
    pub fn of(&self, folder: &RunFolder) -> Option<&Values> {
        self.values.get(folder).map(|(_, values)| &**values)
    }

    pub fn is_reading(&self) -> bool {
        self.reading
    }

    /// The list is another one.
    pub(super) fn changed(&mut self, entries: &[RunEntry]) {
        self.stale = true;
        if self.values.len() > 2 * entries.len() {
            self.values.retain(|folder, _| entries.iter().any(|run| run.folder == *folder));
        }
    }

    fn missing(&self, entries: &[RunEntry]) -> Vec<(RunFolder, AsOf)> {
        let known = |run: &RunEntry| self.values.get(&run.folder).map(|(as_of, _)| *as_of);
        let missing = entries.iter().filter(|run| known(run) != Some(AsOf::of(run)));
        missing.map(|run| (run.folder.clone(), AsOf::of(run))).collect()
    }

    fn take(&mut self, read: Vec<(RunFolder, AsOf, Arc<Values>)>) {
        self.values.extend(read.into_iter().map(|(folder, as_of, values)| (folder, (as_of, values))));
    }
}

impl State {
    pub(super) fn take_values(&mut self, report: Report) -> bool {
        match report {
            Report::Read(read) => {
                self.list.known.take(read);
                self.list.narrow_again();
            }
            Report::Done => {
                self.list.known.reading = false;
                self.list.known.stale = true;
            }
        }
        true
    }

    /// What the filter needs and nobody has asked for yet.
    pub(super) fn ask_values(&mut self) -> Option<Effect> {
        let list = &mut self.list;
        if list.known.reading || !list.query().needs_values() || !std::mem::take(&mut list.known.stale) {
            return None;
        }
        let runs = list.known.missing(list.entries());
        list.known.reading = !runs.is_empty();
        list.known.reading.then_some(Effect::ReadValues(Order { runs }))
    }
}
