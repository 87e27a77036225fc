//! A trainer's events as a bar on a terminal, as plain lines elsewhere. Always on stderr.

use super::output::{lines, say};
use crate::train::Event;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Draws a trainer's events.
pub(super) enum Progress {
    Bar(ProgressBar),
    Lines {
        epochs: usize,
    },
    /// The trainer itself writes to where stderr leads.
    Nothing,
}

impl Progress {
    /// A bar if stderr is a terminal that can draw one; nothing if it is the run's log, as it is for a detached trainer.
    pub fn new(log: &Path) -> Self {
        let bar = bar();
        // Hidden off a terminal, and on one that cannot draw it (TERM=dumb).
        if !bar.is_hidden() {
            Self::Bar(bar)
        } else if is_stderr(log) {
            Self::Nothing
        } else {
            Self::Lines { epochs: 0 }
        }
    }

    /// Says a sentence above the bar, from any thread.
    pub fn sayer(&self) -> Box<dyn Fn(&str) + Send> {
        match self {
            Self::Bar(bar) => {
                let bar = bar.clone();
                Box::new(move |sentence| bar.println(sentence))
            }
            Self::Lines { .. } => Box::new(|sentence| say(sentence)),
            Self::Nothing => Box::new(|_| {}),
        }
    }

    pub fn show(&mut self, event: &Event) {
        match self {
            Self::Bar(bar) => draw(bar, event),
            Self::Lines { epochs } => tell(epochs, event),
            Self::Nothing => {}
        }
    }

    /// Takes the bar away, so that what follows stands on a line of its own.
    pub fn clear(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// Whether stderr is written to this file.
pub(super) fn is_stderr(file: &Path) -> bool {
    let (Ok(file), Ok(stderr)) = (std::fs::metadata(file), rustix::fs::fstat(std::io::stderr())) else {
        return false;
    };
    (file.dev(), file.ino()) == (stderr.st_dev, stderr.st_ino)
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar:.cyan/dim} {percent:>3}% {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(1).with_style(style.progress_chars("━╸─"))
}

fn draw(bar: &ProgressBar, event: &Event) {
    match event {
        Event::Started { run, epoch, epochs, step, steps, .. } => {
            bar.println(lines(&format!("run {run}")));
            bar.set_length(*steps as u64);
            bar.set_position(*step as u64);
            bar.set_prefix(format!("epoch {epoch}/{epochs}"));
        }
        Event::Progress { step, loss, accuracy, rate, eta_seconds, epoch, .. } => {
            let prefix = bar.prefix();
            if let Some((_, epochs)) = prefix.split_once('/') {
                bar.set_prefix(format!("epoch {epoch}/{epochs}"));
            }
            bar.set_position(*step as u64);
            bar.set_message(format!(
                "loss {loss:.3}  acc {accuracy:.3}  {rate:.0} img/s  {} left",
                duration(*eta_seconds)
            ));
        }
        Event::Epoch { .. } => bar.println(epoch_line(event, None)),
        Event::Note(sentence) => bar.println(lines(sentence)),
    }
}

fn tell(epochs: &mut usize, event: &Event) {
    match event {
        Event::Started { run, epochs: planned, .. } => {
            *epochs = *planned;
            say(format_args!("run {run}"));
        }
        Event::Progress { .. } => {}
        Event::Epoch { .. } => say(epoch_line(event, Some(*epochs))),
        Event::Note(sentence) => say(sentence),
    }
}

fn epoch_line(event: &Event, epochs: Option<usize>) -> String {
    let Event::Epoch { epoch, train, valid, test, best } = event else { return String::new() };
    let of = epochs.map_or(String::new(), |epochs| format!("/{epochs}"));
    let mut line = format!("epoch {epoch:>3}{of}  train loss {:.4} acc {:.4}", train.loss, train.accuracy);
    for (name, means) in [("valid", valid), ("test", test)] {
        if let Some(means) = means {
            line += &format!("  {name} loss {:.4} acc {:.4}", means.loss, means.accuracy);
        }
    }
    if *best {
        line += "  best";
    }
    line
}

/// `1h 03m`, `4m 10s`, `12s`.
pub(super) fn duration(seconds: f64) -> String {
    let seconds = seconds.clamp(0.0, 1e9).round() as u64;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m {rest:02}s"),
        _ => format!("{hours}h {minutes:02}m"),
    }
}

/// Tells on stderr of pictures being packed, drawn or scored, done and in all: by a bar on a terminal, by a line every
/// few seconds elsewhere. The bar goes when this is dropped.
pub(super) fn pictures(what: &'static str) -> impl FnMut(usize, usize) {
    const LINES_APART: Duration = Duration::from_secs(5);
    let bar = std::io::stderr().is_terminal().then(|| PicturesBar::new(what));
    let mut told = Instant::now();
    move |done, total| match &bar {
        Some(PicturesBar(bar)) => {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
        None if told.elapsed() > LINES_APART => {
            told = Instant::now();
            say(format_args!("{what}: {done} of {total}"));
        }
        None => {}
    }
}

struct PicturesBar(ProgressBar);

impl PicturesBar {
    fn new(what: &'static str) -> Self {
        let style = ProgressStyle::with_template(PICTURES).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(ProgressBar::new(0).with_style(style.progress_chars("━╸─")).with_message(what))
    }
}

impl Drop for PicturesBar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

const PICTURES: &str = "{msg} {wide_bar:.cyan/dim} {human_pos} of {human_len}, {eta} left";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Means;

    #[test]
    fn durations_are_told_in_their_two_largest_units() {
        assert_eq!(duration(11.6), "12s");
        assert_eq!(duration(250.0), "4m 10s");
        assert_eq!(duration(3790.0), "1h 03m");
    }

    #[test]
    fn the_bars_template_is_valid() {
        assert!(ProgressStyle::with_template(PICTURES).is_ok());
    }

    #[test]
    fn an_epoch_is_told_with_the_splits_that_were_looked_at() {
        let train = Means { loss: 1.0, accuracy: 0.5 };
        let event = Event::Epoch { epoch: 3, train, valid: Some(train), test: None, best: true };
        let line = epoch_line(&event, Some(80));
        assert_eq!(line, "epoch   3/80  train loss 1.0000 acc 0.5000  valid loss 1.0000 acc 0.5000  best");
    }
}
