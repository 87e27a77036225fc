//! What a run goes on from: network, optimizer and trainer state in one folder `checkpoints/step-<n>`, made
//! under another name and then renamed, so that it is whole or not there.

use super::early_stopping::Best;
use super::error::TrainError;
use super::event::Means;
use crate::model::Network;
use burn::module::Module;
use burn::optim::ModuleOptimizer;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const NETWORK: &str = "network.bpk";
const OPTIMIZER: &str = "optimizer.bpk";
const STATE: &str = "trainer.json";

/// Where a trainer stands, beside its tensors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainerState {
    /// Steps done.
    pub step: usize,
    /// Epochs done, their validation included.
    pub epochs: usize,
    /// Steps that make an epoch: they follow from the pictures and the batch size, and must not change.
    pub steps_per_epoch: usize,
    /// What each batch norm has trained on; the network's own record leaves it out.
    pub batch_counts: Vec<u64>,
    /// Over the steps of the epoch that has begun.
    pub epoch_so_far: Sums,
    pub best: Best,
}

/// Sums over training steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    pub loss: f64,
    pub correct: f64,
    pub steps: usize,
}

impl Sums {
    /// `None` of no steps. `batch` is the pictures of a step.
    pub fn means(&self, batch: usize) -> Option<Means> {
        let steps = (self.steps > 0).then_some(self.steps as f64)?;
        Some(Means { loss: self.loss / steps, accuracy: self.correct / (steps * batch as f64) })
    }
}

impl TrainerState {
    pub fn new(steps_per_epoch: usize) -> Self {
        Self { steps_per_epoch, ..Self::default() }
    }

    /// Refuses a state whose steps cannot be counted on: it was another batch size, or other pictures.
    pub fn check(&self, steps_per_epoch: usize, checkpoint: &Path) -> Result<(), TrainError> {
        let epochs = self.epochs.checked_mul(steps_per_epoch);
        let within =
            epochs.and_then(|begun| self.step.checked_sub(begun)).is_some_and(|n| n <= steps_per_epoch);
        if self.steps_per_epoch == steps_per_epoch && within {
            return Ok(());
        }
        let (path, before) = (checkpoint.to_path_buf(), self.steps_per_epoch);
        Err(TrainError::OtherSteps { path, before, now: steps_per_epoch })
    }
}

/// Writes a checkpoint and takes the older ones away.
pub fn save(
    checkpoints: &Path,
    network: &Network,
    optimizer: &ModuleOptimizer,
    state: &TrainerState,
) -> Result<(), TrainError> {
    let failed = |source| TrainError::Checkpoint { path: checkpoints.to_path_buf(), source };
    let network = network.clone().into_record().into_bytes().map_err(|e| failed(io::Error::other(e)))?;
    let optimizer = optimizer.into_bytes().map_err(|e| failed(io::Error::other(e)))?;
    let state_text = serde_json::to_vec(state).map_err(|e| failed(e.into()))?;
    write(checkpoints, state.step, &[(NETWORK, &network), (OPTIMIZER, &optimizer), (STATE, &state_text)])
        .map_err(failed)
}

fn write(checkpoints: &Path, step: usize, files: &[(&str, &[u8])]) -> io::Result<()> {
    // Not the folders above it: a run that was removed stays removed.
    if !checkpoints.is_dir() {
        fs::create_dir(checkpoints)?;
    }
    let whole = checkpoints.join(format!("step-{step}"));
    let partial = checkpoints.join(format!(".step-{step}"));
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    fs::create_dir(&partial)?;
    for (name, bytes) in files {
        let mut file = fs::File::create(partial.join(name))?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    // One of the same step may be there, from just before the epoch's end: it goes when the new one is whole.
    let aside = checkpoints.join(format!(".step-{step}-before"));
    if whole.exists() {
        if aside.exists() {
            fs::remove_dir_all(&aside)?;
        }
        fs::rename(&whole, &aside)?;
    }
    fs::rename(&partial, &whole)?;
    for older in all(checkpoints) {
        if older != whole {
            fs::remove_dir_all(older)?;
        }
    }
    Ok(())
}

/// The newest whole checkpoint of a run, if it has one.
pub fn newest(checkpoints: &Path) -> Option<PathBuf> {
    all(checkpoints).into_iter().filter(|path| step_of(path).is_some()).max_by_key(|path| step_of(path))
}

/// The step of a checkpoint, by its name.
pub fn step_of(path: &Path) -> Option<usize> {
    path.file_name()?.to_str()?.strip_prefix("step-")?.parse().ok()
}

/// Whole and partial checkpoints.
fn all(checkpoints: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(checkpoints).into_iter().flatten().flatten();
    let ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("step-") || name.starts_with(".step-")
    };
    entries.map(|entry| entry.path()).filter(ours).collect()
}

/// Loads a checkpoint over a network and an optimizer of the same architecture and recipe.
pub fn load(
    checkpoint: &Path,
    network: Network,
    optimizer: ModuleOptimizer,
) -> Result<(Network, ModuleOptimizer, TrainerState), TrainError> {
    let state: TrainerState =
        serde_json::from_slice(&read(checkpoint, STATE)?).map_err(|e| torn(checkpoint, STATE, e))?;
    let network = load_network(checkpoint, network)?.with_batch_counts(&state.batch_counts);
    let optimizer = optimizer
        .from_bytes(Bytes::from_bytes_vec(read(checkpoint, OPTIMIZER)?))
        .map_err(|e| torn(checkpoint, OPTIMIZER, e))?;
    Ok((network, optimizer, state))
}

/// Loads the weights of a checkpoint over a network of the same architecture.
pub fn load_network(checkpoint: &Path, network: Network) -> Result<Network, TrainError> {
    ModuleRecord::from_bytes(Bytes::from_bytes_vec(read(checkpoint, NETWORK)?))
        .and_then(|record| network.try_load_record(record))
        .map_err(|e| torn(checkpoint, NETWORK, e))
}

fn read(checkpoint: &Path, name: &str) -> Result<Vec<u8>, TrainError> {
    fs::read(checkpoint.join(name)).map_err(|e| torn(checkpoint, name, e))
}

fn torn(checkpoint: &Path, name: &str, why: impl std::fmt::Display) -> TrainError {
    TrainError::Torn { path: checkpoint.join(name), why: why.to_string() }
}

/// Takes away what only a resume needs; the last weights stay.
pub fn drop_optimizer(checkpoints: &Path) {
    if let Some(last) = newest(checkpoints) {
        // It is room on disk, nothing more; where it cannot be taken away it stays.
        let _ = fs::remove_file(last.join(OPTIMIZER));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_whole_checkpoint_stays_and_a_partial_one_is_never_taken() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), 5, &[(STATE, b"{}")]).unwrap();
        fs::create_dir(folder.path().join(".step-900")).unwrap();
        assert_eq!(newest(folder.path()), Some(folder.path().join("step-5")));
        write(folder.path(), 10, &[(STATE, b"{}")]).unwrap();
        assert_eq!(all(folder.path()), [folder.path().join("step-10")]);
    }

    #[test]
    fn a_run_without_checkpoints_has_no_newest_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(newest(&folder.path().join("none")), None);
    }
}
