use super::GpuSample;
use crate::device;

/// The GPUs of a build that cannot see any.
pub(super) struct Cards;

impl Cards {
    pub fn new() -> Self {
        Self
    }

    pub fn sample(&self) -> Result<Vec<GpuSample>, String> {
        Err(device::NO_CUDA.into())
    }

    pub fn one(&self, _device: &str) -> Option<GpuSample> {
        None
    }
}
