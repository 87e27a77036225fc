//! Submitting a job array.

use super::list::{self, Files};
use super::{scheduler, script};
use crate::data::{Durability, printable, replace};
use crate::run::this_program;
use crate::search::record::Array;
use crate::search::{SearchError, SearchFolder, SlurmEngine};
use std::process::Command;

/// As many runs are in one array at most, also where Slurm allows more: what is submitted cannot be changed any more.
const MOST_TASKS: usize = 1000;

/// Submits the runs of these numbers as one array, at most `throttle` of them at once.
///
/// # Errors
/// sbatch's own words where it refuses; nothing is left behind then.
pub(super) fn submit(
    engine: &SlurmEngine,
    folder: &SearchFolder,
    runs: &[u64],
    throttle: Option<usize>,
) -> Result<Array, SearchError> {
    let files = Files::next(folder)?;
    let submitted = write(engine, folder, &files, runs).and_then(|()| sbatch(&files, runs.len(), throttle));
    if submitted.is_err() {
        files.remove();
    }
    Ok(Array { job: submitted?, list: files.name })
}

/// The most tasks that an array may have on this cluster.
pub(super) fn most_tasks() -> usize {
    let config = scheduler::order(Command::new("scontrol").args(["show", "config"])).unwrap_or_default();
    let size = config.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == "MaxArraySize").then(|| value.trim().parse::<usize>().ok()).flatten()
    });
    // It is one more than the highest index, and ours begin at 1.
    size.map_or(MOST_TASKS, |size| size.saturating_sub(1).clamp(1, MOST_TASKS))
}

/// Whether Slurm would take fewer jobs, or the same ones later.
pub(super) fn is_limit(error: &SearchError) -> bool {
    let text = error.to_string();
    ["submit limit", "SubmitJob", "AssocMaxJobs", "temporarily unable to accept"]
        .iter()
        .any(|words| text.contains(words))
}

fn write(
    engine: &SlurmEngine,
    folder: &SearchFolder,
    files: &Files,
    runs: &[u64],
) -> Result<(), SearchError> {
    list::write(files, runs)?;
    let text = script::text(engine, folder, files, &this_program()?)?;
    let written = replace(&files.script, Durability::Synced, |file| file.write_all(text.as_bytes()));
    written.map_err(SearchError::write(&files.script))
}

fn sbatch(files: &Files, tasks: usize, throttle: Option<usize>) -> Result<String, SearchError> {
    let at_once = throttle.map(|most| format!("%{most}")).unwrap_or_default();
    let mut command = Command::new("sbatch");
    command.arg("--parsable").arg(format!("--array=1-{tasks}{at_once}")).arg(&files.script);
    let said = scheduler::order(&mut command)?;
    job_of(&said).ok_or_else(|| {
        let said = printable(said.trim()).into_owned();
        SearchError::Failed(format!("sbatch answered '{said}', which is no job's id"))
    })
}

/// `12`, or `12;cluster`; what a site's own wrapper says before it is passed over.
fn job_of(said: &str) -> Option<String> {
    let line = said.lines().rfind(|line| !line.trim().is_empty())?;
    let job = line.split(';').next()?.trim();
    (!job.is_empty() && job.bytes().all(|byte| byte.is_ascii_digit())).then(|| job.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_job_is_what_sbatch_printed_last() {
        assert_eq!(job_of("12\n").as_deref(), Some("12"));
        assert_eq!(job_of("welcome\n12;big\n\n").as_deref(), Some("12"));
        for none in ["", "Submitted batch job", "12 13", "-1"] {
            assert_eq!(job_of(none), None, "{none}");
        }
    }

    #[test]
    fn a_limit_on_jobs_is_told_from_a_refusal_for_good() {
        let limit = "sbatch refuses: sbatch: error: QOSMaxSubmitJobPerUserLimit; sbatch: error: Batch job submission failed: \
                     Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)";
        assert!(is_limit(&SearchError::Failed(limit.into())));
        assert!(!is_limit(&SearchError::Failed("sbatch refuses: invalid partition specified: x".into())));
    }
}
