//! A line through the axes for each point, by how good it is.

use crate::tui::screens::Memories;
use crate::tui::state::State;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws into `area`, below the names of the panes.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, _memories: &mut Memories) {
    if state.searches.overview().is_some() {
        text::put_wrapped(buffer, area, "nothing is drawn here yet", Role::Quiet, theme);
    }
}
