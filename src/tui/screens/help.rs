//! The help: the keys of the screen below it, from the table that the keys themselves come from.

use crate::tui::keys::Place;
use crate::tui::state::State;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{panel, text};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const KEYS: u16 = 9;
const COLUMN: u16 = 50;

pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let place = state.place_below();
    let title = match place {
        Place::Runs => "keys of the runs",
        Place::Scores => "keys of the scores",
        Place::Confusion => "keys of the confusion",
        Place::Compare => "keys of the comparison",
        Place::System => "keys of the system",
        Place::Launch => "keys of the form",
        _ => "keys of a run",
    };
    let rows: Vec<_> = state.keys.bindings(place).collect();
    // One column reads better; two where the rows would not fit.
    let columns = if rows.len() as u16 + 2 <= area.height { 1 } else { 2 };
    let height = (rows.len() as u16).div_ceil(columns);
    let size = ((COLUMN * columns + 4).min(area.width - 2), height + 2);
    let inside = panel::panel(buffer, area, size, title, theme);
    let width = inside.width / columns;
    for (i, binding) in rows.iter().enumerate() {
        let i = i as u16;
        let (x, y) = (inside.x + i / height * width, inside.y + i % height);
        if y >= inside.bottom() {
            continue;
        }
        let keys = if theme.symbols.braille {
            binding.shown.into()
        } else {
            binding.shown.replace(['↑', '↓', '←', '→'], "")
        };
        text::put(buffer, (x, y), KEYS, &keys, theme.style(Role::Strong), theme);
        let about = width.saturating_sub(KEYS + 1);
        text::put(buffer, (x + KEYS, y), about, binding.about, theme.style(Role::Text), theme);
    }
}
