//! What the runs of a search say of themselves: one small file each, of those that have begun.

use crate::config::MonitoredMetric;
use crate::run::{Machine, RunFolder, State, observe_from, unix_seconds};
use crate::search::{SearchError, SearchFolder};
use rayon::prelude::*;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Which content of a file was read: a replaced file is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    file: u64,
    length: u64,
    modified: (i64, i64),
}

impl Stamp {
    pub fn of(path: &Path) -> Option<Self> {
        let about = fs::metadata(path).ok()?;
        Some(Self { file: about.ino(), length: about.len(), modified: (about.mtime(), about.mtime_nsec()) })
    }
}

/// What a run's status says that a search shows or counts with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    stamp: Option<Stamp>,
    pub state: State,
    pub reason: Option<String>,
    pub epoch: u64,
    pub epochs: u64,
    pub halved: bool,
    pub value: Option<f64>,
    pub test_accuracy: Option<f64>,
    /// Seconds that trainers have had it, and seconds to its planned end.
    pub trained: Option<f64>,
    pub left: Option<f64>,
}

/// The runs of a search that have a folder, by number, as they are now. Of those in `before` only what may have changed is
/// read again: the runs that had not ended, and those whose status is another file.
pub(super) fn look(
    folder: &SearchFolder,
    planned: u64,
    metric: MonitoredMetric,
    before: &HashMap<u64, Seen>,
) -> Result<HashMap<u64, Seen>, SearchError> {
    let (machine, now) = (Machine::here(), unix_seconds());
    let read = |number: u64| {
        let run = folder.run(number);
        // Before the content: what is written meanwhile is read the next time.
        let stamp = Stamp::of(&run.status());
        let known = before.get(&number).filter(|seen| !seen.state.is_active() && seen.state != State::Lost);
        if let Some(known) = known.filter(|known| stamp.is_some() && known.stamp == stamp) {
            return (number, known.clone());
        }
        (number, Seen::read(&run, stamp, metric, &machine, now))
    };
    Ok(begun(folder, planned)?.into_par_iter().map(read).collect())
}

/// The numbers of the runs that have a folder. One look at the folder of runs costs less than one at each planned run.
fn begun(folder: &SearchFolder, planned: u64) -> Result<Vec<u64>, SearchError> {
    let runs = folder.runs();
    let mut numbers = Vec::new();
    for entry in fs::read_dir(&runs).map_err(SearchError::read(&runs))? {
        let name = entry.map_err(SearchError::read(&runs))?.file_name();
        let number = name.to_str().and_then(|name| folder.run_number(name));
        numbers.extend(number.filter(|number| (1..=planned).contains(number)));
    }
    Ok(numbers)
}

impl Seen {
    fn read(
        run: &RunFolder,
        stamp: Option<Stamp>,
        metric: MonitoredMetric,
        machine: &Machine,
        now: f64,
    ) -> Self {
        let observed = observe_from(run, machine, now);
        let status = observed.status.as_ref();
        let finite = |number: Option<f64>| number.filter(|number| number.is_finite());
        let length = |seconds: Option<f64>| finite(seconds).filter(|seconds| *seconds >= 0.0);
        Self {
            stamp,
            state: observed.state,
            epoch: status.map_or(0, |status| status.epoch),
            epochs: status.and_then(|status| status.epochs).unwrap_or_default(),
            halved: status.is_some_and(|status| status.halved.is_some()),
            value: finite(status.and_then(|status| match metric {
                MonitoredMetric::ValidAccuracy => status.valid_accuracy,
                MonitoredMetric::ValidLoss => status.valid_loss,
            })),
            test_accuracy: finite(status.and_then(|status| status.test_accuracy)),
            trained: length(status.and_then(|status| status.trained_seconds)),
            left: length(status.and_then(|status| status.eta_seconds)),
            reason: observed.reason,
        }
    }
}
