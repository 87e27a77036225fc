//! Which columns a table of some width has, and what stands in them.

use crate::emotion::Emotion;
use crate::evaluate::{ScoreRow, SortBy};
use crate::tui::state::scores::ColumnSet;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::style::Style;
use std::borrow::Cow;

/// A path in fewer cells says too little.
const SHORTEST_PATH: u16 = 12;
/// From so many cells on, scores have a fourth decimal.
const FINE: u16 = 110;

/// A column; what it is sorted by is what it shows.
pub(super) struct Column {
    pub head: &'static str,
    pub width: u16,
    pub sort: SortBy,
}

/// The columns of a table. The six scores give way where the path would have no room; the path takes what is left.
pub(super) fn columns(width: u16, set: ColumnSet) -> Vec<Column> {
    let column = |head, width, sort| Column { head, width, sort };
    let digits = if width >= FINE { 6 } else { 5 };
    let scores = Emotion::ALL.map(|emotion| column(emotion.name(), digits, SortBy::Score(emotion)));
    let outcome = [
        column("truth", 9, SortBy::Truth),
        column("prediction", 10, SortBy::Prediction),
        column("conf.", digits, SortBy::Confidence),
    ];
    let taken = |columns: &[Column]| columns.iter().map(|column| column.width + 1).sum::<u16>();
    let both = taken(&scores) + taken(&outcome) + SHORTEST_PATH + 1;
    let mut columns = vec![column("picture", 0, SortBy::Path)];
    match set {
        ColumnSet::Scores => columns.extend(scores),
        ColumnSet::All if width >= both => columns.extend(scores.into_iter().chain(outcome)),
        ColumnSet::All | ColumnSet::Outcome => columns.extend(outcome),
    }
    columns[0].width = width.saturating_sub(taken(&columns[1..]) + 1);
    columns
}

impl Column {
    /// What stands in the column of a picture's row.
    pub(super) fn cell(&self, row: &ScoreRow) -> (Cow<'static, str>, Role) {
        let prediction = row.prediction();
        let number = |score: f32| format!("{score:.places$}", places = usize::from(self.width) - 2).into();
        match self.sort {
            SortBy::Score(emotion) => {
                let role = match () {
                    () if emotion == prediction => Role::Strong,
                    // What it should have been.
                    () if Some(emotion) == row.label => Role::Accent,
                    () => Role::Quiet,
                };
                (number(row.scores[emotion.index()]), role)
            }
            SortBy::Truth => (row.label.map_or("-", Emotion::name).into(), Role::Text),
            SortBy::Prediction => {
                let role = if row.correct() == Some(false) { Role::Bad } else { Role::Text };
                (prediction.name().into(), role)
            }
            SortBy::Confidence => (number(row.confidence()), Role::Text),
            SortBy::Path | SortBy::Place | SortBy::Correct => ("".into(), Role::Text),
        }
    }

    /// Writes into the column, numbers at the right.
    pub(super) fn put(&self, buffer: &mut Buffer, at: (u16, u16), text: &str, style: Style, theme: &Theme) {
        if matches!(self.sort, SortBy::Score(_) | SortBy::Confidence) {
            text::put_right(buffer, at, self.width, text, style, theme);
        } else {
            text::put(buffer, at, self.width, text, style, theme);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fill_the_width_and_the_scores_give_way_first() {
        for width in 57..300 {
            for set in [ColumnSet::All, ColumnSet::Outcome, ColumnSet::Scores] {
                let columns = columns(width, set);
                assert_eq!(columns.iter().map(|column| column.width + 1).sum::<u16>(), width);
                assert!(columns[0].width >= SHORTEST_PATH, "{width} {set:?}");
            }
        }
        let count = |width| columns(width, ColumnSet::All).len();
        assert_eq!((count(57), count(75), count(76), count(217)), (4, 4, 10, 10));
    }

    #[test]
    fn numbers_have_three_or_four_decimals() {
        let row = ScoreRow { path: "a".into(), scores: [1.0, 0.123_46, 1e-20, 0.0, 0.0, 0.0], label: None };
        let cell = |width| columns(width, ColumnSet::All)[2].cell(&row).0;
        assert_eq!((cell(80).as_ref(), cell(120).as_ref()), ("0.123", "0.1235"));
    }
}
