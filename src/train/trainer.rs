//! The loop itself: batches in, a trained network out.

use super::attention::Attention;
use super::batches::{Batch, Source};
use super::checkpoint::{self, Sums, TrainerState};
use super::error::TrainError;
use super::event::{Event, Means};
use super::halving::Contest;
use super::recipe::{correct, cross_entropy};
use super::recorder::{Recorder, TrainRow};
use super::schedule::Schedule;
use super::session::Ending;
use super::stop::Stop;
use crate::config::{RunConfig, TestLook};
use crate::data::{Dataset, Split};
use crate::evaluate;
use crate::model::{self, Arithmetic, Network};
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::prelude::*;
use std::time::{Duration, Instant};

/// All that a run is trained with. The network itself goes from step to step by value, so that the optimizer
/// may change its tensors in place.
pub(super) struct Trainer<'a> {
    pub config: &'a RunConfig,
    pub dataset: &'a Dataset,
    pub source: Source,
    pub valid: &'a [usize],
    pub test: &'a [usize],
    /// With autodiff.
    pub device: Device,
    pub optimizer: ModuleOptimizer,
    pub schedule: Schedule,
    pub state: TrainerState,
    pub recorder: Recorder<'a>,
    pub attention: Attention,
    /// With the other runs of its search; none of a run that is not halved.
    pub contest: Option<Contest>,
    pub checkpointed: Instant,
    pub window: Window,
}

/// Sums over the steps since the last row of metrics, left on the device until the row is written: reading
/// them is the only time the host waits for the device.
#[derive(Default)]
pub(super) struct Window {
    loss: Option<Tensor<1>>,
    correct: Option<Tensor<1, Int>>,
    steps: usize,
    since: Option<Instant>,
}

impl Trainer<'_> {
    /// Trains epoch after epoch until the plan's end, the end of patience, the loss of a comparison, or a stop.
    pub fn run(&mut self, mut network: Network, stop: &mut Stop) -> Result<(Network, Ending), TrainError> {
        while self.state.epochs < self.config.train.epochs {
            // Before patience: siblings are to hear how good a run was that ends here.
            let falls_behind = self.falls_behind();
            if self.out_of_patience() {
                self.note_patience();
                break;
            }
            if falls_behind {
                return Ok((network, Ending::Halved));
            }
            let epoch = self.state.epochs + 1;
            let (trained, means) = self.epoch(network, epoch, stop)?;
            network = trained;
            let Some(means) = means else { return Ok((network, Ending::Stopped)) };
            self.finish_epoch(&network, epoch, means)?;
        }
        Ok((network, Ending::Finished))
    }

    /// Whether its siblings have done better than the run after as many epochs; not in the middle of one.
    fn falls_behind(&mut self) -> bool {
        let TrainerState { epochs, step, best, .. } = &self.state;
        let at_end = *step == epochs * self.source.steps_per_epoch();
        let Some(contest) = self.contest.as_ref().filter(|_| at_end) else { return false };
        let Some(verdict) = contest.compare(*epochs, self.config.train.epochs, best) else {
            return false;
        };
        if let Some(note) = &verdict.note {
            self.recorder.note(note);
        }
        !verdict.goes_on
    }

    fn note_patience(&mut self) {
        let (patience, best) = (self.config.train.early_stopping.patience, self.state.best.epoch);
        self.recorder.note(&format!(
            "stopped early after epoch {}: more than {patience} epochs without improvement since epoch {best}",
            self.state.epochs
        ));
    }

    fn out_of_patience(&self) -> bool {
        self.state.best.exhausts(&self.config.train.early_stopping)
    }

    /// The rest of an epoch; no means where it was stopped in the middle.
    fn epoch(
        &mut self,
        mut network: Network,
        epoch: usize,
        stop: &mut Stop,
    ) -> Result<(Network, Option<Means>), TrainError> {
        let done = self.state.step - self.state.epochs * self.source.steps_per_epoch();
        let batches = self.source.epoch(epoch, done);
        self.window = Window::default();
        for _ in done..self.source.steps_per_epoch() {
            let batch = batches.recv().map_err(|_| TrainError::NoBatch)?;
            network = self.step(network, batch);
            if self.window.steps >= self.config.train.log_steps {
                self.write_window(epoch)?;
            }
            let stopping = stop.requested();
            let due = Duration::from_secs_f64(self.config.train.checkpoint_minutes * 60.0);
            if stopping || self.checkpointed.elapsed() >= due {
                self.write_window(epoch)?;
                self.checkpoint(&network)?;
            }
            if stopping {
                return Ok((network, None));
            }
        }
        self.write_window(epoch)?;
        Ok((network, self.state.epoch_so_far.means(self.config.train.batch_size)))
    }

    fn step(&mut self, network: Network, batch: Batch) -> Network {
        self.window.since.get_or_insert_with(Instant::now);
        self.device.seed(seed_of(self.config.train.seed, self.state.step));
        let pictures = model::input(&batch.pixels, &self.device); // [batch, 3, 64, 64]
        let count = batch.labels.len();
        let labels = Tensor::<1, Int>::from_data(TensorData::new(batch.labels, [count]), &self.device);
        let logits = network.forward(pictures); // [batch, 6]
        let loss = cross_entropy(logits.clone(), labels.clone(), self.config.train.label_smoothing);
        self.window.add(loss.clone().inner(), correct(logits.inner(), labels.inner()));
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        let rate = self.schedule.rate(self.state.step);
        self.state.step += 1;
        self.optimizer.step(rate, network, gradients)
    }

    /// Writes the row of the steps since the last one; a loss that is not finite ends the run here.
    fn write_window(&mut self, epoch: usize) -> Result<(), TrainError> {
        let window = std::mem::take(&mut self.window);
        let steps = window.steps;
        let Some((loss, correct, seconds)) = window.read() else { return Ok(()) };
        let step = self.state.step;
        let value = loss / steps as f64;
        if !self.recorder.folder().config().exists() {
            return Err(TrainError::Gone { path: self.recorder.folder().path().to_path_buf() });
        }
        if !value.is_finite() {
            return Err(TrainError::NotFinite { value, epoch, step });
        }
        let sums = &mut self.state.epoch_so_far;
        sums.loss += loss;
        sums.correct += correct;
        sums.steps += steps;
        let pictures = (steps * self.config.train.batch_size) as f64;
        self.recorder.train_row(TrainRow {
            epoch,
            step,
            means: Means { loss: value, accuracy: correct / pictures },
            learning_rate: self.schedule.rate(step - 1),
            pictures,
            seconds,
        })
    }

    /// Validation, the best weights, a checkpoint.
    fn finish_epoch(&mut self, network: &Network, epoch: usize, train: Means) -> Result<(), TrainError> {
        let began = Instant::now();
        // In f32 whatever it is trained in, as the weights will be used.
        let looking = network.clone().valid().with_arithmetic(Arithmetic::F32);
        let valid = self.look(&looking, self.valid)?;
        let is_finite = valid.is_none_or(|means| means.loss.is_finite());
        let energy = if is_finite { self.attend(&looking, epoch) } else { None };
        if let Some(means) = valid {
            self.recorder.split_row(Split::Valid, epoch, self.state.step, means, energy)?;
            if !means.loss.is_finite() {
                let (value, step) = (means.loss, self.state.step);
                return Err(TrainError::NotFinite { value, epoch, step });
            }
        }
        let test = match self.config.train.test {
            TestLook::Epoch => self.look(&looking, self.test)?,
            TestLook::End => None,
        };
        if let Some(means) = test {
            self.recorder.split_row(Split::Test, epoch, self.state.step, means, None)?;
        }
        let best = self.state.best.take(self.config.train.early_stopping.metric, valid, epoch);
        if best {
            model::save(&looking, &self.config.model, &self.recorder.folder().model())?;
        }
        self.state.epochs = epoch;
        self.state.epoch_so_far = Sums::default();
        self.checkpoint(network)?;
        self.recorder.epoch_done(Event::Epoch { epoch, train, valid, test, best }, began.elapsed());
        Ok(())
    }

    /// Explains a few pictures; the share of evidence where the expression shows.
    fn attend(&mut self, network: &Network, epoch: usize) -> Option<f64> {
        let (energy, note) = self.attention.look(network, epoch, self.state.step);
        if let Some(note) = note {
            self.recorder.note(&note);
        }
        energy
    }

    /// Mean loss and accuracy over a part of the pictures; none of an empty one.
    fn look(&self, network: &Network, indices: &[usize]) -> Result<Option<Means>, TrainError> {
        if indices.is_empty() {
            return Ok(None);
        }
        let device = self.device.clone().inner();
        let scores = evaluate::network_scores(network, self.dataset, indices, evaluate::BATCH, &device)?;
        let labels: Vec<_> = indices.iter().map(|&index| self.dataset.label(index)).collect();
        let evaluation = evaluate::evaluate(&scores, &labels);
        // Scores that are no numbers have no likelihood.
        let means = Means {
            loss: evaluation.nll.unwrap_or(f64::NAN),
            accuracy: evaluation.accuracy.unwrap_or(f64::NAN),
        };
        Ok(Some(means))
    }

    fn checkpoint(&mut self, network: &Network) -> Result<(), TrainError> {
        // The rows first: a resume goes on behind those of its checkpoint.
        self.recorder.flush()?;
        self.state.batch_counts = network.batch_counts();
        checkpoint::save(&self.recorder.folder().checkpoints(), network, &self.optimizer, &self.state)?;
        self.checkpointed = Instant::now();
        Ok(())
    }
}

/// The seed of a step's dropout: no generator state has to be saved for a resume.
fn seed_of(seed: u64, step: usize) -> u64 {
    (seed ^ (step as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

impl Window {
    fn add(&mut self, loss: Tensor<1>, correct: Tensor<1, Int>) {
        self.loss = Some(match self.loss.take() {
            Some(sum) => sum + loss,
            None => loss,
        });
        self.correct = Some(match self.correct.take() {
            Some(sum) => sum + correct,
            None => correct,
        });
        self.steps += 1;
    }

    /// Sum of the steps' losses, correct pictures, seconds since the first step; none of no steps.
    fn read(self) -> Option<(f64, f64, f64)> {
        let loss = f64::from(self.loss?.into_scalar::<f32>());
        let correct = self.correct?.into_scalar::<i64>() as f64;
        Some((loss, correct, self.since?.elapsed().as_secs_f64()))
    }
}
