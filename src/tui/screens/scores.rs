//! The table of scores: one row a picture; the chosen picture beside it, below it, or in its place.

mod columns;
mod details;

use super::{Memories, run};
use crate::evaluate::SortBy;
use crate::tui::state::State;
use crate::tui::state::scores::{Row, Scores, Seen};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use columns::{Column, columns};
pub(super) use details::{bar, what};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Widget, Wrap};
use unicode_width::UnicodeWidthStr;

/// From so many columns on, the picture stands beside the table.
const WIDE: u16 = 100;
/// From so many rows of the body on, it stands below.
const TALL: u16 = 30;
/// Rows of the picture below the table.
const BELOW: u16 = 13;
/// Cells for the beginning of a row that could not be read.
const BROKEN: u16 = 16;
/// Bar and sign before a row's columns.
const SIGNS: u16 = 3;

struct Layout {
    /// What is shown of which table, in words.
    head: Rect,
    /// Heads of columns and rows.
    table: Rect,
    /// The chosen picture and its scores.
    details: Option<Rect>,
}

fn layout(area: Rect, is_large: bool) -> Layout {
    let head = Rect { height: area.height.min(1), ..area };
    let body = Rect { y: head.bottom(), height: area.height - head.height, ..area };
    if is_large {
        let details = Rect { x: body.x + 1, width: body.width.saturating_sub(1), ..body };
        return Layout { head, table: Rect { height: 0, ..body }, details: Some(details) };
    }
    if body.width >= WIDE {
        let width = (body.width.saturating_sub(84)).min(body.width * 3 / 10).max(26);
        let table = Rect { width: body.width - width - 2, ..body };
        let details = Rect { x: table.right() + 2, width, ..body };
        return Layout { head, table, details: Some(details) };
    }
    if body.height >= TALL {
        let table = Rect { height: body.height - BELOW - 1, ..body };
        let width = body.width.saturating_sub(1);
        let details = Rect { x: body.x + 1, y: table.bottom() + 1, width, height: BELOW };
        return Layout { head, table, details: Some(details) };
    }
    Layout { head, table: body, details: None }
}

fn layout_of(size: (u16, u16), is_large: bool) -> Layout {
    layout(run::body_of(size), is_large)
}

/// Rows of the table in view on a terminal of `size`.
pub fn rows(size: (u16, u16)) -> usize {
    usize::from(layout_of(size, false).table.height.saturating_sub(1)).max(1)
}

/// Whether the chosen picture has a place.
pub fn shows_picture(size: (u16, u16), is_large: bool) -> bool {
    layout_of(size, is_large).details.is_some()
}

/// What stands somewhere on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    Head(SortBy),
    /// The row at this place of the arrangement.
    Row(usize),
    Picture,
}

/// What stands at a column and a row of the terminal.
pub fn hit(state: &State, at: (u16, u16)) -> Option<Hit> {
    let scores = &state.scores;
    let Layout { table, details, .. } = layout_of(state.size, scores.is_large);
    if details.is_some_and(|details| details.contains(at.into())) {
        return scores.row(scores.position()).map(|_| Hit::Picture);
    }
    if !table.contains(at.into()) {
        return None;
    }
    if at.1 > table.y {
        let place = scores.top() + usize::from(at.1 - table.y - 1);
        return (place < scores.shown()).then_some(Hit::Row(place));
    }
    let mut x = table.x + SIGNS;
    if at.0 < x {
        return Some(Hit::Head(SortBy::Correct));
    }
    columns(table.width - SIGNS, scores.columns).into_iter().find_map(|column| {
        x += column.width + 1;
        (at.0 < x).then_some(Hit::Head(column.sort))
    })
}

/// Draws into `area`: the body below a run's header.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, memories: &mut Memories) {
    let scores = &state.scores;
    let Layout { head, table, details } = layout(area, scores.is_large);
    match scores.seen() {
        None => {}
        Some(Err(problem)) => {
            head_line(buffer, head, scores, None, theme);
            say(buffer, table, problem, Role::Bad, theme);
        }
        Some(Ok(seen)) => {
            head_line(buffer, head, scores, Some(seen), theme);
            if table.height > 0 {
                draw_table(buffer, table, scores, seen, theme);
            }
            if let Some(details) = details {
                details::draw(buffer, details, state, theme, memories);
            }
        }
    }
}

/// A sentence of any length, in as many lines as it needs.
pub(super) fn say(buffer: &mut Buffer, area: Rect, sentence: &str, role: Role, theme: &Theme) {
    let area = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.max(4) - 1,
    };
    let area = area.intersection(buffer.area);
    let sentence = text::fit(sentence, usize::from(area.width) * usize::from(area.height.min(4)), theme);
    Paragraph::new(sentence).style(theme.style(role)).wrap(Wrap { trim: true }).render(area, buffer);
}

/// Split, rows, filter, order, how much has been read; at the right the place in the table.
fn head_line(buffer: &mut Buffer, row: Rect, scores: &Scores, seen: Option<&Seen>, theme: &Theme) {
    let mut words = vec![(scores.split().to_string(), Role::Accent)];
    let mut place = String::new();
    if let Some(seen) = seen {
        let counts = &seen.counts;
        if !seen.is_complete {
            words.push((format!("reading {:.0} %", (seen.progress * 100.0).floor()), Role::Warning));
        }
        if let Some(count) = scores.other_count() {
            words.push((format!("the confusion counts {}", text::grouped(count)), Role::Warning));
        }
        let noun = if counts.rows == 1 { "picture" } else { "pictures" };
        words.push((format!("{} {noun}", text::grouped(counts.rows)), Role::Text));
        match scores.shown_filter() {
            "" => {}
            "wrong" => words.push(("only the wrong ones".into(), Role::Accent)),
            filter => {
                let filter = text::fit(filter, 40, theme);
                words.push((format!("{} with {filter}", text::grouped(counts.shown)), Role::Accent));
            }
        }
        if counts.unreadable > 0 {
            words.push((format!("{} unreadable", text::grouped(counts.unreadable)), Role::Bad));
        }
        words.push((in_order(scores), Role::Quiet));
        words.push((format!("{} wrong", text::grouped(counts.wrong)), Role::Text));
        if counts.shown > 0 {
            place = format!("{}/{}", text::grouped(scores.position() + 1), text::grouped(counts.shown));
        }
    }
    let taken = place.width() as u16 + 3;
    let words_row = Rect { x: row.x + 1, width: row.width.saturating_sub(taken), ..row };
    text::put_words(buffer, words_row, &words, theme);
    text::put_right(buffer, (row.x, row.y), row.width - 1, &place, theme.style(Role::Quiet), theme);
}

fn in_order(scores: &Scores) -> String {
    let arrangement = scores.shown_arrangement();
    let (up, down) = match arrangement.by {
        SortBy::Confidence | SortBy::Score(_) => ("lowest first", "highest first"),
        SortBy::Correct => ("wrong first", "right first"),
        _ => ("", "backwards"),
    };
    let way = if arrangement.descending { down } else { up };
    let by = match arrangement.by {
        SortBy::Place if way.is_empty() => return String::new(),
        SortBy::Place => "in the file's order",
        SortBy::Path => "by path",
        SortBy::Score(emotion) => return format!("by {emotion}, {way}"),
        SortBy::Truth => "by truth",
        SortBy::Prediction => "by prediction",
        SortBy::Confidence => "by confidence",
        SortBy::Correct => return way.into(),
    };
    if way.is_empty() { by.into() } else { format!("{by}, {way}") }
}

fn draw_table(buffer: &mut Buffer, area: Rect, scores: &Scores, seen: &Seen, theme: &Theme) {
    let columns = columns(area.width - SIGNS, scores.columns);
    draw_heads(buffer, area, &columns, scores, theme);
    if seen.counts.shown == 0 {
        let sentence = match (seen.is_complete, scores.shown_filter().is_empty()) {
            (false, _) => "no row so far",
            (true, false) if scores.is_of_cell() => "no picture is like this; Esc leads back",
            (true, false) => "no picture is like this; Esc shows all",
            (true, true) => "there are no rows in this file",
        };
        let at = (area.x + SIGNS, area.y + 2);
        text::put(buffer, at, area.width - SIGNS, sentence, theme.style(Role::Quiet), theme);
    }
    for (place, y) in (scores.top()..seen.counts.shown).zip(area.y + 1..area.bottom()) {
        let is_chosen = place == scores.position();
        if is_chosen {
            text::put(buffer, (area.x, y), 1, theme.symbols.chosen, theme.style(Role::Accent), theme);
        }
        if let Some(row) = scores.row(place) {
            let (symbol, role) = sign(row, theme);
            text::put(buffer, (area.x + 1, y), 1, symbol, theme.style(role), theme);
            let row_area = Rect { x: area.x + SIGNS, y, width: area.width - SIGNS, height: 1 };
            draw_row(buffer, row_area, &columns, row, is_chosen, theme);
        }
    }
}

fn draw_heads(buffer: &mut Buffer, area: Rect, columns: &[Column], scores: &Scores, theme: &Theme) {
    let arrangement = scores.shown_arrangement();
    let mark = match (theme.symbols.braille, arrangement.descending) {
        (true, true) => "↓",
        (true, false) => "↑",
        (false, true) => "v",
        (false, false) => "^",
    };
    if arrangement.by == SortBy::Correct {
        text::put(buffer, (area.x + 1, area.y), 1, mark, theme.style(Role::Accent), theme);
    }
    let mut x = area.x + SIGNS;
    for column in columns {
        let is_sorted = column.sort == arrangement.by;
        let width = usize::from(column.width) - usize::from(is_sorted);
        let head: String = column.head.chars().take(width).collect();
        let head = if is_sorted { head + mark } else { head };
        let style = theme.style(if is_sorted { Role::Accent } else { Role::Quiet });
        column.put(buffer, (x, area.y), &head, style, theme);
        x += column.width + 1;
    }
}

fn draw_row(buffer: &mut Buffer, area: Rect, columns: &[Column], row: &Row, is_chosen: bool, theme: &Theme) {
    let mut x = area.x;
    for column in columns {
        match (&row.line.content, column.sort) {
            (Err(unreadable), _) => {
                // The reason is worth more than a long name that may be none.
                let width = column.width.min(BROKEN);
                text::put(buffer, (x, area.y), width, &row.name, theme.style(Role::Quiet), theme);
                let reason = format!("line {}: {}", row.line.line, unreadable.reason);
                let left = area.width.saturating_sub(width + 1);
                text::put(buffer, (x + width + 1, area.y), left, &reason, theme.style(Role::Bad), theme);
                return;
            }
            (_, SortBy::Path) => {
                let role = if is_chosen { Role::Strong } else { Role::Text };
                let name = text::fit_path(&row.name, column.width.into(), theme);
                text::put(buffer, (x, area.y), column.width, &name, theme.style(role), theme);
            }
            (Ok(scored), _) => {
                let (text, role) = column.cell(scored);
                column.put(buffer, (x, area.y), &text, theme.style(role), theme);
            }
        }
        x += column.width + 1;
    }
}

/// Whether the network was right.
pub(super) fn sign(row: &Row, theme: &Theme) -> (&'static str, Role) {
    let symbols = &theme.symbols;
    match row.line.content.as_ref().map(|scored| scored.correct()) {
        Ok(Some(true)) => (symbols.finished, Role::Good),
        Ok(Some(false)) => (symbols.failed, Role::Bad),
        Ok(None) => (symbols.unknown, Role::Quiet),
        Err(_) => (symbols.unreadable, Role::Bad),
    }
}
