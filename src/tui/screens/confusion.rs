//! Which emotion is taken for which.

mod atlas;
mod layout;
mod metrics;

pub use layout::cell_at;

use super::Memories;
use crate::emotion::{CLASSES, Emotion};
use crate::evaluate::{Confusion, ConfusionView};
use crate::tui::state::State;
use crate::tui::state::atlas::AtlasShown;
use crate::tui::state::confusion::{Found, Shown};
use crate::tui::theme::{Depth, Role, Theme};
use crate::tui::widgets::{progress, text};
use layout::{Layout, NAME, SHORT, layout};
use metrics::metrics;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Shares up to these are of one colour.
const LEVELS: [f64; 5] = [0.1, 0.25, 0.5, 0.75, 1.0];

/// Draws into `area`: the body below a run's header.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, memories: &mut Memories) {
    let Some(entry) = state.current() else { return };
    let line = Rect { x: area.x + 1, width: area.width - 2, height: 1, ..area };
    match state.confusion.shown(&entry.folder) {
        Shown::Nothing => {}
        Shown::Refused(sentence) => {
            text::put_wrapped(buffer, Rect { height: area.height, ..line }, sentence, Role::Text, theme);
        }
        Shown::Scoring(done, all) => {
            under_way(buffer, line, "scoring with the last weights", (done, all), theme)
        }
        Shown::Found(found) => draw_found(buffer, area, found, state, theme, memories),
    }
}

/// How many pictures are done, of how many, as words and as a bar below them; of 0 while they are being opened.
fn under_way(buffer: &mut Buffer, row: Rect, what: &str, (done, all): (usize, usize), theme: &Theme) {
    let words = match all {
        0 => format!("{what}: opening the pictures"),
        _ => format!("{what}: {} of {} pictures", text::grouped(done), text::grouped(all)),
    };
    text::put(buffer, (row.x, row.y), row.width, &words, theme.style(Role::Text), theme);
    let bar = Rect { y: row.y + 1, width: row.width.min(60), ..row };
    let share = if all == 0 { 0.0 } else { done as f64 / all as f64 };
    progress::bar(buffer, bar, share, Role::Accent, theme);
}

fn draw_found(
    buffer: &mut Buffer,
    area: Rect,
    found: &Found,
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) {
    let layout = layout(area);
    let maps = state.atlas_of(found);
    let confusion = state.shown_counts(found);
    title(buffer, area, &layout, (found, &confusion), state, theme);
    names(buffer, &layout, state, theme);
    for truth in Emotion::ALL {
        for prediction in Emotion::ALL {
            let area = layout.cell(truth.index(), prediction.index());
            let of = (state.confusion.view, truth, prediction);
            let is_face = match maps {
                AtlasShown::Made(kept) => {
                    atlas::face(buffer, area, (kept, truth, prediction), state, theme, memories)
                }
                _ => false,
            };
            let number = if is_face { Rect { y: area.bottom() - 1, height: 1, ..area } } else { area };
            cell(buffer, number, &confusion, of, theme);
            if state.confusion.cell == (truth.index(), prediction.index()) {
                mark(buffer, area, theme);
            }
        }
    }
    let last = Rect { y: area.bottom() - 1, height: 1, ..layout.below };
    if let AtlasShown::Made(kept) = maps {
        atlas::details(buffer, &layout, (kept, found), state, theme, memories);
        return;
    }
    classes(buffer, &layout, &confusion, theme);
    match maps {
        AtlasShown::Making(done, all) => {
            under_way(buffer, below_cells(&layout), "mean maps", (done, all), theme)
        }
        AtlasShown::Refused(sentence) => {
            // It may be long, and what to do stands at its end: the blank row and the legend make room.
            text::put_wrapped(buffer, layout.below, sentence, Role::Warning, theme);
            return;
        }
        _ => metrics(buffer, layout.below, &found.evaluation, theme),
    }
    match &found.warning {
        Some(warning) => {
            text::put(buffer, (last.x, last.y), last.width, warning, theme.style(Role::Warning), theme);
        }
        None => legend(buffer, last, state.confusion.view, theme),
    }
}

/// The first row below the cells that may be written to: with room there is a blank one above it.
fn below_cells(layout: &Layout) -> Rect {
    Rect { y: layout.below.y + u16::from(layout.below.height >= 4), height: 1, ..layout.below }
}

fn title(
    buffer: &mut Buffer,
    area: Rect,
    layout: &Layout,
    (found, confusion): (&Found, &Confusion),
    state: &State,
    theme: &Theme,
) {
    let view = state.confusion.view;
    let pictures = match confusion.total() {
        1 => "1 picture".into(),
        count => format!("{} pictures", text::grouped(count as usize)),
    };
    let (what, source) = match state.atlas_of(found) {
        AtlasShown::Made(kept) => {
            let words = format!("mean maps for {}", kept.atlas.target_words());
            (words, format!("{}, {}", kept.atlas.method_words(), view.name()))
        }
        _ => (view.name().into(), found.source.clone()),
    };
    let mut words = vec![
        (found.split.clone(), Role::Strong),
        (what, Role::Accent),
        (pictures, Role::Text),
        (source, Role::Quiet),
    ];
    let row = layout.below;
    let (truth, prediction) = state.confusion.chosen();
    let count = confusion.get(truth, prediction);
    match layout.chosen {
        Some(y) => {
            let sentence = told(confusion, view, truth, prediction);
            text::put(buffer, (row.x, y), row.width, &sentence, theme.style(Role::Text), theme);
        }
        None => {
            let short = format!("{} {} {}: {count}", short(truth), ARROW, short(prediction));
            words.truncate(2);
            text::put_right(buffer, (row.x, area.y), row.width, &short, theme.style(Role::Text), theme);
        }
    }
    text::put_words(buffer, Rect { y: area.y, height: 1, ..row }, &words, theme);
}

/// Between a truth and what it is taken for.
const ARROW: &str = "->";

/// What the chosen cell says, as a sentence.
fn told(confusion: &Confusion, view: ConfusionView, truth: Emotion, prediction: Emotion) -> String {
    let grouped = |count: u64| text::grouped(count as usize);
    let count = grouped(confusion.get(truth, prediction));
    let share = view
        .share(confusion, truth, prediction)
        .map_or(String::new(), |share| format!(" ({})", text::percent(share)));
    match view {
        ConfusionView::Columns => {
            let all = grouped(confusion.predicted(prediction));
            format!("{count} of {all} pictures taken for {prediction} show {truth}{share}")
        }
        _ if truth == prediction => {
            let all = grouped(confusion.support(truth));
            format!("{count} of {all} pictures of {truth} are recognised{share}")
        }
        _ => {
            let all = grouped(confusion.support(truth));
            format!("{count} of {all} pictures of {truth} are taken for {prediction}{share}")
        }
    }
}

fn short(emotion: Emotion) -> &'static str {
    &emotion.name()[..SHORT]
}

fn names(buffer: &mut Buffer, layout: &Layout, state: &State, theme: &Theme) {
    let y = layout.first.y - 1;
    let (row, column) = state.confusion.cell;
    let role = |chosen| if chosen { Role::Strong } else { Role::Quiet };
    for emotion in Emotion::ALL {
        let i = emotion.index();
        let cell = layout.cell(i, i);
        let name = if cell.width > NAME { emotion.name() } else { short(emotion) };
        let style = theme.style(role(i == column));
        centred(buffer, Rect { y, height: 1, ..cell }, name, style, theme);
        let name = if layout.label >= NAME { emotion.name() } else { short(emotion) };
        let at = (layout.first.x - layout.label, cell.y + number_row(cell));
        text::put(buffer, at, layout.label, name, theme.style(role(i == row)), theme);
    }
    if layout.label >= NAME {
        let at = (layout.first.x - layout.label, y);
        text::put(buffer, at, layout.label, "truth", theme.style(Role::Quiet), theme);
    }
}

/// The row of a cell's number.
fn number_row(cell: Rect) -> u16 {
    (cell.height - 1) / 2
}

fn cell(
    buffer: &mut Buffer,
    area: Rect,
    confusion: &Confusion,
    (view, truth, prediction): (ConfusionView, Emotion, Emotion),
    theme: &Theme,
) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let share = view.share(confusion, truth, prediction);
    let level = share.and_then(level);
    let style = level.map_or_else(|| theme.style(Role::Quiet), |level| heat(level, theme));
    buffer.set_style(area, style);
    let inner = Rect { x: area.x + 1, width: area.width - 2, height: 1, ..area };
    let number = area.y + number_row(area);
    let count = shortened(confusion.get(truth, prediction), inner.width);
    let percent = share.map_or("-".into(), |share| percent(share, inner.width));
    let (first, second) = if view == ConfusionView::Counts { (count, percent) } else { (percent, count) };
    centred(buffer, Rect { y: number, ..inner }, &first, style, theme);
    if area.height > 1 && level.is_some() {
        let beside = if view == ConfusionView::Counts && area.width < 8 { "" } else { &second };
        centred(buffer, Rect { y: number + 1, ..inner }, beside, style, theme);
    }
    if let (Depth::Mono | Depth::Sixteen, Some(level)) = (theme.depth, level) {
        let role = if truth == prediction { Role::Good } else { Role::Warning };
        let shade = theme.symbols.shades[level];
        // Beside the number, or where that fills the cell, at its edge.
        let x = if first.len() < inner.width.into() { inner.x } else { area.x };
        text::put(buffer, (x, number), 1, shade, theme.style(role), theme);
    }
}

/// Brackets around the chosen cell, whatever its colour.
fn mark(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    let area = area.intersection(buffer.area);
    for y in area.y..area.bottom() {
        for (x, bracket) in [(area.x, "["), (area.right() - 1, "]")] {
            let style = buffer[(x, y)].style().patch(theme.style(Role::Strong));
            text::put(buffer, (x, y), 1, bracket, style, theme);
        }
    }
}

/// Which of [`LEVELS`] a share is of; none where there is nothing.
fn level(share: f64) -> Option<usize> {
    (share > 0.0).then(|| LEVELS.iter().position(|most| share <= *most).unwrap_or(LEVELS.len() - 1))
}

/// From little to all, dark to light, in the palette's nearest to viridis (Smith and van der Walt, 2015), which
/// colour-blind people can tell apart. Letters have a colour of their own, so that the terminal's background does not matter.
fn heat(level: usize, theme: &Theme) -> Style {
    use ratatui::style::Color::Indexed;
    const HEAT: [(u8, u8); 5] = [(54, 231), (25, 231), (30, 231), (71, 16), (227, 16)];
    match theme.depth {
        Depth::Mono | Depth::Sixteen => theme.style(Role::Text),
        Depth::Palette | Depth::True => {
            let (background, letters) = HEAT[level.min(HEAT.len() - 1)];
            Style::new().bg(Indexed(background)).fg(Indexed(letters))
        }
    }
}

/// The metrics of each class, and the heading of their columns.
fn classes(buffer: &mut Buffer, layout: &Layout, confusion: &Confusion, theme: &Theme) {
    let mut x = layout.classes;
    for (name, width) in layout.columns {
        text::put_right(buffer, (x, layout.first.y - 1), width, name, theme.style(Role::Quiet), theme);
        x += width;
    }
    for emotion in Emotion::ALL {
        class(buffer, layout, confusion, emotion, theme);
    }
}

fn class(buffer: &mut Buffer, layout: &Layout, confusion: &Confusion, emotion: Emotion, theme: &Theme) {
    let cell = layout.cell(emotion.index(), CLASSES - 1);
    let y = cell.y + number_row(cell);
    let share = |value: Option<f64>, width: u16| value.map_or("-".into(), |value| percent(value, width - 1));
    let mut x = layout.classes;
    for (i, (_, width)) in layout.columns.into_iter().enumerate() {
        let shown = match i {
            0 => share(confusion.precision(emotion), width),
            1 => share(confusion.recall(emotion), width),
            2 => share(confusion.f1(emotion), width),
            _ => shortened(confusion.support(emotion), width - 1),
        };
        text::put_right(buffer, (x, y), width, &shown, theme.style(Role::Text), theme);
        x += width;
    }
}

fn legend(buffer: &mut Buffer, row: Rect, view: ConfusionView, theme: &Theme) {
    let words =
        if row.width >= 66 { format!("share of {} up to", view.whole()) } else { "share up to".into() };
    text::put(buffer, (row.x, row.y), row.width, &words, theme.style(Role::Quiet), theme);
    let mut x = row.x + words.len() as u16;
    for (level, most) in LEVELS.into_iter().enumerate() {
        let style = heat(level, theme);
        let swatch = match theme.depth {
            Depth::Mono | Depth::Sixteen => theme.symbols.shades[level].repeat(2),
            Depth::Palette | Depth::True => "  ".into(),
        };
        let unit = if level + 1 == LEVELS.len() { " %" } else { "" };
        let words = format!("{:.0}{unit}", most * 100.0);
        text::put(buffer, (x + 2, row.y), 2, &swatch, style, theme);
        text::put(buffer, (x + 5, row.y), 5, &words, theme.style(Role::Quiet), theme);
        x += 5 + words.len() as u16;
    }
}

fn centred(buffer: &mut Buffer, row: Rect, words: &str, style: Style, theme: &Theme) {
    let width = (words.len() as u16).min(row.width);
    // What does not divide evenly goes to the left, so that numbers stand under each other.
    let x = row.x + (row.width - width).div_ceil(2);
    text::put(buffer, (x, row.y), width, words, style, theme);
}

/// A share in few cells: `63.3`, with room `63.3 %`; `100` instead of `100.0`.
fn percent(share: f64, width: u16) -> String {
    let percent = share * 100.0;
    let number = if percent >= 99.95 { "100".into() } else { format!("{percent:.1}") };
    if width > 5 { number + " %" } else { number }
}

/// A count, in thousands or millions where it is too long.
fn shortened(count: u64, width: u16) -> String {
    let whole = count.to_string();
    if whole.len() <= width.into() {
        return whole;
    }
    match count {
        0..1_000_000 => format!("{}k", count / 1000),
        1_000_000..1_000_000_000 => format!("{}M", count / 1_000_000),
        _ => "lots".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_in_few_cells() {
        assert_eq!([0.0, 0.0333, 0.9994, 1.0].map(|share| percent(share, 4)), ["0.0", "3.3", "99.9", "100"]);
        assert_eq!(percent(0.6333, 6), "63.3 %");
        assert_eq!([7, 1234, 12_345, 7_654_321].map(|count| shortened(count, 4)), ["7", "1234", "12k", "7M"]);
        assert_eq!(
            [0.0, 0.05, 0.1, 0.2, 0.74, 1.0].map(level),
            [None, Some(0), Some(0), Some(1), Some(3), Some(4)]
        );
    }
}
