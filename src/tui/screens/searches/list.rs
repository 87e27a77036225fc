//! The searches of a folder of runs.

use super::{counts_bar, state_sign};
use crate::search::{EngineKind, SearchSummary};
use crate::tui::state::State;
use crate::tui::state::searches::metric_words;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// The chosen one's bar, the state's symbol and word.
const STATE: u16 = 13;
const ENGINE: u16 = 6;
const ENDED: u16 = 13;
const BEST: u16 = 9;
const LEFT: u16 = 10;
const AGE: u16 = 6;
/// A bar of so many cells says enough, and one of fewer nothing.
const BAR: (u16, u16) = (6, 24);
/// A name keeps so many cells before a bar comes in, and needs no more.
const NAME: (u16, u16) = (28, 48);
/// In fewer columns it is not said where a search runs and how long it takes.
const ROOMY: u16 = 76;

fn body(size: (u16, u16)) -> Rect {
    // Two rows are the header and the table's head, the last one is the footer.
    Rect { x: 0, y: 3, width: size.0, height: size.1.saturating_sub(4) }
}

/// Rows in view on a terminal of `size`.
pub fn rows(size: (u16, u16)) -> usize {
    usize::from(body(size).height).max(1)
}

/// The row in view, from 0, at a column and a row of a terminal of `size`.
pub fn row_at(size: (u16, u16), at: (u16, u16)) -> Option<usize> {
    let body = body(size);
    body.contains(at.into()).then(|| usize::from(at.1 - body.y))
}

/// Draws into `area`, the whole terminal but its last row.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    text::put(buffer, (area.x + 1, area.y), 4, "mien", theme.style(Role::Accent), theme);
    text::put(buffer, (area.x + 7, area.y), 20, "searches", theme.style(Role::Strong), theme);
    let below = Rect { x: area.x + 1, y: area.y + 2, width: area.width - 2, height: area.height - 2 };
    match state.searches.list() {
        None => text::put_wrapped(buffer, below, "looking for searches", Role::Quiet, theme),
        Some(Err(sentence)) => text::put_wrapped(buffer, below, sentence, Role::Text, theme),
        Some(Ok([])) => none(buffer, area, theme),
        Some(Ok(list)) => {
            let active = list.iter().filter(|search| search.state.is_active()).count();
            let count = list.len();
            let words = format!("{count} search{}, {active} running", if count == 1 { "" } else { "es" });
            let quiet = theme.style(Role::Quiet);
            text::put_right(buffer, (area.x, area.y), area.width - 1, &words, quiet, theme);
            table(buffer, list, state, theme);
        }
    }
}

/// Widths of the columns; what has no room has none.
fn widths(width: u16) -> [u16; 8] {
    let (engine, left) = if width < ROOMY { (0, 0) } else { (ENGINE, LEFT) };
    let taken = STATE + engine + ENDED + BEST + left + AGE + 7;
    let free = width.saturating_sub(taken);
    let bar = free.saturating_sub(NAME.0).min(BAR.1);
    let bar = if bar < BAR.0 { 0 } else { bar };
    [STATE, free.saturating_sub(bar).min(NAME.1), engine, bar, ENDED, BEST, left, AGE]
}

fn table(buffer: &mut Buffer, list: &[SearchSummary], state: &State, theme: &Theme) {
    let body = body(state.size);
    let heads = ["state", "name", "engine", "", "ended", "best", "left", "age"];
    put_row(
        buffer,
        Rect { y: body.y - 1, height: 1, ..body },
        &heads.map(|head| (head.into(), Role::Quiet)),
        theme,
    );
    let searches = &state.searches;
    let view = list.iter().enumerate().skip(searches.list_top);
    for ((i, summary), y) in view.zip(body.y..body.bottom()) {
        let row = Rect { y, height: 1, ..body };
        let is_chosen = i == searches.chosen;
        if is_chosen {
            text::put(buffer, (row.x, y), 1, theme.symbols.chosen, theme.style(Role::Accent), theme);
        }
        let (sign, role) = state_sign(summary.state, theme);
        text::put(buffer, (row.x + 2, y), 1, sign, theme.style(role), theme);
        let counts = summary.counts;
        let left = summary.seconds_left.filter(|left| left.is_finite() && summary.state.is_active());
        let is_known = state.now > 0.0 && summary.created > 0.0;
        let cells = [
            (summary.state.name().into(), role),
            (summary.name.clone(), if is_chosen { Role::Strong } else { Role::Text }),
            (engine_word(summary.engine).into(), Role::Quiet),
            (String::new(), Role::Quiet),
            (format!("{} of {}", counts.ended(), counts.planned()), Role::Text),
            (metric_words(summary.metric, summary.best), Role::Text),
            (left.map_or_else(String::new, text::remaining), Role::Quiet),
            (if is_known { text::span(state.now - summary.created) } else { "-".into() }, Role::Quiet),
        ];
        put_row(buffer, row, &cells, theme);
        let [state, name, engine, bar, ..] = widths(row.width);
        // Where there is a bar, there is all before it.
        let x = row.x + state + name + engine + 3;
        counts_bar(buffer, Rect { x, width: bar.saturating_sub(1), ..row }, counts, theme);
    }
    // Below a short list stands why the chosen one is not going on.
    let problem = list.get(searches.chosen).and_then(|summary| summary.problem.as_deref());
    let y = body.y + (list.len() - searches.list_top) as u16 + 1;
    if let Some(problem) = problem.filter(|_| y + 1 < body.bottom()) {
        let below = Rect { x: body.x + 2, y, width: body.width - 4, height: (body.bottom() - y).min(4) };
        text::put_wrapped(buffer, below, problem, Role::Warning, theme);
    }
}

fn put_row(buffer: &mut Buffer, row: Rect, cells: &[(String, Role); 8], theme: &Theme) {
    let widths = widths(row.width);
    let mut x = row.x;
    for (i, ((cell, role), width)) in cells.iter().zip(widths).enumerate() {
        let style = theme.style(*role);
        match i {
            0 => text::put(buffer, (x + 4, row.y), width.saturating_sub(4), cell, style, theme),
            1..=3 => text::put(buffer, (x, row.y), width, cell, style, theme),
            _ => text::put_right(buffer, (x, row.y), width, cell, style, theme),
        }
        // A bar that has no room takes no blank either.
        x += width + u16::from(width > 0);
    }
}

pub(super) fn engine_word(engine: EngineKind) -> &'static str {
    match engine {
        EngineKind::Local => "local",
        EngineKind::Slurm => "Slurm",
    }
}

/// What to do first.
fn none(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    let lines: [(&str, &str); 5] = [
        ("", "There are no searches here yet."),
        ("", ""),
        ("mien search FILE", "begins one; configs/searches holds files to begin with"),
        ("--dry-run", "behind it only tells how many runs that would be"),
        ("n", "begins one from here"),
    ];
    let widest =
        lines.iter().map(|(key, about)| key.width().max(17) + about.width()).max().unwrap_or(0) as u16;
    let x = area.x + area.width.saturating_sub(widest + 2) / 2;
    for ((key, about), y) in lines.into_iter().zip(area.y + area.height / 3..area.bottom()) {
        text::put(buffer, (x, y), 17, key, theme.style(Role::Accent), theme);
        let about_x = if key.is_empty() { x } else { x + 18 };
        let width = area.right().saturating_sub(about_x + 1);
        text::put(buffer, (about_x, y), width, about, theme.style(Role::Text), theme);
    }
}
