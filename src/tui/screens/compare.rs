//! Two runs beside each other.

mod tables;

use super::{Memories, SMALLEST, picture};
use crate::emotion::Emotion;
use crate::evaluate::{Change, PairedRow, Unpaired};
use crate::run::printable;
use crate::tui::state::State;
use crate::tui::state::compare::{Compare, Found, Page};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tables::{classes, config, metrics};
use unicode_width::UnicodeWidthStr;

/// From so many rows on there are empty ones and heads of tables.
const TALL: u16 = 20;
/// From so many columns on the picture stands beside the list.
const BESIDE: u16 = 78;
/// Columns that a list makes use of.
const LIST: u16 = 110;
/// From so many columns on the classes stand beside the metrics.
const CLASSES_BESIDE: u16 = 150;
/// Where they begin then.
const CLASSES_AT: u16 = 92;

/// Where everything stands.
struct Layout {
    /// The first of the three metrics.
    metrics: u16,
    verdict: u16,
    pages: u16,
    /// The head of the list, where there is room for one.
    head: Option<u16>,
    list: Rect,
    /// No columns where there is no room for it.
    picture: Rect,
}

fn layout(area: Rect) -> Layout {
    let tall = area.height >= TALL;
    // Title, the two runs, and with room an empty row and a head.
    let metrics = area.y + if tall { 5 } else { 3 };
    let verdict = metrics + 3;
    let pages = verdict + if tall { 2 } else { 1 };
    let head = tall.then_some(pages + 1);
    let y = pages + if tall { 2 } else { 1 };
    let below = Rect { y, height: area.bottom().saturating_sub(y), ..area };
    // A list needs no more than its longest names; what is left is the picture's.
    let share = (area.width / 3).max(area.width.saturating_sub(LIST));
    let wide = if area.width >= BESIDE { share.min(below.height * 2 + 4) } else { 0 };
    Layout {
        metrics,
        verdict,
        pages,
        head,
        list: Rect { width: below.width - wide, ..below },
        picture: Rect { x: below.right() - wide, width: wide.saturating_sub(1), ..below },
    }
}

/// The screen without its footer, on a terminal of `size`.
fn area_of(size: (u16, u16)) -> Rect {
    super::above_footer(Rect::new(0, 0, size.0.max(SMALLEST.0), size.1.max(SMALLEST.1)))
}

/// Pictures in view on a terminal of `size`.
pub fn rows(size: (u16, u16)) -> usize {
    usize::from(layout(area_of(size)).list.height).max(1)
}

/// Whether the chosen picture is to be seen on a terminal of `size`.
pub fn shows_picture(size: (u16, u16), large: bool) -> bool {
    large || layout(area_of(size)).picture.width > 0
}

/// The row in view, from 0, at a column and a row of a terminal of `size`.
pub fn row_at(size: (u16, u16), at: (u16, u16)) -> Option<usize> {
    let list = layout(area_of(size)).list;
    list.contains(at.into()).then(|| usize::from(at.1 - list.y))
}

/// The page whose name stands at a column and a row of a terminal of `size`.
pub fn page_at(size: (u16, u16), compare: &Compare, at: (u16, u16)) -> Option<Page> {
    let area = area_of(size);
    let Some(Ok(found)) = compare.shown() else { return None };
    let mut pages = pages(area, found);
    pages.find_map(|(page, _, place)| place.contains(at.into()).then_some(page))
}

/// The pages, what they are called, and where that stands.
fn pages(area: Rect, found: &Found) -> impl Iterator<Item = (Page, String, Rect)> {
    let mut x = area.x + 1;
    let y = layout(area).pages;
    Page::ALL.into_iter().map(move |page| {
        let label = match page {
            Page::Changed(change) => format!("{} {}", found.comparison.count(change), page.name()),
            Page::Classes | Page::Config => page.name().into(),
        };
        let place = Rect { x, y, width: label.len() as u16, height: 1 };
        x = place.right() + 3;
        (page, label, place)
    })
}

/// Draws into `area`, the whole terminal but its last row.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, memories: &mut Memories) {
    let compare = &state.compare;
    header(buffer, area, state, theme);
    let layout = layout(area);
    let below = Rect { x: area.x + 1, y: layout.metrics, width: area.width - 2, ..area };
    let found = match compare.shown() {
        None => {
            let words = "comparing the two runs";
            text::put(buffer, (below.x, below.y), below.width, words, theme.style(Role::Quiet), theme);
            return;
        }
        Some(Err(sentence)) => {
            let height = area.bottom() - below.y;
            text::put_wrapped(buffer, Rect { height, ..below }, sentence, Role::Text, theme);
            return;
        }
        Some(Ok(found)) => found,
    };
    let comparison = &found.comparison;
    metrics(buffer, area, &layout, comparison, theme);
    let verdict = comparison.verdict(["A", "B"]);
    let role = if comparison.better().is_some() { Role::Good } else { Role::Text };
    text::put(buffer, (below.x, layout.verdict), below.width, &verdict, theme.style(role), theme);
    if area.width >= CLASSES_BESIDE && layout.head.is_some() {
        let beside =
            Rect { x: area.x + CLASSES_AT, y: layout.metrics - 1, width: area.width - CLASSES_AT, height: 7 };
        classes(buffer, beside, comparison, theme);
    }
    for (page, label, place) in pages(area, found) {
        let role = if page == compare.page { Role::Accent } else { Role::Quiet };
        text::put(buffer, (place.x, place.y), place.width, &label, theme.style(role), theme);
    }
    if compare.page == Page::Classes {
        let top = layout.head.unwrap_or(layout.list.y);
        let page = Rect { y: top, height: area.bottom() - top, ..below };
        classes(buffer, page, comparison, theme);
    } else if compare.page == Page::Config {
        let page = Rect { width: below.width, x: below.x, ..layout.list };
        config(buffer, (layout.head, page), found, compare, theme);
    } else if compare.large {
        large(buffer, &layout, area, state, theme, memories);
    } else {
        order(buffer, area, &layout, found, compare, theme);
        list(buffer, &layout, compare, theme);
        if let Some(key) =
            compare.chosen_row().and_then(|row| compare.picture(row)).filter(|_| layout.picture.width > 0)
        {
            picture::draw(buffer, layout.picture, &key, state, theme, memories);
        }
    }
}

/// What is compared, and the two runs.
fn header(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let compare = &state.compare;
    text::put(buffer, (area.x + 1, area.y), 4, "mien", theme.style(Role::Accent), theme);
    let mut words = vec![("compare".into(), Role::Strong)];
    if let Some(Ok(found)) = compare.shown() {
        words.push((found.split.clone(), Role::Text));
        let count = found.comparison.pictures;
        words.push((format!("{count} picture{} in both", if count == 1 { "" } else { "s" }), Role::Text));
        words.extend(left_out(&found.comparison.unpaired).into_iter().map(|word| (word, Role::Warning)));
    }
    let row = Rect { x: area.x + 7, width: area.width - 8, height: 1, ..area };
    text::put_words(buffer, row, &words, theme);
    for ((letter, run), y) in ["A", "B"].into_iter().zip(compare.runs.iter().flatten()).zip(area.y + 1..) {
        text::put(buffer, (area.x + 1, y), 1, letter, theme.style(Role::Strong), theme);
        let row = Rect { x: area.x + 4, y, width: area.width - 5, height: 1 };
        let words = match state.list.find(run) {
            Some(entry) => super::run::identity(entry, theme),
            None => vec![(printable(&run.id()).into_owned(), Role::Text), ("gone".into(), Role::Bad)],
        };
        text::put_words(buffer, row, &words, theme);
    }
}

/// Why some pictures are in no number.
fn left_out(unpaired: &Unpaired) -> Vec<String> {
    let Unpaired { only_a, only_b, unlabelled, relabelled } = *unpaired;
    [
        (only_a, "only in A"),
        (only_b, "only in B"),
        (unlabelled, "without a truth"),
        (relabelled, "with two truths"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, why)| format!("{} {why}", text::grouped(count as usize)))
    .collect()
}

/// At the right of the pages: how the list is ordered, and how much of it there is.
fn order(buffer: &mut Buffer, area: Rect, layout: &Layout, found: &Found, compare: &Compare, theme: &Theme) {
    let Page::Changed(change) = compare.page else { return };
    let mut words = format!("by {}", compare.sort.name());
    if compare.reversed {
        words += ", backwards";
    }
    let (kept, all) = (compare.count(), found.comparison.count(change));
    if (kept as u64) < all {
        words = format!("the first {kept}, {words}");
    }
    let end = pages(area, found).last().map_or(area.x, |(_, _, place)| place.right() + 2);
    let room = area.right().saturating_sub(end + 1);
    if words.width() <= room.into() {
        text::put_right(buffer, (end, layout.pages), room, &words, theme.style(Role::Quiet), theme);
    }
}

/// The widths of the list's columns: the path, and a name of an emotion.
fn columns(list: Rect) -> (u16, u16) {
    let name = if list.width >= 76 { 10 } else { 5 };
    // Bar, three names, two confidences of five.
    (list.width.saturating_sub(2 + 3 * name + 2 * 5 + 2), name)
}

fn list(buffer: &mut Buffer, layout: &Layout, compare: &Compare, theme: &Theme) {
    let list = layout.list;
    let (path, name) = columns(list);
    let [truth, a, b] = [0, 1, 2].map(|i: u16| list.x + 2 + path + 1 + i * name + i.saturating_sub(1) * 5);
    let quiet = theme.style(Role::Quiet);
    if let Some(y) = layout.head.filter(|_| compare.count() > 0) {
        let heads = if name >= 10 { ["truth", "A says", "B says"] } else { ["true", "A", "B"] };
        let heads = [truth, a, b].into_iter().zip(heads);
        for (x, head) in std::iter::once((list.x + 2, "picture")).chain(heads) {
            text::put(buffer, (x, y), list.right().saturating_sub(x), head, quiet, theme);
        }
    }
    if compare.count() == 0 {
        let words = format!(
            "no picture is {}",
            match compare.page {
                Page::Changed(Change::Fixed) => "right in B that was wrong in A",
                Page::Changed(Change::Broken) => "wrong in B that was right in A",
                _ => "wrong in both, and not in the same way",
            }
        );
        text::put(buffer, (list.x + 2, list.y), list.width - 2, &words, quiet, theme);
    }
    for ((i, row), y) in compare.rows().enumerate().skip(compare.top).zip(list.y..list.bottom()) {
        let PairedRow { path: picture, truth: is, predictions, confidences } = row;
        if i == compare.chosen {
            text::put(buffer, (list.x, y), 1, theme.symbols.chosen, theme.style(Role::Accent), theme);
        }
        let role = if i == compare.chosen { Role::Strong } else { Role::Text };
        put_path(buffer, (list.x + 2, y), path, &printable(picture), role, theme);
        let cut = |emotion: Emotion| if name >= 10 { emotion.name() } else { &emotion.name()[..4] };
        text::put(buffer, (truth, y), name, cut(*is), theme.style(Role::Text), theme);
        for ((x, said), confidence) in [a, b].into_iter().zip(predictions).zip(confidences) {
            let role = if said == is { Role::Good } else { Role::Bad };
            text::put(buffer, (x, y), name, cut(*said), theme.style(role), theme);
            let confidence = format!("{:3.0}%", confidence * 100.0);
            text::put(buffer, (x + name, y), 4, &confidence, quiet, theme);
        }
    }
}

fn put_path(buffer: &mut Buffer, at: (u16, u16), width: u16, path: &str, role: Role, theme: &Theme) {
    let shown = text::fit_path(path, width.into(), theme);
    text::put(buffer, at, width, &shown, theme.style(role), theme);
}

/// The chosen picture alone, what is said about it above.
fn large(
    buffer: &mut Buffer,
    layout: &Layout,
    area: Rect,
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) {
    let compare = &state.compare;
    let Some(row) = compare.chosen_row() else { return };
    let top = layout.pages + 1;
    let [a, b] = [0, 1].map(|run: usize| {
        let sure = text::percent(f64::from(row.confidences[run]));
        format!("{} says {} ({sure})", ["A", "B"][run], row.predictions[run])
    });
    let role = |run: usize| if row.predictions[run] == row.truth { Role::Good } else { Role::Bad };
    let words = [(format!("it is {}", row.truth), Role::Text), (a, role(0)), (b, role(1))];
    let line = Rect { x: area.x + 1, y: top, width: area.width - 2, height: 1 };
    put_path(buffer, (line.x, top), line.width, &printable(&row.path), Role::Strong, theme);
    text::put_words(buffer, Rect { y: top + 1, ..line }, &words, theme);
    let below = Rect { y: top + 2, height: area.bottom().saturating_sub(top + 2), ..line };
    if let Some(key) = compare.picture(row) {
        picture::draw(buffer, below, &key, state, theme, memories);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_a_list_from_the_smallest_terminal_to_a_large_one() {
        for size in [(60, 16), (77, 19), (80, 24), (120, 40), (220, 60), (300, 100)] {
            let area = area_of(size);
            let layout = layout(area);
            assert!(rows(size) >= 6, "{size:?}");
            assert_eq!(layout.list.bottom(), area.bottom(), "{size:?}");
            assert!(columns(layout.list).0 >= 12, "{size:?}: {:?}", columns(layout.list));
            assert_eq!(row_at(size, (layout.list.x, layout.list.y + 1)), Some(1));
            assert_eq!(row_at(size, (layout.list.x, layout.pages)), None);
        }
    }
}
