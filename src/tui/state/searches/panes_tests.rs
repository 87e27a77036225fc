use super::*;
use crate::config::RunConfig;
use crate::run::State as RunState;
use crate::search::{
    Axis, Counts, EngineKind, Importance, Record, SearchState, SearchSummary, TrialRow, Values,
};
use crate::tui::message::Message;
use crate::tui::state::searches::Report;
use std::sync::Arc;
use toml::Value;

/// A search of `points` points over a learning rate, a batch size and an optimizer, two seeds each, whose best point is
/// the first.
pub(in crate::tui) fn overview(folder: &SearchFolder, points: usize) -> Overview {
    let axis = |field: &str, values| Axis { field: field.into(), values };
    let axes = vec![
        axis(
            "train.learning_rate",
            Values::Range { min: 1e-4, max: 1e-1, is_log: true, is_whole: false, points: None },
        ),
        axis("train.batch_size", Values::List([8, 16, 32].map(Value::Integer).to_vec())),
        axis(
            "train.optimizer",
            Values::List(["sgd", "adam"].map(|name| Value::String(name.into())).to_vec()),
        ),
        axis("train.early_stopping.patience", Values::List([5, 15].map(Value::Integer).to_vec())),
    ];
    let row = |i: usize| {
        let value = 0.81 - 0.4 * i as f64 / points.max(1) as f64;
        let point = vec![
            Some(Value::Float(1e-4 * 10f64.powf(3.0 * ((i * 7) % 11) as f64 / 10.0))),
            Some(Value::Integer([8, 16, 32][i % 3])),
            Some(Value::String(["sgd", "adam"][i / 2 % 2].into())),
            (i % 4 != 3).then_some(Value::Integer([5, 15][i % 2])),
        ];
        let run = |seed: u64| RunSeen {
            number: i as u64 * 2 + seed,
            seed,
            folder: folder.run(i as u64 * 2 + seed),
            state: Some(RunState::Finished),
            reason: None,
            epoch: 10,
            epochs: 10,
            halved: false,
            value: Some(value + 0.004 * (seed as f64 - 1.5)),
            test_accuracy: None,
        };
        let interval = Some((value - 0.01, value + 0.01));
        TrialRow { point, runs: vec![run(1), run(2)], mean: Some(value), interval, is_complete: true }
    };
    let summary = SearchSummary {
        folder: folder.clone(),
        id: "20260115-220000-preliminary-1a2b".into(),
        name: "preliminary".into(),
        created: 1_768_500_000.0,
        state: SearchState::Finished,
        engine: EngineKind::Local,
        sampler: "random",
        metric: MonitoredMetric::ValidAccuracy,
        counts: Counts { finished: points * 2, ..Counts::default() },
        throttle: None,
        seconds_left: None,
        best: Some(0.81),
        problem: None,
    };
    Overview { summary, axes, rows: (0..points).map(row).collect() }
}

pub(in crate::tui) fn importances() -> Importances {
    let axis = |(axis, share)| Importance { axis, share, spread: share / 10.0 };
    let axes = [(2, 0.52), (0, 0.31), (3, 0.06), (1, 0.02)].into_iter().map(axis).collect();
    Importances { axes, explained: 0.83, points: 24 }
}

/// A dashboard of `size` that shows a search of `points` points, and the search's folder.
pub(in crate::tui) fn dashboard(size: (u16, u16), points: usize) -> (tempfile::TempDir, State, SearchFolder) {
    let keep = tempfile::tempdir().unwrap();
    let record = Record::new(keep.path().join("s.toml"));
    let base = RunConfig { name: "base".into(), ..RunConfig::default() };
    let folder = SearchFolder::create(keep.path(), "preliminary", "", &base, &record, |_| Ok(())).unwrap();
    let mut state = State::new("runs", size);
    state.open_search(folder.clone());
    state.go(Screen::Search);
    show(&mut state, overview(&folder, points));
    (keep, state, folder)
}

fn show(state: &mut State, overview: Overview) -> Vec<Effect> {
    let folder = overview.summary.folder.clone();
    state.update(Message::Searches(Report::Found(folder, Ok(Arc::new(overview))))).effects
}

/// Turns to a pane and gives what is asked for then.
pub(in crate::tui) fn turn(state: &mut State, pane: Pane) -> Vec<Effect> {
    (state.searches.pane, state.searches.pane_is_open) = (pane, true);
    state.update(Message::Clock(1_768_550_400.0)).effects
}

#[test]
fn what_mattered_is_asked_for_while_it_is_seen_and_again_as_runs_end() {
    let (_keep, mut state, folder) = dashboard((120, 40), 12);
    let asked = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Importance(_)));
    assert!(!asked(&turn(&mut state, Pane::Detail)) && !asked(&turn(&mut state, Pane::Curves)));
    let effects = turn(&mut state, Pane::Importance);
    assert!(asked(&effects));
    assert!(!asked(&turn(&mut state, Pane::Parallel)), "once");
    let Some(Effect::Importance(order)) =
        effects.into_iter().find(|effect| matches!(effect, Effect::Importance(_)))
    else {
        panic!("nothing was asked")
    };
    let report = || ImportanceReport { order: order.clone(), found: Ok(Some(importances())) };
    assert!(state.update(Message::Importance(report())).draw);
    assert!(!state.update(Message::Importance(report())).draw, "nothing is new");
    assert_eq!(state.searches.panes.order(&folder, 4), [2, 0, 3, 1], "what mattered most comes first");
    assert_eq!(state.searches.panes.order(&folder, 2), [0, 1], "of fewer axes");
    // As runs go on nothing is asked for; as some have ended it is.
    let mut later = overview(&folder, 12);
    later.rows[3].mean = Some(0.1);
    assert!(!asked(&show(&mut state, later.clone())));
    later.summary.counts.finished += 1;
    assert!(asked(&show(&mut state, later)));
    assert!(!state.update(Message::Importance(report())).draw, "an answer to the order before");
}

#[test]
fn curves_are_those_of_the_best_run_of_each_of_the_best_points() {
    let (_keep, mut state, folder) = dashboard((120, 40), 12);
    let read = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::BestCurves(order) => Some(order),
            _ => None,
        })
    };
    assert_eq!(read(turn(&mut state, Pane::Detail)), None);
    let Some(CurvesOrder::Read { request, .. }) = read(turn(&mut state, Pane::Curves)) else {
        panic!("nothing was asked")
    };
    let best: Vec<RunFolder> = [2, 4, 6, 8, 10].map(|number| folder.run(number)).to_vec();
    assert_eq!((&request.runs, request.grows), (&best, false));
    assert_eq!(read(turn(&mut state, Pane::Curves)), None, "once");
    let found = |last: f64| vec![(vec![1, 2], vec![0.5, last]); 5];
    let report = |last| CurvesReport { request: request.clone(), found: found(last) };
    assert!(state.update(Message::BestCurves(report(0.6))).draw);
    assert!(!state.update(Message::BestCurves(report(0.6))).draw, "nothing is new");
    let revision = |state: &State| state.searches.panes.curve(&best[0]).unwrap().revision;
    let before = revision(&state);
    let mut grown = report(0.6);
    grown.found[0] = (vec![1, 2, 3], vec![0.5, 0.6, 0.7]);
    assert!(state.update(Message::BestCurves(grown)).draw);
    assert_eq!(revision(&state), before, "it has only grown");
    assert!(state.update(Message::BestCurves(report(0.9))).draw);
    assert_ne!(revision(&state), before, "a run began anew");
    assert_eq!(read(turn(&mut state, Pane::Detail)), Some(CurvesOrder::Nothing));
}

#[test]
fn a_point_none_of_whose_runs_has_begun_has_no_curve() {
    let (_keep, _, folder) = dashboard((120, 40), 0);
    let mut overview = overview(&folder, 3);
    overview.rows[0].runs[1].value = None;
    overview.rows[1].mean = None;
    for run in &mut overview.rows[2].runs {
        run.state = None;
    }
    let best: Vec<(usize, u64)> = best_runs(&overview, 9).map(|(row, run)| (row, run.number)).collect();
    assert_eq!(best, [(0, 1)]);
}
