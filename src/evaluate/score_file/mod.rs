//! A scores file of any length, looked at without being held: one scan gives the places of its rows and what sorting and
//! filtering need of each, in a few bytes; a page is then one place to go to and one block to read.

mod arrange;
mod extract;
mod index;
mod records;
mod splits;

pub use arrange::{Arrangement, SortBy};
pub use records::Cost;
pub use splits::scored_splits;

use super::columns::{Cells, Columns, LONGEST};
use super::error::EvaluateError;
use super::scores::ScoreRow;
use crate::data::open_regular;
use arrange::{Order, arrange};
use extract::Extract;
use index::{BLOCK_ROWS, Index};
use records::{BLOCK, Found, Records};
use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// [`ScoreFile::advance`] reads about so much.
const SLICE: u64 = 256 << 10;
/// Rows that are read again at once for a filter or an order.
const SLICE_ROWS: usize = 64 * BLOCK_ROWS;
/// A page that begins so few rows behind what is known is reached by reading on.
const NEAR: usize = 1000;
/// Reading on for a page ends after so much, whatever came of it.
const PAGE: u64 = 4 << 20;
/// No set has more pictures; the index of a file with more rows would fill the memory.
const MOST_ROWS: usize = if cfg!(test) { 150_000 } else { 50_000_000 };
/// So much of a row that could not be read is kept to be shown.
const SHOWN: usize = 500;

/// A scores file that is being looked at.
pub struct ScoreFile {
    path: PathBuf,
    file: File,
    stamp: Stamp,
    columns: Columns,
    /// Goes through the file once.
    scan: Records,
    is_scanned: bool,
    /// Goes where a page begins.
    pages: Records,
    index: Index,
    extract: Extract,
    arrangement: Arrangement,
    order: Order,
    /// Rows that the order was made of; `None` where it is still that of another arrangement.
    arranged: Option<usize>,
}

/// Device, inode, length and time of change.
type Stamp = (u64, u64, u64, (i64, i64));

/// A row of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreLine {
    /// Its line in the file, from 1.
    pub line: u64,
    pub content: Result<ScoreRow, Unreadable>,
}

/// A row that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    pub reason: String,
    /// How it begins in the file.
    pub text: String,
}

/// How many rows there are, as far as the file was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    pub rows: usize,
    /// Rows that pass the filter.
    pub shown: usize,
    /// Rows whose truth is known.
    pub labelled: usize,
    pub wrong: usize,
    pub unreadable: usize,
}

impl ScoreFile {
    /// Opens a file and reads its first line.
    ///
    /// # Errors
    /// A file that cannot be read, or that is no scores file.
    pub fn open(path: &Path) -> Result<Self, EvaluateError> {
        let file = open_regular(path).map_err(EvaluateError::read(path))?;
        let stamp = stamp(&file.metadata().map_err(EvaluateError::read(path))?);
        let mut scan = Records::new();
        // A file of another kind may have no line end in terabytes.
        scan.seek(0, 1, stamp.2.min(BLOCK as u64));
        let found = scan.next(&file).map_err(EvaluateError::read(path))?;
        scan.go_on_until(stamp.2);
        let fields = if found == Found::Record { scan.len() } else { 0 };
        let names: Vec<_> = (0..fields).map(|field| String::from_utf8_lossy(scan.field(field))).collect();
        let columns = Columns::find(names.iter().map(|name| &**name)).map_err(|reason| {
            let reason = if stamp.2 == 0 { "it is empty".into() } else { reason };
            EvaluateError::Scores { place: format!("{}, line 1", path.display()), reason }
        })?;
        Ok(Self {
            path: path.into(),
            file,
            stamp,
            columns,
            scan,
            is_scanned: false,
            pages: Records::new(),
            index: Index::default(),
            extract: Extract::default(),
            arrangement: Arrangement::default(),
            order: Order::File,
            arranged: None,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path still leads to this file, and nothing was written to it since it was opened.
    pub fn is_current(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|metadata| stamp(&metadata) == self.stamp)
    }

    /// From now on pages are of this arrangement. What was read for the one before stays where it is of use.
    pub fn arrange_by(&mut self, arrangement: &Arrangement) {
        if *arrangement != self.arrangement {
            self.extract.want(arrangement.wants());
            self.arrangement = arrangement.clone();
            self.arranged = None;
        }
    }

    /// Reads a little on; `false` when everything that is needed has been read.
    pub fn advance(&mut self) -> Result<bool, EvaluateError> {
        if self.ready() < self.index.len() {
            self.catch_up().map_err(EvaluateError::read(&self.path))?;
        } else if !self.is_scanned {
            let until = self.scan.place() + SLICE;
            while self.scan.place() < until && !self.is_scanned {
                self.scan_row(None).map_err(EvaluateError::read(&self.path))?;
            }
        }
        Ok(!self.is_read())
    }

    /// Whether it is read in less time than anyone notices.
    pub fn is_short(&self) -> bool {
        self.stamp.2 <= 4 * SLICE
    }

    /// Whether everything that the arrangement needs has been read.
    pub fn is_read(&self) -> bool {
        self.is_scanned && self.ready() == self.index.len()
    }

    /// How much of what the arrangement needs has been read, 0..=1.
    pub fn progress(&self) -> f64 {
        let share = |part: f64, whole: f64| if whole > 0.0 { (part / whole).min(1.0) } else { 1.0 };
        let scanned =
            if self.is_scanned { 1.0 } else { share(self.scan.place() as f64, self.stamp.2 as f64) };
        scanned * share(self.ready() as f64, self.index.len() as f64)
    }

    /// Puts the rows read so far into the order of the pages.
    pub fn arrange(&mut self) {
        let ready = self.ready();
        if self.arranged != Some(ready) {
            self.order = arrange(&self.arrangement, ready, &self.index, &self.extract);
            self.arranged = Some(ready);
        }
    }

    /// Whether pages are in the order that was asked for last, if only of the rows read so far.
    pub fn is_arranged(&self) -> bool {
        self.arranged.is_some()
            || self.arrangement == Arrangement::default() && matches!(self.order, Order::File)
    }

    /// As far as the file was read, and arranged by [`ScoreFile::arrange`].
    pub fn counts(&self) -> RowCounts {
        let index = &self.index;
        let shown = match &self.order {
            Order::File => index.len(),
            Order::Listed(rows) => rows.len(),
        };
        RowCounts {
            rows: index.len(),
            shown,
            labelled: index.labelled,
            wrong: index.wrong,
            unreadable: index.unreadable,
        }
    }

    /// Rows at these places of the order, as far as they are known. In the file's own order, rows that come next are
    /// read on the way, so that the first page is there before any scan.
    pub fn page(&mut self, places: Range<usize>) -> Result<Vec<ScoreLine>, EvaluateError> {
        let lines = match &self.order {
            Order::File => self.page_of_file(places),
            Order::Listed(rows) => {
                let end = places.end.min(rows.len());
                let rows = rows[places.start.min(end)..end].to_vec();
                self.page_of_list(&rows)
            }
        };
        lines.map_err(EvaluateError::read(&self.path))
    }

    /// What reading has cost so far.
    pub fn cost(&self) -> Cost {
        let (scan, pages) = (self.scan.cost, self.pages.cost);
        Cost {
            seeks: scan.seeks + pages.seeks,
            bytes: scan.bytes + pages.bytes,
            records: scan.records + pages.records,
        }
    }

    /// Rows that are known well enough to be arranged.
    fn ready(&self) -> usize {
        if self.extract.wants_nothing() { self.index.len() } else { self.extract.rows() }
    }

    /// Scans one row, or a part of what is none, and puts a row into a page where one is being made.
    fn scan_row(&mut self, page: Option<&mut Vec<ScoreLine>>) -> io::Result<()> {
        if self.scan.pass_over(&self.file)? {
            return Ok(());
        }
        let Some((began, cells)) = next_row(&mut self.scan, &self.columns, &self.file)? else {
            self.end_scan();
            return Ok(());
        };
        if self.index.len() == MOST_ROWS {
            let many = format!("it has more than {MOST_ROWS} rows");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, many));
        }
        // What is behind catches up by itself.
        if !self.extract.wants_nothing() && self.extract.rows() == self.index.len() {
            let path = self.columns.path(|field| self.scan.field(field));
            self.extract.push(cells.as_ref().ok().map(|cells| (path, cells)));
        }
        self.index.push(began, cells.as_ref().ok());
        if let Some(page) = page {
            page.push(score_line(&self.scan, &self.columns, began.1, cells));
        }
        if self.scan.is_at_end() {
            self.end_scan();
        }
        Ok(())
    }

    fn end_scan(&mut self) {
        self.is_scanned = true;
        self.index.complete();
    }

    /// Reads some of the rows that the arrangement needs more of than the index has.
    fn catch_up(&mut self) -> io::Result<()> {
        let first = self.extract.rows();
        let rows = first..(first + SLICE_ROWS).min(self.index.len());
        self.go_to(&rows);
        for _ in rows {
            let Some((_, cells)) = next_row(&mut self.pages, &self.columns, &self.file)? else {
                return Err(shorter());
            };
            let path = self.columns.path(|field| self.pages.field(field));
            self.extract.push(cells.as_ref().ok().map(|cells| (path, cells)));
        }
        Ok(())
    }

    /// To the beginning of the block that the first of these rows is in.
    fn go_to(&mut self, rows: &Range<usize>) {
        let end =
            self.index.block(rows.end.div_ceil(BLOCK_ROWS)).map_or(self.scan.place(), |(place, _)| place);
        if let Some((place, line)) = self.index.block(rows.start / BLOCK_ROWS) {
            self.pages.seek(place, line, end);
        }
    }

    fn page_of_file(&mut self, places: Range<usize>) -> io::Result<Vec<ScoreLine>> {
        let known = places.start.min(self.index.len())..places.end.min(self.index.len());
        let mut lines = Vec::new();
        self.read_rows(known, |_| true, &mut lines)?;
        if places.start <= self.index.len() + NEAR {
            let until = self.scan.place() + PAGE;
            while self.index.len() < places.end && self.scan.place() < until && !self.is_scanned {
                let in_page = self.index.len() >= places.start;
                self.scan_row(in_page.then_some(&mut lines))?;
            }
        }
        Ok(lines)
    }

    fn page_of_list(&mut self, rows: &[u32]) -> io::Result<Vec<ScoreLine>> {
        // In the order of the file, so that each block is read once; then back to the order of the list.
        let mut sorted: Vec<(usize, usize)> =
            rows.iter().enumerate().map(|(place, &row)| (row as usize, place)).collect();
        sorted.sort_unstable();
        let mut found: Vec<(usize, ScoreLine)> = Vec::with_capacity(rows.len());
        let block = |&(row, _): &(usize, usize)| row / BLOCK_ROWS;
        for group in sorted.chunk_by(|a, b| block(b) - block(a) <= 1) {
            let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
            let mut lines = Vec::with_capacity(group.len());
            let is_wanted = |row| group.binary_search_by_key(&row, |(row, _)| *row).is_ok();
            self.read_rows(first.0..last.0 + 1, is_wanted, &mut lines)?;
            found.extend(group.iter().map(|(_, place)| *place).zip(lines));
        }
        found.sort_unstable_by_key(|(place, _)| *place);
        Ok(found.into_iter().map(|(_, line)| line).collect())
    }

    /// Reads known rows that stand one behind the other, and keeps those that are wanted.
    fn read_rows(
        &mut self,
        rows: Range<usize>,
        is_wanted: impl Fn(usize) -> bool,
        lines: &mut Vec<ScoreLine>,
    ) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.go_to(&rows);
        for row in rows.start / BLOCK_ROWS * BLOCK_ROWS..rows.end {
            let Some((began, cells)) = next_row(&mut self.pages, &self.columns, &self.file)? else {
                return Err(shorter());
            };
            if row >= rows.start && is_wanted(row) {
                lines.push(score_line(&self.pages, &self.columns, began.1, cells));
            }
        }
        Ok(())
    }
}

/// The next row's place and line, and what it says or why it says nothing; `None` at the end.
#[allow(clippy::type_complexity, reason = "three things that only ever stand together here")]
fn next_row(
    records: &mut Records,
    columns: &Columns,
    file: &File,
) -> io::Result<Option<((u64, u64), Result<Cells, String>)>> {
    let cells = match records.next(file)? {
        Found::End => return Ok(None),
        Found::Endless => {
            Err(format!("it is longer than {LONGEST} bytes, or has a quote that is not closed"))
        }
        Found::Record => columns.read(records.len(), |field| records.field(field)),
    };
    // A quote that should not be there makes one row of several lines; only the first of them is lost.
    if cells.is_err() && records.spans_lines() {
        records.keep_first_line();
    }
    Ok(Some((records.began(), cells)))
}

fn score_line(records: &Records, columns: &Columns, line: u64, cells: Result<Cells, String>) -> ScoreLine {
    let content = match cells {
        Ok(Cells { scores, truth }) => {
            let path = columns.path(|field| records.field(field)).to_string();
            Ok(ScoreRow { path, scores, label: truth })
        }
        Err(reason) => {
            let raw = records.raw();
            Err(Unreadable { reason, text: String::from_utf8_lossy(&raw[..raw.len().min(SHOWN)]).into() })
        }
    };
    ScoreLine { line, content }
}

fn stamp(metadata: &Metadata) -> Stamp {
    (metadata.dev(), metadata.ino(), metadata.len(), (metadata.mtime(), metadata.mtime_nsec()))
}

fn shorter() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it has become shorter while it was read")
}

#[cfg(test)]
mod tests;
