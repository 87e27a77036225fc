//! Which fields of two configs differ.

use super::flat::flattened;
use super::{ConfigError, RunConfig};
use toml::{Table, Value};

/// A field whose value is not the same in two configs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// As `--set` takes it: `train.learning_rate`.
    pub field: String,
    /// The values as TOML; `None` where the config leaves it to what the network's name says.
    pub this: Option<String>,
    pub other: Option<String>,
}

impl Difference {
    /// The field tells one run from another and says nothing about how it trains: two runs always differ in it.
    pub fn is_identity(&self) -> bool {
        self.field == "name" || self.field.starts_with("provenance.")
    }
}

/// The sections in the order of the file; what is in none of them comes first.
const SECTIONS: [&str; 6] = ["model", "data", "train", "augment", "explain", "provenance"];

/// What differs between two configs, section by section, with the fields that always differ at the end.
///
/// # Errors
/// Where TOML cannot hold a value, as a path that is not UTF-8.
pub fn difference(this: &RunConfig, other: &RunConfig) -> Result<Vec<Difference>, ConfigError> {
    let (this, other) = (fields(this)?, fields(other)?);
    let names = this.keys().chain(other.keys().filter(|name| !this.contains_key(*name)));
    let mut found: Vec<Difference> = names
        .filter(|name| this.get(*name) != other.get(*name))
        .map(|name| {
            let text = |values: &Table| values.get(name).map(Value::to_string);
            Difference { field: name.clone(), this: text(&this), other: text(&other) }
        })
        .collect();
    let section = |field: &str| {
        let first = field.split('.').next().unwrap_or_default();
        SECTIONS.iter().position(|section| *section == first).map_or(0, |place| place + 1)
    };
    found.sort_by(|a, b| {
        let rank = |of: &Difference| (of.is_identity(), section(&of.field));
        rank(a).cmp(&rank(b)).then_with(|| a.field.cmp(&b.field))
    });
    Ok(found)
}

/// Every value of a config by its dotted name.
fn fields(config: &RunConfig) -> Result<Table, ConfigError> {
    let unwritable = |error: toml::ser::Error| ConfigError::Unwritable { reason: error.to_string() };
    Ok(flattened(Value::try_from(config).map_err(unwritable)?).into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Provenance;
    use crate::model::ConvDropout;

    fn row(field: &str, this: Option<&str>, other: Option<&str>) -> Difference {
        Difference { field: field.into(), this: this.map(Into::into), other: other.map(Into::into) }
    }

    #[test]
    fn a_config_does_not_differ_from_itself() {
        assert_eq!(difference(&RunConfig::default(), &RunConfig::default()).unwrap(), []);
    }

    #[test]
    fn fields_that_differ_are_named_as_set_takes_them_in_the_order_of_the_sections() {
        let mut this = RunConfig { name: "a".into(), ..RunConfig::default() };
        this.augment.erase.scale = [0.1, 0.2];
        this.train.early_stopping.patience = 7;
        this.train.batch_size = 32;
        this.model.depth = Some(4);
        let other = RunConfig { name: "b".into(), ..RunConfig::default() };
        let found = difference(&this, &other).unwrap();
        let expected = [
            row("model.depth", Some("4"), None),
            row("train.batch_size", Some("32"), Some("16")),
            row("train.early_stopping.patience", Some("7"), Some("15")),
            row("augment.erase.scale", Some("[0.1, 0.2]"), Some("[0.02, 0.25]")),
            row("name", Some("\"a\""), Some("\"b\"")),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_field_that_only_the_other_has_is_found_too() {
        let this = RunConfig::default();
        let mut other = RunConfig::default();
        other.model.conv_dropout = Some(ConvDropout::PerBlock(vec![0.1, 0.2]));
        assert_eq!(difference(&this, &other).unwrap(), [row("model.conv_dropout", None, Some("[0.1, 0.2]"))]);
    }

    #[test]
    fn what_tells_runs_apart_stands_at_the_end() {
        let provenance = |device: &str| Provenance { device: device.into(), ..Provenance::default() };
        let mut this =
            RunConfig { name: "a".into(), provenance: Some(provenance("cpu")), ..RunConfig::default() };
        this.train.epochs = 3;
        let other =
            RunConfig { name: "b".into(), provenance: Some(provenance("cuda:0")), ..RunConfig::default() };
        let found = difference(&this, &other).unwrap();
        let names: Vec<&str> = found.iter().map(|row| row.field.as_str()).collect();
        assert_eq!(names, ["train.epochs", "name", "provenance.device"]);
        assert_eq!(found.iter().filter(|row| row.is_identity()).count(), 2);
    }
}
