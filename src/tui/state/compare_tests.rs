use super::super::tests::{Runs, press};
use super::*;
use crate::emotion::Emotion;
use crate::evaluate::{self, Decimals, ScoreRow, Scores, write_scores};
use crate::run::State as RunState;
use crate::tui::message::Message;
use crossterm::event::{KeyCode, MouseButton, MouseEvent, MouseEventKind};

fn list(runs: &Runs) -> State {
    let mut state = State::new("runs", (120, 40));
    let entries = ["new", "old"].map(|name| runs.entry(name, RunState::Finished)).to_vec();
    state.update(Message::Runs(Ok(entries)));
    state
}

fn asked(effects: &[Effect]) -> Option<Request> {
    effects.iter().find_map(|effect| match effect {
        Effect::Compare(Order::Look(request)) => Some(request.clone()),
        _ => None,
    })
}

/// Forty pictures of anger: A says fear of all, B is right about all but the last two, and surer of each than of the one
/// before.
fn found() -> Found {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, said: &dyn Fn(usize) -> Emotion| {
        let row = |i: usize| {
            let mut scores = [0.0; 6];
            scores[said(i).index()] = 0.5 + i as f32 / 100.0;
            ScoreRow { path: format!("{}.png", 40 - i), scores, label: Some(Emotion::Anger) }
        };
        let path = folder.path().join(name);
        write_scores(&path, &Scores { rows: (0..40).map(row).collect() }, Decimals::Full).unwrap();
        path
    };
    let a = write("a.csv", &|_| Emotion::Fear);
    let b = write("b.csv", &|i| if i < 38 { Emotion::Anger } else { Emotion::Disgust });
    let (comparison, changed) = evaluate::compare([&a, &b], MOST_ROWS, &|| true).unwrap();
    let field = |name: &str| Difference { field: name.into(), this: Some("1".into()), other: None };
    let differences = Ok(["train.epochs", "name"].map(field).to_vec());
    Found {
        splits: vec!["test".into(), "valid".into()],
        split: "test".into(),
        comparison,
        changed,
        differences,
    }
}

fn answered(runs: &Runs) -> State {
    let mut state = list(runs);
    let request = asked(&press(&mut state, KeyCode::Char('c'))).unwrap();
    assert!(answer(&mut state, request));
    state
}

fn answer(state: &mut State, request: Request) -> bool {
    state.update(Message::Compare(Report { request, found: Ok(Box::new(found())) })).draw
}

fn shown(state: &State) -> Vec<&str> {
    state.compare.rows().map(|row| row.path.as_str()).collect()
}

#[test]
fn the_chosen_run_is_compared_with_the_next_older_one_and_that_is_said() {
    let runs = Runs::new();
    let mut state = list(&runs);
    let request = asked(&press(&mut state, KeyCode::Char('c'))).unwrap();
    let names = request.runs.each_ref().map(RunFolder::id);
    assert_eq!((names, state.screen), (["old".to_string(), "new".into()], Screen::Compare));
    assert!(state.notice.as_ref().unwrap().text.contains("next older run, old"));
    assert_eq!(asked(&press(&mut state, KeyCode::Char('j'))), None, "it is on its way");
    let left = press(&mut state, KeyCode::Esc);
    assert!(left.contains(&Effect::Compare(Order::Nothing)), "{left:?}");
    assert_eq!(state.screen, Screen::Runs);
    assert!(!answer(&mut state, request), "nobody waits for it");
    press(&mut state, KeyCode::Char('j'));
    press(&mut state, KeyCode::Char('c'));
    assert_eq!(state.screen, Screen::Runs);
    assert!(state.notice.as_ref().unwrap().bad, "the oldest has none before it");
}

#[test]
fn pictures_are_ordered_by_what_one_asks_for() {
    let runs = Runs::new();
    let mut state = answered(&runs);
    assert_eq!((state.compare.count(), shown(&state)[0]), (38, "3.png"), "the surest of B first");
    press(&mut state, KeyCode::Char('O'));
    assert_eq!(shown(&state)[0], "40.png");
    press(&mut state, KeyCode::Char('O'));
    for _ in 0..3 {
        press(&mut state, KeyCode::Char('o'));
    }
    assert_eq!((state.compare.sort, shown(&state)[0]), (Sort::Path, "10.png"));
}

#[test]
fn the_lists_follow_each_other_and_each_begins_at_its_top() {
    let runs = Runs::new();
    let mut state = answered(&runs);
    press(&mut state, KeyCode::Char('G'));
    assert_eq!(state.compare.chosen, 37);
    assert!(state.compare.top > 0);
    let mut counts = Vec::new();
    for _ in Page::ALL {
        press(&mut state, KeyCode::Tab);
        counts.push((state.compare.page.name(), state.compare.count(), state.compare.chosen));
    }
    assert_eq!(
        counts,
        [("broken", 0, 0), ("both wrong", 2, 0), ("classes", 0, 0), ("config", 2, 0), ("fixed", 38, 0)]
    );
    press(&mut state, KeyCode::BackTab);
    assert_eq!(state.compare.page, Page::Config);
    press(&mut state, KeyCode::Char('j'));
    assert_eq!((state.compare.chosen, state.compare.chosen_row()), (1, None));
    press(&mut state, KeyCode::Enter);
    assert!(!state.compare.large, "there is no picture to show");
}

#[test]
fn the_choice_stays_in_the_list_and_in_view() {
    let runs = Runs::new();
    let mut state = answered(&runs);
    let rows = screens::compare::rows(state.size);
    for key in ["k", "jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj", "k", "g", "G", "gg"] {
        for key in key.chars() {
            press(&mut state, KeyCode::Char(key));
            let Compare { chosen, top, .. } = state.compare;
            assert!(chosen < 38 && (top..top + rows).contains(&chosen), "{chosen} from {top}");
        }
    }
    for code in [KeyCode::PageDown, KeyCode::PageDown, KeyCode::PageUp] {
        press(&mut state, code);
    }
    assert!(state.compare.chosen < 38);
    press(&mut state, KeyCode::Enter);
    assert!(state.compare.large);
    press(&mut state, KeyCode::Esc);
    assert_eq!((state.compare.large, state.screen), (false, Screen::Compare), "out of the picture first");
}

#[test]
fn the_mouse_chooses_a_row_opens_it_and_turns_the_page() {
    let runs = Runs::new();
    let mut state = answered(&runs);
    let click = |state: &mut State, (column, row): (u16, u16)| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        let modifiers = crossterm::event::KeyModifiers::NONE;
        state.update(Message::Mouse(MouseEvent { kind, column, row, modifiers })).draw
    };
    let place = |wanted: &dyn Fn((u16, u16)) -> bool| {
        let places = (0..40).flat_map(|y| (0..120).map(move |x| (x, y)));
        places.into_iter().find(|at| wanted(*at)).unwrap()
    };
    let third = place(&|at| screens::compare::row_at((120, 40), at) == Some(2));
    assert!(click(&mut state, third));
    assert_eq!((state.compare.chosen, state.compare.large), (2, false));
    click(&mut state, third);
    assert!(state.compare.large);
    click(&mut state, third);
    assert!(!state.compare.large);
    let broken = place(&|at| screens::compare::page_at((120, 40), &state.compare, at) == Some(Page::ALL[1]));
    click(&mut state, broken);
    assert_eq!(state.compare.page, Page::ALL[1]);
    assert!(!click(&mut state, third), "the list is empty");
}

#[test]
fn another_split_is_asked_for_and_the_list_is_exported_by_name() {
    let runs = Runs::new();
    let mut state = answered(&runs);
    let effects = press(&mut state, KeyCode::Char('E'));
    let [Effect::Export(Export::Changed { split, change, .. })] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((split.as_str(), *change), ("test", Change::Fixed));
    let request = asked(&press(&mut state, KeyCode::Char('s'))).unwrap();
    assert_eq!(request.split.as_deref(), Some("valid"));
}
