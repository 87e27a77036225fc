use super::super::tests::{Runs, press};
use super::*;
use crate::evaluate;
use crate::tui::message::Message;
use crate::tui::state::Notice;
use crossterm::event::{KeyCode, MouseButton, MouseEvent, MouseEventKind};

/// A dashboard that shows the confusion of a run, and what it asked for.
fn opened(runs: &Runs) -> (State, Request) {
    let mut state = State::new("runs", (120, 40));
    let entries = ["new", "old"].map(|name| runs.entry(name, RunState::Finished)).to_vec();
    state.update(Message::Runs(Ok(entries)));
    press(&mut state, KeyCode::Enter);
    let request = asked(press(&mut state, KeyCode::Char('3'))).unwrap();
    (state, request)
}

pub fn asked(effects: Vec<Effect>) -> Option<Request> {
    effects.into_iter().find_map(|effect| match effect {
        Effect::Confusion(Order::Look(request)) => Some(request),
        _ => None,
    })
}

fn gives_up(effects: &[Effect]) -> bool {
    effects.contains(&Effect::Confusion(Order::Nothing))
}

/// 8 of 10 pictures of anger are recognised, 2 are taken for disgust.
pub fn found(split: &str) -> Found {
    let said = |emotion: Emotion| {
        let mut scores = [0.0; CLASSES];
        scores[emotion.index()] = 1.0;
        scores
    };
    let mut scores = vec![said(Emotion::Anger); 8];
    scores.extend([said(Emotion::Disgust); 2]);
    Found {
        splits: vec!["test".into(), "valid".into()],
        split: split.into(),
        evaluation: evaluate::evaluate(&scores, &[Emotion::Anger; 10]),
        source: "best weights".into(),
        has_scores: true,
        warning: None,
    }
}

fn answer(state: &mut State, request: &Request, found: Found) -> bool {
    state.update(Message::Confusion(Report::Found(request.clone(), Ok(Box::new(found))))).draw
}

fn notice(state: &State) -> &str {
    state.notice.as_ref().map_or("", |Notice { text, .. }| text)
}

#[test]
fn a_confusion_is_asked_for_once_and_given_up_when_one_leaves() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    assert_eq!((&request.split, request.weights), (&None, Weights::Best));
    assert_eq!(asked(press(&mut state, KeyCode::Char('j'))), None);
    assert!(gives_up(&press(&mut state, KeyCode::Char('1'))));
    assert!(!answer(&mut state, &request, found("test")), "nobody waits for it");
    assert_eq!(asked(press(&mut state, KeyCode::Char('3'))), Some(request.clone()));
    assert!(answer(&mut state, &request, found("test")));
    assert!(!gives_up(&press(&mut state, KeyCode::Char('1'))), "there is nothing to give up");
    assert_eq!(asked(press(&mut state, KeyCode::Char('3'))), Some(request.clone()), "it may have changed");
    assert!(!answer(&mut state, &request, found("test")), "it has not");
}

#[test]
fn a_run_that_ends_is_looked_at_anew() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    answer(&mut state, &request, found("test"));
    let mut entries = ["new", "old"].map(|name| runs.entry(name, RunState::Finished));
    assert_eq!(asked(state.update(Message::Runs(Ok(entries.to_vec()))).effects), None);
    entries[0].test_accuracy = Some(0.8);
    assert_eq!(asked(state.update(Message::Runs(Ok(entries.to_vec()))).effects), Some(request));
}

#[test]
fn the_next_split_is_asked_for_and_an_answer_about_another_is_not_taken() {
    let runs = Runs::new();
    let (mut state, first) = opened(&runs);
    answer(&mut state, &first, found("test"));
    let second = asked(press(&mut state, KeyCode::Char('s'))).unwrap();
    assert_eq!(second.split.as_deref(), Some("valid"));
    assert!(!answer(&mut state, &first, found("test")));
    assert!(answer(&mut state, &second, found("valid")));
    assert_eq!(asked(press(&mut state, KeyCode::Char('s'))).unwrap().split.as_deref(), Some("test"));
}

#[test]
fn the_last_weights_are_scored_once_and_belong_to_their_run() {
    let runs = Runs::new();
    let (mut state, best) = opened(&runs);
    answer(&mut state, &best, found("test"));
    let last = asked(press(&mut state, KeyCode::Char('K'))).unwrap();
    assert_eq!(last.weights, Weights::Last);
    let told = Message::Confusion(Report::Progress(last.clone(), 64, 180));
    assert!(state.update(told).draw);
    assert!(matches!(state.confusion.shown(&last.run), Shown::Scoring(64, 180)));
    assert!(gives_up(&press(&mut state, KeyCode::Char('1'))));
    assert_eq!(asked(press(&mut state, KeyCode::Char('3'))), Some(last.clone()));
    answer(&mut state, &last, found("test"));
    press(&mut state, KeyCode::Enter);
    assert!(notice(&state).contains("best weights"), "{}", notice(&state));
    press(&mut state, KeyCode::Char('1'));
    assert_eq!(asked(press(&mut state, KeyCode::Char('3'))), None, "it is known");
    // The other run begins with its best weights.
    press(&mut state, KeyCode::Esc);
    press(&mut state, KeyCode::Char('j'));
    press(&mut state, KeyCode::Enter);
    assert_eq!(asked(press(&mut state, KeyCode::Char('3'))).unwrap().weights, Weights::Best);
}

#[test]
fn keys_move_the_chosen_cell_within_the_table() {
    let runs = Runs::new();
    let (mut state, _) = opened(&runs);
    for (keys, cell) in
        [("hk", (0, 0)), ("jll", (1, 2)), ("G", (5, 5)), ("jl", (5, 5)), ("k", (4, 5)), ("g", (0, 0))]
    {
        for key in keys.chars() {
            press(&mut state, KeyCode::Char(key));
        }
        assert_eq!(state.confusion.cell, cell, "{keys}");
    }
    let views: Vec<_> = (0..3)
        .map(|_| {
            press(&mut state, KeyCode::Char('v'));
            state.confusion.view
        })
        .collect();
    assert_eq!(views, [ConfusionView::Rows, ConfusionView::Columns, ConfusionView::Counts]);
}

#[test]
fn a_cell_leads_to_its_pictures_where_it_has_some() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    answer(&mut state, &request, found("test"));
    press(&mut state, KeyCode::Enter);
    assert_eq!((state.tab, notice(&state)), (Tab::Confusion, "no happiness is taken for happiness in test"));
    state.confusion.cell = (3, 4);
    press(&mut state, KeyCode::Enter);
    assert_eq!(state.tab, Tab::Scores);
}

#[test]
fn a_click_chooses_a_cell_and_a_second_one_enters_it() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    answer(&mut state, &request, found("test"));
    let at = |cell: (usize, usize)| {
        let places = (0..120).flat_map(|x| (0..40).map(move |y| (x, y)));
        places.into_iter().find(|at| screens::confusion::cell_at((120, 40), *at) == Some(cell)).unwrap()
    };
    let click = |state: &mut State, (column, row): (u16, u16)| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        let modifiers = crossterm::event::KeyModifiers::NONE;
        state.update(Message::Mouse(MouseEvent { kind, column, row, modifiers })).draw
    };
    assert!(click(&mut state, at((3, 4))));
    assert_eq!((state.confusion.cell, state.tab), ((3, 4), Tab::Confusion));
    click(&mut state, at((3, 4)));
    assert_eq!(state.tab, Tab::Scores);
}

#[test]
fn what_is_shown_is_what_is_exported() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    assert!(press(&mut state, KeyCode::Char('E')).is_empty(), "there is nothing yet");
    answer(&mut state, &request, found("valid"));
    press(&mut state, KeyCode::Char('v'));
    let effects = press(&mut state, KeyCode::Char('E'));
    let [Effect::Export(Export::Confusion { folder, title, about, stem, confusion, view })] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!((folder, title.as_str(), stem.as_str()), (&request.run, "new", "confusion-valid-rows"));
    assert_eq!((confusion.get(Emotion::Anger, Emotion::Disgust), *view), (2, ConfusionView::Rows));
    assert_eq!(about, "valid: 10 pictures, accuracy 80.0 %, best weights");
}

#[test]
fn while_the_last_weights_are_asked_for_what_is_shown_is_still_exported_as_what_it_is() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    answer(&mut state, &request, found("test"));
    let last = asked(press(&mut state, KeyCode::Char('K'))).unwrap();
    let exported = |state: &mut State| match &press(state, KeyCode::Char('E'))[..] {
        [Effect::Export(Export::Confusion { stem, .. })] => stem.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(exported(&mut state), "confusion-test");
    answer(&mut state, &last, found("test"));
    assert_eq!(exported(&mut state), "confusion-test-last");
}

#[test]
fn the_mistakes_are_gone_through_from_the_most_frequent_one() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    press(&mut state, KeyCode::Char('.'));
    let mut with = found("test");
    for (truth, prediction, count) in
        [(Emotion::Fear, Emotion::Surprise, 5), (Emotion::Sadness, Emotion::Fear, 1)]
    {
        (0..count).for_each(|_| with.evaluation.confusion.add(truth, prediction));
    }
    answer(&mut state, &request, with);
    let mut next = || {
        press(&mut state, KeyCode::Char('.'));
        state.confusion.chosen()
    };
    let mistakes = [next(), next(), next(), next()];
    assert_eq!(mistakes[0], (Emotion::Fear, Emotion::Surprise));
    assert_eq!(mistakes[1], (Emotion::Anger, Emotion::Disgust));
    assert_eq!(mistakes[2], (Emotion::Sadness, Emotion::Fear));
    assert_eq!(mistakes[3], mistakes[0]);
}
