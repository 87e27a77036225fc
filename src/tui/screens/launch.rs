//! The form for a new run: the fields of a config, and what would happen.

mod outlook;

use crate::config::{FieldValue, fields};
use crate::run::printable;
use crate::tui::state::State;
use crate::tui::state::launch::{Chooser, Form, Row};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use outlook::Outlook;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Rows above the fields: the header, and one for what is wrong with the whole.
const ABOVE: u16 = 2;
/// From so many columns on, what would happen stands beside the fields, not below them.
const WIDE: u16 = 110;
/// Columns of a field's name and value; the rest says what is special about it.
const NAME: u16 = 27;
const VALUE: u16 = 18;

struct Layout {
    fields: Rect,
    outlook: Rect,
}

fn layout(size: (u16, u16)) -> Layout {
    let height = size.1.saturating_sub(ABOVE + 1);
    let body = Rect { x: 1, y: ABOVE, width: size.0.saturating_sub(2), height };
    if size.0 >= WIDE {
        let width = (body.width * 7 / 12).min(90);
        let x = body.x + width + 2;
        let outlook = Rect { x, width: (body.right() - x).min(100), ..body };
        return Layout { fields: Rect { width, ..body }, outlook };
    }
    let below = (height * 2 / 5).clamp(5, 12).min(height);
    let fields = Rect { height: height.saturating_sub(below + 1), ..body };
    Layout { fields, outlook: Rect { y: fields.bottom() + 1, height: below, ..body } }
}

/// Rows of fields in view on a terminal of `size`.
pub fn rows(size: (u16, u16)) -> usize {
    usize::from(layout(size).fields.height).max(1)
}

/// The row in view that stands at a column and a row of the terminal.
pub fn row_at(size: (u16, u16), at: (u16, u16)) -> Option<usize> {
    let fields = layout(size).fields;
    fields.contains(at.into()).then(|| usize::from(at.1 - fields.y))
}

/// Draws into `area`, the whole terminal but its last row, and gives the place of the cursor where there is one.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) -> Option<Position> {
    let launch = &state.launch;
    header(buffer, area, state, theme);
    let row = Rect { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: 1 };
    match (&launch.problem, launch.starting) {
        (_, true) => {
            text::put(buffer, (row.x, row.y), row.width, "starting", theme.style(Role::Accent), theme)
        }
        (Some(problem), _) => {
            text::put(buffer, (row.x, row.y), row.width, problem, theme.style(Role::Bad), theme)
        }
        (None, false) => {}
    }
    if let Some(chooser) = &launch.chooser {
        let body = Rect { y: area.y + ABOVE, height: area.height.saturating_sub(ABOVE), ..row };
        return Some(draw_chooser(buffer, body, chooser, &WORDS, theme));
    }
    let Some(form) = launch.form() else {
        if launch.is_opening() {
            text::put(
                buffer,
                (row.x, row.y + 1),
                row.width,
                "reading the config",
                theme.style(Role::Quiet),
                theme,
            );
        }
        return None;
    };
    let Layout { fields, outlook } = layout(state.size);
    Outlook { state, form }.draw(buffer, outlook.intersection(area), theme);
    draw_fields(buffer, fields.intersection(area), form, theme)
}

fn header(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    text::put(buffer, (area.x + 1, area.y), 4, "mien", theme.style(Role::Accent), theme);
    text::put(buffer, (area.x + 7, area.y), 8, "new run", theme.style(Role::Strong), theme);
    let Some(form) = state.launch.form().filter(|_| state.launch.chooser.is_none()) else { return };
    let count = |count, what: &str| match count {
        0 => String::new(),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let changes = count(form.draft().changed(), "change");
    let errors = count(form.errors().map_or(0, |(_, count)| count), "error");
    let filter = match form.filter() {
        "" => String::new(),
        filter => format!("fields with \"{}\"", text::fit(filter, 20, theme)),
    };
    let words: Vec<String> = [filter, changes, errors].into_iter().filter(|word| !word.is_empty()).collect();
    let right = words.join(", ");
    let role = if form.errors().is_some() { Role::Bad } else { Role::Quiet };
    text::put_right(buffer, (area.x, area.y), area.width - 1, &right, theme.style(role), theme);
    let left = area.width.saturating_sub(right.chars().count() as u16 + 20);
    let path = form.path().display().to_string();
    text::put(buffer, (area.x + 17, area.y), left, &printable(&path), theme.style(Role::Quiet), theme);
}

/// What stands beside the choice of a file.
pub(super) struct ChooserWords {
    pub label: &'static str,
    /// While some of the listed files have what was typed in their names.
    pub listed: &'static str,
    /// While none has.
    pub unknown: &'static str,
    /// Where there is none at all.
    pub none: &'static str,
}

const WORDS: ChooserWords = ChooserWords {
    label: "config",
    listed: "type a part of the name, or the path of another config",
    unknown: "no config listed here has this in its name: taken as a path",
    none: "no .toml in configs/ or here: type a path",
};

/// The line that is typed into, and the files below it; gives the place of the cursor.
pub(super) fn draw_chooser(
    buffer: &mut Buffer,
    area: Rect,
    chooser: &Chooser,
    words: &ChooserWords,
    theme: &Theme,
) -> Position {
    const LABEL: u16 = 9;
    let quiet = theme.style(Role::Quiet);
    let width = area.width.saturating_sub(LABEL);
    text::put(buffer, (area.x, area.y), LABEL, words.label, theme.style(Role::Accent), theme);
    let (shown, cursor) = chooser.query.view(width.saturating_sub(1).into());
    text::put(buffer, (area.x + LABEL, area.y), width, shown, theme.style(Role::Text), theme);
    let cursor = Position { x: area.x + LABEL + cursor, y: area.y };

    let mut hints = text::wrapped(chooser.error.as_deref().unwrap_or_default(), width.into());
    let role = if hints.is_empty() { Role::Quiet } else { Role::Bad };
    if hints.is_empty() {
        let typed = !chooser.query.text().trim().is_empty();
        let sentence = match (chooser.is_listed(), chooser.shown().is_empty(), typed) {
            (false, ..) => "",
            (true, false, _) => words.listed,
            (true, true, true) => words.unknown,
            (true, true, false) => words.none,
        };
        hints.push(sentence.into());
    }
    let rows = usize::from(area.height);
    hints.truncate(rows.saturating_sub(4).max(1));
    for (hint, y) in hints.iter().zip(area.y + 1..area.bottom()) {
        text::put(
            buffer,
            (area.x + LABEL, y),
            width,
            hint,
            if role == Role::Bad { theme.style(role) } else { quiet },
            theme,
        );
    }

    let shown = chooser.shown();
    let first = area.y + 2 + hints.len() as u16;
    let height = usize::from(area.bottom().saturating_sub(first));
    let top = chooser.position().saturating_sub(height / 2).min(shown.len().saturating_sub(height));
    for ((i, path), y) in shown.iter().enumerate().skip(top).zip(first..area.bottom()) {
        let chosen = i == chooser.position();
        if chosen {
            text::put(
                buffer,
                (area.x + LABEL - 2, y),
                1,
                theme.symbols.chosen,
                theme.style(Role::Accent),
                theme,
            );
        }
        let role = if chosen { Role::Strong } else { Role::Text };
        let path = path.display().to_string();
        text::put(buffer, (area.x + LABEL, y), width, &printable(&path), theme.style(role), theme);
    }
    cursor
}

fn draw_fields(buffer: &mut Buffer, area: Rect, form: &Form, theme: &Theme) -> Option<Position> {
    let mut cursor = None;
    if form.rows().is_empty() {
        let sentence = "no field has this in its name or its help; Esc shows all";
        text::put(buffer, (area.x, area.y), area.width, sentence, theme.style(Role::Quiet), theme);
    }
    for ((i, row), y) in form.rows().iter().enumerate().skip(form.top()).zip(area.y..area.bottom()) {
        let chosen = i == form.position();
        if chosen {
            text::put(buffer, (area.x, y), 1, theme.symbols.chosen, theme.style(Role::Accent), theme);
        }
        let place = Rect { x: area.x + 2, y, width: area.width.saturating_sub(2), height: 1 };
        match row {
            Row::File => {
                let path = form.path().display().to_string();
                let role = if chosen { Role::Strong } else { Role::Text };
                text::put(buffer, (place.x, y), NAME, "config file", theme.style(role), theme);
                let width = place.width.saturating_sub(NAME);
                text::put(buffer, (place.x + NAME, y), width, &printable(&path), theme.style(role), theme);
            }
            Row::Section(name) => {
                text::put(buffer, (place.x - 1, y), NAME, name, theme.style(Role::Accent), theme)
            }
            Row::Field(field) => {
                cursor = cursor.or(draw_field(buffer, place, form, *field, chosen, theme));
            }
        }
    }
    cursor
}

/// Draws one field and gives the cursor's place while the field is typed in.
fn draw_field(
    buffer: &mut Buffer,
    row: Rect,
    form: &Form,
    index: usize,
    chosen: bool,
    theme: &Theme,
) -> Option<Position> {
    let (about, value) = (fields().get(index)?, form.draft().values().get(index)?);
    let role = if chosen { Role::Strong } else { Role::Text };
    text::put(buffer, (row.x, row.y), NAME - 3, about.label(), theme.style(role), theme);
    // Colour is not all that marks a change.
    if value.changed {
        text::put(buffer, (row.x + NAME - 2, row.y), 1, "*", theme.style(Role::Accent), theme);
    }
    let at = row.x + NAME;
    let room = row.width.saturating_sub(NAME);
    let error = form.error(index);
    let line = form.editing().filter(|_| chosen);
    // A long text takes the room that nothing else needs.
    let shown = line.map_or_else(|| shown_value(value, theme), |line| line.text().to_string());
    let beside = error.clone().map_or_else(|| beside(value), |error| (error, Role::Bad));
    let wanted = unicode_width::UnicodeWidthStr::width(shown.as_str()) as u16 + 1;
    let least = if room < 2 * VALUE { VALUE / 2 } else { VALUE }.min(room);
    let width = match beside.0.is_empty() {
        true => room,
        false => wanted.clamp(least, (room / 2).max(least)),
    };
    let mut cursor = None;
    match line {
        Some(line) => {
            let (shown, column) = line.view(width.saturating_sub(1).into());
            text::put(buffer, (at, row.y), width, shown, theme.style(Role::Strong), theme);
            cursor = Some(Position { x: at + column, y: row.y });
        }
        None => {
            let role = match () {
                () if error.is_some() => Role::Bad,
                () if value.by_name || !value.applies => Role::Quiet,
                () => role,
            };
            text::put(buffer, (at, row.y), width.saturating_sub(1), &shown, theme.style(role), theme);
        }
    }
    let rest = room.saturating_sub(width);
    text::put(buffer, (at + width, row.y), rest, &beside.0, theme.style(beside.1), theme);
    cursor
}

fn shown_value(value: &FieldValue, theme: &Theme) -> String {
    match value.applies || !value.text.is_empty() {
        // What a file says may hold anything.
        true => text::fit(&printable(&value.text), 200, theme).into_owned(),
        false => "-".into(),
    }
}

/// What is special about a value: where it comes from, and what it would be otherwise.
fn beside(value: &FieldValue) -> (String, Role) {
    let or_nothing =
        |text: &str| if text.is_empty() { "nothing".into() } else { printable(text).into_owned() };
    match () {
        () if value.changed => (format!("file {}", or_nothing(&value.file)), Role::Accent),
        () if !value.applies => ("not of this network".into(), Role::Quiet),
        () if value.by_name => ("by name".into(), Role::Quiet),
        () if value.is_special() && !value.default.is_empty() => {
            (format!("default {}", or_nothing(&value.default)), Role::Quiet)
        }
        () => (String::new(), Role::Quiet),
    }
}

#[cfg(test)]
mod tests;
