use super::{Machine, Presence, RunFolder, State, Status, printable, span, unix_seconds};

/// Without a heartbeat for so long, a process that cannot be looked at counts as gone.
pub const SILENCE_SECONDS: f64 = 120.0;

/// A run as it is seen from here, now.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    pub state: State,
    /// What `status.json` says; `None` where the state is unreadable.
    pub status: Option<Status>,
    /// Why the state is lost or unreadable, or the error that the trainer left; one printable sentence.
    pub reason: Option<String>,
}

/// Reads a run's status and concludes whether its process is still there.
pub fn observe(folder: &RunFolder) -> Observed {
    observe_from(folder, &Machine::here(), unix_seconds())
}

/// As [`observe`], for many folders: `machine` is this one and `now` unix seconds.
pub fn observe_from(folder: &RunFolder, machine: &Machine, now: f64) -> Observed {
    match Status::read(folder) {
        Ok(status) => judge(status, machine, now),
        Err(error) => Observed {
            state: State::Unreadable,
            status: None,
            reason: Some(printable(&error.to_string()).into_owned()),
        },
    }
}

fn judge(status: Status, machine: &Machine, now: f64) -> Observed {
    let lost = if status.state.is_active() { why_lost(&status, machine, now) } else { None };
    Observed {
        state: if lost.is_some() { State::Lost } else { status.state },
        reason: lost.or_else(|| status.error.as_deref().map(|error| printable(error).into_owned())),
        status: Some(status),
    }
}

fn why_lost(status: &Status, machine: &Machine, now: f64) -> Option<String> {
    // A run that waits for its turn in a search or a Slurm queue has no process yet, maybe for days.
    let waits = status.job.is_some() || status.search.is_some();
    if status.state == State::Queued && status.process.pid.is_none() && waits {
        return None;
    }
    match machine.presence(&status.process) {
        Presence::Alive => None,
        Presence::Gone => {
            let pid = status.process.pid.unwrap_or_default();
            Some(format!(
                "its process {pid} is gone without having said why; resume continues from the last checkpoint"
            ))
        }
        Presence::Unknown => {
            let silent = now - status.heartbeat;
            // A clock that is ahead of ours makes `silent` negative: that is a sign of life too. A heartbeat
            // that is no number is none.
            let alive = silent <= SILENCE_SECONDS;
            let host = status.process.host.as_deref().map(printable);
            let place = host.map(|host| format!(" from {host}")).unwrap_or_default();
            (!alive).then(|| format!("no sign of life{place} for {}", span(silent)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::ProcessIdentity;

    const NOW: f64 = 1_800_000_000.0;

    fn seen(state: State, process: ProcessIdentity, heartbeat: f64) -> State {
        let status = Status { process, heartbeat, ..Status::new(state) };
        judge(status, &Machine::here(), NOW).state
    }

    #[test]
    fn a_live_process_is_running_however_old_its_heartbeat() {
        assert_eq!(seen(State::Running, ProcessIdentity::current(), 0.0), State::Running);
    }

    #[test]
    fn a_gone_process_is_lost_however_fresh_its_heartbeat() {
        let gone = ProcessIdentity { process_start: Some(1.0), ..ProcessIdentity::current() };
        assert_eq!(seen(State::Running, gone.clone(), NOW), State::Lost);
        assert_eq!(seen(State::Finished, gone, NOW), State::Finished);
    }

    #[test]
    fn elsewhere_the_heartbeat_decides() {
        let elsewhere =
            ProcessIdentity { host: Some("other".into()), pid: Some(1), ..ProcessIdentity::default() };
        for (heartbeat, state) in [
            (NOW - 119.0, State::Running),
            (NOW - 121.0, State::Lost),
            (NOW + 500.0, State::Running),
            (f64::NAN, State::Lost),
        ] {
            assert_eq!(seen(State::Running, elsewhere.clone(), heartbeat), state, "{heartbeat}");
        }
        assert_eq!(seen(State::Preempted, elsewhere, 0.0), State::Preempted);
    }

    #[test]
    fn a_run_that_waits_in_a_queue_is_not_lost() {
        let mut status = Status::new(State::Queued);
        status.heartbeat = 0.0;
        assert_eq!(judge(status.clone(), &Machine::here(), NOW).state, State::Lost);
        status.job = Some("17".into());
        assert_eq!(judge(status, &Machine::here(), NOW).state, State::Queued);
    }
}
