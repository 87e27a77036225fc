use crate::data::{DataError, printable};
use crate::device::DeviceError;
use crate::model::ModelError;
use crate::run::RunError;
use std::path::PathBuf;

/// Why a run was refused, or ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error(transparent)]
    Evaluate(#[from] crate::evaluate::EvaluateError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(
        "{root} has no picture to train on: {skipped} of its pictures are missing or cannot be read (mien data stats names them)"
    )]
    None { root: PathBuf, skipped: usize },
    #[error(
        "{root} has {count} pictures to train on after the validation split, which do not fill one batch of {batch}: take a smaller train.batch_size"
    )]
    TooFew { root: PathBuf, count: usize, batch: usize },
    #[error(
        "{root} has no pictures to validate on and train.early_stopping watches them: set data.valid.fraction above 0 or train.early_stopping.enabled = false"
    )]
    NothingToWatch { root: PathBuf },
    #[error(
        "explain.probes names '{}', which is no picture of {root}: paths stand there as in its manifest.csv",
        printable(path)
    )]
    NoProbe { path: String, root: PathBuf },
    #[error(
        "the pictures of {root} are others than those run {run} began with: restore them, or start a new run"
    )]
    OtherData { root: PathBuf, run: String },
    #[error(
        "the loss is not finite ({value}) at step {step} of epoch {epoch}: take a smaller train.learning_rate; what earlier epochs left is kept"
    )]
    NotFinite { value: f64, epoch: usize, step: usize },
    #[error("cannot write a checkpoint below {path}: {source}; what was written before is kept")]
    Checkpoint { path: PathBuf, source: std::io::Error },
    #[error(
        "the checkpoint {path} cannot be read ({why}): remove its folder to start the run from its beginning"
    )]
    Torn { path: PathBuf, why: String },
    #[error("cannot write {path}: {source}")]
    Write { path: PathBuf, source: std::io::Error },
    #[error(
        "the job's time was over before one step was made: let it ask for more with --time, or for an earlier signal with --signal"
    )]
    NoTime,
    #[error("the thread that prepares batches has ended early: see log.txt")]
    NoBatch,
    #[error("the folder {path} was removed while the run was being trained")]
    Gone { path: PathBuf },
    #[error(
        "the checkpoint {path} was made with {before} steps an epoch and there are {now} now: restore train.batch_size and \
         the pictures, or remove its folder to start the run from its beginning"
    )]
    OtherSteps { path: PathBuf, before: usize, now: usize },
    #[error(
        "training broke off inside Burn ({0}): with too little memory on the device, take a smaller train.batch_size"
    )]
    Panicked(String),
}

impl TrainError {
    /// The key of the config's field that would have to be another one.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Config(error) => error.field().map(|field| field.key),
            Self::Data(_) | Self::None { .. } => Some("data.root"),
            Self::TooFew { .. } => Some("train.batch_size"),
            Self::NothingToWatch { .. } => Some("data.valid.fraction"),
            Self::NoProbe { .. } => Some("explain.probes"),
            Self::Device(_) => Some("train.device"),
            _ => None,
        }
    }
}
