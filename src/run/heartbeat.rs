use super::{ProcessIdentity, RunError, RunFolder, State, Status, printable, unix_seconds};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A sign of life goes out so often, also when nothing changes.
const BEAT: Duration = Duration::from_secs(5);
/// Changes are gathered for so long, since a trainer may have hundreds a second.
const PACE: Duration = Duration::from_secs(1);

/// Keeps a run's `status.json` while it is trained. It has a thread of its own, so that the heart beats while the
/// trainer is busy (tuning kernels blocks for minutes) and the trainer never waits for a disk.
#[derive(Debug)]
pub struct StatusWriter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    folder: RunFolder,
    kept: Mutex<Kept>,
    changed: Condvar,
    beat: Duration,
    pace: Duration,
}

#[derive(Debug)]
struct Kept {
    status: Status,
    /// Changed since it was written.
    dirty: bool,
    /// Changed in a way that people wait for.
    urgent: bool,
    ended: bool,
    written: Instant,
    failure: Option<String>,
    /// When this process took the run, and for how many seconds others had it before.
    taken: Instant,
    trained_before: f64,
}

impl Kept {
    /// Notes this moment as a sign of life.
    fn beat(&mut self) {
        self.status.heartbeat = unix_seconds();
        self.status.trained_seconds = Some(self.trained_before + self.taken.elapsed().as_secs_f64());
    }
}

impl StatusWriter {
    /// Writes `status` with this process as the run's, and keeps it from then on. Fails where the first write fails: a
    /// run that cannot say that it runs should not begin.
    pub fn start(folder: &RunFolder, status: Status) -> Result<Self, RunError> {
        Self::start_with(folder, status, BEAT, PACE)
    }

    fn start_with(
        folder: &RunFolder,
        mut status: Status,
        beat: Duration,
        pace: Duration,
    ) -> Result<Self, RunError> {
        status.process = ProcessIdentity::current();
        status.heartbeat = unix_seconds();
        let trained_before = status.trained_seconds.filter(|seconds| *seconds >= 0.0).unwrap_or_default();
        status.trained_seconds = Some(trained_before);
        status.write(folder)?;
        let kept = Kept {
            status,
            dirty: false,
            urgent: false,
            ended: false,
            written: Instant::now(),
            failure: None,
            taken: Instant::now(),
            trained_before,
        };
        let shared = Arc::new(Shared {
            folder: folder.clone(),
            kept: Mutex::new(kept),
            changed: Condvar::new(),
            beat,
            pace,
        });
        let beating = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("heartbeat".into())
            .spawn(move || beating.beat())
            .map_err(|error| RunError::State {
                id: folder.id(),
                reason: format!("cannot have a heartbeat: {error}"),
            })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Changes the status; it is written soon after, by the other thread. Cheap enough for every step.
    pub fn update(&self, change: impl FnOnce(&mut Status)) {
        let mut kept = self.shared.lock();
        let (state, epoch) = (kept.status.state, kept.status.epoch);
        change(&mut kept.status);
        kept.dirty = true;
        let news = kept.status.state != state || kept.status.epoch != epoch;
        if news && !kept.urgent {
            kept.urgent = true;
            self.shared.changed.notify_all();
        }
    }

    /// Why the status could not be written the last time, as on a full disk; `None` once it could again.
    pub fn failure(&self) -> Option<String> {
        self.shared.lock().failure.clone()
    }

    /// Writes the run's end, through to the disk, and stops the heart. `error` is for state `failed`.
    pub fn finish(mut self, state: State, error: Option<String>) -> Result<(), RunError> {
        self.stop();
        let mut kept = self.shared.lock();
        kept.beat();
        let mut status = kept.status.clone();
        drop(kept);
        status.state = state;
        status.error = error.map(|error| printable(&error.replace('\n', " ")).into_owned());
        status.eta_seconds = None;
        status.write_synced(&self.shared.folder)
    }

    fn stop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // It does not panic, and there is nothing to do if it did.
            let _ = thread.join();
        }
    }
}

/// Without [`StatusWriter::finish`] the state stays as it is, and readers see the run as lost when the process is gone.
impl Drop for StatusWriter {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    /// A closure of the trainer that panicked has left a status that is whole all the same.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn beat(&self) {
        let mut kept = self.lock();
        while !kept.ended {
            let wait = if kept.urgent {
                Duration::ZERO
            } else {
                // The pace is checked even when nothing has changed: changes that are not urgent wake nobody.
                let patience = if kept.dirty { self.pace } else { self.beat };
                patience.saturating_sub(kept.written.elapsed()).min(self.pace)
            };
            if !wait.is_zero() {
                let waited = self.changed.wait_timeout(kept, wait);
                kept = waited.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            kept.beat();
            kept.dirty = false;
            kept.urgent = false;
            kept.written = Instant::now();
            let status = kept.status.clone();
            drop(kept);
            // Not under the lock: a network disk may take its time.
            let outcome = status.write(&self.folder);
            kept = self.lock();
            kept.failure = outcome.err().map(|error| error.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::observe;
    use crate::run::tests::folder;

    const SOON: Duration = Duration::from_millis(10);
    const NEVER: Duration = Duration::from_secs(3600);

    /// Waits as long as it takes; a test that fails here hangs no longer than a minute.
    fn until(what: &str, holds: impl Fn() -> bool) {
        let begin = Instant::now();
        while !holds() {
            assert!(begin.elapsed() < Duration::from_secs(60), "{what}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn running() -> Status {
        Status::new(State::Running)
    }

    #[test]
    fn the_heart_beats_while_the_trainer_is_busy() {
        let (_keep, folder) = folder("a");
        let writer = StatusWriter::start_with(&folder, running(), SOON, SOON).unwrap();
        let first = Status::read(&folder).unwrap();
        assert_eq!(first.process, ProcessIdentity::current());
        until("a later heartbeat", || Status::read(&folder).unwrap().heartbeat > first.heartbeat);
        assert_eq!(observe(&folder).state, State::Running);
        drop(writer);
    }

    #[test]
    fn changes_are_written_by_the_pace_and_a_new_epoch_at_once() {
        let (_keep, folder) = folder("a");
        let writer = StatusWriter::start_with(&folder, running(), NEVER, NEVER).unwrap();
        writer.update(|status| status.step = 1);
        assert_eq!(Status::read(&folder).unwrap().step, 0);
        writer.update(|status| (status.step, status.epoch) = (2, 1));
        until("the new epoch", || Status::read(&folder).unwrap().step == 2);
        drop(writer);

        let writer = StatusWriter::start_with(&folder, running(), NEVER, SOON).unwrap();
        writer.update(|status| status.step = 9);
        until("the step", || Status::read(&folder).unwrap().step == 9);
    }

    #[test]
    fn the_end_is_written_last() {
        let (_keep, folder) = folder("a");
        let writer = StatusWriter::start_with(&folder, running(), SOON, SOON).unwrap();
        writer.update(|status| (status.step, status.eta_seconds) = (5, Some(3.0)));
        writer.finish(State::Failed, Some("out of\nmemory".into())).unwrap();
        let status = Status::read(&folder).unwrap();
        assert_eq!((status.state, status.step, status.eta_seconds), (State::Failed, 5, None));
        assert_eq!(status.error.as_deref(), Some("out of memory"));
        let seen = observe(&folder);
        assert_eq!((seen.state, seen.reason.as_deref()), (State::Failed, Some("out of memory")));
    }

    #[test]
    fn the_time_that_trainers_had_a_run_for_adds_up_over_resumes_and_waiting_does_not_count() {
        let (_keep, folder) = folder("a");
        let trained = || Status::read(&folder).unwrap().trained_seconds.unwrap();
        let writer = StatusWriter::start_with(&folder, running(), SOON, SOON).unwrap();
        until("time to pass", || trained() > 0.0);
        writer.finish(State::Stopped, None).unwrap();
        let first = trained();
        std::thread::sleep(SOON);
        let before = Status { trained_seconds: Some(3600.0 + first), ..Status::read(&folder).unwrap() };
        let writer = StatusWriter::start_with(&folder, before, NEVER, NEVER).unwrap();
        assert_eq!(trained(), 3600.0 + first);
        writer.finish(State::Finished, None).unwrap();
        assert!((3600.0 + first..3700.0).contains(&trained()), "{}", trained());
    }

    #[test]
    fn a_write_that_fails_is_reported_and_tried_again() {
        let (keep, folder) = folder("a");
        let writer = StatusWriter::start_with(&folder, running(), SOON, SOON).unwrap();
        let away = keep.path().join("away");
        std::fs::rename(folder.path(), &away).unwrap();
        until("the failure", || writer.failure().is_some_and(|failure| failure.contains("status.json")));
        std::fs::rename(&away, folder.path()).unwrap();
        until("the recovery", || writer.failure().is_none());
        std::fs::rename(folder.path(), &away).unwrap();
        assert!(writer.finish(State::Finished, None).is_err());
    }

    #[test]
    fn a_folder_that_cannot_be_written_refuses_the_start() {
        let (keep, folder) = folder("a");
        drop(keep);
        assert!(StatusWriter::start(&folder, running()).is_err());
    }
}
