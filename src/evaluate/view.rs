//! Three ways to look at a confusion, and its table as CSV.

use super::confusion::Confusion;
use crate::emotion::Emotion;
use std::io::Write;

/// What the cells of a confusion show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ConfusionView {
    #[default]
    Counts,
    /// Each cell as a share of its row: on the diagonal the recall.
    Rows,
    /// Each cell as a share of its column: on the diagonal the precision.
    Columns,
}

/// The first line of a table.
const CORNER: &str = "truth\\prediction";

impl ConfusionView {
    pub const ALL: [Self; 3] = [Self::Counts, Self::Rows, Self::Columns];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Rows => "row % (recall)",
            Self::Columns => "column % (precision)",
        }
    }

    pub fn next(self) -> Self {
        match self {
            Self::Counts => Self::Rows,
            Self::Rows => Self::Columns,
            Self::Columns => Self::Counts,
        }
    }

    /// What the shares are shares of.
    pub const fn whole(self) -> &'static str {
        match self {
            Self::Counts | Self::Rows => "the row",
            Self::Columns => "the column",
        }
    }

    /// How much of its row or column a cell is, 0..=1; counts are shaded by their row. `None` where that is empty.
    pub fn share(self, confusion: &Confusion, truth: Emotion, prediction: Emotion) -> Option<f64> {
        let whole = match self {
            Self::Counts | Self::Rows => confusion.support(truth),
            Self::Columns => confusion.predicted(prediction),
        };
        (whole > 0).then(|| confusion.get(truth, prediction) as f64 / whole as f64)
    }

    /// The table: names in the first line and the first column, counts, or shares from 0 to 1 (empty where there is
    /// nothing to share).
    pub fn csv(self, confusion: &Confusion) -> Vec<u8> {
        let mut text = Vec::new();
        let names = Emotion::ALL.map(Emotion::name).join(",");
        // Writing to memory does not fail.
        let _ = writeln!(text, "{CORNER},{names}");
        for truth in Emotion::ALL {
            let cell = |prediction| match self {
                Self::Counts => confusion.get(truth, prediction).to_string(),
                _ => self
                    .share(confusion, truth, prediction)
                    .map_or_else(String::new, |share| format!("{share:.6}")),
            };
            let _ = writeln!(text, "{truth},{}", Emotion::ALL.map(cell).join(","));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confusion() -> Confusion {
        let mut confusion = Confusion::default();
        confusion.0[3] = [0, 0, 1, 25, 4, 0];
        confusion.0[4][3] = 5;
        confusion
    }

    #[test]
    fn a_table_reads_back_as_the_counts() {
        let text = ConfusionView::Counts.csv(&confusion());
        let mut reader = csv::Reader::from_reader(text.as_slice());
        assert_eq!(reader.headers().unwrap().iter().next(), Some("truth\\prediction"));
        let mut read = Confusion::default();
        for (row, record) in reader.records().map(Result::unwrap).enumerate() {
            assert_eq!(&record[0], Emotion::ALL[row].name());
            for (column, count) in record.iter().skip(1).enumerate() {
                read.0[row][column] = count.parse().unwrap();
            }
        }
        assert_eq!(read, confusion());
    }

    #[test]
    fn shares_are_of_the_row_or_of_the_column_and_of_nothing_there_is_none() {
        let confusion = confusion();
        let share = |view: ConfusionView| view.share(&confusion, Emotion::Anger, Emotion::Anger);
        assert_eq!(share(ConfusionView::Rows), Some(25.0 / 30.0));
        assert_eq!(share(ConfusionView::Columns), Some(25.0 / 30.0));
        assert_eq!(ConfusionView::Rows.share(&confusion, Emotion::Fear, Emotion::Fear), None);
        let text = String::from_utf8(ConfusionView::Columns.csv(&confusion)).unwrap();
        assert!(text.contains("anger,,,1.000000,0.833333,1.000000,\n"), "{text}");
    }
}
