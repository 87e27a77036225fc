//! The dashboard as it is felt: the real program in a terminal of 220x60, timed and its bytes counted from outside.
//! `cargo bench --bench session`, or `cargo bench --bench session -- PROGRAM` for another build.

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/dashboard/runs.rs"]
mod runs;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/dashboard/screen.rs"]
mod screen;

use runs::{Runs, append_text, braille};
use screen::Screen;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const SIZE: (u16, u16) = (220, 60);
const REMOTE: &[(&str, &str)] = &[("SSH_CONNECTION", "1 2 3 4")];
const ROUNDS: usize = 15;
const QUIET: Duration = Duration::from_millis(1200);

struct Bench {
    program: PathBuf,
}

fn main() {
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let bench = Bench { program: named.unwrap_or_else(|| env!("CARGO_BIN_EXE_mien").into()).into() };
    println!("{} at {}x{}, {ROUNDS} rounds\n", bench.program.display(), SIZE.0, SIZE.1);
    println!("{:<52} {:>11} {:>11} {:>11}", "", "median", "p99", "worst");
    bench.many_runs();
    bench.long_run();
    bench.keys();
    bench.explain();
    bench.live();
    bench.idle();
}

impl Bench {
    fn start(&self, runs: &Runs, variables: &[(&str, &str)]) -> Screen {
        Screen::start_program(&self.program, &[], &runs.path, SIZE, variables)
    }

    fn many_runs(&self) {
        let runs = Runs::new();
        for i in 0..1000 {
            let folder = runs.path.join(format!("20260101-000000-search-{i:04x}"));
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("status.json"), runs::status("finished", 60_000)).unwrap();
        }
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let begin = Instant::now();
            let mut screen = self.start(&runs, &[]);
            screen.shows("1000 runs");
            times.push(screen.last - begin);
        }
        milliseconds("start to the list of 1,000 runs", times);
    }

    /// A run of 20 metrics and 50,000 steps is opened from a list where another one is chosen.
    fn long_run(&self) {
        let runs = long_and_short();
        let (mut first, mut all, mut bytes, mut keys, mut memory) =
            <(Vec<_>, Vec<_>, Vec<_>, Vec<_>, u64)>::default();
        for round in 0..2 * ROUNDS {
            let mut screen = self.start(&runs, &[]);
            screen.until("the short run's curves", |text| text.contains("2 runs") && braille(text) > 20);
            screen.settle(QUIET / 4);
            let (begin, before) = (Instant::now(), screen.raw.len());
            screen.press("j\r");
            if round % 2 == 0 {
                screen.until("a curve", |text| text.contains("1 charts") && braille(text) > 40);
                first.push(screen.last - begin);
                screen.shows("0.123");
                screen.settle(QUIET);
                all.push(screen.last - begin);
                bytes.push((screen.raw.len() - before) as f64);
                memory = memory.max(screen.most_memory());
            } else {
                screen.shows("1 charts");
                for key in ["?", "q", "?", "q"] {
                    keys.push(answer(&mut screen, key));
                    pause(&mut screen);
                }
            }
        }
        milliseconds("20 metrics x 50,000 steps: key to first chart", first);
        milliseconds("20 metrics x 50,000 steps: key to all charts", all);
        row("20 metrics x 50,000 steps: bytes sent", "B", bytes);
        row("20 metrics x 50,000 steps: most memory", "MB", vec![(memory >> 20) as f64]);
        milliseconds("key to bytes while it loads", keys);
    }

    fn keys(&self) {
        let runs = long_and_short();
        let mut screen = self.start(&runs, &[]);
        screen.shows("2 runs");
        screen.press("j\r");
        screen.shows("0.123");
        screen.settle(QUIET);
        let (mut times, mut opened, mut closed) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..100 {
            for (key, bytes) in [("?", &mut opened), ("q", &mut closed)] {
                let before = screen.raw.len();
                times.push(answer(&mut screen, key));
                pause(&mut screen);
                bytes.push((screen.raw.len() - before) as f64);
            }
        }
        milliseconds("key to bytes, 20 charts shown", times);
        row("help opened", "B", opened);
        row("help closed", "B", closed);
    }

    /// A picture that a full-size `gimefive` is asked about: another method, another picture.
    fn explain(&self) {
        let runs = run_with_weights();
        let mut screen = self.start(&runs, &[]);
        screen.shows("1 runs");
        screen.press("\r");
        screen.shows("1 charts");
        let begin = Instant::now();
        screen.press("4");
        screen.shows("grad-cam · relu5");
        milliseconds("explain: key to the first map, weights read", vec![screen.last - begin]);
        screen.settle(QUIET);
        let (mut methods, mut pictures, mut bytes) = <(Vec<_>, Vec<_>, Vec<_>)>::default();
        for round in 0..ROUNDS {
            for (key, shown) in [("m", "grad-cam++ · relu5"), ("M", "grad-cam · relu5")] {
                let (begin, before) = (Instant::now(), screen.raw.len());
                screen.press(key);
                screen.shows(shown);
                methods.push(screen.last - begin);
                pause(&mut screen);
                bytes.push((screen.raw.len() - before) as f64);
            }
            let begin = Instant::now();
            screen.press("l");
            screen.shows(&format!("{}/180", round + 2));
            pictures.push(screen.last - begin);
            pause(&mut screen);
        }
        milliseconds("explain: key to the map of another method", methods);
        milliseconds("explain: key to the map of another picture", pictures);
        row("explain: bytes of another map, half blocks", "B", bytes);
    }

    /// Four charts, one row at a time.
    fn live(&self) {
        let runs = Runs::new();
        let folder = runs.add("20260301-000000-live-0001", "running", 0);
        let text = |step: u64| {
            let noise = |i: u64| ((step * 7919 + i * 104_729) % 997) as f64 / 997.0;
            format!(
                "{{\"seq\":{step},\"time\":{step},\"epoch\":1,\"step\":{step},\"split\":\"train\",\"loss\":{:.5},\"accuracy\":{:.5},\"learning_rate\":{:.6},\"images_per_second\":{:.2}}}\n",
                0.5 + 0.2 * noise(0),
                0.7 - 0.1 * noise(1),
                0.001 * (-(step as f64) / 4000.0).exp(),
                900.0 + 50.0 * noise(2),
            )
        };
        append_text(&folder, &(1..=1100).map(text).collect::<String>());
        let mut screen = self.start(&runs, REMOTE);
        screen.until("the curves", |text| braille(text) > 20);
        screen.press("\r");
        screen.shows("1 charts");
        screen.settle(QUIET);
        let mut bytes = Vec::new();
        for step in 1101..=1130 {
            let before = screen.raw.len();
            append_text(&folder, &text(step));
            screen.settle(Duration::from_secs(1));
            bytes.push((screen.raw.len() - before) as f64);
        }
        row("four live charts, one update", "B", bytes);
    }

    fn idle(&self) {
        let runs = long_and_short();
        let mut screen = self.start(&runs, REMOTE);
        screen.shows("2 runs");
        screen.settle(QUIET);
        let (before, used) = (screen.raw.len(), screen.processor_seconds());
        std::thread::sleep(Duration::from_secs(5));
        screen.settle(Duration::from_millis(50));
        row("idle for 5 s", "B", vec![(screen.raw.len() - before) as f64]);
        row("idle for 5 s: processor", "%", vec![(screen.processor_seconds() - used) / 5.0 * 100.0]);
    }
}

/// A finished run of a full-size `gimefive` with weights, scores and pictures.
fn run_with_weights() -> Runs {
    let real = Runs::real();
    let (runs, id) = (Runs::new(), "20260114-181502-faces-1a2b");
    let run = runs.path.join(id);
    fs::rename(real.path.join(id), &run).unwrap();
    let root = run.join("faces");
    let config = format!("name = \"faces\"\n[model]\narch = \"gimefive\"\n[data]\nroot = {root:?}\n");
    fs::write(run.join("config.toml"), config).unwrap();
    let model = mien::config::complete(&run.join("config.toml")).unwrap().model;
    let network = mien::model::Network::new(&model, 3, &burn::prelude::Device::flex()).unwrap();
    mien::model::save(&network, &model, &run.join("model.safetensors")).unwrap();
    let scores = mien::evaluate::read_scores(&run.join("scores/test.csv")).unwrap();
    for (i, row) in scores.rows.iter().enumerate() {
        let grey: Vec<u8> = (0..mien::data::PIXELS).map(|p| (p * (i + 3) / 7 % 251) as u8).collect();
        let path = root.join(&row.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, mien::data::Photo::from_grey(&grey).png()).unwrap();
    }
    runs
}

fn long_and_short() -> Runs {
    let runs = Runs::new();
    runs.add("20260301-000000-short-0001", "finished", 100);
    runs.add_long("20260101-000000-long-0002", 20, 50_000);
    runs
}

/// How long a key is answered for: until its first bytes come.
fn answer(screen: &mut Screen, key: &str) -> Duration {
    let begin = Instant::now();
    screen.press(key);
    let came = screen.take(screen::PATIENCE);
    assert!(came, "{key:?} was never answered");
    screen.last - begin
}

/// Nobody types faster for long.
fn pause(screen: &mut Screen) {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(50) {
        screen.take(Duration::from_millis(10));
    }
}

fn milliseconds(what: &str, times: Vec<Duration>) {
    row(what, "ms", times.iter().map(|time| time.as_secs_f64() * 1000.0).collect());
}

fn row(what: &str, unit: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share).ceil() as usize];
    let [median, most, worst] = [at(0.5), at(0.99), at(1.0)].map(|value| {
        if unit == "ms" || unit == "%" { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
    });
    println!("{what:<52} {median:>11} {most:>11} {worst:>11}");
}
