mod log;
mod show;
mod table;

use super::{Failure, Outcome};
use crate::run::{self, RunFolder, State, StopRequest, printable};
use std::io::{self, BufRead, IsTerminal, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Lists, shows, stops, resumes and removes runs.
///
/// A RUN is a folder, its id, any unique part of it, or 'latest'.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The runs, newest first, with the best validation accuracy so far and the test accuracy of the evaluation.
    List {
        /// One JSON document for programs.
        #[arg(long)]
        json: bool,
    },
    /// Everything about one run in words.
    Show {
        run: String,
        /// One JSON document for programs.
        #[arg(long)]
        json: bool,
    },
    /// What the trainer said.
    Log {
        run: String,
        /// Go on as lines come, until the run ends.
        #[arg(short, long)]
        follow: bool,
    },
    /// Asks the trainers to stop; each finishes its step and writes a checkpoint.
    Stop {
        // Not called `runs`: that is the flag for the folder of them, which stands before or after any command.
        #[arg(required = true, value_name = "RUN")]
        selectors: Vec<String>,
    },
    /// Goes on with a run from its last checkpoint.
    Resume {
        run: String,
        /// In the background: the end of this terminal does not reach it.
        #[arg(long)]
        detach: bool,
    },
    /// Deletes runs with their weights, scores and metrics.
    Remove {
        #[arg(required = true, value_name = "RUN")]
        selectors: Vec<String>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

pub(super) fn run(arguments: Arguments, runs: &Path) -> Outcome {
    match arguments.action {
        Action::List { json } => table::list(runs, json),
        Action::Show { run, json } => show::show(&find(runs, &run)?, json),
        Action::Log { run, follow } => log::log(&find(runs, &run)?, follow),
        Action::Stop { selectors } => stop(&find_all(runs, &selectors)?),
        Action::Resume { run, detach } => resume(&find(runs, &run)?, detach),
        Action::Remove { selectors, yes } => remove(&find_all(runs, &selectors)?, yes),
    }
}

/// Before any work: a selector that means no run, or several, is a wrong command line.
fn find(runs: &Path, selector: &str) -> Result<RunFolder, Failure> {
    run::find(runs, selector).map_err(Failure::refused)
}

/// Each run once, however often it was named.
fn find_all(runs: &Path, selectors: &[String]) -> Result<Vec<RunFolder>, Failure> {
    let mut folders: Vec<RunFolder> = Vec::new();
    for selector in selectors {
        let folder = find(runs, selector)?;
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    Ok(folders)
}

/// Writes to stdout; a reader that has gone, as `head` does, is no failure.
fn print(text: &str) -> Outcome {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Does one thing to each run, also after it failed for one; the sentences of those it failed for come together.
fn for_each(
    folders: &[RunFolder],
    mut act: impl FnMut(&RunFolder) -> Result<String, run::RunError>,
) -> Outcome {
    let mut failures = Vec::new();
    for folder in folders {
        match act(folder) {
            Ok(said) => print(&format!("{said}\n"))?,
            Err(error) => failures.push(error.to_string()),
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::failed(failures.join("\nmien: "))) }
}

fn stop(folders: &[RunFolder]) -> Outcome {
    for_each(folders, |folder| {
        let id = folder.id();
        let id = printable(&id);
        Ok(match run::stop(folder)? {
            StopRequest::Signalled { pid } => {
                format!("{id} stops (process {pid}) as soon as its step is done and a checkpoint written")
            }
            StopRequest::Left => {
                format!(
                    "{id} is asked to stop by a file in its folder, since its process is not on this machine"
                )
            }
        })
    })
}

fn resume(folder: &RunFolder, detach: bool) -> Outcome {
    if detach {
        return resume_detached(folder);
    }
    run::check_resumable(folder).and_then(|_| folder.clear_stop_request()).map_err(Failure::failed)?;
    let program = run::this_program().map_err(Failure::failed)?;
    let runs = folder.path().parent().unwrap_or(folder.path());
    let mut command = std::process::Command::new(&program);
    command.arg("--runs").arg(runs).args(["train", "--resume"]).arg(folder.path());
    // Replaces this process: the trainer has the terminal, its signals and its exit code. Returns only on failure.
    let error = command.exec();
    Err(Failure::failed(format!("cannot start {}: {error}", program.display())))
}

/// So long a trainer is watched for a start that goes wrong.
const WATCHED: Duration = Duration::from_secs(3);

fn resume_detached(folder: &RunFolder) -> Outcome {
    let detached = run::resume(folder).map_err(Failure::failed)?;
    let id = folder.id();
    let id = printable(&id);
    let begin = Instant::now();
    while begin.elapsed() < WATCHED && run::observe(folder).state == State::Queued {
        match detached.ended_within(Duration::from_millis(50)) {
            Some(status) if !status.success() => {
                let seen = run::observe(folder);
                let reason = seen.reason.unwrap_or_else(|| format!("the trainer ended ({status})"));
                return Err(Failure::failed(format!("{id} could not be resumed: {reason}")));
            }
            Some(_) => break,
            None => {}
        }
    }
    print(&format!("{id} goes on (process {}); follow it with mien runs log -f {id}\n", detached.pid))
}

fn remove(folders: &[RunFolder], yes: bool) -> Outcome {
    if !yes && !confirmed(folders)? {
        return print("nothing was removed\n");
    }
    for_each(folders, |folder| {
        run::remove(folder)?;
        Ok(format!("removed {}", printable(&folder.id())))
    })
}

fn confirmed(folders: &[RunFolder]) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::refused(
            "mien runs remove asks before it deletes; without a terminal, add --yes",
        ));
    }
    let mut question = String::new();
    for folder in folders {
        let summary = run::RunSummary::read(folder);
        let title = summary.title.as_deref().map(|title| format!(" \"{title}\"")).unwrap_or_default();
        question += &format!("  {}{title}, {}\n", summary.id, summary.state());
    }
    let what = if folders.len() == 1 { "this run".into() } else { format!("these {} runs", folders.len()) };
    eprint!("{question}Remove {what} with all weights and scores? [y/N] ");
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::failed(format!("cannot read the answer: {error}")))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
