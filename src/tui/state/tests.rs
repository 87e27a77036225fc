use super::*;
use crate::run::{MetricsReader, Status};
use crate::tui::action::Action;
use crate::tui::keys;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt::Write;

mod charts;
mod lines;
mod runs;

/// Run folders that exist, as the state asks for nothing else of them.
pub(super) struct Runs {
    folder: tempfile::TempDir,
}

impl Runs {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(super) fn entry(&self, name: &str, state: RunState) -> RunEntry {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("status.json"), "{}").unwrap();
        let status = Status::new(RunState::Queued);
        RunEntry {
            folder: RunFolder::open(&path).unwrap(),
            id: name.into(),
            name: name.into(),
            state,
            reason: None,
            arch: "gimefive".into(),
            device: "cpu".into(),
            search: None,
            host: String::new(),
            tags: Vec::new(),
            note: String::new(),
            notes_problem: None,
            epoch: 3,
            epochs: 10,
            step: 250,
            steps: 1000,
            images_per_second: None,
            eta_seconds: None,
            heartbeat: status.heartbeat,
            created: None,
            valid_accuracy: None,
            test_accuracy: None,
        }
    }

    fn slices(&self, entry: &RunEntry, rows: u64) -> Vec<crate::run::MetricsSlice> {
        let mut text = String::new();
        for step in 1..=rows {
            for key in ["train", "valid"] {
                writeln!(text, "{{\"seq\":{step},\"time\":{step},\"epoch\":1,\"step\":{step},\"split\":\"{key}\",\"loss\":1.5,\"accuracy\":0.5,\"other\":2}}").unwrap();
            }
        }
        std::fs::write(entry.folder.metrics(), text).unwrap();
        let mut reader = MetricsReader::new(&entry.folder);
        std::iter::from_fn(|| reader.read(1 << 12).unwrap()).collect()
    }
}

pub(super) fn press(state: &mut State, code: KeyCode) -> Vec<Effect> {
    state.update(Message::Key(KeyEvent::new(code, KeyModifiers::NONE))).effects
}

/// Types; `\n` is Enter.
pub(super) fn keys(state: &mut State, text: &str) -> Vec<Effect> {
    let code = |c| if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
    text.chars().flat_map(|c| press(state, code(c))).collect()
}

pub(super) fn started(runs: &Runs, names: &[(&str, RunState)]) -> State {
    let mut state = State::new("runs", (120, 40));
    let entries = names.iter().map(|(name, run)| runs.entry(name, *run)).collect();
    state.update(Message::Runs(Ok(entries)));
    state
}

const THREE: [(&str, RunState); 3] =
    [("c", RunState::Running), ("b", RunState::Finished), ("a", RunState::Lost)];

fn chosen(state: &State) -> &str {
    &state.list.chosen().unwrap().name
}

#[test]
fn the_chosen_run_is_followed_and_no_other_one() {
    let runs = Runs::new();
    let mut state = State::new("runs", (120, 40));
    let entries: Vec<_> = THREE.iter().map(|(name, run)| runs.entry(name, *run)).collect();
    let effects = state.update(Message::Runs(Ok(entries.clone()))).effects;
    assert_eq!(effects, [Effect::Follow(1, entries[0].folder.clone())]);
    assert_eq!(keys(&mut state, "j"), [Effect::Follow(2, entries[1].folder.clone())]);
    let slice = runs.slices(&entries[0], 3).remove(0);
    assert!(!state.update(Message::Metrics(1, Box::new(slice))).draw, "the first request is void");
    assert!(state.current_data().unwrap().charts.is_empty());
    assert_eq!(state.update(Message::Runs(Ok(entries))).effects, [], "the same run is not asked for again");
}

#[test]
fn moving_keys_move_in_the_list() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    for (code, name) in [
        (KeyCode::Down, "b"),
        (KeyCode::Char('j'), "a"),
        (KeyCode::Char('j'), "a"),
        (KeyCode::Up, "b"),
        (KeyCode::Char('k'), "c"),
        (KeyCode::Char('k'), "c"),
        (KeyCode::Char('G'), "a"),
        (KeyCode::Char('g'), "c"),
        (KeyCode::End, "a"),
        (KeyCode::Home, "c"),
        (KeyCode::PageDown, "a"),
        (KeyCode::PageUp, "c"),
    ] {
        press(&mut state, code);
        assert_eq!(chosen(&state), name, "{code:?}");
    }
}

#[test]
fn the_choice_stays_with_its_run_when_others_come_and_go() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    keys(&mut state, "j");
    let names = ["e", "d", "c", "b", "a"].map(|name| runs.entry(name, RunState::Finished));
    state.update(Message::Runs(Ok(names.to_vec())));
    assert_eq!(chosen(&state), "b");
    state.update(Message::Runs(Ok(vec![names[4].clone()])));
    assert_eq!(chosen(&state), "a");
    state.update(Message::Runs(Ok(Vec::new())));
    assert!(state.current().is_none() && state.followed.is_none());
}

#[test]
fn a_long_list_keeps_the_choice_in_view() {
    let runs = Runs::new();
    let names: Vec<String> = (0..100).map(|i| format!("run{i:03}")).collect();
    let list: Vec<_> = names.iter().map(|name| (name.as_str(), RunState::Finished)).collect();
    let mut state = started(&runs, &list);
    let rows = screens::runs::rows(state.size, 100);
    for key in ["j", "j", "G", "k", "g", "jjjjjjjjjjjjjjjjjjjjjjjjjjjjjj", "kkkkkkkkkkkkkkkkkkk"] {
        keys(&mut state, key);
        let (top, at) = (state.list.top(), state.list.position());
        assert!((top..top + rows).contains(&at), "{key}: {at} is not in {top}+{rows}");
    }
    state.update(Message::Resized(80, 20));
    let rows = screens::runs::rows(state.size, 100);
    assert!((state.list.top()..state.list.top() + rows).contains(&state.list.position()));
}

#[test]
fn the_filter_narrows_while_it_is_typed_and_escape_takes_it_back() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    keys(&mut state, "/LOST");
    assert_eq!((state.place(), state.list.shown().len(), chosen(&state)), (Place::Prompt, 1, "a"));
    press(&mut state, KeyCode::Enter);
    assert_eq!((state.place(), state.list.filter()), (Place::Runs, "LOST"));
    keys(&mut state, "/");
    press(&mut state, KeyCode::Backspace);
    keys(&mut state, "x cpu");
    assert_eq!(state.list.shown().len(), 0);
    press(&mut state, KeyCode::Esc);
    assert_eq!((state.list.filter(), state.list.shown().len()), ("LOST", 1));
    press(&mut state, KeyCode::Esc);
    assert_eq!((state.list.filter(), state.list.shown().len(), chosen(&state)), ("", 3, "a"));
}

#[test]
fn enter_opens_a_run_and_both_ways_lead_back() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    for back in [KeyCode::Esc, KeyCode::Char('q')] {
        press(&mut state, KeyCode::Enter);
        assert_eq!(state.screen, Screen::Run);
        assert_eq!(press(&mut state, back), []);
        assert_eq!(state.screen, Screen::Runs);
    }
    assert_eq!(press(&mut state, KeyCode::Esc), [], "never leaves");
    assert_eq!(keys(&mut state, "q"), [Effect::Leave]);
    assert_eq!(press(&mut State::new("runs", (80, 24)), KeyCode::Enter), [], "nothing to open");
}

#[test]
fn tabs_and_axes_have_keys() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    press(&mut state, KeyCode::Enter);
    for (key, tab) in [('4', Tab::Explain), ('5', Tab::Config), ('6', Tab::Log), ('1', Tab::Charts)] {
        press(&mut state, KeyCode::Char(key));
        assert_eq!(state.tab, tab);
    }
    for tab in [Tab::Scores, Tab::Confusion, Tab::Explain, Tab::Config, Tab::Log, Tab::Charts] {
        press(&mut state, KeyCode::Tab);
        assert_eq!(state.tab, tab);
    }
    keys(&mut state, "]]L");
    assert_eq!((state.view.smoothing(), state.view.log_y), (0.6, true));
    keys(&mut state, "[[[L");
    assert_eq!((state.view.smoothing(), state.view.log_y), (0.0, false));
    for axis in [Axis::Epoch, Axis::Time, Axis::Step] {
        keys(&mut state, "X");
        assert_eq!(state.view.axis, axis);
    }
}

#[test]
fn zoom_shows_a_part_of_the_axis_and_pans_in_it() {
    let runs = Runs::new();
    let mut state = started(&runs, &[("b", RunState::Finished)]);
    press(&mut state, KeyCode::Enter);
    let entry = state.current().unwrap().clone();
    let window = |state: &State| state.view.window(250.0, &entry);
    assert_eq!((window(&state).start, window(&state).end), (0.0, 250.0));
    keys(&mut state, "++");
    assert_eq!((window(&state).start, window(&state).end), (187.5, 250.0));
    press(&mut state, KeyCode::Left);
    assert!(window(&state).end < 250.0 && window(&state).start > 160.0);
    keys(&mut state, "hhhhhhhhhhhhhhhhhhhh");
    assert_eq!(window(&state).start, 0.0);
    keys(&mut state, "---");
    assert_eq!((window(&state).start, window(&state).end), (0.0, 250.0));
}

#[test]
fn the_focus_moves_over_the_charts_and_enter_shows_one_alone() {
    let runs = Runs::new();
    let mut state = started(&runs, &[("b", RunState::Finished)]);
    for slice in runs.slices(&state.current().unwrap().clone(), 50) {
        state.update(Message::Metrics(1, Box::new(slice)));
    }
    press(&mut state, KeyCode::Enter);
    let charts: Vec<_> =
        state.current_data().unwrap().charts.iter().map(|chart| chart.title.clone()).collect();
    assert_eq!(charts, ["loss", "accuracy", "other"]);
    keys(&mut state, "lll");
    assert_eq!(state.focus, 2);
    keys(&mut state, "g");
    press(&mut state, KeyCode::Enter);
    assert!(state.alone);
    keys(&mut state, "j");
    assert_eq!((state.alone, state.focus), (true, 1));
    press(&mut state, KeyCode::Esc);
    assert_eq!((state.alone, state.screen), (false, Screen::Run));
    keys(&mut state, "G");
    assert_eq!(state.focus, 2);
}

#[test]
fn stopping_and_deleting_ask_first() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    let folder = state.current().unwrap().folder.clone();
    assert_eq!(keys(&mut state, "x"), []);
    assert_eq!(state.place(), Place::Question);
    assert_eq!(keys(&mut state, "zn"), []);
    assert_eq!(state.place(), Place::Runs);
    assert_eq!(keys(&mut state, "xy"), [Effect::Stop(folder)]);
    keys(&mut state, "D");
    assert!(state.overlay.is_none() && state.notice.as_ref().unwrap().bad, "a running one is not deleted");
    keys(&mut state, "j");
    let folder = state.current().unwrap().folder.clone();
    keys(&mut state, "x");
    assert!(state.notice.take().unwrap().text.contains("nothing to stop"));
    assert_eq!(keys(&mut state, "Dy"), [Effect::Remove(folder)]);
}

#[test]
fn only_what_ended_early_is_resumed() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    assert_eq!(keys(&mut state, "r"), []);
    keys(&mut state, "jj");
    let folder = state.current().unwrap().folder.clone();
    assert_eq!(keys(&mut state, "r"), [Effect::Resume(folder)]);
}

#[test]
fn help_opens_and_closes_and_keeps_other_keys_out() {
    let mut state = State::new("runs", (80, 24));
    keys(&mut state, "?");
    assert_eq!(state.place(), Place::Help);
    assert_eq!(keys(&mut state, "jnDx"), []);
    assert_eq!(state.place(), Place::Help);
    assert_eq!(keys(&mut state, "q"), []);
    assert_eq!(state.place(), Place::Runs);
    keys(&mut state, "?");
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.place(), Place::Runs);
}

#[test]
fn some_keys_work_whatever_is_open() {
    for open in ["", "?", "n", "/"] {
        let mut state = State::new("runs", (80, 24));
        keys(&mut state, open);
        let control = |c| Message::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
        assert_eq!(state.update(control('z')).effects, [Effect::Suspend], "{open}");
        assert_eq!(state.update(control('c')).effects, [Effect::Leave], "{open}");
    }
}

#[test]
fn a_key_without_a_meaning_draws_nothing() {
    let mut state = State::new("runs", (80, 24));
    assert!(!state.update(Message::Key(KeyEvent::new(KeyCode::Char('Z'), KeyModifiers::NONE))).draw);
    state.update(Message::Problem("oh".into()));
    assert!(state.update(Message::Key(KeyEvent::new(KeyCode::Char('Z'), KeyModifiers::NONE))).draw);
    assert_eq!(state.notice, None);
}

#[test]
fn a_run_whose_folder_vanishes_leads_back_to_the_list() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    press(&mut state, KeyCode::Enter);
    state.update(Message::Runs(Ok(vec![runs.entry("a", RunState::Lost)])));
    assert_eq!(state.screen, Screen::Runs);
    assert!(state.notice.as_ref().unwrap().text.contains("gone"));
    assert_eq!(state.current_data().map(|data| data.folder.id()), Some("a".into()));
}

#[test]
fn a_run_to_begin_with_is_opened_once_it_is_listed() {
    let runs = Runs::new();
    let mut state = State::new("runs", (120, 40));
    state.open(runs.entry("b", RunState::Running).folder);
    state.update(Message::Runs(Ok(vec![runs.entry("a", RunState::Finished)])));
    assert_eq!(state.screen, Screen::Runs);
    let both = vec![runs.entry("a", RunState::Finished), runs.entry("b", RunState::Running)];
    let update = state.update(Message::Runs(Ok(both)));
    assert_eq!((state.screen, update.draw), (Screen::Run, true));
    assert_eq!(state.current_data().map(|data| data.folder.id()), Some("b".into()));
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.screen, Screen::Runs);
}

#[test]
fn keys_do_nothing_on_a_screen_too_small_to_show_it() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    state.update(Message::Resized(40, 10));
    assert_eq!(keys(&mut state, "Dy"), []);
    press(&mut state, KeyCode::Enter);
    assert_eq!(state.screen, Screen::Runs);
    state.update(Message::Resized(120, 40));
    assert_eq!(state.place(), Place::Runs);
}

#[test]
fn every_action_has_a_key() {
    // The way to each action leads over the table; what no key does could never happen.
    let keys = Keys::default();
    for action in [Action::Enter, Action::Delete, Action::ZoomOut, Action::Confirm, Action::EraseLine] {
        let places = Place::ALL;
        assert!(
            places.iter().any(|place| keys.bindings(*place).any(|row| row.action == action)),
            "{action:?}"
        );
    }
}

fn list(runs: &Runs, states: &[(&str, RunState)]) -> Message {
    Message::Runs(Ok(states.iter().map(|(name, run)| runs.entry(name, *run)).collect()))
}

#[test]
fn the_bell_rings_when_a_run_ends_if_it_is_wanted() {
    let runs = Runs::new();
    let rung = |state: &mut State, states: &[(&str, RunState)]| -> Vec<Effect> {
        let effects = state.update(list(&runs, states)).effects;
        effects.into_iter().filter(|effect| matches!(effect, Effect::Ring(_))).collect()
    };
    let ring = |text: &str| vec![Effect::Ring(text.into())];
    let mut state = State::new("runs", (120, 40));
    state.prefer(&Settings { bell: true, ..Settings::default() });
    use RunState::{Failed, Finished, Preempted, Queued, Running, Stopped};
    assert_eq!(
        rung(&mut state, &[("a", Finished), ("b", Running), ("c", Queued)]),
        [],
        "it was not seen going on"
    );
    assert_eq!(rung(&mut state, &[("a", Finished), ("b", Running), ("c", Running)]), []);
    assert_eq!(rung(&mut state, &[("a", Finished), ("b", Finished), ("c", Running)]), ring("b is finished"));
    assert_eq!(rung(&mut state, &[("a", Finished), ("b", Finished), ("c", Running)]), [], "once");
    assert_eq!(rung(&mut state, &[("b", Running), ("c", Preempted)]), [], "it goes on by itself");
    assert_eq!(rung(&mut state, &[("b", Running), ("c", Running)]), []);
    assert_eq!(rung(&mut state, &[("b", Failed), ("c", Stopped)]), ring("2 runs have ended"));
    let mut silent = started(&runs, &[("a", Running)]);
    assert_eq!(rung(&mut silent, &[("a", Finished)]), [], "nobody asked for it");
}

#[test]
fn settings_are_heeded_and_what_is_wrong_with_them_is_told_until_the_next_key() {
    let runs = Runs::new();
    let file = "[runs]\ndelete = 'ctrl-x'\n";
    let (keys_of_user, _) = keys::lay_over(toml::de::DeTable::parse(file).unwrap().get_ref());
    let settings = Settings {
        keys: keys_of_user,
        smoothing: 0.9,
        x_axis: Axis::Time,
        problems: vec!["one, line 1: x".into(), "two, line 2: y".into()],
        ..Settings::default()
    };
    let mut state = State::new("runs", (120, 40));
    state.prefer(&settings);
    assert_eq!((state.view.smoothing(), state.view.axis), (0.9, Axis::Time));
    state.update(list(&runs, &THREE[1..]));
    let notice = state.notice.clone().unwrap();
    assert_eq!((notice.text.as_str(), notice.bad), ("one, line 1: x. two, line 2: y", true));
    assert_eq!(keys(&mut state, "D"), []);
    assert!(state.notice.is_none() && state.overlay.is_none());
    state.update(Message::Key(KeyEvent::new(KeyCode::Char('x'), KeyModifiers::CONTROL)));
    assert!(matches!(state.overlay, Some(Overlay::Question(_))));
}

#[test]
fn the_help_scrolls_by_keys_and_the_wheel_where_it_does_not_fit() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    state.update(Message::Resized(60, 16));
    keys(&mut state, "?");
    press(&mut state, KeyCode::Up);
    assert_eq!(state.help_top, 0);
    keys(&mut state, "j");
    assert_eq!(state.help_top, 1);
    press(&mut state, KeyCode::PageDown);
    let paged = state.help_top;
    assert!(paged > 5);
    keys(&mut state, "G");
    let last = state.help_top;
    assert!(last > paged);
    press(&mut state, KeyCode::Down);
    assert_eq!(state.help_top, last, "the last line stays in view");
    let mouse = |kind| {
        let modifiers = KeyModifiers::NONE;
        Message::Mouse(crossterm::event::MouseEvent { kind, column: 9, row: 9, modifiers })
    };
    state.update(mouse(crossterm::event::MouseEventKind::ScrollUp));
    assert_eq!(state.help_top, last - 3);
    assert_eq!(chosen(&state), "c", "the list below stays where it is");
    state.update(mouse(crossterm::event::MouseEventKind::Down(crossterm::event::MouseButton::Left)));
    assert!(state.overlay.is_none());
    keys(&mut state, "?");
    assert_eq!(state.help_top, 0, "it opens at its beginning");
    keys(&mut state, "G?ji?");
    assert_eq!(state.help_top, 0, "on other screens, too");
    state.update(Message::Resized(220, 60));
    keys(&mut state, "jG");
    assert_eq!(state.help_top, 0, "all of it is in view");
}

#[test]
fn what_is_typed_or_asked_about_a_run_goes_with_it_and_the_help_stays() {
    let runs = Runs::new();
    for (typed, stays) in [("\n6/", false), ("\nx", false), ("\n?", true)] {
        let mut state = started(&runs, &[("a", RunState::Running), ("b", RunState::Finished)]);
        keys(&mut state, typed);
        assert!(state.overlay.is_some());
        state.update(Message::Runs(Ok(vec![runs.entry("b", RunState::Finished)])));
        assert_eq!((state.screen, state.overlay.is_some()), (Screen::Runs, stays), "after {typed:?}");
        assert!(state.notice.as_ref().is_some_and(|notice| notice.bad));
    }
}

#[test]
fn the_way_back_to_a_run_that_is_gone_leads_to_the_others() {
    let runs = Runs::new();
    let mut state = started(&runs, &[("a", RunState::Finished), ("b", RunState::Finished)]);
    keys(&mut state, "\ni");
    assert_eq!(state.screen, Screen::System);
    state.update(Message::Runs(Ok(vec![runs.entry("b", RunState::Finished)])));
    assert_eq!(state.screen, Screen::System);
    keys(&mut state, "q");
    assert_eq!((state.screen, chosen(&state)), (Screen::Runs, "b"));
    assert!(state.notice.as_ref().is_some_and(|notice| notice.text.contains("is gone")));
}

#[test]
fn a_click_at_nothing_takes_the_notice_away() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    let click = || {
        let kind = crossterm::event::MouseEventKind::Down(crossterm::event::MouseButton::Left);
        let modifiers = KeyModifiers::NONE;
        Message::Mouse(crossterm::event::MouseEvent { kind, column: 119, row: 39, modifiers })
    };
    assert!(!state.update(click()).draw);
    state.update(Message::Problem("something went wrong".into()));
    assert!(state.update(click()).draw);
    assert_eq!(state.notice, None);
}
