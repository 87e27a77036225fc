//! Built-in defaults < a file < `--set key=value`.

use super::RunConfig;
use super::error::{ConfigError, check};
use crate::data::{nearest, read_small_text, read_text};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Reads the config that a run shall be made from: defaults < the file < `sets`, checked whole, with
/// `data.root` made absolute. A config without a name is called after its file.
pub fn from_file(path: &Path, sets: &[String]) -> Result<RunConfig, ConfigError> {
    let text = read_text(path).map_err(|source| ConfigError::Read { path: path.to_path_buf(), source })?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    from_text(&text, &path.display().to_string(), &stem, sets)
}

/// As [`from_file`], of a text; `place` names it in errors, `name` is the run's if the text gives none.
pub fn from_text(text: &str, place: &str, name: &str, sets: &[String]) -> Result<RunConfig, ConfigError> {
    // The file alone first, so that an error can name its line.
    parse(text, place)?;
    let mut table: Table = toml::from_str(text).map_err(|error| syntax(text, place, &error))?;
    for set in sets {
        apply(&mut table, set)?;
    }
    let mut config: RunConfig =
        table.try_into().map_err(|error: toml::de::Error| syntax(text, place, &error))?;
    name_after(&mut config, name);
    check_root(&config)?;
    // Fails only without a current folder; what follows names the path then.
    config.data.root = std::path::absolute(&config.data.root).unwrap_or(config.data.root);
    check_utf8(&config)?;
    // That of another run, whose config this was. A run's own is found when it begins.
    config.provenance = None;
    config.validate()?;
    Ok(config)
}

/// A config with some of its fields changed, by their dotted names, and checked whole. A field that the config has not given
/// may be among them.
///
/// # Errors
/// Where a name is no field's, or a value is not possible.
pub fn with_values<'a>(
    config: &RunConfig,
    values: impl IntoIterator<Item = (&'a str, &'a Value)>,
) -> Result<RunConfig, ConfigError> {
    let mut table =
        Table::try_from(config).map_err(|error| ConfigError::Unwritable { reason: error.to_string() })?;
    for (key, value) in values {
        check_type(key, value)?;
        insert(&mut table, key, value.clone());
    }
    let config: RunConfig = table.try_into().map_err(|error: toml::de::Error| ConfigError::Syntax {
        place: "the config".into(),
        reason: explain(error.message()),
    })?;
    config.validate()?;
    Ok(config)
}

/// Whether a field can hold a value of this kind at all; which values are possible depends on the others.
pub(crate) fn check_type(key: &str, value: &Value) -> Result<(), ConfigError> {
    let refused = |error: toml::de::Error| ConfigError::Set {
        argument: format!("{key}={value}"),
        reason: explain(error.message()),
    };
    accepted(key, value.clone()).map(drop).map_err(refused)
}

/// Calls a config without a name after its file.
pub(crate) fn name_after(config: &mut RunConfig, file: &str) {
    if config.name.is_empty() {
        config.name = plain(file);
    }
}

pub(super) fn check_root(config: &RunConfig) -> Result<(), ConfigError> {
    check(!config.data.root.as_os_str().is_empty(), "data.root", "\"\"")
}

fn check_utf8(config: &RunConfig) -> Result<(), ConfigError> {
    if config.data.root.to_str().is_some() {
        return Ok(());
    }
    Err(ConfigError::Value {
        field: "data.root".into(),
        value: config.data.root.to_string_lossy().into_owned(),
        must: "a path in UTF-8, or else the run's config.toml cannot hold it: rename its folder".into(),
    })
}

/// A file's name as a run's: what a run's name may not have becomes `-`.
fn plain(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = name.chars().map(letter).take(80).collect();
    if name.is_empty() { "run".into() } else { name }
}

/// Reads the config of an existing run; what it leaves out is as the defaults have it, and values are taken
/// as they are.
pub fn complete(path: &Path) -> Result<RunConfig, ConfigError> {
    let text = read_small_text(path).map_err(|source| ConfigError::Read { path: path.into(), source })?;
    parse(&text, &path.display().to_string())
}

pub(super) fn parse(text: &str, place: &str) -> Result<RunConfig, ConfigError> {
    toml::from_str(text).map_err(|error| syntax(text, place, &error))
}

pub(super) fn syntax(text: &str, place: &str, error: &toml::de::Error) -> ConfigError {
    let line = error.span().map(|span| newlines_before(text, span.start) + 1);
    let place = match line {
        Some(line) => format!("{place}, line {line}"),
        None => place.into(),
    };
    ConfigError::Syntax { place, reason: explain(error.message()) }
}

/// Counted in bytes: a span may begin inside a character.
pub(crate) fn newlines_before(text: &str, position: usize) -> usize {
    memchr::memchr_iter(b'\n', &text.as_bytes()[..position.min(text.len())]).count()
}

/// Turns serde's "unknown field `x`, expected one of `a`, `b`" into a question with the nearest name.
pub(crate) fn explain(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let what = ["field", "variant"].into_iter().find(|what| message.starts_with(&format!("unknown {what}")));
    let (Some(what), Some(wrong)) = (what, quoted.next()) else {
        if message.trim() == "wanted string or table" {
            return "expected a text in quotes".into();
        }
        return message.trim().replace('\n', ", ");
    };
    let what = if what == "variant" { "value" } else { what };
    let known: Vec<&str> = quoted.collect();
    match nearest(wrong, known.iter().copied()) {
        Some(name) => {
            format!("no such {what} '{wrong}'; did you mean '{name}'? Known are {}", known.join(", "))
        }
        None => format!("no such {what} '{wrong}'; known are {}", known.join(", ")),
    }
}

/// Puts `key.path=value` into the table. A value that is not TOML, or whose field wants a string, is one. Nothing behind
/// the `=`, where the field is no text, takes what the file says away: the field is as if it were not given.
pub(super) fn apply(table: &mut Table, set: &str) -> Result<(), ConfigError> {
    let wrong = |reason: String| ConfigError::Set { argument: set.into(), reason };
    let (key, text) = set
        .split_once('=')
        .ok_or_else(|| wrong("write it as key=value, for example train.epochs=20".into()))?;
    let (key, text) = (key.trim(), text.trim());
    let plain = Value::String(text.to_string());
    let parsed = toml::from_str::<Table>(&format!("value = {text}")).ok().and_then(|mut t| t.remove("value"));
    let value = match parsed {
        None => plain,
        Some(value) => match accepted(key, value.clone()) {
            Err(_) if accepted(key, plain.clone()).is_ok() => plain,
            _ => value,
        },
    };
    match accepted(key, value.clone()) {
        Ok(_) => insert(table, key, value),
        Err(error) if text.is_empty() && !error.message().starts_with("unknown field") => remove(table, key),
        Err(error) => return Err(wrong(explain(error.message()))),
    }
    Ok(())
}

/// Whether a config of this one field can be read.
fn accepted(key: &str, value: Value) -> Result<RunConfig, toml::de::Error> {
    let mut alone = Table::new();
    insert(&mut alone, key, value);
    alone.try_into()
}

fn remove(table: &mut Table, key: &str) {
    match key.split_once('.') {
        None => {
            table.remove(key);
        }
        Some((first, rest)) => {
            if let Some(Value::Table(inner)) = table.get_mut(first) {
                remove(inner, rest);
            }
        }
    }
}

pub(super) fn insert(table: &mut Table, key: &str, value: Value) {
    let mut place = table;
    let mut parts = key.split('.').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            place.insert(part.into(), value);
            return;
        }
        let next = place.entry(part).or_insert_with(|| Value::Table(Table::new()));
        if !next.is_table() {
            *next = Value::Table(Table::new());
        }
        // It was made a table on the line above.
        let Value::Table(inner) = next else { return };
        place = inner;
    }
}

/// Where a config's own text is kept: the text that [`complete`] reads back.
///
/// # Errors
/// Where TOML cannot hold a value, as a path that is not UTF-8.
pub fn to_text(config: &RunConfig) -> Result<String, ConfigError> {
    toml::to_string(config).map_err(|error| ConfigError::Unwritable { reason: error.to_string() })
}

/// The config that a run's folder holds.
pub fn file_in(folder: &Path) -> PathBuf {
    folder.join("config.toml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{OptimizerKind, TrainConfig};
    use crate::device::DeviceChoice;

    const MINIMAL: &str = "[data]\nroot = \"/faces\"\n";

    fn read(text: &str, sets: &[&str]) -> Result<RunConfig, ConfigError> {
        let sets: Vec<String> = sets.iter().map(|s| s.to_string()).collect();
        from_text(text, "a.toml", "a", &sets)
    }

    #[test]
    fn what_a_file_leaves_out_is_as_the_defaults_have_it() {
        let config = read(MINIMAL, &[]).unwrap();
        assert_eq!(config.train, TrainConfig::default());
        assert_eq!((config.name.as_str(), config.model.arch.as_str()), ("a", "gimefive"));
    }

    #[test]
    fn a_config_without_a_name_is_called_after_its_file() {
        let name = |file| from_text(MINIMAL, "a.toml", file, &[]).unwrap().name;
        assert_eq!(
            (name("mine"), name("sp ace ü"), name("")),
            ("mine".into(), "sp-ace--".into(), "run".into())
        );
    }

    #[test]
    fn set_goes_over_the_file_which_goes_over_the_defaults() {
        let text = format!("{MINIMAL}[train]\nepochs = 3\nbatch_size = 8\n");
        let sets =
            ["train.epochs=5", "train.optimizer=adam", "train.device=cuda:1", "model.arch=vgg", "name=7"];
        let config = read(&text, &sets).unwrap();
        assert_eq!((config.train.epochs, config.train.batch_size), (5, 8));
        assert_eq!(config.train.optimizer, OptimizerKind::Adam);
        assert_eq!(config.train.device, DeviceChoice::Cuda(1));
        assert_eq!((config.model.arch.as_str(), config.name.as_str()), ("vgg", "7"));
    }

    #[test]
    fn set_to_nothing_takes_back_what_the_file_says() {
        let text = format!(
            "{MINIMAL}[model]\ndepth = 3\n[train]\nepochs = 3\nearly_stopping = {{ patience = 2 }}\n"
        );
        let sets = ["model.depth=", "train.epochs=", "train.early_stopping.patience=", "model.width="];
        let config = read(&text, &sets).unwrap();
        assert_eq!((config.model, config.train), (Default::default(), TrainConfig::default()));
        let error = read(MINIMAL, &["train.epoch="]).unwrap_err().to_string();
        assert!(error.contains("did you mean 'epochs'?"), "{error}");
        assert_eq!(read("name = \"b\"\n[data]\nroot = \"/x\"", &["name="]).unwrap().name, "a");
    }

    #[test]
    fn an_unknown_field_is_named_with_its_line_and_the_nearest_name() {
        let error = read("[data]\nroot = \"x\"\n[train]\nlerning_rate = 1\n", &[]).unwrap_err().to_string();
        assert!(error.contains("a.toml, line 4"), "{error}");
        assert!(error.contains("'lerning_rate'; did you mean 'learning_rate'?"), "{error}");
        let error = read(MINIMAL, &["train.epoch=3"]).unwrap_err().to_string();
        assert!(error.contains("did you mean 'epochs'?"), "{error}");
        let error = read(MINIMAL, &["train.optimizer=adm"]).unwrap_err().to_string();
        assert!(error.contains("no such value 'adm'; did you mean 'adam'?"), "{error}");
    }

    #[test]
    fn impossible_values_are_refused_by_name() {
        for (set, field) in [
            ("train.learning_rate=-1", "train.learning_rate"),
            ("train.learning_rate=nan", "train.learning_rate"),
            ("train.batch_size=1", "train.batch_size"),
            ("train.epochs=0", "train.epochs"),
            ("augment.flip=1.5", "augment.flip"),
            ("augment.erase.scale=[0.5,0.2]", "augment.erase.scale"),
            ("data.valid.fraction=1", "data.valid.fraction"),
            ("model.depth=7", "depth = 7 is not possible for 'gimefive'"),
            ("name=\"a/b\"", "name"),
        ] {
            let error = read(MINIMAL, &[set]).unwrap_err().to_string();
            assert!(error.starts_with(field), "{set}: {error}");
        }
        assert!(read(MINIMAL, &["train.epochs"]).unwrap_err().to_string().contains("key=value"));
        assert!(read("", &[]).unwrap_err().to_string().starts_with("data.root"));
    }

    #[test]
    fn the_provenance_of_another_run_is_not_inherited() {
        let text = format!("{MINIMAL}[provenance]\ndata_fingerprint = \"x\"\ninit = \"/old.pth\"\n");
        assert_eq!(read(&text, &[]).unwrap().provenance, None);
        assert_eq!(read(MINIMAL, &["provenance.device=cuda:7"]).unwrap().provenance, None);
    }

    #[test]
    fn a_run_whose_config_is_a_pipe_is_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = file_in(folder.path());
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let error = complete(&pipe).unwrap_err().to_string();
        assert!(error.contains("config.toml") && error.contains("not a regular file"), "{error}");
    }

    #[test]
    fn a_path_that_is_not_utf_8_is_refused_and_not_written_as_nothing() {
        use std::os::unix::ffi::OsStrExt;
        let mut config = read(MINIMAL, &[]).unwrap();
        config.data.root = std::ffi::OsStr::from_bytes(b"/caf\xe9").into();
        let error = to_text(&config).unwrap_err().to_string();
        assert!(error.contains("UTF-8"), "{error}");
    }

    #[test]
    fn a_place_inside_a_character_is_counted_too() {
        assert_eq!(newlines_before("é\né", 4), 1);
        assert_eq!(newlines_before("é\né", 1), 0);
        assert_eq!(newlines_before("\n\n", 9), 2);
    }

    #[test]
    fn a_written_config_is_read_back_equal() {
        let config = read(
            MINIMAL,
            &["model.depth=2", "model.conv_dropout=[0.1,0.2]", "augment.rotate.probability=0.2"],
        )
        .unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(file_in(folder.path()), to_text(&config).unwrap()).unwrap();
        assert_eq!(complete(&file_in(folder.path())).unwrap(), config);
    }
}
