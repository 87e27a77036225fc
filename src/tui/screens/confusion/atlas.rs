//! Mean faces with heat in the confusion's cells, and what they say about the chosen one.

use super::layout::Layout;
use crate::emotion::Emotion;
use crate::evaluate::Confusion;
use crate::explain::{self, Cell, Energy, FacePart};
use crate::tui::graphics::{self, Protocol, Way};
use crate::tui::screens::{Memories, evidence, picture};
use crate::tui::state::State;
use crate::tui::state::atlas::Kept;
use crate::tui::state::confusion::Found;
use crate::tui::state::pictures::Seen;
use crate::tui::theme::{Depth, Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;

/// A cell with fewer rows has room for its number only.
const LEAST_ROWS: u16 = 3;
/// Rows of the table of a face's parts, with its heading.
const TABLE_ROWS: u16 = 7;
/// The picture of the chosen cell is no larger: it is sent with each move from cell to cell.
const LARGEST: (u16, u16) = (28, 14);

/// Draws the mean face of a cell, if it has one, above its last row, which is its number's; `false` where cells have no
/// room for faces or pictures are not shown.
pub(super) fn face(
    buffer: &mut Buffer,
    area: Rect,
    (kept, truth, prediction): (&Kept, Emotion, Emotion),
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) -> bool {
    if area.height < LEAST_ROWS || state.pictures.abilities.protocol() == Protocol::Off {
        return false;
    }
    let Some(faces) = kept.faces(truth, prediction) else { return true };
    // Between the brackets of a chosen cell.
    let room = Rect { x: area.x + 1, width: area.width - 2, height: area.height - 1, ..area };
    let cell = kept.atlas.cell(truth, prediction);
    with_heat(buffer, room, (cell, &faces.small), state, theme, memories);
    true
}

/// Draws the picture of a cell. Where pictures are letters, which have no colours,
/// it is the map alone, dense where there is evidence.
fn with_heat(
    buffer: &mut Buffer,
    area: Rect,
    (cell, seen): (&Cell, &Arc<Seen>),
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) {
    let abilities = &state.pictures.abilities;
    let area = area.intersection(buffer.area);
    if abilities.protocol() == Protocol::Off || area.is_empty() {
        return;
    }
    let are_letters = theme.depth == Depth::Mono || !theme.symbols.braille;
    let is_text = matches!(state.pictures.way(seen, (area.width, area.height)), Some(Way::Blocks));
    if !(are_letters && is_text) {
        picture::draw_seen(buffer, area, seen, state, theme, memories);
    } else if let Some(evidence) = cell.evidence() {
        let area = graphics::middle(&evidence, area, abilities.cell());
        graphics::draw_blocks(buffer, area, &evidence, theme);
    }
}

/// What the maps of the chosen cell say: its picture and shares of the parts of a face beside the cells, words below.
pub(super) fn details(
    buffer: &mut Buffer,
    layout: &Layout,
    (kept, found): (&Kept, &Found),
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) {
    let (truth, prediction) = state.confusion.chosen();
    let cell = kept.atlas.cell(truth, prediction);
    let class = kept.atlas.class_of(truth, prediction);
    let has_table = beside(buffer, layout, kept, state, theme, memories);
    let below = layout.below;
    let top = below.y + u16::from(below.height >= 6);
    // What stands in the table needs no words.
    let parts = if has_table { Vec::new() } else { part_words(cell) };
    let (maps, of_class) = (maps_words(cell, class), class_words(cell, class));
    let rows = [(maps, Role::Text), (of_class, Role::Text), (parts, Role::Quiet)];
    for ((words, role), y) in rows.into_iter().zip(top..below.bottom()) {
        let words: Vec<(String, Role)> = words.into_iter().map(|word| (word, role)).collect();
        text::put_words(buffer, Rect { y, height: 1, ..below }, &words, theme);
    }
    let Some(y) = below.bottom().checked_sub(1).filter(|y| *y >= top + 3) else { return };
    let (words, role) = match warning(kept, found) {
        Some(warning) => (warning, Role::Warning),
        None if state.pictures.abilities.protocol() == Protocol::Off => return,
        None => (legend(theme), Role::Quiet),
    };
    text::put(buffer, (below.x, y), below.width, &words, theme.style(role), theme);
}

/// `true` where there is room for the table of a face's parts.
fn beside(
    buffer: &mut Buffer,
    layout: &Layout,
    kept: &Kept,
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) -> bool {
    let (truth, prediction) = state.confusion.chosen();
    let cell = kept.atlas.cell(truth, prediction);
    let (x, y) = (layout.classes + 1, layout.first.y);
    let area = Rect { x, y, width: layout.below.right().saturating_sub(x), height: layout.below.y - y };
    let shows_pictures = state.pictures.abilities.protocol() != Protocol::Off;
    let has_both = area.height >= LARGEST.1 + TABLE_ROWS;
    let table = if has_both || !shows_pictures { TABLE_ROWS.min(area.height) } else { 0 };
    let (width, height) = (area.width.min(LARGEST.0), (area.height - table).min(LARGEST.1));
    let upper = Rect { width, height, ..area };
    if let Some(faces) = kept.faces(truth, prediction) {
        with_heat(buffer, upper, (cell, &faces.large), state, theme, memories);
    }
    let top = if shows_pictures { upper.bottom() } else { area.y };
    let lower = Rect { y: top, height: table, ..area };
    if let Some(energy) = cell.energy.filter(|_| table > 0) {
        parts_table(buffer, lower, energy, kept.atlas.class_of(truth, prediction), theme);
    }
    table >= TABLE_ROWS
}

/// The share of the evidence in each part of a face, beside that of the picture, which the evidence has by chance. Parts where the class shows stand out.
fn parts_table(buffer: &mut Buffer, area: Rect, energy: Energy, class: Emotion, theme: &Theme) {
    const NAME: u16 = 7;
    let is_wide = area.width >= NAME + 16;
    let (first, second) = if is_wide { (8, 8) } else { (5, 6) };
    let percent = |share: f32| if is_wide { percent(share) } else { format!("{:.0} %", share * 100.0) };
    let chance = explain::chance(class);
    let role = |name: &str| {
        let shows = FacePart::of(class).iter().any(|part| part.name() == name);
        if shows { Role::Strong } else { Role::Text }
    };
    let heading = (Role::Quiet, ["".to_string(), "map".into(), "area".into()]);
    let rows = parts(&energy).into_iter().zip(parts(&chance));
    let rows =
        rows.map(|((name, share), (_, area))| (role(name), [name.into(), percent(share), percent(area)]));
    for ((role, [name, share, chance]), y) in [heading].into_iter().chain(rows).zip(area.top()..area.bottom())
    {
        let (style, quiet) = (theme.style(role), theme.style(Role::Quiet));
        text::put(buffer, (area.x, y), NAME, &name, style, theme);
        text::put_right(buffer, (area.x + NAME, y), first, &share, style, theme);
        text::put_right(buffer, (area.x + NAME + first, y), second, &chance, quiet, theme);
    }
}

/// The shares of the parts, of what is left of the face, and of what is outside of it; together they are 1.
fn parts(energy: &Energy) -> [(&'static str, f32); 6] {
    let [brows, eyes, nose, mouth] = energy.parts;
    let [a, b, c, d] = FacePart::ALL.map(FacePart::name);
    let outside = energy.outside;
    // The boxes of aligned faces do not overlap.
    let rest = (1.0 - brows - eyes - nose - mouth - outside).max(0.0);
    [(a, brows), (b, eyes), (c, nose), (d, mouth), ("rest", rest), ("outside", outside)]
}

/// How many maps there are.
fn maps_words(cell: &Cell, class: Emotion) -> Vec<String> {
    let grouped = |count: u64| text::grouped(count as usize);
    let (maps, zero) = (cell.pictures - cell.zero_maps, grouped(cell.zero_maps));
    let first = match cell.pictures {
        0 => return vec!["no picture is in this cell".into()],
        1 => "1 picture".into(),
        count => format!("{} pictures", grouped(count)),
    };
    let second = match (cell.zero_maps, maps) {
        (0, 1) => format!("its map for {class}"),
        (0, _) => format!("the mean of their maps for {class}"),
        (_, 0) => format!("no map has anything for {class}"),
        _ => format!("{zero} maps have nothing for {class} and are left out"),
    };
    vec![first, second]
}

/// How much of the evidence is where the class shows.
fn class_words(cell: &Cell, class: Emotion) -> Vec<String> {
    let Some(energy) = cell.energy else { return Vec::new() };
    let [share, chance] = [energy, explain::chance(class)].map(|energy| f64::from(energy.class));
    vec![evidence::in_parts(class, share, chance), format!("where {class} shows")]
}

/// The share of each part of a face, and by chance.
fn part_words(cell: &Cell) -> Vec<String> {
    let Some(energy) = cell.energy else { return Vec::new() };
    // Parts are where they are whatever the class is.
    let chance = explain::chance(Emotion::Happiness);
    let number = |share: f32| format!("{:.0}", share * 100.0);
    let words = parts(&energy).into_iter().zip(parts(&chance));
    let words =
        words.map(|((name, share), (_, area))| format!("{name} {} ({})", number(share), number(area)));
    ["% (by chance)".into()].into_iter().chain(words).collect()
}

fn percent(share: f32) -> String {
    format!("{:.1} %", share * 100.0)
}

fn warning(kept: &Kept, found: &Found) -> Option<String> {
    let elsewhere = elsewhere(&kept.atlas.confusion(), &found.evaluation.confusion);
    let counts = match elsewhere {
        0 => None,
        1 => Some("1 picture is in another cell than in the evaluation".into()),
        count => Some(format!("{count} pictures are in other cells than in the evaluation")),
    };
    kept.warning.clone().or(counts).or_else(|| found.warning.clone())
}

/// How many pictures of the one are not where the other has them.
fn elsewhere(a: &Confusion, b: &Confusion) -> u64 {
    let cells = a.0.iter().flatten().zip(b.0.iter().flatten());
    cells.fold(0, |sum, (a, b)| sum.saturating_add(a.saturating_sub(*b)))
}

fn legend(theme: &Theme) -> String {
    match theme.depth {
        Depth::Mono => "dense: where every picture has its strongest evidence".into(),
        _ => "heat: blue 0 to red 1, where every picture has its strongest evidence".into(),
    }
}
