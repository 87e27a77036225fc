//! Conditions: where some axes mean nothing.

use super::axes::{self, known, taken};
use super::file::{SearchFile, WrittenCondition};
use super::{Axis, Condition, Search, Values};
use crate::config::{self, FieldAbout, FieldKind, RunConfig};
use crate::model;
use crate::search::SearchError;
use toml::{Spanned, Value};

/// Reads `[[conditions]]`.
pub(super) fn read(
    written: &[Spanned<WrittenCondition>],
    axes: &[Axis],
    file: &SearchFile,
) -> Result<Vec<Condition>, SearchError> {
    let read = written.iter().zip(1..).map(|(condition, number)| {
        let refused =
            |reason| file.refusal(Some(condition.span().start), format!("condition {number}: {reason}"));
        self::condition(condition.get_ref(), axes).map_err(refused)
    });
    read.collect()
}

fn condition(written: &WrittenCondition, axes: &[Axis]) -> Result<Condition, String> {
    let is_axis = |field: &str| axes.iter().any(|axis| axis.field == field);
    let when = axes::flattened(&written.when);
    if when.is_empty() {
        return Err("when is empty: name a field and the value at which the axes mean nothing".into());
    }
    let when: Result<Vec<_>, String> =
        when.into_iter().map(|(field, values)| decided(field, &values, axes)).collect();
    if written.skip.is_empty() {
        return Err("skip is empty: name the axes that mean nothing there".into());
    }
    for skipped in &written.skip {
        known(skipped)?;
        if !is_axis(skipped) {
            return Err(format!("skip names '{skipped}', which is not among the axes"));
        }
    }
    Ok(Condition { when: when?, skip: written.skip.clone() })
}

/// A field of `when` with the values at which it holds.
fn decided(field: String, written: &Value, axes: &[Axis]) -> Result<(String, Vec<Value>), String> {
    let about = known(&field)?;
    let values = alternatives(about, written).map_err(|reason| format!("'{field}' {reason}"))?;
    let axis = axes.iter().find(|axis| axis.field == field);
    if let Some(Axis { values: Values::List(list), .. }) = axis
        && let Some(never) = values.iter().find(|value| !list.contains(value))
    {
        let list: Vec<String> = list.iter().map(Value::to_string).collect();
        return Err(format!("'{field}' is never {never}; its values are {}", list.join(", ")));
    }
    Ok((field, values))
}

/// One value or a list of them.
fn alternatives(about: &FieldAbout, written: &Value) -> Result<Vec<Value>, String> {
    match written {
        Value::Array(list) if list.is_empty() => Err("has no values to compare with".into()),
        Value::Array(list) => list.iter().map(|value| taken(about, value)).collect(),
        value => taken(about, value).map(|value| vec![value]),
    }
}

/// Refuses conditions that would have to know what they leave out: an axis must not be left out by a condition that
/// looks at it, nor by one that stands behind such a condition.
pub(super) fn check(
    search: &Search,
    written: &[Spanned<WrittenCondition>],
    file: &SearchFile,
) -> Result<(), SearchError> {
    let mut looked_at: Vec<(&str, usize)> = Vec::new();
    for ((condition, place), number) in search.conditions.iter().zip(written).zip(1..) {
        looked_at.extend(condition.when.iter().map(|(field, _)| (field.as_str(), number)));
        let decides = |skipped: &&String| looked_at.iter().find(|(field, _)| field == skipped).copied();
        if let Some((field, by)) = condition.skip.iter().find_map(|skipped| decides(&skipped)) {
            let cure = if by == number {
                "it cannot decide over itself"
            } else {
                "put the condition that leaves it out before the one that looks at it"
            };
            let reason =
                format!("condition {number} leaves out '{field}', which condition {by} looks at: {cure}");
            return Err(file.refusal(Some(place.span().start), reason));
        }
    }
    Ok(())
}

/// The conditions over the axes by their positions, with what the base says already decided.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    /// An axis, its values at which the rule holds, and whether it holds with the base's value.
    when: Vec<(usize, Vec<Value>, bool)>,
    skip: Vec<usize>,
}

impl Rules {
    pub fn of(search: &Search) -> Self {
        let position = |field: &str| search.axes.iter().position(|axis| axis.field == field);
        let mut rules = Vec::new();
        for condition in &search.conditions {
            let mut when = Vec::new();
            let mut is_possible = true;
            for (field, values) in &condition.when {
                let in_base = of_base(&search.base, field).is_some_and(|value| values.contains(&value));
                match position(field) {
                    Some(axis) => when.push((axis, values.clone(), in_base)),
                    None => is_possible &= in_base,
                }
            }
            if is_possible {
                rules.push(Rule {
                    when,
                    skip: condition.skip.iter().filter_map(|field| position(field)).collect(),
                });
            }
        }
        Self { rules }
    }

    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The axes that a rule looks at.
    pub fn deciding(&self) -> Vec<usize> {
        let mut axes: Vec<usize> =
            self.rules.iter().flat_map(|rule| rule.when.iter().map(|(axis, ..)| *axis)).collect();
        axes.sort_unstable();
        axes.dedup();
        axes
    }

    /// Which axes mean nothing at a point; `is` tells whether an axis has one of some values there.
    pub fn skipped(&self, axes: usize, is: impl Fn(usize, &[Value]) -> bool) -> Vec<bool> {
        let mut skipped = vec![false; axes];
        for rule in &self.rules {
            // What is left out counts as the base has it.
            let holds = |(axis, values, in_base): &(usize, Vec<Value>, bool)| {
                if skipped[*axis] { *in_base } else { is(*axis, values) }
            };
            if rule.when.iter().all(holds) {
                rule.skip.iter().for_each(|&axis| skipped[axis] = true);
            }
        }
        skipped
    }
}

/// A field's value in a config, what follows from the network's name included.
fn of_base(base: &RunConfig, field: &str) -> Option<Value> {
    let model = model::resolved(&base.model).unwrap_or_else(|_| base.model.clone());
    let full = RunConfig { model, ..base.clone() };
    let value = config::flat(&full).into_iter().find(|(name, _)| name == field)?.1;
    match config::field(field)?.kind {
        FieldKind::Whole => Some(value),
        _ => taken(config::field(field)?, &value).ok(),
    }
}
