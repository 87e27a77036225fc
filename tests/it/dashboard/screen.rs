//! A terminal that the program runs in, and that can be looked at.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Nothing that is waited for takes as long; a machine under load may be slow.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Screen {
    pub child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    input: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    /// All that the program wrote.
    pub raw: Vec<u8>,
}

impl Screen {
    /// Starts the dashboard on `runs` in a terminal of this size.
    pub fn start(runs: &Path, size: (u16, u16), variables: &[(&str, &str)]) -> Self {
        Self::start_with(&[], runs, size, variables)
    }

    /// As [`Screen::start`], with further arguments.
    pub fn start_with(
        arguments: &[&str],
        runs: &Path,
        (columns, rows): (u16, u16),
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_mien"));
        command.args(["--runs".as_ref(), runs.as_os_str()]);
        command.args(arguments);
        command.env_clear();
        command.cwd(runs.parent().unwrap());
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("HOME", "/nonexistent")] {
            command.env(name, value);
        }
        for (name, value) in variables {
            command.env(name, value);
        }
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            input: pair.master.take_writer().unwrap(),
            master: pair.master,
            output,
            parser: vt100::Parser::new(rows, columns, 0),
            raw: Vec::new(),
        }
    }

    pub fn press(&mut self, keys: &str) {
        self.input.write_all(keys.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        self.parser.screen_mut().set_size(rows, columns);
    }

    pub fn text(&self) -> String {
        self.parser.screen().contents()
    }

    /// Waits until the screen shows what `seen` looks for.
    pub fn until(&mut self, what: &str, seen: impl Fn(&str) -> bool) {
        let begin = Instant::now();
        while !seen(&self.text()) {
            assert!(begin.elapsed() < PATIENCE, "{what} never came:\n{}", self.text());
            self.take(Duration::from_millis(50));
        }
    }

    /// Waits until the screen shows `text`.
    pub fn shows(&mut self, text: &str) {
        self.until(text, |screen| screen.contains(text));
    }

    /// Takes in what comes until nothing has come for `quiet`.
    pub fn settle(&mut self, quiet: Duration) {
        let begin = Instant::now();
        while self.take(quiet) && begin.elapsed() < PATIENCE {}
    }

    fn take(&mut self, wait: Duration) -> bool {
        let Ok(bytes) = self.output.recv_timeout(wait) else { return false };
        self.parser.process(&bytes);
        self.raw.extend(bytes);
        true
    }

    /// Waits for the program's end: its exit code, once all it wrote is taken in.
    pub fn ends(&mut self) -> u32 {
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begin.elapsed() < PATIENCE, "the dashboard never ended:\n{}", self.text());
            self.take(Duration::from_millis(20));
        };
        self.settle(Duration::from_millis(100));
        status.exit_code()
    }

    /// Whether the shell has its screen and its cursor back.
    pub fn is_given_back(&self) -> bool {
        !self.parser.screen().alternate_screen() && !self.parser.screen().hide_cursor()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Waits until the program has stopped itself.
    pub fn is_stopped(&mut self) {
        let stat = format!("/proc/{}/stat", self.child.process_id().unwrap());
        let begin = Instant::now();
        while !std::fs::read_to_string(&stat).unwrap().contains(") T ") {
            assert!(begin.elapsed() < PATIENCE, "it never stopped");
            self.take(Duration::from_millis(20));
        }
    }

    /// The modes of the terminal's line discipline that raw mode switches off.
    pub fn is_cooked(&self) -> bool {
        let modes = self.master.get_termios().unwrap();
        let flags = modes.local_flags;
        format!("{flags:?}").contains("ICANON") && format!("{flags:?}").contains("ECHO")
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
