//! Trainers that go on by themselves: started, watched through their first seconds, reported.

use super::output::{print, print_json};
use super::{Failure, Outcome};
use crate::run::{self, Detached, Observed, RunFolder, State, printable};
use serde_json::json;
use std::time::{Duration, Instant};

/// So long a trainer is watched for a start that goes wrong.
const WATCHED: Duration = Duration::from_secs(3);

/// Starts a trainer of its own for a run whose folder is there.
pub(super) fn start(folder: &RunFolder) -> Result<Detached, Failure> {
    let program = run::this_program()?;
    Ok(run::spawn_trainer(&program, folder)?)
}

/// Says that a trainer goes on by itself, once it has begun or lived long enough; an error where it ended badly before.
pub(super) fn report(folder: &RunFolder, trainer: &Detached, json: bool) -> Outcome {
    let state = watched(folder, trainer)?;
    let id = folder.id();
    if json {
        // The document of a trainer that has ended, less what is not known yet.
        return print_json(&json!({
            "run": id,
            "state": state,
            "epoch": null,
            "test_accuracy": null,
            "valid_accuracy": null,
            "images_per_second": null,
        }));
    }
    let id = printable(&id);
    print(&format!(
        "{id} trains on its own (process {}); mien shows it, mien runs log -f {id} follows it, mien runs stop {id} stops it\n",
        trainer.pid
    ))
}

/// The state of a run whose trainer has made a step, has ended well, or has not ended within some seconds. That it says
/// it is running is too little: it says so before it looks at config and pictures.
fn watched(folder: &RunFolder, trainer: &Detached) -> Result<State, Failure> {
    let step = |seen: &Observed| seen.status.as_ref().map(|status| status.step);
    let before = step(&run::observe(folder));
    let begin = Instant::now();
    loop {
        let ended = trainer.ended_within(Duration::from_millis(50));
        let seen = run::observe(folder);
        match ended {
            Some(status) if !status.success() => {
                let reason = seen.reason.unwrap_or_else(|| format!("the trainer ended ({status})"));
                return Err(Failure::failed(format!("{} ended at once: {reason}", folder.id())));
            }
            None if step(&seen) == before && begin.elapsed() < WATCHED => {}
            _ => return Ok(seen.state),
        }
    }
}
