use super::fields::{self, FieldAbout};
use crate::data::{printable, shown};
use crate::model::ModelError;
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
    Model(#[from] ModelError),
    #[error("{field} = {} is not possible: it must be {must}", printable(value))]
    Value { field: String, value: String, must: String },
}

impl ConfigError {
    /// The field that the error is about, where it is about one.
    pub fn field(&self) -> Option<&'static FieldAbout> {
        match self {
            Self::Value { field, .. } => fields::field(field),
            Self::Set { argument, .. } => fields::field(argument.split('=').next()?.trim()),
            Self::Model(ModelError::Value { field, .. } | ModelError::FieldDoesNotApply { field, .. }) => {
                fields::field(&format!("model.{field}"))
            }
            Self::Model(ModelError::UnknownArchitecture { .. }) => fields::field("model.arch"),
            Self::Model(ModelError::TooLarge { .. }) => fields::field("model.width"),
            _ => None,
        }
    }

    /// What is wrong, to stand beside the field it is about.
    pub fn beside_field(&self) -> String {
        match self {
            Self::Value { must, .. } | Self::Model(ModelError::Value { must, .. }) => {
                format!("it must be {must}")
            }
            Self::Set { argument, .. } => match self.field() {
                Some(field) if argument.ends_with('=') => format!("it must be {}", field.noun()),
                Some(field) => format!("it must be {}, {}", field.noun(), field.range),
                None => self.to_string(),
            },
            Self::Model(ModelError::FieldDoesNotApply { arch, fields, .. }) => {
                format!("not a field of '{}'; {fields}", printable(arch))
            }
            _ => self.to_string(),
        }
    }
}

/// `Ok` where `holds`, else an error that names the field, its value and what it must be.
pub(super) fn check(holds: bool, field: &str, value: impl Display) -> Result<(), ConfigError> {
    if holds {
        return Ok(());
    }
    let must = fields::field(field).map_or("another one", |field| field.range);
    Err(ConfigError::Value { field: field.into(), value: value.to_string(), must: must.into() })
}
