//! What is looked at before any work: a run that cannot be trained leaves no folder.

use super::checkpoint;
use super::claim::Claim;
use super::error::TrainError;
use super::probes;
use crate::config::{self, Precision, Probes, Provenance, RunConfig};
use crate::data::{Dataset, Partition};
use crate::device::{self, Chosen, DeviceChoice};
use crate::model::{self, Arithmetic, Network};
use crate::run::{self, RunFolder, State, Status};
use burn::prelude::Device;
use std::path::Path;
use std::sync::Arc;

/// A run about to be trained, all its parts found.
pub struct Prepared {
    pub config: RunConfig,
    pub dataset: Arc<Dataset>,
    pub partition: Partition,
    pub chosen: Chosen,
}

/// Opens the pictures, chooses the device and checks that the config fits both. `busy` names the devices that
/// runs are on. `progress` hears of pictures packed, done and in all.
pub fn prepare(
    mut config: RunConfig,
    init: Option<&Path>,
    busy: &[String],
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Prepared, TrainError> {
    model::summary(&config.model)?;
    if let Some(weights) = init {
        model::load(weights, Some(&config.model), &Device::flex())?;
    }
    let chosen = device::choose(config.train.device, busy)?;
    let (dataset, partition) = pictures(&config, progress)?;
    config.provenance = Some(Provenance {
        data_fingerprint: dataset.fingerprint().into(),
        program: concat!("mien ", env!("CARGO_PKG_VERSION")).into(),
        device: chosen.label.clone(),
        threads: rayon::current_num_threads(),
        init: init.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())),
    });
    Ok(Prepared { config, dataset, partition, chosen })
}

/// Opens the pictures and cuts them, packing them first where they are not. Refused are pictures that the config cannot
/// be trained on.
pub fn pictures(
    config: &RunConfig,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(Arc<Dataset>, Partition), TrainError> {
    cut(config, Dataset::open_with(&config.data.root, progress)?)
}

/// As [`pictures`], but of pictures that are packed already, which takes no time; `None` where they are not.
pub fn packed_pictures(config: &RunConfig) -> Result<Option<(Arc<Dataset>, Partition)>, TrainError> {
    Dataset::open_packed(&config.data.root)?.map(|dataset| cut(config, dataset)).transpose()
}

fn cut(config: &RunConfig, dataset: Dataset) -> Result<(Arc<Dataset>, Partition), TrainError> {
    let partition = dataset.partition(config.data.valid.fraction, config.train.seed);
    check(config, &partition, dataset.skipped().len())?;
    check_probes(config, &dataset)?;
    Ok((Arc::new(dataset), partition))
}

fn check(config: &RunConfig, partition: &Partition, skipped: usize) -> Result<(), TrainError> {
    let root = || config.data.root.clone();
    if partition.train.is_empty() && skipped > 0 {
        return Err(TrainError::None { root: root(), skipped });
    }
    if partition.train.len() < config.train.batch_size {
        let (count, batch) = (partition.train.len(), config.train.batch_size);
        return Err(TrainError::TooFew { root: root(), count, batch });
    }
    if config.train.early_stopping.enabled && partition.valid.is_empty() {
        return Err(TrainError::NothingToWatch { root: root() });
    }
    Ok(())
}

fn check_probes(config: &RunConfig, dataset: &Dataset) -> Result<(), TrainError> {
    let Probes::Paths(paths) = &config.explain.probes else { return Ok(()) };
    match paths.iter().find(|path| probes::place(dataset, path).is_none()) {
        Some(path) => Err(TrainError::NoProbe { path: path.clone(), root: config.data.root.clone() }),
        None => Ok(()),
    }
}

impl Prepared {
    /// Steps of the whole run.
    pub fn steps(&self) -> usize {
        self.partition.train.len() / self.config.train.batch_size * self.config.train.epochs
    }

    /// Makes the run's folder, with its config in it and the state `queued`.
    pub fn create(&self, runs: &Path) -> Result<RunFolder, TrainError> {
        let mut status = Status::new(State::Queued);
        status.steps = self.steps() as u64;
        status.epochs = Some(self.config.train.epochs as u64);
        status.arch = Some(self.config.model.arch.clone());
        status.device = Some(self.chosen.label.clone());
        Ok(RunFolder::create_with(runs, &self.config.name, &status, Some(&self.config))?)
    }

    /// The network a new run begins with: drawn from the seed, or the weights it was given.
    pub(super) fn first_network(&self, device: &Device) -> Result<Network, TrainError> {
        match self.config.provenance.as_ref().and_then(|p| p.init.as_deref()) {
            Some(weights) => {
                let (network, _) = model::load(weights, Some(&self.config.model), device)?;
                Ok(network.with_arithmetic(self.arithmetic()))
            }
            None => self.drawn_network(device),
        }
    }

    /// The network with weights drawn from the seed.
    pub(super) fn drawn_network(&self, device: &Device) -> Result<Network, TrainError> {
        let network = Network::new(&self.config.model, self.config.train.seed, device)?;
        Ok(network.with_arithmetic(self.arithmetic()))
    }

    fn arithmetic(&self) -> Arithmetic {
        match self.config.train.precision {
            Precision::F32 => Arithmetic::F32,
            Precision::Bf16 => Arithmetic::Bf16,
        }
    }
}

/// Takes a run folder that exists and prepares it: one that was queued, stopped, preempted or lost, or that failed. The
/// config gets what was found this time: device, program, and for a run that never began the pictures' fingerprint.
pub fn prepare_again(
    folder: &RunFolder,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(Prepared, Claim), TrainError> {
    let state = run::observe(folder).state;
    run::check_resumable(folder)?;
    // Who queued the run has done it; a request to stop that came since is to be obeyed.
    if state != State::Queued {
        run::prepare_resume(folder)?;
    }
    let claim = Claim::take(folder)?;
    match prepare_claimed(folder, state, progress) {
        Ok(prepared) => Ok((prepared, claim)),
        Err(error) => {
            claim.fail(&error);
            Err(error)
        }
    }
}

fn prepare_claimed(
    folder: &RunFolder,
    state: State,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Prepared, TrainError> {
    let mut config = config::complete(&config::file_in(folder.path()))?;
    config.validate()?;
    let before = config.provenance.clone().unwrap_or_default();
    let wished = config.train.device;
    // Whoever queued the run has chosen among the devices already, knowing of the other runs.
    if state == State::Queued && wished == DeviceChoice::Auto {
        config.train.device = before.device.parse().unwrap_or(wished);
    }
    // The first weights are of no use once there is a checkpoint, and may be gone.
    let init = before.init.as_deref().filter(|_| checkpoint::newest(&folder.checkpoints()).is_none());
    let mut prepared = prepare(config, init, &run::busy_devices_beside(folder), progress)?;
    let now = prepared.dataset.fingerprint();
    if !before.data_fingerprint.is_empty() && before.data_fingerprint != now {
        return Err(TrainError::OtherData { root: prepared.config.data.root.clone(), run: folder.id() });
    }
    prepared.config.train.device = wished;
    if let Some(provenance) = &mut prepared.config.provenance {
        provenance.init = before.init;
    }
    folder.write_config(&prepared.config)?;
    Ok(prepared)
}
