use crate::run::RunFolder;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often the run folder is looked at for a `stop` file; each look is a call to what may be a network disk.
const LOOK: Duration = Duration::from_secs(1);

/// Whether the trainer has been asked to stop: by TERM or Ctrl-C, or by a `stop` file in the run folder.
pub struct Stop {
    signalled: Arc<AtomicBool>,
    folder: RunFolder,
    looked: Instant,
    file_seen: bool,
}

impl Stop {
    /// From now on the first TERM, INT or HUP asks for a stop and is `heard`, on another thread; a second one ends the
    /// process at once, with the exit code shells know for it. A HUP that was to be ignored (`nohup`) still is.
    pub fn on_signals(folder: &RunFolder, heard: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let signalled = Arc::new(AtomicBool::new(false));
        let mut wanted = vec![SIGTERM, SIGINT];
        if !ignores_hang_up() {
            wanted.push(SIGHUP);
        }
        let mut signals = Signals::new(wanted)?;
        let raised = signalled.clone();
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in signals.forever() {
                if raised.swap(true, Ordering::Relaxed) {
                    std::process::exit(128 + signal);
                }
                heard();
            }
        })?;
        Ok(Self::when(signalled, folder))
    }

    /// Asked for by whoever raises `signalled`.
    pub fn when(signalled: Arc<AtomicBool>, folder: &RunFolder) -> Self {
        let file_seen = folder.stop_requested();
        Self { signalled, folder: folder.clone(), looked: Instant::now(), file_seen }
    }

    pub fn requested(&mut self) -> bool {
        if !self.file_seen && self.looked.elapsed() >= LOOK {
            self.looked = Instant::now();
            self.file_seen = self.folder.stop_requested();
        }
        self.file_seen || self.signalled.load(Ordering::Relaxed)
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
