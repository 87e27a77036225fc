//! A trainer's life around the loop: lock, status, heartbeat, metrics, and an end that is always written down.

use super::attention::Attention;
use super::checkpoint::{self, TrainerState};
use super::claim::Claim;
use super::conclude::conclude;
use super::error::TrainError;
use super::event::Event;
use super::halving::Contest;
use super::job::Job;
use super::prepare::Prepared;
use super::recorder::Recorder;
use super::schedule::Schedule;
use super::stop::Stop;
use super::trainer::{Trainer, Window};
use super::{batches::Source, recipe};
use crate::run::State;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// How a run that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Finished,
    /// By successive halving, because its siblings did better: finished before its time.
    Halved,
    Stopped,
    Preempted,
}

impl Ending {
    pub fn state(self) -> State {
        match self {
            Self::Finished | Self::Halved => State::Finished,
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
    /// Of the best weights so far.
    pub valid_accuracy: Option<f64>,
    /// Of a run that is finished.
    pub test_accuracy: Option<f64>,
}

/// Trains a run from where its folder stands. Whatever happens, its status says so afterwards; a panic inside Burn, which
/// is how a GPU out of memory ends, is an error like others.
pub fn train(
    prepared: &Prepared,
    claim: Claim,
    stop: &mut Stop,
    emit: &mut dyn FnMut(Event),
) -> Result<Report, TrainError> {
    let outcome = catch_unwind(AssertUnwindSafe(|| session(prepared, &claim, stop, emit)))
        .unwrap_or_else(|panic| Err(TrainError::Panicked(panic_words(&*panic))));
    match &outcome {
        Ok(report) => {
            let checkpoints = claim.folder().checkpoints();
            claim.end(report.ending.state())?;
            // Only now: a run that is not finished needs it to go on.
            if report.ending.state() == State::Finished {
                checkpoint::drop_optimizer(&checkpoints);
            }
        }
        Err(error) => claim.fail(error),
    }
    outcome
}

/// What a panic said.
pub fn panic_words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words").to_string()
}

fn session(
    prepared: &Prepared,
    claim: &Claim,
    stop: &mut Stop,
    emit: &mut dyn FnMut(Event),
) -> Result<Report, TrainError> {
    let config = &prepared.config;
    let (folder, status) = (claim.folder(), claim.status());
    status.update(|status| {
        status.steps = prepared.steps() as u64;
        status.device = Some(prepared.chosen.label.clone());
    });
    let device = prepared.chosen.device.clone().autodiff();
    let source = Source::new(prepared.dataset.clone(), prepared.partition.train.clone(), config);
    let optimizer = recipe::optimizer(&config.train);
    let (network, optimizer, state) = match checkpoint::newest(&folder.checkpoints()) {
        None => (prepared.first_network(&device)?, optimizer, TrainerState::new(source.steps_per_epoch())),
        Some(newest) => {
            let (network, optimizer, state) =
                checkpoint::load(&newest, prepared.drawn_network(&device)?, optimizer)?;
            state.check(source.steps_per_epoch(), &newest)?;
            (network, optimizer, state)
        }
    };
    let schedule = Schedule::new(&config.train, source.steps_per_epoch());
    let mut recorder = Recorder::new(prepared, folder, status, emit, state.step)?;
    recorder.begin(prepared, &state);
    let (attention, notes) = Attention::new(prepared, &network, folder, state.epochs);
    notes.iter().for_each(|note| recorder.note(note));
    let contest = Contest::of(folder).unwrap_or_else(|why| {
        recorder.note(&why);
        None
    });
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
        attention,
        contest,
        checkpointed: Instant::now(),
        window: Window::default(),
    };
    let first_step = trainer.state.step;
    let (network, ending) = trainer.run(network, stop)?;
    let Trainer { mut recorder, state, .. } = trainer;
    drop(network); // Its room on the device is needed for the best weights.
    let mut report = Report {
        ending,
        epoch: state.epochs,
        images_per_second: recorder.mean_rate(),
        valid_accuracy: state.best.accuracy,
        test_accuracy: None,
    };
    match ending {
        Ending::Finished | Ending::Halved => {
            let accuracies = conclude(prepared, folder, &device.inner())?;
            (report.valid_accuracy, report.test_accuracy) = (accuracies.valid, accuracies.test);
            status.update(|status| {
                status.test_accuracy = accuracies.test;
                status.halved = (ending == Ending::Halved).then_some(state.epochs as u64);
            });
            recorder.note("finished: scores and evaluation are of the best epoch's weights");
        }
        Ending::Stopped if Job::here().is_some() && !stop.by_file() => {
            // The same again would go on for ever.
            if stop.at_time_limit() && state.step == first_step {
                return Err(TrainError::NoTime);
            }
            report.ending = Ending::Preempted;
            recorder.note("preempted: the checkpoint is written");
        }
        Ending::Stopped | Ending::Preempted => {
            recorder.note("stopped: mien train --resume goes on from here")
        }
    }
    Ok(report)
}
