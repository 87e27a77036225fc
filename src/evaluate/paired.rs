//! The pictures that two runs scored, brought together by their paths.

use super::error::{EvaluateError, Wanted};
use super::score_reader::ScoreReader;
use super::scores::ScoreRow;
use crate::emotion::Emotion;
use serde::Serialize;
use std::collections::HashMap;
use std::path::Path;

/// Bytes of the rows of one file that are kept until the other file has the same picture: those of a million rows and
/// more. Files in the same order, as mien writes them, never keep more than one row.
const MOST_WAITING: usize = if cfg!(test) { 1 << 20 } else { 256 << 20 };

/// What two networks say about one picture. Of pairs, the first is run A's and the second run B's.
#[derive(Clone, Debug, PartialEq)]
pub struct PairedRow {
    /// As the files have it.
    pub path: String,
    pub truth: Emotion,
    pub predictions: [Emotion; 2],
    /// 0..=1.
    pub confidences: [f32; 2],
}

/// How B differs from A on a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change {
    /// A is wrong and B right.
    #[default]
    Fixed,
    /// A is right and B wrong.
    Broken,
    /// Both are wrong, and not in the same way.
    OtherMistake,
}

impl Change {
    pub const ALL: [Self; 3] = [Self::Fixed, Self::Broken, Self::OtherMistake];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Broken => "broken",
            Self::OtherMistake => "both wrong",
        }
    }
}

impl PairedRow {
    /// `None` where both networks say the same.
    pub fn change(&self) -> Option<Change> {
        match self.predictions.map(|prediction| prediction == self.truth) {
            [false, true] => Some(Change::Fixed),
            [true, false] => Some(Change::Broken),
            [false, false] if self.predictions[0] != self.predictions[1] => Some(Change::OtherMistake),
            _ => None,
        }
    }
}

/// Rows that cannot be compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Unpaired {
    /// Pictures in A's file alone.
    pub only_a: u64,
    /// Pictures in B's file alone.
    pub only_b: u64,
    /// Pictures in both, whose truth neither file knows.
    pub unlabelled: u64,
    /// Pictures in both, whose truth the files do not agree on.
    pub relabelled: u64,
}

/// Reads two scores files side by side and gives each picture that stands in both and has a truth, once both have been
/// met: in the files' order where that is the same.
///
/// # Errors
/// Files that are not as they should be, or whose pictures are too many and too differently ordered; and
/// [`EvaluateError::GivenUp`].
pub(super) fn pair(
    files: [&Path; 2],
    wanted: Wanted,
    take: &mut dyn FnMut(PairedRow),
) -> Result<Unpaired, EvaluateError> {
    let mut readers = [ScoreReader::open(files[0])?, ScoreReader::open(files[1])?];
    let mut waiting: [HashMap<String, ScoreRow>; 2] = Default::default();
    let (mut unpaired, mut only, mut held) = (Unpaired::default(), [0; 2], [0; 2]);
    loop {
        let mut ended = true;
        for side in [0, 1] {
            let Some(mut row) = readers[side].read()? else { continue };
            ended = false;
            let bytes = row.path.len() + 2 * size_of::<ScoreRow>();
            if let Some(other) = waiting[1 - side].remove(&row.path) {
                held[1 - side] -= bytes;
                let rows = if side == 1 { [other, row] } else { [row, other] };
                take_pair(rows, &mut unpaired, take);
                continue;
            }
            // A path that stands twice in a file has one partner at most.
            let path = std::mem::take(&mut row.path);
            match waiting[side].insert(path, row) {
                Some(_) => only[side] += 1,
                None => held[side] += bytes,
            }
            if held[side] > MOST_WAITING {
                return Err(EvaluateError::Scores {
                    place: files[side].to_string_lossy().into_owned(),
                    reason: format!(
                        "too many of its pictures are not in {}, or stand in quite another order there",
                        files[1 - side].display()
                    ),
                });
            }
        }
        if ended {
            break;
        }
        if !wanted() {
            return Err(EvaluateError::GivenUp);
        }
    }
    unpaired.only_a = only[0] + waiting[0].len() as u64;
    unpaired.only_b = only[1] + waiting[1].len() as u64;
    Ok(unpaired)
}

fn take_pair(rows: [ScoreRow; 2], unpaired: &mut Unpaired, take: &mut dyn FnMut(PairedRow)) {
    let truth = match [rows[0].label, rows[1].label] {
        [Some(a), Some(b)] if a != b => return unpaired.relabelled += 1,
        [a, b] => a.or(b),
    };
    let Some(truth) = truth else { return unpaired.unlabelled += 1 };
    let predictions = [rows[0].prediction(), rows[1].prediction()];
    let confidences = [rows[0].confidence(), rows[1].confidence()];
    let [a, b] = rows.map(|row| row.path);
    // The one that waited gave its path away as its key.
    take(PairedRow { path: if a.is_empty() { b } else { a }, truth, predictions, confidences });
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::evaluate::{Decimals, Scores, write_scores};
    use std::path::PathBuf;

    /// A scores file with pictures, truths and predictions.
    pub fn file(folder: &Path, name: &str, rows: &[(&str, Option<Emotion>, Emotion)]) -> PathBuf {
        let row = |(path, label, prediction): &(&str, Option<Emotion>, Emotion)| {
            let mut scores = [0.02; 6];
            scores[prediction.index()] = 0.9;
            ScoreRow { path: (*path).into(), scores, label: *label }
        };
        let path = folder.join(name);
        write_scores(&path, &Scores { rows: rows.iter().map(row).collect() }, Decimals::Full).unwrap();
        path
    }

    use Emotion::{Anger, Disgust, Fear};

    #[test]
    fn pictures_meet_by_path_in_whatever_order_and_the_rest_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let a = file(
            folder.path(),
            "a.csv",
            &[
                ("1", Some(Anger), Anger),
                ("2", Some(Anger), Fear),
                ("3", None, Fear),
                ("4", Some(Fear), Fear),
                ("5", Some(Fear), Fear),
                ("6", None, Fear),
            ],
        );
        let b = file(
            folder.path(),
            "b.csv",
            &[
                ("6", None, Fear),
                ("5", Some(Disgust), Fear),
                ("3", Some(Fear), Disgust),
                ("2", Some(Anger), Disgust),
                ("1", Some(Anger), Disgust),
                ("7", Some(Anger), Anger),
                ("7", Some(Anger), Anger),
            ],
        );
        let mut pairs = Vec::new();
        let unpaired = pair([&a, &b], &|| true, &mut |row| pairs.push(row)).unwrap();
        assert_eq!(unpaired, Unpaired { only_a: 1, only_b: 2, unlabelled: 1, relabelled: 1 });
        pairs.sort_by(|one, other| one.path.cmp(&other.path));
        let seen: Vec<_> =
            pairs.iter().map(|row| (row.path.as_str(), row.truth, row.predictions, row.change())).collect();
        assert_eq!(
            seen,
            [
                ("1", Anger, [Anger, Disgust], Some(Change::Broken)),
                ("2", Anger, [Fear, Disgust], Some(Change::OtherMistake)),
                ("3", Fear, [Fear, Disgust], Some(Change::Broken)),
            ]
        );
        assert_eq!(pairs[0].confidences, [0.9, 0.9]);
    }

    #[test]
    fn files_that_have_too_little_in_common_are_not_held_to_their_end() {
        let folder = tempfile::tempdir().unwrap();
        let names =
            |letter: &str| -> Vec<String> { (0..8000).map(|i| format!("{letter}{i:0200}")).collect() };
        let write = |name: &str, paths: &[String]| {
            let rows: Vec<_> = paths.iter().map(|path| (path.as_str(), Some(Anger), Anger)).collect();
            file(folder.path(), name, &rows)
        };
        let (ours, theirs) = (names("a"), names("b"));
        let [a, b] = [write("a.csv", &ours), write("b.csv", &theirs)];
        let error = pair([&a, &b], &|| true, &mut |_| {}).unwrap_err().to_string();
        assert!(error.contains("a.csv: too many of its pictures are not in "), "{error}");
        let mut pairs = 0;
        pair([&a, &write("c.csv", &ours)], &|| true, &mut |_| pairs += 1).unwrap();
        assert_eq!(pairs, 8000, "what has met is not held");
    }

    #[test]
    fn what_is_no_longer_wanted_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let a = file(folder.path(), "a.csv", &[("1", Some(Anger), Anger)]);
        assert!(matches!(pair([&a, &a], &|| false, &mut |_| {}), Err(EvaluateError::GivenUp)));
    }
}
