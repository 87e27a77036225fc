//! The runs: the list, and the curves and state of the chosen one.

use super::charts::{self, Grid, Shown};
use super::{Memories, run};
use crate::tui::message::RunEntry;
use crate::tui::state::State;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// From so many columns on, list and details stand side by side.
const WIDE: u16 = 150;
/// Charts in the details.
const CHARTS: usize = 4;

struct Layout {
    list: Rect,
    /// The run's state in words and its curves.
    details: Rect,
}

/// Room for `count` runs, but not more than leaves room for the curves.
fn layout(area: Rect, count: usize) -> Layout {
    // The first row is the header, the last one the footer.
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    if area.width >= WIDE {
        let width = (area.width * 9 / 20).clamp(76, 110);
        let list = Rect { width, height: body.height.saturating_sub(1), ..body };
        let details = Rect { x: body.x + width + 2, width: body.width - width - 2, ..body };
        return Layout { list, details };
    }
    let needed = u16::try_from(count + 1).unwrap_or(u16::MAX).max(4);
    let height = (body.height * 2 / 5).max(7).min(needed).min(body.height);
    let list = Rect { height, ..body };
    let details = Rect { y: body.y + height + 1, height: (body.height - height).saturating_sub(1), ..body };
    Layout { list, details }
}

/// Rows in view of `count` runs on a terminal of `size`.
pub fn rows(size: (u16, u16), count: usize) -> usize {
    let area = Rect::new(0, 0, size.0, size.1);
    // One row is the table's head.
    usize::from(layout(area, count).list.height.saturating_sub(1)).max(1)
}

pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, memories: &mut Memories) {
    header(buffer, Rect { height: 1, ..area }, state, theme);
    if state.list.entries().is_empty() {
        if state.listed {
            welcome(buffer, area, theme);
        }
        return;
    }
    let layout = layout(area, state.list.entries().len());
    table(buffer, layout.list, state, theme);
    details(buffer, layout.details, state, theme, memories);
}

fn header(buffer: &mut Buffer, row: Rect, state: &State, theme: &Theme) {
    let list = &state.list;
    let count = list.entries().len();
    let active = list.entries().iter().filter(|run| run.state.is_active()).count();
    let runs = match count {
        1 => "1 run".into(),
        _ => format!("{count} runs"),
    };
    let right = if list.filter().is_empty() {
        format!("{runs}, {active} running")
    } else {
        format!("{} of {runs} with \"{}\"", list.shown().len(), text::fit(list.filter(), 30, theme))
    };
    text::put(buffer, (row.x + 1, row.y), 4, "mien", theme.style(Role::Accent), theme);
    let width = unicode_width::UnicodeWidthStr::width(right.as_str()) as u16;
    let left = row.width.saturating_sub(width + 10);
    text::put(buffer, (row.x + 7, row.y), left, &state.place, theme.style(Role::Quiet), theme);
    if count > 0 {
        text::put_right(buffer, (row.x, row.y), row.width - 1, &right, theme.style(Role::Quiet), theme);
    }
}

/// A column of the table: its head, its width, and how a run stands in it.
struct Column {
    head: &'static str,
    width: u16,
    right: bool,
    text: fn(&RunEntry, &State) -> String,
}

/// Less important columns give way on narrow lists; the name takes what is left.
fn columns(width: u16) -> Vec<Column> {
    let column = |head, width, right, text| Column { head, width, right, text };
    let mut columns = vec![column("name", 0, false, |run, _| run.name.clone())];
    if width >= 64 {
        columns.push(column("network", 14, false, |run, _| run.arch.clone()));
    }
    if width >= 76 {
        columns.push(column("device", 7, false, |run, _| run.device.clone()));
    }
    columns.push(column("epoch", 8, true, |run, _| match run.epochs {
        0 => run.epoch.to_string(),
        epochs => format!("{}/{epochs}", run.epoch),
    }));
    columns.push(column("valid", 7, true, |run, _| run.valid_accuracy.map_or("-".into(), text::percent)));
    if width >= 96 {
        columns.push(column("test", 7, true, |run, _| run.test_accuracy.map_or("-".into(), text::percent)));
    }
    columns.push(column("age", 7, true, |run, state| {
        run.created.filter(|_| state.now > 0.0).map_or("-".into(), |created| text::span(state.now - created))
    }));
    let fixed: u16 = columns.iter().map(|column| column.width + 1).sum();
    columns[0].width = width.saturating_sub(fixed + STATE);
    columns
}

/// The bar of the chosen run, the state's symbol and word.
const STATE: u16 = 16;

fn table(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let columns = columns(area.width);
    let quiet = theme.style(Role::Quiet);
    let mut x = area.x + STATE;
    text::put(buffer, (area.x + 4, area.y), STATE, "state", quiet, theme);
    for column in &columns {
        if column.right {
            text::put_right(buffer, (x, area.y), column.width, column.head, quiet, theme);
        } else {
            text::put(buffer, (x, area.y), column.width, column.head, quiet, theme);
        }
        x += column.width + 1;
    }
    if state.list.shown().len() == 0 {
        let sentence = "no run has this in its name, network, device or state; Esc shows all";
        text::put(buffer, (area.x + 4, area.y + 2), area.width - 4, sentence, quiet, theme);
    }
    let view = state.list.shown().enumerate().skip(state.list.top());
    for ((i, run), y) in view.zip(area.y + 1..area.bottom()) {
        let chosen = i == state.list.position();
        if chosen {
            text::put(buffer, (area.x, y), 1, theme.symbols.chosen, theme.style(Role::Accent), theme);
        }
        let (symbol, role) = theme.state(run.state);
        text::put(buffer, (area.x + 2, y), 1, symbol, theme.style(role), theme);
        text::put(buffer, (area.x + 4, y), 11, run.state.name(), theme.style(role), theme);
        let mut x = area.x + STATE;
        for (place, column) in columns.iter().enumerate() {
            let style = match place {
                0 if chosen => theme.style(Role::Strong),
                0 => theme.style(Role::Text),
                _ if column.head == "valid" || column.head == "test" => theme.style(Role::Text),
                _ => quiet,
            };
            let shown = (column.text)(run, state);
            if column.right {
                text::put_right(buffer, (x, y), column.width, &shown, style, theme);
            } else {
                text::put(buffer, (x, y), column.width, &shown, style, theme);
            }
            x += column.width + 1;
        }
    }
}

fn details(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, memories: &mut Memories) {
    let Some(entry) = state.list.chosen().filter(|_| area.height >= 3) else { return };
    let row = |y: u16| Rect { x: area.x + 1, y: area.y + y, width: area.width.saturating_sub(2), height: 1 };
    text::put_words(buffer, row(0), &run::identity(entry, theme), theme);
    text::put_words(buffer, row(1), &run::progress_words(entry, state), theme);
    let Some(data) = state.current_data() else { return };
    let body = Rect { y: area.y + 3, height: area.height.saturating_sub(3), ..area };
    if data.charts.is_empty() {
        charts::say_none(buffer, body, entry, data, theme);
        return;
    }
    let grid = Grid::new((body.width, body.height), data.charts.len().min(CHARTS));
    let shown = Shown { entry, data, view: &state.view, first: 0, count: CHARTS, focus: None, cursor: None };
    charts::draw(buffer, body, grid, shown, theme, memories);
}

/// What to do first.
fn welcome(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    let lines: [(&str, &str); 5] = [
        ("", "There are no runs here yet."),
        ("", ""),
        ("mien demo", "draws faces, trains a small network on them and shows it;"),
        ("", "needs no data and no GPU, and is done in two minutes"),
        ("n", "starts a run from a config file"),
    ];
    let x = area.x + area.width.saturating_sub(70) / 2;
    let y = area.y + area.height / 3;
    for ((key, about), y) in lines.into_iter().zip(y..area.bottom()) {
        text::put(buffer, (x, y), 10, key, theme.style(Role::Accent), theme);
        let about_x = if y == area.y + area.height / 3 { x } else { x + 12 };
        let width = area.right().saturating_sub(about_x + 1);
        text::put(buffer, (about_x, y), width, about, theme.style(Role::Text), theme);
    }
}
