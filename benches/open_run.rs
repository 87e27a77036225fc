//! Opening runs: all metrics of a long one, and a list of a thousand. `cargo bench --bench open_run`.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use mien::run::{MetricsReader, RunFolder, State, Status, list};
use std::fmt::Write;

const STEPS: usize = 50_000;
const METRICS: usize = 20;

fn main() {
    divan::main();
}

/// A run of 20 metrics and 50,000 steps, as a trainer writes it.
fn long_run(runs: &std::path::Path) -> RunFolder {
    let folder = RunFolder::create_with(runs, "long", &Status::new(State::Queued), None)
        .expect("a temporary folder can be written");
    let mut text = String::new();
    for step in 1..=STEPS {
        let epoch = step * 50 / STEPS + 1;
        let _ = write!(
            text,
            "{{\"seq\":{step},\"time\":{}.25,\"epoch\":{epoch},\"step\":{step},\"split\":\"train\"",
            1_795_399_341 + step
        );
        for metric in 0..METRICS {
            // Five digits, as measured values have at least.
            let value = ((step * 7919 + metric * 104_729) % 100_000) as f64 / 100_000.0;
            let _ = write!(text, ",\"metric_{metric:02}\":{value}");
        }
        text.push_str("}\n");
    }
    std::fs::write(folder.metrics(), text).expect("a temporary folder can be written");
    folder
}

#[divan::bench]
fn all_metrics_of_a_long_run(bencher: Bencher) {
    let runs = tempfile::tempdir().expect("a temporary folder can be made");
    let folder = long_run(runs.path());
    let bytes = std::fs::metadata(folder.metrics()).map_or(0, |metadata| metadata.len());
    bencher.counter(BytesCount::new(bytes)).bench(|| MetricsReader::read_all(&folder).map(|all| all.rows()));
}

#[divan::bench]
fn a_list_of_a_thousand_runs(bencher: Bencher) {
    let runs = tempfile::tempdir().expect("a temporary folder can be made");
    let mut status = Status::new(State::Finished);
    (status.epoch, status.step, status.steps, status.epochs) = (80, 60_000, 60_000, Some(80));
    (status.device, status.arch) = (Some("cuda:0".into()), Some("gimefive".into()));
    (status.valid_accuracy, status.test_accuracy) = (Some(0.84), Some(0.83));
    for _ in 0..1000 {
        RunFolder::create_with(runs.path(), "search", &status, None)
            .expect("a temporary folder can be written");
    }
    bencher.counter(ItemsCount::new(1000usize)).bench(|| list(runs.path()).map(|runs| runs.len()));
}
