//! `evaluation.json`: one [`Evaluation`] per split.

use super::error::EvaluateError;
use super::evaluation::Evaluation;
use crate::data::{self, Durability, read_small_text};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// The evaluations of a run by the name of their split. None where the file is not there yet.
pub fn read_evaluations(path: &Path) -> Result<BTreeMap<String, Evaluation>, EvaluateError> {
    let read = |(split, value): (String, Value)| match serde_json::from_value(value) {
        Ok(evaluation) => Ok((split, evaluation)),
        Err(error) => {
            Err(EvaluateError::Evaluation { path: path.into(), reason: format!("{split}: {error}") })
        }
    };
    splits(path)?.into_iter().map(read).collect()
}

/// Puts the evaluation of one split into the file and leaves the other splits as they are. The file is replaced
/// whole: a reader sees the old one or the new one.
pub fn write_evaluation(path: &Path, split: &str, evaluation: &Evaluation) -> Result<(), EvaluateError> {
    let mut splits = splits(path)?;
    let unfit =
        |error: serde_json::Error| EvaluateError::Evaluation { path: path.into(), reason: error.to_string() };
    splits.insert(split.into(), serde_json::to_value(evaluation).map_err(unfit)?);
    let text = serde_json::to_string(&splits).map_err(unfit)?;
    replace(path, |file| writeln!(file, "{text}"))
}

/// Kept as values, so that what a newer version wrote about another split stays.
fn splits(path: &Path) -> Result<Map<String, Value>, EvaluateError> {
    match read_small_text(path) {
        Ok(text) => serde_json::from_str(&text)
            .map_err(|error| EvaluateError::Evaluation { path: path.into(), reason: error.to_string() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Map::new()),
        Err(error) => Err(EvaluateError::read(path)(error)),
    }
}

/// Writes a file beside `path`, in a folder that is made if need be, and renames it over. What stands there already but is no regular file
/// (`/dev/stdout`, a named pipe) is written to as it is.
pub(super) fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), EvaluateError> {
    let in_place = std::fs::metadata(path).is_ok_and(|meta| !meta.is_file());
    let outcome = if in_place {
        std::fs::OpenOptions::new().write(true).open(path).and_then(|mut file| write(&mut file))
    } else {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| data::replace(path, Durability::Synced, write))
    };
    outcome.map_err(EvaluateError::write(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emotion::Emotion;
    use crate::evaluate::evaluate;

    #[test]
    fn writing_one_split_keeps_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evaluation.json");
        assert!(read_evaluations(&path).unwrap().is_empty());
        let [test, valid] = [Emotion::Anger, Emotion::Fear]
            .map(|truth| evaluate(&[[0.1, 0.1, 0.1, 0.5, 0.1, 0.1]; 4], &[truth; 4]));
        write_evaluation(&path, "test", &test).unwrap();
        write_evaluation(&path, "valid", &valid).unwrap();
        let read = read_evaluations(&path).unwrap();
        assert_eq!((&read["test"], &read["valid"]), (&test, &valid));
        write_evaluation(&path, "test", &valid).unwrap();
        assert_eq!(read_evaluations(&path).unwrap()["test"], valid);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn a_spoiled_file_is_named_with_the_cure_and_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evaluation.json");
        std::fs::write(&path, "{\"test\":").unwrap();
        let error = write_evaluation(&path, "test", &evaluate(&[], &[])).unwrap_err().to_string();
        assert!(error.contains("evaluation.json") && error.contains("remove it"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"test\":");
    }
}
