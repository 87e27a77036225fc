//! What a search is, and how far.

use super::list::engine_word;
use super::{counts_bar, state_sign};
use crate::search::{Counts, SearchSummary, metric_name};
use crate::tui::state::State;
use crate::tui::state::searches::{Searches, no_limit};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Title, bar, counts, and what is to come.
const ROWS: u16 = 4;
/// From so many rows on, an empty one stands below.
const TALL: u16 = 30;
/// Rows that a sentence about a problem may take.
const MOST_SENTENCE: u16 = 3;

/// Rows of the header in `area`.
pub(super) fn rows(area: Rect, searches: &Searches) -> u16 {
    let gap = u16::from(area.height >= TALL);
    let problem = searches.summary().map_or(0, |summary| problem(summary, area.width).len() as u16);
    ROWS + problem + gap
}

/// Why the search is not going on, in rows.
fn problem(summary: &SearchSummary, width: u16) -> Vec<String> {
    let Some(problem) = &summary.problem else { return Vec::new() };
    let width = usize::from(width.saturating_sub(2));
    // A name in it may be thousands of letters long.
    let most = width * usize::from(MOST_SENTENCE);
    let shown: String = problem.chars().take(most).collect();
    let mut rows = text::wrapped(&shown, width);
    rows.truncate(usize::from(MOST_SENTENCE));
    rows
}

pub(super) fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    text::put(buffer, (area.x + 1, area.y), 4, "mien", theme.style(Role::Accent), theme);
    let row = |y: u16| Rect { x: area.x + 1, y: area.y + y, width: area.width - 2, height: 1 };
    let title = Rect { x: area.x + 7, width: area.width - 8, ..row(0) };
    let Some(summary) = state.searches.summary() else {
        text::put_words(buffer, title, &[("search".into(), Role::Strong)], theme);
        return;
    };
    let (sign, role) = state_sign(summary.state, theme);
    let metric = metric_name(summary.metric);
    let words = [
        (summary.name.clone(), Role::Strong),
        (format!("{sign} {}", summary.state.name()), role),
        (summary.sampler.to_string(), Role::Text),
        (engine_word(summary.engine).to_string(), Role::Text),
        (format!("by {metric}"), Role::Quiet),
        (summary.id.clone(), Role::Quiet),
    ];
    text::put_words(buffer, title, &words, theme);
    let counts = summary.counts;
    let ended = format!("{} of {} ended", text::grouped(counts.ended()), text::grouped(counts.planned()));
    let bar = Rect { width: row(1).width.saturating_sub(ended.width() as u16 + 2), ..row(1) };
    counts_bar(buffer, bar, counts, theme);
    text::put_right(buffer, (row(1).x, row(1).y), row(1).width, &ended, theme.style(Role::Text), theme);
    text::put_words(buffer, row(2), &counts_words(counts), theme);
    text::put_words(buffer, row(3), &outlook(summary, &state.searches), theme);
    for (line, y) in problem(summary, area.width).iter().zip(ROWS..) {
        let style = theme.style(role);
        text::put(buffer, (row(y).x, row(y).y), row(y).width, line, style, theme);
    }
}

/// How many runs are where, in words; where there are none, it is not said.
fn counts_words(counts: Counts) -> Vec<(String, Role)> {
    let words = [
        (counts.finished, "finished", Role::Good),
        (counts.running, "running", Role::Accent),
        (counts.failed, "failed", Role::Bad),
        (counts.halved, "halved", Role::Quiet),
        (counts.stopped, "stopped", Role::Quiet),
        (counts.queued, "queued", Role::Text),
        (counts.waiting, "waiting", Role::Text),
    ];
    let some = words.into_iter().filter(|(count, ..)| *count > 0);
    some.map(|(count, word, role)| (format!("{} {word}", text::grouped(count)), role)).collect()
}

/// What is to come: the time left, and how many runs at once.
fn outlook(summary: &SearchSummary, searches: &Searches) -> Vec<(String, Role)> {
    let mut words = Vec::new();
    if summary.state.is_active() {
        let left = summary.seconds_left.filter(|left| left.is_finite());
        let left =
            left.map_or("time left not known yet".into(), |left| format!("{} left", text::remaining(left)));
        words.push((left, Role::Text));
        let throttle = searches.throttle();
        let most = throttle.map_or(no_limit(summary.engine).into(), |most| format!("at most {most} at once"));
        words.push((most, Role::Text));
    }
    words.push(("(test) is never ranked by".into(), Role::Quiet));
    words
}
