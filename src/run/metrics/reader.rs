use super::columns::{Metrics, MetricsSlice};
use super::parse::parse_lines;
use crate::run::{RunError, RunFolder, files};
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;

/// Bytes of a slice where no other size is asked for.
const SLICE: usize = 4 << 20;
/// A longer line is not a row of metrics; it is skipped without being held.
const LONGEST_LINE: usize = 1 << 20;
/// So much of the file's beginning, and of what stands before the place read last, is remembered: a
/// file that was replaced is known by other bytes there.
const REMEMBERED: usize = 64;

/// Follows a run's `metrics.jsonl`: each call reads what whole lines have come since the one before.
///
/// A line counts from the moment its end is there, so a torn last line is not read (again: not lost) until it is
/// whole. A file that was replaced or cut is read from its start.
#[derive(Debug)]
pub struct MetricsReader {
    path: PathBuf,
    /// Device and inode of the file that was read from.
    identity: Option<(u64, u64)>,
    offset: u64,
    /// Inside a line that is too long; its end has not come yet.
    in_long_line: bool,
    head: Vec<u8>,
    tail: Vec<u8>,
    buffer: Vec<u8>,
}

impl MetricsReader {
    pub fn new(folder: &RunFolder) -> Self {
        Self {
            path: folder.metrics(),
            identity: None,
            offset: 0,
            in_long_line: false,
            head: Vec::new(),
            tail: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// All that is there now, of a run that nobody follows.
    pub fn read_all(folder: &RunFolder) -> Result<Metrics, RunError> {
        let (mut reader, mut metrics) = (Self::new(folder), Metrics::default());
        while let Some(slice) = reader.read(SLICE)? {
            metrics.apply(slice);
        }
        Ok(metrics)
    }

    /// Reads up to about `bytes` more; `None` where nothing has come. A file that is not there yet has nothing.
    pub fn read(&mut self, bytes: usize) -> Result<Option<MetricsSlice>, RunError> {
        let fail = |path: &PathBuf, error| RunError::read(path)(error);
        let file = match files::open_regular(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(self.restart()),
            Err(error) => return Err(fail(&self.path, error)),
        };
        let mut slice = MetricsSlice::default();
        let is_same = self.is_same(&file).map_err(|error| fail(&self.path, error))?;
        if !is_same {
            slice.restarted = self.restart().is_some();
        }
        let before = self.offset;
        self.read_from(&file, bytes, &mut slice).map_err(|error| fail(&self.path, error))?;
        Ok((slice.restarted || self.offset > before).then_some(slice))
    }

    /// Forgets the file; a slice that says so where anything had been read.
    fn restart(&mut self) -> Option<MetricsSlice> {
        let had_read = self.offset > 0;
        self.identity = None;
        self.offset = 0;
        self.in_long_line = false;
        self.head.clear();
        self.tail.clear();
        had_read.then(|| MetricsSlice { restarted: true, ..MetricsSlice::default() })
    }

    /// Whether `file` still is the one read so far, with more behind it at most.
    fn is_same(&mut self, file: &File) -> io::Result<bool> {
        let metadata = file.metadata()?;
        let identity = (metadata.dev(), metadata.ino());
        let known = self.identity.replace(identity);
        if known.is_some_and(|known| known != identity) || metadata.len() < self.offset {
            return Ok(false);
        }
        // A new file may have the old one's inode, and an old one may have been written over.
        let mut seen = [0; REMEMBERED];
        for (expected, at) in [(&self.head, 0), (&self.tail, self.offset - self.tail.len() as u64)] {
            let seen = &mut seen[..expected.len()];
            if read_at(file, seen, at)? < expected.len() || seen != expected {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn read_from(&mut self, file: &File, bytes: usize, slice: &mut MetricsSlice) -> io::Result<()> {
        let metadata = file.metadata()?;
        self.identity = Some((metadata.dev(), metadata.ino()));
        let total = metadata.len();
        let mut wanted = bytes.max(1);
        loop {
            let left = usize::try_from(total.saturating_sub(self.offset)).unwrap_or(usize::MAX);
            self.buffer.resize(wanted.min(left), 0);
            let length = read_at(file, &mut self.buffer, self.offset)?;
            self.buffer.truncate(length);
            let Some(end) = memchr::memrchr(b'\n', &self.buffer) else {
                // A line longer than what was asked for: ask for more, up to the longest.
                if length < left && length <= LONGEST_LINE {
                    wanted = wanted.saturating_mul(2);
                    continue;
                }
                if length > LONGEST_LINE {
                    slice.skipped += u64::from(!self.in_long_line);
                    self.in_long_line = true;
                    self.advance(length);
                }
                break;
            };
            let mut lines = &self.buffer[..=end];
            if self.in_long_line {
                let rest = memchr::memchr(b'\n', lines).map_or(lines.len(), |first| first + 1);
                lines = &lines[rest..];
                self.in_long_line = false;
            }
            parse_lines(lines, slice);
            self.advance(end + 1);
            break;
        }
        slice.bytes = self.offset;
        slice.total_bytes = total;
        Ok(())
    }

    /// Moves past the first `length` bytes of the buffer.
    fn advance(&mut self, length: usize) {
        let read = &self.buffer[..length];
        if self.offset == 0 {
            self.head = read[..length.min(REMEMBERED)].to_vec();
        }
        self.tail = read[length.saturating_sub(REMEMBERED)..].to_vec();
        self.offset += length as u64;
    }
}

/// Fills `buffer` from `at` on as far as the file goes.
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
