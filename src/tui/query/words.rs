//! Words that a run must have somewhere, letters left out or not.

use super::Scratch;
use crate::tui::message::RunEntry;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Matcher, Utf32Str};

/// So much of a fuzzy match's score a letter must bring: letters scattered over a long name are no match.
const LEAST_SCORE: usize = 14;

/// A word that was typed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    atom: Atom,
    /// In small letters.
    text: String,
    /// No digit of a number is left out: `run12` is not `run102`.
    numbers: Vec<String>,
    least: u16,
}

impl Word {
    /// The letters of a `whole` word stand beside each other.
    pub(super) fn new(text: &str, whole: bool) -> Self {
        let kind = if whole { AtomKind::Substring } else { AtomKind::Fuzzy };
        let least = if whole { 0 } else { LEAST_SCORE * text.chars().count() };
        let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
        Self {
            numbers: numbers.map(String::from).collect(),
            atom: Atom::new(text, CaseMatching::Ignore, Normalization::Smart, kind, false),
            text: text.to_lowercase(),
            least: u16::try_from(least).unwrap_or(u16::MAX),
        }
    }

    /// Whether it is in the run's id, name, network, device, state, search, one of its tags, or its note.
    pub(super) fn is_in(&self, run: &RunEntry, scratch: &mut Scratch) -> bool {
        let Scratch { matcher, letters } = scratch;
        let search = run.search.as_deref().unwrap_or_default();
        let texts = [&run.name, run.state.name(), &run.arch, &run.device, search, &run.id];
        texts.into_iter().chain(run.tags.iter().map(String::as_str)).any(|text| self.is_like(text, matcher, letters))
            // Any few letters can be found somewhere in a long text.
            || run.note.to_lowercase().contains(&self.text)
    }

    fn is_like(&self, text: &str, matcher: &mut Matcher, letters: &mut Vec<char>) -> bool {
        self.numbers.iter().all(|number| text.contains(number))
            && self.atom.score(Utf32Str::new(text, letters), matcher).is_some_and(|score| score >= self.least)
    }
}
