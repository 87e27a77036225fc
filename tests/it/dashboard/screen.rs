//! A terminal that the program runs in, and that can be looked at.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Nothing that is waited for takes as long; a machine under load may be slow.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Once nothing has come for so long, what was asked for has been drawn.
pub const QUIET: Duration = Duration::from_millis(400);

pub struct Screen {
    pub child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    input: Option<Box<dyn Write + Send>>,
    output: Receiver<(Instant, Vec<u8>)>,
    reader: Option<JoinHandle<()>>,
    reading: Arc<(Mutex<Reading>, Condvar)>,
    parser: vt100::Parser,
    /// All that the program wrote.
    pub raw: Vec<u8>,
    /// When the last of it came.
    pub last: Instant,
}

/// What the other end of the terminal does.
#[derive(Clone, Copy, PartialEq)]
enum Reading {
    On,
    Paused,
    Over,
}

impl Screen {
    /// Starts the dashboard on `runs` in a terminal of this size. It answers no question that the program may ask.
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
        let program = Path::new(env!("CARGO_BIN_EXE_mien"));
        Self::start_program(program, arguments, runs, (columns, rows), variables)
    }

    /// As [`Screen::start_with`], with another build of the program.
    pub fn start_program(
        program: &Path,
        arguments: &[&str],
        runs: &Path,
        (columns, rows): (u16, u16),
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = CommandBuilder::new(program);
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
        let reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        let reading = Arc::new((Mutex::new(Reading::On), Condvar::new()));
        let told = Arc::clone(&reading);
        Self {
            child,
            input: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            output,
            reader: Some(std::thread::spawn(move || read(reader, &told, &sender))),
            reading,
            parser: vt100::Parser::new(rows, columns, 0),
            raw: Vec::new(),
            last: Instant::now(),
        }
    }

    pub fn press(&mut self, keys: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(keys.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().unwrap().resize(size).unwrap();
        self.parser.screen_mut().set_size(rows, columns);
    }

    /// Another program writes to the same terminal.
    pub fn scribble(&mut self, text: &str) {
        self.parser.process(text.as_bytes());
    }

    pub fn text(&self) -> String {
        self.parser.screen().contents()
    }

    /// The rows as they are seen. None may go on in the next one.
    pub fn rows(&self) -> Vec<String> {
        let screen = self.parser.screen();
        let (rows, columns) = screen.size();
        for row in 0..rows {
            assert!(!screen.row_wrapped(row), "row {row} is wider than the screen:\n{}", screen.contents());
        }
        screen.rows(0, columns).map(|row| row.trim_end().to_string()).collect()
    }

    /// The row that contains `text`, and the column of its first cell.
    pub fn find(&self, text: &str) -> Option<(u16, u16)> {
        let rows = self.parser.screen().size().0;
        (0..rows).find_map(|row| Some((row, self.find_in(row, text)?)))
    }

    /// The column of the first cell of `text` in a row.
    pub fn find_in(&self, row: u16, text: &str) -> Option<u16> {
        let screen = self.parser.screen();
        let stands_at = |column: u16| {
            let mut rest = text;
            for cell in (column..).map_while(|column| screen.cell(row, column)) {
                if rest.is_empty() {
                    break;
                }
                let shown = if cell.has_contents() { cell.contents() } else { " " };
                if cell.is_wide_continuation() {
                    continue;
                }
                match rest.strip_prefix(shown) {
                    Some(left) => rest = left,
                    None => return false,
                }
            }
            rest.is_empty()
        };
        (0..screen.size().1).find(|column| stands_at(*column))
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

    /// Waits until the screen does not show `text` any more.
    pub fn hides(&mut self, text: &str) {
        self.until(&format!("the end of {text:?}"), |screen| !screen.contains(text));
    }

    /// Takes in what comes until nothing has come for `quiet`.
    pub fn settle(&mut self, quiet: Duration) {
        let begin = Instant::now();
        while self.take(quiet) && begin.elapsed() < PATIENCE {}
    }

    /// Takes in what comes within `wait`, if anything does.
    pub fn take(&mut self, wait: Duration) -> bool {
        let Ok((when, bytes)) = self.output.recv_timeout(wait) else { return false };
        self.last = when;
        self.parser.process(&bytes);
        self.raw.extend(bytes);
        true
    }

    /// The other end reads nothing any more, as behind a connection that hangs.
    pub fn stall(&self) {
        self.set_reading(Reading::Paused);
    }

    /// It reads again.
    pub fn go_on(&self) {
        self.set_reading(Reading::On);
    }

    fn set_reading(&self, reading: Reading) {
        *self.reading.0.lock().unwrap() = reading;
        self.reading.1.notify_all();
    }

    /// The terminal is gone, as when its window is closed.
    pub fn hang_up(&mut self) {
        self.set_reading(Reading::Over);
        // The reader sees it after its next piece.
        self.press("?");
        self.reader.take().unwrap().join().unwrap();
        self.input = None;
        self.master = None;
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

    /// Whether the shell has its screen, its cursor and its mouse back.
    pub fn is_given_back(&self) -> bool {
        let screen = self.parser.screen();
        !screen.alternate_screen() && !screen.hide_cursor() && !self.has_mouse()
    }

    /// Whether the program is told of clicks.
    pub fn has_mouse(&self) -> bool {
        self.parser.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None
    }

    /// The modes of the terminal's line discipline that raw mode switches off.
    pub fn is_cooked(&self) -> bool {
        let modes = self.master.as_ref().unwrap().get_termios().unwrap();
        let flags = modes.local_flags;
        format!("{flags:?}").contains("ICANON") && format!("{flags:?}").contains("ECHO")
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Waits until the program has stopped itself.
    pub fn is_stopped(&mut self) {
        let begin = Instant::now();
        while !self.said_by_the_system("stat").contains(") T ") {
            assert!(begin.elapsed() < PATIENCE, "it never stopped");
            self.take(Duration::from_millis(20));
        }
    }

    /// The most memory that the program has had so far, in bytes.
    pub fn most_memory(&self) -> u64 {
        let status = self.said_by_the_system("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Seconds of a processor that the program has used so far.
    pub fn processor_seconds(&self) -> f64 {
        let stat = self.said_by_the_system("stat");
        let after_name = stat.rsplit(')').next().unwrap();
        let ticks: u64 =
            after_name.split_whitespace().skip(11).take(2).map(|n| n.parse::<u64>().unwrap()).sum();
        // Linux tells all programs in hundredths of a second.
        ticks as f64 / 100.0
    }

    fn said_by_the_system(&self, about: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{about}", self.child.process_id().unwrap())).unwrap()
    }
}

fn read(
    mut terminal: Box<dyn Read + Send>,
    reading: &(Mutex<Reading>, Condvar),
    sender: &Sender<(Instant, Vec<u8>)>,
) {
    let mut buffer = [0; 65536];
    loop {
        let (state, changed) = reading;
        let state = changed.wait_while(state.lock().unwrap(), |state| *state == Reading::Paused).unwrap();
        if *state == Reading::Over {
            return;
        }
        drop(state);
        match terminal.read(&mut buffer) {
            Ok(length @ 1..) if sender.send((Instant::now(), buffer[..length].to_vec())).is_ok() => {}
            _ => return,
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.set_reading(Reading::Over);
    }
}
