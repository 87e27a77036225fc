use super::opening::from_here;
use super::*;
use crate::config::{field, fields, position};
use crate::run::State as RunState;
use crate::tui::keys::Place;
use crate::tui::message::Message;
use crate::tui::state::tests::{Runs, keys, press, started};
use crossterm::event::KeyCode;
use std::path::Path;

const TEXT: &str = "[model]\narch = \"gimefive\"\n[data]\nroot = \"/faces\"\n[train]\nepochs = 8\n";

fn opened(path: &str) -> Message {
    Message::Launch(Report::Opened(path.into(), Ok(TEXT.into())))
}

/// A dashboard with the form over a config open.
fn form(runs: &Runs) -> State {
    let mut state = started(runs, &[("c", RunState::Running), ("b", RunState::Finished)]);
    keys(&mut state, "n");
    state.update(Message::Configs(vec!["configs/large.toml".into(), "configs/small.toml".into()]));
    keys(&mut state, "small\n");
    state.update(opened("configs/small.toml"));
    assert_eq!(state.place(), Place::Launch);
    state
}

fn choose(state: &mut State, key: &str) {
    state.launch.form_mut().unwrap().choose(position(key).unwrap());
}

fn text<'a>(state: &'a State, key: &str) -> &'a str {
    &state.launch.form().unwrap().draft().values()[position(key).unwrap()].text
}

fn error(state: &State, key: &str) -> Option<String> {
    state.launch.form().unwrap().error(position(key).unwrap())
}

fn sets(state: &State) -> Vec<String> {
    state.launch.form().unwrap().draft().sets()
}

fn chosen(state: &State) -> &'static str {
    state.launch.form().unwrap().field().map_or("", |(_, about, _)| about.key)
}

fn refused(field: Option<&'static str>, sentence: &str) -> Message {
    Message::Started(Err(Refusal { field, sentence: sentence.into() }))
}

#[test]
fn a_config_is_chosen_by_a_part_of_its_name_or_by_its_path() {
    let mut state = State::new("runs", (80, 24));
    let asked = keys(&mut state, "n");
    assert_eq!(asked, [Effect::Launch(Order::Devices), Effect::ListConfigs]);
    assert_eq!(state.place(), Place::Field);
    keys(&mut state, "\n");
    assert!(state.launch.chooser.as_ref().unwrap().error.as_ref().unwrap().contains("path"));
    state.update(Message::Configs(vec!["configs/large.toml".into(), "configs/small.toml".into()]));
    press(&mut state, KeyCode::Down);
    assert_eq!(keys(&mut state, "\n"), [Effect::Launch(Order::Open("configs/small.toml".into()))]);
    keys(&mut state, "arge");
    assert_eq!(keys(&mut state, "\n"), [Effect::Launch(Order::Open("configs/large.toml".into()))]);
    press(&mut state, KeyCode::Home);
    keys(&mut state, "/tmp/l");
    assert_eq!(keys(&mut state, "\n"), [Effect::Launch(Order::Open("/tmp/large".into()))]);
    assert!(!state.update(opened("configs/small.toml")).draw, "another one was wanted since");
    let none = Message::Launch(Report::Opened("/tmp/large".into(), Err("cannot read it".into())));
    state.update(none);
    assert_eq!(state.launch.chooser.as_ref().unwrap().error.as_deref(), Some("cannot read it"));
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.place(), Place::Runs);
}

#[test]
fn a_text_that_is_no_config_is_refused_with_its_line() {
    let mut state = State::new("runs", (80, 24));
    keys(&mut state, "n");
    keys(&mut state, "a.toml\n");
    state.update(Message::Launch(Report::Opened("a.toml".into(), Ok("[train]\nepoch = 1\n".into()))));
    let error = state.launch.chooser.as_ref().unwrap().error.as_ref().unwrap();
    assert!(error.contains("a.toml, line 2") && error.contains("'epochs'"), "{error}");
}

#[test]
fn choices_are_switched_and_numbers_are_typed() {
    let runs = Runs::new();
    let mut state = form(&runs);
    choose(&mut state, "train.optimizer");
    for (key, optimizer) in [('l', "adam"), (' ', "adamw"), ('\n', "sgd"), ('h', "adamw"), ('h', "adam")] {
        keys(&mut state, &key.to_string());
        assert_eq!(text(&state, "train.optimizer"), optimizer);
    }
    choose(&mut state, "model.se");
    keys(&mut state, "l");
    choose(&mut state, "train.learning_rate");
    keys(&mut state, "lh ");
    assert_eq!(text(&state, "train.learning_rate"), "0.001", "a number has no next one");
    keys(&mut state, "\n");
    assert_eq!(state.place(), Place::Field);
    for _ in 0..5 {
        press(&mut state, KeyCode::Backspace);
    }
    keys(&mut state, "1e-2q");
    assert_eq!(error(&state, "train.learning_rate").unwrap(), "it must be a number, above 0");
    press(&mut state, KeyCode::Backspace);
    assert_eq!(error(&state, "train.learning_rate"), None);
    keys(&mut state, "\n");
    assert_eq!(state.place(), Place::Launch);
    assert_eq!(sets(&state), ["model.se=true", "train.optimizer=adam", "train.learning_rate=1e-2"]);
}

#[test]
fn escape_takes_a_typed_value_back_and_u_what_was_kept() {
    let runs = Runs::new();
    let mut state = form(&runs);
    choose(&mut state, "train.epochs");
    keys(&mut state, "\n0\n\n0");
    assert_eq!(text(&state, "train.epochs"), "800");
    press(&mut state, KeyCode::Esc);
    assert_eq!((text(&state, "train.epochs"), state.place()), ("80", Place::Launch));
    keys(&mut state, "u");
    assert_eq!((text(&state, "train.epochs"), sets(&state).len()), ("8", 0));
    keys(&mut state, "\n\n");
    assert_eq!(sets(&state).len(), 0, "nothing was typed");
    choose(&mut state, "model.depth");
    keys(&mut state, "\n");
    press(&mut state, KeyCode::Tab);
    assert_eq!((sets(&state).len(), chosen(&state)), (0, "model.width"));
}

#[test]
fn keys_move_over_the_fields_and_not_onto_sections() {
    let runs = Runs::new();
    let mut state = form(&runs);
    assert_eq!(chosen(&state), "name");
    keys(&mut state, "j");
    assert_eq!(chosen(&state), "model.arch");
    keys(&mut state, "k");
    press(&mut state, KeyCode::Up);
    assert_eq!(state.launch.form().unwrap().row(), Some(Row::File));
    keys(&mut state, "G");
    assert_eq!(chosen(&state), "explain.energy");
    keys(&mut state, "g");
    press(&mut state, KeyCode::Tab);
    press(&mut state, KeyCode::BackTab);
    assert_eq!(state.launch.form().unwrap().position(), 0);
    for size in [(60, 16), (80, 24), (300, 100)] {
        state.update(Message::Resized(size.0, size.1));
        keys(&mut state, "g");
        for _ in 0..=fields().len() {
            let form = state.launch.form().unwrap();
            let seen = form.top()..form.top() + screens::launch::rows(size);
            assert!(seen.contains(&form.position()), "{size:?}");
            keys(&mut state, "j");
        }
        press(&mut state, KeyCode::PageUp);
    }
}

#[test]
fn fields_are_found_by_words_of_their_name_or_help() {
    let runs = Runs::new();
    let mut state = form(&runs);
    keys(&mut state, "/drop");
    assert_eq!(state.place(), Place::Prompt);
    let found = |state: &State| state.launch.form().unwrap().rows().len();
    assert!(found(&state) >= 3 && found(&state) < 8);
    keys(&mut state, "\n");
    assert_eq!(chosen(&state), "model.conv_dropout");
    press(&mut state, KeyCode::Esc);
    assert_eq!(
        (found(&state) > 40, chosen(&state), state.place()),
        (true, "model.conv_dropout", Place::Launch)
    );
    keys(&mut state, "/zzz");
    assert_eq!(found(&state), 0);
    assert_eq!(keys(&mut state, "\nlu\nj"), []);
    press(&mut state, KeyCode::Esc);
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.place(), Place::Runs);
}

#[test]
fn the_field_whose_name_is_typed_is_chosen_among_those_that_are_found() {
    let runs = Runs::new();
    let mut state = form(&runs);
    for (typed, found) in
        [("epochs", "train.epochs"), ("train.seed", "train.seed"), ("erase", "augment.erase.probability")]
    {
        choose(&mut state, "train.step_epochs");
        keys(&mut state, &format!("/{typed}"));
        assert_eq!(chosen(&state), found);
        press(&mut state, KeyCode::Enter);
        press(&mut state, KeyCode::Esc);
        assert_eq!(chosen(&state), found);
    }
    choose(&mut state, "train.step_epochs");
    keys(&mut state, "/epoch\n");
    assert_eq!(chosen(&state), "train.step_epochs", "none is named so");
    choose(&mut state, "train.optimizer");
    keys(&mut state, "lqn");
    state.update(opened("configs/small.toml"));
    let form = state.launch.form().unwrap();
    assert_eq!((form.filter(), form.rows()[0]), ("", Row::File), "the next time all fields are there");
}

#[test]
fn a_run_is_started_once_and_then_opened() {
    let runs = Runs::new();
    let mut state = form(&runs);
    choose(&mut state, "train.optimizer");
    keys(&mut state, "l");
    let start =
        Effect::Start { config: "configs/small.toml".into(), sets: vec!["train.optimizer=adam".into()] };
    assert_eq!(keys(&mut state, "s"), [start]);
    assert_eq!(keys(&mut state, "ss"), [], "only one is started");
    let new = runs.entry("new", RunState::Running);
    state.update(Message::Started(Ok(new.folder.clone())));
    assert!(!state.notice.as_ref().unwrap().bad);
    state.update(Message::Runs(Ok(vec![new, runs.entry("c", RunState::Running)])));
    assert_eq!((state.screen, state.current().unwrap().name.as_str()), (Screen::Run, "new"));
    keys(&mut state, "q");
    assert_eq!(state.screen, Screen::Runs);
}

#[test]
fn a_refusal_stands_beside_its_field_until_something_is_changed() {
    let runs = Runs::new();
    let mut state = form(&runs);
    keys(&mut state, "s");
    state.update(refused(Some("data.root"), "/faces holds no manifest.csv"));
    assert_eq!(chosen(&state), "data.root");
    assert_eq!(error(&state, "data.root").as_deref(), Some("/faces holds no manifest.csv"));
    assert!(matches!(keys(&mut state, "s")[..], [Effect::Start { .. }]), "it may have been put right");
    state.update(refused(None, "the disk is full"));
    assert_eq!(state.launch.problem.as_deref(), Some("the disk is full"));
    assert!(error(&state, "data.root").is_none());
    keys(&mut state, "s");
    press(&mut state, KeyCode::Esc);
    state.update(refused(None, "the disk is full"));
    assert_eq!(state.notice.as_ref().unwrap().text, "the disk is full", "told wherever the user is");
}

#[test]
fn what_is_wrong_is_not_started_but_shown() {
    let runs = Runs::new();
    let mut state = form(&runs);
    choose(&mut state, "augment.flip");
    keys(&mut state, "\n00\n");
    choose(&mut state, "train.batch_size");
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Backspace);
    keys(&mut state, "\n");
    keys(&mut state, "g/flip\n");
    assert_eq!(keys(&mut state, "s"), []);
    assert_eq!(chosen(&state), "train.batch_size");
    assert!(state.launch.problem.as_ref().unwrap().contains("a field is wrong"));
    assert!(!state.launch.starting);
    keys(&mut state, "j");
    assert_eq!(state.launch.problem, None);
}

#[test]
fn leaving_keeps_what_was_changed_for_the_next_time() {
    let runs = Runs::new();
    let mut state = form(&runs);
    choose(&mut state, "train.optimizer");
    keys(&mut state, "l");
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.screen, Screen::Runs);
    let open = Effect::Launch(Order::Open("configs/small.toml".into()));
    assert_eq!(keys(&mut state, "n"), [open]);
    assert_eq!(sets(&state), ["train.optimizer=adam"]);
    assert!(state.notice.as_ref().unwrap().text.starts_with("as you left it"));
    // The file was written to meanwhile.
    let text_now = TEXT.replace("epochs = 8", "epochs = 5");
    state.update(Message::Launch(Report::Opened("configs/small.toml".into(), Ok(text_now))));
    assert_eq!((text(&state, "train.epochs"), sets(&state).len()), ("5", 1));
    // Another file, and back to this one.
    keys(&mut state, "g\n");
    keys(&mut state, "/x.toml\n");
    state.update(opened("/x.toml"));
    assert_eq!(sets(&state).len(), 0);
    keys(&mut state, "g\nconfigs/small.toml\n");
    state.update(opened("configs/small.toml"));
    assert_eq!(sets(&state), ["train.optimizer=adam"]);
}

#[test]
fn a_choice_that_went_once_round_is_no_change() {
    let runs = Runs::new();
    let mut state = form(&runs);
    for (key, times) in [("model.se", 2), ("train.optimizer", 3), ("train.precision", 2)] {
        choose(&mut state, key);
        keys(&mut state, &" ".repeat(times));
        assert_eq!(sets(&state).len(), 0, "{key}");
    }
    // Here the network says what the value would be without a choice.
    choose(&mut state, "model.arch");
    keys(&mut state, "\u{20}");
    while text(&state, "model.se") != "true" {
        keys(&mut state, "\u{20}");
    }
    choose(&mut state, "model.se");
    keys(&mut state, " ");
    assert_eq!(text(&state, "model.se"), "false");
    assert!(sets(&state).contains(&"model.se=false".to_string()));
}

#[test]
fn a_form_in_which_nothing_was_changed_is_not_in_the_way_of_the_next_run() {
    let runs = Runs::new();
    let mut state = form(&runs);
    press(&mut state, KeyCode::Esc);
    assert_eq!(keys(&mut state, "n"), [Effect::ListConfigs]);
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.screen, Screen::Runs, "and leads back at once");
}

#[test]
fn a_clone_begins_with_the_config_of_its_run() {
    let runs = Runs::new();
    let mut state = started(&runs, &[("c", RunState::Running)]);
    let config = runs.entry("c", RunState::Running).folder.config();
    let open = Effect::Launch(Order::Open(config.clone()));
    assert_eq!(keys(&mut state, "e"), [Effect::Launch(Order::Devices), open.clone()]);
    let said = "name = \"mine\"\n[data]\nroot = \"/faces\"\n[provenance]\ndevice = \"cuda:3\"\n";
    state.update(Message::Launch(Report::Opened(config.clone(), Ok(said.into()))));
    assert_eq!(text(&state, "name"), "mine");
    assert_eq!(keys(&mut state, "s"), [Effect::Start { config: config.clone(), sets: Vec::new() }]);
    state.update(refused(None, "no"));
    press(&mut state, KeyCode::Esc);
    // From the run's own screen, and back to it.
    keys(&mut state, "\ne");
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.screen, Screen::Run);
    keys(&mut state, "e");
    state.update(Message::Launch(Report::Opened(config, Err("it is gone".into()))));
    assert_eq!(state.launch.problem.as_deref(), Some("it is gone"), "the form is kept");
}

#[test]
fn a_clone_that_cannot_be_read_leads_back_and_shows_no_other_form() {
    let runs = Runs::new();
    let mut state = form(&runs);
    choose(&mut state, "train.optimizer");
    keys(&mut state, "lqe");
    assert!(state.launch.form().is_none() && state.launch.is_opening());
    assert_eq!(keys(&mut state, "ljs"), []);
    let config = from_here(runs.entry("c", RunState::Running).folder.config());
    state.update(Message::Launch(Report::Opened(config, Err("it is gone".into()))));
    assert_eq!((state.screen, state.notice.as_ref().unwrap().text.as_str()), (Screen::Runs, "it is gone"));
    keys(&mut state, "n");
    assert_eq!(state.launch.form().unwrap().path(), Path::new("configs/small.toml"));
}

#[test]
fn devices_are_looked_for_again_only_after_a_while() {
    let mut state = State::new("runs", (80, 24));
    let asks = |state: &mut State| {
        let asked = keys(state, "n").contains(&Effect::Launch(Order::Devices));
        press(state, KeyCode::Esc);
        asked
    };
    assert!(asks(&mut state) && !asks(&mut state));
    state.update(Message::Clock(1e9));
    assert!(asks(&mut state) && !asks(&mut state));
}

#[test]
fn pictures_are_looked_at_once_for_each_change_of_them() {
    let runs = Runs::new();
    let mut state = form(&runs);
    let asked = state.launch.form().unwrap().pictures().clone();
    assert_eq!(asked, Pictures::Asked);
    let config = state.launch.form().unwrap().draft().config().unwrap();
    let first = crate::config::of_pictures(&config).unwrap();
    choose(&mut state, "train.optimizer");
    assert_eq!(keys(&mut state, "l"), [], "the pictures are the same");
    let parts = Parts { train: 90, valid: 10, test: 25, skipped: 0 };
    assert!(state.update(Message::Launch(Report::Looked(first.clone(), Ok(Some(parts))))).draw);
    assert_eq!(*state.launch.form().unwrap().pictures(), Pictures::There(parts));
    choose(&mut state, "data.root");
    assert_eq!(keys(&mut state, "\n/new"), [], "not with each letter");
    let asked = keys(&mut state, "\n");
    assert!(matches!(&asked[..], [Effect::Launch(Order::Look(text))] if text.contains("/faces/new")));
    assert!(!state.update(Message::Launch(Report::Looked(first, Ok(None)))).draw, "it is about others");
    let Effect::Launch(Order::Look(second)) = asked[0].clone() else { panic!("it was asked for") };
    let refusal = Refusal { field: Some("data.root"), sentence: "no manifest.csv".into() };
    state.update(Message::Launch(Report::Looked(second, Err(refusal))));
    assert_eq!(error(&state, "data.root").as_deref(), Some("no manifest.csv"));
    assert!(matches!(keys(&mut state, "s")[..], [Effect::Start { .. }]), "the start looks again");
}

#[test]
fn devices_are_those_of_the_machine() {
    let runs = Runs::new();
    let mut state = form(&runs);
    let gpu = |i: usize, usable| DeviceReport {
        device: format!("cuda:{i}"),
        usable,
        name: "A".into(),
        reason: None,
        ..crate::device::cpu_report()
    };
    choose(&mut state, "train.device");
    keys(&mut state, "ll");
    assert_eq!(text(&state, "train.device"), "auto", "until they are known");
    state.update(Message::Launch(Report::Devices(vec![
        gpu(0, false),
        gpu(1, true),
        crate::device::cpu_report(),
    ])));
    keys(&mut state, "ll");
    assert_eq!(text(&state, "train.device"), "cuda:1");
    keys(&mut state, "l");
    assert_eq!(text(&state, "train.device"), "auto");
    keys(&mut state, "\n");
    press(&mut state, KeyCode::End);
    press(&mut state, KeyCode::Backspace);
    assert!(error(&state, "train.device").unwrap().contains("a device"));
    assert_eq!(state.runs_on("cpu").count(), 1, "of the two only one is being trained");
    assert_eq!(field("train.device").unwrap().range, "auto, cpu or cuda:N");
}
