//! One search: how far it is, its points best first, and a pane beside them.

pub mod curves;
mod detail;
mod header;
pub mod importance;
pub mod list;
pub mod new;
pub mod parallel;
mod table;

use super::{Memories, SMALLEST};
use crate::search::{Counts, SearchState};
use crate::tui::state::State;
use crate::tui::state::searches::{Column, Pane, Searches};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// From so many columns on, table and pane stand side by side.
const WIDE: u16 = 160;
/// From so many rows on, the pane stands below the table.
const TALL: u16 = 34;
/// The head of the table and so many points are the least that is shown above a pane.
const LEAST_TABLE: u16 = 6;

/// Where everything stands. No rows where there is no room.
struct Layout {
    header: Rect,
    /// With its head.
    table: Rect,
    /// The names of the panes.
    panes: Rect,
    pane: Rect,
}

fn layout(size: (u16, u16), searches: &Searches) -> Layout {
    let area = super::above_footer(Rect::new(0, 0, size.0.max(SMALLEST.0), size.1.max(SMALLEST.1)));
    let header = Rect { height: header::rows(area, searches), ..area };
    let body = Rect { y: header.bottom(), height: area.height - header.height, ..area };
    let nothing = Rect { height: 0, ..body };
    let with_names = |pane: Rect| {
        let names = Rect { height: 1, x: pane.x + 1, width: pane.width.saturating_sub(2), ..pane };
        let pane = Rect { y: pane.y + 1, height: pane.height.saturating_sub(1), ..names };
        (names, pane)
    };
    if area.width >= WIDE {
        let most = area.width * 11 / 20;
        let width = table::needed(searches, most).clamp(area.width * 2 / 5, most);
        let x = area.x + width + 2;
        let (panes, pane) = with_names(Rect { x, width: area.right() - x, ..body });
        return Layout { header, table: Rect { width, ..body }, panes, pane };
    }
    if size.1 >= TALL {
        let count = u16::try_from(searches.table.order().len()).unwrap_or(u16::MAX).saturating_add(1);
        let height = count.max(LEAST_TABLE).min(body.height / 2);
        let table = Rect { height, ..body };
        let below = Rect { y: table.bottom() + 1, height: body.height - height - 1, ..body };
        let (panes, pane) = with_names(below);
        return Layout { header, table, panes, pane };
    }
    if searches.pane_is_open {
        let (panes, pane) = with_names(body);
        return Layout { header, table: nothing, panes, pane };
    }
    Layout { header, table: body, panes: nothing, pane: nothing }
}

/// Whether a terminal of `size` shows table and pane at once.
pub fn has_room_for_both(size: (u16, u16)) -> bool {
    size.0 >= WIDE || size.1 >= TALL
}

/// Points in view on a terminal of `size`; a page, where the pane hides them.
pub fn rows(size: (u16, u16), searches: &Searches) -> usize {
    usize::from(layout(size, searches).table.height.saturating_sub(1)).max(1)
}

/// The first column in view that can be scrolled, from 0: no further than the last one needs to be in view.
pub fn left_column(size: (u16, u16), searches: &Searches) -> usize {
    table::view(layout(size, searches).table.width, searches).left
}

pub fn hides_columns_at_the_right(size: (u16, u16), searches: &Searches) -> bool {
    table::view(layout(size, searches).table.width, searches).hides_right
}

/// What stands where it is clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    Head(Column),
    /// A point, by its place in the order.
    Row(usize),
    Pane(Pane),
}

/// What stands at a column and a row of a terminal of `size`.
pub fn at(size: (u16, u16), searches: &Searches, at: (u16, u16)) -> Option<Hit> {
    let Layout { table, panes, .. } = layout(size, searches);
    searches.overview()?;
    if panes.contains(at.into()) {
        return pane_names(panes)
            .find(|(_, place)| place.contains(at.into()))
            .map(|(pane, _)| Hit::Pane(pane));
    }
    if !table.contains(at.into()) {
        return None;
    }
    if at.1 == table.y {
        return table::column_at(table, searches, at.0).map(Hit::Head);
    }
    let row = searches.table.top + usize::from(at.1 - table.y - 1);
    (row < searches.table.order().len()).then_some(Hit::Row(row))
}

fn pane_names(row: Rect) -> impl Iterator<Item = (Pane, Rect)> {
    let mut x = row.x;
    Pane::ALL.into_iter().map(move |pane| {
        let place = Rect { x, width: pane.name().len() as u16, height: 1, ..row };
        x = place.right() + 3;
        (pane, place)
    })
}

/// Draws into `area`, the whole terminal but its last row.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, memories: &mut Memories) {
    let searches = &state.searches;
    let layout = layout(state.size, searches);
    header::draw(buffer, layout.header, state, theme);
    let below = Rect { x: area.x + 1, y: area.y + 2, width: area.width - 2, height: area.height - 2 };
    match searches.shown() {
        None if searches.summary().is_none() => {
            text::put_wrapped(buffer, below, "reading the search", Role::Quiet, theme);
        }
        None => {
            let below = Rect { y: layout.header.bottom(), height: 1, ..below };
            text::put_wrapped(buffer, below, "reading its points", Role::Quiet, theme);
        }
        Some(Err(sentence)) => text::put_wrapped(buffer, below, sentence, Role::Text, theme),
        Some(Ok(overview)) => {
            if layout.table.height > 0 {
                table::draw(buffer, layout.table, overview, searches, theme);
            }
            if layout.pane.height > 0 {
                draw_pane(buffer, &layout, state, theme, memories);
            }
        }
    }
}

fn draw_pane(buffer: &mut Buffer, layout: &Layout, state: &State, theme: &Theme, memories: &mut Memories) {
    for (pane, place) in pane_names(layout.panes) {
        let role = if pane == state.searches.pane { Role::Accent } else { Role::Quiet };
        text::put(buffer, (place.x, place.y), place.width, pane.name(), theme.style(role), theme);
    }
    let pane = layout.pane;
    match state.searches.pane {
        Pane::Detail => detail::draw(buffer, pane, state, theme),
        Pane::Parallel => parallel::draw(buffer, pane, state, theme),
        Pane::Importance => importance::draw(buffer, pane, state, theme),
        Pane::Curves => curves::draw(buffer, pane, state, theme, memories),
    }
}

/// The symbol and the role of a search's state; the word always stands beside it.
fn state_sign(state: SearchState, theme: &Theme) -> (&'static str, Role) {
    let symbols = &theme.symbols;
    match state {
        SearchState::Planned => (symbols.queued, Role::Quiet),
        SearchState::Running => (symbols.running, Role::Accent),
        SearchState::Paused => (symbols.preempted, Role::Warning),
        SearchState::Finished => (symbols.finished, Role::Good),
        SearchState::Stopped => (symbols.stopped, Role::Quiet),
        SearchState::Failed => (symbols.failed, Role::Bad),
        SearchState::Lost => (symbols.unknown, Role::Warning),
    }
}

/// A bar of one row: what has ended is full, each part in the colour of its end, then what runs.
fn counts_bar(buffer: &mut Buffer, row: Rect, counts: Counts, theme: &Theme) {
    let row = Rect { height: 1, ..row }.intersection(buffer.area);
    let all = counts.planned().max(1);
    let parts = [
        (counts.finished, Role::Good, true),
        (counts.halved, Role::Quiet, true),
        (counts.failed, Role::Bad, true),
        (counts.stopped, Role::Faint, true),
        (counts.running, Role::Accent, false),
        (all, Role::Faint, false),
    ];
    let (mut runs, mut x) = (0, row.x);
    for (count, role, is_full) in parts {
        runs = (runs + count).min(all);
        // What is not all done is not shown as if it were.
        let end = row.x + (usize::from(row.width) * runs / all) as u16;
        let symbol = if is_full { theme.symbols.full } else { theme.symbols.empty };
        for x in x..end {
            buffer.set_string(x, row.y, symbol, theme.style(role));
        }
        x = x.max(end);
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod panes_tests;
