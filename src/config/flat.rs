//! A config as a flat list of dotted fields, for whoever looks a value up by its name.

use super::{Provenance, RunConfig};
use crate::model::{Architecture, ConvDropout, Pooling};
use toml::Value;

/// Every field of a config that has a value, as `train.learning_rate`, in the order of the file.
pub fn flat(config: &RunConfig) -> Vec<(String, Value)> {
    // What TOML cannot hold, as a path that is not UTF-8, has no text to look for either.
    Value::try_from(config).map(flattened).unwrap_or_default()
}

/// Every value in a table of tables by its dotted name, in their order.
pub(super) fn flattened(table: Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    flatten(String::new(), table, &mut found);
    found
}

/// The names of all fields that a config may have.
pub fn flat_names() -> Vec<String> {
    let filled = RunConfig {
        model: Architecture {
            arch: String::new(),
            depth: Some(1),
            width: Some(1),
            fc_depth: Some(1),
            batch_norm: Some(true),
            se: Some(true),
            pooling: Some(Pooling::Max),
            conv_dropout: Some(ConvDropout::AllButLast(0.0)),
            fc_dropout: Some(0.0),
        },
        provenance: Some(Provenance { init: Some("-".into()), ..Provenance::default() }),
        ..RunConfig::default()
    };
    flat(&filled).into_iter().map(|(name, _)| name).collect()
}

fn flatten(name: String, value: Value, found: &mut Vec<(String, Value)>) {
    let Value::Table(table) = value else {
        found.push((name, value));
        return;
    };
    for (key, value) in table {
        let name = if name.is_empty() { key } else { format!("{name}.{key}") };
        flatten(name, value, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_by_their_place_and_have_their_values() {
        let config = RunConfig::default();
        let fields = flat(&config);
        let value =
            |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
        assert_eq!(value("train.learning_rate"), Some(Value::Float(0.001)));
        assert_eq!(value("train.early_stopping.metric"), Some(Value::String("valid/accuracy".into())));
        assert_eq!(value("model.depth"), None, "a field without a value is not there");
    }

    #[test]
    fn every_field_that_a_config_may_have_has_a_name() {
        let names = flat_names();
        for name in ["model.depth", "model.conv_dropout", "augment.erase.scale", "provenance.init", "name"] {
            assert!(names.iter().any(|known| known == name), "{name}");
        }
        for (name, _) in flat(&RunConfig::default()) {
            assert!(names.contains(&name), "{name}");
        }
    }
}
