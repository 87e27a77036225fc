//! Keys: what has the keyboard, and what a key does there. The table of all of them is in [`table`].

mod table;

use super::action::Action;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What has the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Runs,
    /// The tabs of a run.
    Charts,
    Scores,
    Confusion,
    /// The config or the log of a run.
    Lines,
    Compare,
    System,
    /// The form for a new run, while no field of it is being edited.
    Launch,
    Help,
    /// A question with yes or no.
    Question,
    /// A line that is being typed at the bottom of a screen.
    Prompt,
    /// A field of the form that is being edited.
    Field,
}

impl Place {
    pub const ALL: [Self; 12] = [
        Self::Runs,
        Self::Charts,
        Self::Scores,
        Self::Confusion,
        Self::Lines,
        Self::Compare,
        Self::System,
        Self::Launch,
        Self::Help,
        Self::Question,
        Self::Prompt,
        Self::Field,
    ];

    const fn bit(self) -> u16 {
        1 << self as u16
    }

    /// Letters are text here.
    const fn takes_text(self) -> bool {
        matches!(self, Self::Prompt | Self::Field)
    }
}

/// Keys that do one thing.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    places: u16,
    keys: &'static [Key],
    pub action: Action,
    /// The keys as the help and the footer write them.
    pub shown: &'static str,
    /// The line in the help; empty for keys that need no telling.
    pub about: &'static str,
    /// The word in the footer; empty where the help is enough.
    pub hint: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Char(char),
    Ctrl(char),
    Code(KeyCode),
}

use Key::{Char, Code, Ctrl};

const fn row(
    places: u16,
    keys: &'static [Key],
    action: Action,
    [shown, about, hint]: [&'static str; 3],
) -> Binding {
    Binding { places, keys, action, shown, about, hint }
}

/// Which keys do what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keys {}

impl Keys {
    /// What a key does there; `None` for keys that do nothing.
    pub fn action(&self, place: Place, event: KeyEvent) -> Option<Action> {
        action(place, event)
    }

    /// The rows of a place, in order.
    pub fn bindings(&self, place: Place) -> impl Iterator<Item = &'static Binding> {
        bindings(place)
    }
}

fn action(place: Place, event: KeyEvent) -> Option<Action> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    let pressed = match event.code {
        KeyCode::Char(c) if control => Ctrl(c.to_ascii_lowercase()),
        KeyCode::Char(_) if alt => return None,
        KeyCode::Char(c) => Char(c),
        code => Code(code),
    };
    let bound =
        table::BINDINGS.iter().find(|row| row.places & place.bit() != 0 && row.keys.contains(&pressed));
    match (bound, pressed) {
        (Some(row), _) => Some(row.action),
        (None, Char(c)) if place.takes_text() && !c.is_control() => Some(Action::Insert(c)),
        _ => None,
    }
}

fn bindings(place: Place) -> impl Iterator<Item = &'static Binding> {
    table::BINDINGS.iter().filter(move |row| row.places & place.bit() != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::action::Tab;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for place in Place::ALL {
            let mut seen = Vec::new();
            for key in bindings(place).flat_map(|row| row.keys) {
                assert!(!seen.contains(key), "{key:?} twice in {place:?}");
                seen.push(*key);
            }
        }
    }

    #[test]
    fn every_key_is_told_in_the_help() {
        assert!(table::BINDINGS.iter().all(|row| !row.about.is_empty() && !row.shown.is_empty()));
        for tab in Tab::ALL {
            let key = KeyEvent::new(KeyCode::Char(tab.digit()), KeyModifiers::NONE);
            assert_eq!(action(Place::Charts, key), Some(Action::Tab(tab)));
        }
    }

    #[test]
    fn letters_are_text_in_text_fields_only() {
        let q = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        assert_eq!(action(Place::Prompt, q), Some(Action::Insert('q')));
        assert_eq!(action(Place::Field, q), Some(Action::Insert('q')));
        assert_eq!(action(Place::Runs, q), Some(Action::Back));
        let shifted = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(action(Place::Runs, shifted), Some(Action::Last));
        let c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert!(Place::ALL.iter().all(|place| action(*place, c) == Some(Action::Leave)));
        let z = KeyEvent::new(KeyCode::Char('Z'), KeyModifiers::NONE);
        assert_eq!(action(Place::Runs, z), None);
    }

    #[test]
    fn escape_leads_out_everywhere_and_never_away() {
        let escape = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
        assert!(Place::ALL.iter().all(|place| action(*place, escape) == Some(Action::Out)));
    }
}
