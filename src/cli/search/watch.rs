use super::Outcome;
use crate::cli::Failure;
use crate::cli::output::{note, print, print_json, say};
use crate::cli::progress::duration;
use crate::config::MonitoredMetric;
use crate::run::printable;
use crate::search::{OverviewReader, SearchFolder, SearchState, SearchSummary};
use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::consts::SIGINT;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// Lines come at most so often where no bar can be drawn.
const LINES_APART: Duration = Duration::from_secs(5);

pub(super) fn run(folder: &SearchFolder, json: bool) -> Outcome {
    let left = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(SIGINT, left.clone()).map_err(Failure::failed)?;
    let mut reader = OverviewReader::new(folder);
    let mut shown = Shown::new();
    loop {
        let overview = reader.read()?;
        let summary = &overview.summary;
        shown.show(summary);
        if !summary.state.is_active() {
            shown.clear();
            return conclude(summary, json);
        }
        if left.load(Ordering::Relaxed) {
            shown.clear();
            let id = folder.id();
            let id = printable(&id);
            note(format!("{id} goes on; mien search {id} --watch follows it again, --stop stops it"));
            return Ok(());
        }
        sleep(PAUSE);
    }
}

/// How the search ended: on stdout, and as an error where it failed.
fn conclude(summary: &SearchSummary, json: bool) -> Outcome {
    let id = &summary.id;
    match json {
        true => print_json(&super::show::summary_json(summary))?,
        false => print(&format!("{id}: {}, {}\n", summary.state.name(), line(summary)))?,
    }
    let problem = summary.problem.as_deref().unwrap_or("its log.txt says more");
    match summary.state {
        SearchState::Failed => Err(Failure::failed(format!("{id} failed: {problem}"))),
        SearchState::Lost => Err(Failure::failed(format!(
            "the supervisor of {id} is gone without an end; mien search {id} --resume goes on"
        ))),
        _ if json => Ok(()),
        SearchState::Stopped => print(&format!("mien search {id} --resume goes on\n")),
        _ => print(&format!("mien search {id} --show shows its best points\n")),
    }
}

/// `12 of 144 runs ended, 4 running, 1 failed, best valid/accuracy 0.7123`.
fn line(summary: &SearchSummary) -> String {
    let counts = &summary.counts;
    let mut text = format!("{} of {} runs ended", counts.ended(), counts.planned());
    let some = [
        (counts.running, "running"),
        (counts.queued, "queued"),
        (counts.halved, "halved"),
        (counts.failed, "failed"),
        (counts.stopped, "stopped"),
    ];
    for (count, what) in some.iter().filter(|(count, _)| *count > 0) {
        text += &format!(", {count} {what}");
    }
    if let Some(best) = summary.best {
        let metric = match summary.metric {
            MonitoredMetric::ValidAccuracy => "valid/accuracy",
            MonitoredMetric::ValidLoss => "valid/loss",
        };
        text += &format!(", best {metric} {best:.4}");
    }
    text
}

fn time_left(summary: &SearchSummary) -> String {
    let seconds = summary.seconds_left.filter(|_| summary.state.is_active());
    seconds.map(|seconds| format!(", {} left", duration(seconds))).unwrap_or_default()
}

/// A bar on a terminal, lines elsewhere; both on stderr.
struct Shown {
    bar: ProgressBar,
    said: String,
    when: Option<Instant>,
    problem: Option<String>,
}

impl Shown {
    fn new() -> Self {
        let style = ProgressStyle::with_template("{wide_bar:.cyan/dim} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(1).with_style(style.progress_chars("━╸─"));
        Self { bar, said: String::new(), when: None, problem: None }
    }

    fn show(&mut self, summary: &SearchSummary) {
        self.tell_problem(summary);
        let line = line(summary);
        if !self.bar.is_hidden() {
            self.bar.set_length(summary.counts.planned() as u64);
            self.bar.set_position(summary.counts.ended() as u64);
            self.bar.set_message(line + &time_left(summary));
        } else if line != self.said && self.when.is_none_or(|when| when.elapsed() > LINES_APART) {
            say(format!("{line}{}", time_left(summary)));
            self.said = line;
            self.when = Some(Instant::now());
        }
    }

    /// Why it is paused, once.
    fn tell_problem(&mut self, summary: &SearchSummary) {
        let problem = summary.problem.clone().filter(|_| summary.state == SearchState::Paused);
        if problem == self.problem {
            return;
        }
        let sentence = problem.as_ref().map_or("goes on".into(), |problem| format!("paused: {problem}"));
        if self.bar.is_hidden() {
            say(sentence);
        } else {
            self.bar.println(sentence);
        }
        self.problem = problem;
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
