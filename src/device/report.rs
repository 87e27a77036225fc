use super::probe::Gpu;
use crate::data;
use serde::{Deserialize, Serialize};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// One device and whether a network can train on it; an element of `mien devices --json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceReport {
    /// `cuda:0` or `cpu`, as configs name it.
    pub device: String,
    pub usable: bool,
    /// The model's name.
    pub name: String,
    /// What is missing and how to get it; `None` where the device is usable.
    pub reason: Option<String>,
    /// Of the GPU, or what the machine (or its control group) lets the CPU use.
    pub memory_total_bytes: Option<u64>,
    pub memory_free_bytes: Option<u64>,
    /// Per cent of the last moments in which the GPU worked.
    pub utilization: Option<u32>,
    /// Threads that can run at once; of the CPU only.
    pub threads: Option<usize>,
    /// `GPU-…`, by which NVML and CUDA name the same card.
    pub uuid: Option<String>,
    /// `0000:3b:00.0`.
    pub pci: Option<String>,
}

impl DeviceReport {
    /// A GPU; unusable where there is a reason.
    pub(super) fn gpu(index: usize, gpu: Option<&Gpu>, reason: Option<String>) -> Self {
        Self {
            device: format!("cuda:{index}"),
            usable: reason.is_none(),
            name: gpu.map_or_else(|| "NVIDIA GPU".into(), |gpu| gpu.name.clone()),
            reason,
            memory_total_bytes: gpu.and_then(|gpu| gpu.memory_total_bytes),
            memory_free_bytes: gpu.and_then(|gpu| gpu.memory_free_bytes),
            utilization: gpu.and_then(|gpu| gpu.utilization),
            threads: None,
            uuid: gpu.and_then(|gpu| gpu.uuid.clone()),
            pci: gpu.and_then(|gpu| gpu.pci.clone()),
        }
    }
}

/// The CPU, which can always be trained on.
pub fn cpu_report() -> DeviceReport {
    let system = System::new_with_specifics(
        RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram()),
    );
    let name = system.cpus().first().map(|cpu| one_line(cpu.brand())).filter(|name| !name.is_empty());
    let (total, free) = memory(&system);
    DeviceReport {
        device: "cpu".into(),
        usable: true,
        name: name.unwrap_or_else(|| std::env::consts::ARCH.into()),
        reason: None,
        memory_total_bytes: Some(total),
        memory_free_bytes: Some(free),
        utilization: None,
        // What the scheduler lets this process use, which is not always every core of the machine.
        threads: std::thread::available_parallelism().ok().map(usize::from),
        uuid: None,
        pci: None,
    }
}

/// Total and free bytes of what this process may use, as `system` saw them last.
pub(crate) fn memory(system: &System) -> (u64, u64) {
    let (total, free) = (system.total_memory(), system.available_memory());
    // A container may have less than the machine; its limit is what a run will hit. Some systems give a limit of 0
    // for "none".
    let limits = system.cgroup_limits().filter(|limits| limits.total_memory > 0);
    limits.map_or((total, free), |limits| (limits.total_memory.min(total), limits.free_memory.min(free)))
}

/// Text of a driver or a child on one line, harmless for a terminal.
pub(super) fn one_line(text: &str) -> String {
    data::printable(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_is_usable_and_has_a_name_threads_and_memory() {
        let report = cpu_report();
        assert!(report.usable && report.reason.is_none() && !report.name.is_empty());
        assert!(report.threads.unwrap() >= 1);
        assert!(report.memory_total_bytes.unwrap() >= report.memory_free_bytes.unwrap());
    }

    #[test]
    fn a_gpu_with_a_reason_is_not_usable() {
        let report = DeviceReport::gpu(3, None, Some("no driver".into()));
        assert_eq!((report.device.as_str(), report.usable), ("cuda:3", false));
        assert!(DeviceReport::gpu(0, None, None).usable);
    }

    #[test]
    fn a_message_of_many_lines_becomes_one_that_moves_no_cursor() {
        assert_eq!(one_line(" a\x1b[2Jb\r\n  c "), "a[2Jb c");
    }
}
