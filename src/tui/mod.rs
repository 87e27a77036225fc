//! The dashboard: terminal, events, state, keys, theme, one file per screen, one file per widget.
//!
//! One loop owns the `state::State`; everything else sends it `message::Message`s. Drawing is a function of the state.

pub mod action;
pub mod graphics;
pub mod keys;
pub mod message;
pub mod query;
pub mod screens;
pub mod settings;
pub mod state;
pub mod theme;
pub mod widgets;

mod bell;
mod dashboard;
mod line;
mod output;
mod pace;
#[cfg(test)]
mod story;
mod tasks;
mod terminal;
mod user_files;

pub use terminal::is_there as has_terminal;

use crate::run::RunFolder;
use dashboard::End;
use settings::Settings;
use std::io;
use std::path::Path;

/// Why there is no dashboard, or no longer one.
#[derive(Debug, thiserror::Error)]
pub enum DashboardError {
    #[error("the dashboard needs a terminal; mien runs list shows the same as text")]
    NoTerminal,
    #[error(transparent)]
    Terminal(#[from] io::Error),
}

/// Shows the runs of a folder until the user leaves. Fails where there is no terminal, or it goes away.
///
/// A signal that ends programs ends this one as it would have, once the terminal is given back.
pub fn run(runs: &Path, settings: &Settings) -> Result<(), DashboardError> {
    show(runs, settings, None)
}

/// As [`run`], beginning with the curves of one run.
pub fn run_at(runs: &Path, settings: &Settings, first: RunFolder) -> Result<(), DashboardError> {
    show(runs, settings, Some(first))
}

fn show(runs: &Path, settings: &Settings, first: Option<RunFolder>) -> Result<(), DashboardError> {
    if !terminal::is_there() {
        return Err(DashboardError::NoTerminal);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let end = runtime.block_on(dashboard::run(runs, settings, first));
    // A thread may still be reading a file; nothing waits for it.
    runtime.shutdown_background();
    match end? {
        End::Left => Ok(()),
        End::Signal(signal) => Ok(signal_hook::low_level::emulate_default_handler(signal)?),
    }
}
