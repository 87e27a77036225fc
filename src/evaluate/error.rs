use crate::data::{printable, shown};
use std::path::{Path, PathBuf};

/// Whether what is being worked on is still wanted: long work asks now and then, and ends with
/// [`EvaluateError::GivenUp`], or the like of its own room, once it is not.
pub type Wanted<'a> = &'a (dyn Fn() -> bool + Sync);

/// What can go wrong with files of scores and evaluations. Every message is one sentence.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    #[error("cannot read {}: {source}", shown(path))]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot write {}: {source}", shown(path))]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{}: {}", printable(place), printable(reason))]
    Scores { place: String, reason: String },
    #[error(
        "{} is not an evaluation ({}): remove it, and mien evaluate writes it anew",
        shown(path),
        printable(reason)
    )]
    Evaluation { path: PathBuf, reason: String },
    #[error(
        "the network's scores are not finite: its weights are broken, or grew beyond all numbers in training (take a smaller train.learning_rate)"
    )]
    NotFinite,
    #[error("cannot draw the picture: {reason}")]
    Picture { reason: String },
    #[error(
        "{} and 98 names like it are taken by files that mien did not write: remove some of them",
        shown(path)
    )]
    Taken { path: PathBuf },
    #[error("it was given up")]
    GivenUp,
    #[error("the network gave {what} for a batch of {batch} pictures where {batch} x 6 numbers were due")]
    Logits { what: String, batch: usize },
}

impl EvaluateError {
    pub(super) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        |source| Self::Read { path: path.into(), source }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        |source| Self::Write { path: path.into(), source }
    }
}
