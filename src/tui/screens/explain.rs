//! Why a picture is taken for what: words, maps and scores.

mod panels;
mod words;

use super::{Memories, scores};
use crate::emotion::{CLASSES, Emotion};
use crate::tui::state::State;
use crate::tui::state::explain::{Panel, Subject};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Rows of words: the picture, what is shown of it, what that says.
const WORDS: u16 = 3;
/// Columns of the scores beside the panel, in which a bar still says something.
const BESIDE: u16 = 27;
/// Rows of the scores below it, three beside three.
const BELOW: u16 = 3;
/// Between two pictures, and between panel and scores.
const GAP: u16 = 2;
/// In fewer rows there is a panel or there are scores.
const LOW: u16 = 12;
/// The largest width of a column of scores.
const WIDEST: u16 = 60;

/// Where everything stands.
struct Layout {
    words: Rect,
    panel: Rect,
    scores: Rect,
}

/// The scores stand where the pictures become larger.
fn layout(area: Rect, panel: Panel) -> Layout {
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let words = Rect { height: inner.height.min(WORDS), ..inner };
    let body = Rect { y: words.bottom(), height: inner.height - words.height, ..inner };
    let below = split_below(body);
    let beside = split_beside(body);
    let (panel, scores) = match panel {
        Panel::Maps if panels::maps_in(beside.0).1 > panels::maps_in(below.0).1 => beside,
        Panel::Maps => split_under(body, panels::maps_in(below.0).1.div_ceil(2) + 1).unwrap_or(below),
        // Curves and rows of pictures are wide; where there is little room, they are what was asked for.
        _ if body.height < LOW => (body, Rect { y: body.bottom(), height: 0, ..body }),
        _ => below,
    };
    Layout { words, panel, scores }
}

fn split_below(body: Rect) -> (Rect, Rect) {
    let panel = Rect { height: body.height.saturating_sub(BELOW), ..body };
    (panel, Rect { y: panel.bottom(), height: body.height - panel.height, ..body })
}

/// With so many rows for the panel, and room for all scores in one column; `None` where there are not so many rows.
fn split_under(body: Rect, rows: u16) -> Option<(Rect, Rect)> {
    let height = body.height.checked_sub(rows + 1).filter(|height| usize::from(*height) >= CLASSES)?;
    Some((Rect { height: rows, ..body }, Rect { y: body.y + rows + 1, height, ..body }))
}

fn split_beside(body: Rect) -> (Rect, Rect) {
    let panel = Rect { width: body.width.saturating_sub(BESIDE + GAP), ..body };
    let x = panel.right() + GAP;
    (panel, Rect { x, width: body.right().saturating_sub(x), ..body })
}

/// Draws into `area`: the body below a run's header.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, memories: &mut Memories) {
    let Some(entry) = state.current() else { return };
    let view = state.explain.view(&entry.folder);
    let Some(subject) = view.subject else {
        say_why_not(buffer, area, state, theme);
        return;
    };
    let panel = view.answer.map_or_else(Panel::default, |(request, _)| request.panel);
    let Layout { words, panel, scores } = layout(area, panel);
    words::subject(buffer, words, subject, state, theme);
    let rest = Rect { y: words.y + 1, height: words.height.saturating_sub(1), ..words };
    match view.answer {
        None => words::busy(buffer, rest, view.busy, theme),
        Some((_, Err(sentence))) => {
            let whole = Rect { height: panel.bottom().saturating_sub(rest.y), ..rest };
            text::put_wrapped(buffer, whole, sentence, Role::Bad, theme);
        }
        Some((request, Ok(answer))) => {
            words::answer(buffer, rest, (request, answer), subject, view.busy, theme);
            panels::draw(buffer, panel, (request, answer), state, theme, memories);
            let rest = beside_scores(scores);
            panels::numbers_too(buffer, rest, (request, answer), state, theme);
        }
    }
    draw_scores(buffer, scores, subject, theme);
}

/// What scores in one column leave free.
fn beside_scores(area: Rect) -> Rect {
    let x = (area.x + WIDEST + GAP).min(area.right());
    let width = if usize::from(area.height) >= CLASSES { area.right() - x } else { 0 };
    Rect { x, width, ..area }
}

/// There is no picture to explain.
fn say_why_not(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let table = &state.scores;
    match (table.seen(), table.row(table.position())) {
        (Some(Err(problem)), _) => scores::say(buffer, area, problem, Role::Bad, theme),
        (Some(Ok(seen)), None) if seen.is_complete && seen.counts.shown == 0 => {
            let sentence = "no picture is in the table of scores as it is filtered: 2 leads there";
            scores::say(buffer, area, sentence, Role::Text, theme);
        }
        (_, Some(row)) => {
            if let Err(unreadable) = &row.line.content {
                let sentence = format!("line {} of the scores: {}", row.line.line, unreadable.reason);
                scores::say(buffer, area, &sentence, Role::Bad, theme);
            }
        }
        _ => {}
    }
}

/// Six bars: one below the other where there is room, else three beside three.
fn draw_scores(buffer: &mut Buffer, area: Rect, subject: &Subject, theme: &Theme) {
    let Ok(scored) = &subject.row.line.content else { return };
    let rows = if usize::from(area.height) >= CLASSES { CLASSES } else { CLASSES.div_ceil(2) };
    let columns = CLASSES.div_ceil(rows) as u16;
    let width = (area.width / columns).min(WIDEST);
    for (i, emotion) in Emotion::ALL.into_iter().enumerate() {
        let (column, row) = ((i / rows) as u16, (i % rows) as u16);
        let line = Rect { x: area.x + column * width, y: area.y + row, width: width - 1, height: 1 };
        if row < area.height {
            scores::bar(buffer, line, emotion, scored, theme);
        }
    }
}

#[cfg(test)]
mod tests;
