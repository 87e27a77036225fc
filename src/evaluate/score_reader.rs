//! `scores/<split>.csv` row by row: a file of millions of pictures needs the room of one.

use super::columns::Columns;
use super::error::EvaluateError;
use super::scores::ScoreRow;
use crate::data::open_regular;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// The rows of a scores file of either form. Columns are found by their names; where no label stands, the truth is
/// taken from the picture's name as in [`super::truth_in_name`].
pub(super) struct ScoreReader<R> {
    csv: csv::Reader<R>,
    /// What the file is called in errors.
    name: String,
    columns: Columns,
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
        let wrong = |place: &str, reason| EvaluateError::Scores { place: place.into(), reason };
        let header = csv.headers().map_err(|error| wrong(name, error.to_string()))?;
        let columns =
            Columns::find(header.iter()).map_err(|reason| wrong(&format!("{name}, line 1"), reason))?;
        Ok(Self { csv, name: name.into(), columns, record: csv::StringRecord::new() })
    }

    /// The next row; none at the end.
    ///
    /// # Errors
    /// A row of another length than the header, a score that is no number from 0 to 1, an unknown label: all with the
    /// line.
    pub fn read(&mut self) -> Result<Option<ScoreRow>, EvaluateError> {
        let wrong = |place: &str, reason| EvaluateError::Scores { place: place.into(), reason };
        let read = self.csv.read_record(&mut self.record);
        if !read.map_err(|error| wrong(&self.name, error.to_string()))? {
            return Ok(None);
        }
        let record = &self.record;
        let field = |column| record.get(column).unwrap_or_default().as_bytes();
        let cells = self.columns.read(record.len(), field).map_err(|reason| {
            let line = record.position().map_or(0, csv::Position::line);
            wrong(&format!("{}, line {line}", self.name), reason)
        })?;
        let path = self.columns.path(field).to_string();
        Ok(Some(ScoreRow { path, scores: cells.scores, label: cells.truth }))
    }
}
