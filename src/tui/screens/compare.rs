//! Two runs beside each other.

use super::Memories;
use crate::tui::state::State;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws into `area`, the whole terminal but its last row.
pub fn draw(buffer: &mut Buffer, area: Rect, _state: &State, theme: &Theme, _memories: &mut Memories) {
    text::put(buffer, (area.x + 1, area.y), area.width, "compare", theme.style(Role::Quiet), theme);
}
