//! Which axis mattered: a bar for each, largest first.

use crate::config::MonitoredMetric;
use crate::search::{self, Axis, FEWEST_POINTS, Importances};
use crate::tui::state::State;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Below this the forest has not understood what makes a point good.
const LITTLE: f64 = 0.3;
/// `100.0 % ± 12.3`.
const SHARE: u16 = 14;
const LONGEST_NAME: u16 = 26;

/// Draws into `area`, below the names of the panes.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let Some(overview) = state.searches.overview() else { return };
    let summary = &overview.summary;
    let say = |buffer: &mut Buffer, sentence: &str, role| {
        text::put_wrapped(buffer, area, sentence, role, theme);
    };
    match state.searches.panes.importance(&summary.folder) {
        None => say(buffer, "working out which axis mattered", Role::Quiet),
        Some(Err(sentence)) => say(buffer, sentence, Role::Bad),
        Some(Ok(None)) if overview.axes.is_empty() => {
            say(buffer, "there is no axis that could matter", Role::Quiet);
        }
        Some(Ok(None)) => {
            let sentence = format!(
                "which axis mattered cannot be said yet: it takes {FEWEST_POINTS} points that were trained to their end, \
                 and some difference between them"
            );
            say(buffer, &sentence, Role::Quiet);
        }
        Some(Ok(Some(known))) => draw_bars(buffer, area, &overview.axes, known, summary.metric, theme),
    }
}

fn draw_bars(
    buffer: &mut Buffer,
    area: Rect,
    axes: &[Axis],
    known: &Importances,
    metric: MonitoredMetric,
    theme: &Theme,
) {
    let metric = match metric {
        MonitoredMetric::ValidAccuracy => "accuracy",
        MonitoredMetric::ValidLoss => "loss",
    };
    let above =
        format!("share of the variance of validation {metric} over {} points", text::grouped(known.points));
    let above = rows_of(&above, area.width);
    let below = rows_of(&explained(known.explained, theme), area.width);
    let bars = Rect {
        y: area.y + above.len() as u16,
        height: area.height.saturating_sub((above.len() + below.len()) as u16),
        ..area
    };
    put_rows(buffer, area, &above, Role::Quiet, theme);
    let names = search::short_names(axes);
    let shown: Vec<_> = known.axes.iter().filter(|axis| axis.axis < names.len()).collect();
    let longest = shown.iter().map(|axis| names[axis.axis].width() as u16).max().unwrap_or(0);
    let name_width = longest.min(LONGEST_NAME).min(area.width / 3);
    let rows = usize::from(bars.height);
    let fitting = if shown.len() > rows { rows.saturating_sub(1) } else { shown.len() };
    for (axis, y) in shown.iter().take(fitting).zip(bars.y..) {
        let text_style = theme.style(Role::Text);
        text::put(buffer, (bars.x, y), name_width, &names[axis.axis], text_style, theme);
        let x = bars.x + name_width + 1;
        let share = share_words(axis.share, axis.spread, theme);
        text::put(buffer, (x, y), SHARE, &share, theme.style(Role::Quiet), theme);
        let x = x + SHARE + 1;
        let width = bars.right().saturating_sub(x);
        let share = if axis.share.is_finite() { axis.share.clamp(0.0, 1.0) } else { 0.0 };
        let filled = (share * f64::from(width)).round() as usize;
        let bar = theme.symbols.full.repeat(filled);
        text::put(buffer, (x, y), width, &bar, theme.style(Role::Accent), theme);
    }
    let mut y = bars.y + fitting as u16;
    if fitting < shown.len() && bars.height > 0 {
        let more = format!("and {} more", shown.len() - fitting);
        text::put(buffer, (bars.x, y), bars.width, &more, theme.style(Role::Quiet), theme);
        y += 1;
    }
    let role = if known.explained < LITTLE { Role::Warning } else { Role::Quiet };
    put_rows(buffer, Rect { y, height: area.bottom().saturating_sub(y), ..area }, &below, role, theme);
}

/// A share in percent, and how far it differs from forest to forest.
fn share_words(share: f64, spread: f64, theme: &Theme) -> String {
    let sign = if theme.symbols.braille { "±" } else { "+-" };
    let share = format!("{:>7}", text::percent(share));
    if spread.is_finite() { format!("{share} {sign}{:.1}", spread * 100.0) } else { share }
}

/// How much the shares can be relied on.
fn explained(explained: f64, theme: &Theme) -> String {
    let square = if theme.symbols.braille { "R²" } else { "R^2" };
    let said = format!("the forest explains {square} {explained:.2} out of bag");
    if explained < LITTLE { format!("{said}: the shares mean little") } else { said }
}

fn rows_of(sentence: &str, width: u16) -> Vec<String> {
    text::wrapped(sentence, width.into())
}

fn put_rows(buffer: &mut Buffer, area: Rect, rows: &[String], role: Role, theme: &Theme) {
    for (row, y) in rows.iter().zip(area.y..area.bottom()) {
        text::put(buffer, (area.x, y), area.width, row, theme.style(role), theme);
    }
}
