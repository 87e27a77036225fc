//! The config and the log of an open run.

use super::*;
use crate::config::Difference;
use crate::run::{LogPiece, LogTail};
use crate::tui::state::config::{ConfigView, Other};
use crate::tui::state::{config, log, search};

/// Open at the tab of a digit, with so many lines of log and of config.
fn opened(runs: &Runs, tab: &str, lines: usize) -> State {
    let mut state = started(runs, &[("b", RunState::Finished), ("a", RunState::Finished)]);
    let lines: Vec<String> = (0..lines).map(|i| format!("line {i:06}")).collect();
    let folder = state.current().unwrap().folder.clone();
    std::fs::write(folder.log(), lines.join("\n") + "\n").unwrap();
    let piece = LogTail::new(&folder).poll().unwrap().unwrap();
    state.update(Message::Log(1, piece));
    state.update(Message::Config(1, lines.into_iter().take(500).collect()));
    press(&mut state, KeyCode::Enter);
    keys(&mut state, tab);
    state
}

/// Does what the state asks for, as the tasks do.
fn serve(state: &mut State, mut effects: Vec<Effect>) {
    while let Some(effect) = effects.pop() {
        let message = match effect {
            Effect::Log(order) => {
                let piece = match order.piece {
                    log::Wanted::Before(end) => LogPiece::before(&order.folder, end),
                    log::Wanted::From(begin) => LogPiece::from(&order.folder, begin),
                    log::Wanted::End => LogPiece::before(&order.folder, u64::MAX),
                };
                Message::LogPiece(log::Report { order, piece: Ok(piece.unwrap()) })
            }
            Effect::Search(order) => {
                let text = std::fs::read_to_string(order.folder.log()).unwrap();
                let (mut at, mut lines) = (0, Vec::new());
                for line in text.split_inclusive('\n') {
                    if at >= order.from && order.needle.is_in(line) {
                        lines.push(at);
                    }
                    at += line.len() as u64;
                }
                Message::LogFound(search::Report { order, lines, searched: at, is_last: true })
            }
            other => panic!("{other:?} was not expected"),
        };
        effects.extend(state.update(message).effects);
    }
}

fn type_and_serve(state: &mut State, text: &str) {
    for c in text.chars() {
        let effects = press(state, if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) });
        serve(state, effects);
    }
}

fn first_line(state: &State) -> String {
    let text = &state.current_data().unwrap().log;
    let rows = screens::run::text_size(state).1;
    text.lines()[state.log.first(text, rows)].text.clone()
}

#[test]
fn the_log_hangs_at_its_end_and_the_config_at_its_beginning() {
    let runs = Runs::new();
    let mut state = opened(&runs, "6", 100);
    let rows = screens::run::text_size(&state).1;
    assert!(state.log.hangs_at_end());
    assert_eq!(first_line(&state), format!("line {:06}", 100 - rows));
    keys(&mut state, "kk");
    assert_eq!(first_line(&state), format!("line {:06}", 98 - rows));
    keys(&mut state, "g");
    assert_eq!(first_line(&state), "line 000000");
    keys(&mut state, "G5jjj");
    assert!(state.log.hangs_at_end());
    assert_eq!(state.config.top, 3);
    press(&mut state, KeyCode::PageUp);
    assert_eq!(state.config.top, 0);
    keys(&mut state, "G");
    assert_eq!(state.config.top, 100 - rows);
}

#[test]
fn a_log_of_any_length_can_be_gone_through_from_one_end_to_the_other() {
    let runs = Runs::new();
    // 2.4 MB: more than is kept.
    let mut state = opened(&runs, "6", 200_000);
    let at_hand = state.current_data().unwrap().log.lines().len();
    assert!(at_hand < 20_000);
    let last = first_line(&state);
    for page in 0.. {
        let effects = press(&mut state, KeyCode::PageUp);
        serve(&mut state, effects);
        let at_hand = state.current_data().unwrap().log.lines().len();
        assert!(at_hand < 110_000 && page < 20_000, "{at_hand} lines after {page} pages");
        if first_line(&state) == "line 000000" {
            break;
        }
    }
    assert!(!state.log.hangs_at_end());
    type_and_serve(&mut state, "G");
    assert_eq!(first_line(&state), last);
    type_and_serve(&mut state, "g");
    assert_eq!(first_line(&state), "line 000000");
    let effects = press(&mut state, KeyCode::PageDown);
    serve(&mut state, effects);
    assert_eq!(first_line(&state), format!("line {:06}", screens::run::text_size(&state).1));
}

#[test]
fn a_search_goes_through_the_whole_log_and_wraps() {
    let runs = Runs::new();
    let mut state = opened(&runs, "6", 100_000);
    type_and_serve(&mut state, "g/LINE 05\n");
    assert_eq!(state.log.search.as_ref().unwrap().count(), 0, "a capital means what it says");
    press(&mut state, KeyCode::Esc);
    assert_eq!((state.log.search.is_none(), state.screen), (true, Screen::Run));
    type_and_serve(&mut state, "/5000\n");
    let found = state.log.search.as_ref().unwrap();
    assert_eq!((found.count(), found.position()), (20, Some(1)));
    let near = |state: &State, line: usize| {
        let first: usize = first_line(state)[5..].parse().unwrap();
        (first..first + screens::run::text_size(state).1).contains(&line)
    };
    assert!(near(&state, 5000), "{}", first_line(&state));
    type_and_serve(&mut state, "....");
    assert!(state.log.search.as_ref().unwrap().position() == Some(5));
    for _ in 5..20 {
        type_and_serve(&mut state, ".");
    }
    assert!(near(&state, 95_000), "{}", first_line(&state));
    type_and_serve(&mut state, ".");
    assert!(near(&state, 5000), "{}", first_line(&state));
}

#[test]
fn lines_that_come_are_searched_too() {
    let runs = Runs::new();
    let mut state = opened(&runs, "6", 100);
    type_and_serve(&mut state, "/late\n");
    assert_eq!(state.log.search.as_ref().unwrap().count(), 0);
    let folder = state.current().unwrap().folder.clone();
    let text = std::fs::read_to_string(folder.log()).unwrap() + "late line\n";
    std::fs::write(folder.log(), text).unwrap();
    let piece = LogPiece::from(&folder, 1200).unwrap();
    let effects = state.update(Message::Log(1, piece)).effects;
    serve(&mut state, effects);
    assert_eq!(state.log.search.as_ref().unwrap().count(), 1);
}

#[test]
fn a_search_that_is_given_up_brings_the_one_before_back() {
    let runs = Runs::new();
    let mut state = opened(&runs, "5", 100);
    keys(&mut state, "/0007");
    press(&mut state, KeyCode::Enter);
    assert_eq!(state.config.matches(), (11, Some(1)));
    keys(&mut state, "/x");
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.config.matches().0, 11);
    keys(&mut state, ".....");
    assert_eq!(state.config.matches(), (11, Some(5)));
    press(&mut state, KeyCode::Esc);
    assert_eq!((state.config.matches(), state.screen), ((0, None), Screen::Run));
}

#[test]
fn a_config_is_compared_with_the_defaults_and_with_the_next_older_run() {
    let runs = Runs::new();
    let mut state = opened(&runs, "5", 10);
    assert_eq!(state.config.lines().len(), 10);
    let [Effect::Config(order)] = &keys(&mut state, "v")[..] else { panic!("nothing was asked") };
    assert_eq!((state.config.view, &order.other), (ConfigView::FromDefaults, &Other::Defaults));
    let old = order.clone();
    let [Effect::Config(order)] = &keys(&mut state, "v")[..] else { panic!("nothing was asked") };
    assert_eq!(order.other, Other::Run(runs.entry("a", RunState::Finished).folder));
    let found =
        |field: &str| Ok(vec![Difference { field: field.into(), this: Some("1".into()), other: None }]);
    assert!(!state.update(Message::ConfigCompared(config::Report { order: old, found: found("old") })).draw);
    let report = config::Report { order: order.clone(), found: found("train.epochs") };
    assert_eq!(state.update(Message::ConfigCompared(report)).effects, []);
    assert_eq!(state.config.lines()[1].text, "train.epochs  1         -");
    assert!(matches!(state.update(Message::Config(1, Vec::new())).effects[..], [Effect::Config(_)]));
    assert_eq!(keys(&mut state, "v"), []);
    assert_eq!(state.config.view, ConfigView::Whole);
}

#[test]
fn without_an_older_run_this_is_said() {
    let runs = Runs::new();
    let mut state = started(&runs, &[("a", RunState::Finished)]);
    press(&mut state, KeyCode::Enter);
    keys(&mut state, "5v");
    assert_eq!(keys(&mut state, "v"), []);
    assert!(state.config.lines()[0].text.contains("no older run"));
}

#[test]
fn an_unreadable_config_is_told_in_its_place() {
    let runs = Runs::new();
    let mut state = opened(&runs, "5", 10);
    let [Effect::Config(order)] = &keys(&mut state, "v")[..] else { panic!("nothing was asked") };
    let found = Err("config.toml, line 3: no such field 'x'".into());
    state.update(Message::ConfigCompared(config::Report { order: order.clone(), found }));
    assert_eq!(state.config.lines()[0].text, "config.toml, line 3: no such field 'x'");
    assert_eq!(state.config.lines().len(), 1);
}

#[test]
fn long_lines_are_seen_to_their_end() {
    let runs = Runs::new();
    let mut state = opened(&runs, "5", 3);
    state.update(Message::Config(1, vec!["x".repeat(300)]));
    keys(&mut state, "lllllllllllll");
    let width = screens::run::text_size(&state).0;
    assert!(state.config.across + width >= 300 && state.config.across < 300);
    keys(&mut state, "hhhhhhhhhhhhhhhhhhhh");
    assert_eq!(state.config.across, 0);
}
