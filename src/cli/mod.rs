//! The command line, one file per command.

mod completions;
mod data;
mod demo;
mod devices;
mod evaluate;
mod explain;
mod failure;
mod faithfulness;
mod models;
mod output;
mod progress;
mod runs;
mod score;
mod search;
mod table;
mod train;
mod trainer;

use crate::tui::settings::{Images, Settings};
use clap::{Parser, Subcommand};
use failure::{Failure, Outcome};
use std::path::PathBuf;
use std::process::ExitCode;

/// Trains facial-emotion networks and shows everything about them in a terminal.
///
/// Without a command: the dashboard.
#[derive(Debug, Parser)]
#[command(name = "mien", version, disable_help_subcommand = true)]
struct CommandLine {
    /// The folder that holds the runs.
    #[arg(long, global = true, env = "MIEN_RUNS", default_value = "runs", value_name = "DIR")]
    runs: PathBuf,
    #[command(flatten)]
    shown: Shown,
    #[command(subcommand)]
    command: Option<Command>,
}

/// How the dashboard shows things.
#[derive(Clone, Copy, Debug, clap::Args)]
struct Shown {
    /// Which way the dashboard sends pictures to the terminal.
    #[arg(long, value_name = "WAY")]
    images: Option<Images>,
}

impl Shown {
    /// What stands before the command counts where nothing stands behind it.
    fn or(self, before: Self) -> Self {
        Self { images: self.images.or(before.images) }
    }

    /// What the user wants, the command line before everything else.
    fn settings(self) -> Settings {
        let settings = Settings::of_user();
        Settings { images: self.images.unwrap_or(settings.images), ..settings }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Arguments),
    Models(models::Arguments),
    Devices(devices::Arguments),
    Data(data::Arguments),
    Train(train::Arguments),
    Evaluate(evaluate::Arguments),
    Score(score::Arguments),
    Faithfulness(faithfulness::Arguments),
    Explain(explain::Arguments),
    Search(search::Arguments),
    Runs(runs::Arguments),
    Completions(completions::Arguments),
}

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    let CommandLine { runs, shown, command } = CommandLine::parse();
    let outcome = match command {
        None => crate::tui::run(&runs, &shown.settings()).map_err(Failure::from),
        Some(Command::Demo(arguments)) => demo::run(arguments, shown, &runs),
        Some(Command::Models(arguments)) => models::run(arguments),
        Some(Command::Devices(arguments)) => devices::run(arguments),
        Some(Command::Data(arguments)) => data::run(arguments),
        Some(Command::Train(arguments)) => train::run(arguments, &runs),
        Some(Command::Evaluate(arguments)) => evaluate::run(arguments, &runs),
        Some(Command::Score(arguments)) => score::run(arguments, &runs),
        Some(Command::Faithfulness(arguments)) => faithfulness::run(arguments, &runs),
        Some(Command::Explain(arguments)) => explain::run(arguments, shown, &runs),
        Some(Command::Search(arguments)) => search::run(arguments, &runs),
        Some(Command::Runs(arguments)) => runs::run(arguments, &runs),
        Some(Command::Completions(arguments)) => completions::run(arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Refused(why)) => {
            output::note(why);
            ExitCode::from(2)
        }
        Err(Failure::Failed(why)) => {
            output::note(why);
            ExitCode::from(1)
        }
    }
}
