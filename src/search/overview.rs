//! A search as a person looks at it: how far it is, and its points, best first.

mod curves;
mod fates;
mod ranking;
mod reader;
mod rows;
mod statuses;
#[cfg(test)]
mod tests;
mod time_left;
mod words;

pub use curves::{Curve, curves};
pub use reader::OverviewReader;
pub use words::{interval_text, metric_name, metric_text, point_text, short_names, value_text, value_words};

use super::{Axis, EngineKind, SearchError, SearchFolder, SearchState};
use crate::config::MonitoredMetric;
use crate::run::{RunFolder, State};
use std::sync::Arc;
use toml::Value;

/// What a list shows of a search. Texts are printable.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchSummary {
    pub folder: SearchFolder,
    pub id: String,
    pub name: String,
    /// Unix seconds.
    pub created: f64,
    /// As seen from here, now.
    pub state: SearchState,
    pub engine: EngineKind,
    /// `grid`, `random`, `asha`.
    pub sampler: &'static str,
    pub metric: MonitoredMetric,
    pub counts: Counts,
    /// At most so many runs at once; none: no limit is set.
    pub throttle: Option<usize>,
    /// Until the last run ends, from the runs so far; none while nothing can be said.
    pub seconds_left: Option<f64>,
    /// The metric's mean at the first row: of the points trained to their end the best, or else of all.
    pub best: Option<f64>,
    /// Why it is paused, failed, lost, or cannot be read.
    pub problem: Option<String>,
}

/// How many runs are where. They add up to the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Not begun.
    pub waiting: usize,
    /// Begun by no process yet, or preempted: in a queue.
    pub queued: usize,
    pub running: usize,
    /// Trained to the end, also where patience ended it.
    pub finished: usize,
    /// Ended by successive halving.
    pub halved: usize,
    /// Failed or lost, and not tried again.
    pub failed: usize,
    /// Stopped by someone, or cancelled in the queue.
    pub stopped: usize,
}

impl Counts {
    pub fn planned(&self) -> usize {
        self.waiting + self.queued + self.running + self.finished + self.halved + self.failed + self.stopped
    }

    /// Those that will not be trained on.
    pub fn ended(&self) -> usize {
        self.finished + self.halved + self.failed + self.stopped
    }
}

/// One run of a point.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSeen {
    pub number: u64,
    pub seed: u64,
    pub folder: RunFolder,
    /// `None` while it has not begun.
    pub state: Option<State>,
    /// Why it failed or is lost.
    pub reason: Option<String>,
    /// Epochs trained and planned; 0 where unknown.
    pub epoch: u64,
    pub epochs: u64,
    pub halved: bool,
    /// The metric at the run's best epoch so far.
    pub value: Option<f64>,
    /// Shown, and never ranked by.
    pub test_accuracy: Option<f64>,
}

/// A point of the space with its runs, one a seed.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialRow {
    /// A value for each axis; `None` where the axis means nothing at this point.
    pub point: Vec<Option<Value>>,
    pub runs: Vec<RunSeen>,
    /// The mean of its runs' values; a halved run's counts as it is.
    pub mean: Option<f64>,
    /// 95 % interval of the mean over seeds (Student's t), not cut off at what the metric can be; none with fewer than
    /// two values. Two equal values make it a point.
    pub interval: Option<(f64, f64)>,
    /// Every run of it was trained to its end: only such points are ranked before others of the same mean.
    pub is_complete: bool,
}

/// A search with all its points, best first: those that were trained to their end with every seed by their mean, then
/// by theirs those that are not yet or never will be (running, halved, with a failed seed), then in the plan's order
/// those without a value. Of equal means the one that is earlier in the plan comes first.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    pub summary: SearchSummary,
    pub axes: Vec<Axis>,
    pub rows: Vec<TrialRow>,
}

impl TrialRow {
    /// How many of its runs were trained to their end, or ended by successive halving.
    pub fn seeds_done(&self) -> usize {
        self.runs.iter().filter(|run| run.halved || run.state == Some(State::Finished)).count()
    }
}

impl SearchSummary {
    /// Reads what a list shows of a search, which costs as much as [`Overview::read`]; what cannot be read is told in
    /// [`SearchSummary::problem`].
    pub fn read(folder: &SearchFolder) -> Result<Self, SearchError> {
        Ok(Overview::read(folder)?.summary)
    }
}

impl Overview {
    /// Whether the points differ on an axis, an index into [`Overview::axes`].
    pub fn varies(&self, axis: usize) -> bool {
        let mut values = self.rows.iter().map(|row| row.point.get(axis));
        let first = values.next();
        values.any(|value| Some(value) != first)
    }

    /// Reads a search and the status of each run that has begun, and of every run nothing else. Whoever reads it again
    /// and again has an [`OverviewReader`].
    ///
    /// # Errors
    /// Where there is no such folder. What is wrong inside of it stands in [`SearchSummary::problem`].
    pub fn read(folder: &SearchFolder) -> Result<Self, SearchError> {
        Ok(Arc::unwrap_or_clone(OverviewReader::new(folder).read()?))
    }

    /// The row that is best by the validation metric among those that were trained to their end with every seed.
    pub fn best(&self) -> Option<&TrialRow> {
        self.rows.first().filter(|row| row.is_complete && row.mean.is_some())
    }
}
