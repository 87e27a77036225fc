use super::shown::shown;
use std::io;
use std::path::PathBuf;

/// Why pictures could not be read, packed, imported or drawn. Every message is one sentence that names the
/// file and, where there is one, the cure; control characters in paths are replaced.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error(
        "{} holds no manifest.csv: make one with `mien data import SOURCE --out {}`, or draw a set with \
         `mien data synth --out {}`",
        shown(root),
        shown(root),
        shown(root)
    )]
    NoManifest { root: PathBuf },
    #[error("cannot read {}: {source}", shown(path))]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}: {source}", shown(path))]
    Write { path: PathBuf, source: io::Error },
    #[error(
        "no room for {} ({} are needed): free some space there, or move the data to another disk",
        shown(path), super::shown::bytes(*needed)
    )]
    NoRoom { path: PathBuf, needed: u64 },
    #[error("{}, line {line}: {reason}", shown(path))]
    Manifest { path: PathBuf, line: u64, reason: String },
    #[error("{}: {reason}", shown(path))]
    Picture { path: PathBuf, reason: String },
    #[error("{} {reason}", shown(path))]
    Source { path: PathBuf, reason: String },
    #[error("{} is not empty and {reason}: name a new folder with --out", shown(path))]
    Occupied { path: PathBuf, reason: String },
}

impl DataError {
    /// A failed write: a full disk (or quota) gets its own sentence, with what would have been needed.
    pub(super) fn write(path: impl Into<PathBuf>, needed: u64, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoRoom { path, needed },
            _ => Self::Write { path, source },
        }
    }
}
