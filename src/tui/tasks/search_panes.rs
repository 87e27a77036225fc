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

#[cfg(test)]
mod tests {
    use super::super::slot::Slot;
    use super::*;
    use std::fs::OpenOptions;
    use std::io::Write;

    fn write(run: &RunFolder, epochs: std::ops::RangeInclusive<u32>) {
        let mut file = OpenOptions::new().append(true).create(true).open(run.metrics()).unwrap();
        for epoch in epochs {
            let (step, value) = (epoch * 10, f64::from(epoch) / 100.0);
            for split in ["train", "valid"] {
                let place = format!("\"time\":1,\"epoch\":{epoch},\"step\":{step},\"split\":\"{split}\"");
                writeln!(file, "{{{place},\"loss\":1,\"accuracy\":{value}}}").unwrap();
            }
        }
    }

    #[tokio::test]
    async fn curves_are_sent_as_they_grow_and_not_while_nothing_is_new() {
        let keep = tempfile::tempdir().unwrap();
        let runs = ["a", "b"].map(|id| RunFolder::of_id(keep.path(), id)).to_vec();
        for run in &runs {
            std::fs::create_dir(run.path()).unwrap();
        }
        write(&runs[0], 1..=3);
        let request =
            CurvesRequest { metric: MonitoredMetric::ValidAccuracy, runs: runs.clone(), grows: true };
        let (messages, mut answers) = tokio::sync::mpsc::channel(4);
        let (looked, mut looks) = tokio::sync::mpsc::unbounded_channel();
        let mut work = curves();
        let again = |_: &CurvesOrder| Some(Duration::from_millis(1));
        let slot = Slot::spawn_again(messages, again, move |order, desk: &Desk<CurvesOrder>| {
            work(order, desk);
            looked.send(()).unwrap();
        });
        slot.order(CurvesOrder::Read { number: 1, request: request.clone() });
        let Some(Message::BestCurves(report)) = answers.recv().await else { panic!("no answer") };
        assert_eq!(report.request, request);
        assert_eq!(report.found, [(vec![1, 2, 3], vec![0.01, 0.02, 0.03]), (vec![], vec![])]);
        for _ in 0..3 {
            looks.recv().await.unwrap();
        }
        assert!(answers.try_recv().is_err(), "nothing is new");
        write(&runs[1], 1..=1);
        let Some(Message::BestCurves(report)) = answers.recv().await else { panic!("no answer") };
        assert_eq!(report.found[1], (vec![1], vec![0.01]));
    }
}
