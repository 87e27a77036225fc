use super::Cards;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Quantities with their names, as `metrics.jsonl` has them.
type Values = Vec<(&'static str, f64)>;

/// What a process itself uses, measured now and then by a thread of its own, so that whoever asks never waits: not even
/// for a driver that hangs.
pub struct Gauge {
    newest: Arc<Mutex<Option<Values>>>,
    /// The thread ends when this does.
    _life: Sender<()>,
}

impl Gauge {
    /// Measures this process and the GPU that it calls `device` after each `every`; for `cpu` there is no GPU.
    pub fn start(device: &str, every: Duration) -> Self {
        let newest = Arc::new(Mutex::new(None));
        let (life, ended) = channel::<()>();
        let (device, found) = (device.to_string(), Arc::clone(&newest));
        let measure = move || {
            let mut process = OwnProcess::new();
            let cards = device.starts_with("cuda").then(Cards::new);
            while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let mut values = process.measure();
                values.extend(cards.iter().flat_map(|cards| gpu(cards, &device)));
                if let Ok(mut newest) = found.lock() {
                    *newest = Some(values);
                }
            }
        };
        // Without the thread there is nothing to tell, which is no reason to end a run.
        let _ = std::thread::Builder::new().name("gauge".into()).spawn(measure);
        Self { newest, _life: life }
    }

    /// What was measured since the last time that it was asked for; `None` where there is nothing new.
    pub fn take(&self) -> Option<Values> {
        self.newest.try_lock().ok()?.take()
    }
}

struct OwnProcess {
    system: System,
    pid: Pid,
    /// What one thread is of all that may run at once.
    share: f64,
}

impl OwnProcess {
    fn new() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut own = Self {
            system: System::new(),
            pid: Pid::from_u32(std::process::id()),
            share: 1.0 / threads as f64,
        };
        // The use of the CPU counts from here.
        own.measure();
        own
    }

    fn measure(&mut self) -> Values {
        let what = ProcessRefreshKind::nothing().with_cpu().with_memory();
        // The CPU's own times are what a process' are measured by.
        self.system.refresh_cpu_usage();
        self.system.refresh_processes_specifics(ProcessesToUpdate::Some(&[self.pid]), true, what);
        let Some(process) = self.system.process(self.pid) else { return Vec::new() };
        let percent = (f64::from(process.cpu_usage()) * self.share).min(100.0);
        // A tenth of a per cent is finer than anyone reads.
        vec![("cpu_percent", (percent * 10.0).round() / 10.0), ("memory_bytes", process.memory() as f64)]
    }
}

fn gpu(cards: &Cards, device: &str) -> Values {
    let Some(gpu) = cards.one(device) else { return Vec::new() };
    let values = [
        ("gpu_percent", gpu.percent),
        ("gpu_memory_bytes", gpu.memory_used_bytes.map(|bytes| bytes as f64)),
        ("gpu_power_watts", gpu.power_watts),
        ("gpu_temperature_celsius", gpu.temperature_celsius),
    ];
    values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn this_process_is_measured_once_for_each_time() {
        let gauge = Gauge::start("cpu", Duration::from_millis(20));
        let begin = Instant::now();
        let values = loop {
            if let Some(values) = gauge.take() {
                break values;
            }
            assert!(begin.elapsed() < Duration::from_secs(60), "nothing was measured");
            std::thread::yield_now();
        };
        let value = |key| values.iter().find(|(name, _)| *name == key).unwrap().1;
        assert!((0.0..=100.0).contains(&value("cpu_percent")), "{values:?}");
        assert!(value("memory_bytes") > 1e6 && values.len() == 2, "{values:?}");
        let never = Gauge::start("cpu", Duration::from_secs(3600));
        assert_eq!(never.take(), None);
    }
}
