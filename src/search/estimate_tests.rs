use super::*;
use crate::config::MonitoredMetric;
use crate::run::{RunFolder, State, Status};
use crate::search::{Axis, LocalEngine, Sampler, Values};
use std::fmt::Write;

/// Sixteen channels wide, ten epochs, batches of 10.
fn base() -> RunConfig {
    let mut config = RunConfig { name: "base".into(), ..RunConfig::default() };
    (config.model.arch, config.model.depth, config.model.width) = ("plain".into(), Some(2), Some(16));
    config.data.root = "/faces".into();
    (config.train.epochs, config.train.batch_size) = (10, 10);
    config
}

fn search(axes: &[(&str, &[i64])]) -> Search {
    let axis = |(field, values): &(&str, &[i64])| {
        let values = Values::List(values.iter().map(|&value| Value::Integer(value)).collect());
        Axis { field: field.to_string(), values }
    };
    Search {
        name: "s".into(),
        file: "/s.toml".into(),
        base: base(),
        sampler: Sampler::Grid,
        metric: MonitoredMetric::ValidAccuracy,
        seeds: vec![1],
        retries: 1,
        axes: axes.iter().map(axis).collect(),
        conditions: Vec::new(),
        local: None,
        slurm: None,
    }
}

/// A run of `config` with 100 pictures an epoch.
fn trained(runs: &Path, config: &RunConfig, images_per_second: f64, device: &str) -> RunFolder {
    let epochs = config.train.epochs as u64;
    let status = Status {
        epochs: Some(epochs),
        step: 1,
        steps: 10 * epochs,
        arch: Some(config.model.arch.clone()),
        device: Some(device.into()),
        images_per_second: Some(images_per_second),
        ..Status::new(State::Finished)
    };
    RunFolder::create_with(runs, "a", &status, Some(config)).unwrap()
}

#[test]
fn without_a_run_of_the_same_network_nothing_is_known() {
    let runs = tempfile::tempdir().unwrap();
    let search = search(&[("train.epochs", &[10])]);
    assert_eq!(estimate(&search, 1, runs.path()), None);
    let mut other = base();
    (other.model.arch, other.model.depth) = ("resnet18".into(), None);
    trained(runs.path(), &other, 100.0, "cpu");
    assert_eq!(estimate(&search, 1, runs.path()), None);
    assert_eq!(estimate(&search, 1, &runs.path().join("none")), None);
}

#[test]
fn the_epochs_of_all_runs_are_shared_by_the_slots_but_no_run_by_two() {
    let runs = tempfile::tempdir().unwrap();
    trained(runs.path(), &base(), 50.0, "cpu");
    // 100 pictures at 50 a second, 60 epochs.
    let mut search = search(&[("train.epochs", &[10, 20, 30])]);
    let about = |search: &Search, slots| estimate(search, slots, runs.path()).unwrap().round();
    assert_eq!(about(&search, 1), 120.0);
    assert_eq!(about(&search, 0), 120.0);
    assert_eq!(about(&search, 2), 60.0);
    assert_eq!(about(&search, 9), 60.0, "the longest run");
    search.seeds = vec![1, 2];
    assert_eq!(about(&search, 2), 120.0);
}

#[test]
fn a_network_of_other_sizes_takes_as_much_longer_as_it_multiplies_more() {
    let runs = tempfile::tempdir().unwrap();
    trained(runs.path(), &base(), 50.0, "cpu");
    let macs = |width| {
        let model = model::Architecture { width: Some(width), ..base().model };
        model::summary(&model).unwrap().macs as f64
    };
    let expected = 20.0 * macs(32) / macs(16);
    let found = estimate(&search(&[("model.width", &[32])]), 1, runs.path()).unwrap();
    assert!((found - expected).abs() < 1e-6 && found > 40.0, "{found} {expected}");
}

#[test]
fn of_several_runs_the_middle_one_tells_and_only_those_on_the_kind_of_device_that_the_slots_name() {
    let runs = tempfile::tempdir().unwrap();
    for speed in [1.0, 50.0, 1000.0] {
        trained(runs.path(), &base(), speed, "cpu");
    }
    let gpu = trained(runs.path(), &base(), 500.0, "cuda:0");
    let mut search = search(&[("train.epochs", &[10])]);
    let with_slots = |slot: &str, search: &mut Search| {
        search.local = Some(LocalEngine { slots: vec![slot.into()] });
        estimate(search, 1, runs.path()).unwrap().round()
    };
    assert_eq!(with_slots("cpu", &mut search), 20.0);
    assert_eq!(with_slots("cuda:1", &mut search), 2.0);
    let mut bf16 = base();
    bf16.train.precision = Precision::Bf16;
    gpu.write_config(&bf16).unwrap();
    assert_eq!(estimate(&search, 1, runs.path()), None, "another precision is another pace");
}

#[test]
fn what_an_epoch_takes_beside_training_is_counted_where_the_metrics_tell() {
    let runs = tempfile::tempdir().unwrap();
    let run = trained(runs.path(), &base(), 50.0, "cpu");
    let mut rows = String::new();
    // 4 seconds an epoch; it was resumed a day later, once.
    for (epoch, time) in [(1, 100), (2, 104), (3, 86_404), (4, 86_408)] {
        let step = 10 * epoch;
        writeln!(
            rows,
            "{{\"time\":{time},\"epoch\":{epoch},\"step\":{step},\"split\":\"valid\",\"loss\":1.0}}"
        )
        .unwrap();
    }
    std::fs::write(run.metrics(), rows).unwrap();
    let found = estimate(&search(&[("train.epochs", &[10])]), 1, runs.path()).unwrap();
    assert!((found - 40.0).abs() < 1e-6, "{found}");
}

#[test]
fn of_another_data_set_the_manifest_counts_the_pictures() {
    let runs = tempfile::tempdir().unwrap();
    trained(runs.path(), &base(), 50.0, "cpu");
    let mut search = search(&[("train.epochs", &[10])]);
    search.base.data.root = runs.path().join("searches");
    assert_eq!(estimate(&search, 1, runs.path()), None, "no data is needed, but then nothing is known");
    std::fs::create_dir(&search.base.data.root).unwrap();
    let rows: String = (0..20).map(|i| format!("{i}.png,anger,train\n")).collect();
    std::fs::write(
        search.base.data.root.join("manifest.csv"),
        format!("path,label,split\n{rows}x.png,fear,test\n"),
    )
    .unwrap();
    // 18 pictures, 10 epochs.
    assert!((estimate(&search, 1, runs.path()).unwrap() - 3.6).abs() < 1e-6);
}

#[test]
fn of_each_rung_of_successive_halving_one_in_eta_goes_on() {
    let halving = Halving { eta: 3, min_epochs: 2, metric: MonitoredMetric::ValidAccuracy };
    assert_eq!(trained_epochs(20, None), 20.0);
    assert_eq!(trained_epochs(2, Some(halving)), 2.0);
    let expected = 2.0 + 4.0 / 3.0 + 12.0 / 9.0 + 2.0 / 27.0;
    assert!((trained_epochs(20, Some(halving)) - expected).abs() < 1e-9);
}
