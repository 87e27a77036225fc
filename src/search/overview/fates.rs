//! What becomes of each run, by its own status and by what its search does.

use super::Counts;
use super::statuses::Seen;
use super::time_left::Pace;
use crate::run::State;
use crate::search::{Record, SearchState};

/// What becomes of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Waiting,
    Queued,
    Running,
    Finished,
    Halved,
    Failed,
    Stopped,
}

/// What the search means for its runs.
pub(super) struct Fates<'a> {
    pub state: SearchState,
    pub record: Option<&'a Record>,
    pub retries: u32,
}

impl Fates<'_> {
    pub fn of(&self, number: u64, seen: Option<&Seen>) -> Fate {
        let given_up = self.given_up(number).is_some();
        let cancelled = self.record.is_some_and(|record| record.cancelled.contains(&number));
        // What waits in no queue any more waits for nothing.
        let queued =
            if cancelled || self.state == SearchState::Stopped { Fate::Stopped } else { Fate::Queued };
        let not_begun = match (cancelled, given_up) {
            (true, _) => Fate::Stopped,
            (false, true) => Fate::Failed,
            (false, false) => Fate::Waiting,
        };
        let Some(seen) = seen else { return not_begun };
        match seen.state {
            State::Queued | State::Preempted if given_up => Fate::Failed,
            State::Queued | State::Preempted => queued,
            State::Running => Fate::Running,
            State::Finished if seen.halved => Fate::Halved,
            State::Finished => Fate::Finished,
            State::Stopped => Fate::Stopped,
            State::Failed | State::Lost if !cancelled && !given_up && self.is_tried_again(number) => {
                Fate::Waiting
            }
            State::Failed | State::Lost | State::Unreadable => Fate::Failed,
        }
    }

    /// Why the supervisor gave a run up, where the run itself may not say so.
    pub fn given_up(&self, number: u64) -> Option<&str> {
        self.record.and_then(|record| record.failed.get(&number)).map(String::as_str)
    }

    fn is_tried_again(&self, number: u64) -> bool {
        let retried = self.record.and_then(|record| record.retried.get(&number)).copied().unwrap_or_default();
        self.state.is_active() && retried < self.retries
    }
}

impl Fate {
    pub fn count(self, seen: Option<&Seen>, counts: &mut Counts, pace: &mut Pace) {
        let trained = seen.and_then(|seen| seen.trained);
        match self {
            Self::Waiting | Self::Queued if seen.is_some() => {
                pace.interrupted.push(trained.unwrap_or_default())
            }
            Self::Waiting | Self::Queued => pace.not_begun += 1,
            Self::Running => pace.running.push((trained, seen.and_then(|seen| seen.left))),
            Self::Finished | Self::Halved => pace.took.extend(trained),
            Self::Failed | Self::Stopped => {}
        }
        *match self {
            Self::Waiting => &mut counts.waiting,
            Self::Queued => &mut counts.queued,
            Self::Running => &mut counts.running,
            Self::Finished => &mut counts.finished,
            Self::Halved => &mut counts.halved,
            Self::Failed => &mut counts.failed,
            Self::Stopped => &mut counts.stopped,
        } += 1;
    }
}
