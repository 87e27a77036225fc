use super::*;
use crate::config::MonitoredMetric;
use crate::run::RunFolder;
use crate::search::folder::tests::search_folder;
use crate::search::{Axis, Counts, EngineKind, SearchState, SearchSummary, Values};

/// A search whose points have these values.
fn overview(fields: &[&str], points: Vec<(Vec<Option<Value>>, f64)>) -> Overview {
    let (_keep, folder) = search_folder("a");
    let rows = points.into_iter().zip(1..);
    let rows = rows.map(|((point, value), number)| row(point, vec![run(number, value)])).collect();
    let axes = fields.iter().map(|field| Axis { field: (*field).into(), values: Values::List(vec![]) });
    let summary = SearchSummary {
        id: folder.id(),
        folder,
        name: "a".into(),
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
    Overview { summary, axes: axes.collect(), rows }
}

fn row(point: Vec<Option<Value>>, runs: Vec<RunSeen>) -> TrialRow {
    TrialRow { point, runs, mean: None, interval: None, is_complete: true }
}

fn run(number: u64, value: f64) -> RunSeen {
    RunSeen {
        number,
        seed: 1,
        folder: RunFolder::of_id("/nowhere".as_ref(), "a"),
        state: Some(State::Finished),
        reason: None,
        epoch: 9,
        epochs: 9,
        halved: false,
        value: Some(value),
        test_accuracy: None,
    }
}

/// `count` points with axes that are uniform in 0..1, and what `value` makes of them.
fn drawn(axes: usize, count: usize, value: impl Fn(&[f64]) -> f64) -> Overview {
    let mut draws = Draws::new(&[7]);
    let points = (0..count).map(|_| {
        let x: Vec<f64> = (0..axes).map(|_| draws.uniform()).collect();
        (x.iter().map(|&x| Some(Value::Float(x))).collect(), value(&x))
    });
    overview(&vec!["train.x"; axes], points.collect())
}

/// The axes' shares in the axes' order.
fn shares(overview: &Overview) -> Vec<f64> {
    let found = importance(overview).unwrap();
    let mut axes = found.axes.clone();
    assert!(axes.is_sorted_by(|a, b| a.share >= b.share), "{found:?}");
    assert!(axes.iter().all(|axis| (0.0..=1.0).contains(&axis.share) && axis.spread >= 0.0), "{found:?}");
    assert!(found.explained <= 1.0, "{found:?}");
    axes.sort_by_key(|axis| axis.axis);
    axes.iter().map(|axis| axis.share).collect()
}

#[test]
fn what_decides_alone_gets_nearly_all_and_what_decides_nothing_nearly_nothing() {
    let overview = drawn(4, 120, |x| 0.5 + 0.3 * (x[2] * 6.0).sin() + 0.01 * x[0]);
    let shares = shares(&overview);
    assert!(shares[2] > 0.85, "{shares:?}");
    assert!([0, 1, 3].iter().all(|&axis| shares[axis] < 0.03), "{shares:?}");
    let found = importance(&overview).unwrap();
    assert!(found.explained > 0.8 && found.points == 120, "{found:?}");
    assert!(found.axes.iter().all(|axis| axis.spread < 0.1), "{found:?}");
    assert_eq!(importance(&overview), Some(found), "the same search gives the same numbers");
}

#[test]
fn shares_are_those_of_the_variance() {
    // Variances 4 : 1 : 0.
    let shares = shares(&drawn(3, 400, |x| 2.0 * x[0] + x[1]));
    assert!((shares[0] - 0.8).abs() < 0.08 && (shares[1] - 0.2).abs() < 0.08, "{shares:?}");
}

#[test]
fn axes_that_only_matter_together_are_not_lost() {
    let shares = shares(&drawn(4, 300, |x| if (x[0] < 0.5) == (x[3] < 0.5) { 0.8 } else { 0.6 }));
    assert!(shares[0] > 0.5 && shares[3] > 0.5, "{shares:?}");
    assert!(shares[1] < 0.1 && shares[2] < 0.1, "{shares:?}");
}

#[test]
fn noise_is_told_by_what_is_explained() {
    let noise = drawn(3, 100, |x| (x[0] * 1e6).fract());
    let found = importance(&noise).unwrap();
    assert!(found.explained < 0.2, "{found:?}");
    assert!(found.axes.iter().all(|axis| axis.share < 0.25), "{found:?}");
}

#[test]
fn choices_switches_and_axes_that_are_moot_are_told_apart() {
    let mut draws = Draws::new(&[3]);
    let points = (0..160).map(|_| {
        let arch = ["gimefive", "vgg16", "plain", "resnet18"][draws.below(4)];
        let (stops, patience, rate) =
            (draws.chance(0.5), [3, 9, 27][draws.below(3)], [1e-4, 1e-2, 1.0][draws.below(3)]);
        // Patience matters a lot, but only where there is any; `plain` is worse than all others.
        let value =
            f64::from(u8::from(arch != "plain")) + if stops { 0.1 * f64::from(patience) } else { 1.0 };
        let patience = stops.then_some(Value::Integer(patience.into()));
        let point = vec![Some(arch.into()), Some(stops.into()), patience, Some(rate.into())];
        (point, value)
    });
    let overview = overview(&["model.arch", "stopping", "patience", "rate"], points.collect());
    let shares = shares(&overview);
    assert!(shares[0] > 0.1 && shares[2] > 0.4, "{shares:?}");
    assert!(shares[3] < 0.02, "{shares:?}");
    assert!(importance(&overview).unwrap().explained > 0.9);
}

#[test]
fn a_number_is_a_number_however_it_is_written() {
    let column = encoded(&[
        Some(&Value::Float(1e-4)),
        None,
        Some(&Value::Integer(1)),
        Some(&Value::Float(1.0)),
        Some(&Value::Float(0.5)),
    ]);
    assert_eq!(column, [[0.0, -1.0, 2.0, 2.0, 1.0]]);
    let list = Value::Array(vec![Value::Float(0.1)]);
    let text = Value::String("a".into());
    let columns = encoded(&[Some(&list), Some(&text), None]);
    assert_eq!(columns, [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], "two choices, a column each");
}

#[test]
fn too_few_points_or_all_as_good_say_nothing() {
    assert_eq!(importance(&drawn(2, 9, |x| x[0])), None);
    assert!(importance(&drawn(2, 10, |x| x[0])).is_some());
    assert_eq!(importance(&drawn(2, 50, |_| 0.7)), None);
    assert_eq!(importance(&drawn(0, 50, |_| 0.7)), None);
    assert_eq!(importance(&overview(&[], vec![])), None);
}

#[test]
fn a_point_is_the_mean_of_its_runs_that_are_done() {
    let mut lost = run(2, 0.9);
    (lost.state, lost.epoch) = (Some(State::Lost), 3);
    let rows = [
        row(vec![], vec![run(1, 0.5), run(2, 0.7), lost.clone()]),
        row(vec![], vec![lost, RunSeen { value: None, ..run(3, 0.0) }]),
    ];
    let values: Vec<f64> = points(&rows).into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, [0.6]);
}

#[test]
fn halved_runs_count_only_while_few_others_are_there() {
    let halved = |value| row(vec![], vec![RunSeen { halved: true, epoch: 2, ..run(1, value) }]);
    let whole = |value| row(vec![], vec![run(1, value)]);
    let rows = |count| [vec![halved(0.1); 50], vec![whole(0.8); count]].concat();
    assert_eq!(points(&rows(29)).len(), 79);
    assert_eq!(points(&rows(30)).len(), 30);
}
