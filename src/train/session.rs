//! A trainer's life around the loop: lock, status, heartbeat, metrics, and an end that is always written down.

use super::checkpoint;
use super::conclude::conclude;
use super::error::TrainError;
use super::event::Event;
use super::prepare::Prepared;
use super::recorder::Recorder;
use super::schedule::Schedule;
use super::stop::Stop;
use super::trainer::{Trainer, Window};
use super::{batches::Source, recipe};
use crate::run::{RunFolder, RunLock, RunLog, State, Status, StatusWriter};
use std::time::Instant;

/// How a run that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Finished,
    Stopped,
    Preempted,
}

impl Ending {
    pub fn state(self) -> State {
        match self {
            Self::Finished => State::Finished,
            Self::Stopped => State::Stopped,
            Self::Preempted => State::Preempted,
        }
    }
}

/// How a run went.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    pub ending: Ending,
    pub epoch: usize,
    /// Pictures a second of the training steps alone, after warm-up.
    pub images_per_second: Option<f64>,
    /// Of the best weights; only of a run that is finished.
    pub valid_accuracy: Option<f64>,
    pub test_accuracy: Option<f64>,
}

/// Trains a run from where its folder stands. Whatever happens, its status says so afterwards.
pub fn train(
    prepared: &Prepared,
    folder: &RunFolder,
    stop: &mut Stop,
    emit: &mut dyn FnMut(Event),
) -> Result<Report, TrainError> {
    let _lock = RunLock::acquire(folder)?;
    let status = StatusWriter::start(folder, beginning(prepared, folder)?)?;
    let outcome = session(prepared, folder, &status, stop, emit);
    match &outcome {
        Ok(report) => status.finish(report.ending.state(), None)?,
        // The first failure is the one to tell; that its status cannot be written either adds nothing.
        Err(error) => {
            let sentence = error.to_string();
            if let Ok(log) = RunLog::open(folder) {
                let _ = log.line(&sentence);
            }
            let _ = status.finish(State::Failed, Some(sentence));
        }
    }
    outcome
}

/// The status of a trainer that has just begun; what its folder tells of the run so far stays.
fn beginning(prepared: &Prepared, folder: &RunFolder) -> Result<Status, TrainError> {
    let mut status = Status::read(folder)?;
    status.state = State::Running;
    status.steps = prepared.steps() as u64;
    status.device = Some(prepared.chosen.label.clone());
    status.error = None;
    status.job = std::env::var("SLURM_JOB_ID").ok();
    Ok(status)
}

fn session(
    prepared: &Prepared,
    folder: &RunFolder,
    status: &StatusWriter,
    stop: &mut Stop,
    emit: &mut dyn FnMut(Event),
) -> Result<Report, TrainError> {
    let config = &prepared.config;
    let device = prepared.chosen.device.clone().autodiff();
    let mut network = prepared.first_network(&device)?;
    let mut optimizer = recipe::optimizer(&config.train);
    let mut state = checkpoint::TrainerState::default();
    if let Some(newest) = checkpoint::newest(&folder.checkpoints()) {
        (network, optimizer, state) = checkpoint::load(&newest, network, optimizer)?;
    }
    let source = Source::new(prepared.dataset.clone(), prepared.partition.train.clone(), config);
    let schedule = Schedule::new(&config.train, source.steps_per_epoch());
    let mut recorder = Recorder::new(prepared, folder, status, emit, state.step)?;
    recorder.begin(prepared, state.epochs, state.step);
    let mut trainer = Trainer {
        config,
        dataset: &prepared.dataset,
        source,
        valid: &prepared.partition.valid,
        test: &prepared.partition.test,
        device: device.clone(),
        optimizer,
        schedule,
        state,
        recorder,
        checkpointed: Instant::now(),
        window: Window::default(),
    };
    let (network, ending) = trainer.run(network, stop)?;
    let Trainer { mut recorder, state, .. } = trainer;
    drop(network); // Its room on the device is needed for the best weights.
    let mut report = Report {
        ending,
        epoch: state.epochs,
        images_per_second: recorder.mean_rate(),
        valid_accuracy: state.best.value.filter(|_| !prepared.partition.valid.is_empty()),
        test_accuracy: None,
    };
    match ending {
        Ending::Finished => {
            let accuracies = conclude(prepared, folder, &device.inner())?;
            (report.valid_accuracy, report.test_accuracy) = (accuracies.valid, accuracies.test);
            status.update(|status| status.test_accuracy = accuracies.test);
            checkpoint::drop_optimizer(&folder.checkpoints());
            recorder.note("finished: scores and evaluation are of the best epoch's weights");
        }
        Ending::Stopped if std::env::var_os("SLURM_JOB_ID").is_some() && !stop.by_file() => {
            report.ending = Ending::Preempted;
            recorder.note("preempted: the checkpoint is written");
        }
        Ending::Stopped | Ending::Preempted => {
            recorder.note("stopped: mien train --resume goes on from here")
        }
    }
    Ok(report)
}
