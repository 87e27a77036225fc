//! How long a search will take, from runs that there are.
//!
//! Assumed is that the time for a training picture grows with the network's multiply-adds and depends on nothing else but
//! the network's name, the precision and the kind of device; that every run trains all its epochs (early stopping is not
//! foreseen), or under successive halving the expected ones (of each rung `1 / eta` goes on); and that the runs share the
//! slots evenly.

use super::Search;
use super::space::{Choices, Point, Points};
use crate::config::{self, Precision, RunConfig};
use crate::data::{self, Split};
use crate::model;
use crate::run::{self, Halving, MetricSplit, MetricsReader, RunFolder, RunSummary};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use toml::Value;

/// So many points are gone through at most.
const MOST_POINTS: u64 = 1_000_000;
/// So many of the newest runs of a network tell.
const MOST_WITNESSES: usize = 20;

/// Seconds until the last run of the whole plan ends, `slots` at once; `None` where no run in `runs` tells what a picture
/// takes, or nothing tells how many there are. Early runs of the same data set tell the number of its pictures, and
/// otherwise its manifest, where it is there.
pub fn estimate(search: &Search, slots: usize, runs: &Path) -> Option<f64> {
    if search.points() > MOST_POINTS {
        return None;
    }
    let witnesses = Witnesses::of(search, runs);
    let pictures = witnesses.pictures(&search.base)?;
    let points = Points::of(search);
    let mut costs: HashMap<Point, Option<f64>> = HashMap::new();
    let (mut total, mut longest) = (0.0, 0f64);
    for point in points.clone().each() {
        let network = of_network(&points, &point);
        let cost = costs.entry(network).or_insert_with_key(|network| {
            let set = points.set(network);
            let values = set.iter().map(|(field, value)| (field.as_str(), value));
            witnesses.seconds_per_picture(&config::with_values(&search.base, values).ok()?)
        });
        let seconds = (*cost)? * pictures * trained_epochs(epochs(search, &points, &point), search.halving());
        total += seconds;
        longest = longest.max(seconds);
    }
    total *= search.seeds.len() as f64;
    Some((total / slots.max(1) as f64).max(longest)).filter(|seconds| seconds.is_finite())
}

/// The part of a point that decides what a picture takes. Of a range of numbers any stands for all: none of them is a size
/// of the network.
fn of_network(points: &Points, point: &Point) -> Point {
    let number = |(axis, number): (usize, &Option<u64>)| {
        let field = &points.fields[axis];
        let matters = field.starts_with("model.") || field == "train.precision";
        match points.axes[axis] {
            _ if !matters => None,
            Choices::Real { min, .. } => number.map(|_| min.to_bits()),
            _ => *number,
        }
    };
    point.iter().enumerate().map(number).collect()
}

/// The epochs that a point asks for.
fn epochs(search: &Search, points: &Points, point: &Point) -> usize {
    let axis = points.fields.iter().position(|field| field == "train.epochs");
    let value = axis.and_then(|axis| Some(points.axes[axis].value(point[axis]?)));
    match value {
        Some(Value::Integer(epochs)) => usize::try_from(epochs).unwrap_or_default(),
        _ => search.base.train.epochs,
    }
}

/// Epochs that a run is expected to train.
fn trained_epochs(epochs: usize, halving: Option<Halving>) -> f64 {
    let Some(halving) = halving else { return epochs as f64 };
    let (eta, mut rung, mut before) = (halving.eta.max(2) as usize, halving.min_epochs.max(1), 0);
    let (mut share, mut expected) = (1.0, 0.0);
    while before < epochs {
        let end = rung.min(epochs);
        expected += share * (end - before) as f64;
        (before, rung, share) = (end, rung.saturating_mul(eta), share / eta as f64);
    }
    expected
}

/// A run that tells what a picture takes.
#[derive(Debug)]
struct Witness {
    arch: String,
    precision: Precision,
    /// Multiply-adds of a picture.
    macs: f64,
    is_cpu: bool,
    /// Per training picture; an epoch's end included, where the run tells.
    seconds: f64,
    root: PathBuf,
    /// Training pictures of an epoch.
    pictures: f64,
}

struct Witnesses {
    /// Newest first, all of one kind of device.
    runs: Vec<Witness>,
}

impl Witnesses {
    fn of(search: &Search, runs: &Path) -> Self {
        let networks = networks(search);
        let summaries = run::list(runs).unwrap_or_default();
        let mut witnesses: Vec<Witness> = Vec::new();
        for summary in &summaries {
            let Some(arch) = summary.arch.as_ref().filter(|arch| networks.contains(arch)) else { continue };
            if witnesses.iter().filter(|witness| witness.arch == *arch).count() < MOST_WITNESSES {
                witnesses.extend(Witness::read(summary));
            }
        }
        // Without slots that say so, the runs will be where the newest was.
        if let Some(is_cpu) = wanted_device(search).or(witnesses.first().map(|newest| newest.is_cpu)) {
            witnesses.retain(|witness| witness.is_cpu == is_cpu);
        }
        Self { runs: witnesses }
    }

    fn seconds_per_picture(&self, config: &RunConfig) -> Option<f64> {
        let macs = model::summary(&config.model).ok()?.macs as f64;
        let same = self.runs.iter().filter(|witness| {
            witness.arch == config.model.arch && witness.precision == config.train.precision
        });
        median(same.map(|witness| witness.seconds * macs / witness.macs).collect())
    }

    /// Training pictures of an epoch, of the data set of `base`.
    fn pictures(&self, base: &RunConfig) -> Option<f64> {
        let of_runs = self.runs.iter().find(|witness| witness.root == base.data.root);
        of_runs.map(|witness| witness.pictures).or_else(|| in_manifest(base))
    }
}

/// The names of the networks that a search trains.
fn networks(search: &Search) -> Vec<String> {
    let axis = search.axes.iter().find(|axis| axis.field == "model.arch");
    let listed = match axis.map(|axis| &axis.values) {
        Some(super::Values::List(names)) => names.as_slice(),
        _ => &[],
    };
    let names = listed.iter().filter_map(|name| name.as_str().map(String::from));
    names.chain([search.base.model.arch.clone()]).collect()
}

/// Whether the slots are those of the CPU; `None` where nothing is said of slots.
fn wanted_device(search: &Search) -> Option<bool> {
    let slots = &search.local.as_ref()?.slots;
    slots.first().map(|slot| slot == "cpu")
}

impl Witness {
    fn read(summary: &RunSummary) -> Option<Self> {
        let status = summary.seen.status.as_ref()?;
        // One that never trained has nothing to tell.
        if status.step == 0 {
            return None;
        }
        let config = config::complete(&summary.folder.config()).ok()?;
        let batch = config.train.batch_size as f64;
        let epochs = status.epochs.unwrap_or(config.train.epochs as u64);
        let pictures = status.steps as f64 / epochs as f64 * batch;
        let speed = status.images_per_second.filter(|speed| *speed > 0.0);
        let seconds = epoch_pace(&summary.folder, batch).or(speed.map(|speed| 1.0 / speed))?;
        let device = summary.device.as_deref().unwrap_or_default();
        let witness = Self {
            macs: model::summary(&config.model).ok()?.macs as f64,
            arch: config.model.arch,
            precision: config.train.precision,
            is_cpu: device.starts_with("cpu"),
            seconds,
            root: config.data.root,
            pictures,
        };
        let is_possible =
            [witness.seconds, witness.pictures, witness.macs].iter().all(|n| n.is_finite() && *n > 0.0);
        is_possible.then_some(witness)
    }
}

/// Seconds for a training picture, from one validation to the next: what else an epoch takes is in it.
fn epoch_pace(folder: &RunFolder, batch: f64) -> Option<f64> {
    let metrics = MetricsReader::read_all(folder).ok()?;
    let validation = metrics.series(MetricSplit::Valid, "loss")?;
    let moments: Vec<(f64, f64)> =
        validation.times.iter().zip(&validation.steps).map(|(&time, &step)| (time, step as f64)).collect();
    let paces = moments.windows(2).map(|pair| (pair[1].0 - pair[0].0) / ((pair[1].1 - pair[0].1) * batch));
    median(paces.filter(|pace| pace.is_finite() && *pace > 0.0).collect())
}

/// Of the manifest, where it is there.
fn in_manifest(base: &RunConfig) -> Option<f64> {
    let entries = data::entries(&base.data.root).ok()?;
    let train = entries.iter().filter(|entry| entry.split == Split::Train).count();
    let pictures = train as f64 * (1.0 - base.data.valid.fraction);
    (pictures > 0.0).then_some(pictures)
}

fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

#[cfg(test)]
#[path = "estimate_tests.rs"]
mod tests;
