//! The Slurm job that this process is in.

use crate::run::printable;
use std::env;
use std::process::{Command, Stdio};

/// A job of Slurm, or a task of a job array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    name: String,
}

impl Job {
    /// The one that this process is in.
    pub fn here() -> Option<Self> {
        Self::of(|variable| env::var(variable).ok().filter(|value| !value.is_empty()))
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let job = variable("SLURM_JOB_ID")?;
        let array = variable("SLURM_ARRAY_JOB_ID").zip(variable("SLURM_ARRAY_TASK_ID"));
        Some(Self { name: array.map_or(job, |(array, task)| format!("{array}_{task}")) })
    }

    /// `12`, or `12_3` for a task, as Slurm's commands take it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Has Slurm put the job into its queue again. Slurm ends this process for it.
    ///
    /// # Errors
    /// Why Slurm refuses, in its own words.
    pub fn requeue(&self) -> Result<(), String> {
        let mut command = Command::new("scontrol");
        command.args(["requeue", &self.name]).stdin(Stdio::null());
        let output = command.output().map_err(|error| format!("cannot run scontrol: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
        Err(printable(&said).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_of_an_array_is_named_by_array_and_index() {
        let of = |known: &[(&str, &str)]| {
            let value =
                |name: &str| known.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string());
            Job::of(value).map(|job| job.name)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("SLURM_ARRAY_JOB_ID", "12"), ("SLURM_ARRAY_TASK_ID", "3")]), None);
        assert_eq!(of(&[("SLURM_JOB_ID", "14")]).as_deref(), Some("14"));
        let task = [("SLURM_JOB_ID", "14"), ("SLURM_ARRAY_JOB_ID", "12"), ("SLURM_ARRAY_TASK_ID", "3")];
        assert_eq!(of(&task).as_deref(), Some("12_3"));
    }
}
