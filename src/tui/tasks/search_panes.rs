//! What panes of a search show: which axis mattered, and the curves of the best runs.

use super::orders::sentence;
use super::slot::Desk;
use crate::config::MonitoredMetric;
use crate::run::{MetricSplit, Metrics, MetricsReader, RunFolder};
use crate::search::{Overview, importance};
use crate::tui::message::Message;
use crate::tui::state::searches::panes::{
    CurvesOrder, CurvesReport, CurvesRequest, ImportanceOrder, ImportanceReport,
};
use std::time::Duration;

/// Runs that are being trained are looked at so often: an epoch seldom takes less.
const EVERY: Duration = Duration::from_secs(1);
const SLICE: usize = 384 << 10;

pub(super) fn matter(order: ImportanceOrder, desk: &Desk<ImportanceOrder>) {
    let found = Overview::read(&order.folder);
    if desk.is_abandoned() {
        return;
    }
    let found = found.map(|overview| importance(&overview)).map_err(sentence);
    desk.send(Message::Importance(ImportanceReport { order, found }));
}

/// When curves are read again: while a run may go on.
pub(super) fn again(order: &CurvesOrder) -> Option<Duration> {
    match order {
        CurvesOrder::Read { request, .. } => request.grows.then_some(EVERY),
        CurvesOrder::Nothing => None,
    }
}

/// A run's metrics as far as they were read.
struct Following {
    run: RunFolder,
    reader: MetricsReader,
    metrics: Metrics,
}

/// Reads curves; keeps what it has read of the runs that they are about.
pub(super) fn curves() -> impl FnMut(CurvesOrder, &Desk<CurvesOrder>) + Send {
    let mut following: Vec<Following> = Vec::new();
    let mut answered = None;
    move |order, desk| {
        let CurvesOrder::Read { number, request } = order else {
            following.clear();
            return;
        };
        following.retain(|known| request.runs.contains(&known.run));
        for run in &request.runs {
            if following.iter().all(|known| known.run != *run) {
                let (reader, metrics) = (MetricsReader::new(run), Metrics::default());
                following.push(Following { run: run.clone(), reader, metrics });
            }
        }
        let mut is_new = answered != Some(number);
        for run in &mut following {
            is_new |= run.read(desk);
        }
        if is_new && desk.send(Message::BestCurves(report(&following, request))) {
            answered = Some(number);
        }
    }
}

impl Following {
    /// Reads on; whether anything was new. What cannot be read has no curve.
    fn read(&mut self, desk: &Desk<CurvesOrder>) -> bool {
        let mut is_new = false;
        while let Ok(Some(slice)) = self.reader.read(SLICE) {
            self.metrics.apply(slice);
            is_new = true;
            if desk.is_abandoned() {
                break;
            }
        }
        is_new
    }

    fn curve(&self, metric: MonitoredMetric) -> (Vec<u32>, Vec<f64>) {
        let key = match metric {
            MonitoredMetric::ValidAccuracy => "accuracy",
            MonitoredMetric::ValidLoss => "loss",
        };
        let series = self.metrics.series(MetricSplit::Valid, key);
        series.map(|series| (series.epochs.clone(), series.values.clone())).unwrap_or_default()
    }
}

fn report(following: &[Following], request: CurvesRequest) -> CurvesReport {
    let curve = |run: &RunFolder| {
        let known = following.iter().find(|known| known.run == *run);
        known.map(|known| known.curve(request.metric)).unwrap_or_default()
    };
    let found = request.runs.iter().map(curve).collect();
    CurvesReport { request, found }
}
