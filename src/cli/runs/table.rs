//! `mien runs list`.

use crate::cli::Outcome;
use crate::cli::output::{note, print, print_json};
use crate::cli::table::{Table, width_of_stdout};
use crate::evaluate::Colour;
use crate::run::{self, RunSummary, State, span, unix_seconds};
use rayon::prelude::*;
use std::path::Path;

pub(super) fn list(runs: &Path, json: bool) -> Outcome {
    let mut summaries = run::list(runs)?;
    summaries.par_iter_mut().for_each(RunSummary::fill_from_metrics);
    if json {
        let rows: Vec<_> = summaries.iter().map(row).collect();
        return print_json(&rows);
    }
    if summaries.is_empty() {
        let place = runs.display().to_string();
        note(format_args!("there are no runs in {place}; mien demo or mien train CONFIG makes one"));
        return Ok(());
    }
    print(&table(&summaries, unix_seconds(), width_of_stdout(), Colour::of_stdout() == Colour::Ansi))
}

/// The object that stands for a run in JSON; `valid_accuracy` is the best so far, `test_accuracy` the evaluation's.
pub(super) fn row(summary: &RunSummary) -> serde_json::Value {
    serde_json::json!({
        "id": summary.folder.id(),
        "name": summary.name,
        "title": summary.title,
        "state": summary.state(),
        "reason": summary.seen.reason,
        "epoch": summary.epoch(),
        "epochs": summary.epochs,
        "step": summary.step(),
        "steps": summary.seen.status.as_ref().map(|status| status.steps),
        "device": summary.device,
        "arch": summary.arch,
        "search": summary.search,
        "valid_accuracy": summary.valid_accuracy,
        "test_accuracy": summary.test_accuracy,
        "created": summary.created,
        // A path need not be UTF-8, and JSON is.
        "path": summary.folder.path().to_string_lossy(),
    })
}

const HEADER: [&str; 9] = ["ID", "STATE", "EPOCH", "VALID", "TEST", "AGE", "DEVICE", "NETWORK", "SAYS"];
/// Numbers stand right.
const RIGHT: [bool; 9] = [false, false, true, true, true, true, false, false, false];
const STATE: usize = 1;

fn cells(summary: &RunSummary, now: f64) -> [String; 9] {
    let percent =
        |accuracy: Option<f64>| accuracy.map_or_else(String::new, |a| format!("{:.1} %", a * 100.0));
    let epoch = match (summary.epoch(), summary.epochs) {
        (0, _) => String::new(),
        (epoch, Some(epochs)) => format!("{epoch}/{epochs}"),
        (epoch, None) => epoch.to_string(),
    };
    // What a person called it, or why it is in the state it is.
    let says = [summary.title.clone(), summary.seen.reason.clone()].into_iter().flatten();
    [
        summary.id.clone(),
        summary.state().to_string(),
        epoch,
        percent(summary.valid_accuracy),
        percent(summary.test_accuracy),
        span(now - summary.created),
        summary.device.clone().unwrap_or_default(),
        summary.arch.clone().unwrap_or_default(),
        says.collect::<Vec<_>>().join("; "),
    ]
}

/// One line a run. Columns that no run fills are left out; lines end at `width` cells.
fn table(summaries: &[RunSummary], now: f64, width: Option<usize>, colours: bool) -> String {
    let mut table = Table::new(&HEADER, &RIGHT);
    for summary in summaries {
        let colour = colours.then(|| (STATE, colour(summary.state())));
        table.row(cells(summary, now).into(), colour);
    }
    table.text(width)
}

pub(super) fn colour(state: State) -> &'static str {
    match state {
        State::Running => "\x1b[32m",
        State::Queued | State::Stopped | State::Preempted => "\x1b[33m",
        State::Failed | State::Lost | State::Unreadable => "\x1b[31m",
        State::Finished => "\x1b[36m",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{RunFolder, Status};
    use unicode_width::UnicodeWidthStr;

    fn summary(runs: &Path, name: &str, state: State, title: &str) -> RunSummary {
        let status =
            Status { valid_accuracy: Some(0.8125), epochs: Some(80), epoch: 3, ..Status::new(state) };
        let folder = RunFolder::create_with(runs, name, &status, None).unwrap();
        run::Notes { title: title.into(), ..Default::default() }.write(&folder).unwrap();
        RunSummary::read(&folder)
    }

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let runs = tempfile::tempdir().unwrap();
        let summaries = [
            summary(runs.path(), "a", State::Finished, "表情"),
            summary(runs.path(), "longer", State::Failed, "b"),
        ];
        let text = table(&summaries, summaries[0].created + 600.0, None, false);
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].starts_with("ID") && lines[0].contains("EPOCH   VALID"), "{text}");
        assert!(!text.contains("TEST") && !text.contains("NETWORK"), "{text}");
        let column = |line: &str, cell: &str| line[..line.find(cell).unwrap()].width();
        assert_eq!(column(lines[1], "finished"), column(lines[2], "failed"));
        assert_eq!(column(lines[1], "表情"), column(lines[0], "SAYS"));
        assert!(lines[1].contains("3/80  81.2 %  10 min"), "{text}");
        assert!(!text.contains('\x1b'));
        assert!(table(&summaries, 0.0, None, true).contains("\x1b[31mfailed\x1b[0m"));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let runs = tempfile::tempdir().unwrap();
        let summaries = [summary(runs.path(), "a", State::Finished, &"表情".repeat(100))];
        for width in 1..200 {
            for line in table(&summaries, 0.0, Some(width), false).lines() {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn the_json_of_a_run_has_the_fields_that_programs_know() {
        let runs = tempfile::tempdir().unwrap();
        let row = row(&summary(runs.path(), "a", State::Stopped, ""));
        for field in
            ["id", "name", "state", "epoch", "step", "device", "search", "valid_accuracy", "test_accuracy"]
        {
            assert!(row.get(field).is_some(), "{field}");
        }
        assert_eq!(
            (&row["name"], &row["state"], &row["valid_accuracy"]),
            (&"a".into(), &"stopped".into(), &0.8125.into())
        );
        assert!(row["test_accuracy"].is_null());
    }
}
