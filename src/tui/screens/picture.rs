//! A picture among cells: by the terminal's own protocol where it has one, else as text.

use super::Memories;
use crate::data::printable;
use crate::tui::graphics::{self, Placement, Protocol, Way};
use crate::tui::state::State;
use crate::tui::state::pictures::{PictureKey, Seen};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

/// Draws the picture as large as fits into `area`, in the middle of it, its sides in their proportion; a sentence where it
/// cannot be read, nothing while it is on its way.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    key: &PictureKey,
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    if state.pictures.abilities.protocol() == Protocol::Off {
        // They are not even read.
        let name = printable(&key.path);
        return sentence(buffer, area, &format!("{name} (pictures are switched off)"), Role::Quiet, theme);
    }
    match state.pictures.find(key) {
        None => {}
        Some(Err(why)) => sentence(buffer, area, why, Role::Bad, theme),
        Some(Ok(seen)) => draw_seen(buffer, area, seen, state, theme, memories),
    }
}

/// As [`draw`], of a picture that is there: one that was made, as an overlay is.
pub fn draw_seen(
    buffer: &mut Buffer,
    area: Rect,
    seen: &Arc<Seen>,
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) {
    let abilities = &state.pictures.abilities;
    let area = graphics::middle(&seen.photo, area, abilities.cell());
    let Some(way) = state.pictures.way(seen, (area.width, area.height)) else { return };
    match way {
        Way::Blocks => graphics::draw_blocks(buffer, area, &seen.photo, theme),
        Way::Placeholders => graphics::draw_placeholders(buffer, area, seen.version),
        Way::Png | Way::Encoded(_) => graphics::mark(buffer, area),
    }
    memories.placements.push(Placement { area, seen: Arc::clone(seen), way });
}

/// Takes out of the placements those that something was drawn over since, as a help over the screen is: a terminal
/// would draw its picture over that.
pub(super) fn take_down_covered(buffer: &mut Buffer, memories: &mut Memories) {
    memories.placements.retain(|placement| is_free(buffer, placement));
}

/// Whether nothing was drawn over the picture's place.
fn is_free(buffer: &mut Buffer, placement: &Placement) -> bool {
    let is_text = matches!(placement.way, Way::Blocks | Way::Placeholders);
    let is_free = is_text || !graphics::is_covered(buffer, placement.area);
    if !is_free {
        graphics::uncover(buffer, placement.area);
    }
    is_free
}

/// Writes a sentence over as many rows as it takes, cut where these are not enough.
fn sentence(buffer: &mut Buffer, area: Rect, sentence: &str, role: Role, theme: &Theme) {
    let mut rest = sentence;
    for y in area.top()..area.bottom() {
        let line = if y + 1 == area.bottom() { rest } else { line(rest, area.width.into()) };
        text::put(buffer, (area.x, y), area.width, line, theme.style(role), theme);
        rest = rest[line.len()..].trim_start();
    }
}

/// As many whole words as fit into so many cells; a part of one that is longer.
fn line(text: &str, width: usize) -> &str {
    let fits = |end: &usize| text[..*end].width() <= width;
    let ends = text.match_indices(' ').map(|(at, _)| at).chain([text.len()]);
    let words = ends.take_while(fits).last().filter(|end| *end > 0);
    let letters = || text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(fits).last();
    &text[..words.or_else(letters).unwrap_or(text.len())]
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
