use super::list::folders;
use super::{RunError, RunFolder};
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What has become of one run since the poll before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A folder that was not there.
    Appeared(RunFolder),
    /// The state, the notes or the evaluation.
    Status(RunFolder),
    /// Rows were added to `metrics.jsonl`, or it was replaced.
    Metrics(RunFolder),
    Log(RunFolder),
    Vanished(RunFolder),
}

impl Change {
    pub fn folder(&self) -> &RunFolder {
        match self {
            Self::Appeared(folder)
            | Self::Status(folder)
            | Self::Metrics(folder)
            | Self::Log(folder)
            | Self::Vanished(folder) => folder,
        }
    }
}

/// Looks at a folder of runs again and again; whoever owns it calls [`poll`](Self::poll) every 500 ms or so. Polling, not
/// notification: it works the same on every file system, and notification is silent on NFS.
///
/// A process that dies changes no file: runs that are active are to be [observed](super::observe) again now and then.
#[derive(Debug)]
pub struct RunsWatch {
    runs: PathBuf,
    seen: HashMap<PathBuf, Seen>,
    polls: u64,
}

/// A run in which nothing has changed for so many polls is quiet: of its files only the status, which a trainer that
/// starts writes first, is looked at each time.
const QUIET_AFTER: u64 = 20;
/// The other files of a quiet run are looked at so often, in polls; a thousand finished runs cost little then.
const QUIET_INTERVAL: u64 = 8;

#[derive(Clone, Debug)]
struct Seen {
    stamps: Stamps,
    /// The poll that last saw a change.
    changed: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamps {
    status: [Option<Stamp>; 3],
    metrics: Option<Stamp>,
    log: Option<Stamp>,
}

/// A file's length, inode and time of change; a file that differs in none of them is taken to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    inode: u64,
    modified: (i64, i64),
}

impl RunsWatch {
    /// Everything there counts as new: the first poll reports each run as appeared.
    pub fn new(runs: &Path) -> Self {
        Self { runs: runs.to_path_buf(), seen: HashMap::new(), polls: 0 }
    }

    /// What changed since the poll before. Fails where the folder of runs is there but cannot be read.
    pub fn poll(&mut self) -> Result<Vec<Change>, RunError> {
        let mut changes = Vec::new();
        let mut before = std::mem::take(&mut self.seen);
        let folders = match folders(&self.runs) {
            Ok(folders) => folders,
            Err(error) => {
                self.seen = before;
                return Err(error);
            }
        };
        self.polls += 1;
        for (position, folder) in folders.into_iter().enumerate() {
            let seen = match before.remove(folder.path()) {
                None => {
                    let stamps = Stamps::of(&folder, Stamp::of(&folder.status()));
                    changes.push(Change::Appeared(folder.clone()));
                    Seen { stamps, changed: self.polls }
                }
                Some(seen) => {
                    // Spread over the polls, so that no poll is longer than the others.
                    let is_turn = (self.polls + position as u64).is_multiple_of(QUIET_INTERVAL);
                    let quiet = self.polls - seen.changed > QUIET_AFTER && !is_turn;
                    self.compare(&folder, seen, quiet, &mut changes)
                }
            };
            self.seen.insert(folder.path().to_path_buf(), seen);
        }
        changes.extend(before.into_keys().map(|path| Change::Vanished(RunFolder::at(path))));
        Ok(changes)
    }

    fn compare(&self, folder: &RunFolder, then: Seen, quiet: bool, changes: &mut Vec<Change>) -> Seen {
        let status = Stamp::of(&folder.status());
        if quiet && status == then.stamps.status[0] {
            return then;
        }
        let now = Stamps::of(folder, status);
        if then.stamps == now {
            return then;
        }
        if then.stamps.status != now.status {
            changes.push(Change::Status(folder.clone()));
        }
        if then.stamps.metrics != now.metrics {
            changes.push(Change::Metrics(folder.clone()));
        }
        if then.stamps.log != now.log {
            changes.push(Change::Log(folder.clone()));
        }
        Seen { stamps: now, changed: self.polls }
    }
}

impl Stamps {
    fn of(folder: &RunFolder, status: Option<Stamp>) -> Self {
        Self {
            status: [status, Stamp::of(&folder.notes()), Stamp::of(&folder.evaluation())],
            metrics: Stamp::of(&folder.metrics()),
            log: Stamp::of(&folder.log()),
        }
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            length: metadata.len(),
            inode: metadata.ino(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Notes, State, Status};
    use std::io::Write;

    #[test]
    fn each_change_is_told_once() {
        let runs = tempfile::tempdir().unwrap();
        let folder = crate::run::tests::new_run(runs.path(), "a");
        let mut watch = RunsWatch::new(runs.path());
        assert_eq!(watch.poll().unwrap(), [Change::Appeared(folder.clone())]);
        assert_eq!(watch.poll().unwrap(), []);

        Status::new(State::Running).write(&folder).unwrap();
        assert_eq!(watch.poll().unwrap(), [Change::Status(folder.clone())]);
        Notes::default().write(&folder).unwrap();
        assert_eq!(watch.poll().unwrap(), [Change::Status(folder.clone())]);

        std::fs::write(folder.metrics(), "a\n").unwrap();
        assert_eq!(watch.poll().unwrap(), [Change::Metrics(folder.clone())]);
        let mut metrics = std::fs::OpenOptions::new().append(true).open(folder.metrics()).unwrap();
        metrics.write_all(b"b\n").unwrap();
        std::fs::write(folder.log(), "said").unwrap();
        assert_eq!(watch.poll().unwrap(), [Change::Metrics(folder.clone()), Change::Log(folder.clone())]);
        assert_eq!(watch.poll().unwrap(), []);

        std::fs::remove_dir_all(folder.path()).unwrap();
        assert_eq!(watch.poll().unwrap(), [Change::Vanished(folder)]);
    }

    #[test]
    fn a_quiet_runs_status_is_told_at_once_and_its_metrics_soon() {
        let runs = tempfile::tempdir().unwrap();
        let folder = crate::run::tests::new_run(runs.path(), "a");
        let mut watch = RunsWatch::new(runs.path());
        for _ in 0..QUIET_AFTER * 2 {
            watch.poll().unwrap();
        }
        std::fs::write(folder.metrics(), "a\n").unwrap();
        let told: Vec<_> = (0..QUIET_INTERVAL).flat_map(|_| watch.poll().unwrap()).collect();
        assert_eq!(told, [Change::Metrics(folder.clone())]);
        for _ in 0..QUIET_AFTER * 2 {
            watch.poll().unwrap();
        }
        Status::new(State::Running).write(&folder).unwrap();
        std::fs::write(folder.metrics(), "a\nb\n").unwrap();
        assert_eq!(watch.poll().unwrap(), [Change::Status(folder.clone()), Change::Metrics(folder)]);
    }

    #[test]
    fn a_folder_of_runs_that_appears_later_is_seen_then() {
        let keep = tempfile::tempdir().unwrap();
        let runs = keep.path().join("runs");
        let mut watch = RunsWatch::new(&runs);
        assert_eq!(watch.poll().unwrap(), []);
        crate::run::tests::new_run(&runs, "a");
        assert_eq!(watch.poll().unwrap().len(), 1);
    }
}
