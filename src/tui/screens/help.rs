//! The help: the keys of the screen below it, from the table that the keys themselves come from.

use crate::tui::action::Action;
use crate::tui::keys::{Binding, Keys, Place};
use crate::tui::state::State;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{panel, text};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// The width of a column: the widest where there is room, and what no column goes below.
const COLUMN: (u16, u16) = (56, 34);
const MOST_COLUMNS: u16 = 3;
/// Between columns.
const GAP: u16 = 2;
/// The frame and the blank beside it, on both sides together.
const FRAME: (u16, u16) = (4, 2);

/// How much of the help there is, and how much of it fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    columns: u16,
    /// The width of a column.
    width: u16,
    /// Rows in view.
    pub rows: u16,
    lines: usize,
}

impl Extent {
    /// The largest first line with which the last one is in view.
    pub fn last_top(&self) -> usize {
        self.lines.saturating_sub(usize::from(self.columns * self.rows))
    }
}

/// A row of the help.
enum HelpLine<'a> {
    Heading(&'static str),
    /// The keys, on the first row of their text, and a row of it.
    Key(Option<&'a Binding>, String),
}

pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let place = state.place_below();
    let extent = extent((area.width, area.height), &state.keys, place);
    let Extent { columns, width, rows, .. } = extent;
    let size = (columns * (width + GAP) - GAP + FRAME.0, rows + FRAME.1);
    let inside = panel::panel(buffer, area, size, title(place), theme);
    let keys = keys_width(&state.keys, place);
    let lines = lines(&state.keys, place, width);
    let top = state.help_top.min(extent.last_top());
    for (i, line) in lines.iter().skip(top).take(usize::from(columns * rows)).enumerate() {
        let i = i as u16;
        let (x, y) = (inside.x + i / rows * (width + GAP), inside.y + i % rows);
        match line {
            HelpLine::Heading(heading) => {
                text::put(buffer, (x, y), width, heading, theme.style(Role::Accent), theme);
            }
            HelpLine::Key(binding, about) => {
                let written =
                    binding.map(|binding| binding.written(theme.symbols.braille)).unwrap_or_default();
                text::put(buffer, (x, y), keys - 1, &written, theme.style(Role::Strong), theme);
                text::put(buffer, (x + keys, y), width - keys, about, theme.style(Role::Text), theme);
            }
        }
    }
    if extent.last_top() > 0 {
        let more = format!(
            " {} to {} of {} ",
            top + 1,
            (top + usize::from(columns * rows)).min(lines.len()),
            lines.len()
        );
        let at = (inside.x, inside.bottom());
        text::put_right(buffer, at, inside.width, &more, theme.style(Role::Quiet), theme);
    }
}

/// How the help of `place` lies on a terminal of `size`: in the fewest columns that hold it, or else in the most that the
/// terminal holds.
pub fn extent(size: (u16, u16), keys: &Keys, place: Place) -> Extent {
    let most = (size.0.saturating_sub(FRAME.0).max(COLUMN.1), size.1.saturating_sub(FRAME.1).max(1));
    let longest = keys.bindings(place).map(|binding| binding.about.width()).max().unwrap_or(0);
    let longest = (longest as u16 + keys_width(keys, place)).max(COLUMN.1);
    let columns_of = |columns: u16| {
        // What the help covers is drawn anew when it closes: no cell more than the text needs.
        let width = ((most.0 + GAP) / columns - GAP).min(COLUMN.0).min(longest);
        let lines = lines(keys, place, width).len();
        let rows = most.1.min(u16::try_from(lines.div_ceil(columns.into())).unwrap_or(u16::MAX));
        Extent { columns, width, rows, lines }
    };
    let possible =
        (1..=MOST_COLUMNS).filter(|columns| *columns == 1 || (most.0 + GAP) / columns - GAP >= COLUMN.1);
    let mut extent = columns_of(1);
    for columns in possible {
        extent = columns_of(columns);
        if extent.last_top() == 0 {
            break;
        }
    }
    extent
}

fn title(place: Place) -> &'static str {
    match place {
        Place::Runs => "keys of the runs",
        Place::Timeline => "keys of the timeline",
        Place::Scores => "keys of the scores",
        Place::Confusion => "keys of the confusion",
        Place::Explain => "keys of the explanation",
        Place::Compare => "keys of the comparison",
        Place::System => "keys of the system",
        Place::Searches => "keys of the searches",
        Place::Search => "keys of the search",
        Place::NewSearch | Place::Launch => "keys of the form",
        _ => "keys of a run",
    }
}

/// The place's own keys, then those that are the same everywhere.
fn lines(keys: &Keys, place: Place, width: u16) -> Vec<HelpLine<'_>> {
    let about = usize::from(width - keys_width(keys, place));
    let part = |general: bool| {
        keys.bindings(place).filter(move |binding| is_general(binding.action) == general).flat_map(
            move |binding| {
                let rows = text::wrapped(binding.about, about).into_iter().enumerate();
                rows.map(move |(i, row)| HelpLine::Key((i == 0).then_some(binding), row))
            },
        )
    };
    let mut lines: Vec<HelpLine> = part(false).collect();
    lines.push(HelpLine::Heading("everywhere"));
    lines.extend(part(true));
    lines
}

/// Moves, or leads to the help or away: in every place the same.
fn is_general(action: Action) -> bool {
    use Action::{Back, Down, First, Help, Last, Leave, Left, Out, PageDown, PageUp, Right, Suspend, Up};
    matches!(
        action,
        Up | Down | Left | Right | PageUp | PageDown | First | Last | Help | Out | Back | Suspend | Leave
    )
}

/// Room for the keys and a blank, also where arrows are words.
fn keys_width(keys: &Keys, place: Place) -> u16 {
    let widest = keys.bindings(place).map(|binding| binding.written(false).width()).max();
    (widest.unwrap_or(0) as u16).min(15) + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [Place; 13] = [
        Place::Runs,
        Place::Charts,
        Place::Timeline,
        Place::Scores,
        Place::Confusion,
        Place::Explain,
        Place::Lines,
        Place::Compare,
        Place::System,
        Place::Searches,
        Place::Search,
        Place::NewSearch,
        Place::Launch,
    ];

    #[test]
    fn every_line_can_be_brought_into_view_at_every_size() {
        let keys = Keys::default();
        for place in PLACES {
            for size in [(60, 16), (80, 24), (100, 30), (120, 40), (220, 60), (300, 100)] {
                let help = extent(size, &keys, place);
                assert!(help.rows + FRAME.1 <= size.1, "{place:?} {size:?}");
                assert!(help.columns * (help.width + GAP) - GAP + FRAME.0 <= size.0, "{place:?} {size:?}");
                let shown = usize::from(help.columns * help.rows);
                assert!(help.last_top() + shown >= help.lines, "{place:?} {size:?}: {help:?}");
                assert!(size.0 < 120 || help.last_top() == 0, "{place:?} {size:?}: {help:?}");
            }
        }
    }

    #[test]
    fn nothing_of_the_help_is_cut() {
        let keys = Keys::default();
        for place in PLACES {
            let lines = lines(&keys, place, COLUMN.1);
            let told: Vec<&str> = lines
                .iter()
                .filter_map(|line| if let HelpLine::Key(_, row) = line { Some(row.as_str()) } else { None })
                .collect();
            let told = told.join(" ");
            for binding in keys.bindings(place) {
                assert!(told.contains(binding.about), "{:?} in {told}", binding.about);
            }
        }
    }
}
