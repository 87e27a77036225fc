//! Files that people asked for: into the run's folder, and never over a file that is not ours.

use super::chart;
use super::error::EvaluateError;
use super::file::replace;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Tries with a number behind the name, before it is given up.
const MOST: usize = 99;

/// What an export is, by the end of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportKind {
    Csv,
    Png,
}

impl ExportKind {
    const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Png => "png",
        }
    }
}

/// Writes `<folder>/<stem>.<ending>` whole, and gives its path. A file of that name is replaced where it is an earlier
/// export (a table with the same first line, a picture that we drew); where it is not, the new one is called
/// `<stem>-2`, `<stem>-3`, ... Where `folder` cannot be written to, the current folder is taken.
pub fn export(folder: &Path, stem: &str, kind: ExportKind, content: &[u8]) -> Result<PathBuf, EvaluateError> {
    match export_into(folder, stem, kind, content) {
        Err(EvaluateError::Write { source, path }) if folder != Path::new(".") => {
            let failed = |_| EvaluateError::Write { source, path };
            export_into(Path::new("."), stem, kind, content).map_err(failed)
        }
        done => done,
    }
}

fn export_into(
    folder: &Path,
    stem: &str,
    kind: ExportKind,
    content: &[u8],
) -> Result<PathBuf, EvaluateError> {
    // A folder that was deleted stays deleted.
    std::fs::read_dir(folder).map_err(EvaluateError::write(folder))?;
    let named = |number: usize| match number {
        1 => folder.join(format!("{stem}.{}", kind.ending())),
        _ => folder.join(format!("{stem}-{number}.{}", kind.ending())),
    };
    let free = |path: &PathBuf| !is_there(path) || is_ours(path, kind, content);
    let Some(path) = (1..=MOST).map(named).find(free) else {
        return Err(EvaluateError::Taken { path: named(1) });
    };
    replace(&path, |file| file.write_all(content))?;
    Ok(path)
}

/// Also where it is a link that leads nowhere.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn is_ours(path: &Path, kind: ExportKind, content: &[u8]) -> bool {
    match kind {
        ExportKind::Png => chart::is_chart(path),
        ExportKind::Csv => {
            let first = content.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
            let Ok(file) = crate::data::open_regular(path) else { return false };
            let mut line = Vec::new();
            let read = BufReader::new(file.take(first.len() as u64)).read_until(b'\n', &mut line);
            // No table is known by nothing.
            read.is_ok() && line == first && !first.is_empty()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_export_is_replaced_and_another_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let write =
            |text: &str| export(folder.path(), "confusion-test", ExportKind::Csv, text.as_bytes()).unwrap();
        assert_eq!(write("head\n1\n"), path("confusion-test.csv"));
        assert_eq!(write("head\n2\n"), path("confusion-test.csv"));
        assert_eq!(std::fs::read_to_string(path("confusion-test.csv")).unwrap(), "head\n2\n");
        std::fs::write(path("confusion-test.csv"), "mine").unwrap();
        assert_eq!(write("head\n3\n"), path("confusion-test-2.csv"));
        assert_eq!(std::fs::read_to_string(path("confusion-test.csv")).unwrap(), "mine");
        assert_eq!(write("head\n4\n"), path("confusion-test-2.csv"));
        assert_eq!(write(""), path("confusion-test-3.csv"));
    }

    #[test]
    fn a_picture_of_someone_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.png"), "mine").unwrap();
        std::os::unix::fs::symlink("nowhere", folder.path().join("a-2.png")).unwrap();
        let path = export(folder.path(), "a", ExportKind::Png, b"new").unwrap();
        assert_eq!(path, folder.path().join("a-3.png"));
    }
}
