//! One run: its curves, its config, its log.

use super::charts::{self, Grid, Shown, Span};
use super::{Memories, SMALLEST, lines, overlay};
use crate::run::{MetricSplit, State as RunState};
use crate::tui::action::Tab;
use crate::tui::message::RunEntry;
use crate::tui::state::{Followed, State, cursor_words};
use crate::tui::theme::{Depth, Role, Theme};
use crate::tui::widgets::chart::steps;
use crate::tui::widgets::{progress, text};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Rows above the body: name and tabs, identity, progress, and one for what is in view.
const ABOVE: u16 = 4;
/// From so many rows on, the end of the log stands below the charts.
const TALL: u16 = 36;
const LOG_STRIP: u16 = 4;
/// Cells for which page of the charts is shown.
const PAGES: u16 = 24;
/// In fewer columns the tabs stand closer, and nothing stands before them.
const TABS: u16 = 72;
/// A name is shown in so many cells, or in another row.
const LEAST_NAME: u16 = 12;
/// A run that should be alive and was not heard for so many seconds is told about.
const SILENT: f64 = 30.0;

struct Layout {
    /// What is in view: matches of a search, the place of the cursor, the page of the charts.
    heading: Rect,
    body: Rect,
    /// The end of the log; no rows where there is no room for it.
    strip: Rect,
}

/// The layout of a tab; `reason` are the rows that tell why the run is in its state.
fn layout(area: Rect, reason: u16) -> Layout {
    let below = if area.height >= TALL { LOG_STRIP } else { 0 };
    let above = ABOVE + reason;
    let height = area.height.saturating_sub(above + 1 + below);
    let body = Rect { y: area.y + above, height, ..area };
    let heading = Rect { x: area.x + 1, y: body.y - 1, width: area.width.saturating_sub(2), height: 1 };
    Layout { heading, body, strip: Rect { y: body.bottom(), height: below, ..area } }
}

/// Why the run is in its state, whole if that takes no more than a third of the screen.
fn reason(size: (u16, u16), entry: &RunEntry, tab: Tab, theme: &Theme) -> Vec<String> {
    let Some(reason) = &entry.reason else { return Vec::new() };
    // Tables lay themselves out by their place, which does not depend on the run.
    let most = if is_of_charts_or_lines(tab) { usize::from(size.1 / 3) } else { 1 };
    let width = usize::from(size.0.saturating_sub(2));
    let mut lines = text::wrapped(reason, width);
    let rest = lines.split_off(most.min(lines.len()));
    if let (Some(last), false) = (lines.last_mut(), rest.is_empty()) {
        *last = text::fit(&format!("{last} {}", rest.join(" ")), width, theme).into_owned();
    }
    lines
}

fn is_of_charts_or_lines(tab: Tab) -> bool {
    matches!(tab, Tab::Charts | Tab::Config | Tab::Log)
}

fn shows_curves(state: &State) -> bool {
    state.tab == Tab::Charts && !state.timeline.is_open()
}

fn layout_of(state: &State) -> Layout {
    // Symbols do not change how many lines there are.
    let theme = Theme::new(Depth::Mono, true);
    let size = (state.size.0.max(SMALLEST.0), state.size.1.max(SMALLEST.1));
    let lines = state.current().map_or(0, |entry| reason(size, entry, state.tab, &theme).len());
    let rows = if is_of_charts_or_lines(state.tab) { lines as u16 } else { 0 };
    layout(Rect::new(0, 0, size.0, size.1), rows)
}

/// The charts in view.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    pub area: Rect,
    pub grid: Grid,
    /// The first chart, and how many there are on all pages.
    pub first: usize,
    pub count: usize,
}

/// The page of charts that is shown; `None` where there are none.
pub fn page(state: &State) -> Option<Page> {
    let count = state.current_data().map_or(0, |data| data.charts.len());
    let area = layout_of(state).body;
    let grid = Grid::new((area.width, area.height), if state.alone { 1 } else { count });
    let focus = state.focus.min(count.checked_sub(1)?);
    Some(Page { area, grid, first: focus / grid.on_page() * grid.on_page(), count })
}

/// Columns and rows of the log or the config in view.
pub fn text_size(state: &State) -> (usize, usize) {
    let Layout { body, strip, .. } = layout_of(state);
    (usize::from(body.width - 2), usize::from(body.height + strip.height).max(1))
}

/// The place of what takes the whole tab of the charts.
pub fn whole(state: &State) -> Rect {
    let Layout { body, strip, .. } = layout_of(state);
    Rect { height: body.height + strip.height, ..body }
}

/// The place of a tab's content on a terminal of `size`.
pub fn body_of(size: (u16, u16)) -> Rect {
    let Layout { body, strip, .. } =
        layout(Rect::new(0, 0, size.0.max(SMALLEST.0), size.1.max(SMALLEST.1)), 0);
    Rect { height: body.height + strip.height, ..body }
}

pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, memories: &mut Memories) {
    let Some(entry) = state.current() else { return };
    header(buffer, area, entry, state, theme);
    let Some(data) = state.current_data() else { return };
    let Layout { heading, body, strip } = layout_of(state);
    let whole = Rect { height: body.height + strip.height, ..body };
    match state.tab {
        Tab::Charts if state.timeline.is_open() => {
            super::timeline::draw(buffer, heading, entry, state, theme, memories);
        }
        Tab::Charts => {
            draw_charts(buffer, heading, entry, data, state, theme, memories);
            log_strip(buffer, strip, data, theme);
        }
        Tab::Scores => super::scores::draw(buffer, whole, state, theme, memories),
        Tab::Confusion => super::confusion::draw(buffer, whole, state, theme, memories),
        Tab::Explain => super::explain::draw(buffer, whole, state, theme, memories),
        Tab::Config => lines::config(buffer, heading, whole, state, theme),
        Tab::Log => lines::log(buffer, heading, whole, (state, data), theme),
    }
}

fn label(tab: Tab) -> String {
    format!("{} {}", tab.digit(), tab.name())
}

/// The tabs and where they stand, the last one first.
fn tabs(area: Rect) -> impl Iterator<Item = (Tab, Rect)> {
    let gap = if area.width >= TABS { 3 } else { 2 };
    let mut right = area.right().saturating_sub(1);
    Tab::ALL.into_iter().rev().map(move |tab| {
        let width = label(tab).len() as u16;
        let place = Rect { x: right.saturating_sub(width), y: area.y, width, height: 1 };
        right = place.x.saturating_sub(gap);
        (tab, place)
    })
}

/// The tab at a column and a row of a terminal of `size`.
pub fn tab_at(size: (u16, u16), at: (u16, u16)) -> Option<Tab> {
    let mut tabs = tabs(Rect::new(0, 0, size.0, size.1));
    tabs.find_map(|(tab, place)| place.contains(at.into()).then_some(tab))
}

fn header(buffer: &mut Buffer, area: Rect, entry: &RunEntry, state: &State, theme: &Theme) {
    let row = |y: u16| Rect { x: area.x + 1, y: area.y + y, width: area.width - 2, height: 1 };
    let mut x = area.right();
    for (tab, place) in tabs(area) {
        let role = if tab == state.tab { Role::Accent } else { Role::Quiet };
        text::put(buffer, (place.x, place.y), place.width, &label(tab), theme.style(role), theme);
        x = place.x.saturating_sub(3);
    }
    if x >= area.x + 4 {
        text::put(buffer, (area.x + 1, area.y), 4, "mien", theme.style(Role::Accent), theme);
    }
    let room = x.saturating_sub(area.x + 7);
    // Beside the tabs, or in the next row where they leave no room.
    let named = room >= LEAST_NAME && !entry.name.is_empty();
    if named {
        text::put(buffer, (area.x + 7, area.y), room, &entry.name, theme.style(Role::Strong), theme);
    }
    let view = view_words(entry, state, theme);
    let taken = view.width() as u16;
    let words = Rect { width: row(1).width.saturating_sub(taken + 2), ..row(1) };
    text::put_words(buffer, words, &identity(entry, theme)[usize::from(named)..], theme);
    text::put_right(buffer, (area.x, area.y + 1), area.width - 1, &view, theme.style(Role::Accent), theme);
    draw_progress(buffer, row(2), entry, state, theme);
    let role = if entry.state == RunState::Lost { Role::Warning } else { Role::Bad };
    let lines = reason((area.width, area.height), entry, state.tab, theme);
    for (line, y) in lines.iter().zip(3..) {
        text::put(buffer, (row(y).x, row(y).y), row(y).width, line, theme.style(role), theme);
    }
}

/// How the curves are looked at, where that is not as usual.
fn view_words(entry: &RunEntry, state: &State, theme: &Theme) -> String {
    if !shows_curves(state) {
        return String::new();
    }
    let mut words = state.view.words();
    if let Some(data) = state.current_data().filter(|_| state.view.is_zoomed()) {
        let [from, to] =
            state.view.ends(charts::span(entry, data, &overlay::if_marked(state), &state.view).window);
        words.push(format!("{from} to {to}"));
    }
    words.join(&format!(" {} ", theme.symbols.dot))
}

/// Name, state, network, device and id of a run.
pub(super) fn identity(entry: &RunEntry, theme: &Theme) -> Vec<(String, Role)> {
    let (symbol, role) = theme.state(entry.state);
    let words = [
        (entry.name.clone(), Role::Strong),
        (format!("{symbol} {}", entry.state), role),
        (entry.arch.clone(), Role::Text),
        (entry.device.clone(), Role::Text),
        (entry.search.as_ref().map_or(String::new(), |search| format!("search {search}")), Role::Quiet),
        (if entry.id == entry.name { String::new() } else { entry.id.clone() }, Role::Quiet),
    ];
    words.into_iter().filter(|(word, _)| !word.is_empty()).collect()
}

/// How far a run is, and why it is no further.
pub(super) fn progress_words(entry: &RunEntry, state: &State) -> Vec<(String, Role)> {
    let mut words = Vec::new();
    if let Some(reason) = &entry.reason {
        let role = if entry.state == RunState::Lost { Role::Warning } else { Role::Bad };
        return vec![(reason.clone(), role)];
    }
    if entry.epochs > 0 {
        words.push((format!("epoch {}/{}", entry.epoch, entry.epochs), Role::Text));
    }
    words.extend(pace(entry, state));
    for (name, accuracy) in [("valid", entry.valid_accuracy), ("test", entry.test_accuracy)] {
        if let Some(accuracy) = accuracy {
            words.push((format!("{name} {}", text::percent(accuracy)), Role::Text));
        }
    }
    words
}

/// Sign of life, steps, rest of the time and speed.
fn pace(entry: &RunEntry, state: &State) -> Vec<(String, Role)> {
    let mut words = Vec::new();
    let silent = state.now - entry.heartbeat;
    if entry.state.is_active() && state.now > 0.0 && entry.heartbeat > 0.0 && silent > SILENT {
        words.push((format!("not heard of for {}", text::span(silent)), Role::Warning));
    }
    if entry.steps > 0 {
        let (step, all) = (steps(entry.step as f64), steps(entry.steps as f64));
        words.push((format!("step {step}/{all}"), Role::Quiet));
    }
    if !entry.state.is_active() {
        return words;
    }
    if let Some(rest) = entry.eta_seconds.filter(|rest| rest.is_finite()) {
        words.push((format!("{} left", text::remaining(rest)), Role::Text));
    }
    if let Some(speed) = entry.images_per_second.filter(|speed| speed.is_finite()) {
        words.push((format!("{speed:.0} images/s"), Role::Quiet));
    }
    words
}

fn draw_progress(buffer: &mut Buffer, row: Rect, entry: &RunEntry, state: &State, theme: &Theme) {
    let (epoch, whole) = shares(entry);
    let role = if entry.state == RunState::Finished { Role::Good } else { Role::Accent };
    let mut x = row.x;
    let mut part = |words: &str, width: u16, share: Option<f64>, buffer: &mut Buffer| {
        text::put(buffer, (x, row.y), words.len() as u16, words, theme.style(Role::Text), theme);
        x += words.len() as u16 + 1;
        if let Some(share) = share {
            progress::bar(buffer, Rect { x, width, ..row }, share, role, theme);
            x += width + 1;
        }
    };
    let bar = (row.width / 10).clamp(6, 20);
    let number = match entry.epochs {
        0 => format!("epoch {}", entry.epoch),
        epochs => format!("epoch {:>w$}/{epochs}", entry.epoch, w = epochs.to_string().len()),
    };
    part(&number, bar, epoch, buffer);
    part(" run", bar, whole, buffer);
    if let Some(whole) = whole {
        part(&format!("{:>3.0} %", (whole * 100.0).floor()), 0, None, buffer);
    }
    let mut words = pace(entry, state);
    let most = words.len().min(2);
    let accuracies = [("valid", entry.valid_accuracy), ("test", entry.test_accuracy)];
    let accuracies = accuracies.iter().filter_map(|(name, accuracy)| {
        accuracy.map(|accuracy| (format!("{name} {}", text::percent(accuracy)), Role::Text))
    });
    words.splice(most..most, accuracies);
    if let Some(rate) = learning_rate(state).filter(|_| entry.state.is_active()) {
        words.push((format!("rate {rate}"), Role::Quiet));
    }
    let rest = Rect { x: x + 1, width: row.right().saturating_sub(x + 1), ..row };
    let fits = fitting(&words, rest.width.into());
    text::put_words(buffer, rest, &words[..fits], theme);
    // The row below is free where nothing else is to be told there.
    let is_free = state.cursor.is_none() && overlay::if_marked(state).is_empty();
    if shows_curves(state) && is_free && entry.reason.is_none() {
        let below = Rect { y: row.y + 1, width: row.width.saturating_sub(PAGES), ..row };
        text::put_words(buffer, below, &words[fits..], theme);
    }
}

/// How many words fit beside each other in `width` cells.
fn fitting(words: &[(String, Role)], width: usize) -> usize {
    let mut used = 0;
    words
        .iter()
        .take_while(|(word, _)| {
            used += word.width() + if used > 0 { 3 } else { 0 };
            used <= width
        })
        .count()
}

/// How much of the epoch and of the run is done, 0..=1, as far as the steps are known.
fn shares(entry: &RunEntry) -> (Option<f64>, Option<f64>) {
    if entry.steps == 0 {
        let epochs = (entry.epochs > 0).then(|| entry.epoch.saturating_sub(1) as f64 / entry.epochs as f64);
        return (None, if entry.state == RunState::Finished { Some(1.0) } else { epochs });
    }
    let whole = entry.step as f64 / entry.steps as f64;
    if entry.epochs == 0 {
        return (None, Some(whole.clamp(0.0, 1.0)));
    }
    let steps_per_epoch = entry.steps as f64 / entry.epochs as f64;
    let into = entry.step as f64 / steps_per_epoch - entry.epoch.saturating_sub(1) as f64;
    (Some(into.clamp(0.0, 1.0)), Some(whole.clamp(0.0, 1.0)))
}

fn learning_rate(state: &State) -> Option<String> {
    let data = state.current_data()?;
    let rate = data.metrics.series(MetricSplit::Train, "learning_rate")?.last()?;
    Some(if (1e-3..1e4).contains(&rate) { format!("{rate:.4}") } else { format!("{rate:.1e}") })
}

fn draw_charts(
    buffer: &mut Buffer,
    heading: Rect,
    entry: &RunEntry,
    data: &Followed,
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) {
    let Some(Page { area, grid, first, count }) = page(state) else {
        charts::say_none(buffer, layout_of(state).body, entry, data, theme);
        return;
    };
    // With one chart there is nothing to choose.
    let focus = (count > 1).then_some(state.focus.min(count - 1));
    let overlaid = overlay::if_marked(state);
    let Span { window, .. } = charts::span(entry, data, &overlaid, &state.view);
    let cursor = state.cursor.filter(|x| (window.start..=window.end).contains(x));
    let charts: Vec<_> = data.charts.iter().collect();
    let shown = Shown {
        entry,
        data,
        overlaid: &overlaid,
        charts: &charts,
        view: &state.view,
        first,
        count: grid.on_page(),
        focus,
        cursor,
    };
    charts::draw(buffer, area, grid, shown, theme, memories);
    let mut words: Vec<(String, Role)> =
        cursor_words(state).into_iter().map(|word| (word, Role::Accent)).collect();
    if !words.is_empty() && cursor.is_none() {
        words.push(("left of here or right of here".into(), Role::Quiet));
    }
    let place = Rect { width: heading.width.saturating_sub(PAGES), ..heading };
    match words.is_empty() {
        true => overlay::legend(buffer, place, &overlaid, theme),
        false => text::put_words(buffer, place, &words, theme),
    }
    if count > grid.on_page() {
        let words = match (first + grid.on_page()).min(count) {
            last if last == first + 1 => format!("chart {last} of {count}"),
            last => format!("charts {}-{last} of {count}", first + 1),
        };
        text::put_right(
            buffer,
            (heading.x, heading.y),
            heading.width,
            &words,
            theme.style(Role::Quiet),
            theme,
        );
    }
}

fn log_strip(buffer: &mut Buffer, area: Rect, data: &Followed, theme: &Theme) {
    let lines = data.log.lines();
    let Some(height) = area.height.checked_sub(1).filter(|_| !lines.is_empty()) else { return };
    let last = lines.iter().skip(lines.len().saturating_sub(height.into()));
    for (line, y) in last.zip(area.y + 1..area.bottom()) {
        text::put(buffer, (area.x + 1, y), area.width - 2, &line.text, theme.style(Role::Quiet), theme);
    }
}
