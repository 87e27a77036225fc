//! Opening searches: a thousand finished runs, and the paper's whole space. `cargo bench --bench search` says how much
//! memory each takes, and how long.

use divan::Bencher;
use mien::config::{RunConfig, to_text};
use mien::run::{RunFolder, State, Status};
use mien::search::{Overview, OverviewReader, Plan, PlannedRun, Record, SearchFolder, SearchState, curves};
use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tempfile::TempDir;
use toml::Value;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs that have ended in each search here.
const BEGUN: usize = 1000;
/// Of the paper's second search.
const FINAL: usize = 62_208;
const EPOCHS: usize = 80;

fn main() {
    let (_keep, thousand) = search(BEGUN, 5);
    memory("a thousand finished runs", &thousand);
    let (_keep, whole) = search(FINAL, 12);
    memory("the paper's space with a thousand finished runs", &whole);
    divan::main();
}

fn memory(what: &str, folder: &SearchFolder) {
    let before = NOW.load(Relaxed);
    MOST.store(before, Relaxed);
    let overview = Overview::read(folder);
    let mib = |bytes: usize| bytes.saturating_sub(before) as f64 / f64::from(1 << 20);
    let (most, held) = (mib(MOST.load(Relaxed)), mib(NOW.load(Relaxed)));
    println!("{what}: {most:.1} MiB at most while it is read, {held:.1} MiB as long as it is shown");
    drop(overview);
}

/// Bytes that are allocated now, and the most that were since it was last set.
static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, of all threads.
struct Counting;

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST.fetch_max(now, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

/// The value of an axis at a run.
fn value(axis: usize, run: usize) -> (String, Value) {
    let (field, values) = match axis % 4 {
        0 => (
            "train.learning_rate",
            ["0.01", "0.003", "0.001", "0.0001"].map(|text| Value::Float(text.parse().unwrap_or(0.1))),
        ),
        1 => ("train.batch_size", [8, 16, 32, 64].map(Value::Integer)),
        2 => ("train.optimizer", ["sgd", "adam", "adamw", "lion"].map(|name| Value::String(name.into()))),
        _ => ("model.fc_dropout", [0.0, 0.2, 0.3, 0.5].map(Value::Float)),
    };
    let place = run / 4usize.pow(axis as u32) % 4;
    let field = if axis < 4 { field.into() } else { format!("{field}_{axis}") };
    (field, values[place].clone())
}

/// A search of so many runs, of which the first thousand are finished, as a trainer leaves them.
fn search(planned: usize, axes: usize) -> (TempDir, SearchFolder) {
    let keep = tempfile::tempdir().expect("a temporary folder can be made");
    let record = Record { state: SearchState::Finished, ..Record::new(keep.path().join("s.toml")) };
    let base = RunConfig { name: "base".into(), ..RunConfig::default() };
    let run = |number: usize| PlannedRun {
        number: number as u64,
        seed: 42,
        set: (0..axes).map(|axis| value(axis, number)).collect(),
    };
    let runs: Vec<_> = (1..=planned).map(run).collect();
    // Without its file the axes are those of the plan, which costs no less.
    let folder =
        SearchFolder::create(keep.path(), "large", "", &base, &record, |folder| Plan::append(folder, &runs))
            .expect("a temporary folder can be written");
    for number in 1..=BEGUN {
        finish(&folder.run(number as u64), number, &base);
    }
    (keep, folder)
}

fn finish(run: &RunFolder, number: usize, config: &RunConfig) {
    let write = |path: std::path::PathBuf, text: String| {
        std::fs::write(path, text).expect("a temporary folder can be written");
    };
    std::fs::create_dir(run.path()).expect("a temporary folder can be written");
    write(run.config(), to_text(config).unwrap_or_default());
    let accuracy = (number * 7919 % 10_000) as f64 / 10_000.0;
    let status = Status {
        epoch: EPOCHS as u64,
        epochs: Some(EPOCHS as u64),
        step: 60_000,
        steps: 60_000,
        valid_accuracy: Some(accuracy),
        valid_loss: Some(1.0 - accuracy),
        test_accuracy: Some(0.83),
        trained_seconds: Some(1800.0 + number as f64),
        device: Some("cuda:0".into()),
        arch: Some("gimefive".into()),
        ..Status::new(State::Finished)
    };
    status.write(run).expect("a temporary folder can be written");
    let mut metrics = String::new();
    for epoch in 1..=EPOCHS {
        let (step, value) = (epoch * 750, accuracy * epoch as f64 / EPOCHS as f64);
        for split in ["train", "valid"] {
            let _ = writeln!(
                metrics,
                "{{\"seq\":{step},\"time\":1795399341.25,\"epoch\":{epoch},\"step\":{step},\"split\":\"{split}\",\"loss\":1.25,\"accuracy\":{value}}}"
            );
        }
    }
    write(run.metrics(), metrics);
}

#[divan::bench(sample_count = 20)]
fn a_thousand_finished_runs(bencher: Bencher) {
    let (_keep, folder) = search(BEGUN, 5);
    bencher.bench(|| Overview::read(&folder));
}

#[divan::bench(sample_count = 20)]
fn a_thousand_finished_runs_again_as_nothing_has_changed(bencher: Bencher) {
    let (_keep, folder) = search(BEGUN, 5);
    let mut reader = OverviewReader::new(&folder);
    let _ = reader.read();
    bencher.bench_local(|| reader.read());
}

#[divan::bench(sample_count = 20)]
fn the_curves_of_the_best_ten(bencher: Bencher) {
    let (_keep, folder) = search(BEGUN, 5);
    let overview = Overview::read(&folder).expect("it was just written");
    bencher.bench(|| curves(&overview, 10));
}

#[divan::bench(sample_count = 10)]
fn the_papers_space_with_a_thousand_finished_runs(bencher: Bencher) {
    let (_keep, folder) = search(FINAL, 12);
    bencher.bench(|| Overview::read(&folder));
}

#[divan::bench(sample_count = 10)]
fn the_papers_space_again_as_nothing_has_changed(bencher: Bencher) {
    let (_keep, folder) = search(FINAL, 12);
    let mut reader = OverviewReader::new(&folder);
    let _ = reader.read();
    bencher.bench_local(|| reader.read());
}
