//! `log.txt`: what the trainer said.

use super::clock::utc;
use super::{RunError, RunFolder, files, printable};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Adds lines to a run's log. A detached trainer's own output goes to the same file.
#[derive(Debug)]
pub struct RunLog {
    path: PathBuf,
    file: File,
}

impl RunLog {
    pub fn open(folder: &RunFolder) -> Result<Self, RunError> {
        Self::append_to(&folder.log())
    }

    /// Another log of the same form, as that of a search.
    pub fn append_to(path: &Path) -> Result<Self, RunError> {
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(RunError::write(path))?;
        Ok(Self { path: path.to_path_buf(), file })
    }

    /// Adds `text` with the time in UTC before each of its lines: `2026-01-31T23:59:59Z text`.
    pub fn line(&self, text: &str) -> Result<(), RunError> {
        let time = utc("%Y-%m-%dT%H:%M:%SZ");
        let lines: String = text.lines().map(|line| format!("{time} {line}\n")).collect();
        // One write, so that lines of several threads do not mix.
        (&self.file).write_all(lines.as_bytes()).map_err(RunError::write(&self.path))
    }

    /// The file for a child's output.
    pub(super) fn into_file(self) -> File {
        self.file
    }
}

/// So much of a log is looked at: a log can grow for weeks.
const WINDOW: u64 = 256 << 10;

/// Follows a run's log: each call gives the lines that have come since the one before.
#[derive(Debug)]
pub struct LogReader {
    path: PathBuf,
    offset: u64,
    /// Begun somewhere inside a line, which is not shown in part.
    inside: bool,
}

impl LogReader {
    /// Begins with the last 256 KiB of what is there.
    pub fn new(folder: &RunFolder) -> Self {
        let path = folder.log();
        let length = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let offset = length.saturating_sub(WINDOW);
        Self { path, offset, inside: offset > 0 }
    }

    /// Begins with the first line.
    pub fn from_start(folder: &RunFolder) -> Self {
        Self { path: folder.log(), offset: 0, inside: false }
    }

    /// The whole lines that came since, printable, with spaces for tabs and only the last state of a line that was
    /// drawn over (a progress bar); at most 256 KiB of them at a time, and nothing once all are read. A log that is not
    /// there yet has no lines; one that was cut begins anew.
    pub fn read(&mut self) -> Result<Vec<String>, RunError> {
        let file = match files::open_regular(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(RunError::read(&self.path)(error)),
        };
        self.read_from(&file).map_err(RunError::read(&self.path))
    }

    fn read_from(&mut self, file: &File) -> io::Result<Vec<String>> {
        let length = file.metadata()?.len();
        if length < self.offset {
            self.offset = 0;
            self.inside = false;
        }
        let mut content = vec![0; (length - self.offset).min(WINDOW) as usize];
        let filled = files::read_at(file, &mut content, self.offset)?;
        content.truncate(filled);
        let end = match memchr::memrchr(b'\n', &content) {
            Some(last) => last + 1,
            // A line as long as the window is shown in pieces.
            None if filled as u64 == WINDOW => filled,
            None => return Ok(Vec::new()),
        };
        self.offset += end as u64;
        let begin =
            if self.inside { memchr::memchr(b'\n', &content[..end]).map_or(0, |first| first + 1) } else { 0 };
        self.inside = false;
        Ok(String::from_utf8_lossy(&content[begin..end]).lines().map(readable).collect())
    }
}

pub(super) fn readable(line: &str) -> String {
    let last = line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
    printable(&last.replace('\t', "    ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::folder;

    #[test]
    fn lines_carry_the_time_and_are_followed_as_they_come() {
        let (_keep, folder) = folder("a");
        let mut reader = LogReader::new(&folder);
        assert!(reader.read().unwrap().is_empty());
        let log = RunLog::open(&folder).unwrap();
        log.line("epoch 1\nloss 2").unwrap();
        let lines = reader.read().unwrap();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with("Z epoch 1") && lines[1].ends_with("Z loss 2"), "{lines:?}");
        assert_eq!(lines[0].len(), "2026-01-31T23:59:59Z epoch 1".len());
        assert!(reader.read().unwrap().is_empty());
        RunLog::open(&folder).unwrap().line("more").unwrap();
        assert_eq!(reader.read().unwrap().len(), 1);
    }

    #[test]
    fn what_would_disorder_a_terminal_is_gone_and_a_half_line_waits() {
        let (_keep, folder) = folder("a");
        std::fs::write(folder.log(), b"10%\r50%\r\x1b[1m100%\x07\r\na\tb\n\xffc\nhalf").unwrap();
        let mut reader = LogReader::new(&folder);
        assert_eq!(reader.read().unwrap(), ["[1m100%", "a    b", "\u{fffd}c"]);
        std::fs::write(folder.log(), b"cut\n").unwrap();
        assert_eq!(reader.read().unwrap(), ["cut"]);
    }

    #[test]
    fn a_long_log_is_read_from_its_start_in_pieces_or_only_its_end() {
        let (_keep, folder) = folder("a");
        let text: String = (0..100_000).map(|line| format!("line {line}\n")).collect();
        std::fs::write(folder.log(), &text).unwrap();
        let (mut reader, mut count) = (LogReader::from_start(&folder), 0);
        loop {
            let lines = reader.read().unwrap();
            if lines.is_empty() {
                break;
            }
            count += lines.len();
        }
        assert_eq!(count, 100_000);
        let last = LogReader::new(&folder).read().unwrap();
        assert!(last.len() < 50_000);
        assert_eq!(last.last().unwrap(), "line 99999");
        assert!(last.iter().all(|line| line.len() == "line 99999".len()), "no half line: {}", last[0]);
    }
}
