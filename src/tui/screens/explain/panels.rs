//! What stands beside the words: maps as pictures or as numbers, curves.

use super::{GAP, words};
use crate::data::printable;
use crate::explain::HeatMap;
use crate::tui::graphics::Protocol;
use crate::tui::screens::{Memories, picture};
use crate::tui::state::State;
use crate::tui::state::explain::{Alike, Answer, Channels, Faith, Request, Shown};
use crate::tui::state::pictures::Seen;
use crate::tui::theme::{Depth, Role, Theme};
use crate::tui::widgets::chart::{Abscissa, Chart, Curve, Manner, Unit, Window};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

/// In fewer columns a face is a stain.
const LEAST: u16 = 14;
/// Rows and columns of a map of numbers.
const NUMBERS: usize = 16;
/// Cells of a number.
const NUMBER: u16 = 3;
/// In fewer columns two charts stand one below the other, where there are so many rows.
const TWO_CHARTS: (u16, u16) = (50, 14);

/// The columns of so many pictures beside each other, each twice as many as its rows.
fn side(area: Rect, count: u16) -> u16 {
    (area.width.saturating_sub(GAP * (count - 1)) / count).min(2 * area.height)
}

/// Which of picture, heat and overlay there is room for, and the columns of each.
pub(super) fn maps_in(area: Rect) -> (&'static [usize], u16) {
    let shown: &[usize] = match (side(area, 3), side(area, 2)) {
        (LEAST.., _) => &[0, 1, 2],
        (_, LEAST..) => &[0, 2],
        _ => &[2],
    };
    (shown, side(area, shown.len() as u16))
}

/// The map as numbers beside its picture, where there is room for it as it is.
pub(super) fn numbers_too(
    buffer: &mut Buffer,
    area: Rect,
    (request, answer): (&Request, &Answer),
    state: &State,
    theme: &Theme,
) {
    let Shown::Maps(seen) = &answer.shown else { return };
    let map = &answer.explanation.map;
    let fits = map.height() <= usize::from(area.height) && map.width() <= usize::from(area.width / NUMBER);
    if fits && shows_colours(&seen[2], area, state, theme) {
        numbers(buffer, area, map, request.shades.signed, theme);
    }
}

pub(super) fn draw(
    buffer: &mut Buffer,
    area: Rect,
    (request, answer): (&Request, &Answer),
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) {
    match &answer.shown {
        Shown::Maps(seen) if shows_colours(&seen[2], area, state, theme) => {
            maps(buffer, area, request, seen, state, theme, memories);
        }
        Shown::Maps(_) => numbers(buffer, area, &answer.explanation.map, request.shades.signed, theme),
        Shown::Activations(_, seen) if shows_colours(seen, area, state, theme) => {
            picture::draw_seen(buffer, area, seen, state, theme, memories);
        }
        Shown::Activations(channels, _) => means(buffer, area, channels, theme),
        Shown::Nearest(alike) => nearest(buffer, area, alike, state, theme, memories),
        Shown::Curves(faith, revision) => curves(buffer, area, faith, *revision, theme, memories),
    }
}

/// Without colours an overlay cannot be told from the face below it.
fn shows_colours(seen: &Seen, area: Rect, state: &State, theme: &Theme) -> bool {
    use crate::tui::graphics::Way;
    let side = side(area, 1);
    match state.pictures.way(seen, (side, side / 2)) {
        None => false,
        Some(Way::Blocks) => theme.depth != Depth::Mono,
        Some(_) => state.pictures.abilities.protocol() != Protocol::Off,
    }
}

/// As many of picture, heat and overlay as there is room for.
fn maps(
    buffer: &mut Buffer,
    area: Rect,
    request: &Request,
    seen: &[Arc<Seen>; 3],
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) {
    let (shown, side) = maps_in(area);
    let height = side.div_ceil(2).min(area.height);
    for (i, &place) in shown.iter().enumerate() {
        let cell = Rect { x: area.x + i as u16 * (side + GAP), y: area.y, width: side, height };
        picture::draw_seen(buffer, cell, &seen[place], state, theme, memories);
        if height < area.height {
            let caption = words::caption(request.wish.method.0, place);
            let x = cell.x + side.saturating_sub(caption.width() as u16) / 2;
            text::put(buffer, (x, cell.bottom()), side, caption, theme.style(Role::Quiet), theme);
        }
    }
}

/// The map as numbers: 0 (a point) to 9, in tenths of the largest; with a sign where that is asked for.
fn numbers(buffer: &mut Buffer, area: Rect, map: &HeatMap, signed: bool, theme: &Theme) {
    let room = usize::from(area.height.min(area.width / NUMBER)).min(NUMBERS);
    let scaled = if signed { map.signed() } else { map.normalised() };
    let scaled = scaled.resized(map.width().min(room), map.height().min(room));
    let rows = scaled.values().chunks(scaled.width().max(1));
    for (row, y) in rows.zip(area.y..area.bottom()) {
        for (value, x) in row.iter().zip((area.x..area.right()).step_by(NUMBER.into())) {
            let tenths = (value * 9.0).round() as i32;
            let (number, role) = match tenths {
                0 => (".".into(), Role::Quiet),
                1..=5 => (tenths.to_string(), Role::Text),
                6.. => (tenths.to_string(), Role::Strong),
                _ => (tenths.to_string(), Role::Quiet),
            };
            text::put_right(buffer, (x, y), NUMBER - 1, &number, theme.style(role), theme);
        }
    }
}

/// The channels as numbers: which, and their means.
fn means(buffer: &mut Buffer, area: Rect, channels: &Channels, theme: &Theme) {
    const WIDTH: u16 = 14;
    let columns = (area.width / WIDTH).max(1);
    for ((channel, mean), i) in channels.shown.iter().zip(0u16..) {
        let (x, y) = (area.x + i % columns * WIDTH, area.y + i / columns);
        if y < area.bottom() {
            text::put(buffer, (x, y), 5, &format!("{channel:>4}"), theme.style(Role::Quiet), theme);
            text::put(buffer, (x + 5, y), WIDTH - 6, &format!("{mean:.3}"), theme.style(Role::Text), theme);
        }
    }
}

/// Training pictures with what they show and how alike they are; as a list where there are no pictures.
fn nearest(
    buffer: &mut Buffer,
    area: Rect,
    alike: &[Alike],
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) {
    let room = alike_in(area, alike.len());
    let Some((count, columns, side)) = room.filter(|_| state.pictures.abilities.protocol() != Protocol::Off)
    else {
        for (alike, y) in alike.iter().zip(area.y..area.bottom()) {
            let Alike { label, similarity, key } = alike;
            let label = label.name();
            let line = format!("{similarity:.3} {label:<9} {}", printable(&key.path));
            text::put(buffer, (area.x, y), area.width, &line, theme.style(Role::Text), theme);
        }
        return;
    };
    let height = side.div_ceil(2);
    for (alike, i) in alike.iter().take(count).zip(0u16..) {
        let (x, y) = (area.x + i % columns * (side + GAP), area.y + i / columns * (height + 1));
        picture::draw(buffer, Rect { x, y, width: side, height }, &alike.key, state, theme, memories);
        let words = format!("{} {:.2}", alike.label, alike.similarity);
        text::put(buffer, (x, y + height), side, &words, theme.style(Role::Text), theme);
    }
}

/// As many pictures as can be recognised, in one row or two: how many, how many beside each other, and the columns of
/// each.
fn alike_in(area: Rect, most: usize) -> Option<(usize, u16, u16)> {
    let fit = |count: usize, rows: u16| {
        let columns = (count as u16).div_ceil(rows);
        let height = (area.height / rows).saturating_sub(1);
        (count, columns, side(Rect { height, ..area }, columns))
    };
    let larger = |count: usize| [fit(count, 1), fit(count, 2)].into_iter().max_by_key(|(.., side)| *side);
    (1..=most).rev().filter_map(larger).find(|(.., side)| *side >= LEAST)
}

/// Deletion and insertion, each with that of a map that knows nothing.
fn curves(
    buffer: &mut Buffer,
    area: Rect,
    faith: &Faith,
    revision: u64,
    theme: &Theme,
    memories: &mut Memories,
) {
    let beside = area.width >= TWO_CHARTS.0 || area.height < TWO_CHARTS.1;
    let half = |second: u16| match beside {
        true => {
            let width = (area.width - GAP) / 2;
            Rect { x: area.x + second * (width + GAP), width, ..area }
        }
        false => Rect { y: area.y + second * (area.height / 2), height: area.height / 2, ..area },
    };
    let kinds = [
        ("deletion: to fall", [&faith.map.deletion, &faith.random.deletion]),
        ("insertion: to rise", [&faith.map.insertion, &faith.random.insertion]),
    ];
    for ((title, values), second) in kinds.into_iter().zip(0..) {
        let steps = values[0].len().saturating_sub(1).max(1) as f64;
        let shares: Vec<f64> = (0..values[0].len()).map(|step| step as f64 / steps * 100.0).collect();
        let curve = |(name, slot): (&'static str, usize), values| Curve {
            name,
            slot,
            abscissa: Abscissa::Times(&shares, 0.0),
            values,
            revision: 4 * revision + 2 * u64::from(second) + slot as u64,
        };
        let chart = Chart {
            title,
            curves: &[curve(("map", 0), values[0]), curve(("random", 1), values[1])],
            manner: Manner { window: Window { start: 0.0, end: 100.0 }, smoothing: 0.0, log_y: false },
            ends: ["0", "100 % of the pixels"],
            unit: Unit::Share,
            cursor: None,
            focused: false,
            theme,
        };
        let memory = memories.charts.entry(format!("explain/{title}")).or_default();
        chart.draw(half(second), buffer, memory);
    }
}
