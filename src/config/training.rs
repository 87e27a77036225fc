use super::error::{ConfigError, check};
use crate::device::DeviceChoice;
use serde::{Deserialize, Serialize};

/// The recipe. The defaults are those of the GiMeFive paper (arXiv 2402.15662: SGD 1e-3, momentum 0.9, weight decay 1e-4, batch 16,
/// up to 80 epochs at a constant rate, patience 15).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    pub optimizer: OptimizerKind,
    pub learning_rate: f64,
    /// SGD only.
    pub momentum: f64,
    /// L2 on the gradient for SGD and Adam, decoupled for AdamW, as in PyTorch.
    pub weight_decay: f64,
    pub label_smoothing: f64,
    pub schedule: ScheduleKind,
    /// `schedule = "step"`: epochs between two drops.
    pub step_epochs: usize,
    /// `schedule = "step"`: factor of a drop.
    pub step_factor: f64,
    pub batch_size: usize,
    pub epochs: usize,
    pub early_stopping: EarlyStopping,
    pub precision: Precision,
    pub test: TestLook,
    /// Minutes between checkpoints inside an epoch; one is written after each epoch anyway.
    pub checkpoint_minutes: f64,
    /// Training rows are written to `metrics.jsonl` every so many steps.
    pub log_steps: usize,
    pub seed: u64,
    pub device: DeviceChoice,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            optimizer: OptimizerKind::Sgd,
            learning_rate: 0.001,
            momentum: 0.9,
            weight_decay: 1e-4,
            label_smoothing: 0.0,
            schedule: ScheduleKind::Constant,
            step_epochs: 30,
            step_factor: 0.1,
            batch_size: 16,
            epochs: 80,
            early_stopping: EarlyStopping::default(),
            precision: Precision::F32,
            test: TestLook::End,
            checkpoint_minutes: 10.0,
            log_steps: 10,
            seed: 42,
            device: DeviceChoice::Auto,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimizerKind {
    Sgd,
    Adam,
    AdamW,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduleKind {
    Constant,
    Cosine,
    OneCycle,
    Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    F32,
    Bf16,
}

/// When the test set is looked at. Nothing is ever selected on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TestLook {
    End,
    Epoch,
}

/// Stops once the count of epochs without improvement exceeds the patience; the best epoch's weights are
/// kept whether enabled or not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EarlyStopping {
    pub enabled: bool,
    pub patience: usize,
    pub metric: MonitoredMetric,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self { enabled: true, patience: 15, metric: MonitoredMetric::ValidAccuracy }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MonitoredMetric {
    #[serde(rename = "valid/accuracy")]
    ValidAccuracy,
    #[serde(rename = "valid/loss")]
    ValidLoss,
}

impl MonitoredMetric {
    /// Whether `new` is better than `old`.
    pub fn improves(self, new: f64, old: f64) -> bool {
        match self {
            Self::ValidAccuracy => new > old,
            Self::ValidLoss => new < old,
        }
    }
}

impl TrainConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let rate = self.learning_rate;
        check(rate > 0.0 && rate.is_finite(), "train.learning_rate", rate)?;
        let momentum = self.momentum;
        check((0.0..1.0).contains(&momentum), "train.momentum", momentum)?;
        let decay = self.weight_decay;
        check((0.0..1.0).contains(&decay), "train.weight_decay", decay)?;
        let smoothing = self.label_smoothing;
        check((0.0..1.0).contains(&smoothing), "train.label_smoothing", smoothing)?;
        let every = self.step_epochs;
        check((1..=100_000).contains(&every), "train.step_epochs", every)?;
        let factor = self.step_factor;
        check(factor > 0.0 && factor <= 1.0, "train.step_factor", factor)?;
        let batch = self.batch_size;
        check((2..=8192).contains(&batch), "train.batch_size", batch)?;
        check((1..=100_000).contains(&self.epochs), "train.epochs", self.epochs)?;
        check(self.log_steps >= 1, "train.log_steps", self.log_steps)?;
        let minutes = self.checkpoint_minutes;
        check(minutes > 0.0 && minutes <= 1e6, "train.checkpoint_minutes", minutes)?;
        check(i64::try_from(self.seed).is_ok(), "train.seed", self.seed)
    }
}
