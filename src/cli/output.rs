//! What commands say: documents and tables on stdout, sentences on stderr. Neither end of a pipe may be there any
//! more, and nothing a file said reaches a terminal as it stands.

use super::{Failure, Outcome};
use crate::data::printable;
use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr, stdout};

/// Writes to stdout; a reader that has gone, as `head` does, is no failure.
pub(super) fn print(text: &str) -> Outcome {
    let mut stdout = stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes one JSON document on a line of its own.
pub(super) fn print_json(document: &impl serde::Serialize) -> Outcome {
    print(&(serde_json::to_string(document).map_err(Failure::failed)? + "\n"))
}

/// Lines on stderr. That nobody listens any more is no reason to end: a run may be under way.
pub(super) fn say(text: impl Display) {
    let _ = stderr().write_all((lines(&text.to_string()) + "\n").as_bytes());
}

/// A sentence of mien's own on stderr.
pub(super) fn note(sentence: impl Display) {
    say(format_args!("mien: {sentence}"));
}

/// The text's lines, each printable.
pub(super) fn lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

/// 12135 as 12,135.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            [0, 999, 1000, 12_135, 10_478_086].map(grouped),
            ["0", "999", "1,000", "12,135", "10,478,086"]
        );
    }

    #[test]
    fn lines_stay_and_escape_sequences_go() {
        assert_eq!(lines("a\u{1b}[2J\nb\r\n\u{202e}c"), "a[2J\nb\nc");
    }
}
