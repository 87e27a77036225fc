use super::job::Job;
use crate::run::RunFolder;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR2};
use signal_hook::iterator::Signals;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often the run folder is looked at for a `stop` file; each look is a call to what may be a network disk.
const LOOK: Duration = Duration::from_secs(1);

/// Whether the trainer has been asked to stop: by TERM or Ctrl-C, by USR2, which says that the time limit of its job is
/// near, or by a `stop` file in the run folder.
pub struct Stop {
    signalled: Arc<AtomicBool>,
    time_is_over: Arc<AtomicBool>,
    folder: RunFolder,
    looked: Instant,
    file_seen: bool,
}

impl Stop {
    /// From now on the first TERM, INT, HUP or USR2 asks for a stop and is `heard`, on another thread; a second one ends the
    /// process at once, with the exit code shells know for it. A HUP that was to be ignored (`nohup`) still is.
    ///
    /// Under Slurm further TERM and USR2 change nothing: Slurm itself sends TERM after USR2, and KILL when its patience ends.
    pub fn on_signals(folder: &RunFolder, heard: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let stop = Self::when(Arc::new(AtomicBool::new(false)), folder);
        let mut wanted = vec![SIGTERM, SIGINT, SIGUSR2];
        if !ignores_hang_up() {
            wanted.push(SIGHUP);
        }
        let mut signals = Signals::new(wanted)?;
        let is_job = Job::here().is_some();
        let raised = stop.signalled.clone();
        let time_is_over = stop.time_is_over.clone();
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in signals.forever() {
                if signal == SIGUSR2 {
                    time_is_over.store(true, Ordering::Relaxed);
                }
                let is_first = !raised.swap(true, Ordering::Relaxed);
                let is_slurms = is_job && [SIGTERM, SIGUSR2].contains(&signal);
                match is_first {
                    true => heard(),
                    false if is_slurms => {}
                    false => std::process::exit(128 + signal),
                }
            }
        })?;
        Ok(stop)
    }

    /// Asked for by whoever raises `signalled`.
    pub fn when(signalled: Arc<AtomicBool>, folder: &RunFolder) -> Self {
        let file_seen = folder.stop_requested();
        let time_is_over = Arc::new(AtomicBool::new(false));
        Self { signalled, time_is_over, folder: folder.clone(), looked: Instant::now(), file_seen }
    }

    pub fn requested(&mut self) -> bool {
        if !self.file_seen && self.looked.elapsed() >= LOOK {
            self.looked = Instant::now();
            self.file_seen = self.folder.stop_requested();
        }
        self.file_seen || self.signalled.load(Ordering::Relaxed)
    }

    /// Whether it was told by USR2 that its time is over.
    pub fn at_time_limit(&self) -> bool {
        self.time_is_over.load(Ordering::Relaxed)
    }

    /// Whether somebody cancelled by the file, rather than a scheduler by a signal.
    pub fn by_file(&self) -> bool {
        self.file_seen || self.folder.stop_requested()
    }
}

/// Whether this process was started with HUP ignored.
fn ignores_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 != 0)
}
