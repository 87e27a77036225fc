use super::choice::DeviceChoice;
use super::error::DeviceError;
use super::probe::{Gpu, ProbeAnswer};
use super::survey;
use burn::prelude::Device;
use std::cmp::Reverse;

/// A device to train on.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// `cpu` or `cuda:N`.
    pub label: String,
    /// Without automatic differentiation.
    pub device: Device,
    /// What `auto` has to say about its choice, once.
    pub note: Option<String>,
}

/// Finds the device for a choice. `auto` is the usable visible GPU with most free memory that is not in `busy`
/// (labels as `cuda:0` of runs that are going on), else the CPU.
///
/// # Errors
/// A GPU that was asked for by name cannot be used; the message says what is missing. `auto` and `cpu` never fail.
pub fn choose(choice: DeviceChoice, busy: &[String]) -> Result<Chosen, DeviceError> {
    match choice {
        DeviceChoice::Cpu => Ok(cpu(None)),
        DeviceChoice::Auto => Ok(match pick(survey::list(), busy, survey::try_gpu) {
            Ok(index) => gpu(index),
            Err(note) => cpu(Some(note)),
        }),
        DeviceChoice::Cuda(index) => named(index, survey::list(), survey::try_gpu)
            .map(|()| gpu(index))
            .map_err(|reason| DeviceError::Unusable { device: choice.to_string(), reason }),
    }
}

fn cpu(note: Option<String>) -> Chosen {
    Chosen { label: "cpu".into(), device: Device::flex(), note }
}

#[cfg(feature = "cuda")]
fn gpu(index: usize) -> Chosen {
    super::kernels::keep();
    Chosen { label: format!("cuda:{index}"), device: Device::cuda(index), note: None }
}

/// Never reached: no GPU is ever usable in such a build.
#[cfg(not(feature = "cuda"))]
fn gpu(_index: usize) -> Chosen {
    cpu(Some(super::probe::NO_CUDA.into()))
}

/// The GPU for `auto`, or the note that says why it is the CPU.
fn pick(
    list: Result<ProbeAnswer, Vec<String>>,
    busy: &[String],
    mut try_gpu: impl FnMut(usize) -> Result<(), String>,
) -> Result<usize, String> {
    let answer = list.map_err(|reasons| {
        // One is enough for a note: without a driver, headers do not matter.
        let first = reasons.first().map_or("", String::as_str);
        let more = if reasons.len() > 1 { "; mien devices says what else is missing" } else { "" };
        format!("no usable GPU ({first}{more}): using the CPU")
    })?;
    let order = by_free_memory(&answer.gpus, busy);
    if order.is_empty() {
        return Err(format!(
            "{}: using the CPU (--device cuda:0 shares a GPU)",
            if answer.gpus.len() == 1 {
                "the GPU has a run already".into()
            } else {
                format!("each of the {} GPUs has a run already", answer.gpus.len())
            }
        ));
    }
    let mut reasons = Vec::new();
    for index in order {
        match try_gpu(index) {
            Ok(()) => return Ok(index),
            Err(reason) => reasons.push(format!("cuda:{index}: {reason}")),
        }
    }
    Err(format!("no usable GPU ({}): using the CPU", reasons.join("; ")))
}

/// GPUs that are not busy, most free memory first; of equals the first, and those that do not say last.
fn by_free_memory(gpus: &[Gpu], busy: &[String]) -> Vec<usize> {
    let mut order: Vec<usize> =
        (0..gpus.len()).filter(|index| !busy.contains(&format!("cuda:{index}"))).collect();
    order.sort_by_key(|index| Reverse(gpus[*index].memory_free_bytes));
    order
}

fn named(
    index: usize,
    list: Result<ProbeAnswer, Vec<String>>,
    try_gpu: impl FnOnce(usize) -> Result<(), String>,
) -> Result<(), String> {
    let count = list.map_err(|reasons| reasons.join("; "))?.gpus.len();
    if index >= count {
        let shown = if count == 1 {
            "1 GPU is visible, cuda:0".into()
        } else {
            format!("{count} GPUs are visible, cuda:0 to cuda:{}", count.saturating_sub(1))
        };
        return Err(format!("{shown} (CUDA_VISIBLE_DEVICES decides which they are)"));
    }
    try_gpu(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gpus(free: &[Option<u64>]) -> Result<ProbeAnswer, Vec<String>> {
        let gpu = |free: &Option<u64>| Gpu { memory_free_bytes: *free, ..Gpu::default() };
        Ok(ProbeAnswer { gpus: free.iter().map(gpu).collect(), missing: Vec::new() })
    }

    fn busy(labels: &[&str]) -> Vec<String> {
        labels.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn auto_takes_the_gpu_with_most_free_memory_that_has_no_run() {
        let free = [Some(10), Some(30), None, Some(20), Some(30)];
        let pick = |busy: &[String]| pick(gpus(&free), busy, |_| Ok(()));
        assert_eq!(pick(&[]), Ok(1));
        assert_eq!(pick(&busy(&["cuda:1"])), Ok(4));
        assert_eq!(pick(&busy(&["cuda:1", "cuda:4", "cpu"])), Ok(3));
        assert_eq!(pick(&busy(&["cuda:0", "cuda:1", "cuda:3", "cuda:4"])), Ok(2));
    }

    #[test]
    fn auto_goes_on_to_the_next_gpu_where_one_does_not_work() {
        let mut tried = Vec::new();
        let picked = pick(gpus(&[Some(1), Some(3), Some(2)]), &[], |index| {
            tried.push(index);
            if index == 2 { Ok(()) } else { Err("out of memory".into()) }
        });
        assert_eq!((picked, tried), (Ok(2), vec![1, 2]));
    }

    #[test]
    fn auto_says_why_it_is_the_cpu() {
        let note = pick(Err(vec!["no driver".into()]), &[], |_| Ok(())).unwrap_err();
        assert_eq!(note, "no usable GPU (no driver): using the CPU");
        let both = vec!["no driver".into(), "no headers".into()];
        let note = pick(Err(both), &[], |_| Ok(())).unwrap_err();
        assert!(note.starts_with("no usable GPU (no driver; mien devices says"), "{note}");
        let note = pick(gpus(&[Some(1)]), &busy(&["cuda:0"]), |_| Ok(())).unwrap_err();
        assert!(note.starts_with("the GPU has a run already: using the CPU"), "{note}");
        let note = pick(gpus(&[Some(1)]), &[], |_| Err("it is broken".into())).unwrap_err();
        assert_eq!(note, "no usable GPU (cuda:0: it is broken): using the CPU");
    }

    #[test]
    fn a_gpu_beyond_the_visible_ones_is_refused_without_trying() {
        let never = |_| panic!("tried");
        let reason = named(2, gpus(&[None, None]), never).unwrap_err();
        assert!(reason.starts_with("2 GPUs are visible, cuda:0 to cuda:1"), "{reason}");
        let reason = named(1, gpus(&[None]), never).unwrap_err();
        assert!(reason.starts_with("1 GPU is visible, cuda:0"), "{reason}");
        assert_eq!(named(1, gpus(&[None, None]), |_| Ok(())), Ok(()));
    }

    #[test]
    fn the_cpu_is_chosen_without_looking_at_anything() {
        let chosen = choose(DeviceChoice::Cpu, &[]).unwrap();
        assert_eq!((chosen.label.as_str(), chosen.note), ("cpu", None));
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_build_without_cuda_uses_the_cpu_and_refuses_a_gpu() {
        let chosen = choose(DeviceChoice::Auto, &[]).unwrap();
        assert_eq!(chosen.label, "cpu");
        assert!(chosen.note.unwrap().contains("this build has no CUDA"));
        let error = choose(DeviceChoice::Cuda(1), &[]).unwrap_err().to_string();
        assert!(error.starts_with("cuda:1 cannot be used: this build has no CUDA"), "{error}");
    }
}
