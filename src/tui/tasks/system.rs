//! The machine, looked at once a second while someone wants to see it.

use super::slot::Desk;
use crate::monitor::{Sampler, folder_bytes};
use crate::run::RunFolder;
use crate::tui::message::Message;
use crate::tui::state::system::{Order, Report};
use std::path::Path;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(1);
/// The second sample comes soon: only with it the use of the CPU is known.
const FIRST: Duration = Duration::from_millis(300);
/// How long a newer order may have to wait.
const STEP: Duration = Duration::from_millis(50);

/// Sends samples of the machine that has the folder `runs`, until another order comes.
pub(super) fn watcher(runs: &Path) -> impl FnMut(Order, &Desk<Order>) + Send + 'static {
    let runs = runs.to_path_buf();
    let mut sampler: Option<Sampler> = None;
    move |order, desk| {
        let Order::Watch(active) = order else { return };
        let mut wait = if sampler.is_some() { EVERY } else { FIRST };
        // Its start asks for the driver, which no one needs before.
        let sampler = sampler.get_or_insert_with(|| Sampler::new(&runs));
        while desk.send(Message::System(Report::Sample(Box::new(sampler.sample(&active))))) {
            let begin = Instant::now();
            while begin.elapsed() < wait && !desk.is_abandoned() {
                std::thread::sleep(STEP);
            }
            wait = EVERY;
        }
    }
}

/// Sends the size of each run, all at once.
pub(super) fn measure(runs: Vec<RunFolder>, desk: &Desk<Vec<RunFolder>>) {
    let mut sizes = Vec::with_capacity(runs.len());
    for run in runs {
        if desk.is_abandoned() {
            return;
        }
        let bytes = folder_bytes(run.path());
        sizes.push((run, bytes));
    }
    desk.send(Message::System(Report::Sizes(sizes)));
}
