//! What this machine does: its GPUs, CPU, memory, disk and processes, sampled over time; which of them are our runs'.

mod disk;
#[cfg(feature = "cuda")]
mod nvml;
mod gauge;
mod history;
mod sample;
mod sampler;
#[cfg(any(feature = "cuda", test))]
mod visible;
#[cfg(not(feature = "cuda"))]
mod without_nvml;

pub use disk::folder_bytes;
pub use gauge::Gauge;
pub use history::History;
pub use sample::{CpuSample, DiskSample, GpuProcess, GpuSample, MemorySample, RunProcess, Sample};
pub use sampler::Sampler;

#[cfg(feature = "cuda")]
use nvml::Cards;
#[cfg(not(feature = "cuda"))]
use without_nvml::Cards;
