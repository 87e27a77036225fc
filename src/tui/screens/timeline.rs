//! Where the network looked after an epoch: probe pictures under their heat, and what it took them for.

use super::{Memories, evidence, picture, run};
use crate::tui::graphics::Protocol;
use crate::tui::message::RunEntry;
use crate::tui::state::State;
use crate::tui::state::timeline::{Kept, ShownProbe};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Below a picture stand the truth, the prediction, and the numbers.
const WORDS: u16 = 3;
/// A probe with less room says little.
const LEAST: (u16, u16) = (10, WORDS + 4);

/// What stands below a picture, or beside its name.
const LEGEND: [&str; 3] = ["truth, prediction", "p of truth", "evidence where it shows"];

/// How probes stand on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grid {
    columns: u16,
    rows: u16,
}

impl Grid {
    /// Room for all of them, with pictures as large as can be; where there is none, for as many as can be read.
    fn new(area: Rect, probes: usize) -> Self {
        let most = Self { columns: (area.width / LEAST.0).max(1), rows: (area.height / LEAST.1).max(1) };
        let for_all = |rows: u16| Self { columns: (probes as u16).div_ceil(rows).max(1), rows };
        // A cell is about twice as high as wide.
        let side = |grid: &Self| {
            (area.width / grid.columns - 1).min(2 * (area.height / grid.rows).saturating_sub(WORDS))
        };
        let fitting = (1..=most.rows).rev().map(for_all).filter(|grid| grid.columns <= most.columns);
        fitting.max_by_key(side).unwrap_or(most)
    }

    fn on_page(self) -> usize {
        usize::from(self.columns) * usize::from(self.rows)
    }

    fn cell(self, area: Rect, place: usize) -> Rect {
        let (width, height) = (area.width / self.columns, area.height / self.rows);
        let (row, column) = (place as u16 / self.columns, place as u16 % self.columns);
        Rect { x: area.x + column * width, y: area.y + row * height, width: width - 1, height }
    }
}

/// How many of so many probes there is room for.
pub fn on_page(state: &State, probes: usize) -> usize {
    let area = body(state);
    match state.pictures.abilities.protocol() {
        Protocol::Off => usize::from(area.height.saturating_sub(1)).max(1),
        _ => Grid::new(area, probes.min(usize::from(u16::MAX))).on_page(),
    }
}

/// Whether there are probes that there is no room for.
pub fn has_more(state: &State) -> bool {
    let shown = state.current().and_then(|entry| state.timeline.shown(&entry.folder));
    matches!(shown, Some(Ok(Some(kept))) if kept.found.shown.len() < kept.found.probes)
}

/// Above the last row, which says what the numbers are.
fn body(state: &State) -> Rect {
    let area = run::whole(state);
    let margin = u16::from(area.width >= 62);
    let (width, height) = (area.width.saturating_sub(margin), area.height.saturating_sub(1));
    Rect { x: area.x + margin, width, height, ..area }
}

pub fn draw(
    buffer: &mut Buffer,
    heading: Rect,
    entry: &RunEntry,
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) {
    let area = body(state);
    let say = |buffer: &mut Buffer, sentence: &str, role| {
        text::put_wrapped(buffer, Rect { width: area.width - 1, ..area }, sentence, role, theme);
    };
    match state.timeline.shown(&entry.folder) {
        None => {}
        Some(Err(sentence)) => say(buffer, sentence, Role::Bad),
        Some(Ok(None)) => {
            let sentence = if entry.state.is_active() && entry.epoch <= 1 {
                "no timeline yet: it begins with the first epoch, unless explain.probes is 0"
            } else {
                "this run keeps no timeline: explain.probes is 0, or it was trained before there were timelines"
            };
            say(buffer, sentence, Role::Quiet);
        }
        Some(Ok(Some(kept))) if kept.found.epoch.is_none() => {
            say(buffer, "the maps come after the first epoch", Role::Quiet);
        }
        Some(Ok(Some(kept))) => {
            draw_heading(buffer, heading, kept, theme);
            let below = Rect { x: heading.x, y: area.bottom(), width: heading.width, height: 1 };
            text::put_words(buffer, below, &LEGEND.map(|word| (word.into(), Role::Quiet)), theme);
            if state.pictures.abilities.protocol() == Protocol::Off {
                return draw_list(buffer, area, kept, theme);
            }
            let grid = Grid::new(area, kept.found.probes);
            for (place, probe) in kept.found.shown.iter().enumerate().take(grid.on_page()) {
                let cell = grid.cell(area, place);
                // No higher than the square picture, which has its words right below it.
                let height = cell.height.saturating_sub(WORDS).min(cell.width.div_ceil(2));
                let above = Rect { height, ..cell };
                if let Some(Some(seen)) = kept.seen.get(place) {
                    picture::draw_seen(buffer, above, seen, state, theme, memories);
                }
                draw_words(buffer, Rect { y: above.bottom(), height: WORDS, ..cell }, probe, theme);
            }
        }
    }
}

fn draw_heading(buffer: &mut Buffer, row: Rect, kept: &Kept, theme: &Theme) {
    let found = &kept.found;
    let last = found.epochs.last().copied().unwrap_or_default();
    let epoch = match found.epoch.unwrap_or_default() {
        epoch if epoch == last => format!("epoch {epoch}, the newest"),
        epoch => format!("epoch {epoch} of {last}"),
    };
    let mut pages = String::new();
    if found.shown.len() < found.probes {
        let (from, to) = (found.first + 1, found.first + found.shown.len());
        pages = format!("probes {from}-{to} of {}", found.probes);
    }
    let words = [
        (epoch, Role::Accent),
        (format!("{} at {}", found.method, found.layer), Role::Text),
        ("for the true class".into(), Role::Text),
    ];
    let taken = if pages.is_empty() { 0 } else { pages.len() as u16 + 2 };
    text::put_words(buffer, Rect { width: row.width.saturating_sub(taken), ..row }, &words, theme);
    text::put_right(buffer, (row.x, row.y), row.width, &pages, theme.style(Role::Quiet), theme);
}

/// What the network takes a probe for.
fn verdict(probe: &ShownProbe) -> (&'static str, Role) {
    if probe.prediction == probe.truth { ("right", Role::Good) } else { (probe.prediction.name(), Role::Bad) }
}

fn numbers(probe: &ShownProbe) -> [String; 2] {
    let energy = probe.energy.map_or("-".into(), evidence::percent);
    [format!("{:.2}", probe.probability), energy]
}

fn draw_words(buffer: &mut Buffer, area: Rect, probe: &ShownProbe, theme: &Theme) {
    let [probability, energy] = numbers(probe);
    let (verdict, role) = verdict(probe);
    let numbers = format!("{probability} {energy}");
    let words = [(probe.truth.name(), Role::Strong), (verdict, role), (&numbers, Role::Quiet)];
    for ((word, role), y) in words.into_iter().zip(area.y..area.bottom()) {
        text::put(buffer, (area.x, y), area.width, word, theme.style(role), theme);
    }
}

/// One row for each probe, where pictures are switched off.
fn draw_list(buffer: &mut Buffer, area: Rect, kept: &Kept, theme: &Theme) {
    let columns = ["truth", "prediction", "p", "evidence", "picture"];
    let places = [0, 11, 22, 28, 38].map(|x| area.x + x);
    let mut row = |y: u16, words: [(&str, Role); 5]| {
        for ((word, role), x) in words.into_iter().zip(places) {
            let width = area.right().saturating_sub(x + 1);
            text::put(buffer, (x, y), width, word, theme.style(role), theme);
        }
    };
    row(area.y, columns.map(|column| (column, Role::Quiet)));
    for (probe, y) in kept.found.shown.iter().zip(area.y + 1..area.bottom()) {
        let [probability, energy] = numbers(probe);
        let words = [
            (probe.truth.name(), Role::Strong),
            verdict(probe),
            (probability.as_str(), Role::Text),
            (energy.as_str(), Role::Text),
            (probe.path.as_str(), Role::Quiet),
        ];
        row(y, words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_probes_are_seen_at_once_where_there_is_room_and_else_one_of_each_class() {
        let grid = |width, height, probes| {
            let Grid { columns, rows } = Grid::new(Rect::new(0, 0, width, height), probes);
            (columns, rows)
        };
        assert_eq!(grid(79, 19, 12), (6, 2));
        assert_eq!(grid(119, 35, 12), (6, 2));
        assert_eq!(grid(79, 19, 6), (6, 1));
        assert_eq!(grid(219, 55, 12), (6, 2));
        assert_eq!(grid(60, 11, 12), (6, 1));
        assert_eq!(grid(79, 19, 96), (7, 2));
        assert_eq!(grid(9, 3, 4), (1, 1));
    }
}
