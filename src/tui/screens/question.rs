//! A question before something that cannot be taken back.

use crate::tui::state::Question;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{panel, text};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// More of a question than so many rows is not read.
const MOST_ROWS: u16 = 6;

pub fn draw(buffer: &mut Buffer, area: Rect, question: &Question, theme: &Theme) {
    let width = area.width.min(76);
    let across = usize::from(width.saturating_sub(4));
    // A name may be thousands of letters long.
    let text = text::fit(&question.text, across * usize::from(MOST_ROWS) - 12, theme);
    let lines = text::wrapped(&text, across);
    let rows = (lines.len() as u16).clamp(2, MOST_ROWS);
    let inside = panel::panel(buffer, area, (width, rows + 5), "really?", theme);
    if inside.height < rows + 3 {
        return;
    }
    for (line, y) in lines.iter().zip(inside.y + 1..inside.y + 1 + rows) {
        text::put(buffer, (inside.x, y), inside.width, line, theme.style(Role::Text), theme);
    }
    let (x, y) = (inside.x, inside.y + rows + 2);
    text::put(buffer, (x, y), 1, "y", theme.style(Role::Strong), theme);
    text::put(buffer, (x + 2, y), 6, "yes", theme.style(Role::Quiet), theme);
    text::put(buffer, (x + 8, y), 1, "n", theme.style(Role::Strong), theme);
    text::put(buffer, (x + 10, y), 6, "no", theme.style(Role::Quiet), theme);
}
