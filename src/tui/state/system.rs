//! The machine: GPUs, CPU, memory, disk, processes.

use super::{Screen, State, scroll};
use crate::monitor::{History, Sample};
use crate::run::RunFolder;
use crate::tui::action::Action;
use crate::tui::message::{Effect, RunEntry};
use crate::tui::screens;
use crate::tui::widgets::text;
use std::collections::HashMap;

/// The curves show means over so many seconds, so that they move seldom.
const STRETCH: f64 = 10.0;
const STRETCHES: usize = 60;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Samples, one a second, with the processes of these runs.
    Watch(Vec<RunFolder>),
    /// No more samples.
    Rest,
    /// The size of each of these runs.
    Measure(Vec<RunFolder>),
}

/// What came of it.
#[derive(Debug)]
pub enum Report {
    Sample(Box<Sample>),
    Sizes(Vec<(RunFolder, u64)>),
}

/// What has a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantity {
    Cpu,
    Memory,
    /// By the GPU's place in the sample.
    Gpu(usize),
    GpuMemory(usize),
}

/// One row of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Blank,
    Head(&'static str),
    /// A row of the sentence that says why there are no GPUs.
    Missing(usize),
    /// Name, power and temperature.
    GpuHead(usize),
    Gpu(usize),
    GpuMemory(usize),
    /// Of a GPU: a process on it.
    Process(usize, usize),
    Cpu,
    Memory,
    Disk,
    /// An active run, by its place among them.
    Run(usize),
    /// A run's folder, by its place in [`System::sizes`].
    Size(usize),
}

/// The machine: GPUs, CPU, memory, disk, processes.
#[derive(Debug, Default)]
pub struct System {
    pub sample: Option<Sample>,
    histories: HashMap<Quantity, History>,
    /// The largest first.
    pub sizes: Vec<(RunFolder, u64)>,
    /// The chosen row.
    pub chosen: usize,
    /// The first row in view.
    pub top: usize,
    /// The runs whose processes are being watched.
    watched: Option<Vec<RunFolder>>,
    measured: Option<Vec<RunFolder>>,
}

impl System {
    /// Shares of a quantity over the last stretches of time, 0..=1, oldest first.
    pub fn history(&self, of: Quantity, count: usize) -> Vec<Option<f64>> {
        self.histories.get(&of).map_or_else(|| vec![None; count], |history| history.last(count))
    }

    fn take(&mut self, sample: Sample) {
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let memory = share(sample.memory.used_bytes() as f64, sample.memory.total_bytes as f64);
        let mut values = vec![(Quantity::Memory, memory)];
        values.extend(sample.cpu.percent.map(|percent| (Quantity::Cpu, percent / 100.0)));
        for (i, gpu) in sample.gpus.iter().enumerate() {
            values.extend(gpu.percent.map(|percent| (Quantity::Gpu(i), percent / 100.0)));
            let memory = gpu.memory_used_bytes.zip(gpu.memory_total_bytes);
            values.extend(
                memory.map(|(used, total)| (Quantity::GpuMemory(i), share(used as f64, total as f64))),
            );
        }
        for (quantity, value) in values {
            let history = self.histories.entry(quantity);
            history.or_insert_with(|| History::new(STRETCH, STRETCHES)).push(sample.time, value);
        }
        self.sample = Some(sample);
    }
}

impl State {
    /// The rows of the screen.
    pub fn system_lines(&self) -> Vec<Line> {
        let Some(sample) = &self.system.sample else { return Vec::new() };
        let mut lines = Vec::new();
        for (i, gpu) in sample.gpus.iter().enumerate() {
            lines.extend([Line::GpuHead(i), Line::Gpu(i), Line::GpuMemory(i)]);
            lines.extend((0..gpu.processes.len()).map(|process| Line::Process(i, process)));
        }
        lines.extend((0..self.gpus_missing().len()).map(Line::Missing));
        lines.extend([Line::Blank, Line::Cpu, Line::Memory, Line::Disk, Line::Blank]);
        let active = self.active_runs().count();
        lines.push(Line::Head(if active == 0 { "no run is being trained" } else { "runs being trained" }));
        lines.extend((0..active).map(Line::Run));
        if !self.system.sizes.is_empty() {
            lines.extend([Line::Blank, Line::Head("size of each run's folder")]);
            lines.extend((0..self.system.sizes.len()).map(Line::Size));
        }
        lines
    }

    /// Why there are no GPUs, in rows.
    pub fn gpus_missing(&self) -> Vec<String> {
        let missing = self.system.sample.as_ref().and_then(|sample| sample.gpus_missing.as_deref());
        let width = usize::from(self.size.0).saturating_sub(12).min(100);
        missing.map_or_else(Vec::new, |missing| text::wrapped(missing, width))
    }

    pub fn active_runs(&self) -> impl Iterator<Item = &RunEntry> {
        self.list.entries().iter().filter(|run| run.state.is_active())
    }

    /// The run that a row is about.
    pub fn run_of_line(&self, line: Line) -> Option<&RunEntry> {
        match line {
            Line::Run(i) => self.active_runs().nth(i),
            Line::Size(i) => self.list.find(&self.system.sizes.get(i)?.0),
            Line::Process(gpu, process) => {
                let gpu = self.system.sample.as_ref()?.gpus.get(gpu)?;
                let id = gpu.processes.get(process)?.run.as_ref()?;
                self.list.entries().iter().find(|run| run.id == *id)
            }
            _ => None,
        }
    }

    pub(super) fn act_in_system(&mut self, action: Action) -> Vec<Effect> {
        let rows = screens::system::rows(self.size) as isize;
        match action {
            Action::Up => self.step_in_system(-1),
            Action::Down => self.step_in_system(1),
            Action::PageUp => self.step_in_system(-rows),
            Action::PageDown => self.step_in_system(rows),
            Action::First => self.step_in_system(isize::MIN),
            Action::Last => self.step_in_system(isize::MAX),
            Action::Enter => {
                let line = self.system_lines().get(self.system.chosen).copied();
                let run = line.and_then(|line| self.run_of_line(line));
                if let Some(folder) = run.map(|run| run.folder.clone()) {
                    self.open_run(folder);
                }
            }
            Action::Out | Action::Back => {
                self.back();
            }
            Action::Help => self.overlay = Some(super::Overlay::Help),
            _ => {}
        }
        Vec::new()
    }

    fn step_in_system(&mut self, by: isize) {
        let lines = self.system_lines();
        // Where nothing can be entered, the keys turn the page all the same.
        let last = lines.len().saturating_sub(1);
        let mut there = self.system.chosen.saturating_add_signed(by).min(last);
        let empty = |i: usize| matches!(lines.get(i), Some(Line::Blank));
        if empty(there) {
            there = if by < 0 { there.saturating_sub(1) } else { (there + 1).min(last) };
        }
        self.system.chosen = there;
        self.keep_system_in_view(lines.len());
    }

    fn keep_system_in_view(&mut self, count: usize) {
        let system = &mut self.system;
        system.chosen = system.chosen.min(count.saturating_sub(1));
        system.top = scroll::in_view(system.top, system.chosen, screens::system::rows(self.size), count);
    }

    pub(super) fn take_system(&mut self, report: Report) -> bool {
        match report {
            Report::Sample(sample) => self.system.take(*sample),
            Report::Sizes(mut sizes) => {
                sizes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| b.0.id().cmp(&a.0.id())));
                self.system.sizes = sizes;
            }
        }
        self.keep_system_in_view(self.system_lines().len());
        self.screen == Screen::System
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_system(&mut self) -> Option<Effect> {
        if self.screen != Screen::System {
            self.system.measured = None;
            return self.system.watched.take().map(|_| Effect::System(Order::Rest));
        }
        let folders = |runs: &mut dyn Iterator<Item = &RunEntry>| -> Vec<RunFolder> {
            runs.map(|run| run.folder.clone()).collect()
        };
        let active = folders(&mut self.active_runs());
        if self.system.watched.as_ref() != Some(&active) {
            self.system.watched = Some(active.clone());
            return Some(Effect::System(Order::Watch(active)));
        }
        let all = folders(&mut self.list.entries().iter());
        if self.system.measured.as_ref() != Some(&all) {
            self.system.measured = Some(all.clone());
            return Some(Effect::System(Order::Measure(all)));
        }
        None
    }

    pub(super) fn click_in_system(&mut self, at: (u16, u16)) -> Option<Vec<Effect>> {
        let clicked = self.system.top + screens::system::row_at(self.size, at)?;
        if clicked == self.system.chosen {
            return Some(self.act(Action::Enter));
        }
        (clicked < self.system_lines().len()).then(|| {
            self.system.chosen = clicked;
            Vec::new()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::{GpuProcess, GpuSample};
    use crate::run::State as RunState;
    use crate::tui::message::Message;
    use crate::tui::state::tests::{Runs, keys, started};

    fn sample(time: f64, run: &str) -> Message {
        let process = GpuProcess { pid: 7, run: Some(run.into()), ..GpuProcess::default() };
        let gpu = GpuSample { percent: Some(50.0), processes: vec![process], ..GpuSample::default() };
        let sample = Sample { time, gpus: vec![gpu], ..Sample::default() };
        Message::System(Report::Sample(Box::new(sample)))
    }

    #[test]
    fn samples_are_asked_for_only_while_the_screen_is_shown() {
        let runs = Runs::new();
        let mut state = started(&runs, &[("a", RunState::Running), ("b", RunState::Finished)]);
        let [a, b] = ["a", "b"].map(|name| runs.entry(name, RunState::Running).folder);
        assert_eq!(keys(&mut state, "i"), [Effect::System(Order::Watch(vec![a.clone()]))]);
        let effects = state.update(sample(1.0, "a")).effects;
        assert!(matches!(&effects[..], [Effect::System(Order::Measure(all))] if all.len() == 2));
        assert_eq!(state.update(sample(2.0, "a")).effects, []);
        let sizes = vec![(a, 5), (b.clone(), 9)];
        assert!(state.update(Message::System(Report::Sizes(sizes))).draw);
        assert_eq!(state.system.sizes[0].0, b, "the largest first");
        assert_eq!(keys(&mut state, "q"), [Effect::System(Order::Rest)]);
        assert!(!state.update(sample(3.0, "a")).draw, "it is not to be seen");
        assert_eq!(state.system.history(Quantity::Gpu(0), 1), [Some(0.5)]);
    }

    #[test]
    fn enter_opens_the_run_of_a_process_on_a_gpu() {
        let runs = Runs::new();
        let mut state = started(&runs, &[("a", RunState::Running), ("b", RunState::Running)]);
        keys(&mut state, "i");
        let id = runs.entry("b", RunState::Running).id;
        state.update(sample(1.0, &id));
        let first = [Line::GpuHead(0), Line::Gpu(0), Line::GpuMemory(0), Line::Process(0, 0)];
        assert_eq!(state.system_lines()[..4], first);
        assert_eq!(keys(&mut state, "\n"), [], "a GPU leads nowhere");
        keys(&mut state, "jjj\n");
        assert_eq!((state.screen, state.current().unwrap().name.as_str()), (Screen::Run, "b"));
        keys(&mut state, "q");
        assert_eq!(state.screen, Screen::Runs);
    }

    #[test]
    fn the_choice_stays_among_the_rows() {
        let runs = Runs::new();
        let mut state = started(&runs, &[("a", RunState::Running)]);
        keys(&mut state, "ikG");
        state.update(sample(1.0, "a"));
        keys(&mut state, "G");
        assert_eq!(state.system_lines()[state.system.chosen], Line::Run(0));
        keys(&mut state, "gk");
        assert_eq!((state.system.chosen, state.system.top), (0, 0));
    }
}
