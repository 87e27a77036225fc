use crate::data::{printable, shown};
use std::path::{Path, PathBuf};

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
