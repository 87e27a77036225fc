//! The line that is being typed, in place of the footer.

use crate::tui::state::Prompt;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr;

/// Draws the line and gives the place of its cursor.
pub fn draw(buffer: &mut Buffer, row: Rect, prompt: &Prompt, theme: &Theme) -> Position {
    let label = prompt.purpose.label();
    text::put(buffer, (row.x + 1, row.y), row.width - 1, label, theme.style(Role::Accent), theme);
    let x = row.x + 1 + label.width() as u16;
    let error = prompt.error.as_deref().unwrap_or_default();
    // What is wrong stands at the right and leaves at least a third to the line.
    let error_width = (error.width() as u16).min(row.width * 2 / 3);
    let width = row.width.saturating_sub(x + error_width + 2);
    let (shown, cursor) = prompt.line.view(width.into());
    text::put(buffer, (x, row.y), width, shown, theme.style(Role::Text), theme);
    let at = (row.right().saturating_sub(error_width + 1), row.y);
    text::put_right(buffer, at, error_width, error, theme.style(Role::Bad), theme);
    Position { x: x + cursor.min(width), y: row.y }
}
