//! Frames of the Run screen and the list of runs. `cargo bench --bench frame`.

use crossterm::event::{KeyCode, KeyEvent};
use divan::Bencher;
use mien::config::MonitoredMetric;
use mien::run::{MetricsReader, MetricsSlice, RunFolder, RunSummary};
use mien::search::{Axis, TrialRow, Values};
use mien::tui::message::{Message, RunEntry};
use mien::tui::screens::{self, Memories};
use mien::tui::state::State;
use mien::tui::theme::{Depth, Theme};
use mien::tui::widgets::parallel::Parallel;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::fmt::Write;
use std::fs;
use std::io::Write as _;

const THEME: Theme = Theme::new(Depth::Palette, true);
const STEPS: u64 = 50_000;
const METRICS: usize = 20;
const SIZE: (u16, u16) = (220, 60);

fn main() {
    divan::main();
}

/// A run of 20 metrics whose next rows are at hand one by one.
struct Long {
    _keep: tempfile::TempDir,
    state: State,
    next: Vec<MetricsSlice>,
}

fn rows(steps: std::ops::Range<u64>) -> String {
    let mut text = String::new();
    for step in steps {
        let _ =
            write!(text, "{{\"seq\":{step},\"time\":{step},\"epoch\":1,\"step\":{step},\"split\":\"train\"");
        for metric in 0..METRICS as u64 {
            let value =
                2.0 / (1.0 + step as f64 / 5000.0) + ((step * 7919 + metric * 17) % 1000) as f64 / 5000.0;
            let _ = write!(text, ",\"metric_{metric:02}\":{value:.5}");
        }
        text += "}\n";
    }
    text
}

impl Long {
    fn new(further: u64) -> Self {
        let keep = tempfile::tempdir().expect("a temporary folder can be made");
        let path = keep.path().join("long");
        fs::create_dir(&path).expect("a temporary folder can be written");
        let write = |name: &str, text: &str| {
            let file = fs::OpenOptions::new().append(true).create(true).open(path.join(name));
            let done = file.and_then(|mut file| file.write_all(text.as_bytes()));
            done.expect("a temporary folder can be written");
        };
        let status =
            format!("{{\"state\":\"finished\",\"epoch\":50,\"step\":{},\"steps\":{}}}", STEPS * 2, STEPS * 2);
        write("status.json", &status);
        write("metrics.jsonl", &rows(0..STEPS));
        let folder = RunFolder::open(&path).expect("it was just written");
        let entry = RunEntry::from(RunSummary::read(&folder));
        let mut reader = MetricsReader::new(&entry.folder);
        let mut state = State::new("runs", SIZE);
        state.update(Message::Runs(Ok(vec![entry])));
        while let Ok(Some(slice)) = reader.read(4 << 20) {
            state.update(Message::Metrics(1, Box::new(slice)));
        }
        press(&mut state, KeyCode::Enter);
        let mut next = Vec::new();
        for step in STEPS..STEPS + further {
            write("metrics.jsonl", &rows(step..step + 1));
            next.extend(reader.read(4 << 20).ok().flatten());
        }
        next.reverse();
        Self { _keep: keep, state, next }
    }

    fn press(&mut self, key: char) {
        self.state.update(Message::Key(KeyEvent::from(KeyCode::Char(key))));
    }
}

fn terminal() -> Terminal<TestBackend> {
    Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap_or_else(|never| match never {})
}

/// Nothing is new: what a key that moves nothing costs.
#[divan::bench]
fn a_frame_of_twenty_long_charts(bencher: Bencher) {
    let (long, mut terminal, mut memories) = (Long::new(0), terminal(), Memories::new());
    bencher.bench_local(|| {
        let _ = terminal.draw(|frame| screens::draw(frame, &long.state, &THEME, &mut memories));
    });
}

#[divan::bench(sample_count = 500, sample_size = 1)]
fn a_frame_after_one_new_point(bencher: Bencher) {
    let (mut long, mut terminal, mut memories) = (Long::new(600), terminal(), Memories::new());
    bencher.bench_local(|| {
        if let Some(slice) = long.next.pop() {
            long.state.update(Message::Metrics(1, Box::new(slice)));
        }
        let _ = terminal.draw(|frame| screens::draw(frame, &long.state, &THEME, &mut memories));
    });
}

/// The curves are smoothed, so that the average at the cursor has to be found, too.
#[divan::bench(sample_count = 500, sample_size = 1)]
fn a_frame_after_a_move_of_the_cursor(bencher: Bencher) {
    let (mut long, mut terminal, mut memories) = (Long::new(0), terminal(), Memories::new());
    for key in [']', ']', ']', 'v'] {
        long.press(key);
    }
    // The averages themselves are worked out once.
    let _ = terminal.draw(|frame| screens::draw(frame, &long.state, &THEME, &mut memories));
    bencher.bench_local(|| {
        long.press('h');
        let _ = terminal.draw(|frame| screens::draw(frame, &long.state, &THEME, &mut memories));
    });
}

/// All columns are made anew, as after a change of the terminal's size.
#[divan::bench]
fn a_first_frame_of_twenty_long_charts(bencher: Bencher) {
    let (long, mut terminal) = (Long::new(0), terminal());
    bencher.bench_local(|| {
        let mut memories = Memories::new();
        let _ = terminal.draw(|frame| screens::draw(frame, &long.state, &THEME, &mut memories));
    });
}

/// What keys have to wait for while a long run is being read: all of its slices, of the size that is sent at once.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn taking_in_a_long_run(bencher: Bencher) {
    let long = Long::new(0);
    let Some(entry) = long.state.current().cloned() else { return };
    let mut reader = MetricsReader::new(&entry.folder);
    let slices: Vec<MetricsSlice> = std::iter::from_fn(|| reader.read(384 << 10).ok().flatten()).collect();
    bencher
        .counter(divan::counter::ItemsCount::new(slices.len()))
        .with_inputs(|| {
            let mut state = State::new("runs", SIZE);
            state.update(Message::Runs(Ok(vec![entry.clone()])));
            (state, slices.clone())
        })
        .bench_local_values(|(mut state, slices)| {
            for slice in slices {
                state.update(Message::Metrics(1, Box::new(slice)));
            }
            state
        });
}

/// A dashboard over a thousand runs in every state, with tags, notes and titles.
fn thousand() -> State {
    let mut entries = Vec::new();
    for i in 0..1000u32 {
        let states = ["running", "finished", "stopped", "failed"];
        let keep = tempfile::tempdir().expect("a temporary folder can be made");
        let path = keep.path().join(format!("20260101-{:06}-search-{}-{i:04x}", i, i % 7));
        fs::create_dir(&path).expect("a temporary folder can be written");
        let status = format!(
            "{{\"state\":\"{}\",\"epoch\":{},\"epochs\":80,\"step\":{i},\"device\":\"cuda:{}\",\"arch\":\"resnet18\",\"search\":\"preliminary\",\"valid_accuracy\":{}}}",
            states[i as usize % 4],
            i % 80,
            i % 4,
            f64::from(i * 7919 % 1000) / 1000.0
        );
        fs::write(path.join("status.json"), status).expect("a temporary folder can be written");
        let notes = format!(
            "title = \"night run {i}\"\ntags = [\"paper\", \"round {}\"]\nnote = \"worth a longer run\"\n",
            i % 5
        );
        fs::write(path.join("notes.toml"), notes).expect("a temporary folder can be written");
        let folder = RunFolder::open(&path).expect("it was just written");
        entries.push(RunEntry::from(RunSummary::read(&folder)));
    }
    let mut state = State::new("runs", SIZE);
    state.update(Message::Clock(1.8e9));
    state.update(Message::Runs(Ok(entries)));
    state
}

fn press(state: &mut State, code: KeyCode) {
    state.update(Message::Key(KeyEvent::from(code)));
}

/// A step down in the list: the update and the frame.
#[divan::bench]
fn a_frame_of_a_thousand_runs(bencher: Bencher) {
    let (mut state, mut terminal, mut memories) = (thousand(), terminal(), Memories::new());
    bencher.bench_local(|| {
        press(&mut state, KeyCode::Down);
        let _ = terminal.draw(|frame| screens::draw(frame, &state, &THEME, &mut memories));
    });
}

/// A letter typed and erased: the filter looks at all runs twice; the list is sorted by a column.
#[divan::bench]
fn a_key_in_the_filter_of_a_thousand_runs(bencher: Bencher) {
    let (mut state, mut terminal, mut memories) = (thousand(), terminal(), Memories::new());
    for key in "oo/valid>20% nigh".chars() {
        press(&mut state, KeyCode::Char(key));
    }
    bencher.counter(divan::counter::ItemsCount::new(2u32)).bench_local(|| {
        for code in [KeyCode::Char('t'), KeyCode::Backspace] {
            press(&mut state, code);
            let _ = terminal.draw(|frame| screens::draw(frame, &state, &THEME, &mut memories));
        }
    });
}

/// A search of a thousand points over eleven axes.
fn points() -> (Vec<Axis>, Vec<TrialRow>) {
    let range = Values::Range { min: 1e-4, max: 1e-1, is_log: true, is_whole: false, points: None };
    let list = Values::List([8, 16, 32, 64].map(toml::Value::Integer).to_vec());
    let values = |i: usize| if i.is_multiple_of(2) { range.clone() } else { list.clone() };
    let axes = (0..11).map(|i| Axis { field: format!("train.field_{i:02}"), values: values(i) }).collect();
    let value = |row: usize, axis: usize| {
        let share = (row * 7919 + axis * 104_729) % 997;
        match axis % 2 {
            0 => toml::Value::Float(1e-4 * 10f64.powf(3.0 * share as f64 / 997.0)),
            _ => toml::Value::Integer([8, 16, 32, 64][share % 4]),
        }
    };
    let row = |row: usize| TrialRow {
        point: (0..11).map(|axis| Some(value(row, axis))).collect(),
        runs: Vec::new(),
        mean: Some(0.8 - row as f64 / 2000.0),
        interval: None,
        is_complete: true,
    };
    (axes, (0..1000).map(row).collect())
}

#[divan::bench]
fn parallel_coordinates_of_a_thousand_points(bencher: Bencher) {
    let (axes, rows) = points();
    let order: Vec<usize> = (0..axes.len()).collect();
    let mut chosen = 0;
    let mut terminal = terminal();
    bencher.bench_local(|| {
        chosen = (chosen + 1) % rows.len();
        let metric = MonitoredMetric::ValidAccuracy;
        let parallel =
            Parallel { axes: &axes, order: &order, rows: &rows, metric, chosen: Some(chosen), theme: &THEME };
        let _ = terminal.draw(|frame| parallel.draw(frame.area(), frame.buffer_mut()));
    });
}
