//! `mien runs compare`.

use crate::cli::output::{print, print_json};
use crate::cli::{Failure, Outcome};
use crate::emotion::Emotion;
use crate::evaluate::{self, Change, Comparison, Interval, PairedMetric, Unpaired};
use crate::run::{RunFolder, RunSummary, printable};
use serde_json::json;
use std::fmt::Write;

pub(super) fn compare(runs: [&RunFolder; 2], split: &str, json: bool) -> Outcome {
    let files = runs.map(|run| run.scores(split));
    for (run, file) in runs.into_iter().zip(&files) {
        if !file.is_file() {
            return Err(Failure::refused(format!(
                "{} has no scores of {split}: mien evaluate {} --split {split} writes them",
                printable(&run.id()),
                printable(&run.id())
            )));
        }
    }
    let (comparison, _) = evaluate::compare([&files[0], &files[1]], 0, &|| true)?;
    if json {
        return print_json(&document(runs, split, &comparison));
    }
    print(&words(runs, split, &comparison))
}

/// What `--json` prints; docs/compare.md describes it.
fn document(runs: [&RunFolder; 2], split: &str, comparison: &Comparison) -> serde_json::Value {
    let [a, b] = &comparison.confusions;
    let class = |emotion: Emotion| {
        json!({
            "class": emotion.name(),
            "support": a.support(emotion),
            "recall": [a.recall(emotion), b.recall(emotion)],
            "f1": [a.f1(emotion), b.f1(emotion)],
        })
    };
    json!({
        "a": runs[0].id(),
        "b": runs[1].id(),
        "split": split,
        "count": comparison.pictures,
        "unpaired": comparison.unpaired,
        "accuracy": comparison.accuracy,
        "balanced_accuracy": comparison.balanced_accuracy,
        "macro_f1": comparison.macro_f1,
        "mcnemar": comparison.mcnemar,
        "both_wrong_differently": comparison.other_mistakes,
        "better": comparison.better().map(|run| ["a", "b"][run]),
        "verdict": comparison.verdict(["A", "B"]),
        "classes": Emotion::ALL.map(class),
    })
}

fn words(runs: [&RunFolder; 2], split: &str, comparison: &Comparison) -> String {
    let mut text = String::new();
    for (letter, run) in ["A", "B"].into_iter().zip(runs) {
        let summary = RunSummary::read(run);
        let title = summary.title.as_deref().map(|title| format!(" \"{title}\"")).unwrap_or_default();
        line(&mut text, &format!("{letter}  {}{title}, {}", summary.id, summary.state()));
    }
    line(&mut text, "");
    line(&mut text, &format!("{split}: {}", counted(comparison)));
    line(&mut text, "");
    metrics(&mut text, comparison);
    line(&mut text, "");
    classes(&mut text, comparison);
    line(&mut text, "");
    for change in Change::ALL {
        let about = match change {
            Change::Fixed => "A is wrong and B right",
            Change::Broken => "A is right and B wrong",
            Change::OtherMistake => "both are wrong, not in the same way",
        };
        line(&mut text, &format!("{:<12}{:>7}   {about}", change.name(), comparison.count(change)));
    }
    line(&mut text, "");
    line(&mut text, &comparison.verdict(["A", "B"]));
    text
}

fn counted(comparison: &Comparison) -> String {
    let Unpaired { only_a, only_b, unlabelled, relabelled } = comparison.unpaired;
    let mut parts = vec![format!("{} pictures in both", comparison.pictures)];
    for (count, why) in [
        (only_a, "only in A"),
        (only_b, "only in B"),
        (unlabelled, "without a truth"),
        (relabelled, "whose truth differs"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {why}"));
        }
    }
    parts.join(", ")
}

fn metrics(text: &mut String, comparison: &Comparison) {
    line(text, &format!("{:<19}{:>7}{:<13}{:>7}{:<13}{:>7}", "", "A", "  95 %", "B", "  95 %", "B - A"));
    for (name, PairedMetric { a, a_interval, b, b_interval, difference, difference_interval }) in
        comparison.metrics()
    {
        let between = |interval: Option<Interval>| {
            interval.map_or(String::new(), |Interval(low, high)| {
                format!("  {:.1}-{:.1}", low * 100.0, high * 100.0)
            })
        };
        let by = difference_interval.map_or(String::new(), |Interval(low, high)| {
            format!("  {:+.1} to {:+.1}", low * 100.0, high * 100.0)
        });
        let row = format!(
            "{name:<19}{:>7}{:<13}{:>7}{:<13}{:>7}{by}",
            percent(a),
            between(a_interval),
            percent(b),
            between(b_interval),
            points(difference)
        );
        line(text, &row);
    }
}

fn classes(text: &mut String, comparison: &Comparison) {
    let [a, b] = &comparison.confusions;
    let heads = ["recall A", "B", "B - A", "F1 A", "B", "B - A"].map(|head| format!("{head:>9}")).concat();
    line(text, &format!("{:<12}{heads}{:>10}", "class", "pictures"));
    for emotion in Emotion::ALL {
        let pair = |[of_a, of_b]: [Option<f64>; 2]| {
            let difference = of_a.zip(of_b).map(|(a, b)| b - a);
            format!("{:>9}{:>9}{:>9}", percent(of_a), percent(of_b), points(difference))
        };
        let recall = pair([a.recall(emotion), b.recall(emotion)]);
        let f1 = pair([a.f1(emotion), b.f1(emotion)]);
        line(text, &format!("{:<12}{recall}{f1}{:>10}", emotion.name(), a.support(emotion)));
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".into(), |share| format!("{:.1} %", share * 100.0))
}

fn points(share: Option<f64>) -> String {
    share.map_or("-".into(), |share| format!("{:+.1}", share * 100.0))
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{}", line.trim_end());
}
