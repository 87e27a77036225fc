//! `scores/<split>.csv` row by row: a file of millions of pictures needs the room of one.

use super::error::EvaluateError;
use super::scores::{ScoreRow, truth_in_name};
use crate::data::open_regular;
use crate::emotion::{CLASSES, Emotion};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// The rows of a scores file of either form. Columns are found by their names; where no label stands, the truth is
/// taken from the picture's name as in [`truth_in_name`].
pub(super) struct ScoreReader<R> {
    csv: csv::Reader<R>,
    /// What the file is called in errors.
    name: String,
    filepath: usize,
    classes: [usize; CLASSES],
    label: Option<usize>,
    record: csv::StringRecord,
}

impl ScoreReader<BufReader<File>> {
    /// # Errors
    /// A file that is not there or no regular one, and those of [`ScoreReader::new`].
    pub fn open(path: &Path) -> Result<Self, EvaluateError> {
        let file = open_regular(path).map_err(EvaluateError::read(path))?;
        Self::new(BufReader::new(file), &path.to_string_lossy())
    }
}

impl<R: Read> ScoreReader<R> {
    /// # Errors
    /// A header that cannot be read or lacks a column.
    pub fn new(from: R, name: &str) -> Result<Self, EvaluateError> {
        let mut csv = csv::Reader::from_reader(from);
        let unread =
            |error: csv::Error| EvaluateError::Scores { place: name.into(), reason: error.to_string() };
        let header = csv.headers().map_err(unread)?.clone();
        let column = |wanted: &str| {
            header.iter().position(|name| name.trim_start_matches('\u{feff}').trim() == wanted)
        };
        let needed = |wanted: &str| {
            column(wanted).ok_or_else(|| EvaluateError::Scores {
                place: format!("{name}, line 1"),
                reason: format!(
                    "there is no column '{wanted}'; a scores file begins with filepath,{}",
                    Emotion::ALL.map(Emotion::name).join(",")
                ),
            })
        };
        let filepath = needed("filepath")?;
        let mut classes = [0; CLASSES];
        for emotion in Emotion::ALL {
            classes[emotion.index()] = needed(emotion.name())?;
        }
        let label = column("label");
        Ok(Self { csv, name: name.into(), filepath, classes, label, record: csv::StringRecord::new() })
    }

    /// The next row; none at the end.
    ///
    /// # Errors
    /// A row of another length than the header, a score that is no number from 0 to 1, an unknown label: all with the
    /// line.
    pub fn read(&mut self) -> Result<Option<ScoreRow>, EvaluateError> {
        let read = self.csv.read_record(&mut self.record);
        let more = read.map_err(|error| EvaluateError::Scores {
            place: self.name.clone(),
            reason: error.to_string(),
        })?;
        if !more {
            return Ok(None);
        }
        let record = &self.record;
        let wrong = |reason: String| EvaluateError::Scores {
            place: format!("{}, line {}", self.name, record.position().map_or(0, csv::Position::line)),
            reason,
        };
        // The reader refuses rows of another length than the header's, so every column is there.
        let field = |column: usize| record.get(column).unwrap_or_default();
        let mut scores = [0.0; CLASSES];
        for (emotion, score) in Emotion::ALL.into_iter().zip(&mut scores) {
            let text = field(self.classes[emotion.index()]).trim();
            *score = text
                .parse()
                .ok()
                .filter(|score| (0.0..=1.0).contains(score))
                .ok_or_else(|| wrong(format!("{emotion} is '{text}', not a number from 0 to 1")))?;
        }
        let path = field(self.filepath).to_string();
        let label = match self.label.map(field).map(str::trim) {
            None | Some("") => truth_in_name(Path::new(&path)),
            Some(text) => Some(Emotion::parse(text).ok_or_else(|| {
                wrong(format!("label is '{text}'; {} are known", crate::emotion::names()))
            })?),
        };
        Ok(Some(ScoreRow { path, scores, label }))
    }
}
