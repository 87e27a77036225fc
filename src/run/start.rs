//! Starting trainers that outlive the terminal they were started from.

use super::{
    ProcessIdentity, RunError, RunFolder, RunLock, RunLog, State, Status, observe, printable, unix_seconds,
};
use crate::config::RunConfig;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// A process that goes on by itself.
#[derive(Debug)]
pub struct Detached {
    pub pid: u32,
    ended: Receiver<ExitStatus>,
}

impl Detached {
    /// Waits until the process ends, at most for `patience`; `None` where it lives on. For those who want to say at
    /// once that a start went wrong.
    pub fn ended_within(&self, patience: Duration) -> Option<ExitStatus> {
        self.ended.recv_timeout(patience).ok()
    }
}

/// Starts `program` in a session of its own, so that the end of the terminal or of the caller does not reach it. It
/// reads nothing, and what it says is added to the file `log`. When it ends before its caller, it leaves no zombie.
pub fn start_detached(program: &Path, args: &[OsString], log: &Path) -> Result<Detached, RunError> {
    start_and_then(program, args, &[], log, |_| {})
}

/// As [`start_detached`], with more in its environment; `afterwards` is called when it ends before its caller.
fn start_and_then(
    program: &Path,
    args: &[OsString],
    environment: &[(&str, String)],
    log: &Path,
    afterwards: impl FnOnce(ExitStatus) + Send + 'static,
) -> Result<Detached, RunError> {
    let fail = |source| RunError::Start { program: program.to_path_buf(), source };
    let log = RunLog::append_to(log)?.into_file();
    let errors = log.try_clone().map_err(fail)?;
    let mut command = Command::new(program);
    command.args(args).envs(environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(log).stderr(errors);
    // SAFETY: between fork and exec only what is safe in a signal handler may be done; setsid is one
    // system call that neither allocates nor takes a lock.
    unsafe {
        command.pre_exec(|| rustix::process::setsid().map(|_| ()).map_err(Into::into));
    }
    let mut child = command.spawn().map_err(fail)?;
    let pid = child.id();
    let (send, ended) = sync_channel(1);
    let reap = move || {
        if let Ok(status) = child.wait() {
            afterwards(status);
            // Nobody may be listening any more.
            let _ = send.send(status);
        }
    };
    // Without the thread the process still runs; it would only stay a zombie until the caller ends.
    let _ = std::thread::Builder::new().name("reaper".into()).spawn(reap);
    Ok(Detached { pid, ended })
}

/// This program, also when it was replaced by a newer one while it ran.
pub fn this_program() -> Result<PathBuf, RunError> {
    let path = std::env::current_exe()
        .map_err(|source| RunError::Start { program: PathBuf::from("mien"), source })?;
    let replaced = path.to_str().and_then(|path| path.strip_suffix(" (deleted)")).map(PathBuf::from);
    Ok(replaced.filter(|newer| newer.is_file()).unwrap_or(path))
}

/// Starts the trainer of a run that is queued: `program --runs DIR train --resume FOLDER`. A trainer that ends before it
/// began leaves the run `failed`, with a sentence.
pub fn spawn_trainer(program: &Path, folder: &RunFolder) -> Result<Detached, RunError> {
    spawn_trainer_with(program, folder, &[])
}

/// As [`spawn_trainer`], with more in the trainer's environment.
pub fn spawn_trainer_with(
    program: &Path,
    folder: &RunFolder,
    environment: &[(&str, String)],
) -> Result<Detached, RunError> {
    let path = std::path::absolute(folder.path()).unwrap_or_else(|_| folder.path().to_path_buf());
    let runs = path.parent().unwrap_or(&path).as_os_str().to_owned();
    let args = ["--runs".into(), runs, "train".into(), "--resume".into(), path.as_os_str().to_owned()];
    let started = folder.clone();
    start_and_then(program, &args, environment, &folder.log(), move |status| {
        fail_if_never_began(&started, status)
    })
}

fn fail_if_never_began(folder: &RunFolder, ended: ExitStatus) {
    // Another trainer has the run, and this one was refused.
    let Ok(_lock) = RunLock::acquire(folder) else { return };
    let Ok(status) = Status::read(folder) else { return };
    if status.state == State::Queued {
        let error = format!("the trainer ended before it began ({ended}); log.txt says more");
        // Whoever started it hears of the end in any case.
        let _ = Status { error: Some(error), state: State::Failed, ..status }.write(folder);
    }
}

/// Makes a run of `config` and starts its trainer with this program.
pub fn launch(runs: &Path, config: &RunConfig) -> Result<(RunFolder, Detached), RunError> {
    let program = this_program()?;
    let mut status = Status::new(State::Queued);
    status.epochs = Some(config.train.epochs as u64);
    status.arch = Some(config.model.arch.clone());
    let folder = RunFolder::create_with(runs, &config.name, &status, Some(config))?;
    match spawn_trainer(&program, &folder) {
        Ok(detached) => Ok((folder, detached)),
        Err(error) => {
            let failed = Status { state: State::Failed, error: Some(error.to_string()), ..status };
            // The error itself is what counts.
            let _ = failed.write(&folder);
            Err(error)
        }
    }
}

/// Starts a run's trainer again with this program, from its last checkpoint.
pub fn resume(folder: &RunFolder) -> Result<Detached, RunError> {
    prepare_resume(folder)?;
    spawn_trainer(&this_program()?, folder)
}

/// Makes a run ready to be trained on: as [`check_resumable`], then takes back a request to stop and sets the state to
/// `queued`.
pub fn prepare_resume(folder: &RunFolder) -> Result<(), RunError> {
    let status = check_resumable(folder)?;
    folder.clear_stop_request()?;
    let queued = Status {
        state: State::Queued,
        process: ProcessIdentity::default(),
        error: None,
        eta_seconds: None,
        images_per_second: None,
        heartbeat: unix_seconds(),
        ..status
    };
    queued.write(folder)
}

/// The status of a run that may be trained on. Refused are runs that are being trained, are finished, or cannot be
/// understood.
pub fn check_resumable(folder: &RunFolder) -> Result<Status, RunError> {
    let refused = |reason: String| Err(RunError::State { id: printable(&folder.id()).into_owned(), reason });
    let seen = observe(folder);
    let Some(status) = seen.status else {
        return refused(format!("cannot be resumed: {}", seen.reason.unwrap_or_default()));
    };
    match seen.state {
        State::Running => refused("is running already; follow it with mien runs log -f".into()),
        State::Finished => {
            refused("is finished: no step is left; train its config.toml for a new run".into())
        }
        _ => {
            // Its process may live although its status does not say so.
            drop(RunLock::acquire(folder)?);
            Ok(status)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Machine;
    use crate::run::tests::folder;
    use std::fs;

    const PATIENCE: Duration = Duration::from_secs(60);

    fn shell(script: &str, folder: &RunFolder) -> Detached {
        start_detached(Path::new("/bin/sh"), &["-c".into(), script.into()], &folder.log()).unwrap()
    }

    #[test]
    fn a_detached_process_has_its_own_session_no_input_and_writes_the_log() {
        let (_keep, folder) = folder("a");
        let script = "cut -d' ' -f1,6 /proc/$$/stat; read line || echo no input; echo oops >&2";
        let detached = shell(script, &folder);
        assert!(detached.ended_within(PATIENCE).unwrap().success());
        let log = fs::read_to_string(folder.log()).unwrap();
        assert_eq!(
            log,
            format!("{0} {0}\nno input\noops\n", detached.pid),
            "process and session are the same"
        );
    }

    #[test]
    fn a_detached_process_that_ends_leaves_no_zombie() {
        let (_keep, folder) = folder("a");
        let detached = shell("exit 3", &folder);
        assert_eq!(detached.ended_within(PATIENCE).unwrap().code(), Some(3));
        assert!(!Path::new(&format!("/proc/{}", detached.pid)).exists());
    }

    #[test]
    fn a_program_that_is_not_there_is_a_sentence() {
        let (_keep, folder) = folder("a");
        let error = start_detached(Path::new("/nowhere/mien"), &[], &folder.log()).unwrap_err().to_string();
        assert!(error.contains("cannot start /nowhere/mien"), "{error}");
    }

    /// A program in place of mien.
    fn program(folder: &RunFolder, script: &str) -> PathBuf {
        let path = folder.path().with_file_name("program");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn a_trainer_is_given_the_folder_of_runs_and_the_run() {
        let (keep, folder) = folder("a");
        Status::new(State::Queued).write(&folder).unwrap();
        let program = program(&folder, "echo \"$@\"");
        spawn_trainer(&program, &folder).unwrap().ended_within(PATIENCE).unwrap();
        let expected = format!("--runs {0} train --resume {0}/a\n", keep.path().display());
        assert_eq!(fs::read_to_string(folder.log()).unwrap(), expected);
    }

    #[test]
    fn a_trainer_that_never_began_leaves_the_run_failed() {
        let (_keep, folder) = folder("a");
        Status::new(State::Queued).write(&folder).unwrap();
        spawn_trainer(&program(&folder, "exit 7"), &folder).unwrap().ended_within(PATIENCE).unwrap();
        let seen = observe(&folder);
        assert_eq!(seen.state, State::Failed);
        assert!(seen.reason.unwrap().contains("exit status: 7"));
    }

    #[test]
    fn a_trainer_that_was_refused_because_of_another_leaves_the_run_to_it() {
        let (_keep, folder) = folder("a");
        Status::new(State::Queued).write(&folder).unwrap();
        let lock = RunLock::acquire(&folder).unwrap();
        spawn_trainer(&program(&folder, "exit 2"), &folder).unwrap().ended_within(PATIENCE).unwrap();
        assert_eq!(Status::read(&folder).unwrap().state, State::Queued);
        drop(lock);
    }

    #[test]
    fn a_trainer_gets_what_is_added_to_its_environment() {
        let (_keep, folder) = folder("a");
        Status::new(State::Queued).write(&folder).unwrap();
        let program = program(&folder, "echo threads $RAYON_NUM_THREADS");
        let trainer = spawn_trainer_with(&program, &folder, &[("RAYON_NUM_THREADS", "3".into())]).unwrap();
        trainer.ended_within(PATIENCE).unwrap();
        assert_eq!(fs::read_to_string(folder.log()).unwrap(), "threads 3\n");
    }

    #[test]
    fn only_a_run_with_steps_left_and_without_a_trainer_is_resumed() {
        let (_keep, folder) = folder("a");
        let refusal = || prepare_resume(&folder).unwrap_err().to_string();
        assert!(refusal().contains("status.json"));
        let running = Status { process: ProcessIdentity::current(), ..Status::new(State::Running) };
        running.write(&folder).unwrap();
        assert!(refusal().contains("a is running already"));
        Status::new(State::Finished).write(&folder).unwrap();
        assert!(refusal().contains("no step is left"));

        for state in [State::Stopped, State::Preempted, State::Failed] {
            let before = Status { step: 7, error: Some("x".into()), ..Status::new(state) };
            before.write(&folder).unwrap();
            folder.request_stop().unwrap();
            let lock = RunLock::acquire(&folder).unwrap();
            assert!(refusal().contains("already being trained"));
            drop(lock);
            prepare_resume(&folder).unwrap();
            let after = Status::read(&folder).unwrap();
            assert_eq!((after.state, after.step, after.error), (State::Queued, 7, None));
            assert!(!folder.stop_requested());
            assert_eq!(Machine::here().presence(&after.process), crate::run::Presence::Unknown);
        }
    }
}
