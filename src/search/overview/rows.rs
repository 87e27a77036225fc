//! The rows of a plan, before anything is known of its runs.

use super::{RunSeen, TrialRow};
use crate::data::printable;
use crate::search::{Axis, PlannedRun, SearchFolder, Values};
use std::borrow::Cow;
use std::collections::HashMap;
use toml::Value;

/// Makes the rows of a plan: runs that differ only in their seed share one.
pub(super) struct Rows<'a> {
    folder: &'a SearchFolder,
    axes: Vec<Axis>,
    /// Without the search's file, the axes are what occurs in the plan.
    axes_from_plan: bool,
    rows: Vec<TrialRow>,
    /// Where the row of a point stands, by the digest of its values.
    places: HashMap<[u8; 32], usize>,
    buffer: Vec<u8>,
    pub planned: u64,
}

impl<'a> Rows<'a> {
    pub fn new(folder: &'a SearchFolder, axes: Vec<Axis>) -> Self {
        let axes_from_plan = axes.is_empty();
        let (rows, places, buffer) = (Vec::new(), HashMap::new(), Vec::new());
        Self { folder, axes, axes_from_plan, rows, places, buffer, planned: 0 }
    }

    pub fn add(&mut self, run: PlannedRun) {
        self.planned = run.number;
        let seen = RunSeen {
            number: run.number,
            seed: run.seed,
            folder: self.folder.run(run.number),
            state: None,
            reason: None,
            epoch: 0,
            epochs: 0,
            halved: false,
            value: None,
            test_accuracy: None,
        };
        let place = *self.places.entry(digest(&run, &mut self.buffer)).or_insert(self.rows.len());
        if let Some(row) = self.rows.get_mut(place) {
            row.runs.push(seen);
            return;
        }
        let point = self.point(run);
        self.rows.push(TrialRow { point, runs: vec![seen], mean: None, interval: None, is_complete: false });
    }

    fn point(&mut self, run: PlannedRun) -> Vec<Option<Value>> {
        let mut point = vec![None; self.axes.len()];
        for (field, value) in run.set {
            let Some(axis) = self.axis(field) else { continue };
            point.resize(self.axes.len(), None);
            point[axis] = Some(clean_value(value));
        }
        point
    }

    /// Which axis a field of the plan is; one that is not known yet becomes one, where the plan is all there is.
    fn axis(&mut self, field: String) -> Option<usize> {
        let known = |field: &str| self.axes.iter().position(|axis| axis.field == field);
        if let Some(axis) = known(&field) {
            return Some(axis);
        }
        let field = clean(field);
        let axis = known(&field);
        if axis.is_none() && self.axes_from_plan {
            self.axes.push(Axis { field, values: Values::List(Vec::new()) });
            return self.axes.len().checked_sub(1);
        }
        axis
    }

    pub fn finish(mut self) -> (Vec<Axis>, Vec<TrialRow>) {
        for row in &mut self.rows {
            row.point.resize(self.axes.len(), None);
            row.point.shrink_to_fit();
            row.runs.shrink_to_fit();
        }
        self.rows.shrink_to_fit();
        (self.axes, self.rows)
    }
}

/// Fields and texts come from a file that anyone may have written, and both are shown.
fn clean(text: String) -> String {
    match printable(&text) {
        Cow::Owned(clean) => clean,
        Cow::Borrowed(_) => text,
    }
}

fn clean_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean(text)),
        value => value,
    }
}

/// The same for the same point only.
fn digest(run: &PlannedRun, buffer: &mut Vec<u8>) -> [u8; 32] {
    buffer.clear();
    // Writing to memory does not fail, and what was read from JSON can be written as JSON.
    let _ = serde_json::to_writer(&mut *buffer, &run.set);
    blake3::hash(buffer).into()
}
