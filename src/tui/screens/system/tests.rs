use crate::monitor::{CpuSample, DiskSample, GpuProcess, GpuSample, MemorySample, RunProcess, Sample};
use crate::run::{RunFolder, RunSummary, State as RunState};
use crate::tui::message::{Message, RunEntry};
use crate::tui::screens::{self, Memories};
use crate::tui::state::State;
use crate::tui::state::system::Report;
use crate::tui::theme::{Depth, Theme};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::path::Path;

const THEME: Theme = Theme::new(Depth::Palette, true);
const GIB: u64 = 1 << 30;

fn runs() -> [RunEntry; 3] {
    ["20260115-213011-faces-wide-5e6f", "20260115-090730-faces-slow-3c4d", "20260114-181502-faces-1a2b"].map(
        |id| RunEntry::from(RunSummary::read(&RunFolder::open(&Path::new("tests/runs").join(id)).unwrap())),
    )
}

/// A machine with two GPUs, or none, after some minutes.
fn sample(second: u32, gpus: bool) -> Sample {
    let [wide, ..] = runs();
    let wave = f64::from(second % 120) / 120.0;
    let process = |pid, run: Option<&str>| GpuProcess {
        pid,
        user: "ada".into(),
        name: "python3".into(),
        memory_bytes: Some(u64::from(pid) << 22),
        run: run.map(String::from),
    };
    let gpu = |index: usize, processes| GpuSample {
        index,
        device: (index == 0).then(|| "cuda:0".into()),
        name: "NVIDIA H100 80GB HBM3".into(),
        percent: Some((90.0 * wave).round()),
        memory_total_bytes: Some(80 * GIB),
        memory_used_bytes: Some(19 * GIB + u64::from(second) * GIB / 16),
        power_watts: Some(412.4),
        power_limit_watts: Some(700.0),
        temperature_celsius: Some(61.0),
        processes,
    };
    let gpus = match gpus {
        true => vec![
            gpu(0, vec![process(4711, Some(&wide.id)), process(812, None)]),
            GpuSample { percent: None, power_watts: None, ..gpu(1, Vec::new()) },
        ],
        false => Vec::new(),
    };
    let missing = "this build has no CUDA: build without --no-default-features";
    Sample {
        time: 1_768_550_400.0 + f64::from(second),
        cpu: CpuSample { name: "AMD EPYC 9554".into(), cores: 16, percent: Some(100.0 * (1.0 - wave)) },
        memory: MemorySample { total_bytes: 64 * GIB, free_bytes: 41 * GIB },
        disk: Some(DiskSample { total_bytes: 500 * GIB, free_bytes: 120 * GIB }),
        gpus_missing: gpus.is_empty().then(|| missing.into()),
        gpus,
        runs: vec![RunProcess { run: wide.id, pid: 4711, cpu_percent: Some(230.0), memory_bytes: 3 * GIB }],
    }
}

fn press(state: &mut State, keys: &str) {
    for key in keys.chars() {
        state.update(Message::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)));
    }
}

fn scene(size: (u16, u16), gpus: bool) -> State {
    let mut state = State::new("runs", size);
    let mut entries = runs().to_vec();
    for (run, state) in entries.iter_mut().zip([RunState::Running, RunState::Queued, RunState::Finished]) {
        run.state = state;
    }
    entries[0].device = "cuda:0".into();
    state.update(Message::Runs(Ok(entries)));
    press(&mut state, "i");
    for second in 0..300 {
        state.update(Message::System(Report::Sample(Box::new(sample(second, gpus)))));
    }
    let sizes = runs().map(|run| run.folder).into_iter().zip([812 << 20, 5 * GIB, 23 << 20]).collect();
    state.update(Message::System(Report::Sizes(sizes)));
    press(&mut state, "jjj");
    state
}

fn terminal(size: (u16, u16)) -> Terminal<TestBackend> {
    Terminal::new(TestBackend::new(size.0, size.1)).unwrap()
}

fn draw(terminal: &mut Terminal<TestBackend>, state: &State, theme: &Theme) -> String {
    let mut memories = Memories::new();
    terminal.draw(|frame| screens::draw(frame, state, theme, &mut memories)).unwrap();
    screens::lines(terminal.backend().buffer())
}

#[test]
fn the_machine_at_all_sizes() {
    for size in [(60, 16), (80, 24), (120, 40), (220, 60)] {
        for (name, gpus) in [("system", true), ("system_without_gpus", false)] {
            let picture = draw(&mut terminal(size), &scene(size, gpus), &THEME);
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture);
        }
    }
}

#[test]
fn every_row_can_be_reached_on_a_small_terminal_in_ascii() {
    let ascii = Theme::new(Depth::Mono, false);
    let (size, mut seen) = ((60, 16), String::new());
    let mut state = scene(size, true);
    press(&mut state, "g");
    for _ in 0..40 {
        seen += &draw(&mut terminal(size), &state, &ascii);
        press(&mut state, "j");
    }
    assert!(seen.is_ascii());
    for said in [
        "NVIDIA H100",
        "412 of 700 W, 61 C",
        "run wide, with dropout",
        "ada  python3",
        "use not told",
        "GPU 1",
        "CPU",
        "120.0 GiB of 500.0 GiB free",
        "on cuda:0",
        "5.0 GiB",
    ] {
        assert!(seen.contains(said), "{said} was never seen");
    }
}

#[test]
fn before_the_first_sample_there_is_a_word() {
    let mut state = State::new("runs", (60, 16));
    press(&mut state, "i");
    assert!(draw(&mut terminal((60, 16)), &state, &THEME).contains("looking at the machine"));
}

#[test]
fn a_second_changes_few_cells() {
    let size = (220, 60);
    let (mut terminal, mut state) = (terminal(size), scene(size, true));
    let mut changed = 0;
    draw(&mut terminal, &state, &THEME);
    for second in 300..400 {
        let before = terminal.backend().buffer().clone();
        state.update(Message::System(Report::Sample(Box::new(sample(second, true)))));
        draw(&mut terminal, &state, &THEME);
        let after = terminal.backend().buffer();
        changed += before.content.iter().zip(&after.content).filter(|(a, b)| a != b).count();
    }
    // At five bytes or so a cell, with its place, this is below 300 bytes a second.
    assert!(changed / 100 < 60, "{changed} cells in 100 seconds");
}
