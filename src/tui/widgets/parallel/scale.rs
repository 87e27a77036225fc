//! Where the values of an axis stand on its line, from 0 at the bottom to 1 at the top.

use crate::config::MonitoredMetric;
use crate::data::printable;
use crate::search::{Axis, TrialRow, Values, value_words};
use std::ops::Range;
use toml::Value;

/// How an axis says that it means nothing at a point.
pub const MOOT: &str = "-";
/// More ticks than any terminal has rows would only cost time.
const MOST_VALUES: usize = 256;
/// Letters of a label that have room beside any line.
pub(super) const LABEL: usize = 8;

/// One vertical line: its name, its values, and the labels beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    kind: Kind,
    /// Some point has no value here: its tick is the lowest, below all values.
    has_moot: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// A tick each, the first at the bottom.
    List(Vec<Value>),
    /// The ends in the scale's own measure: log10 of them where it is logarithmic.
    Range { low: f64, high: f64, is_log: bool, is_percent: bool },
}

impl Scale {
    /// That of an axis and of what the rows have on it: a search whose file was changed has points that the axis has no
    /// value for. Numbers rise; other values stand in the file's order, from the top.
    pub fn of_axis(axis: &Axis, rows: &[TrialRow], index: usize) -> Self {
        let values = || rows.iter().filter_map(|row| row.point.get(index));
        let has_moot = values().any(Option::is_none);
        let kind = match &axis.values {
            Values::List(list) => list_of(list, values().flatten()),
            Values::Range { min, max, is_log, .. } => {
                let numbers = values().flatten().filter_map(number);
                let (low, high) = numbers.fold((*min, *max), |(low, high), x| (low.min(x), high.max(x)));
                range_of(low, high, *is_log && low > 0.0)
            }
        };
        Self { kind, has_moot }
    }

    /// That of the metric over `values`; what is better stands higher.
    pub fn of_metric(metric: MonitoredMetric, values: impl Iterator<Item = f64>) -> Self {
        let seen = values.filter(|value| value.is_finite());
        let none = f64::INFINITY..f64::NEG_INFINITY;
        let Range { start, end } = seen.fold(none, |seen, x| seen.start.min(x)..seen.end.max(x));
        let (low, high) = if metric.improves(1.0, 0.0) { (start, end) } else { (end, start) };
        let is_percent = metric == MonitoredMetric::ValidAccuracy;
        Self { kind: Kind::Range { low, high, is_log: false, is_percent }, has_moot: false }
    }

    /// The height of a value; `None` of one that has no place on the axis.
    pub fn height(&self, value: Option<&Value>) -> Option<f64> {
        let Some(value) = value else { return self.has_moot.then_some(0.0) };
        match &self.kind {
            Kind::List(list) => {
                let place = list.iter().position(|listed| is_same(listed, value))?;
                Some(self.above_moot(place as f64 / (list.len() - 1).max(1) as f64, list.len()))
            }
            Kind::Range { .. } => self.height_of(number(value)?),
        }
    }

    /// The height of a number on a range.
    pub fn height_of(&self, number: f64) -> Option<f64> {
        let Kind::Range { low, high, is_log, .. } = self.kind else { return None };
        let number = if is_log { number.log10() } else { number };
        let share = if low == high { 0.5 } else { (number - low) / (high - low) };
        share.is_finite().then(|| self.above_moot(share.clamp(0.0, 1.0), 5))
    }

    /// Below the values is room for the tick of no value, as wide as one step of so many.
    fn above_moot(&self, share: f64, steps: usize) -> f64 {
        if !self.has_moot {
            return if steps == 1 { 0.5 } else { share };
        }
        let bottom = 1.0 / steps.max(1) as f64;
        if steps == 1 { 1.0 } else { bottom + share * (1.0 - bottom) }
    }

    /// Heights and labels, the most needed first: the ends, then the others from the top. Labels are printable.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let mut ticks: Vec<(f64, String)> = match &self.kind {
            Kind::List(list) => {
                let of = |value: &Value| Some((self.height(Some(value))?, words(value)));
                let mut ticks: Vec<_> = list.iter().rev().filter_map(of).collect();
                let last = ticks.pop();
                ticks.splice(1.min(ticks.len())..1.min(ticks.len()), last);
                ticks
            }
            Kind::Range { low, high, is_log, .. } => {
                let value = |end: f64| if *is_log { 10f64.powf(end) } else { end };
                let ends: &[f64] = if low == high { &[*high] } else { &[*high, *low] };
                let tick = |end: &f64| Some((self.height_of(value(*end))?, self.number_words(value(*end))));
                ends.iter().filter_map(tick).collect()
            }
        };
        if self.has_moot {
            ticks.insert(0, (0.0, MOOT.into()));
        }
        ticks
    }

    /// A value as the axis writes it.
    pub fn label(&self, value: Option<&Value>) -> String {
        match (value, &self.kind) {
            (None, _) => MOOT.into(),
            (Some(value), Kind::Range { .. }) => {
                number(value).map_or_else(|| words(value), |n| self.number_words(n))
            }
            (Some(value), Kind::List(_)) => words(value),
        }
    }

    /// A number as a range writes it.
    pub fn number_words(&self, number: f64) -> String {
        match self.kind {
            Kind::Range { is_percent: true, .. } => format!("{:.1} %", number * 100.0),
            _ => rounded(number),
        }
    }
}

/// The values of a list and those that only rows have.
fn list_of<'a>(list: &'a [Value], others: impl Iterator<Item = &'a Value>) -> Kind {
    let mut all: Vec<Value> = Vec::new();
    for value in list.iter().chain(others) {
        if all.len() < MOST_VALUES && !all.iter().any(|known| is_same(known, value)) {
            all.push(value.clone());
        }
    }
    if all.iter().all(|value| number(value).is_some()) {
        let key = |value: &Value| number(value).unwrap_or(f64::NAN);
        all.sort_by(|a, b| key(a).total_cmp(&key(b)));
    } else {
        all.reverse();
    }
    Kind::List(all)
}

fn range_of(low: f64, high: f64, is_log: bool) -> Kind {
    let end = |x: f64| if is_log { x.log10() } else { x };
    Kind::Range { low: end(low), high: end(high), is_log, is_percent: false }
}

/// `1` and `1.0` are the same value of a field.
fn is_same(a: &Value, b: &Value) -> bool {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a == b,
        _ => false,
    }
}

fn number(value: &Value) -> Option<f64> {
    let number = value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))?;
    number.is_finite().then_some(number)
}

/// A value in a few printable letters, without quotes.
fn words(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Float(number) => rounded(*number),
        Value::Array(values) => {
            format!("[{}]", values.iter().take(16).map(words).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    };
    printable(&text).into_owned()
}

/// As the table has it where that fits beside a line, and else of fewer digits: `0.001`, `0.007832`, `8.5e-4`.
fn rounded(number: f64) -> String {
    let words = value_words(Some(&Value::Float(number)));
    let words = words.strip_suffix(".0").unwrap_or(&words);
    let size = number.abs();
    match () {
        () if words.len() <= LABEL || !number.is_finite() => words.into(),
        () if size == 0.0 => "0".into(),
        () if !(1e-3..1e6).contains(&size) => format!("{number:.1e}").replace(".0e", "e"),
        () => format!("{number:.*}", (2.0 - size.log10().floor()).max(0.0) as usize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(values: Values) -> Axis {
        Axis { field: "train.x".into(), values }
    }

    fn row(value: Option<Value>) -> TrialRow {
        TrialRow { point: vec![value], runs: Vec::new(), mean: None, interval: None, is_complete: true }
    }

    fn list(values: &[f64]) -> Values {
        Values::List(values.iter().map(|x| Value::Float(*x)).collect())
    }

    fn range(min: f64, max: f64, is_log: bool) -> Values {
        Values::Range { min, max, is_log, is_whole: false, points: None }
    }

    #[test]
    fn a_list_has_a_tick_for_each_value_and_numbers_rise() {
        let scale = Scale::of_axis(&axis(list(&[0.01, 0.001, 0.0001])), &[], 0);
        let heights = [0.0001, 0.001, 0.01].map(|x| scale.height(Some(&Value::Float(x))));
        assert_eq!(heights, [Some(0.0), Some(0.5), Some(1.0)]);
        let ticks = scale.ticks();
        assert_eq!(ticks[..2], [(1.0, "0.01".into()), (0.0, "0.0001".into())], "the ends first");
        assert_eq!(ticks[2], (0.5, "0.001".into()));
        let words = Values::List(["sgd", "adam"].map(|word| Value::String(word.into())).to_vec());
        let scale = Scale::of_axis(&axis(words), &[], 0);
        assert_eq!(scale.height(Some(&Value::String("sgd".into()))), Some(1.0), "the first at the top");
    }

    #[test]
    fn a_range_has_its_ends_and_is_even_in_its_own_measure() {
        let scale = Scale::of_axis(&axis(range(1e-4, 1e-2, true)), &[], 0);
        assert!((scale.height(Some(&Value::Float(1e-3))).unwrap() - 0.5).abs() < 1e-9);
        let ticks = scale.ticks();
        assert_eq!(ticks.iter().map(|tick| tick.1.as_str()).collect::<Vec<_>>(), ["0.01", "0.0001"]);
        let scale = Scale::of_axis(&axis(range(0.0, 10.0, false)), &[], 0);
        assert_eq!(scale.height(Some(&Value::Integer(5))), Some(0.5));
        assert_eq!(scale.height(Some(&Value::String("x".into()))), None);
        let point = Scale::of_axis(&axis(range(3.0, 3.0, false)), &[], 0);
        assert_eq!(point.height(Some(&Value::Float(3.0))), Some(0.5));
        assert_eq!(point.ticks(), [(0.5, "3".into())]);
        // A range from 0 has no logarithm.
        let scale = Scale::of_axis(&axis(range(0.0, 1.0, true)), &[], 0);
        assert_eq!(scale.height(Some(&Value::Float(0.5))), Some(0.5));
    }

    #[test]
    fn no_value_has_a_tick_of_its_own_below_the_others() {
        for values in [list(&[1.0, 2.0, 3.0]), range(1.0, 3.0, false), list(&[1.0])] {
            let rows = [row(None), row(Some(Value::Float(1.0)))];
            let scale = Scale::of_axis(&axis(values), &rows, 0);
            assert_eq!(scale.height(None), Some(0.0));
            assert!(scale.height(Some(&Value::Float(1.0))).unwrap() >= 0.2);
            assert_eq!(scale.ticks()[0], (0.0, "-".into()));
        }
        assert_eq!(Scale::of_axis(&axis(list(&[1.0])), &[], 0).height(None), None);
    }

    #[test]
    fn values_that_only_rows_have_are_on_the_axis_too() {
        let rows = [row(Some(Value::Float(0.5))), row(Some(Value::Integer(2)))];
        let scale = Scale::of_axis(&axis(list(&[1.0, 2.0])), &rows, 0);
        assert_eq!(scale.ticks().len(), 3, "2 and 2.0 are the same");
        let scale = Scale::of_axis(&axis(range(1.0, 2.0, false)), &rows, 0);
        assert_eq!(scale.height(Some(&Value::Float(0.5))), Some(0.0));
    }

    #[test]
    fn a_better_metric_stands_higher() {
        let accuracy =
            Scale::of_metric(MonitoredMetric::ValidAccuracy, [0.5, 0.75, f64::NAN, 1.0].into_iter());
        assert_eq!((accuracy.height_of(0.75), accuracy.height_of(f64::NAN)), (Some(0.5), None));
        assert_eq!(accuracy.ticks()[0], (1.0, "100.0 %".into()));
        let loss = Scale::of_metric(MonitoredMetric::ValidLoss, [0.5, 1.5].into_iter());
        assert_eq!((loss.height_of(0.5), loss.height_of(1.5)), (Some(1.0), Some(0.0)));
        assert_eq!(loss.ticks()[0], (1.0, "0.5".into()));
        let none = Scale::of_metric(MonitoredMetric::ValidLoss, std::iter::empty());
        assert_eq!(none.ticks(), []);
    }

    #[test]
    fn texts_of_values_are_printable() {
        let hostile = Value::String("a\u{1b}[31m\u{202e}b".into());
        assert_eq!(words(&hostile), "a[31mb");
        assert_eq!(words(&Value::Array(vec![Value::Float(0.1), Value::Integer(0)])), "[0.1, 0]");
        let numbers = [1e-5, 0.0078321, 0.62149, 1234.5678, 1e9, -0.1, 8.52e-6, 1.0 / 3.0];
        let words = ["1e-5", "0.007832", "0.6215", "1235", "1e9", "-0.1", "8.52e-6", "0.3333"];
        assert_eq!(numbers.map(rounded), words);
    }
}
