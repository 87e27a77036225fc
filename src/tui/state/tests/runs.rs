//! The list of runs: its order, its filter, marks, notes, the mouse.

use super::*;

#[test]
fn the_list_is_sorted_by_each_shown_column_and_the_choice_stays_with_its_run() {
    let runs = Runs::new();
    let mut state = State::new("runs", (120, 40));
    let mut entries: Vec<_> = THREE.iter().map(|(name, run)| runs.entry(name, *run)).collect();
    (entries[0].valid_accuracy, entries[2].valid_accuracy) = (Some(0.5), Some(0.75));
    state.update(Message::Runs(Ok(entries.clone())));
    keys(&mut state, "j");
    let order = |state: &State| state.list.shown().map(|run| run.name.clone()).collect::<String>();
    let mut orders = Vec::new();
    for _ in 0..7 {
        orders.push((state.list.sort().column.head(), order(&state)));
        keys(&mut state, "o");
        assert_eq!(chosen(&state), "b");
    }
    let expected = [
        ("age", "cba"),
        ("state", "cab"),
        ("name", "abc"),
        // All the same: the newest first.
        ("network", "cba"),
        ("device", "cba"),
        ("epoch", "cba"),
        // The best first, what has none last.
        ("valid", "acb"),
    ];
    assert_eq!(orders, expected.map(|(column, order)| (column, order.to_string())));
    keys(&mut state, "oo");
    assert_eq!((state.list.sort().column, order(&state).as_str()), (Column::Name, "abc"));
    keys(&mut state, "O");
    assert_eq!((order(&state).as_str(), chosen(&state)), ("cba", "b"));
    entries.reverse();
    state.update(Message::Runs(Ok(entries)));
    assert_eq!(order(&state), "cba", "it stays sorted when the list is another one");
}

#[test]
fn a_sorted_list_from_its_other_end_has_what_is_missing_last_still() {
    let runs = Runs::new();
    let mut state = State::new("runs", (120, 40));
    let mut entries: Vec<_> = THREE.iter().map(|(name, run)| runs.entry(name, *run)).collect();
    (entries[0].valid_accuracy, entries[2].valid_accuracy) = (Some(0.5), Some(f64::NAN));
    entries[1].valid_accuracy = Some(0.25);
    state.update(Message::Runs(Ok(entries)));
    let order = |state: &State| state.list.shown().map(|run| run.name.clone()).collect::<String>();
    state.list.set_sort(Sort::by(Column::Valid));
    assert_eq!(order(&state), "cba");
    keys(&mut state, "O");
    assert_eq!(order(&state), "bca");
}

#[test]
fn a_filter_that_is_not_understood_says_so_and_hides_nothing() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    keys(&mut state, "/lost lerning_rate<1");
    let error = |state: &State| match &state.overlay {
        Some(Overlay::Prompt(prompt)) => prompt.error.clone(),
        _ => panic!("the line is closed"),
    };
    assert!(error(&state).unwrap().contains("did you mean 'learning_rate'"));
    assert_eq!(state.list.shown().len(), 3);
    press(&mut state, KeyCode::Enter);
    assert_eq!((state.place(), error(&state).is_some()), (Place::Prompt, true), "it stays open");
    state.update(Message::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
    keys(&mut state, "lost epoch<");
    assert_eq!((error(&state), state.list.shown().len()), (None, 1));
    press(&mut state, KeyCode::Enter);
    assert_eq!(error(&state).unwrap(), "epoch< needs a value");
    keys(&mut state, "9");
    press(&mut state, KeyCode::Enter);
    assert_eq!((state.place(), state.list.shown().len()), (Place::Runs, 1));
}

#[test]
fn configs_are_read_only_when_a_filter_asks_for_them_and_then_once() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    let asked = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::ReadValues(_)));
    assert!(!asked(&keys(&mut state, "/lost valid>0 ")));
    let effects = keys(&mut state, "lr>0.0001");
    let orders: Vec<_> = effects.iter().filter(|effect| matches!(effect, Effect::ReadValues(_))).collect();
    let [Effect::ReadValues(order)] = orders[..] else { panic!("asked {orders:?}") };
    assert_eq!((order.runs.len(), state.list.is_reading()), (3, true));
    assert_eq!(state.list.shown().len(), 0, "nothing is known yet");
    state.update(Message::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
    keys(&mut state, "lr=1e-3");
    let values = std::sync::Arc::new(crate::tui::query::Values::default());
    let read = |values: &std::sync::Arc<crate::tui::query::Values>| {
        order.runs.iter().map(|(folder, as_of)| (folder.clone(), *as_of, values.clone())).collect()
    };
    state.update(Message::Values(values::Report::Read(read(&values))));
    assert_eq!(state.list.shown().len(), 0);
    std::fs::write(runs.entry("a", RunState::Lost).folder.config(), "[data]\nroot = \"x\"\n").unwrap();
    let values = crate::tui::query::Values::read(&runs.entry("a", RunState::Lost).folder);
    state.update(Message::Values(values::Report::Read(read(&values.into()))));
    assert_eq!(state.list.shown().len(), 3, "the list follows what is read");
    assert_eq!(state.update(Message::Values(values::Report::Done)).effects, []);
    assert!(!state.list.is_reading());
    keys(&mut state, "0");
    let mut entries: Vec<_> = THREE.iter().map(|(name, run)| runs.entry(name, *run)).collect();
    assert_eq!(state.update(Message::Runs(Ok(entries.clone()))).effects, [], "all is known");
    entries[1].epoch += 1;
    let effects = state.update(Message::Runs(Ok(entries))).effects;
    let [Effect::ReadValues(order)] = &effects[..] else { panic!("asked {effects:?}") };
    assert_eq!(order.runs.len(), 1, "only what has changed");
}

#[test]
fn marked_runs_are_followed_all_at_once_and_keep_their_colours() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    let folder = |name: &str| runs.entry(name, RunState::Lost).folder;
    assert_eq!(keys(&mut state, " "), [Effect::FollowMarked(vec![(2, folder("c"))])]);
    let effects = keys(&mut state, "j ");
    assert_eq!(effects.last(), Some(&Effect::FollowMarked(vec![(2, folder("c")), (4, folder("b"))])));
    let slots = |state: &State| ["c", "b", "a"].map(|name| state.marks.slot(&folder(name)));
    assert_eq!(slots(&state), [Some(0), Some(1), None]);
    for (request, entry) in [(2, "c"), (4, "b")] {
        let slice = runs.slices(&runs.entry(entry, RunState::Lost), 3).remove(0);
        assert!(state.update(Message::Metrics(request, Box::new(slice))).draw);
    }
    assert!(state.marks.iter().all(|mark| mark.data.charts.len() == 3));

    keys(&mut state, "k j");
    assert_eq!(slots(&state), [None, Some(1), None], "the other one keeps its colour");
    let slice = runs.slices(&runs.entry("c", RunState::Lost), 3).remove(0);
    assert!(!state.update(Message::Metrics(2, Box::new(slice))).draw, "an unmarked one is of no interest");
    keys(&mut state, "j ");
    assert_eq!(slots(&state), [None, Some(1), Some(0)]);
    state.update(Message::Runs(Ok(vec![runs.entry("a", RunState::Lost)])));
    assert_eq!(slots(&state), [None, None, Some(0)], "marks go with their runs");
    let effects = keys(&mut state, "u");
    assert_eq!((effects, state.marks.is_empty()), (vec![Effect::FollowMarked(Vec::new())], true));
}

#[test]
fn there_are_no_more_marks_than_colours() {
    let runs = Runs::new();
    let names: Vec<String> = (0..10).map(|i| format!("run{i}")).collect();
    let list: Vec<_> = names.iter().map(|name| (name.as_str(), RunState::Finished)).collect();
    let mut state = started(&runs, &list);
    keys(&mut state, " j j j j j j j j ");
    assert_eq!(state.marks.len(), 8);
    assert!(state.notice.as_ref().unwrap().text.contains("8 runs are marked already"));
    let mut slots: Vec<_> = state.marks.iter().map(|mark| mark.slot).collect();
    slots.dedup();
    assert_eq!(slots, [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn several_marked_runs_are_stopped_and_deleted_after_one_question() {
    let runs = Runs::new();
    let mut state = started(&runs, &[("d", RunState::Running), THREE[0], THREE[1], THREE[2]]);
    let folder = |name: &str| runs.entry(name, RunState::Lost).folder;
    keys(&mut state, " j j j ");
    let question = |state: &State| match &state.overlay {
        Some(Overlay::Question(question)) => question.text.clone(),
        other => panic!("no question but {other:?}"),
    };
    keys(&mut state, "x");
    assert!(question(&state).starts_with("Stop 2 of the 4 marked runs, d and c?"), "{}", question(&state));
    assert_eq!(keys(&mut state, "y"), [Effect::StopSeveral(vec![folder("d"), folder("c")])]);
    keys(&mut state, "D");
    assert!(
        question(&state).starts_with("Delete 2 of the 4 marked runs, b and a, with"),
        "{}",
        question(&state)
    );
    assert_eq!(keys(&mut state, "y"), [Effect::RemoveSeveral(vec![folder("b"), folder("a")])]);
    keys(&mut state, "ug j ");
    assert_eq!(keys(&mut state, "D"), []);
    assert!(state.overlay.is_none() && state.notice.as_ref().unwrap().text.contains("stop them first"));
    keys(&mut state, "uj j ");
    assert_eq!(keys(&mut state, "x"), []);
    assert!(state.notice.as_ref().unwrap().text.contains("nothing to stop"));
}

#[test]
fn a_question_about_marked_runs_names_them_also_where_a_filter_hides_them() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    let mut entries: Vec<_> = state.list.entries().to_vec();
    for entry in &mut entries {
        (entry.name, entry.state) = ("same".into(), RunState::Finished);
    }
    entries[1].name = "x".repeat(5000);
    state.update(Message::Runs(Ok(entries)));
    keys(&mut state, " j /same");
    press(&mut state, KeyCode::Enter);
    keys(&mut state, "D");
    let Some(Overlay::Question(question)) = &state.overlay else { panic!("no question") };
    let expected = format!("Delete the 2 marked runs, {} and {}", state.list.entries()[0].id, "x".repeat(32));
    assert!(question.text.starts_with(&expected), "{}", question.text);
    assert!(question.text.contains("(1 hidden by the filter)"), "{}", question.text);
}

#[test]
fn only_one_marked_run_leaves_the_keys_to_the_chosen_one() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    let folder = |name: &str| runs.entry(name, RunState::Lost).folder;
    keys(&mut state, " j");
    assert_eq!(keys(&mut state, "Dy"), [Effect::Remove(folder("b"))]);
}

#[test]
fn notes_are_typed_into_lines_and_written_when_they_are_others() {
    let runs = Runs::new();
    let mut state = State::new("runs", (120, 40));
    let mut entry = runs.entry("a", RunState::Finished);
    (entry.tags, entry.note) = (vec!["x".into()], "old".into());
    state.update(Message::Runs(Ok(vec![entry.clone()])));
    let typed = |state: &mut State, key: &str, text: &str| {
        keys(state, key);
        keys(state, text);
        press(state, KeyCode::Enter)
    };
    let annotate = |change| vec![Effect::Annotate(entry.folder.clone(), change)];
    use notes::Annotation::{Note, Tags, Title};
    assert_eq!(typed(&mut state, "R", "b"), annotate(Title("ab".into())));
    assert_eq!(typed(&mut state, "t", ",  y z ,,x"), annotate(Tags(vec!["x".into(), "y z".into()])));
    assert_eq!(typed(&mut state, "N", "er"), annotate(Note("older".into())));
    for key in ["R", "t", "N"] {
        assert_eq!(typed(&mut state, key, ""), [], "{key}: nothing was changed");
        keys(&mut state, key);
        keys(&mut state, "z");
        assert_eq!(press(&mut state, KeyCode::Esc), []);
    }
    keys(&mut state, "R");
    state.update(Message::Runs(Ok(vec![runs.entry("b", RunState::Finished)])));
    assert_eq!(typed(&mut state, "", "z"), [], "the run is gone, and no other one gets its title");

    entry.notes_problem = Some("cannot read notes.toml".into());
    state.update(Message::Runs(Ok(vec![entry])));
    keys(&mut state, "t");
    assert!(state.overlay.is_none() && state.notice.as_ref().unwrap().bad, "nothing is written over them");
}

#[test]
fn clicks_choose_open_and_sort() {
    use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    let mut click = |column: u16, row: u16| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        let drawn = state.update(Message::Mouse(event)).draw;
        (drawn, chosen(&state).to_string(), state.list.sort().column.head(), state.list.sort().is_rising())
    };
    assert_eq!(click(30, 3), (true, "b".into(), "age", true));
    assert_eq!(click(18, 1), (true, "b".into(), "name", true));
    assert_eq!(click(18, 1), (true, "b".into(), "name", false));
    assert_eq!(click(5, 1), (true, "b".into(), "state", true));
    assert!(!click(30, 20).0, "nothing stands there");
    // Running, lost, finished.
    assert_eq!(click(30, 4), (true, "b".into(), "state", true));
    assert_eq!(state.screen, Screen::Run, "what was chosen is opened");
}

#[test]
fn marks_say_which_two_runs_are_compared() {
    let runs = Runs::new();
    let mut state = started(&runs, &THREE);
    let folder = |name: &str| runs.entry(name, RunState::Lost).folder;
    let compared = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Compare(compare::Order::Look(request)) => Some(request.runs.clone()),
            _ => None,
        })
    };
    // The next older one, in whatever order they are shown.
    assert_eq!(compared(&keys(&mut state, "ooOc")), Some([folder("b"), folder("c")]));
    keys(&mut state, "qG ");
    assert_eq!(chosen(&state), "a");
    assert_eq!(compared(&keys(&mut state, "gc")), Some([folder("a"), folder("c")]), "the marked one is A");
    assert_eq!(compared(&keys(&mut state, "qj c")), Some([folder("a"), folder("b")]));
    keys(&mut state, "qg ");
    assert_eq!(compared(&keys(&mut state, "c")), None);
    assert!(state.notice.as_ref().unwrap().text.contains("3 runs are marked"));
}
