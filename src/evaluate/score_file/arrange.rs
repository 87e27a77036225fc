//! Which rows are shown, and in which order.

use super::extract::{Extract, Wants};
use super::index::Index;
use crate::emotion::{CLASSES, Emotion};
use crate::evaluate::query::Query;
use rayon::slice::ParallelSliceMut;

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// As they stand in the file.
    #[default]
    Place,
    Path,
    Score(Emotion),
    Truth,
    Prediction,
    Confidence,
    /// Wrong ones first.
    Correct,
}

impl SortBy {
    /// All of them, what is most often wanted first.
    pub const ALL: [Self; 12] = [
        Self::Place,
        Self::Confidence,
        Self::Correct,
        Self::Truth,
        Self::Prediction,
        Self::Path,
        Self::Score(Emotion::Happiness),
        Self::Score(Emotion::Surprise),
        Self::Score(Emotion::Sadness),
        Self::Score(Emotion::Anger),
        Self::Score(Emotion::Disgust),
        Self::Score(Emotion::Fear),
    ];

    /// Whether the highest are mostly wanted first.
    pub const fn begins_high(self) -> bool {
        matches!(self, Self::Confidence | Self::Score(_))
    }
}

/// Which rows are shown, and in which order. Rows of equal rank stay in the order of the file, and those without a value
/// come last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrangement {
    pub query: Query,
    pub by: SortBy,
    pub descending: bool,
}

impl Arrangement {
    /// What it needs of the rows beyond the index.
    pub(super) fn wants(&self) -> Wants {
        let mut scores: [bool; CLASSES] = self.query.scores();
        if let SortBy::Score(emotion) = self.by {
            scores[emotion.index()] = true;
        }
        Wants { words: self.query.words().to_vec(), paths: self.by == SortBy::Path, scores }
    }
}

/// The rows in the order they are shown in.
#[derive(Debug)]
pub(super) enum Order {
    /// All, as they stand in the file.
    File,
    /// As places in the file's order.
    Listed(Vec<u32>),
}

/// Arranges the first `rows` rows.
pub(super) fn arrange(arrangement: &Arrangement, rows: usize, index: &Index, extract: &Extract) -> Order {
    let Arrangement { query, by, descending } = arrangement;
    if query.is_everything() && *by == SortBy::Place && !descending {
        return Order::File;
    }
    let passes = |&row: &u32| {
        let row = row as usize;
        let score = |emotion| extract.score(emotion, row);
        query.is_everything()
            // What was found of an earlier query's words is still there.
            || (query.words().is_empty() || extract.is_named(row))
                && query.passes(index.truth(row), index.prediction(row), index.confidence(row), score)
    };
    let shown = (0..u32::try_from(rows).unwrap_or(u32::MAX)).filter(passes);
    let rank = |row: u32| {
        let row = row as usize;
        match by {
            SortBy::Place | SortBy::Path => Some(row as u32),
            SortBy::Score(emotion) => rank_of(extract.score(*emotion, row)),
            SortBy::Confidence => rank_of(index.confidence(row)),
            SortBy::Truth => index.truth(row).map(|truth| truth as u32),
            SortBy::Prediction => index.prediction(row).map(|prediction| prediction as u32),
            SortBy::Correct => index.is_correct(row).map(u32::from),
        }
    };
    if *by == SortBy::Path {
        let mut rows: Vec<u32> = shown.collect();
        // Of equal paths the first stays first, whichever way round; rows that could not be read come last.
        rows.par_sort_unstable_by(|&a, &b| {
            let key = |row: u32| (index.prediction(row as usize).is_none(), extract.path(row as usize));
            let ((a_lost, a_path), (b_lost, b_path)) = (key(a), key(b));
            let by_path = if *descending { b_path.cmp(a_path) } else { a_path.cmp(b_path) };
            a_lost.cmp(&b_lost).then(by_path).then(a.cmp(&b))
        });
        return Order::Listed(rows);
    }
    // Rank and row in one number sort much faster than by a function.
    let key = |row: u32| {
        let rank = match rank(row) {
            None => u32::MAX,
            Some(rank) if *descending => u32::MAX - 1 - rank,
            Some(rank) => rank,
        };
        u64::from(rank) << 32 | u64::from(row)
    };
    let mut keys: Vec<u64> = shown.map(key).collect();
    keys.par_sort_unstable();
    Order::Listed(keys.into_iter().map(|key| key as u32).collect())
}

/// A number that grows with a score from 0 to 1.
fn rank_of(score: f32) -> Option<u32> {
    // The bits of floats that are not negative are in their order; -0.0 is among those of a file, too.
    (!score.is_nan()).then(|| (score + 0.0).to_bits())
}
