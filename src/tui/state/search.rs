//! What is looked for in lines of text, and the search over a whole log.

use crate::run::RunFolder;
use crate::tui::message::FollowedRun;
use std::ops::Range;

/// A text that is looked for as it stands; without a capital in it, capitals do not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needle {
    text: String,
    exact: bool,
}

impl Needle {
    /// `None` of an empty text.
    pub fn new(text: &str) -> Option<Self> {
        let exact = text.chars().any(char::is_uppercase);
        (!text.is_empty()).then(|| Self { text: text.into(), exact })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_in(&self, line: &str) -> bool {
        if self.exact || !line.is_ascii() {
            return self.places(line).next().is_some();
        }
        // Most lines: here a capital is as long as its small letter. The text itself has none.
        memchr::memmem::find(line.to_ascii_lowercase().as_bytes(), self.text.as_bytes()).is_some()
    }

    /// The bytes of `line` that match, from the left, none over another.
    pub fn places<'a>(&'a self, line: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            let found = self.first(line, from)?;
            from = found.end;
            Some(found)
        })
    }

    fn first(&self, line: &str, from: usize) -> Option<Range<usize>> {
        if self.exact {
            let at = from + memchr::memmem::find(&line.as_bytes()[from..], self.text.as_bytes())?;
            return Some(at..at + self.text.len());
        }
        line[from..].char_indices().find_map(|(at, _)| {
            let length = self.begins(&line[from + at..])?;
            Some(from + at..from + at + length)
        })
    }

    /// How many bytes of `text` match from its beginning, whatever the case. Letter by letter, since a capital may have
    /// more bytes than its small letter.
    fn begins(&self, text: &str) -> Option<usize> {
        let mut letters = text.chars();
        for wanted in self.text.chars() {
            let letter = letters.next()?;
            if letter != wanted && !letter.to_lowercase().eq(wanted.to_lowercase()) {
                return None;
            }
        }
        Some(text.len() - letters.as_str().len())
    }
}

/// A search over the log of a run, from a place in the file to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub request: FollowedRun,
    pub folder: RunFolder,
    pub needle: Needle,
    pub from: u64,
    /// Of the file as far as known: a longer one is searched anew.
    pub length: u64,
}

/// Some lines with the text were found.
#[derive(Debug)]
pub struct Report {
    pub order: Order,
    /// Where they begin in the file, in order.
    pub lines: Vec<u64>,
    /// Everything before is searched.
    pub searched: u64,
    /// Nothing more will come for this order.
    pub is_last: bool,
}

/// No more lines are remembered.
pub const MOST_FOUND: usize = 100_000;

/// What a search over a log has found.
#[derive(Clone, Debug)]
pub struct Search {
    pub needle: Needle,
    /// Where the lines with the text begin in the file, in order.
    found: Vec<u64>,
    searched: u64,
    is_done: bool,
    /// The match that was jumped to last.
    current: Option<u64>,
    /// The first match is to be jumped to as soon as there is one.
    pub jumps: bool,
    asked: Option<Order>,
}

impl Search {
    pub fn new(needle: Needle) -> Self {
        Self {
            needle,
            found: Vec::new(),
            searched: 0,
            is_done: false,
            current: None,
            jumps: false,
            asked: None,
        }
    }

    /// The log was written anew.
    pub(super) fn restart(&mut self) {
        *self = Self::new(self.needle.clone());
    }

    /// What is to be searched and nobody was asked for yet.
    pub(super) fn ask(&mut self, request: FollowedRun, folder: &RunFolder, length: u64) -> Option<Order> {
        let is_asked = self.asked.as_ref().is_some_and(|order| order.length >= length);
        if self.searched >= length || self.is_full() || is_asked {
            return None;
        }
        let (folder, needle) = (folder.clone(), self.needle.clone());
        let order = Order { request, folder, needle, from: self.searched, length };
        self.asked = Some(order.clone());
        Some(order)
    }

    /// Takes in what was found; `false` where it answers another search.
    pub(super) fn take(&mut self, report: Report) -> bool {
        if self.asked.as_ref() != Some(&report.order) {
            return false;
        }
        // A last line that was not whole has been searched again.
        self.found.truncate(self.found.partition_point(|at| *at < self.searched));
        self.found.extend(report.lines);
        self.found.truncate(MOST_FOUND);
        self.searched = report.searched;
        self.is_done = report.is_last;
        true
    }

    /// More may be found than is known.
    pub fn is_full(&self) -> bool {
        self.found.len() >= MOST_FOUND
    }

    /// The whole log has been searched once.
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Where the line begins that was jumped to last.
    pub fn current(&self) -> Option<u64> {
        self.current
    }

    /// Which match was jumped to last, counted from 1.
    pub fn position(&self) -> Option<usize> {
        self.found.binary_search(&self.current?).ok().map(|i| i + 1)
    }

    /// The match after the last one, or from `top` on where there was none; after the last one the first.
    pub(super) fn next(&mut self, top: u64) -> Option<u64> {
        let from = match self.current {
            Some(current) => self.found.partition_point(|at| *at <= current),
            None => self.found.partition_point(|at| *at < top),
        };
        self.current = self.found.get(from).or_else(|| self.found.first()).copied();
        self.current
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(needle: &str, line: &str) -> Vec<(usize, usize)> {
        Needle::new(needle).unwrap().places(line).map(|place| (place.start, place.end)).collect()
    }

    #[test]
    fn capitals_matter_only_where_one_is_typed() {
        assert_eq!(places("loss", "Loss and loss and LOSS"), [(0, 4), (9, 13), (18, 22)]);
        assert_eq!(places("Loss", "Loss and loss and LOSS"), [(0, 4)]);
        let is_in = |needle: &str, line| Needle::new(needle).unwrap().is_in(line);
        assert!(is_in("loss", "a LOSS") && is_in("loss", "é LOSS") && is_in("Loss", "a Loss"));
        assert!(!is_in("Loss", "a LOSS") && !is_in("lossé", "a LOSS"));
        assert_eq!(Needle::new(""), None);
    }

    #[test]
    fn a_text_is_taken_as_it_stands() {
        assert_eq!(places("a.*", "abc a.*"), [(4, 7)]);
        assert_eq!(places("aa", "aaaaa"), [(0, 2), (2, 4)]);
        assert_eq!(places("é", "É é"), [(0, 2), (3, 5)]);
        assert_eq!(places("i", "İi"), [(2, 3)]);
        assert_eq!(places("感", "表情感"), [(6, 9)]);
    }
}
