//! The report as text, at most 100 columns wide.

use super::Report;
use crate::cli::output::grouped;
use crate::data::shown;
use crate::emotion::Emotion;
use crate::explain::{Area, Control, Estimate, Faithfulness, Metric};
use std::fmt::Write;

/// Width of the names of methods and controls.
const NAME: usize = 20;

/// Where one picture alone has a value: its resamples are all the same, and say nothing of other pictures.
const NO_INTERVAL: &str = "±?";

/// Width of the whole.
const WIDTH: usize = 100;

pub(super) fn of(report: &Report) -> String {
    let mut text = heading(report);
    metrics(&mut text, report);
    energy(&mut text, report);
    sanity(&mut text, report);
    text
}

fn line(text: &mut String, line: &str) {
    // A table's last column may be empty.
    let _ = writeln!(text, "{}", line.trim_end());
}

fn heading(report: &Report) -> String {
    let mut text = String::new();
    let of_class =
        |class: Emotion| report.chosen.iter().filter(|&&i| report.dataset.label(i) == class).count();
    let classes = Emotion::ALL.map(of_class);
    let (fewest, most) = (classes.iter().min().unwrap_or(&0), classes.iter().max().unwrap_or(&0));
    let each = if fewest == most { format!("{most}") } else { format!("{fewest} to {most}") };
    let noun = if report.all == 1 { "picture" } else { "pictures" };
    line(
        &mut text,
        &format!(
            "{}: {} of {} {noun}, {each} of each class (--limit changes that); seed {}{}",
            report.split.name(),
            grouped(report.chosen.len()),
            grouped(report.all),
            report.seed,
            report.layer().map(|layer| format!("; layer {layer}")).unwrap_or_default()
        ),
    );
    line(&mut text, &shown(report.dataset.root()));
    text
}

fn metrics(text: &mut String, report: &Report) {
    let header = ["deletion ↓", "insertion ↑", "avg. drop ↓", "increase ↑", "ROAD ↑"];
    let header: String = header.iter().map(|name| format!("{name:>14} ")).collect();
    line(text, "");
    line(text, &format!("{:<NAME$}{header}{:>5}", "method", "zero"));
    let measured = &report.found.measured;
    let row = |found: &Faithfulness, is_best: &dyn Fn(usize) -> bool| {
        let cell = |i: usize| {
            let mark = if is_best(i) { '*' } else { ' ' };
            format!("{:>14}{mark}", estimate(found.metrics.get(i).copied().flatten()))
        };
        (0..Metric::ALL.len()).map(cell).collect::<String>() + &format!("{:>5}", found.zero)
    };
    for (request, found) in report.requests.iter().zip(&measured.methods) {
        let is_best = |i: usize| is_best(&measured.methods, found, i);
        line(text, &format!("{:<NAME$}{}", request.method, row(found, &is_best)));
    }
    for (control, found) in Control::ALL.iter().zip(&measured.controls) {
        line(text, &format!("{:<NAME$}{}", control_name(*control), row(found, &|_| false)));
    }
    line(text, "");
    line(text, "* the best method; ± half of the 95 % interval; zero: maps without positive evidence.");
    for sentence in unbeaten_controls(report) {
        line(text, &sentence);
    }
}

fn control_name(control: Control) -> String {
    format!("({})", control.name())
}

fn estimate(estimate: Option<Estimate>) -> String {
    estimate.map_or("-".into(), |estimate| match estimate.count {
        1 => format!("{:.3} {NO_INTERVAL:<6}", estimate.mean),
        _ => format!("{:.3} ±{:.3}", estimate.mean, estimate.half_width()),
    })
}

fn mean(found: &Faithfulness, metric: usize) -> Option<f64> {
    found.metrics.get(metric).copied().flatten().map(|estimate| estimate.mean)
}

/// None is better, and one is worse: where all are equal there is nothing to choose.
fn is_best(methods: &[Faithfulness], found: &Faithfulness, metric: usize) -> bool {
    let Some(own) = mean(found, metric) else { return false };
    let others = || methods.iter().filter_map(|other| mean(other, metric));
    others().all(|other| !is_better(other, own, metric))
        && others().any(|other| is_better(own, other, metric))
}

fn is_better(a: f64, b: f64, metric: usize) -> bool {
    if Metric::ALL[metric].is_higher_better() { a > b } else { a < b }
}

/// Where a map that knows nothing is at least as good as every method.
fn unbeaten_controls(report: &Report) -> Vec<String> {
    let measured = &report.found.measured;
    let unbeaten = |control: &Faithfulness, metric: usize| {
        mean(control, metric).is_some_and(|own| {
            measured
                .methods
                .iter()
                .filter_map(|method| mean(method, metric))
                .all(|method| !is_better(method, own, metric))
        })
    };
    let sentence = |(control, found): (&Control, &Faithfulness)| {
        let metrics = Metric::ALL.iter().enumerate().filter(|(i, _)| unbeaten(found, *i));
        let metrics: Vec<String> = metrics.map(|(_, metric)| in_words(*metric)).collect();
        let metrics = metrics.join(", ");
        (!metrics.is_empty()).then(|| format!("No method is better than ({}) by {metrics}.", control.name()))
    };
    Control::ALL.iter().zip(&measured.controls).filter_map(sentence).collect()
}

fn in_words(metric: Metric) -> String {
    match metric {
        Metric::Road => "ROAD".into(),
        _ => metric.name().replace('_', " "),
    }
}

fn energy(text: &mut String, report: &Report) {
    let measured = &report.found.measured;
    let header: String = Area::ALL.iter().map(|area| format!("{:>13}", area.name())).collect();
    line(text, "");
    line(text, &format!("{:<NAME$}{header}", "energy in"));
    let row = |found: &Faithfulness| -> String {
        let cell = |i: usize| found.energy.get(i).copied().flatten();
        let cell = |i: usize| {
            cell(i).map_or("-".into(), |estimate| match estimate.count {
                1 => format!("{:.2} {NO_INTERVAL:<5}", estimate.mean),
                _ => format!("{:.2} ±{:.2}", estimate.mean, estimate.half_width()),
            })
        };
        (0..Area::ALL.len()).map(|i| format!("{:>13}", cell(i))).collect()
    };
    for (request, found) in report.requests.iter().zip(&measured.methods) {
        line(text, &format!("{:<NAME$}{}", request.method, row(found)));
    }
    for (control, found) in Control::ALL.iter().zip(&measured.controls) {
        line(text, &format!("{:<NAME$}{}", control_name(*control), row(found)));
    }
    // Stands where the means above it end.
    let share = |share: &Option<f64>| share.map_or("-".into(), |share| format!("{share:.2}      "));
    let shares: String = measured.shares.iter().map(|value| format!("{:>13}", share(value))).collect();
    line(text, &format!("{:<NAME$}{shares}", "(share of pixels)"));
    line(text, "");
    line(
        text,
        "own: the parts of the face where the class shows; above its share of the pixels is above chance.",
    );
}

fn sanity(text: &mut String, report: &Report) {
    let sanity = &report.found.sanity;
    let Some(first) = sanity.first() else { return };
    let names: Vec<&str> = first.stages.iter().map(|(stage, _)| stage.as_str()).collect();
    let last = names.len().saturating_sub(1);
    // The last column has its interval, too.
    let column = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(5) + 2;
    let fitting = ((WIDTH - NAME).saturating_sub(14) / column).max(1);
    let shown: Vec<usize> = if names.len() > fitting + 1 {
        (0..fitting).map(|i| i * last / fitting).chain([last]).collect()
    } else {
        (0..names.len()).collect()
    };
    let cell = |stage: usize, content: String| {
        let width = if stage == last { column.max(14) } else { column };
        format!("{content:>width$}")
    };
    line(text, "");
    let header: String = shown.iter().map(|&stage| cell(stage, names[stage].into())).collect();
    line(text, &format!("{:<NAME$}{header}", "sanity, down to"));
    for (request, sanity) in report.requests.iter().zip(sanity) {
        let value = |stage: usize| {
            let Some((_, Some(found))) = sanity.stages.get(stage) else { return "-".into() };
            if stage == last { estimate(Some(*found)) } else { format!("{:.2}", found.mean) }
        };
        let row: String = shown.iter().map(|&stage| cell(stage, value(stage))).collect();
        line(text, &format!("{:<NAME$}{row}", request.method));
    }
    let count = |sanity: &crate::explain::Sanity| {
        sanity.stages.first().and_then(|(_, found)| *found).map_or(0, |found| found.count)
    };
    let mut counts: Vec<usize> = sanity.iter().map(count).collect();
    counts.sort_unstable();
    counts.dedup();
    let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
    line(text, "");
    line(
        text,
        &format!(
            "Likeness of the maps (pictures: {}) to themselves as all layers down to this one forget: 1 is the\n\
             same order, about 0 is right.",
            counts.join(" or ")
        ),
    );
}
