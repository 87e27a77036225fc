//! Lines of text of a run: its config and its log, with what is looked for in them.

use crate::tui::state::config::{ConfigView, LineKind};
use crate::tui::state::search::Needle;
use crate::tui::state::{Followed, State};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use std::borrow::Cow;

/// Draws the config; what of it is in view stands in `heading`.
pub fn config(buffer: &mut Buffer, heading: Rect, body: Rect, state: &State, theme: &Theme) {
    let tab = &state.config;
    let about = match (tab.view, state.other_run()) {
        (ConfigView::Whole, _) => "config.toml".into(),
        (ConfigView::FromDefaults, _) => "what differs from the defaults".into(),
        (ConfigView::FromRun, Some(run)) if state.marks.slot(&run.folder).is_some() => {
            format!("what differs from {}, which is marked", run.name)
        }
        (ConfigView::FromRun, Some(run)) => format!("what differs from {}, the next older run", run.name),
        (ConfigView::FromRun, None) => "what differs from another run".into(),
    };
    let (count, position) = tab.matches();
    let found = tab.search.as_ref().map(|needle| found(needle, count, position, true));
    head(buffer, heading, &about, found, theme);
    if tab.lines().is_empty() && tab.view == ConfigView::Whole {
        say_nothing(buffer, body, "config.toml", theme);
    }
    let lines = tab.lines().iter().enumerate().skip(tab.top);
    for ((i, line), y) in lines.zip(body.y..body.bottom()) {
        let role = match line.kind {
            LineKind::Plain => Role::Text,
            LineKind::Quiet => Role::Quiet,
            LineKind::Bad => Role::Bad,
        };
        let row = Rect { x: body.x + 1, y, width: body.width - 2, height: 1 };
        put(buffer, row, &line.text, tab.across, tab.search.as_ref(), role, theme);
        if tab.current == Some(i) {
            point_at(buffer, (body.x, y), theme);
        }
    }
}

/// Draws the log; what of it is in view stands in `heading`.
pub fn log(
    buffer: &mut Buffer,
    heading: Rect,
    body: Rect,
    (state, data): (&State, &Followed),
    theme: &Theme,
) {
    let tab = &state.log;
    let about = if tab.hangs_at_end() {
        "log.txt".into()
    } else {
        let share = (tab.share(&data.log) * 100.0).floor();
        format!("log.txt at {share:.0} % of {}", text::bytes(data.log.length()))
    };
    let found = tab.search.as_ref().map(|search| {
        let all = search.is_done() && !search.is_full();
        found(&search.needle, search.count(), search.position(), all)
    });
    head(buffer, heading, &about, found, theme);
    if data.log.lines().is_empty() {
        say_nothing(buffer, body, "log.txt", theme);
    }
    let needle = tab.search.as_ref().map(|search| &search.needle);
    let first = tab.first(&data.log, body.height.into());
    for (line, y) in data.log.lines().iter().skip(first).zip(body.y..body.bottom()) {
        let row = Rect { x: body.x + 1, y, width: body.width - 2, height: 1 };
        put(buffer, row, &line.text, tab.across, needle, Role::Text, theme);
        if tab.search.as_ref().is_some_and(|search| search.current() == Some(line.at)) {
            point_at(buffer, (body.x, y), theme);
        }
    }
}

/// The match that was jumped to last, among others in view.
fn point_at(buffer: &mut Buffer, at: (u16, u16), theme: &Theme) {
    text::put(buffer, at, 1, theme.symbols.chosen, theme.style(Role::Accent), theme);
}

/// How many lines match and which of them was jumped to.
fn found(needle: &Needle, count: usize, position: Option<usize>, all: bool) -> String {
    let lines = if count == 1 { "line" } else { "lines" };
    let more = if all { "" } else { "+" };
    let position = position.map_or(String::new(), |position| format!("{position} of "));
    format!("{position}{count}{more} {lines} with \"{}\"", needle.text())
}

fn head(buffer: &mut Buffer, row: Rect, about: &str, found: Option<String>, theme: &Theme) {
    // Where both do not fit, what was looked for is told.
    let found = (found.unwrap_or_default(), Role::Accent);
    text::put_words(buffer, row, &[found, (about.into(), Role::Quiet)], theme);
}

fn say_nothing(buffer: &mut Buffer, body: Rect, file: &str, theme: &Theme) {
    let sentence = format!("nothing in {file}");
    text::put(buffer, (body.x + 1, body.y), body.width - 1, &sentence, theme.style(Role::Quiet), theme);
}

/// Draws the part of a line that begins `across` cells from its beginning, with its matches turned over.
fn put(
    buffer: &mut Buffer,
    row: Rect,
    line: &str,
    across: usize,
    needle: Option<&Needle>,
    role: Role,
    theme: &Theme,
) {
    let row = row.intersection(buffer.area);
    let (start, blanks) = text::after(line, across);
    let shown = text::fit(&line[start..], usize::from(row.width).saturating_sub(blanks), theme);
    let is_cut = matches!(shown, Cow::Owned(_));
    let end = start + shown.len() - if is_cut { theme.symbols.ellipsis.len() } else { 0 };

    let plain = theme.style(role);
    let mut spans = vec![Span::raw(" ".repeat(blanks))];
    let mut at = start;
    for place in needle.into_iter().flat_map(|needle| needle.places(line)) {
        let (from, to) = (place.start.clamp(at, end), place.end.clamp(at, end));
        if from < to {
            spans.push(Span::styled(&line[at..from], plain));
            spans.push(Span::styled(&line[from..to], turned_over(theme)));
            at = to;
        }
    }
    spans.push(Span::styled(&line[at..end], plain));
    if is_cut {
        spans.push(Span::styled(theme.symbols.ellipsis, theme.style(Role::Quiet)));
    }
    Line::from(spans).render(row, buffer);
}

fn turned_over(theme: &Theme) -> Style {
    theme.style(Role::Accent).add_modifier(Modifier::REVERSED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Depth;

    const THEME: Theme = Theme::new(Depth::Palette, true);

    fn drawn(line: &str, width: u16, across: usize, needle: &str) -> (String, String) {
        let row = Rect::new(0, 0, width, 1);
        let mut buffer = Buffer::empty(row);
        put(&mut buffer, row, line, across, Needle::new(needle).as_ref(), Role::Text, &THEME);
        let is_marked = |x: &u16| buffer[(*x, 0)].modifier.contains(Modifier::REVERSED);
        let marked = (0..width).filter(is_marked).map(|x| buffer[(x, 0)].symbol()).collect();
        (crate::tui::screens::lines(&buffer).trim_end().into(), marked)
    }

    #[test]
    fn matches_are_marked_also_where_the_line_is_cut() {
        assert_eq!(drawn("a loss of 2", 20, 0, "loss"), ("a loss of 2".into(), "loss".into()));
        assert_eq!(drawn("a loss of 2", 5, 0, "loss"), ("a lo…".into(), "lo".into()));
        assert_eq!(drawn("a loss of 2", 20, 4, "loss"), ("ss of 2".into(), "ss".into()));
        assert_eq!(drawn("表情 x", 6, 1, "x"), (" 情 x".into(), "x".into()));
        assert_eq!(drawn("short", 6, 40, "x"), ("".into(), "".into()));
    }
}
