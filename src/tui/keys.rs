//! The one table of keys: what a key does where, its hint in the footer, and its line in the help.

use super::action::{Action, Tab};
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What has the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Runs,
    Run,
    Help,
    /// A question with yes or no.
    Question,
    /// The filter's line on the Runs screen.
    Filter,
    /// The form for a new run.
    Form,
}

impl Place {
    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Letters are text here.
    const fn takes_text(self) -> bool {
        matches!(self, Self::Filter | Self::Form)
    }
}

const RUNS: u8 = Place::Runs.bit();
const RUN: u8 = Place::Run.bit();
const HELP: u8 = Place::Help.bit();
const QUESTION: u8 = Place::Question.bit();
const FILTER: u8 = Place::Filter.bit();
const FORM: u8 = Place::Form.bit();
const SCREENS: u8 = RUNS | RUN;
const TEXT: u8 = FILTER | FORM;
const ALL: u8 = SCREENS | HELP | QUESTION | TEXT;

/// Keys that do one thing.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    places: u8,
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
    places: u8,
    keys: &'static [Key],
    action: Action,
    [shown, about, hint]: [&'static str; 3],
) -> Binding {
    Binding { places, keys, action, shown, about, hint }
}

/// In the order of the footer and the help.
const BINDINGS: &[Binding] = &[
    row(RUNS, &[Code(KeyCode::Enter)], Action::Enter, ["Enter", "open the run", "open"]),
    row(RUN, &[Code(KeyCode::Enter)], Action::Enter, ["Enter", "show one chart, or all again", "one chart"]),
    row(SCREENS, &[Char('k'), Code(KeyCode::Up)], Action::Up, ["k ↑", "up", ""]),
    row(SCREENS, &[Char('j'), Code(KeyCode::Down)], Action::Down, ["j ↓", "down", ""]),
    row(RUN, &[Char('h'), Code(KeyCode::Left)], Action::Left, ["h ←", "left; in a zoomed chart back", ""]),
    row(RUN, &[Char('l'), Code(KeyCode::Right)], Action::Right, ["l →", "right; in a zoomed chart on", ""]),
    row(TEXT, &[Code(KeyCode::Up), Ctrl('p')], Action::Up, ["↑", "up", ""]),
    row(TEXT, &[Code(KeyCode::Down), Ctrl('n')], Action::Down, ["↓", "down", ""]),
    row(SCREENS | TEXT, &[Code(KeyCode::PageUp), Ctrl('b')], Action::PageUp, ["PgUp", "a page up", ""]),
    row(SCREENS | TEXT, &[Code(KeyCode::PageDown), Ctrl('f')], Action::PageDown, ["PgDn", "a page down", ""]),
    row(SCREENS, &[Char('g'), Code(KeyCode::Home)], Action::First, ["g Home", "to the first", ""]),
    row(SCREENS, &[Char('G'), Code(KeyCode::End)], Action::Last, ["G End", "to the last", ""]),
    row(RUN, &[Char('1')], Action::Tab(Tab::Charts), ["1", "charts", ""]),
    row(RUN, &[Char('5')], Action::Tab(Tab::Config), ["5", "config", ""]),
    row(RUN, &[Char('6')], Action::Tab(Tab::Log), ["6", "log", ""]),
    row(RUN, &[Code(KeyCode::Tab)], Action::NextPane, ["Tab", "next of these", "pane"]),
    row(RUNS, &[Char('n')], Action::NewRun, ["n", "new run from a config", "new run"]),
    row(RUNS, &[Char('/')], Action::Filter, ["/", "show only runs that contain a word", "filter"]),
    row(SCREENS, &[Char('x')], Action::Stop, ["x", "stop the run (it keeps a checkpoint)", "stop"]),
    row(SCREENS, &[Char('r')], Action::Resume, ["r", "resume the run", "resume"]),
    row(RUNS, &[Char('D')], Action::Delete, ["D", "delete the run's folder", ""]),
    row(SCREENS, &[Char(']')], Action::SmoothMore, ["]", "smooth the curves more", "smooth"]),
    row(SCREENS, &[Char('[')], Action::SmoothLess, ["[", "smooth the curves less", ""]),
    row(SCREENS, &[Char('L')], Action::LogY, ["L", "logarithmic y axis", "log y"]),
    row(SCREENS, &[Char('X')], Action::NextAxis, ["X", "x axis: step, epoch, time", "x axis"]),
    row(RUN, &[Char('+'), Char('=')], Action::ZoomIn, ["+", "zoom in on the x axis", ""]),
    row(RUN, &[Char('-')], Action::ZoomOut, ["-", "zoom out", ""]),
    row(RUNS, &[Code(KeyCode::Esc)], Action::Out, ["Esc", "clear the filter", ""]),
    row(RUN, &[Code(KeyCode::Esc)], Action::Out, ["Esc", "out of one chart; back to the runs", ""]),
    row(SCREENS, &[Char('?'), Code(KeyCode::F(1))], Action::Help, ["?", "this help", "help"]),
    row(HELP, &[Char('?'), Char('q'), Code(KeyCode::Enter)], Action::Out, ["?", "close", ""]),
    row(FILTER, &[Code(KeyCode::Enter)], Action::Enter, ["Enter", "keep the filter", "keep"]),
    row(
        FORM,
        &[Code(KeyCode::Tab), Code(KeyCode::BackTab)],
        Action::NextPane,
        ["Tab", "other field", "other field"],
    ),
    row(FORM, &[Code(KeyCode::Enter)], Action::Enter, ["Enter", "go on; start the run", "go on"]),
    row(QUESTION, &[Char('y'), Char('Y')], Action::Confirm, ["y", "yes", "yes"]),
    row(QUESTION, &[Char('n'), Char('N'), Char('q')], Action::Out, ["n", "no", "no"]),
    row(TEXT, &[Code(KeyCode::Backspace), Ctrl('h')], Action::Erase, ["Backspace", "erase", ""]),
    row(TEXT, &[Ctrl('w')], Action::EraseWord, ["Ctrl-w", "erase a word", ""]),
    row(TEXT, &[Ctrl('u')], Action::EraseLine, ["Ctrl-u", "erase all", ""]),
    row(HELP | QUESTION | TEXT, &[Code(KeyCode::Esc)], Action::Out, ["Esc", "out", "out"]),
    row(RUN, &[Char('q')], Action::Back, ["q", "back to the runs", "back"]),
    row(RUNS, &[Char('q')], Action::Back, ["q", "leave", "leave"]),
    row(ALL, &[Ctrl('z')], Action::Suspend, ["Ctrl-z", "to the shell; fg comes back", ""]),
    row(ALL, &[Ctrl('c')], Action::Leave, ["Ctrl-c", "leave at once; runs go on", ""]),
];

/// What a key does there; `None` for keys that do nothing.
pub fn action(place: Place, event: KeyEvent) -> Option<Action> {
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
    let bound = BINDINGS.iter().find(|row| row.places & place.bit() != 0 && row.keys.contains(&pressed));
    match (bound, pressed) {
        (Some(row), _) => Some(row.action),
        (None, Char(c)) if place.takes_text() && !c.is_control() => Some(Action::Insert(c)),
        _ => None,
    }
}

/// The rows of a place, in order.
pub fn bindings(place: Place) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |row| row.places & place.bit() != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [Place; 6] =
        [Place::Runs, Place::Run, Place::Help, Place::Question, Place::Filter, Place::Form];

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for place in PLACES {
            let mut seen = Vec::new();
            for key in bindings(place).flat_map(|row| row.keys) {
                assert!(!seen.contains(key), "{key:?} twice in {place:?}");
                seen.push(*key);
            }
        }
    }

    #[test]
    fn every_key_is_told_in_the_help() {
        assert!(BINDINGS.iter().all(|row| !row.about.is_empty() && !row.shown.is_empty()));
        for tab in Tab::ALL {
            let key = KeyEvent::new(KeyCode::Char(tab.digit()), KeyModifiers::NONE);
            assert_eq!(action(Place::Run, key), Some(Action::Tab(tab)));
        }
    }

    #[test]
    fn letters_are_text_in_text_fields_only() {
        let q = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        assert_eq!(action(Place::Filter, q), Some(Action::Insert('q')));
        assert_eq!(action(Place::Form, q), Some(Action::Insert('q')));
        assert_eq!(action(Place::Runs, q), Some(Action::Back));
        let shifted = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(action(Place::Runs, shifted), Some(Action::Last));
        let c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert!(PLACES.iter().all(|place| action(*place, c) == Some(Action::Leave)));
        let z = KeyEvent::new(KeyCode::Char('Z'), KeyModifiers::NONE);
        assert_eq!(action(Place::Runs, z), None);
    }

    #[test]
    fn escape_leads_out_everywhere_and_never_away() {
        let escape = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
        assert!(PLACES.iter().all(|place| action(*place, escape) == Some(Action::Out)));
    }
}
