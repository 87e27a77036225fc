//! The loop: takes in all that waits, then draws once.

use super::bell;
use super::graphics::{Abilities, Gallery};
use super::line::Line;
use super::message::{Effect, Message};
use super::output::Output;
use super::pace::{Need, Pace};
use super::screens::{self, Memories};
use super::settings::Settings;
use super::state::State;
use super::tasks::{self, Tasks};
use super::terminal::{self, Terminal};
use super::theme::Theme;
use crate::run::{RunFolder, printable, unix_seconds};
use ratatui::layout::{Position, Rect, Size};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

/// Ages are told in minutes and more; a finer clock would only wake the machine.
const CLOCK: Duration = Duration::from_secs(10);
/// Messages of data taken in before keys are looked at again.
const DATA_AT_ONCE: usize = 2;

/// How the dashboard ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Left,
    /// Told to by this signal.
    Signal(i32),
}

struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    stop: Signal,
    go_on: Signal,
}

struct Dashboard {
    terminal: Terminal,
    line: Line,
    screen: ratatui::Terminal<Output<Line>>,
    state: State,
    theme: Theme,
    memories: Memories,
    gallery: Gallery,
    pace: Pace,
    tasks: Tasks,
    end: Option<End>,
    /// What is to be drawn, and how urgent it is.
    need: Option<Need>,
    /// We stopped ourselves and have drawn anew already.
    went_on: bool,
}

/// Runs the dashboard over `runs` until it is left; it begins with the run `first`, if there is one to begin with.
pub(crate) async fn run(runs: &Path, settings: &Settings, first: Option<RunFolder>) -> io::Result<End> {
    // Keys have a channel of their own, so that data never stand before them.
    let (key_sender, mut keys) = mpsc::channel(256);
    let (data_sender, mut data) = mpsc::channel(16);
    let mut signals = Signals::new()?;
    // Before the terminal is asked for its size, so that no later one is missed.
    let sizes = signal(SignalKind::window_change())?;
    let size = size()?;

    let problems = data_sender.clone();
    let line = Line::new(terminal::screen()?);
    let terminal = Terminal::borrow(line.clone(), settings.mouse, move |problem| {
        // The hook must not wait; a full channel means that there is enough to show.
        let _ = problems.try_send(Message::Problem(printable(&problem).into_owned()));
    })?;
    let screen = ratatui::Terminal::new(Output::new(line.clone(), size))?;
    let remote = std::env::var_os("SSH_CONNECTION").is_some();
    let place = printable(&runs.display().to_string()).into_owned();
    let mut dashboard = Dashboard {
        terminal,
        line,
        screen,
        state: State::new(place, (size.width, size.height)),
        theme: Theme::chosen(settings, |name| std::env::var(name).ok()),
        memories: Memories::new(),
        gallery: Gallery::new(),
        pace: Pace::new(settings.frames_per_second, remote, Instant::now()),
        tasks: Tasks::spawn(runs, &data_sender),
        end: None,
        need: Some(Need::Data),
        went_on: false,
    };
    dashboard.state.prefer(settings);
    if let Some(first) = first {
        dashboard.state.open(first);
    }
    let question = dashboard.ask_terminal(settings)?;
    tokio::spawn(tasks::input(key_sender, sizes, question));
    dashboard.take(Message::Clock(unix_seconds()), Need::Data)?;
    let mut clock = tokio::time::interval(CLOCK);

    while dashboard.end.is_none() {
        // A frame is drawn when the one before has arrived: what a slow terminal gets next is what is so by then.
        let is_free = dashboard.line.is_free();
        let need = dashboard.need.filter(|_| is_free);
        let wait = need.map(|need| dashboard.pace.wait(need, Instant::now()));
        tokio::select! {
            biased;
            signal = signals.next() => dashboard.signalled(signal)?,
            key = keys.recv() => match key {
                Some(key) => dashboard.take(key, Need::Key)?,
                // The terminal is gone.
                None => dashboard.end = Some(End::Left),
            },
            () = pause(wait.unwrap_or_default()), if wait.is_some() => dashboard.draw()?,
            arrived = dashboard.line.free(), if !is_free => arrived?,
            Some(message) = data.recv() => {
                dashboard.take(message, Need::Data)?;
                for _ in 1..DATA_AT_ONCE {
                    let Ok(message) = data.try_recv() else { break };
                    dashboard.take(message, Need::Data)?;
                }
            }
            _ = clock.tick() => dashboard.take(Message::Clock(unix_seconds()), Need::Data)?,
        }
        // Whoever leaves does not mean what was typed behind it.
        while dashboard.end.is_none()
            && let Ok(key) = keys.try_recv()
        {
            dashboard.take(key, Need::Key)?;
        }
    }
    dashboard.take_pictures_down();
    Ok(dashboard.end.unwrap_or(End::Left))
}

/// What the terminal is like now.
fn size() -> io::Result<Size> {
    crossterm::terminal::size().map(|(width, height)| Size { width, height })
}

/// The runtime's sleep takes a millisecond to sleep for none.
async fn pause(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}

impl Dashboard {
    /// Asks the terminal what it can, and waits for nothing; whether there was anything to ask. A terminal that shows the
    /// question is cleared at once.
    fn ask_terminal(&mut self, settings: &Settings) -> io::Result<bool> {
        let abilities = Abilities::from_environment(settings.images, |name| std::env::var(name).ok());
        let mut question = abilities.question();
        self.state.pictures.abilities = abilities;
        if let Some(size) = tasks::cell_size() {
            self.state.pictures.abilities.take(&size);
        }
        let is_asked = !question.is_empty();
        if is_asked {
            question.extend_from_slice(b"\x1b[2J");
            self.line.write_all(&question)?;
        }
        Ok(is_asked)
    }

    fn take(&mut self, message: Message, need: Need) -> io::Result<()> {
        let data = self.state.current_data();
        let need = match message {
            // The first curves and the whole ones answer the key that chose the run; what is between can wait.
            Message::Metrics(..) if data.is_some_and(|data| data.charts.is_empty()) => Need::Key,
            Message::Metrics(..) if data.is_some_and(|data| !data.caught_up) => Need::Loading,
            Message::CaughtUp(_) => Need::Key,
            _ => need,
        };
        if let Message::Resized(width, height) = message {
            self.resized(Size { width, height })?;
        }
        let effects = self.state.update(message);
        if effects.draw {
            self.need = self.need.max(Some(need));
        }
        for effect in effects.effects {
            match effect {
                Effect::Leave => self.end = Some(End::Left),
                Effect::Ring(text) => {
                    let ring = bell::ring(&text, |name| std::env::var(name).ok());
                    self.screen.backend_mut().outside(&ring)?;
                }
                Effect::Suspend => self.suspend()?,
                order => self.tasks.carry_out(order),
            }
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let Self { screen, state, theme, memories, gallery, .. } = self;
        let abilities = &state.pictures.abilities;
        gallery.draw(screen, abilities, memories, |frame, memories| {
            screens::draw(frame, state, theme, memories);
        })?;
        if let Some(order) = self.state.pictures.ask_encoding(&self.memories.placements) {
            self.tasks.carry_out(order);
        }
        self.pace.drawn(Instant::now());
        self.need = None;
        Ok(())
    }

    fn signalled(&mut self, signal: i32) -> io::Result<()> {
        match signal {
            signal_hook::consts::SIGTSTP => self.suspend(),
            signal_hook::consts::SIGCONT if std::mem::take(&mut self.went_on) => Ok(()),
            // Someone stopped us with a signal that cannot be caught, and the shell used the terminal since.
            signal_hook::consts::SIGCONT => self.repaint(),
            signal => {
                self.end = Some(End::Signal(signal));
                Ok(())
            }
        }
    }

    /// Gives the terminal to the shell and stops until the shell says to go on.
    fn suspend(&mut self) -> io::Result<()> {
        self.take_pictures_down();
        self.terminal.release();
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        self.went_on = true;
        self.repaint()
    }

    /// Leaves no picture in the terminal's memory.
    fn take_pictures_down(&mut self) {
        let output = self.screen.backend_mut();
        output.add(&self.gallery.forget());
        // A terminal that is gone holds none.
        let _ = output.send();
    }

    fn repaint(&mut self) -> io::Result<()> {
        self.terminal.take()?;
        self.screen.backend_mut().forget();
        let size = size()?;
        self.take(Message::Resized(size.width, size.height), Need::Key)
    }

    /// Has every cell drawn anew. A terminal that was smaller for a moment has lost some of them, whatever its size is
    /// now.
    fn resized(&mut self, size: Size) -> io::Result<()> {
        self.screen.backend_mut().resize(size);
        self.screen.resize(Rect::from((Position::ORIGIN, size)))
    }
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            stop: signal(SignalKind::from_raw(signal_hook::consts::SIGTSTP))?,
            go_on: signal(SignalKind::from_raw(signal_hook::consts::SIGCONT))?,
        })
    }

    async fn next(&mut self) -> i32 {
        use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
        tokio::select! {
            _ = self.terminate.recv() => SIGTERM,
            _ = self.hang_up.recv() => SIGHUP,
            _ = self.interrupt.recv() => SIGINT,
            _ = self.stop.recv() => SIGTSTP,
            _ = self.go_on.recv() => SIGCONT,
        }
    }
}
