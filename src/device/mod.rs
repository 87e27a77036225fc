//! What this machine can train on: probing, choosing, memory and use of each GPU.
//!
//! CUDA is only ever tried in a child process (`mien devices --probe`): a missing driver library or header
//! ends in a panic, an abort or a hang deep inside other people's code, and none of them may be ours.

mod child;
mod choice;
mod choose;
#[cfg(feature = "cuda")]
mod cuda;
mod error;
#[cfg(feature = "cuda")]
mod kernels;
mod probe;
mod report;
mod survey;
#[cfg(any(feature = "cuda", test))]
mod toolkit;

pub use choice::DeviceChoice;
pub use choose::{Chosen, choose};
pub use error::DeviceError;
#[cfg(not(feature = "cuda"))]
pub(crate) use probe::NO_CUDA;
pub use probe::{Gpu, Probe, ProbeAnswer, probe};
pub(crate) use report::memory;
pub use report::{DeviceReport, cpu_report};
pub use survey::survey;

/// `cuda:N` counts the visible GPUs in the order of their PCI bus, as `nvidia-smi` does. CUDA's own order is
/// "fastest first", so every process that uses CUDA needs this in its environment before it begins.
pub const GPU_ORDER: (&str, &str) = ("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
