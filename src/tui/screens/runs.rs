//! The runs: the list, and the curves and state of the chosen one and the marked ones.

use super::charts::{self, Grid, Shown};
use super::{Memories, overlay, run};
use crate::tui::message::RunEntry;
use crate::tui::state::{Column, RunsList, State};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Widget, Wrap};
use unicode_width::UnicodeWidthStr;

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
        let width = (area.width * 9 / 20).clamp(76, 140);
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

fn whole(size: (u16, u16)) -> Rect {
    Rect::new(0, 0, size.0, size.1)
}

/// Rows in view of `count` runs on a terminal of `size`.
pub fn rows(size: (u16, u16), count: usize) -> usize {
    // One row is the table's head.
    usize::from(layout(whole(size), count).list.height.saturating_sub(1)).max(1)
}

/// The columns of the list on a terminal of `size`, from the left.
pub fn columns(size: (u16, u16), list: &RunsList) -> Vec<Column> {
    let width = layout(whole(size), list.entries().len()).list.width;
    places(width, list).into_iter().map(|(column, _)| column).collect()
}

/// What stands in the list where it is clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    Head(Column),
    /// A run, by its position among the shown ones.
    Row(usize),
}

/// What stands at a column and a row of a terminal of `size`.
pub fn at(size: (u16, u16), list: &RunsList, at: (u16, u16)) -> Option<Hit> {
    let area = layout(whole(size), list.entries().len()).list;
    if list.entries().is_empty() || !area.contains(at.into()) {
        return None;
    }
    if at.1 > area.y {
        let row = list.top() + usize::from(at.1 - area.y - 1);
        return (row < list.shown().len()).then_some(Hit::Row(row));
    }
    let mut right = area.x;
    places(area.width, list).into_iter().find_map(|(column, width)| {
        right += width + 1;
        (at.0 < right).then_some(Hit::Head(column))
    })
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
    let mut right = if list.filter().is_empty() {
        format!("{runs}, {active} running")
    } else {
        format!("{} of {runs} with \"{}\"", list.shown().len(), text::fit(list.filter(), 30, theme))
    };
    if list.is_reading() {
        right = format!("reading configs and results{} {right}", theme.symbols.ellipsis);
    }
    if !state.marks.is_empty() {
        right = format!("{right}, {} marked", state.marks.len());
    }
    text::put(buffer, (row.x + 1, row.y), 4, "mien", theme.style(Role::Accent), theme);
    let width = right.width() as u16;
    let left = row.width.saturating_sub(width + 10);
    text::put(buffer, (row.x + 7, row.y), left, &state.place, theme.style(Role::Quiet), theme);
    if count > 0 {
        text::put_right(buffer, (row.x, row.y), row.width - 1, &right, theme.style(Role::Quiet), theme);
    }
}

/// The chosen one's bar, a mark, the state's symbol and word.
const STATE: u16 = 15;
/// A name keeps so many cells before columns come in that say who trains where, and before all others.
const LEAST_NAME: [u16; 2] = [15, 22];

const fn width(column: Column) -> u16 {
    match column {
        Column::State => STATE,
        // It takes what the others leave.
        Column::Name => 0,
        Column::Network | Column::Search | Column::Tags => 14,
        Column::Device | Column::Valid | Column::Test | Column::Age => 7,
        Column::Epoch => 8,
        Column::Speed => 9,
        Column::Left => 10,
    }
}

const fn is_number(column: Column) -> bool {
    use Column::{Age, Epoch, Left, Speed, Test, Valid};
    matches!(column, Epoch | Valid | Test | Speed | Left | Age)
}

/// The columns that a list of `width` cells has room for, from the left, with their widths. Less important ones give way,
/// and those that no run has anything in.
fn places(list_width: u16, list: &RunsList) -> Vec<(Column, u16)> {
    const ORDER: [Column; 12] = [
        Column::State,
        Column::Name,
        Column::Tags,
        Column::Network,
        Column::Device,
        Column::Search,
        Column::Epoch,
        Column::Valid,
        Column::Test,
        Column::Speed,
        Column::Left,
        Column::Age,
    ];
    // In the order of their importance.
    const OPTIONAL: [(Column, u16); 7] = [
        (Column::Network, LEAST_NAME[0]),
        (Column::Device, LEAST_NAME[0]),
        (Column::Test, LEAST_NAME[0]),
        (Column::Tags, LEAST_NAME[1]),
        (Column::Left, LEAST_NAME[1]),
        (Column::Search, LEAST_NAME[1]),
        (Column::Speed, LEAST_NAME[1]),
    ];
    let mut shown = vec![Column::State, Column::Name, Column::Epoch, Column::Valid, Column::Age];
    let taken = shown.iter().map(|column| width(*column) + 1).sum::<u16>();
    let mut name = list_width.saturating_sub(taken);
    for (column, least) in OPTIONAL {
        let is_filled = matches!(column, Column::Network | Column::Device) || list.has(column);
        if is_filled && name >= width(column) + 1 + least {
            name -= width(column) + 1;
            shown.push(column);
        }
    }
    let widths = ORDER.into_iter().filter(|column| shown.contains(column));
    widths.map(|column| (column, if column == Column::Name { name } else { width(column) })).collect()
}

/// How a run stands in a column.
fn cell(column: Column, run: &RunEntry, state: &State) -> String {
    let share = |share: Option<f64>| share.map_or("-".into(), text::percent);
    match column {
        Column::State => run.state.name().into(),
        Column::Name => run.name.clone(),
        Column::Network => run.arch.clone(),
        Column::Device => run.device.clone(),
        Column::Search => run.search.clone().unwrap_or_default(),
        Column::Tags => run.tags.join(" "),
        Column::Epoch => match run.epochs {
            0 => run.epoch.to_string(),
            epochs => format!("{}/{epochs}", run.epoch),
        },
        Column::Valid => share(run.valid_accuracy),
        Column::Test => share(run.test_accuracy),
        Column::Speed => {
            let speed = run.images_per_second.filter(|speed| speed.is_finite());
            speed.map_or("-".into(), |speed| format!("{speed:.0}"))
        }
        Column::Left => {
            let left = run.eta_seconds.filter(|left| left.is_finite() && run.state.is_active());
            left.map_or_else(String::new, text::remaining)
        }
        Column::Age => {
            let created = run.created.filter(|_| state.now > 0.0);
            created.map_or("-".into(), |created| text::span(state.now - created))
        }
    }
}

fn table(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let places = places(area.width, &state.list);
    head(buffer, area, &places, state, theme);
    if state.list.shown().len() == 0 {
        let sentence = if state.list.is_reading() {
            "no run that is known already"
        } else {
            "no run is like this; Esc shows all"
        };
        text::put(
            buffer,
            (area.x + 4, area.y + 2),
            area.width - 4,
            sentence,
            theme.style(Role::Quiet),
            theme,
        );
    }
    let view = state.list.shown().enumerate().skip(state.list.top());
    for ((i, run), y) in view.zip(area.y + 1..area.bottom()) {
        let row = Rect { y, height: 1, ..area };
        draw_run(buffer, row, run, i == state.list.position(), &places, state, theme);
    }
}

/// The heads of the columns, and by which one of them the list is sorted.
fn head(buffer: &mut Buffer, area: Rect, places: &[(Column, u16)], state: &State, theme: &Theme) {
    let sort = state.list.sort();
    let sign = if sort.is_rising() { theme.symbols.rising } else { theme.symbols.falling };
    let mut x = area.x;
    for &(column, width) in places {
        let (from, room) = if column == Column::State { (x + 4, width - 4) } else { (x, width) };
        let is_sorted = column == sort.column;
        let words = format!("{}{}", column.head(), if is_sorted { sign } else { "" });
        let style = theme.style(if is_sorted { Role::Accent } else { Role::Quiet });
        if is_number(column) {
            text::put_right(buffer, (from, area.y), room, &words, style, theme);
        } else {
            text::put(buffer, (from, area.y), room, &words, style, theme);
        }
        x += width + 1;
    }
}

fn draw_run(
    buffer: &mut Buffer,
    row: Rect,
    run: &RunEntry,
    chosen: bool,
    places: &[(Column, u16)],
    state: &State,
    theme: &Theme,
) {
    let y = row.y;
    if chosen {
        text::put(buffer, (row.x, y), 1, theme.symbols.chosen, theme.style(Role::Accent), theme);
    }
    if let Some(slot) = state.marks.slot(&run.folder) {
        text::put(buffer, (row.x + 1, y), 1, theme.marker(slot), theme.style(Role::Curve(slot)), theme);
    }
    let (symbol, role) = theme.state(run.state);
    text::put(buffer, (row.x + 2, y), 1, symbol, theme.style(role), theme);
    let mut x = row.x;
    for &(column, width) in places {
        let style = match column {
            Column::State => theme.style(role),
            Column::Name if chosen => theme.style(Role::Strong),
            Column::Name | Column::Valid | Column::Test => theme.style(Role::Text),
            _ => theme.style(Role::Quiet),
        };
        let shown = cell(column, run, state);
        match column {
            Column::State => text::put(buffer, (x + 4, y), width - 4, &shown, style, theme),
            Column::Name => draw_name(buffer, (x, y), width, run, style, theme),
            _ if is_number(column) => text::put_right(buffer, (x, y), width, &shown, style, theme),
            _ => text::put(buffer, (x, y), width, &shown, style, theme),
        }
        x += width + 1;
    }
}

/// The name, and behind it a sign where there is a note: also where the name is cut.
fn draw_name(
    buffer: &mut Buffer,
    at: (u16, u16),
    width: u16,
    run: &RunEntry,
    style: ratatui::style::Style,
    theme: &Theme,
) {
    let (sign, role) = match &run.notes_problem {
        Some(_) => (theme.symbols.unreadable, Role::Bad),
        None if run.note.is_empty() => ("", Role::Quiet),
        None => (theme.symbols.note, Role::Accent),
    };
    let room = if sign.is_empty() { width } else { width.saturating_sub(2) };
    let name = text::fit(&run.name, room.into(), theme);
    text::put(buffer, at, room, &name, style, theme);
    let x = at.0 + name.width() as u16 + 1;
    text::put(buffer, (x, at.1), (at.0 + width).saturating_sub(x), sign, theme.style(role), theme);
}

fn details(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, memories: &mut Memories) {
    let Some(entry) = state.list.chosen().filter(|_| area.height >= 3) else { return };
    let row = |y: u16| Rect { x: area.x + 1, y: area.y + y, width: area.width.saturating_sub(2), height: 1 };
    text::put_words(buffer, row(0), &run::identity(entry, theme), theme);
    let mut y =
        1 + say_progress(buffer, Rect { height: 3.min(area.height - 1), ..row(1) }, entry, state, theme);
    let annotations = annotations(entry);
    if !annotations.is_empty() && y < area.height {
        text::put_words(buffer, row(y), &annotations, theme);
        y += 1;
    }
    let overlaid = overlay::with_current(state);
    if !overlaid.is_empty() && y < area.height {
        overlay::legend(buffer, row(y), &overlaid, theme);
        y += 1;
    }
    let y = y.max(3);
    let body = Rect { y: area.y + y, height: area.height.saturating_sub(y), ..area };
    let Some(data) = state.current_data() else { return };
    let charts = if overlaid.is_empty() { data.charts.iter().collect() } else { overlay::charts(&overlaid) };
    if charts.is_empty() {
        charts::say_none(buffer, body, entry, data, theme);
        return;
    }
    let grid = Grid::new((body.width, body.height), charts.len().min(CHARTS));
    let (overlaid, charts) = (&overlaid[..], &charts[..]);
    let view = &state.view;
    let (first, count) = (0, CHARTS);
    let shown = Shown { entry, data, overlaid, charts, view, first, count, focus: None, cursor: None };
    charts::draw(buffer, body, grid, shown, theme, memories);
}

/// How far the run is, or why it is no further, in as many rows as the reason needs; gives their number.
fn say_progress(buffer: &mut Buffer, area: Rect, entry: &RunEntry, state: &State, theme: &Theme) -> u16 {
    let words = run::progress_words(entry, state);
    if let [(reason, role)] = &words[..]
        && entry.reason.is_some()
        && reason.width() > usize::from(area.width)
    {
        // A reason may be thousands of letters long.
        let shown = text::fit(reason, usize::from(area.width) * usize::from(area.height) * 4 / 5, theme);
        let needed = (shown.width() * 5 / 4).div_ceil(area.width.max(1).into()) as u16;
        let paragraph = Paragraph::new(shown.into_owned()).wrap(Wrap { trim: true });
        paragraph.style(theme.style(*role)).render(area, buffer);
        return needed.clamp(1, area.height);
    }
    text::put_words(buffer, Rect { height: 1, ..area }, &words, theme);
    u16::from(!words.is_empty())
}

/// What people wrote about the run.
fn annotations(entry: &RunEntry) -> Vec<(String, Role)> {
    if let Some(problem) = &entry.notes_problem {
        return vec![(problem.clone(), Role::Bad)];
    }
    let words = [(entry.tags.join(", "), Role::Accent), (entry.note.clone(), Role::Text)];
    words.into_iter().filter(|(words, _)| !words.is_empty()).collect()
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
