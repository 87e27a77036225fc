//! One supervisor for a search.

use super::super::{Record, SearchError, SearchFolder};
use crate::data::printable;
use crate::run::{Attempt, FileLock, Machine};
use std::fs;
use std::path::PathBuf;

/// The right to supervise a search: held by one process at a time, given back when it ends, however it ends.
#[derive(Debug)]
pub(in crate::search) struct SupervisorLock {
    _file: FileLock,
    pid: PathBuf,
}

impl SupervisorLock {
    /// Takes the search. Refused at once where another process has it.
    pub(in crate::search) fn take(folder: &SearchFolder) -> Result<Self, SearchError> {
        let supervised = |holder: String| {
            let id = printable(&folder.id()).into_owned();
            SearchError::Supervised { id, holder: printable(&holder).into_owned() }
        };
        let file = match FileLock::acquire(&folder.lock(), || sign_of_life(folder, |_| true))? {
            Attempt::Acquired(file) => file,
            Attempt::Held(holder) => return Err(supervised(holder)),
            Attempt::Removed => {
                let id = printable(&folder.id()).into_owned();
                return Err(SearchError::Refused(format!("{id} is being removed")));
            }
        };
        // Locks of some network disks are known on their own machine alone.
        let here = Machine::here().host;
        if let Some(holder) = sign_of_life(folder, |record| record.process.host != here) {
            return Err(supervised(holder));
        }
        let pid = folder.supervisor_pid();
        // For people alone.
        let _ = fs::write(&pid, format!("{}\n", std::process::id()));
        Ok(Self { _file: file, pid })
    }
}

impl Drop for SupervisorLock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.pid);
    }
}

/// The process that says in the search's record that it supervises it, where it is another one, is not known to be gone
/// and has been heard of lately.
fn sign_of_life(folder: &SearchFolder, counts: impl Fn(&Record) -> bool) -> Option<String> {
    let record = Record::read(folder).ok()?;
    let is_other = record.process.pid.is_some_and(|pid| pid != std::process::id());
    (is_other && record.observed_state().is_active() && counts(&record)).then(|| record.process.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{ProcessIdentity, unix_seconds};
    use crate::search::SearchState;
    use crate::search::folder::tests::search_folder;

    #[test]
    fn a_second_supervisor_is_refused_by_a_sentence_that_names_the_first() {
        let (_keep, folder) = search_folder("a");
        let lock = SupervisorLock::take(&folder).unwrap();
        let own = format!("{}\n", std::process::id());
        assert_eq!(fs::read_to_string(folder.supervisor_pid()).unwrap(), own);
        let error = SupervisorLock::take(&folder).unwrap_err();
        assert!(!error.is_refusal(), "exit code 1");
        let error = error.to_string();
        assert!(
            error.contains(&folder.id()) && error.contains(own.trim()) && error.contains("--watch"),
            "{error}"
        );
        drop(lock);
        assert!(!folder.supervisor_pid().exists());
        SupervisorLock::take(&folder).unwrap();
    }

    #[test]
    fn a_supervisor_of_another_machine_counts_while_its_heart_beats() {
        let (_keep, folder) = search_folder("a");
        let elsewhere =
            ProcessIdentity { pid: Some(7), host: Some("gpu-9".into()), ..ProcessIdentity::default() };
        let record =
            Record { state: SearchState::Running, process: elsewhere, ..Record::read(&folder).unwrap() };
        record.write(&folder).unwrap();
        assert!(SupervisorLock::take(&folder).unwrap_err().to_string().contains("gpu-9"));
        Record { heartbeat: unix_seconds() - 1000.0, ..record }.write(&folder).unwrap();
        SupervisorLock::take(&folder).unwrap();
    }
}
