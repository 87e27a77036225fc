use super::super::{Record, SearchError, SearchFolder};
use crate::data::printable;
use crate::run::unix_seconds;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A sign of life goes out so often, also when nothing changes.
const BEAT: Duration = Duration::from_secs(30);

/// Keeps a search's `state.json` while it is supervised. The heartbeat has a thread of its own: a scheduler's command may
/// take minutes.
#[derive(Debug)]
pub(super) struct Keeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    folder: SearchFolder,
    kept: Mutex<Kept>,
    changed: Condvar,
    beat: Duration,
}

#[derive(Debug)]
struct Kept {
    record: Record,
    /// It could not be written yet, as on a full disk.
    owed: bool,
    ended: bool,
}

impl Keeper {
    /// Writes `record`, which names this process, and keeps it from then on. A search that cannot say that it is
    /// supervised does not begin.
    pub(super) fn start(folder: &SearchFolder, record: &Record) -> Result<Self, SearchError> {
        Self::start_with(folder, record, BEAT)
    }

    fn start_with(folder: &SearchFolder, record: &Record, beat: Duration) -> Result<Self, SearchError> {
        let record = Record { heartbeat: unix_seconds(), ..record.clone() };
        record.write(folder)?;
        let kept = Mutex::new(Kept { record, owed: false, ended: false });
        let shared = Arc::new(Shared { folder: folder.clone(), kept, changed: Condvar::new(), beat });
        let beating = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("heartbeat".into()).spawn(move || beating.beat());
        let thread = thread
            .map_err(|error| SearchError::Failed(format!("the search cannot have a heartbeat: {error}")))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Writes the record where it has changed. What a disk does not take now is tried again at the next call and with
    /// each heartbeat.
    ///
    /// # Errors
    /// Where the search is no longer this process's: its folder is gone, or another process supervises it.
    pub(super) fn put(&self, record: &Record) -> Result<(), SearchError> {
        let mut kept = self.shared.lock();
        let record = Record { heartbeat: kept.record.heartbeat, ..record.clone() };
        if !kept.owed && kept.record == record {
            return Ok(());
        }
        kept.record = record;
        kept.write(&self.shared.folder)
    }

    /// Writes the record as it shall stay, and stops the heart.
    pub(super) fn end(mut self, record: &Record) -> Result<(), SearchError> {
        self.stop();
        let mut kept = self.shared.lock();
        kept.record = record.clone();
        kept.write(&self.shared.folder)?;
        if kept.owed { kept.record.write(&self.shared.folder) } else { Ok(()) }
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

/// Without [`Keeper::end`] the state stays as it is, and readers see the search as lost when the process is gone.
impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn beat(&self) {
        let mut kept = self.lock();
        let mut beaten = Instant::now();
        while !kept.ended {
            let left = self.beat.saturating_sub(beaten.elapsed());
            if left.is_zero() {
                // The supervisor hears of it when it writes itself.
                kept.owed |= kept.write(&self.folder).is_err();
                beaten = Instant::now();
            } else {
                kept = self.changed.wait_timeout(kept, left).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }
}

impl Kept {
    fn write(&mut self, folder: &SearchFolder) -> Result<(), SearchError> {
        // Where a disk has no locks, the record is what tells two supervisors of each other.
        let there = Record::read(folder).ok().map(|there| there.process);
        if let Some(other) = there.filter(|there| there.pid.is_some() && *there != self.record.process) {
            let (id, holder) = (folder.id(), other.to_string());
            return Err(SearchError::Supervised {
                id: printable(&id).into_owned(),
                holder: printable(&holder).into_owned(),
            });
        }
        self.record.heartbeat = unix_seconds();
        self.owed = match self.record.write(folder) {
            Ok(()) => false,
            Err(SearchError::Write { path, source }) if source.kind() == io::ErrorKind::NotFound => {
                return Err(SearchError::Write { path, source });
            }
            Err(_) => true,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::ProcessIdentity;
    use crate::search::SearchState;
    use crate::search::folder::tests::search_folder;

    fn ours(folder: &SearchFolder) -> Record {
        let process = ProcessIdentity::current();
        Record { state: SearchState::Running, process, ..Record::read(folder).unwrap() }
    }

    #[test]
    fn the_heart_beats_while_nothing_changes_and_stops_with_the_end() {
        let (_keep, folder) = search_folder("a");
        let keeper = Keeper::start_with(&folder, &ours(&folder), Duration::from_millis(5)).unwrap();
        let first = Record::read(&folder).unwrap().heartbeat;
        let begin = Instant::now();
        while Record::read(&folder).unwrap().heartbeat == first {
            assert!(begin.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(5));
        }
        keeper.end(&Record { state: SearchState::Finished, ..ours(&folder) }).unwrap();
        assert_eq!(Record::read(&folder).unwrap().state, SearchState::Finished);
    }

    #[test]
    fn a_record_is_written_only_when_it_changed() {
        let (_keep, folder) = search_folder("a");
        let record = ours(&folder);
        let keeper = Keeper::start(&folder, &record).unwrap();
        let before = std::fs::read(folder.record()).unwrap();
        keeper.put(&record).unwrap();
        assert_eq!(std::fs::read(folder.record()).unwrap(), before);
        keeper.put(&Record { retried: [(1, 1)].into(), ..record }).unwrap();
        assert_eq!(Record::read(&folder).unwrap().retried, [(1, 1)].into());
    }

    #[test]
    fn a_supervisor_gives_way_where_another_has_put_its_name_into_the_record() {
        let (_keep, folder) = search_folder("a");
        let record = ours(&folder);
        let keeper = Keeper::start(&folder, &record).unwrap();
        let other = ProcessIdentity { pid: Some(7), ..ProcessIdentity::current() };
        let theirs = Record { process: other, ..record.clone() };
        theirs.write(&folder).unwrap();
        let error = keeper.put(&Record { throttle: Some(1), ..record }).unwrap_err().to_string();
        assert!(error.contains("process 7"), "{error}");
        assert_eq!(Record::read(&folder).unwrap(), theirs);
    }

    #[test]
    fn a_search_whose_folder_is_gone_ends() {
        let (_keep, folder) = search_folder("a");
        let record = ours(&folder);
        let keeper = Keeper::start(&folder, &record).unwrap();
        std::fs::remove_dir_all(folder.path()).unwrap();
        assert!(keeper.put(&Record { throttle: Some(1), ..record }).is_err());
        assert!(!folder.path().exists());
    }
}
