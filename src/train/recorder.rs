//! Where what happens in a run is written: metrics, status, log, and the listener.

use super::checkpoint::TrainerState;
use super::error::TrainError;
use super::event::{Event, Means};
use super::prepare::Prepared;
use crate::data::Split;
use crate::monitor::Gauge;
use crate::run::{MetricSplit, MetricsWriter, RunFolder, RunLog, StatusWriter};
use std::time::Duration;

/// Rows of metrics that the first kernels' tuning and the first allocations would make look slow.
const WARM_UP_ROWS: usize = 1;

/// How often the machine is looked at.
const GAUGE_EVERY: Duration = Duration::from_secs(10);

/// What is known after some training steps.
pub(super) struct TrainRow {
    pub epoch: usize,
    /// Steps done.
    pub step: usize,
    /// Over the steps of this row.
    pub means: Means,
    /// Of the last step.
    pub learning_rate: f64,
    pub pictures: f64,
    pub seconds: f64,
}

pub(super) struct Recorder<'a> {
    folder: &'a RunFolder,
    status: &'a StatusWriter,
    emit: &'a mut dyn FnMut(Event),
    metrics: MetricsWriter,
    log: RunLog,
    gauge: Gauge,
    steps: usize,
    /// Of all steps.
    pictures: f64,
    epochs: usize,
    rows: usize,
    /// Pictures and seconds of the training steps after warm-up.
    trained: (f64, f64),
    /// What the last epoch's end took.
    epoch_end: Duration,
}

impl<'a> Recorder<'a> {
    pub fn new(
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
            gauge: Gauge::start(&prepared.chosen.label, GAUGE_EVERY),
            pictures: (prepared.steps() * prepared.config.train.batch_size) as f64,
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

    /// `state` is what is gone on from.
    pub fn begin(&mut self, prepared: &Prepared, state: &TrainerState) {
        let (train, valid, test) =
            (prepared.partition.train.len(), prepared.partition.valid.len(), prepared.partition.test.len());
        let (run, folder) = (self.folder.id(), self.folder.path().to_path_buf());
        let (epoch, epochs, step, steps) = (state.epochs + 1, self.epochs, state.step, self.steps);
        (self.emit)(Event::Started { run, folder, epoch, epochs, step, steps });
        if let Some(note) = &prepared.chosen.note {
            self.log(note);
        }
        let skipped = prepared.dataset.skipped().len();
        if skipped > 0 {
            let root = prepared.dataset.root().display();
            self.note(&format!(
                "{skipped} pictures of {root} are missing or cannot be read and take no part (mien data stats names them)"
            ));
        }
        self.note(&format!(
            "{} on {}: {train} pictures to train on, {valid} to validate, {test} to test; from step {step} of {}",
            prepared.config.model.arch, prepared.chosen.label, self.steps
        ));
        self.status.update(|status| {
            status.epoch = epoch.min(epochs) as u64;
            status.step = step as u64;
            // A status that was written before its checkpoint knows less.
            status.valid_accuracy = state.best.accuracy.or(status.valid_accuracy);
            status.valid_loss = state.best.loss.or(status.valid_loss);
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
        if let Some(failure) = self.status.failure() {
            self.note(&failure);
        }
        Ok(())
    }

    pub fn note(&mut self, sentence: &str) {
        self.log(sentence);
        (self.emit)(Event::Note(sentence.into()));
    }

    pub fn train_row(&mut self, row: TrainRow) -> Result<(), TrainError> {
        let TrainRow { epoch, step, means: Means { loss, accuracy }, learning_rate, pictures, seconds } = row;
        let rate = pictures / seconds.max(1e-9);
        self.metrics.append(
            epoch as u32,
            step as u64,
            MetricSplit::Train,
            &[
                ("loss", loss),
                ("accuracy", accuracy),
                ("learning_rate", learning_rate),
                ("images_per_second", rate),
            ],
        )?;
        self.system_row(epoch, step);
        self.rows += 1;
        if self.rows > WARM_UP_ROWS {
            self.trained = (self.trained.0 + pictures, self.trained.1 + seconds);
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

    /// What the machine did, where there is something new: once a step at most, as a second row of a step would take the
    /// first one's place. It is no reason to end a run that this cannot be written; if the disk is full, the next row of
    /// training tells.
    fn system_row(&mut self, epoch: usize, step: usize) {
        if let Some(values) = self.gauge.take().filter(|values| !values.is_empty()) {
            let _ = self.metrics.append(epoch as u32, step as u64, MetricSplit::System, &values);
        }
    }

    /// Seconds to the planned end; early stopping may bring it sooner.
    fn eta(&self, epoch: usize, step: usize, rate: f64) -> f64 {
        let left = 1.0 - step as f64 / self.steps.max(1) as f64;
        let steps = left * self.pictures / rate.max(1e-9);
        steps + (self.epochs - epoch + 1) as f64 * self.epoch_end.as_secs_f64()
    }

    /// What an epoch's end measured on a split, in one row: a second one of the step would take the first one's place.
    pub fn split_row(
        &mut self,
        split: Split,
        epoch: usize,
        step: usize,
        means: Means,
        energy: Option<f64>,
    ) -> Result<(), TrainError> {
        let mut values = vec![("loss", means.loss), ("accuracy", means.accuracy)];
        values.extend(energy.map(|energy| ("energy_in_region", energy)));
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
                self.status.update(|status| {
                    status.valid_accuracy = Some(means.accuracy);
                    status.valid_loss = Some(means.loss);
                });
            }
            let valid = valid
                .map_or(String::new(), |m| format!("; valid loss {:.4}, accuracy {:.4}", m.loss, m.accuracy));
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
