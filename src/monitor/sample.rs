use serde::{Deserialize, Serialize};

/// The machine at one moment. Texts are printable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Unix seconds.
    pub time: f64,
    pub cpu: CpuSample,
    pub memory: MemorySample,
    /// Of the folder of runs.
    pub disk: Option<DiskSample>,
    /// All GPUs of the machine, in the order of their PCI bus.
    pub gpus: Vec<GpuSample>,
    /// Why there are no GPUs to be seen, and what to do.
    pub gpus_missing: Option<String>,
    /// The processes of our runs on this machine.
    pub runs: Vec<RunProcess>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CpuSample {
    pub name: String,
    /// Of the machine.
    pub cores: usize,
    /// 0..=100 of all cores since the last sample; `None` in the first one.
    pub percent: Option<f64>,
}

/// What the machine, or the control group that this process is in, has and has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemorySample {
    pub total_bytes: u64,
    pub free_bytes: u64,
}

impl MemorySample {
    pub fn used_bytes(&self) -> u64 {
        self.total_bytes.saturating_sub(self.free_bytes)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskSample {
    pub total_bytes: u64,
    /// Left for this user.
    pub free_bytes: u64,
}

/// A GPU; what the driver does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GpuSample {
    /// As nvidia-smi counts.
    pub index: usize,
    /// `cuda:N`, where a run that is started from here can use it.
    pub device: Option<String>,
    pub name: String,
    /// Of the last moments in which the GPU worked, 0..=100.
    pub percent: Option<f64>,
    pub memory_total_bytes: Option<u64>,
    pub memory_used_bytes: Option<u64>,
    pub power_watts: Option<f64>,
    pub power_limit_watts: Option<f64>,
    pub temperature_celsius: Option<f64>,
    pub processes: Vec<GpuProcess>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuProcess {
    pub pid: u32,
    /// Empty where the system does not tell, as for processes outside of this container.
    pub user: String,
    pub name: String,
    pub memory_bytes: Option<u64>,
    /// The id of the run that it trains.
    pub run: Option<String>,
}

/// The trainer of one of our runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunProcess {
    /// The run's id.
    pub run: String,
    pub pid: u32,
    /// 100 is one core; `None` when seen for the first time.
    pub cpu_percent: Option<f64>,
    pub memory_bytes: u64,
}
