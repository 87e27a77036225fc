use super::{Machine, RunError, RunFolder, State, observe, printable};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The right to train a run: held by one process at a time, given back when it ends, however it ends.
#[derive(Debug)]
pub struct RunLock {
    _file: FileLock,
}

impl RunLock {
    /// Takes the run. Refused at once where another process holds it; the error names that process.
    pub fn acquire(folder: &RunFolder) -> Result<Self, RunError> {
        let trained = || {
            let seen = observe(folder);
            let process = seen.status.map(|status| status.process).unwrap_or_default();
            let is_other = seen.state == State::Running && process.pid != Some(std::process::id());
            is_other.then(|| process.to_string())
        };
        match FileLock::acquire(&folder.lock(), trained)? {
            Attempt::Acquired(file) => Ok(Self { _file: file }),
            Attempt::Held(holder) => Err(locked(folder, holder)),
            Attempt::Removed => Err(RunError::State { id: folder.id(), reason: "is being removed".into() }),
        }
    }
}

/// A file that one process at a time holds, until it ends.
#[derive(Debug)]
pub struct FileLock {
    /// Kept open: the end of the process closes it and gives the lock back.
    file: File,
}

/// What came of taking a [`FileLock`].
#[derive(Debug)]
pub enum Attempt {
    Acquired(FileLock),
    /// Who holds it, in words.
    Held(String),
    /// The file's folder was removed meanwhile: the lock would be on nothing.
    Removed,
}

impl FileLock {
    /// Takes the lock without waiting. Some network file systems have no locks: there `held` is asked, which names the
    /// process that says it holds what the lock stands for.
    pub fn acquire(path: &Path, held: impl Fn() -> Option<String>) -> Result<Attempt, RunError> {
        let mut file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(path)
            .map_err(RunError::write(path))?;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) => return Ok(Attempt::Held(holder(&mut file))),
                Err(Errno::NOLCK | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => match held() {
                    Some(holder) => return Ok(Attempt::Held(holder)),
                    None => break,
                },
                Err(error) => return Err(RunError::write(path)(error.into())),
            }
        }
        // The folder may have been removed between opening and locking.
        let inode = |metadata: std::fs::Metadata| metadata.ino();
        let (ours, there) = (file.metadata().map(inode), std::fs::metadata(path).map(inode));
        if !matches!((ours, there), (Ok(ours), Ok(there)) if ours == there) {
            return Ok(Attempt::Removed);
        }
        // Only for the sentence that the next one sees: where it cannot be written, the lock holds all the same.
        let host = Machine::here().host.unwrap_or_else(|| "this machine".into());
        let _ = file
            .set_len(0)
            .and_then(|()| file.write_all(format!("process {} on {host}\n", std::process::id()).as_bytes()));
        Ok(Attempt::Acquired(Self { file }))
    }
}

/// By its name and not by closing the file alone: a process being started on another thread holds a copy of it for
/// a moment, and with it the lock.
impl Drop for FileLock {
    fn drop(&mut self) {
        // A file system without locks has none to give back.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

fn locked(folder: &RunFolder, holder: String) -> RunError {
    RunError::Locked { id: printable(&folder.id()).into_owned(), holder: printable(&holder).into_owned() }
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.take(200).read_to_string(&mut text);
    match text.trim() {
        said if read.is_ok() && !said.is_empty() => said.to_string(),
        _ => "another process".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::folder;

    #[test]
    fn a_second_trainer_is_refused_by_a_sentence_that_names_the_first() {
        let (_keep, folder) = folder("20260101-000000-a-0001");
        let lock = RunLock::acquire(&folder).unwrap();
        let error = RunLock::acquire(&folder).unwrap_err().to_string();
        assert!(error.contains("20260101-000000-a-0001 is already being trained by process "), "{error}");
        assert!(error.contains(&std::process::id().to_string()), "{error}");
        assert!(error.contains("mien runs stop"), "{error}");
        drop(lock);
        RunLock::acquire(&folder).unwrap();
    }

    #[test]
    fn a_holder_that_left_nothing_readable_is_another_process() {
        let (_keep, folder) = folder("a");
        let lock = RunLock::acquire(&folder).unwrap();
        std::fs::write(folder.lock(), b"\xff\x1b").unwrap();
        let error = RunLock::acquire(&folder).unwrap_err().to_string();
        assert!(error.contains("another process"), "{error}");
        drop(lock);
    }

    #[test]
    fn a_folder_that_is_gone_is_a_sentence() {
        let (keep, folder) = folder("a");
        drop(keep);
        let error = RunLock::acquire(&folder).unwrap_err().to_string();
        assert!(error.contains("trainer.lock"), "{error}");
    }
}
