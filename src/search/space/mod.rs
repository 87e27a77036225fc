//! What is searched, as its file describes it: the fields and their values, which points of their space are run, and in
//! which order.

mod axes;
mod check;
mod conditions;
mod draw;
mod file;
mod grid;
mod points;

pub(super) use self::points::{Choices, Point, Points};
use super::{PlannedRun, Record, SearchError, SearchFolder};
use crate::config::{self, ConfigError, MonitoredMetric, RunConfig};
use crate::data::{read_small_text, read_text, shown};
use crate::run::Halving;
use std::path::{Path, PathBuf};
use toml::Value;

/// A search, read and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Stands in the ids of the search and its runs: letters, digits, `-`, `_`, `.`; at most 64.
    pub name: String,
    /// The file, absolute.
    pub file: PathBuf,
    /// What every run is made from, but for the axes.
    pub base: RunConfig,
    pub sampler: Sampler,
    /// What runs are compared by. It is also the runs' `train.early_stopping.metric`, so that a run's best epoch is chosen
    /// by the same number.
    pub metric: MonitoredMetric,
    /// `train.seed` of the runs: each point is run with each of them.
    pub seeds: Vec<u64>,
    /// How often a failed run is begun again.
    pub retries: u32,
    /// In the order of the file.
    pub axes: Vec<Axis>,
    pub conditions: Vec<Condition>,
    pub local: Option<LocalEngine>,
    pub slurm: Option<SlurmEngine>,
}

/// A field that is searched over.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// As `--set` spells it: `train.learning_rate`.
    pub field: String,
    pub values: Values,
}

/// The values of an axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    List(Vec<Value>),
    /// Both ends may occur. A grid takes `points` of it, evenly in the scale, ends included.
    Range {
        min: f64,
        max: f64,
        is_log: bool,
        is_whole: bool,
        points: Option<usize>,
    },
}

/// Where a point has these values, some axes mean nothing and are left out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Fields and the values that each of them may have for the condition to hold.
    pub when: Vec<(String, Vec<Value>)>,
    pub skip: Vec<String>,
}

/// Which points of the space are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampler {
    Grid,
    Random {
        trials: usize,
        seed: u64,
    },
    /// Random points, and runs that stop themselves where their siblings do better.
    Asha {
        trials: usize,
        seed: u64,
        eta: u32,
        min_epochs: usize,
    },
}

/// `[engine.local]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalEngine {
    /// A device each, `cuda:0` or `cpu`; named twice it takes two runs at once. Empty: every GPU once, or else the CPU.
    pub slots: Vec<String>,
}

/// `[engine.slurm]`.
#[derive(Clone, Debug, PartialEq)]
pub struct SlurmEngine {
    /// At most so many runs at once; none: as many as Slurm likes.
    pub throttle: Option<usize>,
    /// Passed on to sbatch as they are.
    pub sbatch: Vec<String>,
    /// Shell lines before mien in the job.
    pub setup: String,
    /// Seconds between two looks at the queue.
    pub poll_seconds: f64,
}

/// An error about the file as it stands in the search's folder, not where it came from.
fn in_folder(error: SearchError, file: &Path, folder: &SearchFolder) -> SearchError {
    match error {
        SearchError::Content { path, reason } if path == file => {
            SearchError::Content { path: folder.file(), reason }
        }
        SearchError::Config(ConfigError::Syntax { place, reason }) => {
            let from = shown(file).to_string();
            let place = place.replacen(&from, &shown(&folder.file()).to_string(), 1);
            ConfigError::Syntax { place, reason }.into()
        }
        error => error,
    }
}

impl Search {
    /// Reads and checks a file of `configs/searches`. No data is looked at.
    ///
    /// # Errors
    /// Where an axis names no field, a value is refused by its field, a point is no config that can be trained, or the
    /// space is empty. Of a space of more than a million runs only the first million points are checked.
    pub fn from_file(path: &Path) -> Result<Self, SearchError> {
        let unreadable = |error| {
            let file = shown(path);
            SearchError::Refused(format!(
                "cannot read {file}: {error}; name the file of a search, as configs/searches/preliminary.toml"
            ))
        };
        Self::from_text(&read_text(path).map_err(unreadable)?, path)
    }

    /// As [`Search::from_file`], of a text that was read from `path`: for those who keep the text.
    pub fn from_text(text: &str, path: &Path) -> Result<Self, SearchError> {
        let file = file::SearchFile::read(text, path)?;
        let base = file.base()?;
        let search = file.search(base)?;
        check::check(&search, &file)?;
        Ok(search)
    }

    /// The search that a folder holds, whatever became of its file and of its base since. Its points were checked when it
    /// began.
    pub fn of_folder(folder: &SearchFolder) -> Result<Self, SearchError> {
        let path = Record::read(folder)?.file;
        let text = read_small_text(&folder.file()).map_err(SearchError::read(&folder.file()))?;
        let base = config::complete(&folder.base())?;
        let search = file::SearchFile::read(&text, &path).and_then(|file| file.search(base));
        search.map_err(|error| in_folder(error, &path, folder))
    }

    /// How many runs there are, seeds counted. Nothing is enumerated but the values that conditions look at.
    pub fn count(&self) -> u64 {
        self.points().saturating_mul(self.seeds.len() as u64)
    }

    /// How many points are run, each with every seed.
    pub fn points(&self) -> u64 {
        Points::of(self).count()
    }

    /// The runs from the first on, in the order of their numbers: all points with the first seed, then all with the next.
    pub fn runs(&self) -> Box<dyn Iterator<Item = PlannedRun> + '_> {
        let points = Points::of(self);
        let of_seed = move |&seed: &u64| {
            let points = points.clone();
            let each = points.clone().each();
            each.map(move |point| (seed, points.set(&point)))
        };
        let runs = self.seeds.iter().flat_map(of_seed);
        Box::new(runs.zip(1..).map(|((seed, set), number)| PlannedRun { number, seed, set }))
    }

    pub fn halving(&self) -> Option<Halving> {
        match self.sampler {
            Sampler::Asha { eta, min_epochs, .. } => Some(Halving { eta, min_epochs, metric: self.metric }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
