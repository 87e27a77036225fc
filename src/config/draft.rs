//! A config that is being changed, field by field, as a form does it: values that cannot be stand beside what is wrong
//! with them, and the others are judged all the same.

use super::error::ConfigError;
use super::fields::{FieldAbout, FieldKind, field, fields};
use super::layers::{apply, check_root, from_text, insert, name_after, parse, syntax};
use super::{RunConfig, to_text};
use crate::model;
use toml::{Table, Value};

/// A config's text and what shall be different from it.
#[derive(Clone, Debug)]
pub struct Draft {
    text: String,
    place: String,
    name: String,
    /// What was typed, for each field of [`fields`] that shall be different from the file.
    changes: Vec<Option<String>>,
    /// The value of each field as the file has it, and as the defaults do.
    file: Vec<Shown>,
    defaults: Vec<Shown>,
    values: Vec<FieldValue>,
    current: RunConfig,
    problem: Option<String>,
}

/// One field's value in a draft. Texts are as a person would type them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldValue {
    pub text: String,
    /// Nobody gave it: the network's name decides.
    pub by_name: bool,
    /// The network has such a field.
    pub applies: bool,
    /// As it is without the changes.
    pub file: String,
    /// As it is without a file.
    pub default: String,
    pub changed: bool,
    pub error: Option<String>,
}

impl FieldValue {
    /// It is not as the defaults have it.
    pub fn is_special(&self) -> bool {
        self.applies && !self.by_name && self.text != self.default
    }
}

/// A value as text; what a name decides, and nobody gave, is marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Shown {
    text: String,
    by_name: bool,
    applies: bool,
}

impl Draft {
    /// Begins with a config's text; `place` names it in errors, and the run is called `name` where the text does not
    /// say otherwise.
    ///
    /// # Errors
    /// Where the text is no config. Values that cannot be meant are no reason: they can be changed.
    pub fn new(text: &str, place: &str, name: &str) -> Result<Self, ConfigError> {
        let mut file = parse(text, place)?;
        name_after(&mut file, name);
        let mut defaults = RunConfig::default();
        name_after(&mut defaults, name);
        let mut draft = Self {
            text: text.into(),
            place: place.into(),
            name: name.into(),
            changes: vec![None; fields().len()],
            file: shown(&file),
            defaults: shown(&defaults),
            values: Vec::new(),
            current: file,
            problem: None,
        };
        draft.judge();
        Ok(draft)
    }

    /// The same changes over another text, as after the file was written to.
    ///
    /// # Errors
    /// Where the text is no config.
    pub fn over(&self, text: &str) -> Result<Self, ConfigError> {
        let mut draft = Self::new(text, &self.place, &self.name)?;
        for (i, change) in self.changes.iter().enumerate() {
            if let Some(typed) = change {
                draft.set(i, typed);
            }
        }
        Ok(draft)
    }

    /// What was typed for a field that shall be different from the file.
    pub fn typed(&self, index: usize) -> Option<&str> {
        self.changes.get(index)?.as_deref()
    }

    /// The values of all fields, in the order of [`fields`].
    pub fn values(&self) -> &[FieldValue] {
        &self.values
    }

    /// The config as it stands, with values that may not be possible.
    pub fn current(&self) -> &RunConfig {
        &self.current
    }

    /// The run's config, as [`from_text`] reads it.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn config(&self) -> Result<RunConfig, ConfigError> {
        from_text(&self.text, &self.place, &self.name, &self.sets())
    }

    /// What is wrong and belongs to no field.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Gives a field another value, as typed. Nothing typed stands for the default, or for what the name decides.
    pub fn set(&mut self, index: usize, typed: &str) {
        if let Some(change) = self.changes.get_mut(index) {
            *change = Some(typed.trim().to_string());
            self.judge();
        }
        // The file says the same.
        if self.values.get(index).is_some_and(|value| !value.changed) {
            self.reset(index);
        }
    }

    /// Takes a field back to what the file says.
    pub fn reset(&mut self, index: usize) {
        if self.changes.get_mut(index).and_then(Option::take).is_some() {
            self.judge();
        }
    }

    /// How many fields are different from the file.
    pub fn changed(&self) -> usize {
        self.changes.iter().flatten().count()
    }

    /// The changes as `--set` takes them.
    pub fn sets(&self) -> Vec<String> {
        let changes = fields().iter().zip(&self.changes);
        changes.filter_map(|(field, change)| Some(set(field, change.as_deref()?))).collect()
    }

    fn judge(&mut self) {
        let mut errors: Vec<Option<String>> = vec![None; fields().len()];
        self.problem = None;
        match self.merged(&mut errors) {
            Ok(current) => {
                self.find_errors(&current, &mut errors);
                self.current = current;
            }
            Err(error) => self.problem = Some(error.to_string()),
        }
        let current = shown(&self.current);
        self.values = (0..fields().len())
            .map(|i| {
                let (file, typed) = (&self.file[i], &self.changes[i]);
                // What cannot be read has no value but the letters.
                let text = match (typed, &errors[i]) {
                    (Some(typed), Some(_)) => typed.clone(),
                    _ => current[i].text.clone(),
                };
                let changed = typed.is_some()
                    && (text != file.text || current[i].by_name != file.by_name || errors[i].is_some());
                FieldValue {
                    text,
                    by_name: current[i].by_name && errors[i].is_none(),
                    applies: current[i].applies,
                    file: file.text.clone(),
                    default: self.defaults[i].text.clone(),
                    changed,
                    error: errors[i].take(),
                }
            })
            .collect();
    }

    /// The file with all changes that can be read over it.
    fn merged(&self, errors: &mut [Option<String>]) -> Result<RunConfig, ConfigError> {
        let unreadable = |error: toml::de::Error| syntax(&self.text, &self.place, &error);
        let mut table: Table = toml::from_str(&self.text).map_err(unreadable)?;
        for (i, field) in fields().iter().enumerate() {
            if let Some(typed) = &self.changes[i]
                && let Err(error) = apply(&mut table, &set(field, typed))
            {
                errors[i] = Some(error.beside_field());
            }
        }
        let mut config: RunConfig = table.try_into().map_err(unreadable)?;
        name_after(&mut config, &self.name);
        config.provenance = None;
        Ok(config)
    }

    /// Finds all values that cannot be: what was found is put right, so that it does not hide the next one.
    fn find_errors(&mut self, config: &RunConfig, errors: &mut [Option<String>]) {
        let mut config = config.clone();
        // As many as there are fields, if each of them is wrong.
        for _ in fields() {
            let Err(error) = check_root(&config).and_then(|()| config.validate()) else { return };
            let index = error.field().and_then(|wrong| fields().iter().position(|field| field == wrong));
            match index {
                Some(index) if errors[index].is_none() => {
                    errors[index] = Some(error.beside_field());
                    let Some(better) = put_right(&config, &fields()[index]) else { return };
                    config = better;
                }
                _ => {
                    self.problem = Some(error.to_string());
                    return;
                }
            }
        }
    }
}

/// The config with one field as the defaults have it.
fn put_right(config: &RunConfig, wrong: &FieldAbout) -> Option<RunConfig> {
    let mut table = Table::try_from(config).ok()?;
    let defaults = Table::try_from(RunConfig::default()).ok()?;
    match wrong.key {
        // Their defaults are no values.
        "name" => insert(&mut table, "name", Value::String("a".into())),
        "data.root" => insert(&mut table, "data.root", Value::String("a".into())),
        key => match value_at(&defaults, key) {
            Some(default) => insert(&mut table, key, default.clone()),
            None => apply(&mut table, &format!("{key}=")).ok()?,
        },
    }
    table.try_into().ok()
}

fn value_at<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        None => table.get(key),
        Some((first, rest)) => value_at(table.get(first)?.as_table()?, rest),
    }
}

/// All fields of a config as text.
fn shown(config: &RunConfig) -> Vec<Shown> {
    let given = Table::try_from(config).unwrap_or_default();
    let full = model::resolved(&config.model).ok().and_then(|model| Table::try_from(model).ok());
    let of_name = |key: &str| full.as_ref()?.get(key.strip_prefix("model.")?);
    let show = |field: &FieldAbout| match (value_at(&given, field.key), of_name(field.key)) {
        (Some(value), decided) => {
            let applies = !field.by_name || decided.is_some() || full.is_none();
            Shown { text: typed(value), by_name: false, applies }
        }
        (None, Some(value)) => Shown { text: typed(value), by_name: true, applies: true },
        (None, None) => Shown { text: String::new(), by_name: field.by_name, applies: false },
    };
    fields().iter().map(show).collect()
}

/// A value as a person types it.
fn typed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Float(number) => number.to_string(),
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(typed).collect();
            format!("[{}]", values.join(", "))
        }
        value => value.to_string(),
    }
}

/// `key=value`; a text that would be read as something else stands in quotes.
fn set(field: &FieldAbout, typed: &str) -> String {
    let is_text = matches!(field.kind, FieldKind::Text | FieldKind::Folder);
    if is_text && typed.starts_with(['"', '\'']) {
        return format!("{}={}", field.key, Value::String(typed.into()));
    }
    format!("{}={typed}", field.key)
}

/// What decides on the pictures of a run and their parts, and nothing else: the text of a config that [`from_text`] reads.
pub fn of_pictures(config: &RunConfig) -> Result<String, ConfigError> {
    let mut pictures = RunConfig { name: "a".into(), data: config.data.clone(), ..RunConfig::default() };
    pictures.train.batch_size = config.train.batch_size;
    pictures.train.seed = config.train.seed;
    pictures.train.early_stopping.enabled = config.train.early_stopping.enabled;
    to_text(&pictures)
}

/// The position of a field's key in [`fields`].
pub fn position(key: &str) -> Option<usize> {
    let wanted = field(key)?;
    fields().iter().position(|field| field == wanted)
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
