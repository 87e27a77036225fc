use std::path::{Path, PathBuf};

/// What can go wrong with files of scores and evaluations. Every message is one sentence.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot write {}: {source}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{place}: {reason}")]
    Scores { place: String, reason: String },
    #[error("{} is not an evaluation ({reason}): remove it, and mien evaluate writes it anew", path.display())]
    Evaluation { path: PathBuf, reason: String },
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
