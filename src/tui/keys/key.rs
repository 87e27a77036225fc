//! A key as the terminal sends it, as `keys.toml` names it, and as the footer and the help write it.

use crate::data::nearest;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Ctrl(char),
    Alt(char),
    Code(KeyCode),
}

use Key::{Alt, Char, Code, Ctrl};

/// Keys without a letter: the name in `keys.toml`, and what the footer and the help write.
const NAMED: [(Key, &str, &str); 26] = [
    (Code(KeyCode::Enter), "enter", "Enter"),
    (Code(KeyCode::Esc), "esc", "Esc"),
    (Code(KeyCode::Tab), "tab", "Tab"),
    (Code(KeyCode::BackTab), "shift-tab", "S-Tab"),
    (Char(' '), "space", "Space"),
    (Code(KeyCode::Backspace), "backspace", "Backspace"),
    (Code(KeyCode::Delete), "delete", "Del"),
    (Code(KeyCode::Insert), "insert", "Ins"),
    (Code(KeyCode::Up), "up", "↑"),
    (Code(KeyCode::Down), "down", "↓"),
    (Code(KeyCode::Left), "left", "←"),
    (Code(KeyCode::Right), "right", "→"),
    (Code(KeyCode::Home), "home", "Home"),
    (Code(KeyCode::End), "end", "End"),
    (Code(KeyCode::PageUp), "page-up", "PgUp"),
    (Code(KeyCode::PageDown), "page-down", "PgDn"),
    (Code(KeyCode::F(1)), "f1", "F1"),
    (Code(KeyCode::F(2)), "f2", "F2"),
    (Code(KeyCode::F(3)), "f3", "F3"),
    (Code(KeyCode::F(4)), "f4", "F4"),
    (Code(KeyCode::F(5)), "f5", "F5"),
    (Code(KeyCode::F(6)), "f6", "F6"),
    (Code(KeyCode::F(7)), "f7", "F7"),
    (Code(KeyCode::F(8)), "f8", "F8"),
    (Code(KeyCode::F(9)), "f9", "F9"),
    (Code(KeyCode::F(10)), "f10", "F10"),
];

impl Key {
    /// The key that was pressed; `None` for keys that nothing can be bound to.
    pub(super) fn of(event: KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let has = |modifier| event.modifiers.contains(modifier);
        Some(match event.code {
            KeyCode::Char(c) if has(KeyModifiers::CONTROL) => Ctrl(c.to_ascii_lowercase()),
            KeyCode::Char(c) if has(KeyModifiers::ALT) => Alt(c),
            KeyCode::Char(c) => Char(c),
            code => Code(code),
        })
    }

    /// The key that a person names, or a sentence on why there is none.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut letters = text.chars();
        if let (Some(letter), None) = (letters.next(), letters.next())
            && !letter.is_control()
            && !letter.is_whitespace()
            && !NAMED.iter().any(|(.., shown)| *shown == text)
        {
            return Ok(Char(letter));
        }
        let lower = text.to_lowercase();
        let named = NAMED.iter().find(|(_, name, shown)| *name == lower || shown.to_lowercase() == lower);
        if let Some((key, ..)) = named {
            return Ok(*key);
        }
        if let Some(rest) = lower.strip_prefix("ctrl-") {
            return control(rest, text);
        }
        if let Some((true, rest)) =
            text.get(..4).map(|start| (start.eq_ignore_ascii_case("alt-"), &text[4..]))
            && let (Some(letter), None) = (rest.chars().next(), rest.chars().nth(1))
            && letter.is_ascii_graphic()
        {
            return Ok(Alt(letter));
        }
        let names = NAMED.iter().map(|(_, name, _)| *name);
        Err(match (lower.strip_prefix("shift-"), nearest(&lower, names)) {
            (Some(rest), _) if rest.chars().count() == 1 => {
                format!("'{text}' is written as the capital letter: '{}'", rest.to_uppercase())
            }
            (_, Some(name)) => format!("there is no key '{text}'; did you mean '{name}'?"),
            (_, None) => {
                format!("there is no key '{text}'; keys are as 'x', 'X', 'ctrl-x', 'alt-x', 'page-up'")
            }
        })
    }

    /// As `keys.toml` has it.
    pub(super) fn name(self) -> String {
        match (NAMED.iter().find(|(key, ..)| *key == self), self) {
            (Some((_, name, _)), _) => (*name).into(),
            (None, Char(c)) => c.into(),
            (None, Ctrl(c)) => format!("ctrl-{c}"),
            (None, Alt(c)) => format!("alt-{c}"),
            (None, Code(code)) => format!("{code:?}"),
        }
    }

    /// As the footer and the help write it.
    pub(super) fn shown(self) -> Cow<'static, str> {
        match (NAMED.iter().find(|(key, ..)| *key == self), self) {
            (Some((.., shown)), _) => (*shown).into(),
            (None, Char(c)) => c.to_string().into(),
            (None, Ctrl(c)) => format!("Ctrl-{c}").into(),
            (None, Alt(c)) => format!("Alt-{c}").into(),
            (None, Code(code)) => format!("{code:?}").into(),
        }
    }
}

fn control(rest: &str, text: &str) -> Result<Key, String> {
    let mut letters = rest.chars();
    match (letters.next(), letters.next()) {
        (Some('i'), None) => Err("terminals send the same for 'ctrl-i' as for 'tab'".into()),
        (Some('m'), None) => Err("terminals send the same for 'ctrl-m' as for 'enter'".into()),
        (Some(letter @ 'a'..='z'), None) => Ok(Ctrl(letter)),
        _ => Err(format!("there is no key '{text}'; with ctrl there are the letters 'ctrl-a' to 'ctrl-z'")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_as_people_write_it() {
        for (text, key) in [
            ("x", Char('x')),
            ("X", Char('X')),
            ("-", Char('-')),
            ("é", Char('é')),
            ("space", Char(' ')),
            ("Ctrl-D", Ctrl('d')),
            ("alt-X", Alt('X')),
            ("Alt--", Alt('-')),
            ("PgUp", Code(KeyCode::PageUp)),
            ("page-up", Code(KeyCode::PageUp)),
            ("↑", Code(KeyCode::Up)),
            ("Shift-Tab", Code(KeyCode::BackTab)),
            ("F1", Code(KeyCode::F(1))),
        ] {
            assert_eq!(Key::parse(text), Ok(key), "{text}");
            assert_eq!(Key::parse(&key.name()), Ok(key), "{text}");
            assert_eq!(Key::parse(&key.shown()), Ok(key), "{text}");
        }
    }

    #[test]
    fn a_key_that_is_none_is_refused_with_what_was_meant() {
        for (text, told) in [
            ("pageup", "did you mean 'page-up'?"),
            ("shift-d", "'D'"),
            ("ctrl-i", "'tab'"),
            ("ctrl-1", "'ctrl-a' to 'ctrl-z'"),
            ("", "keys are as"),
            ("\u{1b}", "keys are as"),
            ("é😀", "keys are as"),
        ] {
            let error = Key::parse(text).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn a_key_is_what_the_terminal_sends() {
        let event = |code, modifiers| KeyEvent::new(code, modifiers);
        assert_eq!(Key::of(event(KeyCode::Char('W'), KeyModifiers::CONTROL)), Some(Ctrl('w')));
        assert_eq!(Key::of(event(KeyCode::Char('w'), KeyModifiers::ALT)), Some(Alt('w')));
        assert_eq!(Key::of(event(KeyCode::Char('W'), KeyModifiers::SHIFT)), Some(Char('W')));
        let released = KeyEvent { kind: KeyEventKind::Release, ..event(KeyCode::Enter, KeyModifiers::NONE) };
        assert_eq!(Key::of(released), None);
    }
}
