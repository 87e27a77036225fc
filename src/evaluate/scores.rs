//! `scores/<split>.csv`: six probabilities per picture.

use super::error::EvaluateError;
use super::file::replace;
use super::score_reader::ScoreReader;
use crate::emotion::{CLASSES, Emotion};
use std::io::{Read, Write};
use std::path::Path;

/// The scores of a set of pictures, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    pub rows: Vec<ScoreRow>,
}

/// What a network says about one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreRow {
    /// As the file has it.
    pub path: String,
    /// Softmax probabilities, 0..=1, in the order of [`Emotion::ALL`].
    pub scores: [f32; CLASSES],
    /// The truth, where it is known.
    pub label: Option<Emotion>,
}

impl ScoreRow {
    /// The class with the highest score; of equal ones the first.
    pub fn prediction(&self) -> Emotion {
        argmax(&self.scores)
    }

    /// The highest score, 0..=1.
    pub fn confidence(&self) -> f32 {
        self.scores[self.prediction().index()]
    }

    /// `None` where the truth is not known.
    pub fn correct(&self) -> Option<bool> {
        self.label.map(|label| label == self.prediction())
    }
}

impl Scores {
    /// The rows whose truth is known, as [`evaluate`](super::evaluate) takes them.
    pub fn labelled(&self) -> (Vec<[f32; CLASSES]>, Vec<Emotion>) {
        self.rows.iter().filter_map(|row| Some((row.scores, row.label?))).unzip()
    }
}

/// The index of the highest number; of equal ones the first, of six NaN the first class.
pub(super) fn argmax(scores: &[f32; CLASSES]) -> Emotion {
    Emotion::ALL.into_iter().fold(Emotion::Happiness, |best, emotion| {
        let (new, old) = (scores[emotion.index()], scores[best.index()]);
        if new > old || (old.is_nan() && !new.is_nan()) { emotion } else { best }
    })
}

/// How the numbers of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimals {
    /// The shortest decimals that read back as the same `f32`, and the columns `label` (empty where the truth is
    /// not known), `prediction` and `confidence` behind them.
    Full,
    /// So many decimals and the seven columns `filepath,happiness,...,fear` alone. Two is the paper's form.
    Round(usize),
}

/// Writes a file whole; folders above it are made.
pub fn write_scores(path: &Path, scores: &Scores, decimals: Decimals) -> Result<(), EvaluateError> {
    replace(path, |file| scores_to(file, scores, decimals))
}

/// As [`write_scores`], to any place.
pub fn scores_to(to: impl Write, scores: &Scores, decimals: Decimals) -> std::io::Result<()> {
    let mut csv = csv::Writer::from_writer(to);
    let full = decimals == Decimals::Full;
    let classes = Emotion::ALL.map(Emotion::name);
    let header = std::iter::once("filepath").chain(classes);
    csv.write_record(header.chain(["label", "prediction", "confidence"].into_iter().filter(|_| full)))?;
    let number = |score: f32| match decimals {
        // Debug, unlike Display, gives 1e-20 an exponent.
        Decimals::Full => format!("{score:?}"),
        Decimals::Round(places) => format!("{score:.places$}"),
    };
    for row in &scores.rows {
        csv.write_field(&row.path)?;
        for score in row.scores {
            csv.write_field(number(score))?;
        }
        if full {
            csv.write_field(row.label.map_or("", Emotion::name))?;
            csv.write_field(row.prediction().name())?;
            csv.write_field(number(row.confidence()))?;
        }
        csv.write_record(None::<&[u8]>)?;
    }
    csv.flush()
}

/// Reads either form whole, as `ScoreReader` reads it row by row.
///
/// # Errors
/// A file that cannot be read, a missing column, a score that is no number from 0 to 1, an unknown label: all with
/// the line.
pub fn read_scores(path: &Path) -> Result<Scores, EvaluateError> {
    let file = std::fs::File::open(path).map_err(EvaluateError::read(path))?;
    scores_from(std::io::BufReader::new(file), &path.to_string_lossy())
}

/// As [`read_scores`], from any place; `name` stands for it in errors.
fn scores_from(from: impl Read, name: &str) -> Result<Scores, EvaluateError> {
    let mut reader = ScoreReader::new(from, name)?;
    let mut rows = Vec::new();
    while let Some(row) = reader.read()? {
        rows.push(row);
    }
    Ok(Scores { rows })
}

/// The truth that a file named `<id>_<label>.jpg` carries, where the label is a class's index or name.
pub fn truth_in_name(path: &Path) -> Option<Emotion> {
    let (_, label) = path.file_stem()?.to_str()?.rsplit_once('_')?;
    Emotion::parse(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores() -> Scores {
        let row = |path: &str, scores, label| ScoreRow { path: path.into(), scores, label };
        Scores {
            rows: vec![
                row("test/a, \"b\".jpg", [0.1, 0.2, 0.3, 1e-20, 0.4, f32::MIN_POSITIVE], Some(Emotion::Fear)),
                row(
                    "c_3.jpg",
                    [1.0 / 3.0, 0.0, 1.0, 0.333_333_34, 0.999_999_94, 0.005],
                    Some(Emotion::Anger),
                ),
                row("plain.jpg", [0.5, 0.5, 0.0, 0.0, 0.0, 0.0], None),
            ],
        }
    }

    fn text(decimals: Decimals) -> String {
        let mut bytes = Vec::new();
        scores_to(&mut bytes, &scores(), decimals).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_full_file_reads_back_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scores").join("test.csv");
        write_scores(&path, &scores(), Decimals::Full).unwrap();
        assert_eq!(read_scores(&path).unwrap(), scores());
        assert_eq!(
            text(Decimals::Full).lines().next(),
            Some("filepath,happiness,surprise,sadness,anger,disgust,fear,label,prediction,confidence")
        );
        assert!(text(Decimals::Full).contains("plain.jpg,0.5,0.5,0.0,0.0,0.0,0.0,,happiness,0.5\n"));
    }

    #[test]
    fn the_papers_form_has_seven_columns_and_two_decimals() {
        let text = text(Decimals::Round(2));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "filepath,happiness,surprise,sadness,anger,disgust,fear");
        assert_eq!(lines[2], "c_3.jpg,0.33,0.00,1.00,0.33,1.00,0.00");
        let read = scores_from(text.as_bytes(), "x.csv").unwrap();
        assert_eq!(read.rows[1].label, Some(Emotion::Anger), "the truth is in the name");
        assert_eq!(read.rows[2].label, None);
    }

    #[test]
    fn the_truth_is_the_last_part_of_a_name() {
        for (name, truth) in [
            ("a/test_0001_3.jpg", Some(Emotion::Anger)),
            ("17_happiness.png", Some(Emotion::Happiness)),
            ("17_6.png", None),
            ("3.jpg", None),
            ("fear.jpg", None),
            ("x_5", Some(Emotion::Fear)),
            ("", None),
        ] {
            assert_eq!(truth_in_name(Path::new(name)), truth, "{name}");
        }
    }

    #[test]
    fn bad_files_are_named_with_line_and_cause() {
        let header = "filepath,happiness,surprise,sadness,anger,disgust,fear";
        for (text, expected) in [
            ("path,happiness\n".to_string(), "x.csv, line 1: there is no column 'filepath'"),
            ("".to_string(), "x.csv, line 1: there is no column 'filepath'"),
            (format!("{header}\na,0,0,0,0,0,1\nb,0,0,many,0,0,0\n"), "line 3: sadness is 'many'"),
            (format!("{header}\na,0,0,0,0,0,NaN\n"), "line 2: fear is 'NaN'"),
            (format!("{header}\na,0,0,0,0,0,1.5\n"), "line 2: fear is '1.5'"),
            (format!("{header},label\na,0,0,0,0,0,1,neutral\n"), "line 2: label is 'neutral'"),
            (format!("{header}\na,0,0\n"), "line: 2"),
        ] {
            let error = scores_from(text.as_bytes(), "x.csv").unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let error = read_scores(Path::new("/nowhere/test.csv")).unwrap_err().to_string();
        assert!(error.contains("/nowhere/test.csv"), "{error}");
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        let text = "\u{feff}fear,anger,filepath,disgust,sadness,surprise,happiness\n1,0,a.jpg,0,0,0,0\n";
        let read = scores_from(text.as_bytes(), "x.csv").unwrap();
        assert_eq!(read.rows[0].prediction(), Emotion::Fear);
    }

    #[test]
    fn a_number_beats_no_number_and_the_first_of_equals_wins() {
        assert_eq!(argmax(&[f32::NAN, 0.1, 0.3, 0.3, f32::NAN, 0.0]), Emotion::Sadness);
        assert_eq!(argmax(&[f32::NAN; CLASSES]), Emotion::Happiness);
    }
}
