//! Successive halving from a run's own side: after some epochs it writes down how good it is, looks at what its siblings
//! wrote, and ends where they do better.
//!
//! This is ASHA (Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020, arXiv 1810.05934) as a
//! rule for stopping: the paper pauses every run at a rung and promotes the best of them later; here a run decides as it
//! comes to the rung and is never taken up again, as in Ray Tune's and Syne Tune's schedulers. So no process has to know
//! of all runs, which may be on many machines: a folder of small files is enough.

use super::early_stopping::Best;
use crate::config::MonitoredMetric;
use crate::data::{Durability, read_small, replace};
use crate::run::{Halving, RunFolder, Trial};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A run of a search that is compared with its siblings.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Contest {
    search: PathBuf,
    number: u64,
    halving: Halving,
}

/// What came of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub goes_on: bool,
    /// For the log; none where it was said already.
    pub note: Option<String>,
}

/// What a run left on a rung, in a file called after its number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Mark {
    /// The metric's best value up to here.
    value: f64,
    /// What the run decided; none while it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    goes_on: Option<bool>,
}

/// A run's place among those that came to a rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// From 1.
    rank: usize,
    count: usize,
}

impl Contest {
    /// `None` of a run that is not halved. A `trial.json` that says nothing is no reason to lose the run: the sentence is
    /// for its log.
    pub fn of(folder: &RunFolder) -> Result<Option<Self>, String> {
        let Some(trial) = Trial::read(folder).map_err(|error| error.to_string())? else { return Ok(None) };
        let Some(halving) = trial.halving else { return Ok(None) };
        match trial.search_folder(folder) {
            Some(search) => Ok(Some(Self { search, number: trial.number, halving })),
            None => Err("trial.json names no search: successive halving is off".into()),
        }
    }

    /// Compares the run after so many of `planned` epochs, where there is a rung, by its best epoch up to here. `None`
    /// where nothing is compared, as after the last epoch, when there is nothing left to save.
    ///
    /// The best value and not the last: it is the best epoch's weights that a run leaves, and one noisy epoch should not
    /// end it. What a run wrote and decided stays: one that is resumed is not judged by siblings that came later. If it
    /// was killed between the two, it decides now, by its old value and all that came since.
    ///
    /// The folder may be missing, full or unreadable: the run goes on then, and says why.
    pub fn compare(&self, epochs: usize, planned: usize, best: &Best) -> Option<Verdict> {
        if epochs >= planned || !self.halving.is_rung(epochs) {
            return None;
        }
        let value = match self.halving.metric {
            MonitoredMetric::ValidAccuracy => best.accuracy,
            MonitoredMetric::ValidLoss => best.loss,
        };
        let Some(value) = value.filter(|value| value.is_finite()) else {
            let note = format!("not compared after epoch {epochs}: there is no value of the metric");
            return Some(Verdict { goes_on: true, note: Some(note) });
        };
        Some(self.judge(epochs, value).unwrap_or_else(|(path, error)| {
            let path = crate::data::shown(&path);
            let note = format!("not compared after epoch {epochs}, and goes on: {path}: {error}");
            Verdict { goes_on: true, note: Some(note) }
        }))
    }

    fn judge(&self, epochs: usize, now: f64) -> Result<Verdict, (PathBuf, io::Error)> {
        let rung = self.rung(epochs);
        let own = rung.join(self.number.to_string());
        let value = match read(&own) {
            Some(Mark { goes_on: Some(goes_on), .. }) => return Ok(Verdict { goes_on, note: None }),
            Some(Mark { value, goes_on: None }) => value,
            None => {
                self.make_room(&rung)?;
                write(&own, Mark { value: now, goes_on: None })?;
                now
            }
        };
        let siblings = marks(&rung, self.number).map_err(|error| (rung, error))?;
        let place = place(self.halving.metric, self.number, value, &siblings);
        let goes_on = place.is_kept(self.halving.eta);
        // If this cannot be written, a resume decides again; that is no reason to end now.
        let _ = write(&own, Mark { value, goes_on: Some(goes_on) });
        Ok(Verdict { goes_on, note: Some(self.sentence(epochs, value, place, goes_on)) })
    }

    fn rung(&self, epochs: usize) -> PathBuf {
        self.search.join("rungs").join(epochs.to_string())
    }

    /// Not the search's own folder: one that was removed stays removed.
    fn make_room(&self, rung: &Path) -> Result<(), (PathBuf, io::Error)> {
        for folder in [&self.search.join("rungs"), rung] {
            match fs::create_dir(folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err((folder.to_path_buf(), error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn sentence(&self, epochs: usize, value: f64, place: Place, goes_on: bool) -> String {
        let metric = match self.halving.metric {
            MonitoredMetric::ValidAccuracy => "validation accuracy",
            MonitoredMetric::ValidLoss => "validation loss",
        };
        let Place { rank, count } = place;
        let runs = if count == 1 { "run" } else { "runs" };
        let rank =
            format!("its best {metric}, {value:.4}, is number {rank} of the {count} {runs} that came so far");
        let kept = match place.kept(self.halving.eta) {
            0 => return format!("goes on after epoch {epochs}: {rank}, too few to halve"),
            1 => "only the best goes on".into(),
            kept => format!("the best {kept} go on"),
        };
        let verdict = if goes_on { "goes on" } else { "ended by successive halving" };
        format!("{verdict} after epoch {epochs}: {rank}; {kept}")
    }
}

impl Place {
    /// How many of those that came are kept: the best `1 / eta`, rounded down; 0 while they are fewer than `eta`.
    fn kept(self, eta: u32) -> usize {
        self.count / eta.max(2) as usize
    }

    /// With fewer than `eta` runs there is nothing to choose from.
    fn is_kept(self, eta: u32) -> bool {
        let kept = self.kept(eta);
        kept == 0 || self.rank <= kept
    }
}

/// The place of run `number` beside its siblings. Of equal values the lower number is the better one, so that every run
/// that looks sees the same order.
fn place(metric: MonitoredMetric, number: u64, value: f64, siblings: &[(u64, f64)]) -> Place {
    let is_better = |&&(other, theirs): &&(u64, f64)| {
        metric.improves(theirs, value) || (theirs.total_cmp(&value) == Ordering::Equal && other < number)
    };
    Place { rank: 1 + siblings.iter().filter(is_better).count(), count: 1 + siblings.len() }
}

/// What the other runs left on a rung. Files that are no marks, or hold no number, are passed over.
fn marks(rung: &Path, but: u64) -> io::Result<Vec<(u64, f64)>> {
    let numbers = fs::read_dir(rung)?.filter_map(|entry| match entry {
        Ok(entry) => entry.file_name().to_str()?.parse().ok().map(Ok),
        Err(error) => Some(Err(error)),
    });
    let numbers = numbers.collect::<io::Result<Vec<u64>>>()?;
    // Side by side: on a network disk each is a wait.
    let marks = numbers.into_par_iter().filter(|&number| number != but);
    Ok(marks.filter_map(|number| Some((number, read(&rung.join(number.to_string()))?.value))).collect())
}

fn read(path: &Path) -> Option<Mark> {
    let mark: Mark = serde_json::from_slice(&read_small(path).ok()?).ok()?;
    mark.value.is_finite().then_some(mark)
}

fn write(path: &Path, mark: Mark) -> Result<(), (PathBuf, io::Error)> {
    let written = replace(path, Durability::Synced, |file| {
        serde_json::to_writer(&mut *file, &mark)?;
        file.write_all(b"\n")
    });
    written.map_err(|error| (path.to_path_buf(), error))
}

#[cfg(test)]
#[path = "halving_tests.rs"]
mod tests;
