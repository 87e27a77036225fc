use super::super::tests::{Runs, press};
use super::*;
use crate::explain::Cell;
use crate::run::State as RunState;
use crate::tui::message::Message;
use crate::tui::state::confusion::{self, tests as confusions};
use crossterm::event::KeyCode;

/// A dashboard that shows the confusion of a run, with the atlas open, and what was asked for.
fn opened(runs: &Runs) -> (State, Request) {
    let mut state = State::new("runs", (120, 40));
    let entries = ["new", "old"].map(|name| runs.entry(name, RunState::Finished)).to_vec();
    state.update(Message::Runs(Ok(entries)));
    press(&mut state, KeyCode::Enter);
    show_confusion(&mut state, "test");
    let request = asked(&press(&mut state, KeyCode::Char('m'))).unwrap();
    (state, request)
}

/// Goes to the confusion and answers what it asks for.
fn show_confusion(state: &mut State, split: &str) -> Vec<Effect> {
    let effects = press(state, KeyCode::Char('3'));
    answer_confusion(state, effects, split)
}

fn answer_confusion(state: &mut State, effects: Vec<Effect>, split: &str) -> Vec<Effect> {
    let request = confusions::asked(effects).unwrap();
    let found = Ok(Box::new(confusions::found(split)));
    state.update(Message::Confusion(confusion::Report::Found(request, found))).effects
}

fn asked(effects: &[Effect]) -> Option<Request> {
    effects.iter().find_map(|effect| match effect {
        Effect::Atlas(Order::Make(request)) => Some(request.clone()),
        _ => None,
    })
}

fn gives_up(effects: &[Effect]) -> bool {
    effects.contains(&Effect::Atlas(Order::Nothing))
}

/// Two pictures of anger that are taken for disgust.
fn made(target: Target) -> Made {
    let cell = Cell { pictures: 2, zero_maps: 2, face: vec![90; 64 * 64], ..Cell::empty() };
    let atlas = Atlas::of_cells("test", target, vec![((Emotion::Anger, Emotion::Disgust), cell)]);
    let mut faces: Vec<Option<[MadeFace; 2]>> = (0..36).map(|_| None).collect();
    let face = || (Photo::from_grey(&[90; 64 * 64]), Vec::new());
    faces[3 * CLASSES + 4] = Some([face(), face()]);
    Made { atlas, faces, warning: None }
}

fn answer(state: &mut State, request: &Request) -> bool {
    let made = Ok(Box::new(made(request.target)));
    state.update(Message::Atlas(Report::Made(request.clone(), made))).draw
}

fn shown(state: &State) -> AtlasShown<'_> {
    state.atlas_of(state.found_confusion().unwrap())
}

fn version(state: &State) -> u32 {
    let AtlasShown::Made(kept) = shown(state) else { panic!("{:?}", shown(state)) };
    kept.faces(Emotion::Anger, Emotion::Disgust).unwrap().small.version
}

#[test]
fn maps_are_asked_for_once_and_given_up_when_they_are_closed_or_left() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    assert_eq!((request.split, request.target), (Split::Test, Target::Predicted));
    assert!(matches!(shown(&state), AtlasShown::Making(0, 0)));
    assert_eq!(asked(&press(&mut state, KeyCode::Char('j'))), None);
    assert!(state.update(Message::Atlas(Report::Progress(request.clone(), 320, 2388))).draw);
    assert!(matches!(shown(&state), AtlasShown::Making(320, 2388)));
    assert!(gives_up(&press(&mut state, KeyCode::Char('m'))));
    assert!(matches!(shown(&state), AtlasShown::Closed));
    assert!(!answer(&mut state, &request), "nobody waits for them");
    assert_eq!(asked(&press(&mut state, KeyCode::Char('m'))), Some(request.clone()));
    assert!(gives_up(&press(&mut state, KeyCode::Char('1'))));
    press(&mut state, KeyCode::Char('3'));
    assert!(answer(&mut state, &request));
    assert!(!gives_up(&press(&mut state, KeyCode::Char('m'))), "there is nothing to give up");
}

#[test]
fn escape_leads_from_the_maps_to_the_numbers_and_then_to_the_runs() {
    let runs = Runs::new();
    let (mut state, _) = opened(&runs);
    assert!(gives_up(&press(&mut state, KeyCode::Esc)));
    assert!(matches!(shown(&state), AtlasShown::Closed));
    assert_eq!((state.screen, state.tab), (Screen::Run, Tab::Confusion));
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.screen, Screen::Runs);
}

#[test]
fn what_is_made_is_kept_and_sent_to_the_terminal_once() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    answer(&mut state, &request);
    let first = version(&state);
    assert_eq!(asked(&press(&mut state, KeyCode::Char('l'))), None);
    press(&mut state, KeyCode::Char('m'));
    assert_eq!(asked(&press(&mut state, KeyCode::Char('m'))), Some(request.clone()), "it may have changed");
    assert_eq!(version(&state), first, "meanwhile it is shown");
    assert!(!answer(&mut state, &request), "it has not");
    assert_eq!(version(&state), first);
}

#[test]
fn another_split_and_another_class_are_asked_for_and_answers_about_others_are_not_taken() {
    let runs = Runs::new();
    let (mut state, first) = opened(&runs);
    let second = asked(&press(&mut state, KeyCode::Char('M'))).unwrap();
    assert_eq!(second.target, Target::Truth);
    assert!(!answer(&mut state, &first));
    assert!(answer(&mut state, &second));
    let effects = press(&mut state, KeyCode::Char('s'));
    let third = asked(&answer_confusion(&mut state, effects, "valid")).unwrap();
    assert_eq!((third.split, third.target), (Split::Valid, Target::Truth));
    assert!(matches!(shown(&state), AtlasShown::Making(..)), "no split is taken for another");
    press(&mut state, KeyCode::Char('m'));
    press(&mut state, KeyCode::Char('M'));
    assert!(state.notice.as_ref().unwrap().text.contains("m shows them"));
}

#[test]
fn the_last_weights_and_splits_of_other_names_have_no_maps_and_it_is_said() {
    let runs = Runs::new();
    let (mut state, _) = opened(&runs);
    let effects = press(&mut state, KeyCode::Char('K'));
    let given_up = answer_confusion(&mut state, effects, "test");
    assert!(gives_up(&given_up));
    assert!(matches!(shown(&state), AtlasShown::Refused(why) if why.contains("best weights")));
    let effects = press(&mut state, KeyCode::Char('K'));
    answer_confusion(&mut state, effects, "extra");
    assert!(matches!(shown(&state), AtlasShown::Refused(why) if why.contains("another split")));
}

#[test]
fn why_there_are_no_maps_is_shown_in_their_place() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    let why = Report::Made(request, Err("no weights".into()));
    assert!(state.update(Message::Atlas(why)).draw);
    assert!(matches!(shown(&state), AtlasShown::Refused("no weights")));
}

#[test]
fn an_export_is_of_what_is_shown() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    let exported = |state: &mut State| press(state, KeyCode::Char('E'));
    assert!(matches!(&exported(&mut state)[..], [Effect::Export(Export::Confusion { .. })]));
    answer(&mut state, &request);
    let effects = exported(&mut state);
    let [Effect::Export(Export::Atlas { folder, title, atlas })] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((folder, title.as_str(), atlas.confusion().total()), (&request.run, "new", 2));
    press(&mut state, KeyCode::Char('m'));
    assert!(matches!(&exported(&mut state)[..], [Effect::Export(Export::Confusion { .. })]));
}

#[test]
fn mistakes_are_gone_through_by_the_counts_that_are_shown() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    let mut other = made(request.target);
    let cell = other.atlas.cell(Emotion::Anger, Emotion::Disgust).clone();
    let place = (Emotion::Fear, Emotion::Surprise);
    other.atlas = Atlas::of_cells("test", Target::Predicted, vec![(place, cell)]);
    state.update(Message::Atlas(Report::Made(request, Ok(Box::new(other)))));
    press(&mut state, KeyCode::Char('.'));
    assert_eq!(state.confusion.chosen(), place);
    press(&mut state, KeyCode::Char('m'));
    press(&mut state, KeyCode::Char('.'));
    assert_eq!(state.confusion.chosen(), (Emotion::Anger, Emotion::Disgust));
}

#[test]
fn the_chosen_cell_still_leads_to_its_pictures() {
    let runs = Runs::new();
    let (mut state, request) = opened(&runs);
    answer(&mut state, &request);
    state.confusion.cell = (3, 4);
    press(&mut state, KeyCode::Enter);
    assert_eq!(state.tab, Tab::Scores);
}
