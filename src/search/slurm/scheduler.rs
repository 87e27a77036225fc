//! Slurm's commands, and what they say.

use crate::data::printable;
use crate::search::SearchError;
use std::io::ErrorKind;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

/// A command of Slurm that has not answered for so long is given up: its controller is not there, or too busy.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a command of Slurm answered.
pub(super) struct Answer {
    pub is_success: bool,
    pub stdout: String,
    /// Printable, on one line.
    pub complaint: String,
}

/// Runs one of Slurm's commands and hears what it says, whether it succeeds or not.
///
/// # Errors
/// Where it is not there, or does not answer.
pub(super) fn ask(command: &mut Command) -> Result<Answer, SearchError> {
    let output = output_of(without_orders_of_others(command))?;
    Ok(Answer {
        is_success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        complaint: one_line(&String::from_utf8_lossy(&output.stderr)),
    })
}

/// As [`ask`], where only success will do: what it printed.
///
/// # Errors
/// Its own words where it refuses.
pub(super) fn order(command: &mut Command) -> Result<String, SearchError> {
    let answer = ask(command)?;
    if answer.is_success { Ok(answer.stdout) } else { Err(refused(command, &answer.complaint)) }
}

/// A command's refusal as a sentence.
pub(super) fn refused(command: &Command, complaint: &str) -> SearchError {
    let complaint = if complaint.is_empty() { "it gave no reason" } else { complaint };
    SearchError::Failed(format!("{} refuses: {complaint}", name(command)))
}

/// The environment may hold defaults for Slurm's commands that would change what they print or do, and, inside of another
/// job, a description of that job that would be taken for the new one's. Where to find Slurm, and the user's own account,
/// partition and the like, stay.
fn without_orders_of_others(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_order_of_others) {
            command.env_remove(name);
        }
    }
    // Or else squeue cuts lists of tasks off.
    command.env("SLURM_BITSTR_LEN", "0")
}

fn is_order_of_others(variable: &str) -> bool {
    const KEPT: [&str; 4] = ["SLURM_CONF", "SLURM_CONF_SERVER", "SLURM_CLUSTERS", "SLURM_JWT"];
    const DECIDED_HERE: [&str; 12] = [
        "SBATCH_ARRAY_INX",
        "SBATCH_CLUSTERS",
        "SBATCH_GET_USER_ENV",
        "SBATCH_JOB_NAME",
        "SBATCH_NO_REQUEUE",
        "SBATCH_OPEN_MODE",
        "SBATCH_OUTPUT",
        "SBATCH_REQUEUE",
        "SBATCH_SIGNAL",
        "SBATCH_TEST_ONLY",
        "SBATCH_WAIT",
        "SBATCH_WAIT_ALL_NODES",
    ];
    let is_of_a_job = variable.starts_with("SLURM_") || variable.starts_with("SLURMD_");
    let is_default = ["SQUEUE_", "SCANCEL_", "SCONTROL_", "SACCT_"].iter().any(|p| variable.starts_with(p));
    (is_of_a_job && !KEPT.contains(&variable)) || is_default || DECIDED_HERE.contains(&variable)
}

fn output_of(command: &mut Command) -> Result<Output, SearchError> {
    let program = name(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => SearchError::Refused(format!(
            "{program} is not there: Slurm's commands are where jobs are submitted, mostly on a login node; \
             --engine local trains on this machine"
        )),
        _ => SearchError::Failed(format!("cannot run {program}: {error}")),
    })?;
    let process = rustix::process::Pid::from_child(&child);
    let (send, answered) = sync_channel(1);
    // A thread of its own, since it may wait for ever.
    let listening = std::thread::Builder::new().name("slurm".into()).spawn(move || {
        // Nobody may be listening any more.
        let _ = send.send(child.wait_with_output());
    });
    let failed = |why: &dyn std::fmt::Display| SearchError::Failed(format!("cannot run {program}: {why}"));
    listening.map_err(|error| failed(&error))?;
    match answered.recv_timeout(PATIENCE) {
        Ok(output) => output.map_err(|error| failed(&error)),
        Err(_) => {
            // It has not been waited for, so that the number is still its own.
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
            let seconds = PATIENCE.as_secs();
            Err(SearchError::Failed(format!("{program} did not answer for {seconds} s: is slurmctld there?")))
        }
    }
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn one_line(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    printable(&lines.join("; ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_job_left_in_the_environment_decides_nothing() {
        for gone in
            ["SQUEUE_FORMAT", "SLURM_ARRAY_TASK_ID", "SLURM_CPUS_PER_TASK", "SBATCH_WAIT", "SCANCEL_CTLD"]
        {
            assert!(is_order_of_others(gone), "{gone}");
        }
        for kept in ["SLURM_CONF", "SBATCH_ACCOUNT", "SBATCH_PARTITION", "PATH", "CUDA_VISIBLE_DEVICES"] {
            assert!(!is_order_of_others(kept), "{kept}");
        }
    }

    #[test]
    fn a_refusal_has_the_commands_own_words_made_printable() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'sbatch: error: no \u{1b}[31mpartition' >&2; echo more >&2; exit 1"]);
        let error = order(&mut command).unwrap_err().to_string();
        assert_eq!(error, "sh refuses: sbatch: error: no [31mpartition; more");
    }

    #[test]
    fn a_command_that_is_not_there_refuses_before_any_work() {
        let error = order(&mut Command::new("no-such-sbatch")).unwrap_err();
        assert!(error.is_refusal());
        assert!(error.to_string().contains("no-such-sbatch is not there"), "{error}");
    }
}
