use super::child;
use super::probe::{NO_CUDA, Probe, ProbeAnswer};
use super::report::{DeviceReport, cpu_report};
use std::thread;

/// Every device, GPUs first, the CPU last. A machine without CUDA still lists `cuda:0`, with what is missing. Takes
/// seconds: each GPU is tried, all at once, in child processes.
pub fn survey() -> Vec<DeviceReport> {
    let mut reports = match list() {
        Err(reasons) => vec![DeviceReport::gpu(0, None, Some(reasons.join("; ")))],
        Ok(answer) => tried(&answer, try_gpu),
    };
    reports.push(cpu_report());
    reports
}

/// The visible GPUs, at least one, without trying them; or what is missing, a sentence each.
pub(super) fn list() -> Result<ProbeAnswer, Vec<String>> {
    if !cfg!(feature = "cuda") {
        return Err(vec![NO_CUDA.into()]);
    }
    listed(child::ask(Probe::List), std::env::var("CUDA_VISIBLE_DEVICES").ok().as_deref())
}

/// Whether a first operation works on a GPU.
pub(super) fn try_gpu(index: usize) -> Result<(), String> {
    let answer = child::ask(Probe::Use(index))?;
    if answer.missing.is_empty() { Ok(()) } else { Err(answer.missing.join("; ")) }
}

/// An answer whose GPUs can be tried, or why there is none.
fn listed(answer: Result<ProbeAnswer, String>, visible: Option<&str>) -> Result<ProbeAnswer, Vec<String>> {
    let answer = answer.map_err(|reason| vec![reason])?;
    if !answer.missing.is_empty() {
        return Err(answer.missing);
    }
    if answer.gpus.is_empty() {
        return Err(vec![match visible {
            None => "the driver is there but shows no GPU: see what nvidia-smi says".into(),
            Some(visible) => format!(
                "CUDA_VISIBLE_DEVICES is \"{}\", which shows no GPU to this process: unset it, or name GPUs as \
                 nvidia-smi -L does",
                super::report::one_line(visible)
            ),
        }]);
    }
    Ok(answer)
}

fn tried(answer: &ProbeAnswer, try_gpu: impl Fn(usize) -> Result<(), String> + Sync) -> Vec<DeviceReport> {
    let try_gpu = &try_gpu;
    thread::scope(|scope| {
        let attempts: Vec<_> =
            (0..answer.gpus.len()).map(|index| scope.spawn(move || try_gpu(index))).collect();
        attempts
            .into_iter()
            .zip(&answer.gpus)
            .enumerate()
            .map(|(index, (attempt, gpu))| {
                let outcome = attempt.join().unwrap_or_else(|_| Err("it could not be tried".into()));
                DeviceReport::gpu(index, Some(gpu), outcome.err())
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Gpu;

    fn two() -> ProbeAnswer {
        let gpu = |name: &str| Gpu { name: name.into(), ..Gpu::default() };
        ProbeAnswer { gpus: vec![gpu("A"), gpu("B")], missing: Vec::new() }
    }

    #[test]
    fn each_gpu_has_its_own_verdict() {
        let reports = tried(&two(), |index| if index == 1 { Err("it is broken".into()) } else { Ok(()) });
        assert_eq!((reports[0].device.as_str(), reports[0].usable), ("cuda:0", true));
        assert_eq!((reports[1].name.as_str(), reports[1].reason.as_deref()), ("B", Some("it is broken")));
    }

    #[test]
    fn an_empty_visible_set_is_named_as_the_cause() {
        let none = || Ok(ProbeAnswer::default());
        assert!(listed(none(), Some("")).unwrap_err()[0].contains("CUDA_VISIBLE_DEVICES is \"\""));
        assert!(listed(none(), None).unwrap_err()[0].contains("nvidia-smi"));
        let missing = ProbeAnswer { missing: vec!["no driver".into(), "no headers".into()], ..two() };
        assert_eq!(listed(Ok(missing), None).unwrap_err(), ["no driver", "no headers"]);
        assert_eq!(listed(Ok(two()), Some("0,1")), Ok(two()));
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_build_without_cuda_lists_cuda_0_with_the_reason_and_the_cpu_as_usable() {
        let reports = survey();
        assert_eq!(reports.len(), 2);
        assert_eq!(reports[0].device, "cuda:0");
        assert!(
            !reports[0].usable && reports[0].reason.as_deref().unwrap().contains("this build has no CUDA")
        );
        assert!(reports[1].device == "cpu" && reports[1].usable);
    }
}
