//! What lists do not know of a run: its config and its last results.

use super::fields::CONFIG;
use crate::run::{self, RunFolder};
use std::collections::BTreeMap;
use toml::Value;

/// The config and the results of one run, to be looked up by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    /// By the place of their names in [`CONFIG`].
    config: Vec<Option<Setting>>,
    results: BTreeMap<String, f64>,
}

/// A value of the config.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Setting {
    Number(f64),
    /// In small letters.
    Text(String),
}

impl Values {
    /// Reads them from a run's folder; what cannot be read is not there.
    pub fn read(folder: &RunFolder) -> Self {
        let mut config = vec![None; CONFIG.len()];
        let fields = crate::config::complete(&folder.config()).map(|config| crate::config::flat(&config));
        for (name, value) in fields.unwrap_or_default() {
            if let Some(place) = CONFIG.iter().position(|known| *known == name) {
                config[place] = Some(Setting::from(value));
            }
        }
        Self { config, results: run::latest(folder) }
    }

    pub(super) fn setting(&self, place: usize) -> Option<&Setting> {
        self.config.get(place)?.as_ref()
    }

    pub(super) fn result(&self, key: &str) -> Option<f64> {
        self.results.get(key).copied()
    }
}

impl From<Value> for Setting {
    fn from(value: Value) -> Self {
        match value {
            Value::Integer(number) => Self::Number(number as f64),
            Value::Float(number) => Self::Number(number),
            Value::String(text) => Self::Text(text.to_lowercase()),
            other => Self::Text(other.to_string().to_lowercase()),
        }
    }
}
