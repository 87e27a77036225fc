//! How the best points came to their values.

use super::{Overview, point_text, short_names};
use crate::config::MonitoredMetric;
use crate::run::{MetricSplit, MetricsReader, Series};
use rayon::prelude::*;

/// A run's validation metric over its epochs.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The row of the overview, from 0, and the run's number in the plan.
    pub row: usize,
    pub number: u64,
    /// The row's values of the axes that have several: `learning_rate 0.01, batch_size 16`. Printable.
    pub label: String,
    /// The epoch, from 1, and the metric's value; at least one.
    pub points: Vec<(u32, f64)>,
}

/// The curves of the first `top` rows, a curve for each seed that has been validated: row by row, in the order of the
/// plan. Reads the metrics of these runs and of no other; what cannot be read has no curve.
pub fn curves(overview: &Overview, top: usize) -> Vec<Curve> {
    let labels = labels(overview, top);
    let key = match overview.summary.metric {
        MonitoredMetric::ValidAccuracy => "accuracy",
        MonitoredMetric::ValidLoss => "loss",
    };
    let runs = overview.rows.iter().enumerate().take(top);
    let runs: Vec<_> = runs
        .flat_map(|(row, trial)| trial.runs.iter().map(move |run| (row, run)))
        .filter(|(_, run)| run.state.is_some())
        .collect();
    runs.into_par_iter()
        .filter_map(|(row, run)| {
            let metrics = MetricsReader::read_all(&run.folder).ok()?;
            let points = points(metrics.series(MetricSplit::Valid, key)?);
            let label = labels.get(row)?.clone();
            (!points.is_empty()).then_some(Curve { row, number: run.number, label, points })
        })
        .collect()
}

fn points(series: &Series) -> Vec<(u32, f64)> {
    let points = series.epochs.iter().copied().zip(series.values.iter().copied());
    points.filter(|(_, value)| value.is_finite()).collect()
}

fn labels(overview: &Overview, top: usize) -> Vec<String> {
    let names = short_names(&overview.axes);
    let differs = |axis: usize| {
        let mut values = overview.rows.iter().map(|row| row.point.get(axis));
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    let axes: Vec<usize> = (0..names.len()).filter(|&axis| differs(axis)).collect();
    let label = |row| point_text(row, axes.iter().map(|&axis| (axis, names[axis].as_str())));
    overview.rows.iter().take(top).map(label).collect()
}
