//! What Slurm says of tasks: `squeue`, and `sacct` where it answers.

use super::scheduler;
use crate::data::printable;
use crate::search::SearchError;
use std::collections::HashMap;
use std::process::Command;

/// Job, job array, task, state, reason, time, nodes: columns that all versions have.
const COLUMNS: &str = "%i|%F|%K|%T|%r|%M|%N";

/// No task of an array is above this, whatever a cluster allows: so many runs in one list are enough.
const MOST_TASKS: u64 = 4_000_000;

/// What a task does, as Slurm says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Why, in words.
    Waiting(String),
    Running,
    /// Slurm's own word, and the node.
    Over(String, String),
}

/// Tasks of an array, as one line of squeue names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tasks {
    /// The array's job.
    pub job: String,
    /// None where the line does not say which: those that no other line names.
    pub indices: Option<Vec<u64>>,
    pub condition: Condition,
}

/// What is in the queue of these arrays. Those that Slurm has forgotten have no line.
pub(super) fn look(jobs: &[&str]) -> Result<Vec<Tasks>, SearchError> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let mut command = Command::new("squeue");
    command.args(["-h", "-r", "-t", "all", "-j", &jobs.join(","), "-o", COLUMNS]);
    let answer = scheduler::ask(&mut command)?;
    if answer.is_success {
        return Ok(parse(&answer.stdout));
    }
    if !answer.complaint.contains("Invalid job id") {
        return Err(scheduler::refused(&command, &answer.complaint));
    }
    // Some versions refuse all for one that is forgotten.
    match jobs {
        [_] => Ok(Vec::new()),
        _ => {
            let (some, others) = jobs.split_at(jobs.len() / 2);
            let mut lines = look(some)?;
            lines.extend(look(others)?);
            Ok(lines)
        }
    }
}

/// The arrays that were submitted under `name`, by the path of their scripts.
pub(super) fn scripts(name: &str) -> Result<HashMap<String, String>, SearchError> {
    let mut command = Command::new("squeue");
    command.args(["-h", "-t", "all", "-n", name, "-o", "%F|%o"]);
    let said = scheduler::order(&mut command)?;
    let pair =
        |line: &str| line.split_once('|').map(|(job, script)| (script.trim().into(), job.trim().into()));
    Ok(said.lines().filter_map(pair).collect())
}

/// How the tasks of an array ended, by task, as the accounting remembers; nothing where there is none.
pub(super) fn remembered(job: &str) -> Option<HashMap<u64, Condition>> {
    let mut command = Command::new("sacct");
    command.args(["-n", "-P", "-X", "-j", job, "-o", "JobID,State,NodeList"]);
    let answer = scheduler::ask(&mut command).ok().filter(|answer| answer.is_success)?;
    Some(parse_remembered(&answer.stdout))
}

fn parse_remembered(text: &str) -> HashMap<u64, Condition> {
    let task = |line: &str| {
        let mut columns = line.split('|');
        let (_, index) = columns.next()?.split_once('_')?;
        let condition = condition(columns.next()?, "", columns.next().unwrap_or(""));
        Some((index.trim().parse().ok()?, condition))
    };
    text.lines().filter_map(task).collect()
}

/// Lines that are none, as headings, are passed over.
fn parse(text: &str) -> Vec<Tasks> {
    text.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<Tasks> {
    let columns: Vec<_> = line.splitn(7, '|').map(str::trim).collect();
    let [_, job, indices, state, reason, _, node] = columns[..] else { return None };
    let is_id = !job.is_empty() && job.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| Tasks {
        job: job.into(),
        indices: parse_indices(indices),
        condition: condition(state, reason, node),
    })
}

/// `3`, `1,4-6`, `[1-9:2%4]`; `N/A` names none.
fn parse_indices(text: &str) -> Option<Vec<u64>> {
    let text = text.trim_matches(['[', ']']);
    let text = text.split('%').next().unwrap_or(text);
    let mut indices = Vec::new();
    for part in text.split(',') {
        let (range, step) = part.split_once(':').unwrap_or((part, "1"));
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        let step: usize = step.parse().ok().filter(|&step| step > 0)?;
        if last > MOST_TASKS {
            return None;
        }
        indices.extend((first..=last).step_by(step));
    }
    Some(indices)
}

/// A state of Slurm. One that is not known here, of a later version, is taken for one that is not over.
fn condition(state: &str, reason: &str, node: &str) -> Condition {
    // The accounting writes `CANCELLED by 1000`; some versions mark a word with a `+` where they cut it.
    let state = state.split([' ', '+']).next().unwrap_or(state);
    match state {
        "RUNNING" | "COMPLETING" | "CONFIGURING" | "RESIZING" | "SIGNALING" | "STAGE_OUT" => {
            Condition::Running
        }
        "BOOT_FAIL" | "CANCELLED" | "COMPLETED" | "DEADLINE" | "FAILED" | "LAUNCH_FAILED" | "NODE_FAIL"
        | "OUT_OF_MEMORY" | "PREEMPTED" | "RECONFIG_FAIL" | "REVOKED" | "TIMEOUT" => {
            Condition::Over(state.into(), printable(node).into_owned())
        }
        "SUSPENDED" | "STOPPED" => Condition::Waiting("it is suspended".into()),
        "REQUEUE_HOLD" | "SPECIAL_EXIT" | "RESV_DEL_HOLD" => Condition::Waiting(words("JobHeldUser")),
        _ => Condition::Waiting(words(reason)),
    }
}

/// A reason for which a job is pending, in words; one that is not known here as it stands.
fn words(reason: &str) -> String {
    let known = match reason.trim_matches(['(', ')']) {
        "" | "None" | "null" => "it was just submitted",
        "BeginTime" => "Slurm lets it wait for a while after a requeue",
        "Dependency" => "it depends on another job",
        "JobArrayTaskLimit" => "as many runs as the throttle allows go on",
        "JobHeldUser" | "JobHeldAdmin" => "it is held: scontrol release lets it go",
        "Licenses" => "a licence is not free",
        "Priority" => "other jobs come first",
        "ReqNodeNotAvail" => "the node that it asks for is not available",
        "Reservation" => "it waits for its reservation",
        "Resources" => "what it asks for is not free",
        other => return printable(other).into_owned(),
    };
    known.into()
}

/// How a task ended, for a person.
pub(super) fn ending(word: &str) -> &'static str {
    match word {
        "BOOT_FAIL" => "its node did not start",
        "CANCELLED" => "it was cancelled",
        "DEADLINE" => "it was not done by its deadline",
        "FAILED" | "LAUNCH_FAILED" => "its process failed",
        "NODE_FAIL" => "its node failed",
        "OUT_OF_MEMORY" => "its memory was not enough: ask for more with --mem",
        "PREEMPTED" => "it had to make room for another job",
        "TIMEOUT" => "its time was not enough: ask for more with --time",
        _ => "it ended",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(word: &str, node: &str) -> Condition {
        Condition::Over(word.into(), node.into())
    }

    fn one(line: &str) -> Tasks {
        parse_line(line).unwrap_or_else(|| panic!("{line}"))
    }

    #[test]
    fn a_line_of_each_kind_is_understood() {
        let seen = one("10_3|10|3|PENDING|JobArrayTaskLimit|0:00|");
        assert_eq!((seen.job.as_str(), seen.indices), ("10", Some(vec![3])));
        assert!(matches!(seen.condition, Condition::Waiting(why) if why.contains("throttle")));
        assert_eq!(one("10_2|10|2|RUNNING|None|0:06|vm").condition, Condition::Running);
        assert_eq!(one("10_2|10|2|COMPLETING|None|0:06|vm").condition, Condition::Running);
        assert_eq!(one("4_3|4|3|TIMEOUT|TimeLimit|1:25|gpu[1-2]").condition, over("TIMEOUT", "gpu[1-2]"));
        assert!(matches!(one("4_3|4|3|SUSPENDED|None|1:25|vm").condition, Condition::Waiting(_)));
        assert!(
            matches!(one("4_3|4|3|BRAND_NEW|Because|1:25|vm").condition, Condition::Waiting(why) if why == "Because")
        );
        // The tasks of an array that were cancelled before their turn.
        let rest = one("7|7|N/A|CANCELLED|JobArrayTaskLimit|0:00|");
        assert_eq!((rest.indices, rest.condition), (None, over("CANCELLED", "")));
    }

    #[test]
    fn tasks_that_share_a_line_are_told_apart() {
        for (text, indices) in [
            ("[3-5%2]", vec![3, 4, 5]),
            ("1,4-6", vec![1, 4, 5, 6]),
            ("1-9:4%3", vec![1, 5, 9]),
            ("12", vec![12]),
        ] {
            assert_eq!(parse_indices(text), Some(indices), "{text}");
        }
        for text in ["N/A", "", "3-", "a-b", "1-9:0", "1,...", "0-18446744073709551615"] {
            assert_eq!(parse_indices(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_line_of_the_queue_is_passed_over() {
        let text = "CLUSTER: big\n\nJOBID|ARRAY\n|||||| \nx|x|1|RUNNING|a|b|c\n\u{1b}[31m\n5_1|5|1|RUNNING|None|0:01|n|1\n";
        let lines = parse(text);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].condition, Condition::Running);
        let shown = one("5_1|5|1|PENDING|\u{1b}]0;x\u{7}Odd|0:01|").condition;
        assert_eq!(shown, Condition::Waiting("]0;xOdd".into()));
    }

    #[test]
    fn the_accounting_says_how_tasks_ended() {
        let said = parse_remembered(
            "12_1|CANCELLED by 1000|n1\n12_2|OUT_OF_ME+|n1\n12_[3-4]|PENDING|\n12_5|COMPLETED|n2\n",
        );
        assert_eq!(said.get(&1), Some(&over("CANCELLED", "n1")));
        assert_eq!(said.get(&5), Some(&over("COMPLETED", "n2")));
        assert_eq!(said.len(), 3);
    }
}
