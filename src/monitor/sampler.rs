use super::disk::disk_of;
use super::{Cards, CpuSample, GpuSample, MemorySample, RunProcess, Sample};
use crate::data::printable;
use crate::device;
use crate::run::{Machine, Presence, RunFolder, Status, unix_seconds};
use std::path::{Path, PathBuf};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind, Users};

/// Looks at the machine again and again, with what it needs for that kept open.
pub struct Sampler {
    /// The folder of runs, whose disk is looked at.
    folder: PathBuf,
    system: System,
    /// Looked up where a process of someone else is met.
    users: Option<Users>,
    cards: Cards,
    /// There is a sample to measure the next one's use of the CPU from.
    has_begun: bool,
}

impl Sampler {
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            system: System::new(),
            users: None,
            cards: Cards::new(),
            has_begun: false,
        }
    }

    /// The machine as it is now. Of `runs`, those that are trained on this machine are found in its processes. Samples
    /// closer than a few tenths of a second have no true use of the CPU.
    pub fn sample(&mut self, runs: &[RunFolder]) -> Sample {
        let trainers = trainers(runs);
        let (mut gpus, gpus_missing) = match self.cards.sample() {
            Ok(gpus) => (gpus, None),
            Err(missing) => (Vec::new(), Some(missing)),
        };
        let known: Vec<Pid> = trainers.iter().map(|(_, pid)| Pid::from_u32(*pid)).collect();
        let strangers = gpus.iter().flat_map(|gpu| &gpu.processes).map(|process| Pid::from_u32(process.pid));
        let pids: Vec<Pid> = known.into_iter().chain(strangers).collect();
        let seen_before: Vec<bool> =
            trainers.iter().map(|(_, pid)| self.system.process(Pid::from_u32(*pid)).is_some()).collect();
        self.refresh(&pids);
        self.name_processes(&mut gpus, &trainers);
        let runs = trainers.iter().zip(seen_before).filter_map(|((run, pid), seen_before)| {
            let process = self.system.process(Pid::from_u32(*pid))?;
            let cpu_percent = seen_before.then(|| f64::from(process.cpu_usage()));
            Some(RunProcess { run: run.clone(), pid: *pid, cpu_percent, memory_bytes: process.memory() })
        });
        let runs = runs.collect();
        let percent = self.has_begun.then(|| f64::from(self.system.global_cpu_usage()));
        self.has_begun = true;
        Sample {
            time: unix_seconds(),
            cpu: CpuSample { percent, ..self.cpu() },
            memory: memory(&self.system),
            disk: disk_of(&self.folder),
            gpus,
            gpus_missing,
            runs,
        }
    }

    fn refresh(&mut self, pids: &[Pid]) {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        let what = ProcessRefreshKind::nothing().with_cpu().with_memory().with_user(UpdateKind::OnlyIfNotSet);
        self.system.refresh_processes_specifics(ProcessesToUpdate::Some(pids), true, what);
    }

    fn cpu(&self) -> CpuSample {
        let cpus = self.system.cpus();
        let name = cpus.first().map(|cpu| printable(cpu.brand().trim()).into_owned());
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| std::env::consts::ARCH.into());
        CpuSample { name, cores: cpus.len(), percent: None }
    }

    /// Who the processes on the GPUs are.
    fn name_processes(&mut self, gpus: &mut [GpuSample], trainers: &[(String, u32)]) {
        for process in gpus.iter_mut().flat_map(|gpu| &mut gpu.processes) {
            process.run = trainers.iter().find(|(_, pid)| *pid == process.pid).map(|(run, _)| run.clone());
            let Some(found) = self.system.process(Pid::from_u32(process.pid)) else { continue };
            process.name = printable(&found.name().to_string_lossy()).into_owned();
            let users = self.users.get_or_insert_with(Users::new_with_refreshed_list);
            process.user = found.user_id().map_or_else(String::new, |id| {
                let user = users.get_user_by_id(id);
                user.map_or_else(|| id.to_string(), |user| printable(user.name()).into_owned())
            });
        }
    }
}

pub(super) fn memory(system: &System) -> MemorySample {
    let (total_bytes, free_bytes) = device::memory(system);
    MemorySample { total_bytes, free_bytes }
}

/// The ids and processes of the runs that are trained on this machine.
fn trainers(runs: &[RunFolder]) -> Vec<(String, u32)> {
    let machine = Machine::here();
    let trainer = |run: &RunFolder| {
        let process = Status::read(run).ok()?.process;
        let pid = process.pid.filter(|_| machine.presence(&process) == Presence::Alive)?;
        Some((printable(&run.id()).into_owned(), pid))
    };
    runs.iter().filter_map(trainer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{ProcessIdentity, State};

    #[test]
    fn this_machine_has_a_cpu_memory_and_a_disk() {
        let here = tempfile::tempdir().unwrap();
        let mut sampler = Sampler::new(here.path());
        let first = sampler.sample(&[]);
        assert!(first.cpu.cores >= 1 && !first.cpu.name.is_empty() && first.cpu.percent.is_none());
        assert!(first.memory.total_bytes >= first.memory.free_bytes && first.memory.used_bytes() > 0);
        assert!(first.disk.unwrap().total_bytes > 0 && first.time > 1.6e9);
        assert_eq!(first.gpus.is_empty(), first.gpus_missing.is_some());
        std::thread::sleep(sysinfo::MINIMUM_CPU_UPDATE_INTERVAL);
        let percent = sampler.sample(&[]).cpu.percent.unwrap();
        assert!((0.0..=100.0).contains(&percent), "{percent}");
    }

    #[test]
    fn a_run_is_found_in_the_processes_of_this_machine_and_no_other() {
        let here = tempfile::tempdir().unwrap();
        let run = |name: &str, process| {
            let path = here.path().join(name);
            std::fs::create_dir(&path).unwrap();
            let folder = RunFolder::open(&path);
            let status = Status { process, ..Status::new(State::Running) };
            std::fs::write(path.join("status.json"), serde_json::to_string(&status).unwrap()).unwrap();
            folder.unwrap_or_else(|_| RunFolder::open(&path).unwrap())
        };
        let ours = ProcessIdentity::current();
        let elsewhere = ProcessIdentity { host: Some("elsewhere".into()), ..ours.clone() };
        let runs = [run("here", ours), run("there", elsewhere)];
        let mut sampler = Sampler::new(here.path());
        let first = sampler.sample(&runs).runs;
        assert_eq!(first.len(), 1, "{first:?}");
        assert_eq!((first[0].run.as_str(), first[0].pid), ("here", std::process::id()));
        assert!(first[0].memory_bytes > 0 && first[0].cpu_percent.is_none());
        assert!(sampler.sample(&runs).runs[0].cpu_percent.is_some());
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_build_without_cuda_says_what_is_missing() {
        let sample = Sampler::new(Path::new(".")).sample(&[]);
        assert!(sample.gpus_missing.unwrap().contains("this build has no CUDA"));
    }
}
