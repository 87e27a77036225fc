//! `mien search FOLDER --task LIST:LINE`: what a task of a job array does.

use super::super::output::note;
use super::super::progress::{self, Progress};
use super::super::train::{train_until, unfinished};
use super::super::{Failure, Outcome};
use crate::run::{RunFolder, RunLog, printable};
use crate::search::{SearchFolder, Task};
use crate::train::{self, Ending, Job, Stop};
use std::path::Path;

pub(super) fn run(search: &str, task: &str, runs: &Path) -> Outcome {
    let search = SearchFolder::find(runs, search)?;
    let job = Job::here();
    match Task::take(&search, task, job.as_ref().map(Job::name))? {
        Task::Train(run) => train(&run, job.as_ref()),
        Task::Nothing(why) => {
            note(why);
            Ok(())
        }
    }
}

fn train(run: &RunFolder, job: Option<&Job>) -> Outcome {
    // Before anything slow: a signal that nobody hears would end the process.
    let heard = || note("stopping after this step");
    let mut stop = Stop::on_signals(run, heard).map_err(Failure::failed)?;
    let (prepared, claim) = train::prepare_again(run, &mut progress::pictures("packing pictures"))?;
    let report = train_until(&mut stop, &prepared, claim, Progress::new(&run.log()))?;
    match (report.ending, job) {
        (Ending::Finished, _) => note(format_args!("{} has finished", printable(&run.id()))),
        (Ending::Preempted, Some(job)) if stop.at_time_limit() => requeue(run, job),
        (ending, _) => note(unfinished(run, ending).trim_end()),
    }
    Ok(())
}

/// A job that ends at its time limit counts as completed; only an order of its own brings it back into the queue.
fn requeue(run: &RunFolder, job: &Job) {
    let name = job.name();
    let sentence = match job.requeue() {
        Ok(()) => format!("the time of job {name} is over: it goes on when Slurm lets it"),
        Err(why) => format!(
            "the time of job {name} is over, and Slurm does not requeue it ({why}): its search submits it again"
        ),
    };
    note(&sentence);
    // The run is as it shall be; the sentence is for those who look.
    let _ = RunLog::open(run).and_then(|log| log.line(&sentence));
}
