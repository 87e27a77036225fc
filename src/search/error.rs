use crate::config::ConfigError;
use crate::data::shown;
use crate::run::{RunError, RunFolder};
use crate::train::TrainError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a search could not be read, begun or gone on with. Every message is one sentence for a person, with the file and
/// what to do; names from outside are already [`printable`](crate::data::printable).
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("cannot read {}: {source}", shown(path))]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}", shown(path))]
    Write { path: PathBuf, source: io::Error },
    /// A file of the search's folder, or the search's own file, that cannot be understood.
    #[error("{}: {reason}", shown(path))]
    Content { path: PathBuf, reason: String },
    /// What is asked for is not possible; nothing was begun.
    #[error("{0}")]
    Refused(String),
    /// The work itself failed, as where sbatch refuses.
    #[error("{0}")]
    Failed(String),
    /// Another process supervises the search.
    #[error(
        "{id} is already supervised by {holder}; follow it with mien search {id} --watch, or stop it first with --stop"
    )]
    Supervised { id: String, holder: String },
    #[error("no search matches '{selector}': {known}")]
    NoSuchSearch { selector: String, known: String },
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Train(#[from] TrainError),
}

impl SearchError {
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Read { path, source }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Write { path, source }
    }

    pub(super) fn content(path: &Path, reason: impl std::fmt::Display) -> Self {
        let reason = crate::data::printable(&reason.to_string()).into_owned();
        Self::Content { path: path.to_path_buf(), reason }
    }

    /// `run` could not be begun for a reason that the next one will meet, too, as a full disk. That its own folder is
    /// damaged is none.
    pub(super) fn is_of_place(&self, run: &RunFolder) -> bool {
        let is_damage = |kind| matches!(kind, io::ErrorKind::NotADirectory | io::ErrorKind::NotFound);
        match self {
            Self::Run(RunError::Write { source, .. } | RunError::Read { source, .. }) => {
                !(is_damage(source.kind()) && run.path().symlink_metadata().is_ok())
            }
            Self::Run(RunError::Start { .. }) => true,
            _ => false,
        }
    }

    /// Nothing was begun, and the same again would fare no better.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused(_) | Self::NoSuchSearch { .. } | Self::Config(_) | Self::Content { .. } => true,
            Self::Read { source, .. } => source.kind() == io::ErrorKind::NotFound,
            _ => false,
        }
    }
}
