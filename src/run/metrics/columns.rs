//! Metrics as columns. A reader makes slices; whoever shows them puts the slices together.

use super::MetricSplit;
use std::collections::HashMap;

/// No split has more metrics; a file with more keys is not what its name says, and would fill the memory.
const MOST_KEYS: usize = 4000;

/// One metric of one split over the run; all columns have the same length and `steps` rises strictly.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub steps: Vec<u64>,
    /// Epochs count from 1.
    pub epochs: Vec<u32>,
    /// Unix seconds.
    pub times: Vec<f64>,
    /// NaN where the value was not finite.
    pub values: Vec<f64>,
}

impl Series {
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The value of the last step.
    pub fn last(&self) -> Option<f64> {
        self.values.last().copied()
    }

    pub(super) fn push(&mut self, at: At, value: f64) {
        // A key that stands twice in a row: the last one counts, as JSON readers have it.
        if self.steps.last() == Some(&at.step) {
            if let Some(last) = self.values.last_mut() {
                *last = value;
            }
            return;
        }
        self.steps.push(at.step);
        self.epochs.push(at.epoch);
        self.times.push(at.time);
        self.values.push(value);
    }

    /// Forgets `step` and what came after it; says whether there was any.
    fn drop_from(&mut self, step: u64) -> bool {
        let kept = self.steps.partition_point(|&s| s < step);
        let dropped = kept < self.steps.len();
        self.steps.truncate(kept);
        self.epochs.truncate(kept);
        self.times.truncate(kept);
        self.values.truncate(kept);
        dropped
    }

    fn append(&mut self, mut later: Self) {
        if self.is_empty() {
            *self = later;
            return;
        }
        self.steps.append(&mut later.steps);
        self.epochs.append(&mut later.epochs);
        self.times.append(&mut later.times);
        self.values.append(&mut later.values);
    }
}

/// Where in the run a row stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct At {
    pub step: u64,
    pub epoch: u32,
    pub time: f64,
}

/// The rows of one split.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Columns {
    /// In the order in which the keys were first seen.
    series: Vec<(String, Series)>,
    position: HashMap<String, usize>,
    /// Step and epoch of the last row.
    last: Option<At>,
    /// The lowest step of any row that came in, also of one dropped since: the rows before it stay.
    lowest: Option<u64>,
}

impl Columns {
    /// Begins a row. A step that is not above the last one is a resume: rows from it on are forgotten.
    pub(super) fn begin_row(&mut self, at: At) {
        if self.last.is_some_and(|last| at.step <= last.step) {
            self.drop_from(at.step);
        }
        self.lowest = Some(self.lowest.map_or(at.step, |lowest| lowest.min(at.step)));
        self.last = Some(at);
    }

    /// Adds a value to the row begun last. `expected` is the position the key probably has, since rows of a split
    /// mostly have the same keys in the same order.
    pub(super) fn push(&mut self, expected: usize, key: &[u8], at: At, value: f64) {
        if let Some((name, series)) = self.series.get_mut(expected)
            && name.as_bytes() == key
        {
            series.push(at, value);
            return;
        }
        let Ok(key) = std::str::from_utf8(key) else { return };
        if let Some(series) = self.series_of(key) {
            series.push(at, value);
        }
    }

    /// The series of a key, a new one if need be; none where there are too many.
    fn series_of(&mut self, key: &str) -> Option<&mut Series> {
        let position = match self.position.get(key) {
            Some(&position) => position,
            None if self.series.len() == MOST_KEYS => return None,
            None => {
                self.position.insert(key.to_string(), self.series.len());
                self.series.push((key.to_string(), Series::default()));
                self.series.len() - 1
            }
        };
        self.series.get_mut(position).map(|(_, series)| series)
    }

    fn drop_from(&mut self, step: u64) -> bool {
        let mut dropped = false;
        for (_, series) in &mut self.series {
            dropped |= series.drop_from(step);
        }
        dropped
    }

    /// Puts later rows behind these; says whether they made any of these be forgotten.
    fn append(&mut self, later: Self) -> bool {
        let Some(lowest) = later.lowest else { return false };
        let resumed = self.last.is_some_and(|last| lowest <= last.step);
        let dropped = resumed && self.drop_from(lowest);
        if self.series.is_empty() {
            *self = later;
            return dropped;
        }
        for (name, later) in later.series {
            if let Some(series) = self.series_of(&name) {
                series.append(later);
            }
        }
        self.last = later.last;
        dropped
    }
}

/// Some rows of a file, as columns: what came since the slice before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricsSlice {
    pub(super) splits: [Columns; 4],
    pub(super) restarted: bool,
    pub(super) rows: u64,
    pub(super) skipped: u64,
    pub(super) bytes: u64,
    pub(super) total_bytes: u64,
}

impl MetricsSlice {
    /// Rows in this slice.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether the file was replaced: what was read before is void.
    pub fn restarted(&self) -> bool {
        self.restarted
    }

    /// How much of the file has been read after this slice, 0..=1.
    pub fn progress(&self) -> f64 {
        if self.total_bytes == 0 { 1.0 } else { self.bytes as f64 / self.total_bytes as f64 }
    }
}

/// All metrics of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    splits: [Columns; 4],
    rows: u64,
    skipped: u64,
}

impl Metrics {
    /// Adds what a reader has read. `true` where points known before were dropped (a resume or a replaced file), so
    /// that whatever was computed from them must be computed anew.
    pub fn apply(&mut self, slice: MetricsSlice) -> bool {
        let mut dropped = false;
        if slice.restarted {
            dropped = self.rows > 0;
            *self = Self::default();
        }
        self.rows += slice.rows;
        self.skipped += slice.skipped;
        for (columns, later) in self.splits.iter_mut().zip(slice.splits) {
            dropped |= columns.append(later);
        }
        dropped
    }

    pub fn series(&self, split: MetricSplit, key: &str) -> Option<&Series> {
        let columns = &self.splits[split as usize];
        let position = *columns.position.get(key)?;
        columns.series.get(position).map(|(_, series)| series).filter(|series| !series.is_empty())
    }

    /// Every series that has a point: split, key and columns; by split, then in the order of the keys' first rows.
    /// Keys come from a file and are not printable as they stand.
    pub fn iter(&self) -> impl Iterator<Item = (MetricSplit, &str, &Series)> {
        MetricSplit::ALL.into_iter().zip(&self.splits).flat_map(|(split, columns)| {
            let filled = columns.series.iter().filter(|(_, series)| !series.is_empty());
            filled.map(move |(key, series)| (split, key.as_str(), series))
        })
    }

    /// Epoch and step of a split's last row.
    pub fn last_row(&self, split: MetricSplit) -> Option<(u32, u64)> {
        self.splits[split as usize].last.map(|at| (at.epoch, at.step))
    }

    /// Rows read, also those that a resume has dropped since.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Lines that were not rows of metrics.
    pub fn skipped_lines(&self) -> u64 {
        self.skipped
    }

    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}
