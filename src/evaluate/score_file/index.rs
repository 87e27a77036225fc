//! What is kept of each row of a scores file: few enough bytes to hold millions of them.

use crate::emotion::{CLASSES, Emotion};
use crate::evaluate::columns::Cells;
use crate::evaluate::scores::argmax;

/// The place in the file is remembered of every so manieth row.
pub(super) const BLOCK_ROWS: usize = 32;
/// In place of a class.
const UNKNOWN: u8 = CLASSES as u8;
const UNREADABLE: u8 = 7;

/// One entry a row, in columns.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Place in the file and line of the first row of each block.
    blocks: Vec<(u64, u64)>,
    /// Truth in the lower three bits, prediction in the next three.
    classes: Vec<u8>,
    confidences: Vec<f32>,
    pub(super) labelled: usize,
    pub(super) wrong: usize,
    pub(super) unreadable: usize,
}

impl Index {
    pub(super) fn len(&self) -> usize {
        self.classes.len()
    }

    /// Adds the next row, which begins at a place of the file and on a line; `None` is one that could not be read.
    pub(super) fn push(&mut self, began: (u64, u64), cells: Option<&Cells>) {
        if self.len().is_multiple_of(BLOCK_ROWS) {
            self.blocks.push(began);
        }
        let Some(cells) = cells else {
            self.unreadable += 1;
            self.classes.push(UNREADABLE | UNREADABLE << 3);
            self.confidences.push(f32::NAN);
            return;
        };
        let prediction = argmax(&cells.scores);
        self.labelled += usize::from(cells.truth.is_some());
        self.wrong += usize::from(cells.truth.is_some_and(|truth| truth != prediction));
        let truth = cells.truth.map_or(UNKNOWN, |truth| truth as u8);
        self.classes.push(truth | (prediction as u8) << 3);
        self.confidences.push(cells.scores[prediction.index()]);
    }

    /// Place and line of the first row of a block.
    pub(super) fn block(&self, block: usize) -> Option<(u64, u64)> {
        self.blocks.get(block).copied()
    }

    pub(super) fn truth(&self, row: usize) -> Option<Emotion> {
        Emotion::from_index(usize::from(self.classes[row] & 7))
    }

    /// `None` where the row could not be read.
    pub(super) fn prediction(&self, row: usize) -> Option<Emotion> {
        Emotion::from_index(usize::from(self.classes[row] >> 3))
    }

    /// NaN where the row could not be read.
    pub(super) fn confidence(&self, row: usize) -> f32 {
        self.confidences[row]
    }

    /// `None` where the truth is not known.
    pub(super) fn is_correct(&self, row: usize) -> Option<bool> {
        Some(self.truth(row)? == self.prediction(row)?)
    }

    /// No row comes any more.
    pub(super) fn complete(&mut self) {
        self.blocks.shrink_to_fit();
        self.classes.shrink_to_fit();
        self.confidences.shrink_to_fit();
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.blocks.capacity() * size_of::<(u64, u64)>()
            + self.classes.capacity()
            + self.confidences.capacity() * size_of::<f32>()
    }
}
