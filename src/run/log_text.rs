//! A log of any length, read piece by piece: its end as it grows, what stands before a line, what comes after one.

use super::{RunError, RunFolder, files, log};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// So much is read at a time.
const PIECE: u64 = 128 << 10;
/// Letters of a line that are shown.
const LONGEST_LINE: usize = 2000;

/// A line of a log, printable, and the place in the file at which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub at: u64,
    pub text: String,
}

/// Lines that follow each other, and the bytes of the file that they are made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPiece {
    pub begin: u64,
    pub end: u64,
    /// Where the next piece begins: the end, or the beginning of a last line that is not whole yet.
    pub next: u64,
    /// Of the file.
    pub length: u64,
    /// The file is another one, or was written anew: what was read before is void.
    pub restarted: bool,
    pub lines: Vec<LogLine>,
}

impl LogPiece {
    /// The lines up to the one that begins at `end`, at most 128 KiB of them.
    pub fn before(folder: &RunFolder, end: u64) -> Result<Self, RunError> {
        read(folder, |file, length| {
            let end = end.min(length);
            // A byte earlier, to see whether a line begins at the first byte.
            let start = end.saturating_sub(PIECE);
            let from = start.saturating_sub(1);
            let content = between(file, from, end)?;
            // A line as long as a piece is shown in pieces.
            let inner = &content[..content.len().saturating_sub(1)];
            let begun = if start == 0 { 0 } else { memchr::memchr(b'\n', inner).map_or(1, |at| at + 1) };
            Ok(Self::of(from + begun as u64, &content[begun.min(content.len())..], length))
        })
    }

    /// The lines from the one that begins at `begin` on, at most 128 KiB of them.
    pub fn from(folder: &RunFolder, begin: u64) -> Result<Self, RunError> {
        read(folder, |file, length| {
            let begin = begin.min(length);
            let end = (begin + PIECE).min(length);
            let mut content = between(file, begin, end)?;
            if let Some(last) = memchr::memrchr(b'\n', &content).filter(|_| end < length) {
                content.truncate(last + 1);
            }
            Ok(Self::of(begin, &content, length))
        })
    }

    fn of(begin: u64, content: &[u8], length: u64) -> Self {
        let mut at = begin;
        let mut lines = Vec::new();
        for line in content.split_inclusive(|byte| *byte == b'\n') {
            lines.push(LogLine { at, text: readable(line) });
            at += line.len() as u64;
        }
        let whole = content.last().is_none_or(|last| *last == b'\n') || at < length;
        let next = if whole { at } else { lines.last().map_or(at, |line| line.at) };
        Self { begin, end: at, next, length, restarted: false, lines }
    }
}

fn readable(line: &[u8]) -> String {
    let line = log::readable(String::from_utf8_lossy(line).trim_end_matches('\n'));
    let cut = line.char_indices().nth(LONGEST_LINE).map_or(line.len(), |(at, _)| at);
    line[..cut].to_string()
}

/// The end of a log, and what is added to it.
#[derive(Debug)]
pub struct LogTail {
    folder: RunFolder,
    seen: Option<Seen>,
    next: u64,
}

/// Inode, length and time of change.
type Seen = (u64, u64, i64, i64);

impl LogTail {
    pub fn new(folder: &RunFolder) -> Self {
        Self { folder: folder.clone(), seen: None, next: 0 }
    }

    /// What came since the last look: the new lines, with the last one where it was not whole; only the last 128 KiB
    /// where more came. `None` where nothing did, or there is no log.
    pub fn poll(&mut self) -> Result<Option<LogPiece>, RunError> {
        let path = self.folder.log();
        let Some(now) = std::fs::metadata(path).ok().filter(Metadata::is_file) else { return Ok(None) };
        let now = (now.ino(), now.len(), now.mtime(), now.mtime_nsec());
        let before = self.seen;
        if before == Some(now) {
            return Ok(None);
        }
        // More may have been read than there was when it was looked at, and less may be there now.
        let grew =
            before.is_some_and(|(inode, length, ..)| inode == now.0 && length < now.1 && self.next <= now.1);
        let piece = if grew && now.1 - self.next <= PIECE {
            LogPiece::from(&self.folder, self.next)?
        } else {
            LogPiece::before(&self.folder, u64::MAX)?
        };
        // Only now: what could not be read is tried again.
        (self.seen, self.next) = (Some(now), piece.next);
        Ok(Some(LogPiece { restarted: before.is_some() && !grew, ..piece }))
    }
}

fn read(
    folder: &RunFolder,
    piece: impl FnOnce(&File, u64) -> io::Result<LogPiece>,
) -> Result<LogPiece, RunError> {
    let path: PathBuf = folder.log();
    let read = || {
        let file = files::open_regular(&path)?;
        let length = file.metadata()?.len();
        piece(&file, length)
    };
    read().map_err(RunError::read(&path))
}

fn between(file: &File, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut content = vec![0; to.saturating_sub(from) as usize];
    let filled = files::read_at(file, &mut content, from)?;
    content.truncate(filled);
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::folder;

    fn texts(piece: &LogPiece) -> Vec<&str> {
        piece.lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn pieces_before_and_after_a_line_give_the_whole_file() {
        let (_keep, folder) = folder("a");
        let lines: Vec<String> = (0..60_000).map(|line| format!("line {line}")).collect();
        std::fs::write(folder.log(), lines.join("\n") + "\n").unwrap();
        let (mut back, mut begin) = (Vec::new(), u64::MAX);
        while begin > 0 {
            let piece = LogPiece::before(&folder, begin).unwrap();
            assert!(piece.end - piece.begin <= PIECE);
            begin = piece.begin;
            back.splice(0..0, piece.lines);
        }
        let (mut on, mut end) = (Vec::new(), 0);
        loop {
            let piece = LogPiece::from(&folder, end).unwrap();
            end = piece.end;
            on.extend(piece.lines);
            if end == piece.length {
                break;
            }
        }
        assert_eq!(on, back);
        assert!(on.iter().map(|line| &line.text).eq(&lines));
    }

    #[test]
    fn lines_are_printable_and_a_bar_that_was_drawn_over_shows_its_end() {
        let (_keep, folder) = folder("a");
        std::fs::write(folder.log(), "a\tb\n\x1b[2Jc\r\n10 %\r20 %\n").unwrap();
        assert_eq!(texts(&LogPiece::from(&folder, 0).unwrap()), ["a    b", "[2Jc", "20 %"]);
    }

    #[test]
    fn the_end_is_followed_and_a_half_line_is_sent_again_when_it_is_whole() {
        let (_keep, folder) = folder("a");
        let mut tail = LogTail::new(&folder);
        assert_eq!(tail.poll().unwrap(), None);
        std::fs::write(folder.log(), "one\nhalf").unwrap();
        assert_eq!(texts(&tail.poll().unwrap().unwrap()), ["one", "half"]);
        assert_eq!(tail.poll().unwrap(), None);
        let mut file = File::options().append(true).open(folder.log()).unwrap();
        io::Write::write_all(&mut file, b" and half\ntwo\n").unwrap();
        let piece = tail.poll().unwrap().unwrap();
        assert_eq!((texts(&piece), piece.begin, piece.restarted), (vec!["half and half", "two"], 4, false));
        std::fs::write(folder.log(), "new\n").unwrap();
        let piece = tail.poll().unwrap().unwrap();
        assert_eq!((texts(&piece), piece.restarted), (vec!["new"], true));
    }

    #[test]
    fn a_log_that_was_cut_behind_what_was_read_begins_anew() {
        let (_keep, folder) = folder("a");
        std::fs::write(folder.log(), "one\n").unwrap();
        let mut tail = LogTail::new(&folder);
        tail.poll().unwrap();
        // A line came while it was read; then the file was cut, and is longer than at that look all the same.
        tail.next = 100;
        std::fs::write(folder.log(), "one\ntwo\n").unwrap();
        let piece = tail.poll().unwrap().unwrap();
        assert_eq!((texts(&piece), piece.restarted), (vec!["one", "two"], true));
    }

    #[test]
    fn only_the_end_is_read_of_what_came_at_once() {
        let (_keep, folder) = folder("a");
        let mut tail = LogTail::new(&folder);
        std::fs::write(folder.log(), "one\n").unwrap();
        tail.poll().unwrap();
        let mut file = File::options().append(true).open(folder.log()).unwrap();
        io::Write::write_all(&mut file, "many\n".repeat(100_000).as_bytes()).unwrap();
        let piece = tail.poll().unwrap().unwrap();
        assert!(piece.begin > 4 && piece.end == piece.length && !piece.restarted);
        assert!(piece.lines.len() < 30_000 && piece.lines.iter().all(|line| line.text == "many"));
    }

    #[test]
    fn a_line_longer_than_a_piece_is_passed_in_both_directions() {
        let (_keep, folder) = folder("a");
        std::fs::write(folder.log(), format!("first\n{}\nlast\n", "x".repeat(300_000))).unwrap();
        let (mut begin, mut looks) = (u64::MAX, 0);
        while begin > 0 && looks < 10 {
            begin = LogPiece::before(&folder, begin).unwrap().begin;
            looks += 1;
        }
        assert_eq!(begin, 0);
        let (mut end, mut looks) = (0, 0);
        while end < 300_012 && looks < 10 {
            end = LogPiece::from(&folder, end).unwrap().end;
            looks += 1;
        }
        assert_eq!(end, 300_012);
    }
}
