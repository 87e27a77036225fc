//! What a supervisor does, round by round. It knows nothing of processes or schedulers: that is the engine's.

mod handing;

use super::super::{Engine, Holding, Plan, Record, Search, SearchError, SearchFolder, SearchState};
use super::breaker::Breaker;
use super::ledger::{End, Held, Ledger};
use super::{room, standing};
use crate::run::{Machine, Observed, RunLock, State, Status, observe, observe_from, unix_seconds};
use handing::held;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// After the engine refused runs, the next ones are handed over so much later.
const BREATH: Duration = Duration::from_secs(10);

/// A search being supervised.
pub(in crate::search) struct Supervisor {
    folder: SearchFolder,
    plan: Plan,
    retries: u32,
    engine: Box<dyn Engine>,
    /// To be written after each round.
    pub(in crate::search) record: Record,
    pub(super) ledger: Ledger,
    breaker: Breaker,
    /// Runs that failed or were lost and wait to be begun again: that counts once they are.
    owed: BTreeSet<u64>,
    /// How the search shall end once nothing is held any more.
    ending: Option<SearchState>,
    /// The engine was told to stop everything.
    cancelled: bool,
    /// Why the last runs could not be handed over, and when.
    refused: Option<(Instant, String)>,
    pub(super) breath: Duration,
    /// Bytes that are free on the disk of the runs.
    pub(super) free_bytes: fn(&Path) -> Option<u64>,
    say: Box<dyn FnMut(&str) + Send>,
}

impl Supervisor {
    /// Finds out where every run stands: those that are being trained are adopted, those that are finished are done, and
    /// all others wait.
    pub(in crate::search) fn open(
        folder: &SearchFolder,
        search: &Search,
        mut engine: Box<dyn Engine>,
        record: Record,
        say: impl FnMut(&str) + Send + 'static,
    ) -> Result<Self, SearchError> {
        let plan = Plan::read(folder)?;
        engine.look(&record)?;
        let (mut ledger, mut breaker) = (Ledger::default(), Breaker::default());
        for (run, seen) in plan.runs.iter().zip(standing(folder, &plan)?) {
            let number = run.number;
            let (state, status) = match seen {
                Some(seen) => (Some(seen.state), seen.status),
                None => (None, None),
            };
            if status.as_ref().is_some_and(|status| status.step > 0) {
                breaker.proved();
            }
            let is_held = matches!(engine.holding(run), Holding::Waiting(_) | Holding::Running);
            match (state, &status) {
                (Some(State::Finished), _) => ledger.end(number, End::Finished),
                (Some(State::Running), Some(status)) => {
                    engine.adopt(run, status);
                    ledger.hold(number, Held { before: None, step: status.step });
                }
                (_, status) if is_held => ledger.hold(number, held(state, status.as_ref())),
                (None, _) if record.cancelled.contains(&number) => ledger.end(number, End::Stopped),
                _ if record.failed.contains_key(&number) => ledger.end(number, End::Failed),
                (state, _) => ledger.wait(number, state.is_some()),
            }
        }
        Ok(Self {
            folder: folder.clone(),
            plan,
            retries: search.retries,
            engine,
            record,
            ledger,
            breaker,
            owed: BTreeSet::new(),
            ending: None,
            cancelled: false,
            refused: None,
            breath: BREATH,
            free_bytes: room::free_bytes,
            say: Box::new(say),
        })
    }

    /// How many runs are with the engine.
    pub(in crate::search) fn held(&self) -> usize {
        self.ledger.held().len()
    }

    pub(in crate::search) fn waiting(&self) -> usize {
        self.ledger.waiting()
    }

    /// Between two rounds.
    pub(super) fn pause(&self) -> Duration {
        self.engine.pause()
    }

    /// Looks at every run that is held, hands over what there is room for, and says how the search ended, where it has.
    ///
    /// # Errors
    /// What no waiting will mend: the search is over.
    pub(in crate::search) fn round(&mut self) -> Result<Option<SearchState>, SearchError> {
        self.obey();
        let mut problem = self.look()?;
        if self.ending.is_some() {
            problem = problem.or(self.cancel()?);
        } else if problem.is_none() {
            problem = self.begin_runs()?;
        }
        self.tell(problem);
        Ok(match self.ending {
            Some(end) if self.ledger.held().is_empty() => Some(end),
            None if self.ledger.is_done() => Some(SearchState::Finished),
            _ => None,
        })
    }

    /// Hands over what there is room for and returns why it could not be, where it could not: for those who wait at a
    /// terminal.
    pub(in crate::search) fn begin_first(&mut self) -> Result<(), SearchError> {
        match self.begin_runs()? {
            Some(problem) => Err(SearchError::Failed(problem)),
            None => Ok(()),
        }
    }

    /// Stops everything; the rounds that follow wait for it.
    pub(in crate::search) fn stop(&mut self) {
        self.ending.get_or_insert(SearchState::Stopped);
    }

    /// Changes how many runs may go on at once.
    pub(in crate::search) fn throttle(&mut self, most: usize) -> Result<(), SearchError> {
        self.engine.throttle(most, &mut self.record)?;
        self.record.throttle = Some(most);
        Ok(())
    }

    /// Leaves no run as if it waited for its turn.
    pub(in crate::search) fn put_away(&self) {
        for number in self.ledger.waiting_with_folder() {
            let folder = self.folder.run(number);
            let Ok(_lock) = RunLock::acquire(&folder) else { continue };
            if let Some(status) = observe(&folder).status.filter(|status| status.state == State::Queued) {
                let _ = Status { state: State::Stopped, ..status }.write(&folder);
            }
        }
    }

    fn say(&mut self, sentence: &str) {
        (self.say)(sentence);
    }
}

/// What others ask for by files in the search's folder.
impl Supervisor {
    fn obey(&mut self) {
        if self.ending.is_none() && self.folder.stop_request().exists() {
            self.say("asked to stop: the runs write their checkpoints");
            self.stop();
        }
        // Taken away before it is read: a number that comes meanwhile is another request.
        let taken = self.folder.path().join(".throttle");
        if fs::rename(self.folder.throttle_request(), &taken).is_err() {
            return;
        }
        let text = fs::read_to_string(&taken).unwrap_or_default();
        let _ = fs::remove_file(&taken);
        let Some(most) = text.trim().parse().ok().filter(|most| *most > 0) else { return };
        match self.throttle(most) {
            Ok(()) => self.say(&format!("at most {most} at once from now on")),
            Err(error) => self.say(&format!("cannot change how many run at once: {error}")),
        }
    }

    fn cancel(&mut self) -> Result<Option<String>, SearchError> {
        if self.cancelled {
            return Ok(None);
        }
        let outcome = self.engine.cancel(&self.record);
        self.cancelled = outcome.is_ok();
        later(outcome.map(|()| None))
    }

    /// The state for readers, and why, where the search waits for somebody.
    fn tell(&mut self, problem: Option<String>) {
        let problem = problem.map(|problem| crate::data::printable(&problem).into_owned());
        if problem != self.record.problem && self.ending != Some(SearchState::Failed) {
            self.say(&match &problem {
                Some(problem) => format!("paused: {problem}"),
                None => "goes on".into(),
            });
            self.record.state = if problem.is_some() { SearchState::Paused } else { SearchState::Running };
            self.record.problem = problem;
        }
    }
}

/// What has become of the runs that are held.
impl Supervisor {
    fn look(&mut self) -> Result<Option<String>, SearchError> {
        if let Err(error) = self.engine.look(&self.record) {
            return later(Err(error));
        }
        let (machine, now) = (Machine::here(), unix_seconds());
        let observe = |number| observe_from(&self.folder.run(number), &machine, now);
        let seen: Vec<(u64, Held, Observed)> =
            self.ledger.held().iter().map(|(number, held)| (*number, *held, observe(*number))).collect();
        // Before any failure is judged.
        let has_advanced = |(_, held, seen): &(u64, Held, Observed)| {
            seen.status.as_ref().is_some_and(|status| status.step > held.step)
        };
        if seen.iter().any(has_advanced) {
            self.breaker.proved();
        }
        for (number, held, seen) in seen {
            self.judge(number, held, seen);
        }
        Ok(None)
    }

    /// The run's own folder is the truth; the engine explains one that tells of no end.
    fn judge(&mut self, number: u64, held: Held, seen: Observed) {
        let Some(run) = self.plan.get(number) else { return };
        let holding = self.engine.holding(run);
        let status = seen.status.as_ref();
        let step = status.map_or(held.step, |status| status.step);
        let is_held = matches!(holding, Holding::Waiting(_) | Holding::Running);
        // What it said before it was handed over is no news.
        let is_old = held.before.is_some() && held.before == status.map(|status| status.heartbeat);
        let word = self.engine.last_word(run);
        let reason = seen.reason.clone().or(word.clone()).unwrap_or_default();
        match seen.state {
            _ if is_old && is_held => {}
            _ if holding == Holding::Cancelled && seen.state != State::Finished => {
                self.record.cancelled.insert(number);
                self.end(number, End::Stopped, "taken out of the queue");
            }
            State::Finished => {
                self.breaker.proved();
                let how =
                    if status.is_some_and(|status| status.halved.is_some()) { "halved" } else { "finished" };
                self.end(number, End::Finished, how);
            }
            State::Stopped if !is_old => {
                let how = if self.ending.is_some() { "stopped" } else { "stopped by someone" };
                self.end(number, End::Stopped, how);
            }
            State::Failed if !is_old => self.failed(number, step.saturating_sub(held.step), &reason),
            // A scheduler brings back what it took away, or what was on a node that vanished.
            _ if is_held => {}
            State::Running => {}
            State::Preempted if !is_old => {
                self.say(&format!("run {number}: preempted; goes on from its checkpoint"));
                self.ledger.wait_first(number, true);
            }
            State::Lost => self.lost(number, &reason),
            _ if holding == Holding::Dropped => {
                self.say(&format!("run {number}: the queue has lost it; it goes into it again"));
                self.ledger.wait_first(number, status.is_some());
            }
            State::Unreadable | State::Queued if word.is_some() => {
                self.failed(number, 0, &word.unwrap_or_default());
            }
            State::Unreadable => self.lost(number, "its folder cannot be read"),
            _ => self.lost(number, "it ended before it began"),
        }
    }

    fn end(&mut self, number: u64, end: End, how: &str) {
        self.say(&format!("run {number}: {how}"));
        self.ledger.end(number, end);
    }

    fn failed(&mut self, number: u64, steps: u64, reason: &str) {
        if self.is_for_want_of_room(number, &format!("failed ({reason})")) {
            return;
        }
        self.count_failure(number, steps, reason);
        self.again(number, &format!("failed ({reason})"), false);
    }

    /// Ends the search where so many failures are no coincidence.
    fn count_failure(&mut self, number: u64, steps: u64, reason: &str) {
        let hopeless = self.breaker.failed(number, steps, reason);
        if let Some(sentence) = hopeless.filter(|_| self.ending.is_none()) {
            self.say(&sentence);
            self.record.problem = Some(crate::data::printable(&sentence).into_owned());
            self.ending = Some(SearchState::Failed);
        }
    }

    /// Ends a run as failed, also for readers: a run that never began has nothing of its own that says so.
    fn give_up(&mut self, number: u64, what: &str) {
        let says_so = matches!(observe(&self.folder.run(number)).state, State::Failed | State::Lost);
        if !says_so || !self.folder.run(number).path().exists() {
            self.record.failed.insert(number, crate::data::printable(what).into_owned());
        }
        self.end(number, End::Failed, what);
    }

    /// On a full disk the run waits for room, whatever ended it: one that cannot write its end is lost.
    fn is_for_want_of_room(&mut self, number: u64, what: &str) -> bool {
        let runs = self.folder.runs();
        let is_full = room::problem(&runs, (self.free_bytes)(&runs)).is_some();
        if is_full {
            self.say(&format!("run {number}: {what} as the disk is full; that does not count"));
            self.ledger.wait_first(number, self.folder.run(number).path().exists());
        }
        is_full
    }

    fn lost(&mut self, number: u64, reason: &str) {
        if self.is_for_want_of_room(number, &format!("lost ({reason})")) {
            return;
        }
        self.again(number, &format!("lost ({reason})"), true);
    }

    /// Begins a run again where it has not been too often.
    fn again(&mut self, number: u64, what: &str, is_first: bool) {
        let tried = self.record.retried.get(&number).copied().unwrap_or(0);
        if tried >= self.retries {
            return self.give_up(number, what);
        }
        // A search that ends counts nothing that it does not do.
        if self.ending.is_none() {
            self.owed.insert(number);
            self.say(&format!("run {number}: {what}; to be begun again, {} of {}", tried + 1, self.retries));
        }
        let has_folder = self.folder.run(number).path().exists();
        if is_first {
            self.ledger.wait_first(number, has_folder);
        } else {
            self.ledger.wait(number, has_folder);
        }
    }
}

/// What may be mended while the search waits is a sentence; everything else is its end.
fn later(outcome: Result<Option<String>, SearchError>) -> Result<Option<String>, SearchError> {
    match outcome {
        Err(error) if !error.is_refusal() => Ok(Some(error.to_string())),
        other => other,
    }
}
