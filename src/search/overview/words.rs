//! Points and their values as people write them.

use super::TrialRow;
use crate::config::MonitoredMetric;
use crate::data::printable;
use crate::search::Axis;
use toml::Value;

/// `validation accuracy`.
pub const fn metric_name(metric: MonitoredMetric) -> &'static str {
    match metric {
        MonitoredMetric::ValidAccuracy => "validation accuracy",
        MonitoredMetric::ValidLoss => "validation loss",
    }
}

/// A value of the metric: `84.2 %`, `0.4312`.
pub fn metric_text(metric: MonitoredMetric, value: f64) -> String {
    match metric {
        MonitoredMetric::ValidAccuracy => format!("{:.1} %", value * 100.0),
        MonitoredMetric::ValidLoss => format!("{value:.4}"),
    }
}

/// An interval of the metric, cut off at what the metric can be: `83.1 to 85.3 %`, `0.4102 to 0.4522`.
pub fn interval_text(metric: MonitoredMetric, (low, high): (f64, f64)) -> String {
    let low = low.max(0.0);
    match metric {
        MonitoredMetric::ValidAccuracy => format!("{:.1} to {:.1} %", low * 100.0, high.min(1.0) * 100.0),
        MonitoredMetric::ValidLoss => format!("{low:.4} to {high:.4}"),
    }
}

/// A point in one line: `learning_rate 0.01, batch_size 16`, of the axes named by `names` that have a value at it.
pub fn point_text<'a>(row: &TrialRow, names: impl IntoIterator<Item = (usize, &'a str)>) -> String {
    let values = names.into_iter().filter_map(|(axis, name)| {
        let value = row.point.get(axis)?.as_ref()?;
        Some(format!("{name} {}", value_text(value)))
    });
    values.collect::<Vec<_>>().join(", ")
}

/// The axes' names as short as they can be and still be told apart: `learning_rate` for `train.learning_rate`. Printable.
pub fn short_names(axes: &[Axis]) -> Vec<String> {
    let fields: Vec<_> = axes.iter().map(|axis| printable(&axis.field)).collect();
    let ends = |field: &str, with: &str| field == with || field.ends_with(&format!(".{with}"));
    fields
        .iter()
        .map(|field| {
            let starts = field.rmatch_indices('.').map(|(dot, _)| &field[dot + 1..]);
            // Of what is enabled, how probable, is not said by these alone.
            let says_something = |name: &&str| !["enabled", "probability"].contains(name);
            let mut names = starts.filter(says_something).chain([&field[..]]);
            let alone = |name: &&str| fields.iter().filter(|other| ends(other, name)).count() == 1;
            names.find(alone).unwrap_or(field).to_string()
        })
        .collect()
}

/// A value as a person writes it, without quotes. Printable.
pub fn value_text(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        // Below, zeros are hard to count.
        Value::Float(number) if *number != 0.0 && number.abs() < 1e-4 => format!("{number:e}"),
        value => value.to_string(),
    };
    printable(&text).into_owned()
}

/// A value in little room: as a config has it, but that numbers have at most four figures; `-` where the axis means
/// nothing. Printable.
pub fn value_words(value: Option<&Value>) -> String {
    match value {
        None => "-".into(),
        Some(Value::Float(number)) => {
            let rounded = format!("{number:.3e}").parse().unwrap_or(*number);
            value_text(&Value::Float(rounded))
        }
        Some(other) => value_text(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Values;

    #[test]
    fn names_are_short_and_told_apart() {
        let fields = [
            "train.early_stopping.enabled",
            "train.learning_rate",
            "augment.crop.probability",
            "augment.erase.probability",
            "name",
        ];
        let axis = |field: &&str| Axis { field: field.to_string(), values: Values::List(Vec::new()) };
        let axes: Vec<_> = fields.iter().map(axis).collect();
        let names = short_names(&axes);
        assert_eq!(
            names,
            ["early_stopping.enabled", "learning_rate", "crop.probability", "erase.probability", "name"]
        );
        let twice = short_names(&[axes[1].clone(), axes[1].clone()]);
        assert_eq!(twice, ["train.learning_rate", "train.learning_rate"], "a hostile file");
    }

    #[test]
    fn values_are_written_as_people_write_them() {
        let texts = [
            Value::Float(0.0001),
            Value::Float(3e-7),
            Value::Integer(16),
            Value::String("ad\u{1b}am".into()),
            Value::Boolean(true),
            Value::Array(vec![Value::Float(0.2), Value::Float(0.0)]),
        ]
        .map(|value| value_text(&value));
        assert_eq!(texts, ["0.0001", "3e-7", "16", "adam", "true", "[0.2, 0.0]"]);
    }

    #[test]
    fn an_interval_of_few_seeds_does_not_claim_what_cannot_be() {
        assert_eq!(interval_text(MonitoredMetric::ValidAccuracy, (0.566, 1.074)), "56.6 to 100.0 %");
        assert_eq!(interval_text(MonitoredMetric::ValidLoss, (-0.1, 1.5)), "0.0000 to 1.5000");
    }

    #[test]
    fn values_are_as_in_a_config_with_at_most_four_figures() {
        let array = Value::Array(vec![Value::Float(0.5), Value::Float(0.2)]);
        for (value, words) in [
            (Value::Float(0.001), "0.001"),
            (Value::Float(1e-4), "0.0001"),
            (Value::Float(0.000_348_712_3), "0.0003487"),
            (Value::Float(0.1 + 0.2), "0.3"),
            (Value::Float(12.0), "12.0"),
            (Value::Float(1234.56), "1235.0"),
            (Value::Float(3e-9), "3e-9"),
            (Value::Float(0.0), "0.0"),
            (Value::Float(f64::NAN), "nan"),
            (Value::Integer(64), "64"),
            (Value::Boolean(true), "true"),
            (Value::String("a\u{1b}[2Jdam".into()), "a[2Jdam"),
            (array, "[0.5, 0.2]"),
        ] {
            assert_eq!(value_words(Some(&value)), words, "{value:?}");
        }
        assert_eq!(value_words(None), "-");
    }
}
