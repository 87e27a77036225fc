use crate::data::{printable, shown};
use std::fmt::Display;
use std::path::PathBuf;

/// Why a config was refused. Every message is one sentence for the person who wrote the config.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the config {}: {source}", shown(path))]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: {}", printable(place), printable(reason))]
    Syntax { place: String, reason: String },
    #[error("--set {}: {}", printable(argument), printable(reason))]
    Set { argument: String, reason: String },
    #[error("the config cannot be written ({reason}); take paths in UTF-8")]
    Unwritable { reason: String },
    #[error(transparent)]
    Model(#[from] crate::model::ModelError),
    #[error("{field} = {} is not possible: it must be {must}", printable(value))]
    Value { field: String, value: String, must: String },
}

/// `Ok` where `holds`, else an error that names the field, its value and what it must be.
pub(super) fn check(holds: bool, field: &str, value: impl Display, must: &str) -> Result<(), ConfigError> {
    if holds {
        return Ok(());
    }
    Err(ConfigError::Value { field: field.into(), value: value.to_string(), must: must.into() })
}
