//! Keys: what has the keyboard, and what a key does there. The table of all of them is in `table`; `user` lays what a
//! user wants over it.

#[cfg(test)]
mod document;
mod key;
mod table;
mod user;

pub(super) use user::lay_over;

use super::action::Action;
use crossterm::event::KeyEvent;
use key::Key;
use std::borrow::Cow;

/// What has the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Runs,
    /// The tabs of a run.
    Charts,
    /// The timeline in place of the charts.
    Timeline,
    Scores,
    Confusion,
    Explain,
    /// The config or the log of a run.
    Lines,
    Compare,
    System,
    /// The list of searches.
    Searches,
    /// One search.
    Search,
    /// The form for a new search.
    NewSearch,
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
    pub const ALL: [Self; 17] = [
        Self::Runs,
        Self::Charts,
        Self::Timeline,
        Self::Scores,
        Self::Confusion,
        Self::Explain,
        Self::Lines,
        Self::Compare,
        Self::System,
        Self::Searches,
        Self::Search,
        Self::NewSearch,
        Self::Launch,
        Self::Help,
        Self::Question,
        Self::Prompt,
        Self::Field,
    ];

    /// Its section in `keys.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Charts => "charts",
            Self::Timeline => "timeline",
            Self::Scores => "scores",
            Self::Confusion => "confusion",
            Self::Explain => "explain",
            Self::Lines => "config-log",
            Self::Compare => "compare",
            Self::System => "system",
            Self::Searches => "searches",
            Self::Search => "search",
            Self::NewSearch => "new-search",
            Self::Launch => "launch",
            Self::Help => "help",
            Self::Question => "question",
            Self::Prompt => "prompt",
            Self::Field => "field",
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u16
    }

    /// Letters are text here.
    const fn takes_text(self) -> bool {
        matches!(self, Self::Prompt | Self::Field)
    }
}

/// Keys that do one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    places: u32,
    keys: Cow<'static, [Key]>,
    pub action: Action,
    /// The keys as the help writes them; the footer writes the first.
    pub shown: Cow<'static, str>,
    /// The line in the help.
    pub about: &'static str,
    /// The word in the footer; empty where the help is enough.
    pub hint: &'static str,
}

const fn row(
    places: u32,
    keys: &'static [Key],
    action: Action,
    [shown, about, hint]: [&'static str; 3],
) -> Binding {
    Binding { places, keys: Cow::Borrowed(keys), action, shown: Cow::Borrowed(shown), about, hint }
}

impl Binding {
    const fn is_in(&self, place: Place) -> bool {
        self.places & place.bit() != 0
    }

    /// The keys in letters that every terminal has, where it lacks arrows.
    pub fn written(&self, has_arrows: bool) -> Cow<'_, str> {
        if has_arrows || self.shown.is_ascii() {
            return Cow::Borrowed(&self.shown);
        }
        let words = [("↑", "Up"), ("↓", "Down"), ("←", "Left"), ("→", "Right")];
        Cow::Owned(words.iter().fold(self.shown.to_string(), |text, (arrow, word)| text.replace(arrow, word)))
    }
}

/// Whatever a user's table says, this key leaves: nobody is locked in.
const LEAVES: Key = Key::Ctrl('c');

/// Which keys do what: the table, and what a user changed in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Keys {
    rows: Vec<Binding>,
}

impl Default for Keys {
    fn default() -> Self {
        Self { rows: table::BINDINGS.to_vec() }
    }
}

impl Keys {
    /// What a key does there; `None` for keys that do nothing.
    pub fn action(&self, place: Place, event: KeyEvent) -> Option<Action> {
        let pressed = Key::of(event)?;
        let bound = self.rows.iter().find(|row| row.is_in(place) && row.keys.contains(&pressed));
        match (bound, pressed) {
            (Some(row), _) => Some(row.action),
            (None, Key::Char(c)) if place.takes_text() && !c.is_control() => Some(Action::Insert(c)),
            _ => None,
        }
    }

    /// The rows of a place that have a key, in order.
    pub fn bindings(&self, place: Place) -> impl Iterator<Item = &Binding> {
        self.rows.iter().filter(move |row| row.is_in(place) && !row.keys.is_empty())
    }

    /// The key for an action there, as a sentence names it.
    pub fn key_for(&self, place: Place, action: Action) -> Option<&str> {
        self.bindings(place).find(|row| row.action == action)?.shown.split_whitespace().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::action::Tab;
    use crossterm::event::{KeyCode, KeyModifiers};

    fn press(code: KeyCode, modifiers: KeyModifiers) -> impl Fn(Place) -> Option<Action> {
        let keys = Keys::default();
        move |place| keys.action(place, KeyEvent::new(code, modifiers))
    }

    #[test]
    fn no_key_means_two_things_in_one_place() {
        let keys = Keys::default();
        for place in Place::ALL {
            let mut seen = Vec::new();
            for key in keys.bindings(place).flat_map(|row| row.keys.iter()) {
                assert!(!seen.contains(key), "{key:?} twice in {place:?}");
                seen.push(*key);
            }
        }
    }

    #[test]
    fn every_key_is_told_in_the_help() {
        for row in table::BINDINGS {
            assert!(!row.about.is_empty() && !row.shown.is_empty(), "{:?}", row.action);
            for word in row.shown.split(' ') {
                let key = Key::parse(word).unwrap();
                assert!(row.keys.contains(&key), "the table says {word} for {:?}", row.action);
            }
        }
        for tab in Tab::ALL {
            let action = press(KeyCode::Char(tab.digit()), KeyModifiers::NONE)(Place::Charts);
            assert_eq!(action, Some(Action::Tab(tab)));
        }
    }

    #[test]
    fn letters_are_text_in_text_fields_only() {
        let q = press(KeyCode::Char('q'), KeyModifiers::NONE);
        assert_eq!(q(Place::Prompt), Some(Action::Insert('q')));
        assert_eq!(q(Place::Field), Some(Action::Insert('q')));
        assert_eq!(q(Place::Runs), Some(Action::Back));
        assert_eq!(press(KeyCode::Char('G'), KeyModifiers::SHIFT)(Place::Runs), Some(Action::Last));
        let c = press(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert!(Place::ALL.iter().all(|place| c(*place) == Some(Action::Leave)));
        assert_eq!(press(KeyCode::Char('Z'), KeyModifiers::NONE)(Place::Runs), None);
        assert_eq!(press(KeyCode::Char('q'), KeyModifiers::ALT)(Place::Prompt), None);
    }

    #[test]
    fn escape_leads_out_everywhere_and_never_away() {
        let escape = press(KeyCode::Esc, KeyModifiers::NONE);
        assert!(Place::ALL.iter().all(|place| escape(*place) == Some(Action::Out)));
    }

    #[test]
    fn places_and_actions_have_names_of_their_own() {
        let mut places = Place::ALL.map(Place::name).to_vec();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), Place::ALL.len());
        let mut names: Vec<(&str, Action)> = Vec::new();
        for row in table::BINDINGS {
            let name = row.action.name();
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !name.is_empty(), "{name}");
            assert!(names.iter().all(|(other, action)| *other != name || *action == row.action), "{name}");
            names.push((name, row.action));
        }
    }

    #[test]
    fn arrows_are_words_where_the_terminal_has_none() {
        let keys = Keys::default();
        let up = keys.bindings(Place::Runs).find(|row| row.action == Action::Up).unwrap();
        assert_eq!((up.written(true).as_ref(), up.written(false).as_ref()), ("k ↑", "k Up"));
        assert!(table::BINDINGS.iter().all(|row| row.written(false).is_ascii()));
    }
}
