use super::files::{Durability, read_small, replace};
use super::{RunError, RunFolder, printable};
use serde::{Deserialize, Serialize};
use std::io;

/// What people write about a run, in `notes.toml`: renaming a run never moves its folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notes {
    pub title: String,
    pub tags: Vec<String>,
    pub note: String,
    /// What this version does not know, which is not its to throw away.
    #[serde(flatten)]
    pub other: toml::Table,
}

impl Notes {
    /// A run without notes has empty ones. Fails where the file is there but cannot be read.
    pub fn read(folder: &RunFolder) -> Result<Self, RunError> {
        let path = folder.notes();
        let content = match read_small(&path) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(RunError::read(&path)(error)),
        };
        toml::from_str(&String::from_utf8_lossy(&content)).map_err(|error| RunError::Content {
            reason: printable(&error.message().replace('\n', ", ")).into_owned(),
            path,
        })
    }

    /// Replaces the notes whole.
    pub fn write(&self, folder: &RunFolder) -> Result<(), RunError> {
        let path = folder.notes();
        // Texts and what came from TOML, which it can always hold.
        let text = toml::to_string(self).unwrap_or_default();
        replace(&path, text.as_bytes(), Durability::Synced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::folder;

    #[test]
    fn notes_are_empty_then_what_was_written() {
        let (_keep, folder) = folder("a");
        assert_eq!(Notes::read(&folder).unwrap(), Notes::default());
        let notes = Notes {
            title: "the \"good\" one".into(),
            tags: vec!["paper".into()],
            note: "line\nline '''".into(),
            other: toml::Table::new(),
        };
        notes.write(&folder).unwrap();
        assert_eq!(Notes::read(&folder).unwrap(), notes);
    }

    #[test]
    fn what_another_version_wrote_beside_the_notes_stays() {
        let (_keep, folder) = folder("a");
        std::fs::write(folder.notes(), "stars = 5\n[colours]\nbest = \"red\"\n").unwrap();
        let notes = Notes { title: "x".into(), ..Notes::read(&folder).unwrap() };
        notes.write(&folder).unwrap();
        let text = std::fs::read_to_string(folder.notes()).unwrap();
        assert!(text.contains("stars = 5") && text.contains("best = \"red\""), "{text}");
        assert_eq!(Notes::read(&folder).unwrap(), notes);
    }

    #[test]
    fn torn_notes_are_an_error_that_names_the_file() {
        let (_keep, folder) = folder("a");
        std::fs::write(folder.notes(), "title = \"x").unwrap();
        let error = Notes::read(&folder).unwrap_err().to_string();
        assert!(error.contains("notes.toml"), "{error}");
    }
}
