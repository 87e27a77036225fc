//! `mien search`: begin, follow, change and end searches.

mod begin;
mod dry_run;
mod show;
mod task;
mod watch;

use super::{Failure, Outcome};
use crate::search::{EngineKind, MAX_RUNS};
use std::path::{Path, PathBuf};

/// Searches over hyper-parameters: begins one from a file, and goes on by itself.
///
/// Without a file: the searches there are.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("act").args([
    "dry_run", "resume", "stop", "show", "throttle", "promote", "new", "supervise", "task",
]))]
pub(super) struct Arguments {
    /// A search's file, for example configs/searches/preliminary.toml; for a search that has begun also its id, a unique
    /// part of it, or `latest`.
    #[arg(value_name = "FILE")]
    search: Option<String>,
    /// Count the runs, show the first and estimate the time; begins nothing and needs no data.
    #[arg(long)]
    dry_run: bool,
    /// Go on with a search: with what is left of its plan, and with what its file has come to hold since.
    #[arg(long)]
    resume: bool,
    /// Begin another search from a file that one was begun from already.
    #[arg(long)]
    new: bool,
    /// Stop the search; its runs keep their checkpoints.
    #[arg(long)]
    stop: bool,
    /// Follow the search until it ends, and begin it first where it has not begun; Ctrl-C leaves it running.
    #[arg(long, conflicts_with_all = ["dry_run", "stop", "show", "throttle", "promote", "supervise", "task"])]
    watch: bool,
    /// Show how far the search is, and its best points.
    #[arg(long)]
    show: bool,
    /// Let at most so many runs be trained at once, from now on.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    throttle: Option<u32>,
    /// Write the best point as the config of a run.
    #[arg(long, value_name = "CONFIG")]
    promote: Option<PathBuf>,
    /// Where the runs are trained; what the file has a section for, else local.
    #[arg(long, value_name = "ENGINE")]
    engine: Option<EngineKind>,
    /// Allow this many runs; above 100,000 nothing begins without it.
    #[arg(long, value_name = "N", default_value_t = MAX_RUNS)]
    max_runs: u64,
    /// Print one JSON document on stdout.
    #[arg(long)]
    json: bool,
    /// The supervisor of a search's folder: what `mien search` starts.
    #[arg(long, hide = true)]
    supervise: bool,
    /// A task of a job array: the line of a list of runs.
    #[arg(long, hide = true, value_name = "LIST:LINE")]
    task: Option<String>,
}

pub(super) fn run(arguments: Arguments, runs: &Path) -> Outcome {
    let Some(search) = arguments.search.clone() else { return list(&arguments, runs) };
    match &arguments {
        Arguments { task: Some(task), .. } => task::run(&search, task, runs),
        Arguments { supervise: true, .. } => begin::supervise(&search, runs),
        Arguments { dry_run: true, .. } => dry_run::run(&search, &arguments, runs),
        Arguments { resume: true, .. } => begin::resume(&search, &arguments, runs),
        Arguments { stop: true, .. } => begin::stop(&search, arguments.json, runs),
        Arguments { throttle: Some(most), .. } => {
            begin::throttle(&search, *most as usize, arguments.json, runs)
        }
        Arguments { watch: true, new: false, .. } => begin::watch(&search, &arguments, runs),
        Arguments { show: true, .. } => show::run(&search, arguments.json, runs),
        Arguments { promote: Some(config), .. } => show::promote(&search, config, arguments.json, runs),
        _ => begin::run(&search, &arguments, runs),
    }
}

fn list(arguments: &Arguments, runs: &Path) -> Outcome {
    let acts = arguments.dry_run || arguments.resume || arguments.new || arguments.stop || arguments.watch;
    let acts = acts || arguments.show || arguments.throttle.is_some() || arguments.promote.is_some();
    if acts || arguments.supervise || arguments.task.is_some() {
        return Err(Failure::refused("name a search: its file, its id, or latest"));
    }
    show::list(runs, arguments.json)
}
