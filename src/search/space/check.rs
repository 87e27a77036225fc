//! Whether every run of a search is one that can be trained.
//!
//! What a part of a config must be like depends on that part alone, and so each combination of values is judged once in each
//! part, and not at each of the points that have it. Only the values of the network are possible or not together: of the
//! other parts, where each value is judged by itself, the first combinations will do.

use super::file::SearchFile;
use super::points::{Choices, Point, Points};
use super::{Search, Values};
use crate::config::{self, ConfigError};
use crate::search::SearchError;
use std::collections::HashSet;
use toml::Value;

/// So many points are gone through at most.
const MOST_POINTS: usize = 100_000;
/// So many combinations at most of a part whose values are judged by themselves.
const MOST_COMBINATIONS: usize = 1000;
/// Points that conditions are tried on, before there are too many to go through.
const MOST_WITH_CONDITIONS: u64 = 100_000_000;

/// Refuses a search with a run that could not begin.
pub(super) fn check(search: &Search, file: &SearchFile) -> Result<(), SearchError> {
    let points = Points::of(search);
    if let Some(product) = points.with_conditions().filter(|product| *product > MOST_WITH_CONDITIONS) {
        let reason = format!(
            "the conditions would have to be tried on {product} points, more than {MOST_WITH_CONDITIONS}: give the axes fewer values, or take the conditions out"
        );
        return Err(file.refusal(None, reason));
    }
    let parts = parts(search);
    for part in parts.iter().filter(|part| !part.is_of_network) {
        part.check_alone(search, file)?;
    }
    let mut seen: Vec<HashSet<Point>> = vec![HashSet::new(); parts.len()];
    for point in points.clone().each().take(MOST_POINTS) {
        for (part, seen) in parts.iter().zip(&mut seen) {
            if !part.is_of_network && seen.len() >= MOST_COMBINATIONS {
                continue;
            }
            let key = part.key(&points, &point);
            if !seen.contains(&key) {
                part.check_point(search, file, &points, &point)?;
                seen.insert(key);
            }
        }
    }
    Ok(())
}

/// The axes of one part of the config that is judged by itself.
struct Part {
    axes: Vec<usize>,
    /// Its values are possible only together.
    is_of_network: bool,
}

fn parts(search: &Search) -> Vec<Part> {
    let section = |field: &str| match field.split('.').next().unwrap_or_default() {
        // A layer to explain is one of the network's.
        "explain" => "model".to_string(),
        section => section.to_string(),
    };
    let mut sections: Vec<String> = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    for (axis, field) in search.axes.iter().map(|axis| section(&axis.field)).enumerate() {
        match sections.iter().position(|section| *section == field) {
            Some(place) => parts[place].axes.push(axis),
            None => {
                parts.push(Part { axes: vec![axis], is_of_network: field == "model" });
                sections.push(field);
            }
        }
    }
    parts
}

impl Part {
    /// Each value by itself, whether the sampler takes it or not.
    fn check_alone(&self, search: &Search, file: &SearchFile) -> Result<(), SearchError> {
        for axis in self.axes.iter().map(|&axis| &search.axes[axis]) {
            let values = match &axis.values {
                Values::List(values) => values.clone(),
                Values::Range { min, max, is_whole: true, .. } => {
                    [min, max].map(|end| Value::Integer(*end as i64)).to_vec()
                }
                Values::Range { min, max, .. } => [min, max].map(|end| Value::Float(*end)).to_vec(),
            };
            for value in values {
                check_set(search, file, &[(axis.field.clone(), value)])?;
            }
        }
        Ok(())
    }

    /// What tells one combination from another; of a range of numbers only its ends are judged.
    fn key(&self, points: &Points, point: &Point) -> Point {
        let number = |axis: usize| match points.axes[axis] {
            Choices::Real { .. } => point[axis].map(|_| 0),
            _ => point[axis],
        };
        self.axes.iter().map(|&axis| number(axis)).collect()
    }

    fn check_point(
        &self,
        search: &Search,
        file: &SearchFile,
        points: &Points,
        point: &Point,
    ) -> Result<(), SearchError> {
        for is_low in [true, false] {
            let value = |axis: usize| {
                let number = match points.axes[axis] {
                    Choices::Real { min, max, .. } => (if is_low { min } else { max }).to_bits(),
                    _ => point[axis]?,
                };
                let is_there = point[axis].is_some();
                is_there.then(|| (points.fields[axis].clone(), points.axes[axis].value(number)))
            };
            let set: Vec<_> = self.axes.iter().filter_map(|&axis| value(axis)).collect();
            check_set(search, file, &set)?;
            if !self.axes.iter().any(|&axis| matches!(points.axes[axis], Choices::Real { .. })) {
                break;
            }
        }
        Ok(())
    }
}

fn accepted(search: &Search, set: &[(String, Value)]) -> Result<(), ConfigError> {
    config::with_values(&search.base, set.iter().map(|(field, value)| (field.as_str(), value))).map(drop)
}

/// Refuses values that the config does not take, by the axis that is to blame.
fn check_set(search: &Search, file: &SearchFile, set: &[(String, Value)]) -> Result<(), SearchError> {
    let Err(error) = accepted(search, set) else { return Ok(()) };
    let named = error.field().and_then(|about| set.iter().find(|(field, _)| field == about.key));
    let is_wrong = |entry: &&(String, Value)| accepted(search, std::slice::from_ref(entry)).is_err();
    let Some(blamed) = named.or_else(|| set.iter().find(is_wrong)).or(set.last()) else {
        return Err(error.into());
    };
    let (field, value) = blamed;
    let others = accomplices(search, set, blamed, &error.to_string());
    let together: Vec<String> = others.iter().map(|(field, value)| format!("{field} = {value}")).collect();
    let together = match together[..] {
        [] => String::new(),
        _ => format!(" together with {}", together.join(", ")),
    };
    let why = if named.is_some() { error.beside_field() } else { error.to_string() };
    Err(file.refused_axis(field, format!("the axis '{field}' cannot be {value}{together}: {why}")))
}

/// The values without which another one would not be refused in the same words.
fn accomplices<'a>(
    search: &Search,
    set: &'a [(String, Value)],
    blamed: &(String, Value),
    words: &str,
) -> Vec<&'a (String, Value)> {
    let mut kept: Vec<&(String, Value)> = set.iter().collect();
    for entry in set.iter().filter(|entry| *entry != blamed) {
        let without: Vec<_> = kept.iter().copied().filter(|other| *other != entry).collect();
        let alone: Vec<(String, Value)> = without.iter().copied().cloned().collect();
        if accepted(search, &alone).is_err_and(|error| error.to_string() == words) {
            kept = without;
        }
    }
    kept.retain(|entry| *entry != blamed);
    kept
}
