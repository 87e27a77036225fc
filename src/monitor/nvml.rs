//! GPUs as NVML tells of them. NVML, unlike CUDA, says in words what is missing, and needs no child process.

use super::visible::visible;
use super::{GpuProcess, GpuSample};
use crate::data::printable;
use nvml_wrapper::enum_wrappers::device::TemperatureSensor;
use nvml_wrapper::enums::device::UsedGpuMemory;
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::{Device, Nvml};

/// NVML, kept open: its start takes long, its questions do not.
pub(super) struct Cards {
    nvml: Result<Nvml, String>,
}

impl Cards {
    pub fn new() -> Self {
        Self { nvml: Nvml::init().map_err(|error| missing(&error)) }
    }

    /// All GPUs of the machine; or why there is none to be seen.
    pub fn sample(&self) -> Result<Vec<GpuSample>, String> {
        let nvml = self.nvml.as_ref().map_err(Clone::clone)?;
        let cards = cards(nvml).map_err(|error| missing(&error))?;
        if cards.is_empty() {
            return Err("the driver is there but shows no GPU: see what nvidia-smi says".into());
        }
        let shown = shown(&cards);
        let sample = |(place, card): (usize, &Card)| GpuSample {
            device: shown.iter().position(|number| *number == place).map(|n| format!("cuda:{n}")),
            processes: processes(&card.1),
            ..quantities(card)
        };
        Ok(cards.iter().enumerate().map(sample).collect())
    }

    /// The GPU that a run calls `cuda:N`, without its processes.
    pub fn one(&self, device: &str) -> Option<GpuSample> {
        let nvml = self.nvml.as_ref().ok()?;
        let wanted: usize = device.strip_prefix("cuda:")?.parse().ok()?;
        let cards = cards(nvml).ok()?;
        let place = *shown(&cards).get(wanted)?;
        cards.get(place).map(quantities)
    }
}

/// A GPU and its number, as nvidia-smi counts.
type Card<'nvml> = (u32, Device<'nvml>);

/// The GPUs that answer: one that fell off the bus keeps its number, and CUDA counts without it.
fn cards(nvml: &Nvml) -> Result<Vec<Card<'_>>, NvmlError> {
    let card = |index| Some((index, nvml.device_by_index(index).ok()?));
    Ok((0..nvml.device_count()?).filter_map(card).collect())
}

/// The places among the cards of the GPUs that CUDA shows, in its order.
fn shown(cards: &[Card]) -> Vec<usize> {
    let uuids: Vec<String> = cards.iter().map(|(_, card)| card.uuid().unwrap_or_default()).collect();
    visible(std::env::var("CUDA_VISIBLE_DEVICES").ok().as_deref(), &uuids)
}

/// What a GPU says of itself; a question that it does not answer costs only that answer.
fn quantities((index, card): &Card) -> GpuSample {
    let memory = card.memory_info().ok();
    let watts = |milliwatts: u32| f64::from(milliwatts) / 1000.0;
    GpuSample {
        index: *index as usize,
        device: None,
        name: card.name().map_or_else(|_| "NVIDIA GPU".into(), |name| printable(&name).into_owned()),
        percent: card.utilization_rates().ok().map(|rates| f64::from(rates.gpu)),
        memory_total_bytes: memory.as_ref().map(|memory| memory.total),
        memory_used_bytes: memory.as_ref().map(|memory| memory.used),
        power_watts: card.power_usage().ok().map(watts),
        power_limit_watts: card.enforced_power_limit().ok().map(watts),
        temperature_celsius: card.temperature(TemperatureSensor::Gpu).ok().map(f64::from),
        processes: Vec::new(),
    }
}

/// The processes that compute or draw on a GPU, the largest first; names come from elsewhere.
fn processes(card: &Device) -> Vec<GpuProcess> {
    let computing = card.running_compute_processes().unwrap_or_default();
    let drawing = card.running_graphics_processes().unwrap_or_default();
    let mut found: Vec<GpuProcess> = Vec::new();
    for process in computing.into_iter().chain(drawing) {
        if found.iter().all(|known| known.pid != process.pid) {
            let memory_bytes = match process.used_gpu_memory {
                UsedGpuMemory::Used(bytes) => Some(bytes),
                UsedGpuMemory::Unavailable => None,
            };
            found.push(GpuProcess { pid: process.pid, memory_bytes, ..GpuProcess::default() });
        }
    }
    found.sort_by_key(|process| std::cmp::Reverse(process.memory_bytes));
    found
}

fn missing(error: &NvmlError) -> String {
    let said = printable(&error.to_string().replace('\n', " ")).into_owned();
    match error {
        NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound => format!(
            "the NVIDIA driver is not there ({said}): install it, or start the container with the GPU (docker --gpus all, \
             apptainer --nv)"
        ),
        _ => format!("the NVIDIA driver does not answer ({said}): see what nvidia-smi says"),
    }
}
