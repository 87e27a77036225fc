//! Runs trained on this machine: a slot per GPU, or slots on the CPU, and a process of its own for each run.

use super::ready::ready;
use super::{Engine, Holding, LocalEngine, NotBegun, PlannedRun, Record, Search, SearchError, SearchFolder};
use crate::data::printable;
use crate::device::{self, DeviceChoice};
use crate::run::{self, Detached, RunError, RunFolder, RunLock, State, Status, observe};
use crate::train::TrainError;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::time::Duration;

/// Between two looks at the runs' status files.
const PAUSE: Duration = Duration::from_millis(500);

/// The engine of this machine.
#[derive(Debug)]
pub struct Local {
    folder: SearchFolder,
    search: Search,
    /// A device each; named twice it takes two runs.
    slots: Vec<DeviceChoice>,
    most: usize,
    taken: BTreeMap<u64, Taken>,
}

/// What a run has of this machine.
#[derive(Debug)]
struct Taken {
    /// None for a run on a device that is no slot any more.
    slot: Option<usize>,
    /// None for one that was begun by an earlier supervisor, or by a person.
    trainer: Option<Detached>,
    /// Once: a second signal would cost it its checkpoint.
    asked_to_stop: bool,
}

/// The devices that a search is trained on, each usable: those that its file names, or else every GPU once, or else the
/// CPU. Takes seconds where there are GPUs: each is tried.
pub(super) fn slots(engine: Option<&LocalEngine>) -> Result<Vec<String>, SearchError> {
    let named = engine.map(|engine| engine.slots.as_slice()).unwrap_or_default();
    if named.is_empty() {
        let usable = device::survey().into_iter().filter(|report| report.usable && report.device != "cpu");
        let gpus: Vec<_> = usable.map(|report| report.device).collect();
        return Ok(if gpus.is_empty() { vec!["cpu".into()] } else { gpus });
    }
    let mut tried = Vec::new();
    for device in parsed(named)? {
        if !tried.contains(&device) {
            device::choose(device, &[]).map_err(TrainError::Device)?;
            tried.push(device);
        }
    }
    Ok(named.to_vec())
}

fn parsed(slots: &[String]) -> Result<Vec<DeviceChoice>, SearchError> {
    let refused = |slot: &String, why: &str| {
        SearchError::Refused(format!("engine.local.slots has '{}': {why}", printable(slot)))
    };
    let parse = |slot: &String| match slot.parse() {
        Ok(DeviceChoice::Auto) => {
            Err(refused(slot, "a slot is one device, cpu or cuda:N; leave slots out for every GPU"))
        }
        Ok(device) => Ok(device),
        Err(_) => Err(refused(slot, "cpu, cuda:0, cuda:1 and so on are known")),
    };
    slots.iter().map(parse).collect()
}

impl Local {
    pub(super) fn open(search: &Search, folder: &SearchFolder, record: &Record) -> Result<Self, SearchError> {
        let mut slots = parsed(&record.slots)?;
        if slots.is_empty() {
            slots.push(DeviceChoice::Cpu);
        }
        Ok(Self {
            folder: folder.clone(),
            search: search.clone(),
            slots,
            most: record.throttle.unwrap_or(usize::MAX),
            taken: BTreeMap::new(),
        })
    }

    /// Has a run begun on a free slot.
    fn begin(&mut self, planned: &PlannedRun, slot: usize) -> Result<Option<Detached>, Unbegun> {
        let device = self.slots.get(slot).copied();
        let folder = match ready(&self.folder, &self.search, planned, device) {
            Ok(folder) => folder,
            // Another process has it, or has just finished it; its folder will say how it ends.
            Err(_) if is_taken(&self.folder.run(planned.number)) => return Ok(None),
            Err(error) => return Err(Unbegun::of(error, &self.folder.run(planned.number))),
        };
        // Anew for each run: it may have been replaced by a newer one meanwhile.
        let program = run::this_program().map_err(|error| Unbegun::Place(error.into()))?;
        let started = run::spawn_trainer_with(&program, &folder, &self.environment(device));
        started.map(Some).map_err(|error| Unbegun::Place(error.into()))
    }

    /// Several runs on the CPU share its cores, unless the user has decided.
    fn environment(&self, device: Option<DeviceChoice>) -> Vec<(&'static str, String)> {
        const THREADS: &str = "RAYON_NUM_THREADS";
        let sharing = self.slots.iter().filter(|slot| **slot == DeviceChoice::Cpu).count();
        if device != Some(DeviceChoice::Cpu) || sharing < 2 || std::env::var_os(THREADS).is_some() {
            return Vec::new();
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        vec![(THREADS, (cores / sharing).max(1).to_string())]
    }

    /// A free slot, on the device with the fewest runs.
    fn free_slot(&self) -> Option<usize> {
        let is_taken = |slot: usize| self.taken.values().any(|taken| taken.slot == Some(slot));
        let load = |slot: usize| {
            let on_it =
                |taken: &&Taken| taken.slot.and_then(|other| self.slots.get(other)) == self.slots.get(slot);
            self.taken.values().filter(on_it).count()
        };
        (0..self.slots.len()).filter(|slot| !is_taken(*slot)).min_by_key(|slot| load(*slot))
    }

    /// A free slot of this device.
    fn slot_of(&self, device: DeviceChoice) -> Option<usize> {
        let is_taken = |slot: usize| self.taken.values().any(|taken| taken.slot == Some(slot));
        (0..self.slots.len()).find(|slot| self.slots.get(*slot) == Some(&device) && !is_taken(*slot))
    }
}

impl Engine for Local {
    fn room(&self, _held: usize) -> usize {
        self.slots.len().min(self.most).saturating_sub(self.taken.len())
    }

    fn adopt(&mut self, run: &PlannedRun, status: &Status) {
        let device = status.device.as_deref().and_then(|device| device.parse().ok());
        let slot = device.and_then(|device| self.slot_of(device));
        self.taken.insert(run.number, Taken { slot, trainer: None, asked_to_stop: false });
    }

    fn hand_over(
        &mut self,
        runs: &[&PlannedRun],
        _record: &mut Record,
    ) -> Result<Vec<NotBegun>, SearchError> {
        let mut not_begun = Vec::new();
        for planned in runs {
            let slot = self.free_slot();
            match self.begin(planned, slot.unwrap_or(0)) {
                Ok(trainer) => {
                    let taken = Taken { slot, trainer, asked_to_stop: false };
                    self.taken.insert(planned.number, taken);
                }
                Err(Unbegun::Run(reason)) => not_begun.push(NotBegun { number: planned.number, reason }),
                Err(Unbegun::Place(error)) => return Err(error),
            }
        }
        Ok(not_begun)
    }

    fn look(&mut self, _record: &Record) -> Result<(), SearchError> {
        let folder = &self.folder;
        self.taken.retain(|number, taken| match &taken.trainer {
            Some(trainer) => trainer.ended_within(Duration::ZERO).is_none(),
            None => is_trained(&folder.run(*number)),
        });
        Ok(())
    }

    fn holding(&self, run: &PlannedRun) -> Holding {
        if self.taken.contains_key(&run.number) { Holding::Running } else { Holding::Gone }
    }

    fn cancel(&mut self, _record: &Record) -> Result<(), SearchError> {
        for (number, taken) in &mut self.taken {
            if taken.asked_to_stop {
                continue;
            }
            match run::stop(&self.folder.run(*number)) {
                // One that has ended meanwhile needs no stop.
                Ok(_) | Err(RunError::State { .. }) => taken.asked_to_stop = true,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn throttle(&mut self, most: usize, _record: &mut Record) -> Result<(), SearchError> {
        self.most = most;
        Ok(())
    }

    fn pause(&self) -> Duration {
        PAUSE
    }
}

/// Why a run was not begun.
enum Unbegun {
    /// For a reason of its own.
    Run(String),
    /// For one that the next run will meet, too.
    Place(SearchError),
}

impl Unbegun {
    fn of(error: SearchError, run: &RunFolder) -> Self {
        match error {
            SearchError::Run(RunError::Read { ref source, .. } | RunError::Write { ref source, .. })
                if is_of_its_own(source, run) =>
            {
                Self::Run(error.to_string())
            }
            SearchError::Run(
                error @ (RunError::Write { .. } | RunError::Start { .. } | RunError::Read { .. }),
            ) => Self::Place(error.into()),
            error => Self::Run(error.to_string()),
        }
    }
}

/// Whether only this run's folder is damaged; a disk that is full, or gone, concerns all.
fn is_of_its_own(error: &io::Error, run: &RunFolder) -> bool {
    let is_there = run.path().symlink_metadata().is_ok();
    is_there && matches!(error.kind(), ErrorKind::NotADirectory | ErrorKind::NotFound)
}

/// Whether a process has the run, or had it to its end.
fn is_taken(folder: &RunFolder) -> bool {
    observe(folder).state == State::Finished || is_trained(folder)
}

/// Whether a process has the run, also one that has not said so yet.
fn is_trained(folder: &RunFolder) -> bool {
    match observe(folder).state {
        State::Running => true,
        State::Queued => matches!(RunLock::acquire(folder), Err(RunError::Locked { .. })),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::folder::tests::search_folder;

    #[test]
    fn a_damaged_run_folder_is_the_runs_own_reason_and_a_disk_is_not() {
        let (_keep, folder) = search_folder("a");
        let run = folder.run(1);
        let is_own = |kind: ErrorKind| {
            let error = RunError::Write { path: run.path().into(), source: kind.into() };
            matches!(Unbegun::of(error.into(), &run), Unbegun::Run(_))
        };
        assert!(!is_own(ErrorKind::NotFound), "the disk of the runs is gone");
        std::fs::write(run.path(), "").unwrap();
        assert!(is_own(ErrorKind::NotADirectory) && is_own(ErrorKind::NotFound));
        assert!(!is_own(ErrorKind::StorageFull) && !is_own(ErrorKind::PermissionDenied));
    }
}
