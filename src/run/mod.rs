//! A run's folder: status, metrics, log, notes; written, read, watched; its process started, stopped, resumed.
//!
//! The folder is the only thing between a trainer and a dashboard. What others may have put there is
//! data to be judged: nothing in it makes a reader panic, wait, or leave the folder.

mod append;
mod clock;
mod error;
mod find;
mod files;
mod folder;
mod heartbeat;
mod list;
mod lock;
mod log;
mod log_text;
mod notes;
mod metrics;
mod observe;
mod process;
mod start;
mod status;
mod stop;
mod sweep;
mod tensorboard;
mod trial;
mod watch;

pub use crate::data::printable;
pub use clock::{span, unix_seconds};
pub use error::RunError;
pub use find::find;
pub(crate) use folder::parts as id_parts;
pub use folder::{RunFolder, SEARCHES, keep_out_of_git, new_id};
pub use heartbeat::StatusWriter;
pub use list::{RunSummary, busy_devices, busy_devices_beside, list};
pub use lock::{Attempt, FileLock, RunLock};
pub use log::{LogReader, RunLog};
pub use log_text::{LogLine, LogPiece, LogTail};
pub use metrics::{
    MetricRow, MetricSplit, Metrics, MetricsReader, MetricsSlice, MetricsWriter, Series, latest,
};
pub use notes::Notes;
pub use observe::{Observed, SILENCE_SECONDS, observe, observe_from};
pub use process::{Machine, Presence, ProcessIdentity};
pub use start::{
    Detached, check_resumable, disown, launch, prepare_resume, resume, spawn_trainer, spawn_trainer_with,
    start_detached, this_program,
};
pub use status::{STATUS_VERSION, State, Status};
pub use stop::{StopRequest, remove, stop};
pub use trial::{Halving, Trial};
pub use watch::{Change, RunsWatch};

#[cfg(test)]
mod tests {
    use super::{RunFolder, State, Status};

    /// A new run in `runs`.
    pub(super) fn new_run(runs: &std::path::Path, name: &str) -> RunFolder {
        RunFolder::create_with(runs, name, &Status::new(State::Queued), None).unwrap()
    }

    /// An empty folder of a run called `id`, and what removes it at the end of a test.
    pub(super) fn folder(id: &str) -> (tempfile::TempDir, RunFolder) {
        let keep = tempfile::tempdir().unwrap();
        let path = keep.path().join(id);
        std::fs::create_dir(&path).unwrap();
        (keep, RunFolder::at(path))
    }
}
