//! The terminal is the shell's: it is borrowed whole, and given back as it was on every way out.

use super::line::Line;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Alternate screen, no cursor, no bracketed paste.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?2004l";
/// Clicks and the wheel, with places beyond column 223. Not every move: a selection with Shift stays the terminal's.
const MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1006h";
/// An open synchronized update is closed first, or nothing of the rest would be seen.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[?1006l\x1b[?1000l\x1b[0m\x1b[?25h\x1b[?1049l";
/// A terminal that does not read is waited for so long when it is given back: what is on its way may be just slow.
const MOMENT: Duration = Duration::from_secs(2);

/// Holds the terminal in raw mode on its alternate screen until it is dropped.
#[derive(Debug)]
pub(crate) struct Terminal {
    borrowed: Arc<AtomicBool>,
    line: Line,
    mouse: bool,
}

impl Terminal {
    /// Borrows the terminal at the end of `line`, and with `mouse` its mouse. A panic of this thread gives it back before
    /// its message is printed; that of another thread is told to `problem` instead, so that it does not tear the screen.
    pub(crate) fn borrow(
        line: Line,
        mouse: bool,
        problem: impl Fn(String) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let terminal = Self { borrowed: Arc::new(AtomicBool::new(false)), line, mouse };
        let (borrowed, line) = (Arc::clone(&terminal.borrowed), terminal.line.clone());
        let owner = thread::current().id();
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if thread::current().id() == owner || !borrowed.load(Ordering::SeqCst) {
                give_back(&borrowed, &line);
                previous(panic);
            } else {
                problem(format!("part of the dashboard failed: {panic}"));
            }
        }));
        terminal.take()?;
        Ok(terminal)
    }

    /// Takes the terminal (again).
    pub(crate) fn take(&self) -> io::Result<()> {
        // What the shell set in between would be taken for our own by a second `enable`.
        let _ = crossterm::terminal::disable_raw_mode();
        crossterm::terminal::enable_raw_mode()?;
        self.borrowed.store(true, Ordering::SeqCst);
        let enter = if self.mouse { [ENTER, MOUSE].concat() } else { ENTER.to_vec() };
        self.line.clone().write_all(&enter)
    }

    /// Gives the terminal back for a while.
    pub(crate) fn release(&self) {
        give_back(&self.borrowed, &self.line);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back(&self.borrowed, &self.line);
        // Back to the hook that prints; ours has nothing to give back any more.
        if !thread::panicking() {
            drop(std::panic::take_hook());
        }
    }
}

fn give_back(borrowed: &AtomicBool, line: &Line) {
    // Once only: a second return from the alternate screen would move the shell's cursor.
    if borrowed.swap(false, Ordering::SeqCst) {
        // A terminal that is gone has nothing to restore.
        let _ = line.clone().write_all(LEAVE);
        line.settle(MOMENT);
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

/// Standard output without the line buffer of [`std::io::stdout`], so that a frame is one write.
pub(crate) fn screen() -> io::Result<File> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// Whether there is a person to show something to and to listen to.
pub fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use std::io::Read;

    /// Not a test of its own: what the test below runs in a terminal.
    #[test]
    #[ignore = "is run by another test, in a terminal"]
    fn panics_in_a_terminal() {
        let _terminal = Terminal::borrow(Line::new(screen().unwrap()), true, |_| {}).unwrap();
        panic!("something unforeseen");
    }

    /// Not a test of its own, either.
    #[test]
    #[ignore = "is run by another test, in a terminal"]
    fn another_thread_panics_in_a_terminal() {
        let (sender, told) = std::sync::mpsc::sync_channel(1);
        let line = Line::new(screen().unwrap());
        let terminal = Terminal::borrow(line, false, move |problem| sender.send(problem).unwrap()).unwrap();
        assert!(thread::spawn(|| panic!("something in the background")).join().is_err());
        let problem = told.recv().unwrap();
        drop(terminal);
        println!("told: {problem}");
    }

    /// What a test says in a terminal.
    fn said_by(test: &str) -> String {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        let test = format!("tui::terminal::tests::{test}");
        command.args(["--exact", &test, "--ignored", "--nocapture"]);
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let mut said = Vec::new();
        // A terminal whose last writer has gone ends with an error on Linux.
        let _ = reader.read_to_end(&mut said);
        child.wait().unwrap();
        String::from_utf8_lossy(&said).into_owned()
    }

    #[test]
    fn a_panic_gives_the_terminal_back_before_its_message() {
        let said = said_by("panics_in_a_terminal");
        let at = |text: &str| said.find(text).unwrap_or_else(|| panic!("no {text:?} in {said:?}"));
        assert!(at("\x1b[?1049h") < at("\x1b[?1049l"));
        assert!(at("\x1b[?1000h") < at("\x1b[?1000l") && at("\x1b[?1006h") < at("\x1b[?1006l"));
        assert!(at("\x1b[?1000l") < at("\x1b[?1049l"));
        assert!(at("\x1b[?25h") < at("something unforeseen"));
        assert!(at("\x1b[?1049l") < at("something unforeseen"));
        assert_eq!(said.matches("\x1b[?1049l").count(), 1);
    }

    #[test]
    fn a_panic_of_another_thread_is_told_and_leaves_the_screen_alone() {
        let said = said_by("another_thread_panics_in_a_terminal");
        let at = |text: &str| said.find(text).unwrap_or_else(|| panic!("no {text:?} in {said:?}"));
        assert!(at("\x1b[?1049l") < at("told: part of the dashboard failed"));
        assert!(at("\x1b[?1049l") < at("something in the background"));
        assert_eq!(said.matches("something in the background").count(), 1);
    }
}
