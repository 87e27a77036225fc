use super::super::tests::{Runs, keys, press, started};
use super::super::{Overlay, Question};
use super::*;
use crate::config::MonitoredMetric;
use crate::run::{RunFolder, State as RunState};
use crate::search::{Axis, Counts, EngineKind, SearchState, Values};
use crate::tui::message::Message;
use crossterm::event::KeyCode;
use std::path::Path;
use toml::Value;

/// A search that is made up: of 4 learning rates, 3 batch sizes and 2 optimisers with 3 seeds each, where some runs are
/// still to come.
pub(in crate::tui) fn made(name: &str) -> Overview {
    let axes = [
        ("train.learning_rate", vec![0.01, 0.003, 0.001, 0.000_1].into_iter().map(Value::Float).collect()),
        ("train.batch_size", vec![16, 32, 64].into_iter().map(Value::Integer).collect()),
        ("train.optimizer", ["sgd", "adam"].map(|name| Value::String(name.into())).to_vec()),
        ("train.schedule", vec![Value::String("cosine".into())]),
    ];
    let mut points: Vec<Vec<Option<Value>>> = vec![Vec::new()];
    for (_, values) in &axes {
        let longer = |point: &Vec<Option<Value>>| {
            let point = point.clone();
            values.iter().map(move |value: &Value| [point.clone(), vec![Some(value.clone())]].concat())
        };
        points = points.iter().flat_map(longer).collect();
    }
    let mut rows: Vec<TrialRow> =
        points.iter().enumerate().map(|(i, point)| made_row(name, i as u64, point.clone())).collect();
    rows.sort_by(|a, b| b.mean.unwrap_or(-1.0).total_cmp(&a.mean.unwrap_or(-1.0)));
    let axes = axes.map(|(field, values)| Axis { field: field.into(), values: Values::List(values) });
    Overview { summary: made_summary(name, &rows), axes: axes.to_vec(), rows }
}

fn made_row(name: &str, point: u64, values: Vec<Option<Value>>) -> TrialRow {
    let run = |seed: u64| {
        let number = 1 + point + 24 * seed;
        let value = 0.55 + 0.011 * ((point * 7) % 24) as f64 + 0.004 * ((point + 2 * seed) % 5) as f64;
        let state = match (point, seed) {
            (4, 1) => Some(RunState::Failed),
            (_, 2) if point > 20 => None,
            (_, 2) if point > 18 => Some(RunState::Queued),
            (_, 2) if point > 14 => Some(RunState::Running),
            (23, _) => None,
            _ => Some(RunState::Finished),
        };
        let is_running = state == Some(RunState::Running);
        let has_value = matches!(state, Some(RunState::Finished | RunState::Running));
        let halved = point == 6 && seed == 0;
        RunSeen {
            number,
            seed: 42 + seed,
            folder: RunFolder::of_id(Path::new("runs"), &format!("{name}-{number:03}")),
            state,
            reason: (state == Some(RunState::Failed))
                .then(|| "the loss is not a number since step 120".into()),
            epoch: if is_running {
                13 + point
            } else if halved {
                6
            } else {
                80 * u64::from(has_value)
            },
            epochs: if state.is_some() { 80 } else { 0 },
            halved,
            value: has_value.then_some(value),
            test_accuracy: (has_value && !is_running).then_some(value - 0.02),
        }
    };
    let runs: Vec<RunSeen> = (0..3).map(run).collect();
    let known: Vec<f64> = runs.iter().filter_map(|run| run.value).collect();
    let mean = (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
    let interval = mean.filter(|_| known.len() > 1).map(|mean| (mean - 0.0123, mean + 0.0123));
    let is_complete = runs.iter().all(|run| run.state == Some(RunState::Finished));
    TrialRow { point: values, runs, mean, interval, is_complete }
}

fn made_summary(name: &str, rows: &[TrialRow]) -> SearchSummary {
    let mut counts = Counts::default();
    for run in rows.iter().flat_map(|row| &row.runs) {
        *match run.state {
            _ if run.halved => &mut counts.halved,
            None => &mut counts.waiting,
            Some(RunState::Queued) => &mut counts.queued,
            Some(RunState::Running) => &mut counts.running,
            Some(RunState::Finished) => &mut counts.finished,
            Some(_) => &mut counts.failed,
        } += 1;
    }
    SearchSummary {
        folder: folder(name),
        id: format!("20270115-080000-{name}-00ff"),
        name: name.into(),
        created: 1_799_900_000.0,
        state: SearchState::Running,
        engine: EngineKind::Slurm,
        sampler: "asha",
        metric: MonitoredMetric::ValidAccuracy,
        counts,
        throttle: Some(4),
        seconds_left: Some(4400.0),
        best: rows.first().and_then(|row| row.mean),
        problem: None,
    }
}

/// A folder that exists, as the state asks for nothing else of it.
fn folder(name: &str) -> SearchFolder {
    use crate::config::RunConfig;
    use crate::search::{Plan, PlannedRun, Record, SearchFolder};
    let keep = tempfile::tempdir().unwrap();
    let record = Record::new(keep.path().join("s.toml"));
    let run = PlannedRun { number: 1, seed: 1, set: Vec::new() };
    let fill = |folder: &SearchFolder| Plan::append(folder, std::slice::from_ref(&run));
    SearchFolder::create(keep.path(), name, "", &RunConfig::default(), &record, fill).unwrap()
}

pub(in crate::tui) fn listed(overviews: &[&Overview]) -> Message {
    let list = overviews.iter().map(|overview| overview.summary.clone()).collect();
    Message::Searches(Report::List(Ok(list)))
}

pub(in crate::tui) fn found(overview: &Overview) -> Message {
    let folder = overview.summary.folder.clone();
    Message::Searches(Report::Found(folder, Ok(Arc::new(overview.clone()))))
}

/// The only search of a folder is open.
fn opened(overview: &Overview) -> (Runs, State) {
    let runs = Runs::new();
    let mut state = started(&runs, &[("a", RunState::Finished)]);
    keys(&mut state, "S");
    state.update(listed(&[overview]));
    state.update(found(overview));
    (runs, state)
}

fn first_run(state: &State) -> u64 {
    state.searches.chosen_row().unwrap().runs[0].number
}

#[test]
fn the_only_search_is_opened_at_once_and_of_several_the_chosen_one() {
    let (one, two) = (made("one"), made("two"));
    let runs = Runs::new();
    let mut state = started(&runs, &[("a", RunState::Finished)]);
    assert_eq!(keys(&mut state, "S"), [Effect::Searches(Order::List(1))]);
    let effects = state.update(listed(&[&one])).effects;
    assert_eq!(state.screen, Screen::Search);
    assert_eq!(effects, [Effect::Searches(Order::Look(2, one.summary.folder.clone()))]);
    assert_eq!(keys(&mut state, "q"), [Effect::Searches(Order::Nothing)]);
    assert_eq!(state.screen, Screen::Runs);

    keys(&mut state, "S");
    state.update(listed(&[&two, &one]));
    assert_eq!(state.screen, Screen::Searches);
    assert!(
        state.searches.summaries()[state.searches.chosen].name == "one",
        "the choice stays with its search"
    );
    keys(&mut state, "g");
    let effects = keys(&mut state, "\n");
    assert!(matches!(&effects[..], [Effect::Searches(Order::Look(_, open))] if *open == two.summary.folder));
    keys(&mut state, "q");
    assert_eq!(state.screen, Screen::Searches);
    keys(&mut state, "q");
    assert_eq!(state.screen, Screen::Runs);
}

#[test]
fn a_run_leads_to_its_search_and_back_and_a_point_to_its_run_and_back() {
    let mut one = made("one");
    let runs = Runs::new();
    let mut state = State::new("runs", (120, 40));
    let mut entries: Vec<_> = ["b", "a"].map(|name| runs.entry(name, RunState::Finished)).to_vec();
    entries[1].search = Some(one.summary.id.clone());
    one.rows[2].runs[1].folder = entries[0].folder.clone();
    one.rows[2].runs[1].value = Some(0.99);
    state.update(Message::Runs(Ok(entries.clone())));
    keys(&mut state, "j\nS");
    state.update(listed(&[&made("two"), &one]));
    state.update(found(&one));
    assert_eq!((state.screen, state.searches.open()), (Screen::Search, Some(&one.summary.folder)));
    keys(&mut state, "q");
    assert_eq!((state.screen, state.current().unwrap().name.as_str()), (Screen::Run, "a"));

    keys(&mut state, "S");
    assert_eq!(state.screen, Screen::Search, "the list is known already");
    let effects = keys(&mut state, "jj\n");
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Follow(_, run) if *run == entries[0].folder))
    );
    assert_eq!((state.screen, state.current().unwrap().name.as_str()), (Screen::Run, "b"));
    keys(&mut state, "q");
    assert_eq!((state.screen, state.searches.table.chosen()), (Screen::Search, 2));
    keys(&mut state, "q");
    assert_eq!(state.screen, Screen::Runs, "the way back has no rings");
}

#[test]
fn a_run_whose_search_is_gone_shows_the_others_and_says_so() {
    let runs = Runs::new();
    let mut state = State::new("runs", (120, 40));
    let mut entry = runs.entry("a", RunState::Finished);
    entry.search = Some("20260101-000000-gone-0000".into());
    state.update(Message::Runs(Ok(vec![entry])));
    keys(&mut state, "\nS");
    state.update(listed(&[&made("two")]));
    assert_eq!(state.screen, Screen::Searches);
    assert!(state.notice.as_ref().unwrap().text.contains("gone-0000"));
}

#[test]
fn what_is_as_it_was_is_not_drawn_and_not_asked_for_again() {
    let one = made("one");
    let (_runs, mut state) = opened(&one);
    let effects = state.update(found(&one));
    assert!(!effects.draw && effects.effects.is_empty());
    assert!(!state.update(listed(&[&one])).draw, "the list is not to be seen");
    assert!(!state.update(found(&made("another"))).draw, "it is not open");
    let mut later = one.clone();
    later.rows[3].mean = Some(0.1);
    assert!(state.update(found(&later)).draw);
    keys(&mut state, "q");
    assert!(!state.update(found(&one)).draw, "it is not to be seen");
}

#[test]
fn the_choice_stays_with_its_point_whatever_rank_it_gets() {
    let mut one = made("one");
    let (_runs, mut state) = opened(&one);
    keys(&mut state, "jjj");
    let chosen = first_run(&state);
    one.rows.swap(0, 3);
    state.update(found(&one));
    assert_eq!((first_run(&state), state.searches.table.chosen()), (chosen, 0));
    keys(&mut state, "o");
    assert_eq!(first_run(&state), chosen, "also where the order changes");
}

#[test]
fn points_are_sorted_by_what_is_searched_but_never_by_the_test_set() {
    let one = made("one");
    let (_runs, mut state) = opened(&one);
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(state.searches.table.sort.column);
        keys(&mut state, "o");
    }
    let axes = [Column::Axis(0), Column::Axis(1), Column::Axis(2)];
    let expected = [&[Column::Rank, Column::Seeds], &axes[..], &[Column::Epoch]].concat();
    assert_eq!(seen, expected, "an axis with one value has no column");
    assert_eq!(state.searches.table.sort.column, Column::State);
    let first = state.searches.table.order()[0];
    assert_eq!(standing(&one.rows[first]).unwrap().state, Some(RunState::Running));
    keys(&mut state, "o");
    assert_eq!(state.searches.table.sort.column, Column::Rank);
    let rates = |state: &State| {
        let order = state.searches.table.order().iter();
        order.map(|i| one.rows[*i].point[0].clone().unwrap().as_float().unwrap()).collect::<Vec<_>>()
    };
    keys(&mut state, "oo");
    assert!(rates(&state).is_sorted());
    keys(&mut state, "O");
    assert!(rates(&state).is_sorted_by(|a, b| a >= b));
}

#[test]
fn a_limit_of_runs_is_shown_at_once_and_what_was_refused_is_taken_back() {
    let mut one = made("one");
    let (_runs, mut state) = opened(&one);
    let folder = one.summary.folder.clone();
    let throttled = |most| Effect::ActOnSearch(folder.clone(), Act::Throttle(most));
    assert_eq!(keys(&mut state, "++-"), [throttled(5), throttled(6), throttled(5)]);
    assert_eq!(state.searches.throttle(), Some(5));
    state.update(found(&one));
    assert_eq!(state.searches.throttle(), Some(5), "nobody has read it yet");
    one.summary.throttle = Some(5);
    state.update(found(&one));
    one.summary.throttle = Some(7);
    state.update(found(&one));
    assert_eq!(state.searches.throttle(), Some(7), "someone else set it since");
    keys(&mut state, "+");
    state.update(Message::Searches(Report::Acted(folder.clone(), Err("sbatch says no".into()))));
    assert_eq!(state.searches.throttle(), Some(7));
    assert!(state.notice.as_ref().unwrap().bad);
    keys(&mut state, "--------");
    assert_eq!(state.searches.throttle(), Some(1), "less is a stop");

    one.summary.throttle = None;
    let (_runs, mut state) = opened(&one);
    assert_eq!(keys(&mut state, "+"), [], "there is no limit to raise");
    assert_eq!(keys(&mut state, "-"), [throttled(one.summary.counts.running - 1)]);
}

#[test]
fn a_search_is_stopped_after_a_yes_and_resumed_where_something_is_left() {
    let mut one = made("one");
    let (_runs, mut state) = opened(&one);
    let folder = one.summary.folder.clone();
    assert_eq!(keys(&mut state, "r"), [], "it runs");
    assert!(state.notice.as_ref().unwrap().text.contains("nothing to resume"));
    assert_eq!(keys(&mut state, "x"), []);
    assert!(matches!(&state.overlay, Some(Overlay::Question(Question { text, .. })) if text.contains("one")));
    assert_eq!(keys(&mut state, "y"), [Effect::ActOnSearch(folder.clone(), Act::Stop)]);
    let effects = state.update(Message::Searches(Report::Acted(folder.clone(), Ok("stopped".into()))));
    assert!(
        matches!(effects.effects[..], [Effect::Searches(Order::Look(..))]),
        "it is looked at again at once"
    );

    one.summary.state = SearchState::Stopped;
    (one.summary.counts.running, one.summary.counts.queued) = (0, 0);
    state.update(found(&one));
    assert_eq!(keys(&mut state, "x+"), [], "nothing runs");
    assert_eq!(keys(&mut state, "r"), [Effect::ActOnSearch(folder, Act::Resume)]);
    one.summary.state = SearchState::Finished;
    one.summary.counts = Counts { finished: 5, ..Counts::default() };
    state.update(found(&one));
    assert_eq!(keys(&mut state, "r"), [], "all is done");
}

#[test]
fn the_chosen_points_config_is_written_where_one_says() {
    let one = made("one");
    let (_runs, mut state) = opened(&one);
    let promoted = |row: usize, to: &str| {
        let run = one.rows[row].runs[0].number;
        Effect::ActOnSearch(one.summary.folder.clone(), Act::Promote { run, to: to.into() })
    };
    assert_eq!(keys(&mut state, "p\n"), [promoted(0, "configs/one-best.toml")]);
    keys(&mut state, "jjp");
    for _ in 0.."configs/one-rank3.toml".len() {
        press(&mut state, KeyCode::Backspace);
    }
    for bad in ["", "mine", "/"] {
        keys(&mut state, bad);
        assert_eq!(keys(&mut state, "\n"), [], "{bad:?}");
        assert!(matches!(&state.overlay, Some(Overlay::Prompt(prompt)) if prompt.error.is_some()), "{bad:?}");
        for _ in 0..bad.len() {
            press(&mut state, KeyCode::Backspace);
        }
    }
    assert_eq!(keys(&mut state, "mine.toml\n"), [promoted(2, "mine.toml")]);
    // Refused: the line comes back as it was typed, for the same point whatever was chosen meanwhile.
    let report = |said: Result<&str, &str>| {
        let said = said.map(String::from).map_err(String::from);
        Message::Searches(Report::Promoted(one.summary.folder.clone(), said))
    };
    keys(&mut state, "k");
    state.update(report(Err("mine.toml exists already; name another file")));
    let line = |state: &State| match &state.overlay {
        Some(Overlay::Prompt(prompt)) => Some((prompt.line.text().to_string(), prompt.error.clone())),
        _ => None,
    };
    let (text, error) = line(&state).unwrap();
    assert_eq!((text.as_str(), error.as_deref()), ("mine.toml", Some("exists already; name another file")));
    for _ in 0..".toml".len() {
        press(&mut state, KeyCode::Backspace);
    }
    assert_eq!(keys(&mut state, "2.toml\n"), [promoted(2, "mine2.toml")]);
    state.update(report(Ok("written")));
    assert_eq!((line(&state), state.notice.as_ref().unwrap().text.as_str()), (None, "written"));
    // Whoever has gone on is told and not interrupted.
    keys(&mut state, "p\n?");
    state.update(report(Err("a full disk")));
    assert!(matches!(state.overlay, Some(Overlay::Help)));
    press(&mut state, KeyCode::Esc);
    keys(&mut state, "G");
    let waiting = state.searches.chosen_row().unwrap().runs[0].number;
    keys(&mut state, "p");
    assert_eq!(line(&state).unwrap().0, format!("configs/one-run{waiting}.toml"), "nobody knows its rank");
    press(&mut state, KeyCode::Esc);
    assert_eq!((state.screen, state.place()), (Screen::Search, crate::tui::keys::Place::Search));
}

#[test]
fn panes_take_turns_and_hide_the_table_only_where_there_is_no_room() {
    let one = made("one");
    let (_runs, mut state) = opened(&one);
    keys(&mut state, "vv");
    assert_eq!(state.searches.pane, Pane::Importance);
    keys(&mut state, "VVV");
    assert_eq!(state.searches.pane, Pane::Curves);
    state.update(Message::Resized(80, 24));
    press(&mut state, KeyCode::Esc);
    assert_eq!((state.screen, state.searches.pane_is_open), (Screen::Search, false));
    keys(&mut state, "v");
    assert_eq!(
        (state.searches.pane, state.searches.pane_is_open),
        (Pane::Curves, true),
        "the last one first"
    );
    keys(&mut state, "v");
    assert_eq!(state.searches.pane, Pane::Detail);
    keys(&mut state, "jj");
    assert_eq!(state.searches.table.chosen(), 2, "another point in the same pane");
    keys(&mut state, "q");
    assert_eq!(state.screen, Screen::Runs);
}

#[test]
fn tab_chooses_another_run_of_the_point_and_another_point_begins_with_its_best() {
    let one = made("one");
    let (_runs, mut state) = opened(&one);
    let number = |state: &State| state.searches.chosen_run().unwrap().number;
    let best = |row: usize| {
        one.rows[row].runs.iter().max_by(|a, b| a.value.partial_cmp(&b.value).unwrap()).unwrap().number
    };
    assert_eq!(number(&state), best(0));
    let mut seen = vec![number(&state)];
    for _ in 0..2 {
        press(&mut state, KeyCode::Tab);
        seen.push(number(&state));
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 3, "each of them");
    keys(&mut state, "j");
    assert_eq!(number(&state), best(1));
    keys(&mut state, "G");
    let waits = state.searches.chosen_row().unwrap().runs.iter().all(|run| run.state.is_none());
    assert!(waits && keys(&mut state, "\n").is_empty());
    assert!(state.notice.as_ref().unwrap().text.contains("has not begun"));
}

#[test]
fn columns_are_scrolled_no_further_than_to_the_last_one() {
    let one = made("one");
    let (_runs, mut state) = opened(&one);
    state.update(Message::Resized(60, 16));
    for _ in 0..20 {
        keys(&mut state, "l");
    }
    let left = screens::searches::left_column(state.size, &state.searches);
    assert!(left > 0 && !screens::searches::hides_columns_at_the_right(state.size, &state.searches));
    keys(&mut state, "h");
    assert_eq!(screens::searches::left_column(state.size, &state.searches), left - 1, "one step is one step");
    state.update(Message::Resized(220, 60));
    assert_eq!(screens::searches::left_column(state.size, &state.searches), 0, "there is room for all");
}
