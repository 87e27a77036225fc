//! What the axes of a search with 1,000 points and 11 axes explain: computed off the loop while its screen is open.
//! `cargo bench --no-default-features --bench search_importance`

use divan::Bencher;
use mien::config::{MonitoredMetric, RunConfig};
use mien::data::Draws;
use mien::run::{RunFolder, State};
use mien::search::{
    Axis, Counts, EngineKind, Overview, Record, RunSeen, SearchFolder, SearchState, SearchSummary, TrialRow,
    Values, importance,
};
use std::hint::black_box;
use toml::Value;

fn main() {
    divan::main();
}

const AXES: usize = 11;

#[divan::bench(args = [100, 1000], sample_count = 5, sample_size = 1)]
fn search_importance(bencher: Bencher, points: usize) {
    let overview = overview(points);
    bencher.bench(|| importance(black_box(&overview)));
}

/// Ranges, lists and choices, four of which matter.
fn overview(points: usize) -> Overview {
    let runs = tempfile::tempdir().expect("a temporary folder");
    let record = Record::new(runs.path().join("s.toml"));
    let base = RunConfig { name: "base".into(), ..RunConfig::default() };
    let folder =
        SearchFolder::create(runs.path(), "s", "", &base, &record, |_| Ok(())).expect("a search's folder");
    let summary = SearchSummary {
        id: folder.id(),
        folder,
        name: "s".into(),
        created: 0.0,
        state: SearchState::Finished,
        engine: EngineKind::Local,
        sampler: "random",
        metric: MonitoredMetric::ValidAccuracy,
        counts: Counts::default(),
        throttle: None,
        seconds_left: None,
        best: None,
        problem: None,
    };
    let axes = (0..AXES).map(|axis| Axis { field: format!("train.{axis}"), values: Values::List(vec![]) });
    let mut draws = Draws::new(&[1]);
    let rows = (1..=points as u64).map(|number| row(number, &mut draws)).collect();
    Overview { summary, axes: axes.collect(), rows }
}

fn row(number: u64, draws: &mut Draws) -> TrialRow {
    let x: Vec<f64> = (0..AXES).map(|_| draws.uniform()).collect();
    let point = x.iter().enumerate().map(|(axis, &x)| match axis % 3 {
        0 => Value::Float(x),
        1 => Value::Integer((x * 4.0) as i64),
        _ => Value::String(format!("choice {}", (x * 4.0) as i64)),
    });
    let value = 0.5 + 0.2 * x[0] - 0.1 * x[1] + 0.1 * (x[2] * 4.0).floor() * x[3] + 0.02 * draws.normal();
    let run = RunSeen {
        number,
        seed: 1,
        folder: RunFolder::of_id("/nowhere".as_ref(), "run"),
        state: Some(State::Finished),
        reason: None,
        epoch: 9,
        epochs: 9,
        halved: false,
        value: Some(value),
        test_accuracy: None,
    };
    TrialRow {
        point: point.map(Some).collect(),
        runs: vec![run],
        mean: Some(value),
        interval: None,
        is_complete: true,
    }
}
