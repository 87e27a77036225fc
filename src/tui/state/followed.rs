//! What is known of the run that is looked at: its curves, log and config.

use super::log::LogText;
use crate::run::{MetricSplit, Metrics, MetricsSlice, RunFolder, printable};
use crate::tui::message::FollowedRun;
use std::collections::HashMap;

/// The run whose metrics, log and config are sent.
#[derive(Debug)]
pub struct Followed {
    /// The request that the data answer.
    pub request: FollowedRun,
    pub folder: RunFolder,
    pub metrics: Metrics,
    /// The charts to show, by key of the metric.
    pub charts: Vec<ChartKey>,
    /// Grows whenever points that were there changed.
    pub revision: u64,
    /// Everything that was there at first has come.
    pub caught_up: bool,
    pub log: LogText,
    pub config: Vec<String>,
}

/// One chart: a metric of all splits that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartKey {
    /// As it stands in the file.
    pub key: String,
    /// Fit to be shown: `loss`, or with the split where only one has it and that is not training.
    pub title: String,
    /// In the order of the legend.
    pub splits: Vec<MetricSplit>,
}

impl Followed {
    pub fn new(request: FollowedRun, folder: RunFolder) -> Self {
        Self {
            request,
            folder,
            metrics: Metrics::default(),
            charts: Vec::new(),
            // Two runs never share a revision, as no run has four billion resumes.
            revision: request << 32,
            caught_up: false,
            log: LogText::default(),
            config: Vec::new(),
        }
    }

    /// Adds rows of metrics.
    pub fn apply(&mut self, slice: MetricsSlice) {
        if self.metrics.apply(slice) {
            self.revision += 1;
        }
        let count = self.metrics.iter().count();
        if count != self.charts.iter().map(|chart| chart.splits.len()).sum::<usize>() {
            self.charts = chart_keys(&self.metrics);
        }
    }
}

/// Loss and accuracy first, then the others by name, what the machine says last.
fn chart_keys(metrics: &Metrics) -> Vec<ChartKey> {
    let mut charts: Vec<ChartKey> = Vec::new();
    let mut positions: HashMap<&str, usize> = HashMap::new();
    for (split, key, _) in metrics.iter() {
        let position = *positions.entry(key).or_insert(charts.len());
        match charts.get_mut(position) {
            Some(chart) => chart.splits.push(split),
            None => charts.push(ChartKey { key: key.into(), title: String::new(), splits: vec![split] }),
        }
    }
    for chart in &mut charts {
        let name = printable(&chart.key);
        chart.title = match chart.splits[..] {
            [MetricSplit::Train] => name.into_owned(),
            [split] => format!("{split}/{name}"),
            _ => name.into_owned(),
        };
    }
    charts.sort_by_cached_key(|chart| {
        let rank = match chart.key.as_str() {
            "loss" => 0,
            "accuracy" => 1,
            _ if chart.splits == [MetricSplit::System] => 3,
            _ => 2,
        };
        (rank, chart.key.clone())
    });
    charts
}
