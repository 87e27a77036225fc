//! The points of a search, best first.

use crate::run::State as RunState;
use crate::search::{Overview, RunSeen};
use crate::tui::state::searches::{Column, Searches, Shown, Standing, Table, standing};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The bar of the chosen row and the symbol of its state.
const SIGNS: u16 = 4;

/// Columns in view and where they stand.
pub(super) struct View<'a> {
    /// With their first cell and their width.
    pub columns: Vec<(&'a Shown, u16, u16)>,
    pub full_heads: bool,
    /// Columns out of view at the left.
    pub left: usize,
    pub hides_right: bool,
}

/// Cells that all columns take: with whole names, where there are `most` for them.
pub(super) fn needed(searches: &Searches, most: u16) -> u16 {
    let columns = searches.table.columns();
    let with_whole_names = width_of(columns, true);
    if with_whole_names <= most { with_whole_names } else { width_of(columns, false) }
}

fn width_of(columns: &[Shown], full_heads: bool) -> u16 {
    SIGNS + columns.iter().map(|shown| shown.width(full_heads) + 1).sum::<u16>()
}

/// The columns in view of a table of `width` cells.
pub(super) fn view(width: u16, searches: &Searches) -> View<'_> {
    let columns = searches.table.columns();
    let full_heads = width_of(columns, true) <= width;
    let (fixed, others): (Vec<&Shown>, Vec<&Shown>) =
        columns.iter().partition(|shown| shown.column.is_fixed());
    let cells = |shown: &&Shown| shown.width(full_heads) + 1;
    let room = width.saturating_sub(SIGNS + fixed.iter().map(cells).sum::<u16>());
    let fits = |from: usize| others[from..].iter().map(cells).sum::<u16>() <= room;
    // No further to the left than the last column needs.
    let most = (0..others.len()).find(|from| fits(*from)).unwrap_or(others.len().saturating_sub(1));
    let left = searches.table.left.min(most);
    let (mut x, mut shown) = (SIGNS, Vec::new());
    let mut hides_right = false;
    for (i, column) in fixed.iter().copied().chain(others.iter().copied().skip(left)).enumerate() {
        let cells = column.width(full_heads);
        // One that is too wide on its own is cut.
        if i > fixed.len() && x + cells > width {
            hides_right = true;
            break;
        }
        shown.push((column, x, cells.min(width.saturating_sub(x))));
        x += cells + 1;
    }
    View { columns: shown, full_heads, left, hides_right }
}

pub(super) fn column_at(area: Rect, searches: &Searches, x: u16) -> Option<Column> {
    let view = view(area.width, searches);
    let found = view.columns.iter().find(|(_, from, width)| x < area.x + from + width + 1);
    found.map(|(shown, ..)| shown.column)
}

pub(super) fn draw(buffer: &mut Buffer, area: Rect, overview: &Overview, searches: &Searches, theme: &Theme) {
    let view = view(area.width, searches);
    head(buffer, area, &view, searches, theme);
    let table = &searches.table;
    if table.order().is_empty() {
        let quiet = theme.style(Role::Quiet);
        text::put(
            buffer,
            (area.x + SIGNS, area.y + 2),
            area.width - SIGNS,
            "no run is planned",
            quiet,
            theme,
        );
    }
    let rows = table.order().iter().enumerate().skip(table.top);
    for ((place, &index), y) in rows.zip(area.y + 1..area.bottom()) {
        let row = Rect { y, height: 1, ..area };
        draw_row(buffer, row, (overview, index), place == table.chosen(), &view, theme);
    }
}

/// The heads of the columns, by which one the table is sorted, and whether there are more at either side.
fn head(buffer: &mut Buffer, area: Rect, view: &View, searches: &Searches, theme: &Theme) {
    let sort = searches.table.sort;
    for (shown, x, width) in &view.columns {
        let is_sorted = shown.column == sort.column;
        let sign = match (is_sorted, sort.reversed) {
            (false, _) => "",
            (true, false) => theme.symbols.rising,
            (true, true) => theme.symbols.falling,
        };
        let head = if view.full_heads { &shown.full_head } else { &shown.head };
        let style = theme.style(if is_sorted { Role::Accent } else { Role::Quiet });
        let (at, words) = ((area.x + x, area.y), format!("{head}{sign}"));
        put_aligned(buffer, at, *width, &words, shown.is_number, style, theme);
    }
    let quiet = theme.style(Role::Quiet);
    if view.left > 0 {
        text::put(
            buffer,
            (area.x, area.y),
            3,
            &format!("{}{}", theme.symbols.ellipsis, view.left),
            quiet,
            theme,
        );
    }
    if view.hides_right {
        text::put(buffer, (area.right() - 1, area.y), 1, theme.symbols.ellipsis, quiet, theme);
    }
}

fn put_aligned(
    buffer: &mut Buffer,
    at: (u16, u16),
    width: u16,
    words: &str,
    is_number: bool,
    style: ratatui::style::Style,
    theme: &Theme,
) {
    match is_number {
        true => text::put_right(buffer, at, width, words, style, theme),
        false => text::put(buffer, at, width, words, style, theme),
    }
}

fn draw_row(
    buffer: &mut Buffer,
    row: Rect,
    (overview, index): (&Overview, usize),
    is_chosen: bool,
    view: &View,
    theme: &Theme,
) {
    if is_chosen {
        text::put(buffer, (row.x, row.y), 1, theme.symbols.chosen, theme.style(Role::Accent), theme);
    }
    let stands = overview.rows.get(index).and_then(standing);
    let (sign, state_role) = stands.map_or(("", Role::Quiet), |run| sign(run, theme));
    text::put(buffer, (row.x + 2, row.y), 1, sign, theme.style(state_role), theme);
    for (shown, x, width) in &view.columns {
        let role = match shown.column {
            Column::State => state_role,
            Column::Metric | Column::Axis(_) if is_chosen => Role::Strong,
            Column::Metric | Column::Axis(_) => Role::Text,
            Column::Test => Role::Faint,
            Column::Rank | Column::Interval | Column::Seeds | Column::Epoch => Role::Quiet,
        };
        let words = Table::cell(shown.column, overview, index);
        let at = (row.x + x, row.y);
        put_aligned(buffer, at, *width, &words, shown.is_number, theme.style(role), theme);
    }
}

/// The symbol and the role of where a run stands; the word always stands beside it.
pub(super) fn sign(run: &RunSeen, theme: &Theme) -> (&'static str, Role) {
    match Standing::of(run) {
        Standing::Run(state) => theme.state(state),
        Standing::Halved => (theme.symbols.foot, Role::Quiet),
        Standing::Waiting => theme.state(RunState::Queued),
    }
}
