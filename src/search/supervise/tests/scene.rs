//! A search on an engine that does as a test says.

use super::super::super::ready::ready;
use super::super::super::{
    Engine, Holding, NotBegun, Plan, PlannedRun, Record, Search, SearchError, SearchFolder, SearchState,
    folder,
};
use super::super::Supervisor;
use crate::run::{ProcessIdentity, RunError, State, Status};
use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// What a test sees of its engine, and has it do.
#[derive(Default)]
pub(super) struct Place {
    pub(super) slots: usize,
    pub(super) held: BTreeSet<u64>,
    /// Every run that was handed over, in order.
    pub(super) handed: Vec<u64>,
    pub(super) cancels: usize,
    /// The disk takes only so many more folders.
    pub(super) folders_left: Option<usize>,
    pub(super) refused: Option<u64>,
    pub(super) refuses_all: bool,
    pub(super) deaf: bool,
}

/// An engine that makes runs ready and leaves their training to the test.
struct Pretended {
    place: Arc<Mutex<Place>>,
    folder: SearchFolder,
    search: Search,
}

impl Engine for Pretended {
    fn room(&self, held: usize) -> usize {
        self.place.lock().unwrap().slots.saturating_sub(held)
    }

    fn adopt(&mut self, run: &PlannedRun, _status: &Status) {
        self.place.lock().unwrap().held.insert(run.number);
    }

    fn hand_over(
        &mut self,
        runs: &[&PlannedRun],
        _record: &mut Record,
    ) -> Result<Vec<NotBegun>, SearchError> {
        let mut place = self.place.lock().unwrap();
        for run in runs {
            if place.refuses_all || place.refused == Some(run.number) {
                return Ok(vec![NotBegun { number: run.number, reason: "its folder is torn".into() }]);
            }
            match &mut place.folders_left {
                Some(0) => {
                    let full = io::Error::from(io::ErrorKind::StorageFull);
                    return Err(RunError::Write { path: "runs".into(), source: full }.into());
                }
                Some(left) => *left -= 1,
                None => {}
            }
            ready(&self.folder, &self.search, run, None)?;
            place.handed.push(run.number);
            place.held.insert(run.number);
        }
        Ok(Vec::new())
    }

    fn look(&mut self, _record: &Record) -> Result<(), SearchError> {
        match self.place.lock().unwrap().deaf {
            true => Err(SearchError::Failed("the scheduler does not answer".into())),
            false => Ok(()),
        }
    }

    fn holding(&self, run: &PlannedRun) -> Holding {
        match self.place.lock().unwrap().held.contains(&run.number) {
            true => Holding::Running,
            false => Holding::Gone,
        }
    }

    fn cancel(&mut self, _record: &Record) -> Result<(), SearchError> {
        self.place.lock().unwrap().cancels += 1;
        Ok(())
    }

    fn throttle(&mut self, most: usize, _record: &mut Record) -> Result<(), SearchError> {
        self.place.lock().unwrap().slots = most;
        Ok(())
    }

    fn pause(&self) -> Duration {
        Duration::ZERO
    }
}

/// A search of some runs, on an engine with some slots.
pub(super) struct Scene {
    _keep: tempfile::TempDir,
    pub(super) folder: SearchFolder,
    pub(super) search: Search,
    pub(super) place: Arc<Mutex<Place>>,
}

impl Scene {
    pub(super) fn new(runs: u64, slots: usize, retries: u32) -> Self {
        let keep = tempfile::tempdir().unwrap();
        let search = Search { retries, file: keep.path().join("tiny.toml"), ..folder::tests::search() };
        let record = Record::new(search.file.clone());
        let planned: Vec<_> =
            (1..=runs).map(|number| PlannedRun { number, seed: number, set: Vec::new() }).collect();
        let folder = SearchFolder::create(keep.path(), "tiny", "", &search.base, &record, |inside| {
            Plan::append(inside, &planned)
        });
        let place = Arc::new(Mutex::new(Place { slots, ..Place::default() }));
        Self { _keep: keep, folder: folder.unwrap(), search, place }
    }

    pub(super) fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap()
    }

    /// A supervisor as it begins, after whatever was before.
    pub(super) fn supervisor(&self) -> Supervisor {
        let engine =
            Pretended { place: self.place.clone(), folder: self.folder.clone(), search: self.search.clone() };
        let record = Record {
            state: SearchState::Running,
            process: ProcessIdentity::current(),
            ..Record::read(&self.folder).unwrap()
        };
        let opened = Supervisor::open(&self.folder, &self.search, Box::new(engine), record, |_| {});
        let mut supervisor = opened.unwrap();
        supervisor.breath = Duration::ZERO;
        supervisor.free_bytes = |_| None;
        supervisor
    }

    pub(super) fn write(&self, number: u64, change: impl FnOnce(&mut Status)) {
        let run = self.folder.run(number);
        let mut status = Status::read(&run).unwrap();
        change(&mut status);
        status.heartbeat = crate::run::unix_seconds();
        status.write(&run).unwrap();
    }

    pub(super) fn runs(&self, number: u64, step: u64) {
        self.write(number, |status| {
            status.state = State::Running;
            status.process = ProcessIdentity::current();
            status.step = step;
        });
    }

    /// The run's trainer writes an end and is gone.
    pub(super) fn ends(&self, number: u64, state: State) {
        self.write(number, |status| {
            status.state = state;
            status.error = (state == State::Failed).then(|| "no such picture".into());
        });
        self.place().held.remove(&number);
    }

    /// The run's trainer is killed.
    pub(super) fn is_killed(&self, number: u64) {
        self.write(number, |status| {
            status.process = ProcessIdentity { process_start: Some(1.0), ..ProcessIdentity::current() };
        });
        self.place().held.remove(&number);
    }

    pub(super) fn handed(&self) -> Vec<u64> {
        self.place().handed.clone()
    }
}
