use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often the run folder is looked at for a `stop` file; each look is a call to what may be a network disk.
const LOOK: Duration = Duration::from_secs(1);

/// Whether the trainer has been asked to stop: by TERM or Ctrl-C, or by a `stop` file in the run folder.
pub struct Stop {
    signalled: Arc<AtomicBool>,
    file: PathBuf,
    looked: Instant,
    file_seen: bool,
}

impl Stop {
    /// From now on the first TERM or INT asks for a stop, and a second one ends the process at once, with the
    /// exit code shells know for it.
    pub fn on_signals(file: &Path) -> std::io::Result<Self> {
        let signalled = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
            // Registered first, it runs first: on the first signal the flag is still down.
            signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, signalled.clone())?;
            signal_hook::flag::register(signal, signalled.clone())?;
        }
        Ok(Self::when(signalled, file))
    }

    /// Asked for by whoever raises `signalled`.
    pub fn when(signalled: Arc<AtomicBool>, file: &Path) -> Self {
        Self { signalled, file: file.to_path_buf(), looked: Instant::now(), file_seen: file.exists() }
    }

    pub fn requested(&mut self) -> bool {
        if !self.file_seen && self.looked.elapsed() >= LOOK {
            self.looked = Instant::now();
            self.file_seen = self.file.exists();
        }
        self.file_seen || self.signalled.load(Ordering::Relaxed)
    }

    /// Whether somebody cancelled by the file, rather than a scheduler by a signal.
    pub fn by_file(&self) -> bool {
        self.file_seen || self.file.exists()
    }
}
