//! Asking a trainer to stop, and removing what it left.

use super::{
    Machine, Presence, RunError, RunFolder, RunLock, SEARCHES, State, folder, observe, printable, sweep,
};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How a trainer was asked to stop. It finishes its step and writes a checkpoint before it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopRequest {
    /// Its process was sent SIGTERM.
    Signalled { pid: u32 },
    /// It is on another machine or in another container, or has not begun: a file in its folder asks it.
    Left,
}

/// Asks a run's trainer to stop, by a signal where the process is surely the run's and of this machine, else by a file
/// that the trainer looks for. Refused where nothing runs.
pub fn stop(folder: &RunFolder) -> Result<StopRequest, RunError> {
    let refused = |reason: String| RunError::State { id: printable(&folder.id()).into_owned(), reason };
    let seen = observe(folder);
    let status = match (seen.state, seen.status) {
        (State::Queued | State::Running, Some(status)) => status,
        (State::Unreadable, _) | (_, None) => {
            return Err(refused(format!("cannot be stopped: {}", seen.reason.unwrap_or_default())));
        }
        (state, _) => return Err(refused(format!("is not running, it is {state}"))),
    };
    // Under Slurm a signal alone means preemption; the file makes it the user's will.
    if status.job.is_some() {
        folder.request_stop()?;
    }
    if let Some(pid) = status.process.pid
        && signal(pid, || Machine::here().presence(&status.process) == Presence::Alive)
    {
        return Ok(StopRequest::Signalled { pid });
    }
    folder.request_stop()?;
    Ok(StopRequest::Left)
}

/// Sends SIGTERM to a process if `is_meant` still says so once the process is held by a descriptor, which its number
/// being reused cannot fool. `false` where nothing was sent, also where the process is someone else's.
fn signal(pid: u32, is_meant: impl Fn() -> bool) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(process) => is_meant() && pidfd_send_signal(&process, Signal::TERM).is_ok(),
        // Kernels before 5.3 have no such descriptors.
        Err(rustix::io::Errno::NOSYS) => is_meant() && kill_process(pid, Signal::TERM).is_ok(),
        Err(_) => false,
    }
}

/// Deletes a run's folder with everything in it. Refused while it is trained, and for a folder that is not surely a run's:
/// a link, one without a run's status or id, the folder of searches. Links inside are deleted, never followed.
pub fn remove(folder: &RunFolder) -> Result<(), RunError> {
    let path = real(folder.path())?;
    let id = folder.id();
    let refused = |reason: String| RunError::State { id: printable(&id).into_owned(), reason };
    let seen = observe(folder);
    if seen.state.is_active() {
        let stop = "; stop it first with mien runs stop";
        return Err(refused(format!("is {} and cannot be removed{stop}", seen.state)));
    }
    // A status that cannot be read is no proof of a run; an id that this program made is.
    let is_run = seen.status.is_some() || (folder::parts(&id).is_some() && folder.looks_like_a_run());
    if !is_run || id == SEARCHES {
        let reason = "neither its status nor its name is a run's; delete it yourself if that is meant";
        return Err(RunError::NotARun { path, reason: reason.into() });
    }
    // A trainer of a later version, or one whose status is torn, holds the lock all the same. Where no lock can be
    // had for another reason, as on a full disk, the status has said enough.
    let lock = match RunLock::acquire(folder) {
        Err(error @ RunError::Locked { .. }) => return Err(error),
        other => other.ok(),
    };
    if let Some(runs) = path.parent() {
        sweep::sweep(runs);
    }
    // Out of every list at once, also if deleting takes long or is cut off.
    let hidden = sweep::doomed(&path, &id);
    let doomed = if !hidden.exists() && fs::rename(&path, &hidden).is_ok() { hidden } else { path };
    let outcome = match fs::remove_dir_all(&doomed) {
        // Another process has swept it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(RunError::write(&doomed)),
    };
    drop(lock);
    outcome
}

/// The folder itself, with every link on the way to it resolved, so that nothing can be swapped under it later.
fn real(path: &Path) -> Result<PathBuf, RunError> {
    let kind = fs::symlink_metadata(path).map_err(RunError::read(path))?;
    if !kind.is_dir() {
        let reason = "it is a link or a file; remove what it points to by its own path, and the link with rm";
        return Err(RunError::NotARun { path: path.to_path_buf(), reason: reason.into() });
    }
    path.canonicalize().map_err(RunError::read(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::start::start_detached;
    use crate::run::tests::folder;
    use crate::run::{ProcessIdentity, Status};
    use std::time::Duration;

    const ID: &str = "20260101-000000-a-0001";

    /// The identity of another process of this machine.
    fn identity(pid: u32) -> ProcessIdentity {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let start = stat.rsplit(')').next().unwrap().split_whitespace().nth(19).unwrap().parse().unwrap();
        ProcessIdentity { pid: Some(pid), process_start: Some(start), ..ProcessIdentity::current() }
    }

    #[test]
    fn a_trainer_of_this_machine_gets_a_signal() {
        let (_keep, folder) = folder(ID);
        let script = "trap 'echo stopping; exit 0' TERM; echo ready; while :; do sleep 0.01; done";
        let child =
            start_detached(Path::new("/bin/sh"), &["-c".into(), script.into()], &folder.log()).unwrap();
        while !fs::read_to_string(folder.log()).unwrap().contains("ready") {
            std::thread::sleep(Duration::from_millis(2));
        }
        Status { process: identity(child.pid), ..Status::new(State::Running) }.write(&folder).unwrap();
        assert_eq!(stop(&folder).unwrap(), StopRequest::Signalled { pid: child.pid });
        assert!(child.ended_within(Duration::from_secs(60)).unwrap().success());
        assert!(fs::read_to_string(folder.log()).unwrap().contains("stopping"));
        assert!(!folder.stop_requested(), "or else a resumed run would stop at once");
        assert!(stop(&folder).unwrap_err().to_string().contains("is not running, it is lost"));
    }

    #[test]
    fn a_trainer_of_elsewhere_is_asked_by_a_file() {
        let (_keep, folder) = folder(ID);
        let process = ProcessIdentity {
            pid: Some(std::process::id()),
            host: Some("elsewhere".into()),
            ..ProcessIdentity::default()
        };
        Status { process, ..Status::new(State::Running) }.write(&folder).unwrap();
        // Were it sent a signal, this test would not survive.
        assert_eq!(stop(&folder).unwrap(), StopRequest::Left);
        assert!(folder.stop_requested());
    }

    #[test]
    fn a_slurm_job_is_told_that_it_is_not_preempted() {
        let (_keep, folder) = folder(ID);
        let child = start_detached(Path::new("/bin/sleep"), &["60".into()], &folder.log()).unwrap();
        let process = identity(child.pid);
        Status { process, job: Some("4_1".into()), ..Status::new(State::Running) }.write(&folder).unwrap();
        assert_eq!(stop(&folder).unwrap(), StopRequest::Signalled { pid: child.pid });
        assert!(folder.stop_requested());
        child.ended_within(Duration::from_secs(60)).unwrap();
    }

    #[test]
    fn a_process_that_only_has_the_number_gets_no_signal() {
        assert!(!signal(std::process::id(), || false));
        let (_keep, folder) = folder(ID);
        for state in [State::Finished, State::Stopped, State::Failed] {
            Status { process: ProcessIdentity::current(), ..Status::new(state) }.write(&folder).unwrap();
            assert!(stop(&folder).unwrap_err().to_string().contains(state.name()));
        }
    }

    #[test]
    fn an_ended_run_is_removed_whole_and_links_in_it_are_not_followed() {
        let (keep, folder) = folder(ID);
        let treasure = keep.path().join("treasure");
        fs::create_dir(&treasure).unwrap();
        fs::write(treasure.join("gold"), "").unwrap();
        Status::new(State::Finished).write(&folder).unwrap();
        fs::create_dir_all(folder.checkpoints().join("deep")).unwrap();
        std::os::unix::fs::symlink(&treasure, folder.checkpoints().join("link")).unwrap();
        std::os::unix::fs::symlink(&treasure, folder.path().join("scores")).unwrap();
        fs::create_dir(keep.path().join(".removed-20260101-000000-b-0002")).unwrap();
        remove(&folder).unwrap();
        assert!(treasure.join("gold").exists());
        assert_eq!(fs::read_dir(keep.path()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn a_run_that_is_trained_is_not_removed() {
        let (_keep, folder) = folder(ID);
        let running = Status { process: ProcessIdentity::current(), ..Status::new(State::Running) };
        running.write(&folder).unwrap();
        assert!(remove(&folder).unwrap_err().to_string().contains("stop it first"));
        // Nor one whose status says nothing, while its lock is held.
        fs::write(folder.status(), "{\"version\":9}").unwrap();
        let lock = RunLock::acquire(&folder).unwrap();
        assert!(remove(&folder).unwrap_err().to_string().contains("already being trained"));
        drop(lock);
        remove(&folder).unwrap();
    }

    #[test]
    fn what_is_not_a_run_is_not_removed() {
        let (keep, project) = folder("project");
        fs::write(project.config(), "name = \"not ours\"").unwrap();
        assert!(matches!(remove(&project), Err(RunError::NotARun { .. })));
        fs::write(project.status(), "{\"ok\":true}").unwrap();
        assert!(matches!(remove(&project), Err(RunError::NotARun { .. })));
        let (_keep, dated) = folder(ID);
        assert!(matches!(remove(&dated), Err(RunError::NotARun { .. })), "a dated but empty folder");
        let (_keep, run) = folder(ID);
        Status::new(State::Finished).write(&run).unwrap();
        let link = RunFolder::at(keep.path().join("20260101-000000-b-0002"));
        std::os::unix::fs::symlink(run.path(), link.path()).unwrap();
        assert!(matches!(remove(&link), Err(RunError::NotARun { .. })));
        let dotted = RunFolder::at(run.path().join(".."));
        assert!(remove(&dotted).is_err());
        for kept in [&project, &dated, &run, &link] {
            assert!(kept.path().exists());
        }
    }
}
