//! Runs trained on this machine: a slot per GPU, or slots on the CPU, and a process of its own for each run.

use super::ready::{is_taken, is_trained, ready};
use super::{Engine, Holding, LocalEngine, NotBegun, PlannedRun, Record, Search, SearchError, SearchFolder};
use crate::data::printable;
use crate::device::{self, DeviceChoice};
use crate::run::{self, Detached, RunError, RunFolder, Status};
use crate::train::TrainError;
use std::collections::BTreeMap;
use std::path::PathBuf;
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
    /// What trains a run. Asked for each: it may have been replaced by a newer one meanwhile.
    program: fn() -> Result<PathBuf, RunError>,
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
            program: run::this_program,
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
        let program = (self.program)().map_err(|error| Unbegun::Place(error.into()))?;
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

    fn free_slots(&self) -> impl Iterator<Item = usize> {
        let is_taken = |slot: usize| self.taken.values().any(|taken| taken.slot == Some(slot));
        (0..self.slots.len()).filter(move |slot| !is_taken(*slot))
    }

    /// A free slot, on the device with the fewest runs.
    fn free_slot(&self) -> Option<usize> {
        let load = |slot: usize| {
            let on_it =
                |taken: &&Taken| taken.slot.and_then(|other| self.slots.get(other)) == self.slots.get(slot);
            self.taken.values().filter(on_it).count()
        };
        self.free_slots().min_by_key(|slot| load(*slot))
    }
}

impl Engine for Local {
    fn room(&self, _held: usize) -> usize {
        self.slots.len().min(self.most).saturating_sub(self.taken.len())
    }

    fn adopt(&mut self, run: &PlannedRun, status: &Status) {
        let device: Option<DeviceChoice> = status.device.as_deref().and_then(|device| device.parse().ok());
        let slot =
            device.and_then(|device| self.free_slots().find(|slot| self.slots.get(*slot) == Some(&device)));
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
        if error.is_of_place(run) { Self::Place(error) } else { Self::Run(error.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::State;
    use crate::search::Plan;
    use crate::search::folder::tests::{search, search_folder};
    use std::time::Instant;

    struct Scene {
        _keep: tempfile::TempDir,
        folder: SearchFolder,
        local: Local,
        record: Record,
        runs: Vec<PlannedRun>,
    }

    /// Six planned runs on these slots, with a trainer that ends at once.
    fn scene(slots: &[&str]) -> Scene {
        let (keep, folder) = search_folder("tiny");
        let slots = slots.iter().map(|slot| slot.to_string()).collect();
        let record = Record { slots, ..Record::read(&folder).unwrap() };
        let mut local = Local::open(&search(), &folder, &record).unwrap();
        local.program = || Ok("/bin/true".into());
        let runs: Vec<_> =
            (1..=6).map(|number| PlannedRun { number, seed: number, set: Vec::new() }).collect();
        Plan::append(&folder, &runs).unwrap();
        Scene { _keep: keep, folder, local, record, runs }
    }

    impl Scene {
        fn begin(&mut self, runs: std::ops::Range<usize>) {
            let runs: Vec<_> = self.runs[runs].iter().collect();
            assert_eq!(self.local.hand_over(&runs, &mut self.record).unwrap(), []);
        }

        fn device(&self, run: usize) -> DeviceChoice {
            let config = crate::config::complete(&self.folder.run(self.runs[run].number).config()).unwrap();
            config.train.device
        }

        fn devices(&self, runs: usize) -> Vec<String> {
            (0..runs).map(|run| self.device(run).to_string()).collect()
        }

        fn adopt(&mut self, run: usize, device: &str) {
            let status = Status { device: Some(device.into()), ..Status::new(State::Running) };
            self.local.adopt(&self.runs[run], &status);
        }
    }

    #[test]
    fn runs_spread_over_the_devices_before_two_share_one() {
        let mut scene = scene(&["cuda:0", "cuda:0", "cuda:1", "cuda:1"]);
        scene.begin(0..3);
        assert_eq!(scene.devices(3), ["cuda:0", "cuda:1", "cuda:0"]);
        assert_eq!(scene.local.room(3), 1);
    }

    #[test]
    fn a_run_that_is_adopted_keeps_a_slot_of_its_device_from_the_others() {
        let mut scene = scene(&["cuda:0", "cuda:1"]);
        scene.adopt(5, "cuda:0");
        assert_eq!(scene.local.room(1), 1);
        scene.begin(0..1);
        assert_eq!(scene.device(0).to_string(), "cuda:1");
        assert_eq!(scene.local.room(2), 0);
    }

    #[test]
    fn a_run_that_is_adopted_on_a_device_that_is_no_slot_any_more_counts_and_takes_none() {
        let mut scene = scene(&["cuda:0", "cuda:1"]);
        for (run, device) in [(4, "cuda:7"), (5, "what?")] {
            scene.adopt(run, device);
        }
        assert_eq!((scene.local.room(2), scene.local.free_slots().count()), (0, 2));
    }

    #[test]
    fn the_throttle_leaves_slots_empty_and_more_than_the_slots_it_cannot_give() {
        let mut scene = scene(&["cpu", "cpu", "cpu"]);
        scene.local.throttle(1, &mut scene.record).unwrap();
        assert_eq!(scene.local.room(0), 1);
        scene.begin(0..1);
        assert_eq!(scene.local.room(1), 0);
        scene.local.throttle(9, &mut scene.record).unwrap();
        assert_eq!(scene.local.room(1), 2);
        scene.record.throttle = Some(2);
        assert_eq!(Local::open(&search(), &scene.folder, &scene.record).unwrap().room(0), 2);
    }

    #[test]
    fn runs_that_share_the_cpu_share_its_cores() {
        let shared = scene(&["cpu", "cuda:0", "cpu"]).local.environment(Some(DeviceChoice::Cpu));
        if std::env::var_os("RAYON_NUM_THREADS").is_some() {
            return assert_eq!(shared, [], "the user has decided");
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        assert_eq!(shared, [("RAYON_NUM_THREADS", (cores / 2).max(1).to_string())]);
        let none = [("cpu", ["cpu", "cuda:0"]), ("cuda:0", ["cpu", "cpu"])];
        for (device, slots) in none {
            assert_eq!(scene(&slots).local.environment(device.parse().ok()), [], "{device} of {slots:?}");
        }
    }

    #[test]
    fn a_slot_is_free_again_when_its_trainer_has_ended() {
        let mut scene = scene(&["cpu"]);
        scene.begin(0..1);
        assert_eq!(scene.local.holding(&scene.runs[0]), Holding::Running);
        let begin = Instant::now();
        while scene.local.holding(&scene.runs[0]) != Holding::Gone {
            assert!(begin.elapsed() < Duration::from_secs(60));
            scene.local.look(&scene.record).unwrap();
        }
        assert_eq!(scene.local.room(0), 1);
    }

    #[test]
    fn a_program_that_cannot_be_started_is_no_fault_of_the_run() {
        let mut scene = scene(&["cpu"]);
        scene.local.program = || Ok("/nowhere/mien".into());
        let runs: Vec<_> = scene.runs[..1].iter().collect();
        let error = scene.local.hand_over(&runs, &mut scene.record).unwrap_err().to_string();
        assert!(error.contains("/nowhere/mien"), "{error}");
        assert_eq!(scene.local.room(0), 1);
    }

    #[test]
    fn a_run_whose_folder_is_torn_does_not_keep_the_others_from_their_slots() {
        let mut scene = scene(&["cpu", "cpu"]);
        let torn = scene.folder.run(1);
        std::fs::create_dir(torn.path()).unwrap();
        std::fs::write(torn.status(), "{").unwrap();
        let runs: Vec<_> = scene.runs[..2].iter().collect();
        let not_begun = scene.local.hand_over(&runs, &mut scene.record).unwrap();
        assert_eq!(not_begun.iter().map(|run| run.number).collect::<Vec<_>>(), [1]);
        assert_eq!((scene.local.holding(&scene.runs[0]), scene.local.room(1)), (Holding::Gone, 1));
    }

    #[test]
    fn a_damaged_run_folder_is_the_runs_own_reason_and_a_disk_is_not() {
        use std::io::ErrorKind;
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
