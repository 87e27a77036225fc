//! What a piece of the terminal's bytes means. Keys as xterm and its like send them.

use super::Heard;
use crate::tui::graphics::Answer;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

const ESCAPE: u8 = 0x1b;

/// The event of one piece; `None` where it means nothing here.
pub(super) fn event(piece: &[u8]) -> Option<Heard> {
    match piece {
        [ESCAPE] => key(KeyCode::Esc),
        [ESCAPE, b'O', end @ b'A'..=b'z'] => named(*end).and_then(key),
        [ESCAPE, b'[', b'[', end @ b'A'..=b'E'] => key(KeyCode::F(end - b'A' + 1)),
        [ESCAPE, b'[', b'M', button, x, y] => {
            let at = |byte: &u8| u16::from(byte.saturating_sub(32));
            mouse(at(button), at(x), at(y), false)
        }
        [ESCAPE, b'[', middle @ .., end] => sequence(std::str::from_utf8(middle).ok()?, *end),
        [ESCAPE, b'_', b'G', text @ .., ESCAPE, b'\\'] => {
            let text = std::str::from_utf8(text).ok()?;
            Some(Heard::Answer(Answer::Kitty(text.ends_with(";OK"))))
        }
        [ESCAPE, b'P', b'>', b'|', text @ .., ESCAPE, b'\\'] => {
            Some(Heard::Answer(Answer::Version(String::from_utf8_lossy(text).into_owned())))
        }
        // Of what was not asked.
        [ESCAPE, b'_' | b'P' | b']', _, ..] => None,
        [ESCAPE, text @ ..] => character(text)
            .map(|(code, modifiers)| Heard::Key(KeyEvent::new(code, modifiers | KeyModifiers::ALT))),
        text => character(text).map(|(code, modifiers)| Heard::Key(KeyEvent::new(code, modifiers))),
    }
}

fn key(code: KeyCode) -> Option<Heard> {
    Some(Heard::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

/// A character, or the key that sends this control character.
fn character(bytes: &[u8]) -> Option<(KeyCode, KeyModifiers)> {
    let control = |letter: u8| (KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL);
    Some(match bytes {
        [b'\r'] => (KeyCode::Enter, KeyModifiers::NONE),
        [b'\t'] => (KeyCode::Tab, KeyModifiers::NONE),
        [0x7f] => (KeyCode::Backspace, KeyModifiers::NONE),
        [0] => control(b' '),
        [byte @ 0x01..=0x1a] => control(byte - 1 + b'a'),
        [byte @ 0x1c..=0x1f] => control(byte - 0x1c + b'4'),
        bytes => {
            let c = std::str::from_utf8(bytes).ok()?.chars().next()?;
            let modifiers = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
            (KeyCode::Char(c), modifiers)
        }
    })
}

/// The key of a sequence that ends with this letter.
fn named(end: u8) -> Option<KeyCode> {
    Some(match end {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        b'R' => KeyCode::F(3),
        b'S' => KeyCode::F(4),
        b'Z' => KeyCode::BackTab,
        _ => return None,
    })
}

/// The key of a sequence `CSI number ~`.
fn numbered(number: u16) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number as u8 - 10),
        17..=21 => KeyCode::F(number as u8 - 11),
        23..=26 => KeyCode::F(number as u8 - 12),
        28..=29 => KeyCode::F(number as u8 - 15),
        31..=34 => KeyCode::F(number as u8 - 17),
        _ => return None,
    })
}

/// A control sequence: what stands between the introducer and the last byte, and this byte.
fn sequence(middle: &str, end: u8) -> Option<Heard> {
    // Sub-parameters (behind a colon) say what kind of press it was; all count as presses.
    let numbers: Vec<u16> = middle
        .trim_start_matches(['<', '?', '>', '='])
        .split(';')
        .map(|number| number.split(':').next().and_then(|number| number.parse().ok()).unwrap_or(0))
        .collect();
    let with = |code: KeyCode, modifiers: u16| {
        let modifiers = self::modifiers(modifiers);
        let is_back = code == KeyCode::Tab && modifiers.contains(KeyModifiers::SHIFT);
        Some(Heard::Key(KeyEvent::new(if is_back { KeyCode::BackTab } else { code }, modifiers)))
    };
    match (middle.chars().next(), end, &numbers[..]) {
        (Some('<'), b'M' | b'm', [button, x, y]) => mouse(*button, *x, *y, end == b'm'),
        (Some('?'), b'c', attributes) => Some(Heard::Answer(Answer::Attributes(attributes.to_vec()))),
        (Some('<' | '?' | '>' | '='), ..) => None,
        (_, b'n', [0 | 3]) => Some(Heard::Answer(Answer::Done)),
        (_, b't', [6, height, width]) => Some(Heard::Answer(Answer::CellSize(*width, *height))),
        (_, b'M', [button, x, y]) => mouse(button.saturating_sub(32), *x, *y, false),
        (_, b'~', [27, modifiers, code]) | (_, b'u', [code, modifiers]) => with(coded(*code)?, *modifiers),
        (_, b'u', [code]) => with(coded(*code)?, 1),
        (_, b'~', [number]) => with(numbered(*number)?, 1),
        (_, b'~', [number, modifiers]) => with(numbered(*number)?, *modifiers),
        (None, end, _) => {
            let modifiers = if end == b'Z' { 2 } else { 1 };
            with(named(end)?, modifiers)
        }
        // Where the cursor is ends like the third function key; it stands in the first row only by chance.
        (_, end, [1, modifiers @ 1..=16]) => with(named(end)?, *modifiers),
        _ => None,
    }
}

/// A key by its code point.
fn coded(code: u16) -> Option<KeyCode> {
    Some(match code {
        27 => KeyCode::Esc,
        13 => KeyCode::Enter,
        9 => KeyCode::Tab,
        127 => KeyCode::Backspace,
        // Keys without a letter, as those of the volume.
        0xe000..=0xf8ff => return None,
        code => KeyCode::Char(char::from_u32(code.into()).filter(|c| !c.is_control())?),
    })
}

/// xterm's number: one more than the sum of Shift 1, Alt 2, Control 4.
fn modifiers(number: u16) -> KeyModifiers {
    let bits = number.saturating_sub(1);
    [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)]
        .into_iter()
        .filter(|(bit, _)| bits & bit != 0)
        .fold(KeyModifiers::NONE, |all, (_, modifier)| all | modifier)
}

/// A movement of the mouse; columns and rows count from 1.
fn mouse(code: u16, x: u16, y: u16, released: bool) -> Option<Heard> {
    let button = match code & 3 {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    let kind = match (code & 0xc0, code & 3, code & 32 != 0) {
        (0, 3, true) => MouseEventKind::Moved,
        (0, 3, false) => MouseEventKind::Up(MouseButton::Left),
        (0, _, true) => MouseEventKind::Drag(button),
        (0, _, false) if released => MouseEventKind::Up(button),
        (0, _, false) => MouseEventKind::Down(button),
        (64, 0, _) => MouseEventKind::ScrollUp,
        (64, 1, _) => MouseEventKind::ScrollDown,
        (64, 2, _) => MouseEventKind::ScrollLeft,
        (64, _, _) => MouseEventKind::ScrollRight,
        _ => return None,
    };
    let modifiers = modifiers((code >> 2 & 7) + 1);
    Some(Heard::Mouse(MouseEvent { kind, column: x.saturating_sub(1), row: y.saturating_sub(1), modifiers }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(piece: &[u8]) -> (KeyCode, KeyModifiers) {
        match event(piece) {
            Some(Heard::Key(key)) => (key.code, key.modifiers),
            other => panic!("{:?} is {other:?}", String::from_utf8_lossy(piece)),
        }
    }

    #[test]
    fn keys_are_what_they_are_in_other_readers() {
        const NONE: KeyModifiers = KeyModifiers::NONE;
        let cases: [(&[u8], KeyCode, KeyModifiers); 23] = [
            (b"q", KeyCode::Char('q'), NONE),
            (b"Q", KeyCode::Char('Q'), KeyModifiers::SHIFT),
            ("表".as_bytes(), KeyCode::Char('表'), NONE),
            (b"\r", KeyCode::Enter, NONE),
            (b"\t", KeyCode::Tab, NONE),
            (b"\x7f", KeyCode::Backspace, NONE),
            (b"\x03", KeyCode::Char('c'), KeyModifiers::CONTROL),
            (b"\x1a", KeyCode::Char('z'), KeyModifiers::CONTROL),
            (b"\x1b", KeyCode::Esc, NONE),
            (b"\x1bx", KeyCode::Char('x'), KeyModifiers::ALT),
            (b"\x1b[A", KeyCode::Up, NONE),
            (b"\x1bOB", KeyCode::Down, NONE),
            (b"\x1b[1;5C", KeyCode::Right, KeyModifiers::CONTROL),
            (b"\x1b[Z", KeyCode::BackTab, KeyModifiers::SHIFT),
            (b"\x1b[9;2u", KeyCode::BackTab, KeyModifiers::SHIFT),
            (b"\x1b[H", KeyCode::Home, NONE),
            (b"\x1b[4~", KeyCode::End, NONE),
            (b"\x1b[5~", KeyCode::PageUp, NONE),
            (b"\x1b[6;2~", KeyCode::PageDown, KeyModifiers::SHIFT),
            (b"\x1bOP", KeyCode::F(1), NONE),
            (b"\x1b[15~", KeyCode::F(5), NONE),
            (b"\x1b[24~", KeyCode::F(12), NONE),
            (b"\x1b[97;5u", KeyCode::Char('a'), KeyModifiers::CONTROL),
        ];
        for (piece, code, modifiers) in cases {
            assert_eq!(code_of(piece), (code, modifiers), "{:?}", String::from_utf8_lossy(piece));
        }
    }

    #[test]
    fn the_mouse_is_heard_in_all_three_dialects() {
        for piece in [b"\x1b[<0;5;9M".as_slice(), b"\x1b[32;5;9M", b"\x1b[M\x20\x25\x29"] {
            let Some(Heard::Mouse(event)) = event(piece) else { panic!("{piece:?}") };
            assert_eq!(event.kind, MouseEventKind::Down(MouseButton::Left));
            assert_eq!((event.column, event.row), (4, 8));
        }
        let wheel = event(b"\x1b[<65;1;1M");
        assert!(matches!(wheel, Some(Heard::Mouse(event)) if event.kind == MouseEventKind::ScrollDown));
        let up = event(b"\x1b[<0;1;1m");
        assert!(
            matches!(up, Some(Heard::Mouse(event)) if event.kind == MouseEventKind::Up(MouseButton::Left))
        );
    }

    #[test]
    fn answers_say_what_the_terminal_can() {
        let answers = [
            (b"\x1b_Gi=31;OK\x1b\\".as_slice(), Answer::Kitty(true)),
            (b"\x1b_Gi=31;ENOTSUPPORTED:no\x1b\\", Answer::Kitty(false)),
            (b"\x1b[?62;4;22c", Answer::Attributes(vec![62, 4, 22])),
            (b"\x1b[6;20;10t", Answer::CellSize(10, 20)),
            (b"\x1bP>|iTerm2 3.5\x1b\\", Answer::Version("iTerm2 3.5".into())),
            (b"\x1b[0n", Answer::Done),
        ];
        for (piece, answer) in answers {
            assert_eq!(event(piece), Some(Heard::Answer(answer)));
        }
        for other in [
            b"\x1b[24;80R".as_slice(),
            b"\x1b[I",
            b"\x1b]11;rgb:0/0/0\x07",
            b"\x1b[?1u",
            b"\x1b[200~",
            b"\x1b[57439u",
        ] {
            assert_eq!(event(other), None, "{:?}", String::from_utf8_lossy(other));
        }
    }
}
