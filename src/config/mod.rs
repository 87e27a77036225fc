//! What a run is made from, as plain data. Built-in defaults < a TOML file < `--set key=value`;
//! unknown fields are refused and impossible values named.

mod augment;
mod difference;
mod draft;
mod error;
mod explain;
mod fields;
mod flat;
mod layers;
mod training;

pub use difference::{Difference, difference};
pub use draft::{Draft, FieldValue, of_pictures, position};
pub use error::ConfigError;
pub use explain::{ExplainConfig, ProbeMethod, Probes};
pub use fields::{FieldAbout, FieldKind, field, fields};
pub use flat::{flat, flat_names};
pub(crate) use layers::{check_type, explain, name_after, newlines_before};
pub use layers::{complete, file_in, from_file, from_text, to_text, with_values};
pub use training::{
    EarlyStopping, MonitoredMetric, OptimizerKind, Precision, ScheduleKind, TestLook, TrainConfig,
};

use crate::data::Augmentation;
use crate::model::Architecture;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Everything a run is made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunConfig {
    /// Stands in the run's id and in lists; letters, digits, `-`, `_` and `.`.
    pub name: String,
    pub model: Architecture,
    pub data: DataConfig,
    pub train: TrainConfig,
    pub augment: Augmentation,
    pub explain: ExplainConfig,
    /// Written by the trainer; not for people to set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
}

/// Where the pictures are and how the validation set is cut from them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataConfig {
    /// The folder that holds `manifest.csv`; stored absolute.
    pub root: PathBuf,
    pub valid: ValidSplit,
}

/// A stratified part of the training split; pictures with the same pixels stay on one side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValidSplit {
    /// Share of the training split, 0 <= fraction < 1; 0 means no validation.
    pub fraction: f64,
}

impl Default for ValidSplit {
    fn default() -> Self {
        Self { fraction: 0.1 }
    }
}

/// What the trainer found when it began.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// Hex digest of the pack's pixels and the manifest's rows.
    pub data_fingerprint: String,
    /// `mien 0.1.0`.
    pub program: String,
    /// The device that `auto` became.
    pub device: String,
    /// CPU threads, which decide the order of sums and so the last bits of a result.
    pub threads: usize,
    /// Weights the run began from, where `--init` named some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<PathBuf>,
}

impl RunConfig {
    /// Refuses values that cannot be meant, also by the network. Files and folders are not looked at.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let name_is_plain = !self.name.is_empty()
            && self.name.len() <= 80
            && self.name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        error::check(name_is_plain, "name", &self.name)?;
        let fraction = self.data.valid.fraction;
        error::check((0.0..1.0).contains(&fraction), "data.valid.fraction", fraction)?;
        let network = crate::model::summary(&self.model)?;
        self.train.validate()?;
        augment::validate(&self.augment)?;
        self.explain.validate(&network)
    }
}
