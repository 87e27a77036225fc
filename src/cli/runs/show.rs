//! `mien runs show`.

use super::table;
use crate::cli::Outcome;
use crate::cli::output::{print, print_json};
use crate::config::RunConfig;
use crate::evaluate::Colour;
use crate::run::{
    MetricSplit, Metrics, MetricsReader, Notes, RunFolder, RunSummary, printable, span, unix_seconds,
};
use std::fmt::Write;

pub(super) fn show(folder: &RunFolder, json: bool) -> Outcome {
    let mut summary = RunSummary::read(folder);
    let metrics = MetricsReader::read_all(folder)?;
    summary.fill_from_metrics();
    let notes = Notes::read(folder).unwrap_or_default();
    let config = crate::config::complete(&folder.config()).ok();
    if json {
        return print_json(&document(&summary, &metrics, &notes, config.as_ref()));
    }
    let colours = Colour::of_stdout() == Colour::Ansi;
    print(&words(&summary, &metrics, &notes, config.as_ref(), colours))
}

fn document(
    summary: &RunSummary,
    metrics: &Metrics,
    notes: &Notes,
    config: Option<&RunConfig>,
) -> serde_json::Value {
    let series: serde_json::Map<_, _> = metrics
        .iter()
        .map(|(split, key, series)| {
            let (low, high) = range(&series.values);
            let value = serde_json::json!({
                "points": series.len(), "step": series.steps.last(), "last": series.last(), "min": low, "max": high,
            });
            (format!("{split}/{key}"), value)
        })
        .collect();
    let mut document = table::row(summary);
    document["status"] = serde_json::json!(summary.seen.status);
    document["config"] = serde_json::json!(config);
    document["notes"] = serde_json::json!(notes);
    document["metrics"] = series.into();
    document["skipped_lines"] = metrics.skipped_lines().into();
    document
}

fn words(
    summary: &RunSummary,
    metrics: &Metrics,
    notes: &Notes,
    config: Option<&RunConfig>,
    colours: bool,
) -> String {
    let mut text = String::new();
    // A field without a value is left out.
    let mut field = |name: &str, value: String| {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name:<10} {value}");
        }
    };
    field("run", summary.id.clone());
    field("title", summary.title.clone().unwrap_or_default());
    field("tags", printable(&notes.tags.join(", ")).into_owned());
    field("note", printable(&notes.note.replace('\n', " ")).into_owned());
    let state = summary.state();
    field(
        "state",
        match colours {
            true => format!("{}{state}\x1b[0m", table::colour(state)),
            false => state.to_string(),
        },
    );
    field("because", summary.seen.reason.clone().unwrap_or_default());
    field("made", format!("{} ago", span(unix_seconds() - summary.created)));
    field("search", summary.search.clone().unwrap_or_default());
    if let Some(status) = &summary.seen.status {
        let epochs = summary.epochs.map(|epochs| format!(" of {epochs}")).unwrap_or_default();
        let steps = if status.steps > 0 { format!(" of {}", status.steps) } else { String::new() };
        field("progress", format!("epoch {}{epochs}, step {}{steps}", status.epoch, status.step));
        field(
            "speed",
            status.images_per_second.map(|speed| format!("{speed:.0} images/s")).unwrap_or_default(),
        );
        if state.is_active() {
            field("left", status.eta_seconds.map(span).unwrap_or_default());
        }
        let process = &status.process;
        let host = process.host.as_deref().map(|host| format!(" on {}", printable(host))).unwrap_or_default();
        field("process", process.pid.map(|pid| format!("{pid}{host}")).unwrap_or_default());
        field("job", status.job.as_deref().map(|job| printable(job).into_owned()).unwrap_or_default());
    }
    field("network", summary.arch.clone().unwrap_or_default());
    field("device", summary.device.clone().unwrap_or_default());
    if let Some(config) = config {
        field("data", printable(&config.data.root.display().to_string()).into_owned());
        let train = &config.train;
        field(
            "training",
            format!(
                "{} at learning rate {}, batch {}, seed {}",
                format!("{:?}", train.optimizer).to_lowercase(),
                train.learning_rate,
                train.batch_size,
                train.seed
            ),
        );
    }
    let percent = |accuracy: Option<f64>| accuracy.map(|a| format!("{:.2} %", a * 100.0)).unwrap_or_default();
    field("valid", percent(summary.valid_accuracy));
    field("test", percent(summary.test_accuracy));
    field("folder", printable(&summary.folder.path().display().to_string()).into_owned());
    text += &latest(metrics);
    text
}

/// The last value of each metric, with the lowest and highest.
fn latest(metrics: &Metrics) -> String {
    let mut text = String::new();
    for (split, key, series) in metrics.iter() {
        if text.is_empty() {
            let _ = writeln!(
                text,
                "\n{:<28} {:>12} {:>12} {:>12} {:>9}",
                "METRIC", "LAST", "LOWEST", "HIGHEST", "STEP"
            );
        }
        let (low, high) = range(&series.values);
        let name = format!("{split}/{}", printable(key));
        let (last, step) = (series.last().unwrap_or(f64::NAN), series.steps.last().copied().unwrap_or(0));
        let _ = writeln!(text, "{name:<28} {last:>12.5} {low:>12.5} {high:>12.5} {step:>9}");
    }
    if metrics.skipped_lines() > 0 {
        let _ = writeln!(
            text,
            "{} lines of metrics.jsonl are no metrics and were skipped",
            metrics.skipped_lines()
        );
    }
    if let Some((epoch, step)) = metrics.last_row(MetricSplit::Train) {
        let _ = writeln!(text, "last training row: epoch {epoch}, step {step}");
    }
    text
}

/// Lowest and highest value; NaN is neither.
fn range(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::NAN, f64::NAN), |(low, high), &value| (low.min(value), high.max(value)))
}
