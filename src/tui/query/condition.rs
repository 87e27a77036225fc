//! One condition: a field, an operator and a value.

use super::Operator;
use super::fields::{Field, Kind, Listed, find};
use super::values::{Setting, Values};
use crate::tui::message::RunEntry;

/// A field compared with a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    field: Field,
    operator: Operator,
    /// In small letters.
    text: String,
    number: Option<Number>,
}

/// A number that was typed, and how much less and more than it reads the same where it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Number {
    value: f64,
    less: f64,
    more: f64,
}

/// What a run has in a field.
enum Found<'a> {
    Texts(Vec<&'a str>),
    Number(f64),
    /// It has none, or it is not known.
    Nothing,
}

impl Condition {
    pub(super) fn new(field: &str, operator: Operator, text: &str) -> Result<Self, String> {
        let (name, field) = (field, find(field)?);
        let is_order =
            matches!(operator, Operator::Less | Operator::AtMost | Operator::More | Operator::AtLeast);
        let number = number(text, field.kind());
        match field.kind() {
            Kind::Text if is_order => {
                return Err(format!("{name} is a text: {name}={text}, {name}!={text} or {name}:{text}"));
            }
            Kind::Duration if number.is_none() => {
                return Err(format!("'{text}' is not a time: type 45s, 30min, 2h, 3d or 1w"));
            }
            Kind::Share if number.is_none() => {
                return Err(format!("'{text}' is not a number: type 80% or 0.8"));
            }
            Kind::Number if number.is_none() => return Err(format!("'{text}' is not a number")),
            Kind::Either if is_order && number.is_none() => return Err(format!("'{text}' is not a number")),
            _ => {}
        }
        Ok(Self { field, operator, text: text.to_lowercase(), number })
    }

    pub(super) fn needs_values(&self) -> bool {
        !matches!(self.field, Field::Listed(_))
    }

    pub(super) fn needs_time(&self) -> bool {
        matches!(self.field, Field::Listed(Listed::Age | Listed::Silence))
    }

    pub(super) fn is_true(&self, run: &RunEntry, values: Option<&Values>, now: f64) -> bool {
        let found = self.found(run, values, now);
        match self.operator {
            // What has no value does not have this one either; but nothing is said of what is not known yet.
            Operator::Unequal => (values.is_some() || !self.needs_values()) && !self.is_equal(&found),
            Operator::Equal => self.is_equal(&found),
            Operator::Has => match &found {
                Found::Texts(texts) => texts.iter().any(|text| text.to_lowercase().contains(&self.text)),
                _ => self.is_equal(&found),
            },
            order => self.is_ordered(order, &found),
        }
    }

    fn is_equal(&self, found: &Found) -> bool {
        match (found, self.number) {
            // A text of small letters only costs no copy.
            (Found::Texts(texts), _) => {
                texts.iter().any(|text| *text == self.text || text.to_lowercase() == self.text)
            }
            (Found::Number(value), Some(number)) => number.is(*value),
            _ => false,
        }
    }

    fn is_ordered(&self, order: Operator, found: &Found) -> bool {
        let (Found::Number(value), Some(number)) = (found, self.number) else { return false };
        match order {
            Operator::Less => *value < number.value,
            Operator::AtMost => *value <= number.value || number.is(*value),
            Operator::More => *value > number.value,
            _ => *value >= number.value || number.is(*value),
        }
    }

    fn found<'a>(&self, run: &'a RunEntry, values: Option<&'a Values>, now: f64) -> Found<'a> {
        let number = |value: Option<f64>| match value.filter(|value| value.is_finite()) {
            Some(value) => Found::Number(value),
            None => Found::Nothing,
        };
        match &self.field {
            Field::Listed(listed) => self.listed(*listed, run, now),
            Field::Config(place) => match values.and_then(|values| values.setting(*place)) {
                Some(Setting::Number(value)) => number(Some(*value)),
                Some(Setting::Text(text)) => Found::Texts(vec![text]),
                None => Found::Nothing,
            },
            Field::Metric(key) => number(values.and_then(|values| values.result(key))),
            Field::Loss => {
                let loss = |key| values.and_then(|values| values.result(key));
                number(loss("valid/loss").or_else(|| loss("train/loss")))
            }
        }
    }

    fn listed<'a>(&self, listed: Listed, run: &'a RunEntry, now: f64) -> Found<'a> {
        let text = |text: &'a str| Found::Texts(vec![text]);
        let number = |value: Option<f64>| value.map_or(Found::Nothing, Found::Number);
        let since =
            |time: Option<f64>| number(time.filter(|time| *time > 0.0 && now > 0.0).map(|time| now - time));
        match listed {
            Listed::Id => text(&run.id),
            Listed::Name => text(&run.name),
            Listed::State => text(run.state.name()),
            Listed::Network => text(&run.arch),
            Listed::Device => text(&run.device),
            Listed::Host => text(&run.host),
            Listed::Search => text(run.search.as_deref().unwrap_or_default()),
            Listed::Tags => Found::Texts(run.tags.iter().map(String::as_str).collect()),
            Listed::Note => text(&run.note),
            Listed::Reason => text(run.reason.as_deref().unwrap_or_default()),
            Listed::Epoch => number(Some(run.epoch as f64)),
            // Numbers that are not known are 0 there.
            Listed::Epochs => number(Some(run.epochs as f64).filter(|epochs| *epochs > 0.0)),
            Listed::Step => number(Some(run.step as f64)),
            Listed::Steps => number(Some(run.steps as f64).filter(|steps| *steps > 0.0)),
            Listed::Speed => number(run.images_per_second),
            Listed::Valid => number(run.valid_accuracy),
            Listed::Test => number(run.test_accuracy),
            Listed::Age => since(run.created),
            Listed::Left => number(run.eta_seconds.filter(|_| run.state.is_active())),
            Listed::Silence => since(Some(run.heartbeat)),
        }
    }
}

impl Number {
    /// Whether a value reads like this number where it is shown.
    fn is(self, value: f64) -> bool {
        (-self.less..=self.more).contains(&(value - self.value))
    }
}

/// Reads a number with the units of its kind: `80%`, `2h`, `10k`.
fn number(text: &str, kind: Kind) -> Option<Number> {
    let units: &[(&str, f64)] = match kind {
        Kind::Text => return None,
        Kind::Duration => &[
            ("min", 60.0),
            ("s", 1.0),
            ("m", 60.0),
            ("h", 3600.0),
            ("d", 86_400.0),
            ("w", 604_800.0),
            ("y", 31_557_600.0),
        ],
        Kind::Number | Kind::Share | Kind::Either => &[("%", 0.01), ("k", 1e3), ("M", 1e6), ("", 1.0)],
    };
    let (typed, unit) = units.iter().find_map(|(sign, unit)| {
        let digits = text.strip_suffix(sign)?.trim_end();
        Some((digits.parse::<f64>().ok().filter(|number| number.is_finite())?, *unit))
    })?;
    let value = typed * unit;
    // More than all of it is meant as a percentage.
    let value = if kind == Kind::Share && unit == 1.0 && value > 1.0 { value / 100.0 } else { value };
    let (less, more) = match kind {
        // Percentages are shown with one digit after the point.
        Kind::Share => (0.0005, 0.0005),
        // A time is shown in whole units.
        Kind::Duration => (0.0, unit.next_down()),
        _ => (value.abs() * 1e-9, value.abs() * 1e-9),
    };
    Some(Number { value, less, more })
}
