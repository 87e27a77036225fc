//! `mien search`: the searches there are, what came of one, and its best point as a config.

use super::Outcome;
use crate::cli::Failure;
use crate::cli::output::{grouped, note, print, print_json};
use crate::cli::table::{Table, width_of_stdout};
use crate::evaluate::Colour;
use crate::run::{State, span};
use crate::search::{
    self, Counts, EngineKind, Overview, RunSeen, SearchFolder, SearchState, SearchSummary, TrialRow,
    interval_text, metric_name, metric_text, short_names, value_words,
};
use rayon::prelude::*;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

pub(super) fn list(runs: &Path, json: bool) -> Outcome {
    let folders = SearchFolder::list(runs)?;
    // One that was removed meanwhile is none.
    let summaries: Vec<_> =
        folders.par_iter().filter_map(|folder| SearchSummary::read(folder).ok()).collect();
    if json {
        return print_json(&summaries.iter().map(summary_json).collect::<Vec<_>>());
    }
    if summaries.is_empty() {
        let place = runs.display().to_string();
        note(format_args!("there are no searches in {place}; mien search FILE begins one"));
        return Ok(());
    }
    print(&list_text(&summaries, width_of_stdout(), Colour::of_stdout() == Colour::Ansi))
}

pub(super) fn run(search: &str, json: bool, runs: &Path) -> Outcome {
    let overview = Overview::read(&SearchFolder::find(runs, search)?)?;
    if json {
        return print_json(&document(&overview));
    }
    print(&words(&overview, width_of_stdout(), Colour::of_stdout() == Colour::Ansi))
}

pub(super) fn promote(search: &str, config: &Path, json: bool, runs: &Path) -> Outcome {
    let folder = SearchFolder::find(runs, search)?;
    let overview = Overview::read(&folder)?;
    let Some(best) = overview.best() else {
        let id = &overview.summary.id;
        let why = overview.summary.problem.as_ref().filter(|_| overview.rows.is_empty());
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        return Err(Failure::refused(format!(
            "no point of {id} has been trained to its end with every seed and has a value{why}; \
             mien search {id} --show tells how far it is"
        )));
    };
    search::promote(&overview, 0, &folder, config)?;
    if json {
        return print_json(
            &json!({"search": folder.id(), "config": config.to_string_lossy(), "mean": best.mean}),
        );
    }
    let path = crate::data::printable(&config.to_string_lossy()).into_owned();
    print(&format!(
        "{path} is the best of {} points: {}\ntrain it with mien train {path}\n",
        overview.rows.len(),
        best_words(&overview.summary, best),
    ))
}

/// The object that stands for a search in JSON.
pub(super) fn summary_json(summary: &SearchSummary) -> serde_json::Value {
    let counts = &summary.counts;
    json!({
        "id": summary.folder.id(),
        "name": summary.name,
        "state": summary.state.name(),
        "engine": summary.engine,
        "sampler": summary.sampler,
        "metric": summary.metric,
        "runs": counts.planned(),
        "finished": counts.finished,
        "halved": counts.halved,
        "running": counts.running,
        "failed": counts.failed,
        "counts": counts_json(counts),
        "best": summary.best,
        "seconds_left": summary.seconds_left,
        "throttle": summary.throttle,
        "created": summary.created,
        "problem": summary.problem,
        // A path need not be UTF-8, and JSON is.
        "path": summary.folder.path().to_string_lossy(),
    })
}

fn counts_json(counts: &Counts) -> serde_json::Value {
    json!({
        "waiting": counts.waiting,
        "queued": counts.queued,
        "running": counts.running,
        "finished": counts.finished,
        "halved": counts.halved,
        "failed": counts.failed,
        "stopped": counts.stopped,
    })
}

fn document(overview: &Overview) -> serde_json::Value {
    let mut document = summary_json(&overview.summary);
    document["axes"] = overview.axes.iter().map(|axis| axis.field.clone()).collect();
    document["rows"] = overview.rows.iter().map(|row| row_json(overview, row)).collect();
    document
}

fn row_json(overview: &Overview, row: &TrialRow) -> serde_json::Value {
    let values = overview.axes.iter().zip(&row.point);
    let set: serde_json::Map<_, _> =
        values.filter_map(|(axis, value)| Some((axis.field.clone(), json!(value.as_ref()?)))).collect();
    let seed = |run: &RunSeen| {
        json!({
            "seed": run.seed,
            "run": run.folder.id(),
            "number": run.number,
            "state": state_name(run),
            "epoch": run.epoch,
            "epochs": run.epochs,
            "halved": run.halved,
            "value": run.value,
            "test_accuracy": run.test_accuracy,
            "reason": run.reason,
        })
    };
    json!({
        "set": set,
        "mean": row.mean,
        "interval": row.interval,
        "complete": row.is_complete,
        "seeds": row.runs.iter().map(seed).collect::<Vec<_>>(),
    })
}

fn state_name(run: &RunSeen) -> &'static str {
    run.state.map_or("waiting", State::name)
}

fn list_text(summaries: &[SearchSummary], width: Option<usize>, colours: bool) -> String {
    let header = ["ID", "STATE", "ENGINE", "RUNS", "BEST", "LEFT", "SAYS"];
    let mut table = Table::new(&header, &[false, false, false, true, true, true, false]);
    for summary in summaries {
        let counts = &summary.counts;
        let done = counts.finished + counts.halved;
        let failed = (counts.failed > 0).then(|| format!("{} failed", grouped(counts.failed)));
        let says = [summary.problem.clone(), failed].into_iter().flatten();
        let cells = vec![
            summary.id.clone(),
            summary.state.name().into(),
            engine_name(summary.engine).into(),
            format!("{}/{}", grouped(done), grouped(counts.planned())),
            summary.best.map(|best| metric_text(summary.metric, best)).unwrap_or_default(),
            summary.seconds_left.map(span).unwrap_or_default(),
            says.collect::<Vec<_>>().join("; "),
        ];
        table.row(cells, colours.then(|| (1, colour(summary.state))));
    }
    table.text(width)
}

const fn engine_name(engine: EngineKind) -> &'static str {
    match engine {
        EngineKind::Local => "local",
        EngineKind::Slurm => "slurm",
    }
}

const fn colour(state: SearchState) -> &'static str {
    match state {
        SearchState::Running => "\x1b[32m",
        SearchState::Planned | SearchState::Paused | SearchState::Stopped => "\x1b[33m",
        SearchState::Failed | SearchState::Lost => "\x1b[31m",
        SearchState::Finished => "\x1b[36m",
    }
}

/// So many points are shown in words; JSON has them all.
const POINTS: usize = 20;
/// So many runs that failed are named.
const FAILURES: usize = 10;

fn words(overview: &Overview, width: Option<usize>, colours: bool) -> String {
    let mut text = header(&overview.summary, colours);
    if !overview.rows.is_empty() {
        text += "\n";
        text += &points(overview, width);
    }
    let more = overview.rows.len().saturating_sub(POINTS);
    if more > 0 {
        let _ = writeln!(text, "and {} more points; --json has them all", grouped(more));
    }
    text + &failures(overview)
}

fn header(summary: &SearchSummary, colours: bool) -> String {
    let mut text = String::new();
    // A field without a value is left out.
    let mut field = |name: &str, value: String| {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name:<8} {value}");
        }
    };
    field("search", summary.id.clone());
    let state = summary.state.name();
    let place = match summary.engine {
        EngineKind::Local => "on this machine",
        EngineKind::Slurm => "by Slurm",
    };
    let at_once = summary.throttle.map(|most| format!(", at most {most} at once")).unwrap_or_default();
    let state = if colours { format!("{}{state}\x1b[0m", colour(summary.state)) } else { state.into() };
    field("state", format!("{state}, {place}{at_once}"));
    field("because", summary.problem.clone().unwrap_or_default());
    field("points", format!("{}, ranked by {}", summary.sampler, metric_name(summary.metric)));
    field("runs", counts_words(&summary.counts));
    field("left", summary.seconds_left.map(|left| format!("about {}", span(left))).unwrap_or_default());
    text
}

/// `144: 35 finished, 4 running, 105 waiting`.
fn counts_words(counts: &Counts) -> String {
    let parts = [
        (counts.finished, "finished"),
        (counts.halved, "halved"),
        (counts.running, "running"),
        (counts.queued, "queued"),
        (counts.waiting, "waiting"),
        (counts.stopped, "stopped"),
        (counts.failed, "failed"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<_> = parts.map(|(count, what)| format!("{} {what}", grouped(*count))).collect();
    if parts.is_empty() {
        "none".into()
    } else {
        format!("{}: {}", grouped(counts.planned()), parts.join(", "))
    }
}

/// The best points. What they came to stands before what they are, which may be wider than the terminal.
fn points(overview: &Overview, width: Option<usize>) -> String {
    let names = short_names(&overview.axes);
    let metric = overview.summary.metric;
    let mut header: Vec<String> = ["#", "VALID", "95 %", "SEEDS", "TEST", "STATE"].map(String::from).into();
    header.extend(names);
    let mut right = vec![true, true, true, true, true, false];
    right.resize(header.len(), true);
    let mut table = Table::new(&header, &right);
    for (place, row) in overview.rows.iter().take(POINTS).enumerate() {
        let test: Vec<f64> = row.runs.iter().filter_map(|run| run.test_accuracy).collect();
        let test = (!test.is_empty()).then(|| test.iter().sum::<f64>() / test.len() as f64);
        let mut cells = vec![
            (place + 1).to_string(),
            row.mean.map(|mean| metric_text(metric, mean)).unwrap_or_default(),
            row.interval.map(|interval| interval_text(metric, interval)).unwrap_or_default(),
            // With one seed, the state says as much.
            if row.runs.len() > 1 {
                format!("{}/{}", row.seeds_done(), row.runs.len())
            } else {
                String::new()
            },
            test.map(|test| format!("{:.1} %", test * 100.0)).unwrap_or_default(),
            row_state(row),
        ];
        cells.extend(row.point.iter().map(|value| value_words(value.as_ref())));
        table.row(cells, None);
    }
    table.text(width)
}

/// `finished`, or how many runs of the point are in which state.
fn row_state(row: &TrialRow) -> String {
    let mut states: Vec<(String, usize)> = Vec::new();
    for run in &row.runs {
        let state = match run.state {
            Some(State::Running) if run.epochs > 0 => format!("running {}/{}", run.epoch, run.epochs),
            Some(State::Finished) if run.halved => format!("halved at {}", run.epoch),
            _ => state_name(run).into(),
        };
        match states.iter_mut().find(|(known, _)| *known == state) {
            Some((_, count)) => *count += 1,
            None => states.push((state, 1)),
        }
    }
    match &states[..] {
        [(only, _)] => only.clone(),
        states => {
            states.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")
        }
    }
}

/// Runs that failed, with their sentences.
fn failures(overview: &Overview) -> String {
    let has_failed =
        |run: &&RunSeen| matches!(run.state, Some(State::Failed | State::Lost | State::Unreadable));
    let mut failed: Vec<_> = overview.rows.iter().flat_map(|row| &row.runs).filter(has_failed).collect();
    failed.sort_by_key(|run| run.number);
    let mut text = if failed.is_empty() { String::new() } else { "\n".into() };
    for run in failed.iter().take(FAILURES) {
        let reason = run.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let _ = writeln!(text, "run {} (seed {}) {}{reason}", run.number, run.seed, state_name(run));
    }
    if failed.len() > FAILURES {
        let _ = writeln!(text, "and {} more; --json has them all", grouped(failed.len() - FAILURES));
    }
    text
}

/// `84.2 %, the mean of 3 seeds (95 % interval 83.0 to 85.4 %)`.
fn best_words(summary: &SearchSummary, row: &TrialRow) -> String {
    let metric = summary.metric;
    let mean = row.mean.map(|mean| metric_text(metric, mean)).unwrap_or_default();
    let interval = row.interval.map(|interval| {
        let seeds = row.runs.len();
        format!(", the mean of {seeds} seeds (95 % interval {})", interval_text(metric, interval))
    });
    format!("{} {mean}{}", metric_name(metric), interval.unwrap_or_default())
}
