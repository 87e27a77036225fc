//! Handing runs over to the engine.

use super::{Supervisor, later, room};
use crate::run::{State, Status, observe};
use crate::search::supervise::ledger::Held;
use crate::search::{Holding, PlannedRun, SearchError};
use std::time::Instant;

impl Supervisor {
    /// Returns why nothing can be handed over for now, where that is so.
    pub(super) fn begin_runs(&mut self) -> Result<Option<String>, SearchError> {
        let most = self.engine.room(self.ledger.held().len()).min(self.ledger.waiting());
        if most == 0 {
            self.refused = None;
            return Ok(None);
        }
        let runs = self.folder.runs();
        if let Some(problem) = room::problem(&runs, (self.free_bytes)(&runs)) {
            return Ok(Some(problem));
        }
        if let Some((when, problem)) = &self.refused
            && when.elapsed() < self.breath
        {
            return Ok(Some(problem.clone()));
        }
        let numbers = self.ledger.take(most);
        let problem = self.hand_over(&numbers)?;
        self.refused = problem.clone().map(|problem| (Instant::now(), problem));
        Ok(problem)
    }

    fn hand_over(&mut self, numbers: &[u64]) -> Result<Option<String>, SearchError> {
        let before: Vec<Held> = numbers.iter().map(|number| self.before(*number)).collect();
        let runs: Vec<&PlannedRun> = numbers.iter().filter_map(|number| self.plan.get(*number)).collect();
        let outcome = self.engine.hand_over(&runs, &mut self.record);
        let took_all = outcome.is_ok();
        let mut not_begun = Vec::new();
        let problem = later(outcome.map(|runs| {
            not_begun = runs;
            None
        }))?;
        // From the last: those that were not taken go back to where they were.
        for (number, held) in numbers.iter().zip(before).rev() {
            let is_taken = took_all
                || self.plan.get(*number).is_some_and(|run| self.engine.holding(run) != Holding::Gone);
            if let Some(run) = not_begun.iter().find(|run| run.number == *number) {
                let reason = format!("cannot be begun: {}", run.reason);
                self.give_up(*number, &reason);
                // One among others that began is a bad point.
                if not_begun.len() == numbers.len() {
                    self.count_failure(*number, 0, &reason);
                }
            } else if is_taken {
                self.count_retry(*number);
                self.ledger.hold(*number, held);
            } else {
                self.ledger.wait_first(*number, self.folder.run(*number).path().exists());
            }
        }
        if took_all {
            let is_begun = |number: &u64| not_begun.iter().all(|run| run.number != *number);
            let begun_now: Vec<u64> = numbers.iter().copied().filter(is_begun).collect();
            self.say(&begun(&begun_now));
        }
        Ok(problem)
    }

    fn count_retry(&mut self, number: u64) {
        if self.owed.remove(&number) {
            *self.record.retried.entry(number).or_default() += 1;
        }
    }

    fn before(&self, number: u64) -> Held {
        if !self.ledger.has_folder(number) {
            return Held::default();
        }
        let seen = observe(&self.folder.run(number));
        held(Some(seen.state), seen.status.as_ref())
    }
}

/// A run as it stands before the engine has it.
pub(super) fn held(state: Option<State>, status: Option<&Status>) -> Held {
    // A reader's conclusion is a state of the moment, and what follows from the same heartbeat.
    let has_ended = !matches!(state, None | Some(State::Running | State::Queued | State::Unreadable));
    Held {
        before: status.filter(|_| has_ended).map(|status| status.heartbeat),
        step: status.map_or(0, |status| status.step),
    }
}

fn begun(numbers: &[u64]) -> String {
    match numbers {
        [] => "nothing is begun".into(),
        [only] => format!("run {only}: begun"),
        [first, .., last] => format!("{} runs begun, from {first} to {last}", numbers.len()),
    }
}
