//! A trainer's life around the loop: lock, status, heartbeat, metrics, and an end that is always written down.

use super::checkpoint;
use super::conclude::conclude;
use super::error::TrainError;
use super::event::{Event, Means};
use super::prepare::Prepared;
use super::schedule::Schedule;
use super::stop::Stop;
use super::trainer::{Trainer, Window};
use super::{batches::Source, recipe};
use crate::data::Split;
use crate::run::{MetricSplit, MetricsWriter, RunFolder, RunLock, RunLog, State, Status, StatusWriter};
use std::time::{Duration, Instant};

/// Rows of metrics that the first kernels' tuning and the first allocations would make look slow.
const WARM_UP_ROWS: usize = 1;

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
        Ending::Stopped | Ending::Preempted => recorder.note("stopped: mien train --resume goes on from here"),
    }
    Ok(report)
}

/// Where what happens is written: metrics, status, log, and the listener.
pub(super) struct Recorder<'a> {
    folder: &'a RunFolder,
    status: &'a StatusWriter,
    emit: &'a mut dyn FnMut(Event),
    metrics: MetricsWriter,
    log: RunLog,
    batch_size: usize,
    steps: usize,
    epochs: usize,
    rows: usize,
    /// Pictures and seconds of the training steps after warm-up.
    trained: (f64, f64),
    /// What the last epoch's end took.
    epoch_end: Duration,
}

impl<'a> Recorder<'a> {
    fn new(
        prepared: &Prepared,
        folder: &'a RunFolder,
        status: &'a StatusWriter,
        emit: &'a mut dyn FnMut(Event),
        step: usize,
    ) -> Result<Self, TrainError> {
        Ok(Self {
            folder,
            status,
            emit,
            metrics: MetricsWriter::open(folder, step as u64 + 1)?,
            log: RunLog::open(folder)?,
            batch_size: prepared.config.train.batch_size,
            steps: prepared.steps(),
            epochs: prepared.config.train.epochs,
            rows: 0,
            trained: (0.0, 0.0),
            epoch_end: Duration::ZERO,
        })
    }

    pub fn folder(&self) -> &RunFolder {
        self.folder
    }

    fn begin(&mut self, prepared: &Prepared, epochs_done: usize, step: usize) {
        let (train, valid, test) =
            (prepared.partition.train.len(), prepared.partition.valid.len(), prepared.partition.test.len());
        if let Some(note) = &prepared.chosen.note {
            self.log(note);
        }
        self.note(&format!(
            "{} on {}: {train} pictures to train on, {valid} to validate, {test} to test; from step {step} of {}",
            prepared.config.model.arch, prepared.chosen.label, self.steps
        ));
        let (run, folder) = (self.folder.id(), self.folder.path().to_path_buf());
        let (epoch, epochs, steps) = (epochs_done + 1, self.epochs, self.steps);
        (self.emit)(Event::Started { run, folder, epoch, epochs, step, steps });
        self.status.update(|status| {
            status.epoch = epoch.min(epochs) as u64;
            status.step = step as u64;
        });
    }

    /// A log that cannot be written is no reason to lose a run.
    fn log(&self, sentence: &str) {
        let _ = self.log.line(sentence);
    }

    /// Brings the rows to the disk, to be called beside a checkpoint: a resume goes on behind them.
    pub fn flush(&mut self) -> Result<(), TrainError> {
        self.metrics.flush()?;
        if let Some(complaint) = self.metrics.take_complaint() {
            self.note(&complaint);
        }
        Ok(())
    }

    pub fn note(&mut self, sentence: &str) {
        self.log(sentence);
        (self.emit)(Event::Note(sentence.into()));
    }

    #[allow(clippy::too_many_arguments, reason = "one row of metrics has these columns")]
    pub fn train_row(
        &mut self,
        epoch: usize,
        step: usize,
        steps: usize,
        loss: f64,
        accuracy: f64,
        learning_rate: f64,
        elapsed: f64,
    ) -> Result<(), TrainError> {
        let pictures = (steps * self.batch_size) as f64;
        let rate = pictures / elapsed.max(1e-9);
        self.metrics.append(
            epoch as u32,
            step as u64,
            MetricSplit::Train,
            &[("loss", loss), ("accuracy", accuracy), ("learning_rate", learning_rate), ("images_per_second", rate)],
        )?;
        self.rows += 1;
        if self.rows > WARM_UP_ROWS {
            self.trained = (self.trained.0 + pictures, self.trained.1 + elapsed);
        }
        let eta_seconds = self.eta(epoch, step, self.mean_rate().unwrap_or(rate));
        self.status.update(|status| {
            status.epoch = epoch as u64;
            status.step = step as u64;
            status.images_per_second = Some(rate);
            status.eta_seconds = Some(eta_seconds);
        });
        (self.emit)(Event::Progress { epoch, step, steps: self.steps, loss, accuracy, rate, eta_seconds });
        Ok(())
    }

    /// Seconds to the planned end; early stopping may bring it sooner.
    fn eta(&self, epoch: usize, step: usize, rate: f64) -> f64 {
        let steps = (self.steps - step) as f64 * self.batch_size as f64 / rate.max(1e-9);
        steps + (self.epochs - epoch + 1) as f64 * self.epoch_end.as_secs_f64()
    }

    pub fn split_row(&mut self, split: Split, epoch: usize, step: usize, means: Means) -> Result<(), TrainError> {
        let values = [("loss", means.loss), ("accuracy", means.accuracy)];
        let split = match split {
            Split::Train => MetricSplit::Train,
            Split::Valid => MetricSplit::Valid,
            Split::Test => MetricSplit::Test,
        };
        self.metrics.append(epoch as u32, step as u64, split, &values)?;
        Ok(())
    }

    pub fn epoch_done(&mut self, event: Event, took: Duration) {
        self.epoch_end = took;
        if let Event::Epoch { epoch, train, valid, best, .. } = &event {
            if let (true, Some(means)) = (best, valid) {
                self.status.update(|status| status.valid_accuracy = Some(means.accuracy));
            }
            let valid = valid.map_or(String::new(), |m| format!("; valid loss {:.4}, accuracy {:.4}", m.loss, m.accuracy));
            let best = if *best { " (best so far)" } else { "" };
            self.log(&format!(
                "epoch {epoch}: train loss {:.4}, accuracy {:.4}{valid}{best}",
                train.loss, train.accuracy
            ));
        }
        (self.emit)(event);
    }

    /// Pictures a second of the training steps after warm-up.
    pub fn mean_rate(&self) -> Option<f64> {
        let (pictures, seconds) = self.trained;
        (seconds > 0.0).then(|| pictures / seconds)
    }
}
