//! The records of a CSV file between two places of it, read block by block. However the file is spoilt, no more of it
//! is held than a block, and no record than [`LONGEST`].

use crate::data::read_at;
use crate::evaluate::columns::LONGEST;
use memchr::{memchr_iter, memchr2};
use std::fs::File;
use std::io;

/// So much is read at once.
pub(super) const BLOCK: usize = 256 << 10;
/// A record with more fields is not one of a scores file.
const MOST_FIELDS: usize = 256;

/// What reading has cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Places in the file that were gone to.
    pub seeks: u64,
    pub bytes: u64,
    /// Records that were taken apart.
    pub records: u64,
}

/// Goes from record to record (RFC 4180: quotes, line ends in them, CRLF; a byte order mark is passed over).
pub(super) struct Records {
    core: csv_core::Reader,
    /// A part of the file.
    buffer: Vec<u8>,
    /// Where in the file the buffer begins.
    from: u64,
    /// Where in the buffer the next record begins.
    next: usize,
    /// Where in the file to end.
    until: u64,
    /// The line of the next record, from 1.
    line: u64,
    /// Where in the file the last record began, and its line.
    last: (u64, u64),
    fields: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
    spans_lines: bool,
    /// What comes next is the rest of a line that was given up.
    is_within_line: bool,
    pub(super) cost: Cost,
}

/// What [`Records::next`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Record,
    /// Too long, of too many fields, or with a quote that is never closed: its first line was passed over.
    Endless,
    End,
}

impl Records {
    pub(super) fn new() -> Self {
        Self {
            core: csv_core::Reader::new(),
            buffer: Vec::new(),
            from: 0,
            next: 0,
            until: 0,
            line: 1,
            last: (0, 1),
            fields: vec![0; LONGEST],
            ends: vec![0; MOST_FIELDS],
            count: 0,
            spans_lines: false,
            is_within_line: false,
            cost: Cost::default(),
        }
    }

    /// Goes to a place in the file at which a record begins on this line.
    pub(super) fn seek(&mut self, from: u64, line: u64, until: u64) {
        self.buffer.clear();
        (self.from, self.next, self.until, self.line) = (from, 0, until, line);
        self.is_within_line = false;
        self.cost.seeks += 1;
    }

    /// Ends later than was said before.
    pub(super) fn go_on_until(&mut self, until: u64) {
        self.until = until;
    }

    /// Where in the file the next record begins.
    pub(super) fn place(&self) -> u64 {
        self.from + self.next as u64
    }

    /// Whether there is nothing behind the last record.
    pub(super) fn is_at_end(&self) -> bool {
        self.place() >= self.until
    }

    /// Where in the file the last record began, and its line.
    pub(super) fn began(&self) -> (u64, u64) {
        self.last
    }

    /// Passes over what is before the next record: empty lines, and the rest of a line that was given up. No more of it
    /// than is held at once, however long it is; whether there may be more.
    pub(super) fn pass_over(&mut self, file: &File) -> io::Result<bool> {
        self.fill(file)?;
        let rest = &self.buffer[self.next..];
        let passed = match self.is_within_line {
            true => memchr2(b'\n', b'\r', rest).unwrap_or(rest.len()),
            false => rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count(),
        };
        let is_all = passed == rest.len();
        self.advance(passed);
        if is_all {
            return Ok(!self.is_at_end());
        }
        Ok(std::mem::take(&mut self.is_within_line))
    }

    /// Takes the next record apart. Empty lines are no records.
    pub(super) fn next(&mut self, file: &File) -> io::Result<Found> {
        while self.pass_over(file)? {}
        if self.next == self.buffer.len() {
            return Ok(Found::End);
        }
        self.last = (self.place(), self.line);
        self.count = 0;
        self.cost.records += 1;
        self.core.reset();
        let rest = &self.buffer[self.next..];
        let (mut result, read, _, mut ended) = self.core.read_record(rest, &mut self.fields, &mut self.ends);
        // The last record of a file needs no end of line.
        if result == csv_core::ReadRecordResult::InputEmpty && self.is_all_held() {
            let (at_end, _, _, more) = self.core.read_record(&[], &mut [], &mut self.ends[ended..]);
            (result, ended) = (at_end, ended + more);
        }
        let raw = &rest[..read];
        self.spans_lines = memchr2(b'\n', b'\r', raw.split_last().map_or(raw, |(_, raw)| raw)).is_some();
        // A quote that is open to the end was never meant to take in the lines between.
        let unclosed = self.spans_lines && memchr_iter(b'"', raw).count() % 2 == 1;
        if result != csv_core::ReadRecordResult::Record || read > LONGEST || unclosed {
            self.keep_first_line();
            return Ok(Found::Endless);
        }
        self.count = ended;
        self.advance(read);
        Ok(Found::Record)
    }

    /// How many fields the last record has.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// A field of the last record; empty where there is none.
    pub(super) fn field(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        if at < self.count { &self.fields[start..self.ends[at]] } else { &[] }
    }

    /// The first line of the last record as it stands in the file; nothing where that is not held any more.
    pub(super) fn raw(&self) -> &[u8] {
        let start = self.last.0.checked_sub(self.from).and_then(|start| usize::try_from(start).ok());
        let rest = start.and_then(|start| self.buffer.get(start..)).unwrap_or_default();
        &rest[..memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())]
    }

    /// Whether the last record goes on behind the end of its first line.
    pub(super) fn spans_lines(&self) -> bool {
        self.spans_lines
    }

    /// Takes only the first line of the last record for it, so that what follows is looked at anew.
    pub(super) fn keep_first_line(&mut self) {
        // Nothing has been read into the buffer since the record began.
        self.next = usize::try_from(self.last.0.saturating_sub(self.from)).unwrap_or(self.next);
        (self.line, self.spans_lines) = (self.last.1, false);
        let rest = &self.buffer[self.next..];
        let end = memchr2(b'\n', b'\r', rest);
        self.is_within_line = end.is_none();
        self.advance(end.unwrap_or(rest.len()));
    }

    /// Whether the end of what is to be read is in the buffer.
    fn is_all_held(&self) -> bool {
        self.from + self.buffer.len() as u64 >= self.until
    }

    fn advance(&mut self, bytes: usize) {
        let passed = &self.buffer[self.next..self.next + bytes];
        self.line += memchr_iter(b'\n', passed).count() as u64;
        self.next += bytes;
    }

    /// Sees to it that the longest record is in the buffer, if the file goes on so far.
    fn fill(&mut self, file: &File) -> io::Result<()> {
        if self.buffer.len() - self.next > LONGEST || self.is_all_held() {
            return Ok(());
        }
        let end = self.from + self.buffer.len() as u64;
        self.buffer.drain(..self.next);
        self.from += self.next as u64;
        self.next = 0;
        let held = self.buffer.len();
        let wanted = usize::try_from(self.until - end).unwrap_or(usize::MAX).min(BLOCK);
        self.buffer.resize(held + wanted, 0);
        let read = read_at(file, &mut self.buffer[held..], end)?;
        self.buffer.truncate(held + read);
        self.cost.bytes += read as u64;
        if read < wanted {
            // The file is shorter than it was.
            self.until = end + read as u64;
        }
        Ok(())
    }
}
