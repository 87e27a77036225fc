//! A terminal that a program runs in and that keys are typed into.

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use std::error::Error;
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Nothing that is waited for takes as long.
const PATIENCE: Duration = Duration::from_secs(60);
/// A screen that has not changed for so long answers no key any more.
const QUIET: Duration = Duration::from_millis(400);
/// Screens that change every second are never quiet for longer than that.
const LONGEST: Duration = Duration::from_secs(3);

pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    /// Closed with the terminal.
    _master: Box<dyn portable_pty::MasterPty + Send>,
    input: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
}

impl Terminal {
    /// Starts a program in a terminal of 24-bit colours on a dark or light ground, without the settings of whoever runs this.
    pub fn start(
        program: &str,
        arguments: &[String],
        (columns, rows): (u16, u16),
        light: bool,
    ) -> Result<Self, Box<dyn Error>> {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("LANG", "C.UTF-8");
        command.env("COLORFGBG", if light { "0;15" } else { "15;0" });
        command.env("XDG_CONFIG_HOME", "/nonexistent");
        for variable in ["NO_COLOR", "LC_ALL", "LC_CTYPE", "TMUX", "TERM_PROGRAM", "SSH_CONNECTION"] {
            command.env_remove(variable);
        }
        command.cwd(std::env::current_dir()?);
        let child = pair.slave.spawn_command(command)?;
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader()?;
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        let input = pair.master.take_writer()?;
        let parser = vt100::Parser::new(rows, columns, 0);
        let mut terminal = Self { child, _master: pair.master, input, output, parser };
        terminal.settle();
        Ok(terminal)
    }

    /// Types a key or a word, or waits, as the word says.
    pub fn type_word(&mut self, word: &str) -> Result<(), Box<dyn Error>> {
        if let Some(text) = word.strip_prefix("until:") {
            return self.wait_for(&text.replace('_', " "));
        }
        if let Some(seconds) = word.strip_prefix("wait:") {
            let end = Instant::now() + Duration::from_secs_f64(seconds.parse()?);
            while Instant::now() < end {
                self.take(Duration::from_millis(50));
            }
            return Ok(());
        }
        self.input.write_all(&bytes(word))?;
        self.input.flush()?;
        self.settle();
        Ok(())
    }

    fn wait_for(&mut self, text: &str) -> Result<(), Box<dyn Error>> {
        let begin = Instant::now();
        while !self.parser.screen().contents().contains(text) {
            if begin.elapsed() > PATIENCE {
                return Err(format!("{text:?} never came:\n{}", self.parser.screen().contents()).into());
            }
            self.take(Duration::from_millis(50));
        }
        self.settle();
        Ok(())
    }

    /// Takes in what comes until nothing comes any more.
    fn settle(&mut self) {
        let begin = Instant::now();
        while self.take(QUIET) && begin.elapsed() < LONGEST {}
    }

    fn take(&mut self, wait: Duration) -> bool {
        let Ok(bytes) = self.output.recv_timeout(wait) else { return false };
        self.parser.process(&bytes);
        true
    }

    /// The screen as it is now.
    pub fn screen(&mut self) -> Result<vt100::Screen, Box<dyn Error>> {
        self.settle();
        if let Some(status) = self.child.try_wait()? {
            return Err(
                format!("the program has ended ({status}):\n{}", self.parser.screen().contents()).into()
            );
        }
        Ok(self.parser.screen().clone())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a terminal sends for a key; for another word its letters.
fn bytes(word: &str) -> Vec<u8> {
    let named: &[u8] = match word {
        "enter" => b"\r",
        "esc" => b"\x1b",
        "tab" => b"\t",
        "shift-tab" => b"\x1b[Z",
        "space" => b" ",
        "backspace" => b"\x7f",
        "up" => b"\x1b[A",
        "down" => b"\x1b[B",
        "right" => b"\x1b[C",
        "left" => b"\x1b[D",
        "home" => b"\x1b[H",
        "end" => b"\x1b[F",
        "page-up" => b"\x1b[5~",
        "page-down" => b"\x1b[6~",
        _ => match word.strip_prefix("ctrl-").map(str::as_bytes) {
            Some([letter @ b'a'..=b'z']) => return vec![letter & 0x1f],
            _ => word.as_bytes(),
        },
    };
    named.to_vec()
}
