//! The line to the terminal. A thread of its own writes to it, so that a terminal that does not read for a while (a
//! stopped ssh, a connection that hangs) makes nothing wait but the next frame.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::Notify;

/// Whoever writes here does not wait; what was written arrives in order. Nothing is ever dropped, so a frame is
/// drawn only when [`Line::is_free`]: then what is on its way is never more than one frame.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    sender: Sender<Vec<u8>>,
    way: Arc<Way>,
}

/// What is on its way to the terminal.
#[derive(Debug, Default)]
struct Way {
    load: Mutex<Load>,
    /// Told to those who wait without the loop, and to the loop.
    arrived: Condvar,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Load {
    pieces: usize,
    /// The terminal is gone, or cannot be written to.
    failure: Option<io::Error>,
}

impl Line {
    pub(crate) fn new(writer: impl Write + Send + 'static) -> Self {
        let (sender, pieces) = channel();
        let way = Arc::new(Way::default());
        let writing = Arc::clone(&way);
        thread::spawn(move || write(&pieces, writer, &writing));
        Self { sender, way }
    }

    /// Whether all that was written has been taken by the terminal.
    pub(crate) fn is_free(&self) -> bool {
        let load = self.way.load();
        load.pieces == 0 && load.failure.is_none()
    }

    /// Waits until [`Line::is_free`]. Fails where the terminal cannot be written to.
    pub(crate) async fn free(&self) -> io::Result<()> {
        loop {
            {
                let mut load = self.way.load();
                if let Some(failure) = load.failure.take() {
                    return Err(failure);
                }
                if load.pieces == 0 {
                    return Ok(());
                }
            }
            // A change between the look and the wait is remembered by it.
            self.way.changed.notified().await;
        }
    }

    /// As [`Line::free`] outside of the loop, for at most so long; a terminal that cannot be written to is not waited
    /// for.
    pub(crate) fn settle(&self, longest: Duration) {
        let on_its_way = |load: &mut Load| load.pieces > 0 && load.failure.is_none();
        drop(self.way.arrived.wait_timeout_while(self.way.load(), longest, on_its_way));
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut load = self.way.load();
        if let Some(failure) = load.failure.take() {
            return Err(failure);
        }
        load.pieces += 1;
        drop(load);
        // The thread lives as long as there is a sender.
        self.sender.send(bytes.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Way {
    fn load(&self) -> MutexGuard<'_, Load> {
        // Two plain values, right whenever the lock is free.
        self.load.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(pieces: &Receiver<Vec<u8>>, mut writer: impl Write, way: &Way) {
    for piece in pieces {
        let written = writer.write_all(&piece).and_then(|()| writer.flush());
        let mut load = way.load();
        load.pieces -= 1;
        if let Err(failure) = written {
            load.failure = Some(failure);
        }
        drop(load);
        way.arrived.notify_all();
        way.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::SyncSender;

    /// A terminal that takes a piece when the other end does.
    struct Slow(SyncSender<Vec<u8>>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (Line, Receiver<Vec<u8>>) {
        let (terminal, taken) = std::sync::mpsc::sync_channel(0);
        (Line::new(Slow(terminal)), taken)
    }

    #[tokio::test]
    async fn a_terminal_that_does_not_read_makes_nobody_wait_and_gets_all_in_order() {
        let (mut line, taken) = slow();
        assert!(line.is_free());
        line.write_all(b"one").unwrap();
        line.write_all(b"two").unwrap();
        line.settle(Duration::from_millis(1));
        assert!(!line.is_free());
        let reader = thread::spawn(move || [taken.recv().unwrap(), taken.recv().unwrap()].concat());
        line.free().await.unwrap();
        assert!(line.is_free());
        assert_eq!(reader.join().unwrap(), b"onetwo");
    }

    #[tokio::test]
    async fn a_terminal_that_is_gone_is_told_once_it_is_written_to() {
        let (mut line, taken) = slow();
        drop(taken);
        line.write_all(b"one").unwrap();
        line.settle(Duration::from_secs(60));
        assert!(!line.is_free());
        assert_eq!(line.free().await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
