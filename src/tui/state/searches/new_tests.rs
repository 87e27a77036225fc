use super::*;
use crate::tui::keys::Place;
use crate::tui::message::Message;
use crate::tui::state::searches::panes::tests::dashboard;
use crossterm::event::{KeyCode, KeyEvent};

fn press(state: &mut State, key: KeyCode) -> Vec<Effect> {
    state.update(Message::Key(KeyEvent::from(key))).effects
}

fn tell(state: &mut State, report: Report) -> bool {
    state.update(Message::NewSearch(report)).draw
}

fn page(begun: Option<Begun>) -> Box<Page> {
    Box::new(Page {
        path: "configs/searches/a.toml".into(),
        name: "a".into(),
        network: "gimefive".into(),
        data: "faces".into(),
        sampler: "grid".into(),
        metric: "valid/accuracy",
        points: 2,
        seeds: vec![1],
        runs: 2,
        axes: Vec::new(),
        conditions: Vec::new(),
        engine: EngineKind::Slurm,
        local: String::new(),
        slurm: String::new(),
        begun,
        estimates: None,
    })
}

/// A dashboard at the form of a file, and the search that it shows beside.
fn at_the_form(is_begun: bool) -> (tempfile::TempDir, State, SearchFolder) {
    let (keep, mut state, folder) = dashboard((100, 30), 3);
    let effects = press(&mut state, KeyCode::Char('n'));
    assert!(effects.contains(&Effect::NewSearch(Order::Files)), "{effects:?}");
    assert_eq!(state.place(), Place::Field);
    tell(&mut state, Report::Files(vec!["configs/searches/a.toml".into()]));
    let effects = press(&mut state, KeyCode::Enter);
    assert!(effects.contains(&Effect::NewSearch(Order::Open(1, "configs/searches/a.toml".into()))));
    let begun = is_begun.then(|| Begun {
        folder: folder.clone(),
        id: "20260115-220000-a-1a2b".into(),
        state: SearchState::Lost,
    });
    assert!(tell(&mut state, Report::Opened(1, Ok(page(begun)))));
    assert_eq!((state.place(), state.new_search.engine()), (Place::NewSearch, EngineKind::Slurm));
    (keep, state, folder)
}

fn beginning(effects: &[Effect]) -> Option<&Beginning> {
    effects.iter().find_map(|effect| match effect {
        Effect::BeginSearch(beginning) => Some(beginning),
        _ => None,
    })
}

#[test]
fn a_search_is_begun_once_and_then_shown() {
    let (_keep, mut state, folder) = at_the_form(false);
    press(&mut state, KeyCode::Char('l'));
    let effects = press(&mut state, KeyCode::Enter);
    let expected =
        Beginning { file: "configs/searches/a.toml".into(), engine: EngineKind::Local, again: false };
    assert_eq!(beginning(&effects), Some(&expected));
    for key in [KeyCode::Enter, KeyCode::Char('s')] {
        assert_eq!(beginning(&press(&mut state, key)), None, "it is being begun");
    }
    tell(&mut state, Report::Begun(Ok(folder.clone())));
    assert_eq!((state.screen, state.searches.open()), (Screen::Search, Some(&folder)));
    assert!(state.notice.as_ref().unwrap().text.contains("goes on when the dashboard is closed"));
    assert!(!state.new_search.starting);
}

#[test]
fn a_refusal_is_told_in_the_form_until_the_next_key() {
    let (_keep, mut state, _) = at_the_form(false);
    press(&mut state, KeyCode::Char('s'));
    tell(&mut state, Report::Begun(Err("sbatch: error: invalid partition".into())));
    assert_eq!(state.screen, Screen::NewSearch);
    assert_eq!(state.new_search.problem.as_deref(), Some("sbatch: error: invalid partition"));
    press(&mut state, KeyCode::Down);
    assert_eq!(state.new_search.problem, None);
    // Who has gone elsewhere is told there.
    press(&mut state, KeyCode::Char('s'));
    press(&mut state, KeyCode::Char('q'));
    tell(&mut state, Report::Begun(Err("no space".into())));
    assert_eq!(state.screen, Screen::Search);
    assert!(state.notice.as_ref().is_some_and(|notice| notice.bad && notice.text == "no space"));
}

#[test]
fn a_file_that_was_begun_is_shown_resumed_or_begun_anew_after_a_question() {
    let (_keep, mut state, folder) = at_the_form(true);
    let effects = press(&mut state, KeyCode::Enter);
    assert_eq!((beginning(&effects), state.screen), (None, Screen::Search));
    assert_eq!(state.searches.open(), Some(&folder));

    let (_keep, mut state, folder) = at_the_form(true);
    let effects = press(&mut state, KeyCode::Char('r'));
    assert!(effects.contains(&Effect::ActOnSearch(folder, Act::Resume)));
    assert_eq!(state.screen, Screen::Search);

    let (_keep, mut state, _) = at_the_form(true);
    assert_eq!(beginning(&press(&mut state, KeyCode::Char('s'))), None);
    assert_eq!(state.place(), Place::Question);
    let effects = press(&mut state, KeyCode::Char('y'));
    assert!(beginning(&effects).is_some_and(|beginning| beginning.again));
    assert!(state.new_search.starting);
}

#[test]
fn a_file_that_is_no_search_says_why_and_another_is_chosen() {
    let (_keep, mut state, _) = dashboard((100, 30), 3);
    press(&mut state, KeyCode::Char('n'));
    tell(&mut state, Report::Files(vec!["a.toml".into(), "b.toml".into()]));
    press(&mut state, KeyCode::Enter);
    assert!(tell(&mut state, Report::Opened(1, Err("a.toml: no axis".into()))));
    assert_eq!(state.new_search.chooser.as_ref().unwrap().error.as_deref(), Some("a.toml: no axis"));
    press(&mut state, KeyCode::Down);
    press(&mut state, KeyCode::Enter);
    assert!(!tell(&mut state, Report::Opened(1, Ok(page(None)))), "of the file before");
    assert!(tell(&mut state, Report::Opened(2, Ok(page(None)))));
    let estimates = Estimates { slots: vec!["cpu".into()], local: Some(60.0), slurm: None };
    assert!(!tell(&mut state, Report::Estimated(1, Box::new(estimates.clone()))));
    assert!(tell(&mut state, Report::Estimated(2, Box::new(estimates.clone()))));
    assert_eq!(state.new_search.page().unwrap().estimates, Some(estimates));
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.place(), Place::Field, "another file");
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.screen, Screen::Search);
}
