//! Runs trained by Slurm: job arrays, a task a run.
//!
//! What Slurm says is never the truth about a run: that stands in the run's own folder. Slurm says whether a run that has
//! not ended is still to come, and explains one that ended without a word.

mod arrays;
mod list;
mod queue;
mod scheduler;
mod script;
mod submit;
mod task;

use self::arrays::{Submitted, shares};
use self::list::Files;
use super::ready::is_taken;
use super::record::Array;
use super::{Engine, Holding, NotBegun, PlannedRun, Record, Search, SearchError, SearchFolder, SlurmEngine};
use crate::data::shown;
use crate::run::{self, RunError, RunLock, State, Status, unix_seconds};
use std::collections::{BTreeSet, HashMap};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

pub use task::Task;

/// Between two looks at the queue where the search's file does not say.
const POLL: Duration = Duration::from_secs(15);

/// The engine of a cluster.
#[derive(Debug)]
pub struct Slurm {
    folder: SearchFolder,
    engine: SlurmEngine,
    throttle: Option<usize>,
    /// Oldest first.
    arrays: Vec<Submitted>,
    /// Which array and task a run was put into last, both from 0.
    places: HashMap<u64, (usize, usize)>,
    /// Handed over, and not submitted yet: more than the throttle or the cluster has room for.
    backlog: BTreeSet<u64>,
    /// The most tasks of an array.
    most_tasks: usize,
    /// Everything is to stop.
    is_cancelled: bool,
    /// Slurm keeps accounts of jobs that it has forgotten, as far as it is known.
    has_accounts: bool,
}

impl Slurm {
    /// Finds the arrays that were submitted before. Asks Slurm nothing that it could refuse.
    ///
    /// # Errors
    /// Where an option of the search's file cannot be passed on.
    pub fn open(search: &Search, folder: &SearchFolder, record: &Record) -> Result<Self, SearchError> {
        let poll_seconds = POLL.as_secs_f64();
        let none = SlurmEngine { throttle: None, sbatch: Vec::new(), setup: String::new(), poll_seconds };
        let engine = search.slurm.clone().unwrap_or(none);
        script::check(&engine)?;
        let throttle = record.throttle.or(engine.throttle);
        let mut slurm = Self {
            folder: folder.clone(),
            engine,
            throttle,
            arrays: Vec::new(),
            places: HashMap::new(),
            backlog: BTreeSet::new(),
            most_tasks: submit::most_tasks(),
            is_cancelled: false,
            has_accounts: true,
        };
        for array in record.arrays.iter().cloned().chain(unrecorded(folder, record)) {
            let runs = list::read(folder, &array.list)?;
            slurm.add(Submitted::found(array, runs, throttle));
        }
        Ok(slurm)
    }

    fn add(&mut self, submitted: Submitted) {
        let array = self.arrays.len();
        for older in self.arrays.iter_mut().filter(|older| older.array.job == submitted.array.job) {
            older.forget();
        }
        for (task, &run) in submitted.runs.iter().enumerate() {
            self.places.insert(run, (array, task));
        }
        self.arrays.push(submitted);
    }

    fn live(&self) -> usize {
        self.arrays.iter().map(Submitted::live).sum()
    }

    /// How many more runs may go on at once.
    fn free(&self) -> usize {
        let taken: usize = self.arrays.iter().map(Submitted::at_once).sum();
        self.throttle.map_or(usize::MAX, |most| most.saturating_sub(taken))
    }

    /// Submits of the backlog what there is room for. An array that goes beside another gets what that one leaves of the
    /// throttle, so that both together keep it.
    fn submit(&mut self) -> Result<(), SearchError> {
        let mut most = self.most_tasks;
        while !self.backlog.is_empty() && self.free() > 0 && self.live() < 2 * self.most_tasks {
            let runs: Vec<u64> = self.backlog.iter().copied().take(most).collect();
            let throttle = self.throttle.map(|_| self.free());
            match submit::submit(&self.engine, &self.folder, &runs, throttle) {
                Ok(array) => {
                    self.backlog.retain(|run| !runs.contains(run));
                    self.add(Submitted::new(array, runs, throttle));
                }
                Err(error) if submit::is_limit(&error) && runs.len() > 1 => most = runs.len() / 2,
                // The rest has to wait until the account has room again.
                Err(error) if submit::is_limit(&error) && self.live() > 0 => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Has Slurm keep the throttle over all arrays together, as runs end and arrays come.
    fn share(&mut self) -> Result<(), SearchError> {
        let Some(most) = self.throttle else { return Ok(()) };
        let shares = shares(most, self.arrays.iter().map(Submitted::live));
        // First those that get less.
        let mut changes: Vec<_> = self.arrays.iter_mut().zip(shares).collect();
        let is_new = |array: &Submitted, share| array.at_once() != share || array.is_throttle_old;
        changes.retain(|(array, share)| *share > 0 && is_new(array, *share));
        changes.sort_by_key(|(array, share)| *share > array.at_once());
        for (array, share) in changes {
            set_throttle(&array.array.job, share)?;
            (array.throttle, array.is_throttle_old) = (Some(share), false);
        }
        Ok(())
    }

    /// Stops whatever runs, with a checkpoint, and takes back whatever waits.
    fn stop_live(&self) -> Result<(), SearchError> {
        let live: Vec<_> = self.arrays.iter().filter(|array| array.live() > 0).collect();
        if live.is_empty() {
            return Ok(());
        }
        // Or else a run takes the signal for a preemption.
        for number in live.iter().flat_map(|array| array.live_runs()) {
            let folder = self.folder.run(number);
            if Status::read(&folder).is_ok_and(|status| status.state == State::Running) {
                folder.request_stop()?;
            }
        }
        let jobs: Vec<_> = live.iter().map(|array| array.array.job.as_str()).collect();
        scancel(&["--state=PENDING"], &jobs)?;
        // A plain scancel would kill a run that takes long to write its checkpoint.
        scancel(&["--batch", "--signal=TERM"], &jobs)
    }

    /// Whether a task of this search's was begun, as far as anything is left of it.
    fn has_begun(&self, number: u64, job: &str) -> bool {
        let said = self.folder.slurm().join(format!("{job}.out"));
        let is_of_job = |status: Status| status.job.as_deref() == Some(job);
        said.exists() || Status::read(&self.folder.run(number)).is_ok_and(is_of_job)
    }

    /// Leaves a run that has a folder `queued`, and takes back an earlier request to stop.
    fn queue(&self, number: u64) -> Result<(), SearchError> {
        let folder = self.folder.run(number);
        if !folder.status().exists() {
            return Ok(());
        }
        if let Ok(status) = Status::read(&folder)
            && status.state == State::Running
            && status.job.as_deref().is_some_and(|job| self.is_over(job))
        {
            run::disown(&folder, status)?;
        }
        // A trainer that has written its end holds its run for a moment longer.
        for _ in 0..20 {
            match run::prepare_resume(&folder) {
                Err(RunError::Locked { .. }) => sleep(Duration::from_millis(100)),
                other => return Ok(other?),
            }
        }
        Ok(run::prepare_resume(&folder)?)
    }

    /// Whether a job of this search is surely at its end.
    fn is_over(&self, job: &str) -> bool {
        let Some((job, task)) = job.split_once('_') else { return false };
        let array = self.arrays.iter().rev().find(|submitted| submitted.array.job == job);
        let task = task.parse().ok().and_then(|task: usize| task.checked_sub(1));
        array.zip(task).is_some_and(|(array, task)| !array.is_live(task))
    }

    fn remember(&self, record: &mut Record) {
        record.arrays = self.arrays.iter().map(|submitted| submitted.array.clone()).collect();
    }

    fn place(&self, number: u64) -> Option<(&Submitted, usize)> {
        let &(array, task) = self.places.get(&number)?;
        Some((self.arrays.get(array)?, task))
    }
}

impl Engine for Slurm {
    fn room(&self, held: usize) -> usize {
        match self.free() {
            _ if !self.backlog.is_empty() || held > self.most_tasks => 0,
            0 => 0,
            _ => 2 * self.most_tasks - held,
        }
    }

    fn hand_over(&mut self, runs: &[&PlannedRun], record: &mut Record) -> Result<Vec<NotBegun>, SearchError> {
        let mut not_begun = Vec::new();
        let mut handed = Vec::new();
        for run in runs {
            self.places.remove(&run.number);
        }
        for run in runs {
            match self.queue(run.number) {
                Ok(()) => handed.push(run.number),
                // A person trains it, or has just done so: its folder will say how it ends.
                Err(_) if is_taken(&self.folder.run(run.number)) => {}
                Err(error) if error.is_of_place(&self.folder.run(run.number)) => return Err(error),
                Err(error) => not_begun.push(NotBegun { number: run.number, reason: error.to_string() }),
            }
        }
        self.backlog.extend(&handed);
        let submitted = self.submit();
        if submitted.is_err() {
            self.backlog.retain(|run| !handed.contains(run));
        }
        self.remember(record);
        submitted.map(|()| not_begun)
    }

    fn look(&mut self, _record: &Record) -> Result<(), SearchError> {
        let live: Vec<usize> =
            (0..self.arrays.len()).filter(|&array| self.arrays[array].live() > 0).collect();
        let jobs: Vec<&str> = live.iter().map(|&array| self.arrays[array].array.job.as_str()).collect();
        let lines = queue::look(&jobs)?;
        let folder = self.folder.clone();
        let has_begun = |run: u64, job: &str| {
            Status::read(&folder.run(run)).is_ok_and(|status| status.job.as_deref() == Some(job))
        };
        for array in live {
            let array = &mut self.arrays[array];
            let of_it: Vec<_> = lines.iter().filter(|line| line.job == array.array.job).collect();
            let ended = array.take(&of_it, has_begun);
            if self.has_accounts && ended.iter().any(|&task| array.is_forgotten(task)) {
                match queue::remembered(&array.array.job) {
                    Some(remembered) => array.recall(|index| remembered.get(&index).cloned()),
                    None => self.has_accounts = false,
                }
            }
            for task in ended {
                conclude(&self.folder, array, task);
            }
        }
        if self.is_cancelled {
            return self.stop_live();
        }
        self.share()?;
        self.submit()
    }

    fn holding(&self, run: &PlannedRun) -> Holding {
        if self.backlog.contains(&run.number) {
            return Holding::Waiting("others go first".into());
        }
        let Some((array, task)) = self.place(run.number) else { return Holding::Gone };
        if array.is_forgotten(task) && !self.has_begun(run.number, &array.job(task)) {
            return Holding::Dropped;
        }
        array.holding(task)
    }

    fn last_word(&self, run: &PlannedRun) -> Option<String> {
        let (array, task) = self.place(run.number)?;
        last_word(&self.folder, array, task)
    }

    fn cancel(&mut self, _record: &Record) -> Result<(), SearchError> {
        self.backlog.clear();
        self.is_cancelled = true;
        self.stop_live()
    }

    fn throttle(&mut self, most: usize, record: &mut Record) -> Result<(), SearchError> {
        self.throttle = Some(most.max(1));
        self.remember(record);
        self.share()
    }

    fn pause(&self) -> Duration {
        let poll = Duration::try_from_secs_f64(self.engine.poll_seconds).unwrap_or(POLL);
        // Somebody waits for the end.
        if self.is_cancelled { poll.min(Duration::from_secs(2)) } else { poll }
    }
}

/// Arrays that were submitted by a supervisor that was killed before it could write them down.
fn unrecorded(folder: &SearchFolder, record: &Record) -> Vec<Array> {
    let is_recorded = |name: &String| record.arrays.iter().any(|array| array.list == *name);
    let mut names = list::names(folder).unwrap_or_default();
    names.retain(|name| !is_recorded(name));
    if names.is_empty() {
        return Vec::new();
    }
    // Where Slurm cannot say, their runs are handed over again, and the tasks that come second find them taken.
    let scripts = queue::scripts(&folder.id()).unwrap_or_default();
    let array = |name: String| {
        let script = Files::named(folder, &name)?.script;
        let job = scripts.get(script.to_str()?)?.clone();
        Some(Array { job, list: name })
    };
    names.into_iter().filter_map(array).collect()
}

fn set_throttle(job: &str, most: usize) -> Result<(), SearchError> {
    let mut command = Command::new("scontrol");
    command.args(["update", &format!("JobId={job}"), &format!("ArrayTaskThrottle={most}")]);
    let answer = scheduler::ask(&mut command)?;
    // It also fails for the tasks of the array that have ended, and says so beside those that have not.
    let said = format!("{} {}", answer.stdout, answer.complaint);
    let is_done = ["No error", "already finished", "Invalid job id"].iter().any(|words| said.contains(words));
    if answer.is_success || is_done { Ok(()) } else { Err(scheduler::refused(&command, &answer.complaint)) }
}

fn scancel(options: &[&str], jobs: &[&str]) -> Result<(), SearchError> {
    let mut command = Command::new("scancel");
    command.args(options).args(jobs);
    let answer = scheduler::ask(&mut command)?;
    let is_over = ["Invalid job id", "already completing", "already complete", "not running"];
    let is_done = is_over.iter().any(|words| answer.complaint.contains(words));
    if answer.is_success || is_done { Ok(()) } else { Err(scheduler::refused(&command, &answer.complaint)) }
}

/// Leaves the end of a task in its run's folder, where the run itself could not: that of one that was killed, and that of
/// one that was cancelled while it waited for a further attempt. Only what Slurm surely says counts: a run that it has
/// merely forgotten may be alive.
fn conclude(search: &SearchFolder, array: &Submitted, task: usize) {
    let Some(&number) = array.runs.get(task) else { return };
    let (folder, job) = (search.run(number), array.job(task));
    let end = || {
        let status = Status::read(&folder).ok()?;
        let was_cut_off = status.state == State::Running && status.job.as_deref() == Some(&job);
        let state = match array.ending(task) {
            _ if array.is_cancelled(task) && (was_cut_off || waits(status.state)) => State::Stopped,
            Some(("PREEMPTED", _)) if was_cut_off => State::Preempted,
            Some(_) if was_cut_off => State::Failed,
            _ => return None,
        };
        Some((status, state))
    };
    if array.is_forgotten(task) || end().is_none() {
        return;
    }
    // Whoever trains it has the word. Taking the lock also has a network disk look anew.
    let Ok(_lock) = RunLock::acquire(&folder) else { return };
    let Some((status, state)) = end() else { return };
    let error = (state == State::Failed).then(|| last_word(search, array, task)).flatten();
    let ended = Status { state, error, eta_seconds: None, heartbeat: unix_seconds(), ..status };
    // Where it cannot be written, the run is lost when its heart has been silent for long enough.
    let _ = ended.write(&folder);
}

fn waits(state: State) -> bool {
    matches!(state, State::Queued | State::Preempted)
}

/// Why a run ended, as far as Slurm knows. A run that is told so has left no end of its own.
fn last_word(search: &SearchFolder, array: &Submitted, task: usize) -> Option<String> {
    let (word, node) = array.ending(task)?;
    let job = array.job(task);
    let at = if node.is_empty() { String::new() } else { format!(" on {node}") };
    let said = search.slurm().join(format!("{job}.out"));
    let more = if said.exists() { format!("; {} says more", shown(&said)) } else { String::new() };
    Some(format!("Slurm ended job {job}{at}: {} ({word}){more}", queue::ending(word)))
}
