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

/// Columns of the chart's title, and of what stands beside a curve's name: symbol, value, blanks.
const TITLE: usize = 10;
const BESIDE_NAME: usize = 11;

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
    let words = caption_words(known.len(), overview.rows.iter().any(|row| row.runs.len() > 1));
    text::put(buffer, (caption.x, caption.y), caption.width, &words, theme.style(Role::Quiet), theme);
    let mut names: Vec<String> =
        known.iter().map(|(row, number, _)| format!("#{} run {number}", row + 1)).collect();
    if names.iter().map(|name| name.len() + BESIDE_NAME).sum::<usize>() + TITLE > area.width.into() {
        // By its rank the point stands in the table.
        names = known.iter().map(|(row, ..)| format!("#{}", row + 1)).collect();
    }
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
    // That it is the validation pictures stands above the table.
    let metric = match overview.summary.metric {
        MonitoredMetric::ValidAccuracy => "accuracy",
        MonitoredMetric::ValidLoss => "loss",
    };
    let ends = [steps(window.start), format!("{} epochs", steps(window.end))];
    let chart = Chart {
        title: metric,
        curves: &curves,
        manner: Manner { window, smoothing: 0.0, log_y: false },
        ends: [&ends[0], &ends[1]],
        unit: Unit::of(metric),
        cursor: None,
        focused: false,
        theme,
    };
    let memory = memories.charts.entry(KEY.into()).or_default();
    chart.draw(Rect { height: area.height.saturating_sub(1), ..area }, buffer, memory);
}

fn caption_words(count: usize, has_seeds: bool) -> String {
    let best = if count == 1 { "the best point".into() } else { format!("the best {count} by rank") };
    let seeds = if has_seeds { ", each by its best seed" } else { "" };
    format!("{best}{seeds}; [ fewer, ] more")
}

/// The epochs that are seen: all there are, and while runs go on some more, but no more than are planned.
fn window(last: f64, planned: f64, grows: bool) -> Window {
    let mut window = whole(last, 1.0, grows);
    if planned >= last.max(1.0) {
        window.end = window.end.min(planned);
    }
    window
}
