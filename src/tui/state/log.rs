//! The log: the lines at hand of a file of any length, and where in them the view stands.

use super::search::{self, Needle, Search};
use super::{Purpose, Screen, State};
use crate::run::{LogLine, LogPiece, RunFolder};
use crate::tui::action::{Action, Tab};
use crate::tui::message::{Effect, FollowedRun};
use crate::tui::screens;
use std::collections::VecDeque;
use unicode_width::UnicodeWidthStr;

/// Lines of a log are kept that are made of so many bytes at most.
const KEPT: u64 = 1 << 20;
/// A jump further than this leaves the lines at hand instead of filling the way.
const FAR: u64 = 128 << 10;

/// Some of a log that is not at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub request: FollowedRun,
    pub folder: RunFolder,
    pub piece: Wanted,
}

/// Which lines are wanted, by bytes of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Before(u64),
    From(u64),
    End,
}

/// What was read for an order; a sentence where it could not be.
#[derive(Debug)]
pub struct Report {
    pub order: Order,
    pub piece: Result<LogPiece, String>,
}

/// The lines of a log that are at hand: one stretch of the file.
#[derive(Debug, Default)]
pub struct LogText {
    lines: VecDeque<LogLine>,
    begin: u64,
    end: u64,
    /// Of the file, as far as known.
    length: u64,
}

impl LogText {
    pub fn lines(&self) -> &VecDeque<LogLine> {
        &self.lines
    }

    /// Bytes of the whole file.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The last lines at hand are the last ones of the file.
    fn has_end(&self) -> bool {
        self.end >= self.length
    }

    fn place(&self, at: u64) -> usize {
        self.lines.partition_point(|line| line.at < at)
    }

    fn contains(&self, at: u64) -> bool {
        (self.begin..self.end).contains(&at)
    }

    /// Takes in what came at the end of the file. `top` is the view's first line, `None` where it hangs at the end.
    fn grow(&mut self, piece: LogPiece, top: Option<u64>) {
        let joins = (self.begin..=self.end).contains(&piece.begin);
        self.length = piece.length;
        if piece.restarted || (!joins && top.is_none()) || self.lines.is_empty() {
            self.replace(piece);
        } else if joins {
            // The last line may have been a half one.
            self.lines.truncate(self.place(piece.begin));
            self.end = piece.end;
            self.lines.extend(piece.lines);
            self.trim(top);
        }
    }

    /// Takes in a piece that was asked for.
    fn take(&mut self, piece: LogPiece, top: Option<u64>) {
        self.length = piece.length;
        if piece.end == self.begin && !self.lines.is_empty() {
            self.begin = piece.begin;
            for line in piece.lines.into_iter().rev() {
                self.lines.push_front(line);
            }
        } else if piece.begin == self.end && !self.lines.is_empty() {
            self.end = piece.end;
            self.lines.extend(piece.lines);
        } else {
            self.replace(piece);
        }
        self.trim(top);
    }

    fn replace(&mut self, piece: LogPiece) {
        *self = Self { lines: piece.lines.into(), begin: piece.begin, end: piece.end, length: piece.length };
    }

    /// Forgets lines at the end that is further from the view.
    fn trim(&mut self, top: Option<u64>) {
        while self.end - self.begin > KEPT && self.lines.len() > 1 {
            let before = top.map_or(u64::MAX, |top| top.saturating_sub(self.begin));
            if before > (self.end - self.begin) / 2 {
                self.lines.pop_front();
                self.begin = self.lines.front().map_or(self.end, |line| line.at);
            } else if let Some(last) = self.lines.pop_back() {
                self.end = last.at;
            }
        }
    }
}

/// Where in the log the view stands, and what is looked for in it.
#[derive(Debug, Default)]
pub struct LogTab {
    /// Where the first line in view begins in the file; `None` while the view hangs at the end.
    top: Option<u64>,
    /// Cells of each line left of the view.
    pub across: usize,
    pub search: Option<Search>,
    asked: Option<Order>,
}

impl LogTab {
    /// The view shows the end and follows it.
    pub fn hangs_at_end(&self) -> bool {
        self.top.is_none()
    }

    /// Index of the first line in view, of a view of `rows`.
    pub fn first(&self, text: &LogText, rows: usize) -> usize {
        let last = text.lines.len().saturating_sub(rows);
        self.top.map_or(last, |top| text.place(top).min(last))
    }

    /// The first line in view as a share of the file, 0..=1.
    pub fn share(&self, text: &LogText) -> f64 {
        self.top.unwrap_or(text.length) as f64 / text.length.max(1) as f64
    }

    fn scroll(&mut self, text: &LogText, rows: usize, by: isize) {
        let to = self.first(text, rows).saturating_add_signed(by);
        if to + rows >= text.lines.len() && text.has_end() {
            self.top = None;
        } else {
            let to = to.min(text.lines.len().saturating_sub(1));
            self.top = text.lines.get(to).map(|line| line.at);
        }
    }

    /// Brings the line that begins at `at` into view.
    fn reveal(&mut self, text: &LogText, (width, rows): (usize, usize), at: u64) {
        if !text.contains(at) {
            self.top = Some(at);
            return;
        }
        let (place, first) = (text.place(at), self.first(text, rows));
        if !(first..first + rows).contains(&place) {
            self.scroll(text, rows, place as isize - (rows / 3) as isize - first as isize);
        }
        let needle = self.search.as_ref().map(|search| &search.needle);
        if let (Some(line), Some(needle)) = (text.lines.get(place), needle) {
            self.across = across_to(needle, &line.text, self.across, width);
        }
    }

    /// Some of the file that the view needs, now or after a page in either direction.
    fn wants(&self, text: &LogText, rows: usize) -> Option<Wanted> {
        let Some(top) = self.top else {
            let is_short = text.lines.len() < 2 * rows && text.begin > 0;
            let wanted = is_short.then_some(Wanted::Before(text.begin));
            return if text.has_end() { wanted } else { Some(Wanted::End) };
        };
        if top < text.begin {
            let near = text.begin - top <= FAR && text.length > 0;
            return Some(if near { Wanted::Before(text.begin) } else { Wanted::From(top) });
        }
        if top > text.end {
            return Some(Wanted::From(top));
        }
        let first = text.place(top);
        if first < 2 * rows && text.begin > 0 {
            return Some(Wanted::Before(text.begin));
        }
        let near_end = first + 3 * rows > text.lines.len();
        (near_end && !text.has_end()).then_some(Wanted::From(text.end))
    }
}

/// How far to the right a view of `width` cells stands so that the first match of a line is in it.
pub(super) fn across_to(needle: &Needle, line: &str, across: usize, width: usize) -> usize {
    let Some(place) = needle.places(line).next() else { return across };
    let (from, to) = (line[..place.start].width(), line[..place.end].width());
    if from >= across && to <= across + width {
        across
    } else if to <= width {
        0
    } else {
        from.saturating_sub(width / 2)
    }
}

impl State {
    pub(super) fn act_in_log(&mut self, action: Action) -> Vec<Effect> {
        let (width, rows) = screens::run::text_size(self);
        let Some(data) = &self.followed else { return Vec::new() };
        let page = rows as isize;
        match action {
            Action::Up => self.log.scroll(&data.log, rows, -1),
            Action::Down => self.log.scroll(&data.log, rows, 1),
            Action::PageUp => self.log.scroll(&data.log, rows, -page),
            Action::PageDown => self.log.scroll(&data.log, rows, page),
            Action::First if data.log.lines.is_empty() => {}
            Action::First => self.log.top = Some(0),
            Action::Last => self.log.top = None,
            Action::Left => self.log.across = self.log.across.saturating_sub(width / 2),
            Action::Right => {
                let longest = data.log.lines.iter().map(|line| line.text.width()).max().unwrap_or(0);
                self.log.across = (self.log.across + width / 2).min(longest.saturating_sub(width / 2));
            }
            Action::Filter => {
                let text =
                    self.log.search.as_ref().map_or(String::new(), |search| search.needle.text().into());
                self.ask_line_anew(Purpose::Search, text);
            }
            Action::NextMatch => self.next_in_log(),
            _ => return self.act_on_run(action),
        }
        Vec::new()
    }

    /// Ends the search; `false` where there is none.
    pub(super) fn close_log(&mut self) -> bool {
        self.log.search.take().is_some()
    }

    pub(super) fn search_log(&mut self, text: &str) {
        let known = self.log.search.as_ref().map_or("", |search| search.needle.text());
        if known != text {
            self.log.search = Needle::new(text).map(Search::new);
        }
    }

    /// To the next line with what is looked for, as soon as one is known.
    pub(super) fn next_in_log(&mut self) {
        let size = screens::run::text_size(self);
        let Some(data) = &self.followed else { return };
        // The search begins with the first line in view.
        let first = data.log.lines.get(self.log.first(&data.log, size.1));
        let top = self.log.top.unwrap_or(first.map_or(0, |line| line.at));
        let Some(search) = &mut self.log.search else { return };
        match search.next(top) {
            Some(at) => {
                search.jumps = false;
                self.log.reveal(&data.log, size, at);
            }
            None => search.jumps = !search.is_done(),
        }
    }

    /// What came at the end of the log of the followed run.
    pub(super) fn grow_log(&mut self, piece: LogPiece) {
        let Some(data) = &mut self.followed else { return };
        if piece.restarted {
            self.log.top = None;
            if let Some(search) = &mut self.log.search {
                search.restart();
            }
        }
        data.log.grow(piece, self.log.top);
    }

    pub(super) fn take_log(&mut self, report: Report) -> bool {
        if self.log.asked.as_ref() != Some(&report.order) {
            return false;
        }
        let Some(data) = &mut self.followed else { return false };
        match report.piece {
            Ok(piece) => {
                // What brings nothing is not asked for again.
                if !piece.lines.is_empty() || piece.length == 0 {
                    self.log.asked = None;
                }
                data.log.take(piece, self.log.top);
                true
            }
            Err(problem) => self.say(problem, true),
        }
    }

    pub(super) fn take_found(&mut self, report: search::Report) -> bool {
        let Some(search) = &mut self.log.search else { return false };
        if !search.take(report) {
            return false;
        }
        if search.jumps {
            self.next_in_log();
        }
        true
    }

    /// What of the log the screen shows and nobody has asked for yet.
    pub(super) fn ask_log(&mut self) -> Option<Effect> {
        let rows = screens::run::text_size(self).1;
        let data = self.followed.as_ref().filter(|_| self.screen == Screen::Run && self.tab == Tab::Log)?;
        let piece = self.log.wants(&data.log, rows)?;
        let order = Order { request: data.request, folder: data.folder.clone(), piece };
        if self.log.asked.as_ref() == Some(&order) {
            return None;
        }
        self.log.asked = Some(order.clone());
        Some(Effect::Log(order))
    }

    /// What is to be searched and nobody was asked for yet.
    pub(super) fn ask_search(&mut self) -> Option<Effect> {
        let data = self.followed.as_ref().filter(|_| self.screen == Screen::Run && self.tab == Tab::Log)?;
        let search = self.log.search.as_mut()?;
        search.ask(data.request, &data.folder, data.log.length).map(Effect::Search)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of eight bytes from `from` up to `to` in a file of `length`.
    fn piece(from: u64, to: u64, length: u64) -> LogPiece {
        let lines = (from / 8..to / 8).map(|i| LogLine { at: i * 8, text: format!("line {i:02}") }).collect();
        LogPiece { begin: from, end: to, next: to, length, restarted: false, lines }
    }

    fn first(tab: &LogTab, text: &LogText) -> String {
        text.lines()[tab.first(text, 4)].text.clone()
    }

    #[test]
    fn the_end_is_followed_while_the_view_is_at_it_and_else_nothing_moves() {
        let (mut text, mut tab) = (LogText::default(), LogTab::default());
        text.grow(piece(0, 160, 160), tab.top);
        assert_eq!(first(&tab, &text), "line 16");
        text.grow(piece(160, 240, 240), tab.top);
        assert_eq!(first(&tab, &text), "line 26");
        tab.scroll(&text, 4, -3);
        text.grow(piece(240, 320, 320), tab.top);
        assert_eq!(first(&tab, &text), "line 23");
        tab.scroll(&text, 4, 100);
        assert!(tab.hangs_at_end());
    }

    #[test]
    fn a_half_line_is_replaced_by_the_whole_one() {
        let mut text = LogText::default();
        text.grow(piece(0, 32, 30), None);
        text.grow(piece(24, 48, 48), None);
        let lines: Vec<&str> = text.lines().iter().map(|line| line.text.as_str()).collect();
        assert_eq!(lines, ["line 00", "line 01", "line 02", "line 03", "line 04", "line 05"]);
    }

    #[test]
    fn what_is_before_is_asked_for_when_the_view_comes_near_it() {
        let (mut text, mut tab) = (LogText::default(), LogTab::default());
        text.grow(piece(8_000, 16_000, 16_000), None);
        assert_eq!(tab.wants(&text, 4), None);
        tab.scroll(&text, 4, -2000);
        assert_eq!(tab.wants(&text, 4), Some(Wanted::Before(8_000)));
        text.take(piece(4_000, 8_000, 16_000), tab.top);
        assert_eq!((tab.wants(&text, 4), first(&tab, &text).as_str()), (None, "line 1000"));
        tab.top = Some(0);
        text.take(piece(0, 4_000, 16_000), tab.top);
        assert_eq!((tab.wants(&text, 4), first(&tab, &text).as_str()), (None, "line 00"));
    }

    #[test]
    fn a_far_jump_leaves_the_lines_at_hand_and_the_end_brings_them_back() {
        let (mut text, mut tab) = (LogText::default(), LogTab::default());
        let end = 80_000_000;
        text.grow(piece(end - 800, end, end), None);
        tab.top = Some(0);
        assert_eq!(tab.wants(&text, 4), Some(Wanted::From(0)));
        text.take(piece(0, 800, end), tab.top);
        assert_eq!((first(&tab, &text).as_str(), tab.wants(&text, 4)), ("line 00", None));
        tab.scroll(&text, 4, 1000);
        assert!(!tab.hangs_at_end());
        assert_eq!(tab.wants(&text, 4), Some(Wanted::From(800)));
        tab.top = None;
        assert_eq!(tab.wants(&text, 4), Some(Wanted::End));
    }

    #[test]
    fn the_lines_kept_are_bounded_and_those_in_view_among_them() {
        let (mut text, tab) = (LogText::default(), LogTab { top: Some(0), ..LogTab::default() });
        for _ in 0..40 {
            text.take(piece(text.end, text.end + 80_000, 4 * KEPT), tab.top);
            assert!(text.end - text.begin <= KEPT);
        }
        assert_eq!(first(&tab, &text), "line 00");
    }

    #[test]
    fn a_match_right_of_the_view_moves_it_there() {
        let needle = Needle::new("x").unwrap();
        let line = format!("{}x", "a".repeat(100));
        assert_eq!(across_to(&needle, &line, 0, 40), 80);
        assert_eq!(across_to(&needle, "ax", 80, 40), 0);
        assert_eq!(across_to(&needle, &line, 70, 40), 70);
    }
}
