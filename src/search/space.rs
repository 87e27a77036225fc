//! What is searched, as its file describes it.

use super::{PlannedRun, SearchError, SearchFolder};
use crate::config::{MonitoredMetric, RunConfig};
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

impl Search {
    /// Reads and checks a file of `configs/searches`. No data is looked at.
    ///
    /// # Errors
    /// Where an axis names no field, a value is refused by its field, or the space is empty.
    pub fn from_file(path: &Path) -> Result<Self, SearchError> {
        Err(SearchError::Refused(format!("cannot read {}", path.display())))
    }

    /// The search that a folder holds, whatever became of its file since.
    pub fn of_folder(folder: &SearchFolder) -> Result<Self, SearchError> {
        Self::from_file(&folder.file())
    }

    /// How many runs there are, seeds counted.
    pub fn count(&self) -> u64 {
        0
    }

    /// The runs from the first on, in the order of their numbers: all points with the first seed, then all with the next.
    pub fn runs(&self) -> Box<dyn Iterator<Item = PlannedRun> + '_> {
        Box::new(std::iter::empty())
    }

    pub fn halving(&self) -> Option<Halving> {
        match self.sampler {
            Sampler::Asha { eta, min_epochs, .. } => Some(Halving { eta, min_epochs, metric: self.metric }),
            _ => None,
        }
    }
}
