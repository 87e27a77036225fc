use crate::data::shown;
use std::io;
use std::path::{Path, PathBuf};

/// Why a run's folder could not be read, written or acted on. Every message is one sentence for a person,
/// with the file and what to do; names from outside are already [`printable`](super::printable).
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("cannot read {}: {source}{}", shown(path), cure(source))]
    Read { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    #[error("cannot write {}: {source}{}", shown(path), cure(source))]
    Write { path: PathBuf, source: io::Error },
    #[error("{} is not readable: {reason}", shown(path))]
    Content { path: PathBuf, reason: String },
    #[error("{} is not the folder of a run: {reason}", shown(path))]
    NotARun { path: PathBuf, reason: String },
    /// A selector that no run answers to; `known` is a sentence on what exists.
    #[error("no run matches '{selector}': {known}")]
    NoSuchRun { selector: String, known: String },
    #[error("'{selector}' could be any of these runs; write more of the one meant: {candidates}")]
    Ambiguous { selector: String, candidates: String },
    #[error(
        "{id} is already being trained by {holder}; stop that one first (mien runs stop {id}) or follow it with mien runs log -f {id}"
    )]
    Locked { id: String, holder: String },
    /// The run's state does not allow what was asked; the sentence says what would.
    #[error("{id} {reason}")]
    State { id: String, reason: String },
    #[error("cannot start {}: {source}", shown(program))]
    Start { program: PathBuf, source: io::Error },
}

impl RunError {
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Read { path, source }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Write { path, source }
    }
}

/// What to do about the failures of a disk that people meet.
fn cure(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space (mien runs remove) and resume the run"
        }
        io::ErrorKind::ReadOnlyFilesystem => "; choose a folder that can be written with --runs DIR",
        io::ErrorKind::PermissionDenied => "; ask its owner, or choose another folder with --runs DIR",
        _ => "",
    }
}
