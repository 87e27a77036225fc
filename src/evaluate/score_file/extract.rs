//! What a filter or an order needs of each row beyond the index: names, or the scores of single classes. Only what is
//! asked for is kept.

use crate::emotion::{CLASSES, Emotion};
use crate::evaluate::columns::Cells;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wants {
    /// Parts of names, in lower case: whether a row has them all.
    pub words: Vec<String>,
    pub paths: bool,
    /// By class.
    pub scores: [bool; CLASSES],
}

impl Wants {
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether what `other` asks for is a part of this.
    fn covers(&self, other: &Self) -> bool {
        (other.words.is_empty() || self.words == other.words)
            && self.paths >= other.paths
            && self.scores.iter().zip(other.scores).all(|(have, want)| *have >= want)
    }
}

/// One entry a row of what is asked for, in columns.
#[derive(Debug, Default)]
pub(super) struct Extract {
    wants: Wants,
    rows: usize,
    named: Vec<bool>,
    /// One path behind the other, and where each ends.
    paths: Vec<u8>,
    ends: Vec<usize>,
    scores: [Vec<f32>; CLASSES],
    lower: String,
}

impl Extract {
    /// Asks for something else; what is there already stays if it is all that is needed.
    pub(super) fn want(&mut self, wants: Wants) {
        if !self.wants.covers(&wants) {
            *self = Self { wants, ..Self::default() };
        }
    }

    pub(super) fn wants_nothing(&self) -> bool {
        self.wants.is_nothing()
    }

    /// Rows taken so far.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Takes the next row; `None` is one that could not be read.
    pub(super) fn push(&mut self, row: Option<(&str, &Cells)>) {
        let (path, scores) = row.map_or(("", [f32::NAN; CLASSES]), |(path, cells)| (path, cells.scores));
        if !self.wants.words.is_empty() {
            self.lower.clear();
            self.lower.extend(path.chars().flat_map(char::to_lowercase));
            let has = |word: &String| memchr::memmem::find(self.lower.as_bytes(), word.as_bytes()).is_some();
            self.named.push(row.is_some() && self.wants.words.iter().all(has));
        }
        if self.wants.paths {
            self.paths.extend_from_slice(path.as_bytes());
            self.ends.push(self.paths.len());
        }
        for emotion in Emotion::ALL.into_iter().filter(|emotion| self.wants.scores[emotion.index()]) {
            self.scores[emotion.index()].push(scores[emotion.index()]);
        }
        self.rows += 1;
    }

    /// Whether the row's name has all words that were asked for.
    pub(super) fn is_named(&self, row: usize) -> bool {
        self.named.get(row).copied().unwrap_or(true)
    }

    pub(super) fn path(&self, row: usize) -> &[u8] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.paths[start..self.ends[row]]
    }

    /// NaN where it was not asked for, or the row could not be read.
    pub(super) fn score(&self, emotion: Emotion, row: usize) -> f32 {
        self.scores[emotion.index()].get(row).copied().unwrap_or(f32::NAN)
    }
}
