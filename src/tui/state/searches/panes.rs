//! What the panes of a search show beside its points: which axis mattered, and the curves of the best.

use super::super::{Screen, State};
use super::Pane;
use crate::config::MonitoredMetric;
use crate::run::RunFolder;
use crate::search::{Importances, Overview, RunSeen, SearchFolder};
use crate::tui::message::Effect;
use crate::tui::screens;

/// Work out which axis mattered. Another number stands for another order, as more runs have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportanceOrder {
    pub folder: SearchFolder,
    pub number: u64,
}

/// What came of it; none where nothing can be said.
#[derive(Debug)]
pub struct ImportanceReport {
    pub order: ImportanceOrder,
    pub found: Result<Option<Importances>, String>,
}

/// The curves of runs, also as they go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CurvesOrder {
    Read {
        number: u64,
        request: CurvesRequest,
    },
    /// What was asked for is no longer wanted.
    Nothing,
}

/// Which curves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurvesRequest {
    pub metric: MonitoredMetric,
    /// Best first.
    pub runs: Vec<RunFolder>,
    /// One of them may go on.
    pub grows: bool,
}

/// The metric of the wanted runs, epoch by epoch, in their order.
#[derive(Debug)]
pub struct CurvesReport {
    pub request: CurvesRequest,
    pub found: Vec<(Vec<u32>, Vec<f64>)>,
}

/// One of the best points, by the best of its runs.
#[derive(Clone, Debug, PartialEq)]
pub struct BestCurve {
    pub run: RunFolder,
    pub epochs: Vec<u32>,
    pub values: Vec<f64>,
    /// Another number whenever values that were there changed.
    pub revision: u64,
}

/// What is known beside the points.
#[derive(Debug, Default)]
pub struct Panes {
    /// What was asked, and how many runs had ended then.
    importance_asked: Option<(ImportanceOrder, usize)>,
    importance: Option<(SearchFolder, Result<Option<Importances>, String>)>,
    curves_asked: Option<CurvesRequest>,
    curves: Vec<BestCurve>,
    orders: u64,
    revisions: u64,
}

impl Panes {
    /// Which axis of a search mattered: none while that is being worked out; none inside where nothing can be said.
    pub fn importance(&self, folder: &SearchFolder) -> Option<Result<Option<&Importances>, &str>> {
        let (_, found) = self.importance.as_ref().filter(|(of, _)| of == folder)?;
        Some(found.as_ref().map(Option::as_ref).map_err(String::as_str))
    }

    /// The curve of a run, once it was read.
    pub fn curve(&self, run: &RunFolder) -> Option<&BestCurve> {
        self.curves.iter().find(|curve| curve.run == *run)
    }

    /// Indices of the axes of a search, those that mattered most first; in their own order while that is not known.
    pub fn order(&self, folder: &SearchFolder, axes: usize) -> Vec<usize> {
        let known = match self.importance(folder) {
            Some(Ok(Some(known))) => known.axes.iter().map(|axis| axis.axis).filter(|i| *i < axes).collect(),
            _ => Vec::new(),
        };
        let mut order: Vec<usize> = known;
        order.extend((0..axes).filter(|axis| !order.contains(axis)).collect::<Vec<_>>());
        order
    }

    fn take_importance(&mut self, report: ImportanceReport) -> bool {
        if self.importance_asked.as_ref().is_none_or(|(order, _)| *order != report.order) {
            return false;
        }
        let answer = Some((report.order.folder, report.found));
        let is_new = self.importance != answer;
        self.importance = answer;
        is_new
    }

    fn take_curves(&mut self, CurvesReport { request, found }: CurvesReport) -> bool {
        if self.curves_asked.as_ref() != Some(&request) {
            return false;
        }
        let mut curves = Vec::new();
        for (run, (epochs, values)) in request.runs.into_iter().zip(found) {
            let before = self.curve(&run);
            // What only grows is the same curve.
            let grown = before.filter(|before| is_beginning(before, &epochs, &values));
            let revision = match grown {
                Some(before) => before.revision,
                None => {
                    self.revisions += 1;
                    self.revisions
                }
            };
            curves.push(BestCurve { run, epochs, values, revision });
        }
        let is_same = |(a, b): (&BestCurve, &BestCurve)| {
            a.run == b.run && a.revision == b.revision && a.epochs.len() == b.epochs.len()
        };
        let is_new = self.curves.len() != curves.len() || !self.curves.iter().zip(&curves).all(is_same);
        self.curves = curves;
        is_new
    }
}

/// Whether a curve is what it was, or has only grown.
fn is_beginning(before: &BestCurve, epochs: &[u32], values: &[f64]) -> bool {
    let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits();
    epochs.starts_with(&before.epochs)
        && values.len() >= before.values.len()
        && before.values.iter().zip(values).all(same)
}

/// The best of a point's runs that has begun: its index among the rows, from 0, and the run.
pub fn best_runs(overview: &Overview, top: usize) -> impl Iterator<Item = (usize, &RunSeen)> {
    let metric = overview.summary.metric;
    let better = move |best: &RunSeen, run: &RunSeen| match (best.value, run.value) {
        (Some(old), Some(new)) => metric.improves(new, old),
        (old, new) => old.is_none() && new.is_some(),
    };
    let rows = overview.rows.iter().take(top).enumerate().filter(|(_, row)| row.mean.is_some());
    rows.filter_map(move |(i, row)| {
        let begun = row.runs.iter().filter(|run| run.state.is_some());
        let best = begun.reduce(|best, run| if better(best, run) { run } else { best })?;
        Some((i, best))
    })
}

impl State {
    pub(in crate::tui::state) fn take_importance(&mut self, report: ImportanceReport) -> bool {
        self.searches.panes.take_importance(report) && self.shows_pane(&[Pane::Importance, Pane::Parallel])
    }

    pub(in crate::tui::state) fn take_best_curves(&mut self, report: CurvesReport) -> bool {
        self.searches.panes.take_curves(report) && self.shows_pane(&[Pane::Curves])
    }

    fn shows_pane(&self, panes: &[Pane]) -> bool {
        let searches = &self.searches;
        let is_seen = searches.pane_is_open || screens::searches::has_room_for_both(self.size);
        self.screen == Screen::Search && is_seen && panes.contains(&searches.pane)
    }

    /// Which axis mattered, once for each number of runs that have ended: a forest grows for a while.
    pub(in crate::tui::state) fn ask_importance(&mut self) -> Option<Effect> {
        if !self.shows_pane(&[Pane::Importance, Pane::Parallel]) {
            return None;
        }
        let overview = self.searches.overview()?;
        let (folder, ended) = (overview.summary.folder.clone(), overview.summary.counts.ended());
        let panes = &mut self.searches.panes;
        let asked = panes.importance_asked.as_ref();
        if asked.is_some_and(|(order, then)| order.folder == folder && *then == ended) {
            return None;
        }
        panes.orders += 1;
        let order = ImportanceOrder { folder, number: panes.orders };
        panes.importance_asked = Some((order.clone(), ended));
        Some(Effect::Importance(order))
    }

    /// The curves of the best as long as they are shown.
    pub(in crate::tui::state) fn ask_best_curves(&mut self) -> Option<Effect> {
        let wanted = match self.searches.overview() {
            Some(overview) if self.shows_pane(&[Pane::Curves]) => {
                let best: Vec<&RunSeen> =
                    best_runs(overview, self.searches.top).map(|(_, run)| run).collect();
                let grows = best.iter().any(|run| run.state.is_some_and(|state| state.is_active()));
                let runs = best.into_iter().map(|run| run.folder.clone()).collect();
                Some(CurvesRequest { metric: overview.summary.metric, runs, grows })
            }
            _ => None,
        };
        let panes = &mut self.searches.panes;
        if panes.curves_asked == wanted {
            return None;
        }
        panes.curves_asked.clone_from(&wanted);
        panes.orders += 1;
        Some(Effect::BestCurves(match wanted {
            Some(request) => CurvesOrder::Read { number: panes.orders, request },
            None => CurvesOrder::Nothing,
        }))
    }
}

#[cfg(test)]
#[path = "panes_tests.rs"]
pub(in crate::tui) mod tests;
