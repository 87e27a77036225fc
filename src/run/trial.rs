//! `trial.json`: what a run is to the search that it belongs to.

use super::files::{Durability, read_small, replace};
use super::{RunError, RunFolder, SEARCHES, printable};
use crate::config::MonitoredMetric;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;

/// A run's place in its search. Written with the run's folder and never changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The search's id: the name of its folder in `searches`.
    pub search: String,
    /// The run's number in the plan, from 1.
    pub number: u64,
    /// How the run is to stop itself where its siblings do better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halving: Option<Halving>,
}

/// Asynchronous successive halving (ASHA, arXiv 1810.05934), in the form in which a run decides for itself: it is
/// compared with its siblings after `min_epochs`, `min_epochs * eta`, `min_epochs * eta^2`, ... epochs, and goes on only
/// among the best `1 / eta` of those that came so far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Halving {
    /// At least 2.
    pub eta: u32,
    /// Epochs to the first comparison, at least 1.
    pub min_epochs: usize,
    pub metric: MonitoredMetric,
}

impl Halving {
    /// Whether runs are compared after so many epochs.
    pub fn is_rung(&self, epochs: usize) -> bool {
        let mut rung = self.min_epochs.max(1);
        while rung < epochs {
            rung = rung.saturating_mul(self.eta.max(2) as usize);
        }
        rung == epochs
    }
}

impl Trial {
    /// The run's trial; `None` where it belongs to no search.
    ///
    /// # Errors
    /// Where the file is there and cannot be understood.
    pub fn read(folder: &RunFolder) -> Result<Option<Self>, RunError> {
        let path = folder.trial();
        let content = match read_small(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RunError::read(&path)(error)),
        };
        let trial = serde_json::from_slice(&content);
        let reason = |error: serde_json::Error| printable(&error.to_string()).into_owned();
        trial.map(Some).map_err(|error| RunError::Content { path, reason: reason(error) })
    }

    pub(super) fn write(&self, folder: &RunFolder) -> Result<(), RunError> {
        let path = folder.trial();
        let text = serde_json::to_string(self)
            .map_err(|error| RunError::Content { path: path.clone(), reason: error.to_string() })?;
        replace(&path, format!("{text}\n").as_bytes(), Durability::Atomic)
    }

    /// The folder of the search that a run in `folder` belongs to; `None` where the search's id is no folder's name.
    pub fn search_folder(&self, folder: &RunFolder) -> Option<PathBuf> {
        let is_name = !self.search.is_empty() && !self.search.contains('/') && !self.search.starts_with('.');
        let runs = folder.path().parent()?;
        is_name.then(|| runs.join(SEARCHES).join(&self.search))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::folder;

    #[test]
    fn runs_are_compared_after_min_epochs_and_its_multiples_by_eta() {
        let halving = Halving { eta: 3, min_epochs: 2, metric: MonitoredMetric::ValidAccuracy };
        let rungs: Vec<usize> = (0..60).filter(|&epochs| halving.is_rung(epochs)).collect();
        assert_eq!(rungs, [2, 6, 18, 54]);
    }

    #[test]
    fn a_trial_is_read_as_written_and_a_run_without_one_belongs_to_no_search() {
        let (keep, folder) = folder("a");
        assert_eq!(Trial::read(&folder).unwrap(), None);
        let halving = Halving { eta: 4, min_epochs: 1, metric: MonitoredMetric::ValidLoss };
        let trial = Trial { search: "s-1".into(), number: 7, halving: Some(halving) };
        trial.write(&folder).unwrap();
        assert_eq!(Trial::read(&folder).unwrap(), Some(trial.clone()));
        assert_eq!(trial.search_folder(&folder), Some(keep.path().join("searches/s-1")));
        std::fs::write(folder.trial(), "{").unwrap();
        assert!(Trial::read(&folder).unwrap_err().to_string().contains("trial.json"));
        assert_eq!(Trial { search: "../..".into(), ..trial }.search_folder(&folder), None);
    }
}
