//! The axes of a search: which fields are searched over, and their values.

use super::file::SearchFile;
use super::{Axis, Values};
use crate::config::{self, FieldAbout, FieldKind, explain};
use crate::data::nearest;
use crate::search::SearchError;
use serde::Deserialize;
use toml::{Table, Value};

/// A grid's points of a range, and values of a list: more is a typing error.
const MOST_VALUES: usize = 10_000;

/// Reads `[axes]`, in the order of the file.
pub(super) fn read(written: &Table, is_grid: bool, file: &SearchFile) -> Result<Vec<Axis>, SearchError> {
    let mut axes: Vec<Axis> = Vec::new();
    for (field, value) in flattened(written) {
        let about = searchable(&field).map_err(|reason| file.refused_axis(&field, reason))?;
        let values = values(about, &value, is_grid)
            .map_err(|reason| file.refused_axis(&field, format!("the axis '{field}' {reason}")))?;
        if axes.iter().any(|axis| axis.field == field) {
            return Err(file.refused_axis(&field, format!("the axis '{field}' stands here twice")));
        }
        axes.push(Axis { field, values });
    }
    axes.sort_by_key(|axis| file.axis_place(&axis.field));
    Ok(axes)
}

/// Whether fields of a config stand below this name.
pub(super) fn is_section(name: &str) -> bool {
    let is_below = |key: &str| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    config::fields().iter().any(|field| is_below(field.key))
}

/// The fields of a table and their values, whether their names stand in quotes or as tables of tables.
pub(super) fn flattened(table: &Table) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    flatten("", table, &mut found);
    found
}

fn flatten(before: &str, table: &Table, found: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let field = format!("{before}{key}");
        match value {
            Value::Table(inner) if is_section(&field) => flatten(&format!("{field}."), inner, found),
            _ => found.push((field, value.clone())),
        }
    }
}

/// A field that runs of one search may differ in.
fn searchable(name: &str) -> Result<&'static FieldAbout, String> {
    let about = known(name)?;
    let reason = match about.key {
        "name" => "every run of a search is called after the search and its number",
        "data.root" => "runs on different pictures cannot be compared",
        "train.seed" => "write seeds = [..] beside the axes: every point is run with each of them",
        "train.device" => "the engine decides: [engine.local] slots, or Slurm",
        "train.early_stopping.metric" => "metric beside the axes is what all runs are compared by",
        _ => return Ok(about),
    };
    Err(format!("'{name}' cannot be an axis: {reason}"))
}

/// A field of a config, or which one was meant.
pub(super) fn known(name: &str) -> Result<&'static FieldAbout, String> {
    config::field(name).ok_or_else(|| {
        let keys = config::fields().iter().map(|field| field.key);
        let meant = match nearest(name, keys) {
            Some(key) => format!("did you mean '{key}'?"),
            None => "fields are written as in 'train.learning_rate'".into(),
        };
        format!("no config has a field '{name}'; {meant}")
    })
}

/// The values of an axis; the error goes on from its name.
fn values(about: &FieldAbout, written: &Value, is_grid: bool) -> Result<Values, String> {
    match written {
        Value::Array(list) => listed(about, list).map(Values::List),
        Value::Table(range) => self::range(about, range, is_grid),
        value => Err(format!("has one value only: write a list, as in [{value}], or a range {{ min, max }}")),
    }
}

fn listed(about: &FieldAbout, list: &[Value]) -> Result<Vec<Value>, String> {
    if list.is_empty() {
        return Err("has no values: a space without points has no runs; give it some, or take it out".into());
    }
    if list.len() > MOST_VALUES {
        return Err(format!("has {} values; {MOST_VALUES} are possible", list.len()));
    }
    let mut values: Vec<Value> = Vec::with_capacity(list.len());
    for value in list {
        let value = taken(about, value)?;
        if values.contains(&value) {
            return Err(format!("has {value} twice"));
        }
        values.push(value);
    }
    Ok(values)
}

/// A value as the field holds it: `0` of a field of numbers is `0.0`.
pub(super) fn taken(about: &FieldAbout, value: &Value) -> Result<Value, String> {
    let value = match about.kind {
        FieldKind::Number | FieldKind::Numbers | FieldKind::Pair => as_number(value),
        _ => value.clone(),
    };
    if !is_finite(&value) {
        return Err(cannot_be(about, &value));
    }
    config::check_type(about.key, &value).map_err(|_| cannot_be(about, &value))?;
    Ok(value)
}

fn cannot_be(about: &FieldAbout, value: &Value) -> String {
    let must = match about.kind {
        FieldKind::Choice(_) | FieldKind::Switch | FieldKind::Network | FieldKind::Device => {
            about.range.to_string()
        }
        _ => format!("{}, {}", about.noun(), about.range),
    };
    format!("cannot be {value}: it must be {must}")
}

fn as_number(value: &Value) -> Value {
    match value {
        Value::Integer(whole) => Value::Float(*whole as f64),
        Value::Array(list) => Value::Array(list.iter().map(as_number).collect()),
        value => value.clone(),
    }
}

/// NaN is not even equal to itself, and the plan has no word for what is infinite.
fn is_finite(value: &Value) -> bool {
    match value {
        Value::Float(number) => number.is_finite(),
        Value::Array(list) => list.iter().all(is_finite),
        _ => true,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRange {
    min: f64,
    max: f64,
    #[serde(default)]
    scale: Scale,
    points: Option<i64>,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scale {
    #[default]
    Linear,
    Log,
}

fn range(about: &FieldAbout, written: &Table, is_grid: bool) -> Result<Values, String> {
    let is_whole = about.kind == FieldKind::Whole;
    if !is_whole && !matches!(about.kind, FieldKind::Number | FieldKind::Numbers) {
        return Err(format!("has no ranges: write a list of values; each must be {}", about.range));
    }
    let written: Result<WrittenRange, _> = written.clone().try_into();
    let WrittenRange { min, max, scale, points } = written.map_err(|error| {
        format!("is not a range {{ min, max, scale, points }}: {}", explain(error.message()))
    })?;
    if !min.is_finite() || !max.is_finite() || min >= max {
        return Err(format!("has no range from {min} to {max}: min must be a number below max"));
    }
    if scale == Scale::Log && min <= 0.0 {
        return Err(format!("has no logarithmic range from {min}: min must be above 0"));
    }
    // Beyond that a number does not know its neighbours.
    let is_countable = |end: f64| end.fract() == 0.0 && end.abs() <= 2f64.powi(53);
    if is_whole && !(is_countable(min) && is_countable(max)) {
        return Err(format!("takes whole numbers only, and not {min} to {max}"));
    }
    let points = match points {
        Some(points) if !(2..=MOST_VALUES as i64).contains(&points) => {
            return Err(format!(
                "has a range of {points} points: it must be 2 to {MOST_VALUES}, both ends counted"
            ));
        }
        None if is_grid => {
            return Err("has a range, of which a grid must know how many values to take: write points = 5 into it, or sampler = \"random\"".into());
        }
        points => points.map(|points| points as usize),
    };
    for end in [min, max] {
        let end = if is_whole { Value::Integer(end as i64) } else { Value::Float(end) };
        taken(about, &end)?;
    }
    Ok(Values::Range { min, max, is_log: scale == Scale::Log, is_whole, points })
}
