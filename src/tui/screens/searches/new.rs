//! The form for a new search.

use crate::tui::state::State;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws into `area`, the whole terminal but its last row.
pub fn draw(buffer: &mut Buffer, area: Rect, _state: &State, theme: &Theme) {
    text::put(buffer, (area.x + 1, area.y), 4, "mien", theme.style(Role::Accent), theme);
    text::put(buffer, (area.x + 7, area.y), 20, "new search", theme.style(Role::Strong), theme);
    let below = Rect { x: area.x + 1, y: area.y + 2, width: area.width - 2, height: area.height - 2 };
    text::put_wrapped(buffer, below, "mien search FILE begins a search", Role::Text, theme);
}
