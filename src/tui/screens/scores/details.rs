//! The chosen picture with its scores as bars.

use super::sign;
use crate::emotion::Emotion;
use crate::evaluate::ScoreRow;
use crate::tui::screens::{Memories, picture};
use crate::tui::state::State;
use crate::tui::state::scores::Row;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{progress, text};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Rows of the words and the bars, in the least that shows all of them.
const WORDS: u16 = 10;
/// In less width the bars say nothing.
const NARROWEST: u16 = 26;

/// Where the picture and the words stand. A cell is about twice as high as wide.
fn layout(area: Rect) -> (Rect, Rect) {
    let beside = (2 * area.height).min(area.width.saturating_sub(NARROWEST + 2));
    let below = (area.width / 2).min(area.height.saturating_sub(WORDS + 1));
    // Whichever way makes the picture larger.
    if beside >= 2 * below {
        let picture = Rect { width: beside, ..area };
        let x = picture.right() + 2;
        return (picture, Rect { x, width: area.right().saturating_sub(x + 1), ..area });
    }
    let picture = Rect { height: below, ..area };
    let y = picture.bottom() + 1;
    (picture, Rect { y, height: area.bottom() - y, width: area.width - 1, ..area })
}

pub(super) fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, memories: &mut Memories) {
    let place = state.scores.position();
    let Some(row) = state.scores.row(place) else { return };
    let (picture_area, words) = layout(area);
    if let Some(key) = state.scores.picture(place) {
        picture::draw(buffer, picture_area, &key, state, theme, memories);
    }
    let mut lines = words.rows();
    let mut put = |line: Option<Rect>, text: &str, role| {
        if let Some(line) = line {
            text::put(buffer, (line.x, line.y), line.width, text, theme.style(role), theme);
        }
    };
    put(lines.next(), &text::fit_path(&row.name, words.width.into(), theme), Role::Strong);
    let number = format!("row {}, line {}", text::grouped(place + 1), row.line.line);
    put(lines.next(), &number, Role::Quiet);
    let (symbol, role) = sign(row, theme);
    put(lines.next(), &format!("{symbol} {}", what(row)), role);
    match &row.line.content {
        Ok(scored) => {
            lines.next();
            for (emotion, line) in Emotion::ALL.into_iter().zip(lines) {
                bar(buffer, line, emotion, scored, theme);
            }
        }
        Err(unreadable) => {
            let rest = Rect { y: words.y + 3, height: words.height.saturating_sub(3), ..words };
            super::say(buffer, rest, &unreadable.reason, Role::Text, theme);
        }
    }
}

/// What was taken for what.
pub(in crate::tui::screens) fn what(row: &Row) -> String {
    match &row.line.content {
        Ok(scored) => match scored.label {
            Some(truth) if truth == scored.prediction() => format!("{truth}, right"),
            Some(truth) => format!("{truth} taken for {}", scored.prediction()),
            None => format!("{} predicted, truth unknown", scored.prediction()),
        },
        Err(_) => "unreadable".into(),
    }
}

/// The score of an emotion in one row.
pub(in crate::tui::screens) fn bar(
    buffer: &mut Buffer,
    line: Rect,
    emotion: Emotion,
    scored: &ScoreRow,
    theme: &Theme,
) {
    let is_truth = scored.label == Some(emotion);
    let role = match (emotion == scored.prediction(), is_truth) {
        (true, _) if scored.correct() == Some(false) => Role::Bad,
        (true, _) => Role::Good,
        (false, true) => Role::Accent,
        (false, false) => Role::Quiet,
    };
    let name = if is_truth { Role::Strong } else { Role::Text };
    text::put(buffer, (line.x, line.y), 9, emotion.name(), theme.style(name), theme);
    let score = scored.scores[emotion.index()];
    let width = line.width.saturating_sub(9 + 1 + 7).min(40);
    progress::bar(buffer, Rect { x: line.x + 10, width, ..line }, score.into(), role, theme);
    let number = format!("{score:.4}");
    text::put(buffer, (line.x + 11 + width, line.y), 6, &number, theme.style(role), theme);
}
