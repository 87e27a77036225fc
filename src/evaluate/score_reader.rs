//! `scores/<split>.csv` row by row: a file of millions of pictures needs the room of one.

use super::columns::{Columns, LONGEST};
use super::error::EvaluateError;
use super::scores::ScoreRow;
use crate::data::open_regular;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// The rows of a scores file of either form. Columns are found by their names; where no label stands, the truth is
/// taken from the picture's name as in [`super::truth_in_name`].
pub(super) struct ScoreReader<R> {
    csv: csv::Reader<Bounded<R>>,
    /// What the file is called in errors.
    name: String,
    columns: Columns,
    record: csv::StringRecord,
}

/// Gives so many bytes and no more, so that no row is held that goes on without end.
struct Bounded<R> {
    from: R,
    left: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let reason = format!("the row is longer than {LONGEST} bytes, or has a quote that is not closed");
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        let room = buffer.len().min(self.left);
        let read = self.from.read(&mut buffer[..room])?;
        self.left -= read;
        Ok(read)
    }
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
        let mut csv = csv::Reader::from_reader(Bounded { from, left: LONGEST });
        let wrong = |place: &str, reason| EvaluateError::Scores { place: place.into(), reason };
        let header = csv.headers().map_err(|error| wrong(name, error.to_string()))?;
        let columns =
            Columns::find(header.iter()).map_err(|reason| wrong(&format!("{name}, line 1"), reason))?;
        Ok(Self { csv, name: name.into(), columns, record: csv::StringRecord::new() })
    }

    /// The next row; none at the end.
    ///
    /// # Errors
    /// A row of another length than the header or without an end, a score that is no number from 0 to 1, an unknown label: all with the
    /// line.
    pub fn read(&mut self) -> Result<Option<ScoreRow>, EvaluateError> {
        let wrong = |place: &str, reason| EvaluateError::Scores { place: place.into(), reason };
        self.csv.get_mut().left = LONGEST;
        let line = self.csv.position().line();
        let read = self.csv.read_record(&mut self.record).map_err(|error| match error.is_io_error() {
            // The others say where.
            true => wrong(&format!("{}, line {line}", self.name), error.to_string()),
            false => wrong(&self.name, error.to_string()),
        });
        if !read? {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_an_end_is_given_up_and_not_held() {
        let header = "filepath,happiness,surprise,sadness,anger,disgust,fear\n";
        let row = "a.png,0,0,0,1,0,0\n";
        for (begin, line) in [(format!("{header}{row}\"b.png"), "line 3"), ("\"file".into(), "longer than")] {
            let endless = begin.as_bytes().chain(io::repeat(b'x'));
            let read = ScoreReader::new(endless, "x.csv").and_then(|mut reader| {
                assert!(reader.read()?.is_some());
                reader.read()
            });
            let error = read.map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(line) && error.contains("quote that is not closed"), "{error}");
        }
        let many = row.repeat(3 * LONGEST / row.len());
        let mut reader = ScoreReader::new(header.as_bytes().chain(many.as_bytes()), "x.csv").unwrap();
        let mut rows = 0;
        while reader.read().unwrap().is_some() {
            rows += 1;
        }
        assert_eq!(rows, many.len() / row.len());
    }
}
