//! The terminal's bytes cut into pieces: one key, one movement of the mouse or one answer each (ECMA-48, section 5).

use super::Heard;
use crate::tui::graphics::Answer;
use std::collections::VecDeque;
use std::time::Duration;

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;
/// No answer is longer; what goes on is none.
const LONGEST: usize = 1024;

/// Bytes that wait to be taken as pieces.
#[derive(Debug)]
pub(super) struct Pieces {
    waiting: Vec<u8>,
    done: VecDeque<Vec<u8>>,
    /// Not all answers have come, so that an escape may be the beginning of one.
    asked: bool,
}

impl Pieces {
    pub fn new(asked: bool) -> Self {
        Self { waiting: Vec::new(), done: VecDeque::new(), asked }
    }

    /// Takes bytes in as they come.
    pub fn take(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        let mut begin = 0;
        while let Some(length) = piece(&self.waiting[begin..]) {
            // Each piece is a byte at least, or this would not end.
            let end = begin + length.max(1);
            self.done.push_back(self.waiting[begin..end].to_vec());
            begin = end;
        }
        self.waiting.drain(..begin);
    }

    /// The next whole piece.
    pub fn next(&mut self) -> Option<Vec<u8>> {
        self.done.pop_front()
    }

    /// How long the rest of what has begun is waited for; for ever where nothing has.
    pub fn patience(&self) -> Option<Duration> {
        let milliseconds = match self.waiting[..] {
            [] => return None,
            // A terminal sends a key's bytes together; only an answer may be torn here.
            [ESCAPE] if !self.asked => 0,
            [ESCAPE] | [ESCAPE, _] => 40,
            [ESCAPE, b'_' | b'P' | b']', ..] => 2000,
            _ => 500,
        };
        Some(Duration::from_millis(milliseconds))
    }

    /// Nothing more came: a key that looked like a beginning is a key; the beginning of an answer is of no use.
    pub fn give_up(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        if matches!(waiting[..], [ESCAPE] | [ESCAPE, _]) {
            self.done.push_back(waiting);
        }
    }

    /// The last of the answers closes them all.
    pub fn heard(&mut self, event: &Heard) {
        if *event == Heard::Answer(Answer::Done) {
            self.asked = false;
        }
    }
}

/// How long the first piece is; `None` while its end has not come.
fn piece(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [] | [ESCAPE] | [ESCAPE, b'O'] => None,
        [ESCAPE, b'[', ref rest @ ..] => sequence(rest).map(|length| length + 2),
        [ESCAPE, b'O', b'A'..=b'z', ..] => Some(3),
        [ESCAPE, kind @ (b'_' | b'P' | b']'), ref rest @ ..] => string(kind, rest).map(|length| length + 2),
        [ESCAPE, ESCAPE, ..] => Some(1),
        [ESCAPE, ref rest @ ..] => character(rest).map(|length| length + 1),
        _ => character(bytes),
    }
}

/// The length of a control sequence behind its introducer.
fn sequence(rest: &[u8]) -> Option<usize> {
    match *rest {
        // The function keys of Linux's console.
        [b'[', _, ..] => return Some(2),
        [b'['] => return None,
        // The mouse as X10 has it: three bytes of any kind.
        [b'M', ..] => return (rest.len() >= 4).then_some(4),
        _ => {}
    }
    let at = rest.iter().position(|byte| !(0x20..=0x3f).contains(byte));
    match at {
        Some(at) if (0x40..=0x7e).contains(&rest[at]) => Some(at + 1),
        // Something else begins before this one has ended.
        Some(at) => Some(at),
        None if rest.len() > LONGEST => Some(rest.len()),
        None => None,
    }
}

/// The length of a string (APC, DCS, OSC) behind its introducer, its end included; 0 where none begins there.
fn string(kind: u8, rest: &[u8]) -> Option<usize> {
    let first = *rest.first()?;
    let begins = match kind {
        b'_' => first == b'G',
        b'P' => matches!(first, b'>' | b'!' | b'0'..=b'9'),
        _ => first.is_ascii_digit(),
    };
    if !begins {
        // A letter with Alt.
        return Some(0);
    }
    let end = rest.iter().position(|byte| *byte < 0x20);
    match end.map(|at| (at, &rest[at..])) {
        Some((at, [ESCAPE, b'\\', ..])) => Some(at + 2),
        Some((_, [ESCAPE])) => None,
        Some((at, [BELL, ..])) => Some(at + 1),
        // Torn off: what comes now is something else.
        Some((at, _)) => Some(at),
        None if rest.len() > LONGEST => Some(rest.len()),
        None => None,
    }
}

/// The length of a character in UTF-8; a byte that begins none stands alone.
fn character(bytes: &[u8]) -> Option<usize> {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Some(1),
    };
    let follows = bytes[1..].iter().take(length - 1).take_while(|byte| (0x80..=0xbf).contains(*byte)).count();
    match follows {
        all if all == length - 1 => Some(length),
        some if some + 1 == bytes.len() => None,
        some => Some(some + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::event;
    use super::*;

    const ANSWERS: &[u8] = b"\x1b_Gi=31;OK\x1b\\\x1bP>|WezTerm 2024\x1b\\\x1b[6;20;10t\x1b[?62;4;22c\x1b[0n";

    /// What is heard when the bytes come in the given parts, and after a long silence.
    fn heard(parts: &[&[u8]]) -> Vec<Heard> {
        let mut pieces = Pieces::new(true);
        let mut heard = Vec::new();
        for part in parts {
            pieces.take(part);
            heard.extend(std::iter::from_fn(|| pieces.next()).filter_map(|piece| event(&piece)));
        }
        pieces.give_up();
        heard.extend(std::iter::from_fn(|| pieces.next()).filter_map(|piece| event(&piece)));
        heard
    }

    fn keys(heard: &[Heard]) -> String {
        let key = |heard: &Heard| match heard {
            Heard::Key(key) => key.code.to_string(),
            Heard::Mouse(_) => "mouse".into(),
            Heard::Answer(_) => "!".into(),
        };
        heard.iter().map(key).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn answers_are_taken_out_wherever_they_are_torn() {
        let whole = heard(&[ANSWERS]);
        assert_eq!(whole.len(), 5, "{whole:?}");
        assert!(whole.iter().all(|heard| matches!(heard, Heard::Answer(_))));
        for at in 0..ANSWERS.len() {
            let (before, after) = ANSWERS.split_at(at);
            assert_eq!(heard(&[before, after]), whole, "torn at {at}");
            assert_eq!(keys(&heard(&[b"j", before, after, b"k"])), "j ! ! ! ! ! k", "torn at {at}");
        }
        let single: Vec<&[u8]> = ANSWERS.chunks(1).collect();
        assert_eq!(heard(&single), whole);
    }

    #[test]
    fn keys_between_answers_stay_keys() {
        let parts: [&[u8]; 5] = [b"q\x1b[A\x1b_Gi=31;", b"OK\x1b", b"\\\xc3", b"\xa9\x1b[?6c", b"\x1b[5~j"];
        assert_eq!(keys(&heard(&parts)), "q Up ! é ! Page Up j");
    }

    #[test]
    fn what_looks_like_an_answer_and_is_none_loses_no_key() {
        assert_eq!(keys(&heard(&[b"\x1b"])), "Esc");
        assert_eq!(keys(&heard(&[b"\x1b\x1b[B"])), "Esc Down");
        assert_eq!(keys(&heard(&[b"\x1b_a\x1bPx\x1b]x"])), "_ a P x ] x");
        assert_eq!(keys(&heard(&[b"\x1b_", b""])), "_");
        // An answer that breaks off ends with the next key that is no text.
        assert_eq!(keys(&heard(&[b"\x1b_Gi=31\rj"])), "Enter j");
        assert_eq!(keys(&heard(&[b"\x1b[12\x03q"])), "c q");
        let endless = [b"\x1b_G".as_slice(), &[b'x'; 4000], b"\rq"].concat();
        assert!(keys(&heard(&[&endless])).ends_with("Enter q"));
        assert_eq!(keys(&heard(&[b"\xff\xc3q"])), "q");
    }

    #[test]
    fn an_escape_waits_only_while_answers_are_awaited() {
        let mut pieces = Pieces::new(true);
        assert_eq!(pieces.patience(), None);
        pieces.take(b"\x1b");
        assert!(pieces.patience().is_some_and(|patience| !patience.is_zero()));
        pieces.heard(&Heard::Answer(Answer::Done));
        assert_eq!(pieces.patience(), Some(Duration::ZERO));
    }

    #[test]
    fn no_bytes_at_all_lead_to_a_panic_or_an_endless_piece() {
        let mut dice = 7u64;
        let likely = b"\x1b\x1b[[_PG];0?<Mmtcn\\\x07~uR\xc3\xa9q";
        for _ in 0..400 {
            let bytes: Vec<u8> = (0..60)
                .map(|_| {
                    dice =
                        dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    match (dice >> 33) as usize {
                        n if n % 5 == 0 => (n / 5 % 256) as u8,
                        n => likely[n % likely.len()],
                    }
                })
                .collect();
            let mut pieces = Pieces::new(true);
            let mut taken = 0;
            for part in bytes.chunks(7) {
                pieces.take(part);
                while let Some(piece) = pieces.next() {
                    taken += piece.len();
                    let _ = event(&piece);
                }
            }
            assert_eq!(taken + pieces.waiting.len(), bytes.len());
        }
    }
}
