//! A run's folder: status, metrics, log, notes; written, read, watched; its process started, stopped, resumed.
//!
//! The folder is the only thing between a trainer and a dashboard. What others may have put there is
//! data to be judged: nothing in it makes a reader panic, wait, or leave the folder.

mod clock;
mod error;
mod files;
mod folder;
mod list;
mod notes;
mod metrics;
mod observe;
mod printable;
mod process;
mod status;
mod watch;

pub use clock::unix_seconds;
pub use error::RunError;
pub use folder::{RunFolder, SEARCHES};
pub use list::{RunSummary, find, list};
pub use metrics::{MetricSplit, Metrics, MetricsReader, MetricsSlice, Series};
pub use notes::Notes;
pub use observe::{Observed, SILENCE_SECONDS, observe, observe_from};
pub use printable::printable;
pub use process::{Machine, Presence, ProcessIdentity};
pub use status::{STATUS_VERSION, State, Status};
pub use watch::{Change, RunsWatch};

#[cfg(test)]
mod tests {
    use super::RunFolder;

    /// An empty folder of a run called `id`, and what removes it at the end of a test.
    pub(super) fn folder(id: &str) -> (tempfile::TempDir, RunFolder) {
        let keep = tempfile::tempdir().unwrap();
        let path = keep.path().join(id);
        std::fs::create_dir(&path).unwrap();
        (keep, RunFolder::at(path))
    }
}
