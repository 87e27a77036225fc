//! The metric of the best points, epoch by epoch.

use crate::config::MonitoredMetric;
use crate::tui::screens::Memories;
use crate::tui::state::State;
use crate::tui::state::searches::panes::{BestCurve, best_runs};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::chart::{Abscissa, Chart, Curve, Manner, Unit, Window, steps, whole};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Under which the chart's work is remembered.
const KEY: &str = "the best of a search";

/// Draws into `area`, below the names of the panes.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, memories: &mut Memories) {
    let Some(overview) = state.searches.overview() else { return };
    let panes = &state.searches.panes;
    let best: Vec<_> = best_runs(overview, state.searches.top).collect();
    let known: Vec<(usize, u64, &BestCurve)> = best
        .iter()
        .filter_map(|(row, run)| Some((*row, run.number, panes.curve(&run.folder)?)))
        .filter(|(.., curve)| !curve.values.is_empty())
        .collect();
    if known.is_empty() {
        let sentence = match best.is_empty() {
            true => "no point has a value yet",
            // On their way, or never written.
            false => "no curves yet",
        };
        text::put_wrapped(buffer, area, sentence, Role::Quiet, theme);
        return;
    }
    let caption = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    let words = format!(
        "run and rank of the best {}; of several seeds the best",
        if known.len() == 1 { "point".into() } else { format!("{} points", known.len()) }
    );
    text::put(buffer, (caption.x, caption.y), caption.width, &words, theme.style(Role::Quiet), theme);
    let names: Vec<String> =
        known.iter().map(|(row, number, _)| format!("{}. run {number}", row + 1)).collect();
    let curves: Vec<Curve> = known
        .iter()
        .zip(&names)
        .map(|((row, _, curve), name)| Curve {
            name,
            slot: *row,
            abscissa: Abscissa::Epochs(&curve.epochs),
            values: &curve.values,
            revision: curve.revision,
        })
        .collect();
    let last = known.iter().filter_map(|(.., curve)| curve.epochs.last()).max().copied().unwrap_or(0);
    let planned = best.iter().map(|(_, run)| run.epochs).max().unwrap_or(0);
    let grows = best.iter().any(|(_, run)| run.state.is_some_and(|state| state.is_active()));
    let window = window(f64::from(last), planned as f64, grows);
    let (title, key) = match overview.summary.metric {
        MonitoredMetric::ValidAccuracy => ("valid/accuracy", "accuracy"),
        MonitoredMetric::ValidLoss => ("valid/loss", "loss"),
    };
    let ends = [steps(window.start), format!("{} epochs", steps(window.end))];
    let chart = Chart {
        title,
        curves: &curves,
        manner: Manner { window, smoothing: 0.0, log_y: false },
        ends: [&ends[0], &ends[1]],
        unit: Unit::of(key),
        cursor: None,
        focused: false,
        theme,
    };
    let memory = memories.charts.entry(KEY.into()).or_default();
    chart.draw(Rect { height: area.height.saturating_sub(1), ..area }, buffer, memory);
}

/// The epochs that are seen: all there are, and while runs go on some more, but no more than are planned.
fn window(last: f64, planned: f64, grows: bool) -> Window {
    let mut window = whole(last, 1.0, grows);
    if planned >= last.max(1.0) {
        window.end = window.end.min(planned);
    }
    window
}
