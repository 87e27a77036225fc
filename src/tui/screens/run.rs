//! One run: its curves, its config, its log.

use super::charts::{self, Grid, Shown};
use super::{Memories, SMALLEST};
use crate::run::{MetricSplit, State as RunState};
use crate::tui::action::Tab;
use crate::tui::message::RunEntry;
use crate::tui::state::{Followed, State};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::chart::steps;
use crate::tui::widgets::{progress, text};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Rows above the body: name and tabs, identity, progress, an empty one.
const ABOVE: u16 = 4;
/// From so many rows on, the end of the log stands below the charts.
const TALL: u16 = 36;
const LOG_STRIP: u16 = 4;
/// A run that should be alive and was not heard for so many seconds is told about.
const SILENT: f64 = 30.0;

struct Layout {
    body: Rect,
    /// The end of the log; no rows where there is no room for it.
    strip: Rect,
}

fn layout(area: Rect) -> Layout {
    let below = if area.height >= TALL { LOG_STRIP } else { 0 };
    let height = area.height.saturating_sub(ABOVE + 1 + below);
    let body = Rect { y: area.y + ABOVE, height, ..area };
    Layout { body, strip: Rect { y: body.bottom(), height: below, ..area } }
}

/// The place of a tab's content on a terminal of `size`.
pub fn body_of(size: (u16, u16)) -> Rect {
    let Layout { body, strip } = layout(Rect::new(0, 0, size.0.max(SMALLEST.0), size.1.max(SMALLEST.1)));
    Rect { height: body.height + strip.height, ..body }
}

/// The grid of `count` charts on a terminal of `size`.
pub fn grid(size: (u16, u16), count: usize, alone: bool) -> Grid {
    let body = layout(Rect::new(0, 0, size.0.max(SMALLEST.0), size.1.max(SMALLEST.1))).body;
    Grid::new((body.width, body.height), if alone { 1 } else { count })
}

/// What is below the header on a terminal of `size`, for the tabs that take all of it.
pub fn body(size: (u16, u16)) -> Rect {
    let height = size.1.saturating_sub(ABOVE + 1);
    Rect { x: 0, y: ABOVE, width: size.0, height }
}

/// Rows of the log or the config in view on a terminal of `size`.
pub fn text_rows(size: (u16, u16)) -> usize {
    usize::from(size.1.saturating_sub(ABOVE + 1)).max(1)
}

pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme, memories: &mut Memories) {
    let Some(entry) = state.current() else { return };
    header(buffer, area, entry, state, theme);
    let Some(data) = state.current_data() else { return };
    let Layout { body, strip } = layout(area);
    let whole = Rect { height: body.height + strip.height, ..body };
    match state.tab {
        Tab::Charts => {
            draw_charts(buffer, body, entry, data, state, theme, memories);
            log_strip(buffer, strip, data, theme);
        }
        Tab::Scores => super::scores::draw(buffer, whole, state, theme, memories),
        Tab::Confusion => super::confusion::draw(buffer, whole, state, theme),
        Tab::Config => lines(buffer, whole, &data.config, state.config_top, "config.toml", theme),
        Tab::Log => {
            let end = data.log.len().saturating_sub(state.log_back);
            let top = end.saturating_sub(whole.height.into());
            lines(buffer, whole, &data.log[..end], top, "log.txt", theme);
        }
    }
}

fn label(tab: Tab) -> String {
    format!("{} {}", tab.digit(), tab.name())
}

/// The tabs and where they stand, the last one first.
fn tabs(area: Rect) -> impl Iterator<Item = (Tab, Rect)> {
    let mut right = area.right().saturating_sub(1);
    Tab::ALL.into_iter().rev().map(move |tab| {
        let width = label(tab).len() as u16;
        let place = Rect { x: right.saturating_sub(width), y: area.y, width, height: 1 };
        right = place.x.saturating_sub(3);
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
    text::put(buffer, (area.x + 1, area.y), 4, "mien", theme.style(Role::Accent), theme);
    let name = x.saturating_sub(area.x + 7);
    text::put(buffer, (area.x + 7, area.y), name, &entry.name, theme.style(Role::Strong), theme);
    let view = state.view.words().join(&format!(" {} ", theme.symbols.dot));
    let taken = unicode_width::UnicodeWidthStr::width(view.as_str()) as u16;
    let words = Rect { width: row(1).width.saturating_sub(taken + 2), ..row(1) };
    text::put_words(buffer, words, &identity(entry, theme)[usize::from(!entry.name.is_empty())..], theme);
    text::put_right(buffer, (area.x, area.y + 1), area.width - 1, &view, theme.style(Role::Accent), theme);
    draw_progress(buffer, row(2), entry, state, theme);
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

/// Steps, speed, rest of the time and sign of life.
fn pace(entry: &RunEntry, state: &State) -> Vec<(String, Role)> {
    let mut words = Vec::new();
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
    let silent = state.now - entry.heartbeat;
    if state.now > 0.0 && entry.heartbeat > 0.0 && silent > SILENT {
        words.push((format!("not heard of for {}", text::span(silent)), Role::Warning));
    }
    words
}

fn draw_progress(buffer: &mut Buffer, row: Rect, entry: &RunEntry, state: &State, theme: &Theme) {
    if let (Some(_), false) = (&entry.reason, entry.state.is_active()) {
        text::put_words(buffer, row, &progress_words(entry, state), theme);
        return;
    }
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
    if let Some(rate) = learning_rate(state).filter(|_| entry.state.is_active()) {
        words.insert(words.len().min(2), (format!("rate {rate}"), Role::Quiet));
    }
    for (name, accuracy) in [("valid", entry.valid_accuracy), ("test", entry.test_accuracy)] {
        if let Some(accuracy) = accuracy {
            words.push((format!("{name} {}", text::percent(accuracy)), Role::Text));
        }
    }
    let rest = Rect { x: x + 1, width: row.right().saturating_sub(x + 1), ..row };
    text::put_words(buffer, rest, &words, theme);
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
    area: Rect,
    entry: &RunEntry,
    data: &Followed,
    state: &State,
    theme: &Theme,
    memories: &mut Memories,
) {
    if data.charts.is_empty() {
        charts::say_none(buffer, area, entry, data, theme);
        return;
    }
    let count = data.charts.len();
    let grid = grid(state.size, count, state.alone);
    let focus = state.focus.min(count - 1);
    let first = focus / grid.on_page() * grid.on_page();
    // With one chart there is nothing to choose.
    let focus = (count > 1).then_some(focus);
    let shown = Shown { entry, data, view: &state.view, first, count: grid.on_page(), focus };
    charts::draw(buffer, area, grid, shown, theme, memories);
    if count > grid.on_page() && !state.alone {
        let words = format!("charts {}-{} of {count}", first + 1, (first + grid.on_page()).min(count));
        let at = (area.x, area.y - 1);
        text::put_right(buffer, at, area.width - 1, &words, theme.style(Role::Quiet), theme);
    }
}

fn log_strip(buffer: &mut Buffer, area: Rect, data: &Followed, theme: &Theme) {
    let Some(height) = area.height.checked_sub(1).filter(|_| !data.log.is_empty()) else { return };
    let top = data.log.len().saturating_sub(height.into());
    for (line, y) in data.log[top..].iter().zip(area.y + 1..area.bottom()) {
        text::put(buffer, (area.x + 1, y), area.width - 2, line, theme.style(Role::Quiet), theme);
    }
}

fn lines(buffer: &mut Buffer, area: Rect, lines: &[String], top: usize, file: &str, theme: &Theme) {
    if lines.is_empty() {
        let sentence = format!("nothing in {file}");
        text::put(buffer, (area.x + 1, area.y), area.width - 1, &sentence, theme.style(Role::Quiet), theme);
    }
    for (line, y) in lines.iter().skip(top).zip(area.y..area.bottom()) {
        text::put(buffer, (area.x + 1, y), area.width - 2, line, theme.style(Role::Text), theme);
    }
}
