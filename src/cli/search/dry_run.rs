use super::super::output::{grouped, print, print_json};
use super::{Arguments, Failure, Outcome};
use crate::data::{printable, shown};
use crate::run::span;
use crate::search::{Axis, EngineKind, PlannedRun, Sampler, Search, Values, estimate};
use serde_json::{Map, Value, json};
use std::path::Path;

/// So many of the first runs are shown.
const FIRST: usize = 5;

pub(super) fn run(search: &str, arguments: &Arguments, runs: &Path) -> Outcome {
    let search = Search::from_file(Path::new(search))?;
    let count = search.count();
    if count > arguments.max_runs {
        return Err(too_many(&search, count, arguments.max_runs));
    }
    let slots = slots(&search, arguments.engine);
    let dry = DryRun { slots, seconds: estimate(&search, slots, runs), search, count };
    if arguments.json { print_json(&dry.document()) } else { print(&dry.text()) }
}

fn too_many(search: &Search, count: u64, most: u64) -> Failure {
    Failure::refused(format!(
        "{}: these are {} runs, more than {}: allow them with --max-runs {count}, or draw some with sampler = \"random\" \
         and trials",
        shown(&search.file),
        grouped(count as usize),
        grouped(most as usize)
    ))
}

/// How many runs are trained at once, as far as the file tells.
fn slots(search: &Search, engine: Option<EngineKind>) -> usize {
    let local = search.local.as_ref().map(|local| local.slots.len());
    let slurm = search.slurm.as_ref().and_then(|slurm| slurm.throttle);
    let slots = match engine {
        Some(EngineKind::Local) => local,
        Some(EngineKind::Slurm) => slurm,
        None => local.or(slurm),
    };
    slots.unwrap_or(1).max(1)
}

/// What would be done.
struct DryRun {
    search: Search,
    count: u64,
    slots: usize,
    seconds: Option<f64>,
}

impl DryRun {
    fn document(&self) -> Value {
        let axes: Map<String, Value> =
            self.search.axes.iter().map(|axis| (axis.field.clone(), values(axis))).collect();
        let first: Vec<PlannedRun> = self.search.runs().take(FIRST).collect();
        json!({
            "name": self.search.name,
            "sampler": self.sampler_name(),
            "runs": self.count,
            "points": self.search.points(),
            "seeds": self.search.seeds,
            "axes": axes,
            "first": first,
            "slots": self.slots,
            "seconds_estimate": self.seconds,
        })
    }

    fn text(&self) -> String {
        let heading = format!("{}: {}\n", printable(&self.search.name), self.counted());
        let mut text = heading + &self.axes();
        text += &self.first_runs();
        text + &self.time() + "\n"
    }

    fn sampler_name(&self) -> &'static str {
        match self.search.sampler {
            Sampler::Grid => "grid",
            Sampler::Random { .. } => "random",
            Sampler::Asha { .. } => "asha",
        }
    }

    /// `144 runs: 144 points of a grid, 1 seed`
    fn counted(&self) -> String {
        let points = self.search.points();
        let kind = match self.search.sampler {
            Sampler::Grid => "of a grid".to_string(),
            Sampler::Random { .. } => "at random".into(),
            Sampler::Asha { eta, min_epochs, .. } => {
                format!(
                    "at random, one in {eta} goes on after {min_epochs} epochs and its multiples by {eta}"
                )
            }
        };
        let runs = several(self.count, "run");
        let text = format!(
            "{runs}: {} {kind}, {}",
            several(points, "point"),
            several(self.search.seeds.len() as u64, "seed")
        );
        match self.search.sampler {
            Sampler::Random { trials, .. } | Sampler::Asha { trials, .. } if points < trials as u64 => {
                format!("{text}\n  the space has no more points, though trials = {trials}")
            }
            _ => text,
        }
    }

    fn axes(&self) -> String {
        let widest = self.search.axes.iter().map(|axis| axis.field.len()).max().unwrap_or_default();
        let line = |axis: &Axis| format!("  {:<widest$}  {}\n", axis.field, in_words(axis));
        let seeds: Vec<String> = self.search.seeds.iter().map(u64::to_string).collect();
        let seeds = format!("  {:<widest$}  {}\n", "seeds", listed(&seeds));
        "\n".to_string() + &self.search.axes.iter().map(line).collect::<String>() + &seeds
    }

    /// A line each, what is the same in all of them left to the axes.
    fn first_runs(&self) -> String {
        let first: Vec<PlannedRun> = self.search.runs().take(FIRST).collect();
        let axes: Vec<&Axis> = self.search.axes.iter().filter(|axis| has_choice(axis)).collect();
        let mut rows = vec![vec!["run".to_string(), "seed".into()]];
        rows[0].extend(axes.iter().map(|axis| short(&axis.field, &axes).to_string()));
        rows.extend(first.iter().map(|run| {
            let mut row = vec![run.number.to_string(), run.seed.to_string()];
            let cell = |axis: &&Axis| run.value(&axis.field).map_or("-".into(), plainly);
            row.extend(axes.iter().map(cell));
            row
        }));
        let mut text = "\n".to_string() + &columns(&rows);
        if self.count > first.len() as u64 {
            text += &format!("  and {} more\n", grouped((self.count - first.len() as u64) as usize));
        }
        text + "\n"
    }

    fn time(&self) -> String {
        let at_once = match self.slots {
            1 => "one run at a time".to_string(),
            slots => format!("{slots} runs at a time"),
        };
        match self.seconds {
            Some(seconds) => format!("about {}, {at_once}, as earlier runs of this network went", span(seconds)),
            None => {
                "no estimate of the time: there is no earlier run here of each of these networks, or nothing tells how many pictures there are".into()
            }
        }
    }
}

/// `1 run`, `144 runs`
fn several(count: u64, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {what}{s}", grouped(count as usize))
}

fn has_choice(axis: &Axis) -> bool {
    !matches!(&axis.values, Values::List(values) if values.len() == 1)
}

/// The last part of a field's name, where no other axis has the same.
fn short<'a>(field: &'a str, axes: &[&Axis]) -> &'a str {
    let last = |field: &'a str| field.rsplit('.').next().unwrap_or(field);
    let is_alone = axes.iter().filter(|axis| axis.field.rsplit('.').next() == Some(last(field))).count() == 1;
    if is_alone { last(field) } else { field }
}

/// A value without quotes, printable.
fn plainly(value: &toml::Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), String::from);
    printable(&text).into_owned()
}

fn in_words(axis: &Axis) -> String {
    match &axis.values {
        Values::List(values) => listed(&values.iter().map(plainly).collect::<Vec<_>>()),
        Values::Range { min, max, is_log, points, .. } => {
            let scale = if *is_log { ", logarithmic" } else { "" };
            let points = points.map(|points| format!(", {points} points")).unwrap_or_default();
            format!("{min} to {max}{scale}{points}")
        }
    }
}

/// The first of many.
fn listed(values: &[String]) -> String {
    const MOST: usize = 12;
    let more = match values.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    values[..values.len().min(MOST)].join(", ") + &more
}

/// As the file has them.
fn values(axis: &Axis) -> Value {
    match &axis.values {
        Values::List(values) => json!(values),
        Values::Range { min, max, is_log, points, .. } => {
            let mut range =
                json!({ "min": min, "max": max, "scale": if *is_log { "log" } else { "linear" } });
            if let Some(points) = points {
                range["points"] = json!(points);
            }
            range
        }
    }
}

/// Columns as wide as their widest cell, two spaces apart.
fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len)).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        format!("  {}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}
