//! `manifest.csv`: which pictures a data set is made of, with `path,label,split` on each line.

use super::files::{self, Durability};
use super::{DataError, Split, printable};
use crate::emotion::{self, Emotion};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const HEADER: [&str; 3] = ["path", "label", "split"];

/// A row of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As the manifest has it: relative to the data set's folder, or absolute.
    pub path: PathBuf,
    pub label: Emotion,
    pub split: Split,
}

/// A manifest that was read whole.
#[derive(Debug)]
pub(super) struct Manifest {
    pub entries: Vec<Entry>,
    /// Of the file's bytes.
    pub digest: blake3::Hash,
}

pub(super) fn file_in(root: &Path) -> PathBuf {
    root.join("manifest.csv")
}

/// Whether the folder's manifest is one of ours, by its first line.
pub(super) fn is_ours(root: &Path) -> bool {
    let Ok(text) = std::fs::read(file_in(root)) else { return false };
    text.split(|byte| *byte == b'\n').next().is_some_and(|line| line.trim_ascii_end() == b"path,label,split")
}

/// The rows of the manifest in this folder; no picture is looked at.
///
/// # Errors
/// Where there is no manifest, or a row cannot be meant.
pub fn entries(root: &Path) -> Result<Vec<Entry>, DataError> {
    Ok(read(root)?.entries)
}

/// Reads a manifest; the first row that cannot be meant is an error with its line.
pub(super) fn read(root: &Path) -> Result<Manifest, DataError> {
    let path = file_in(root);
    let text = std::fs::read(&path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
            DataError::NoManifest { root: root.into() }
        }
        _ => DataError::Read { path: path.clone(), source },
    })?;
    let entries = parse(&text).map_err(|(line, reason)| DataError::Manifest { path, line, reason })?;
    Ok(Manifest { entries, digest: blake3::hash(&text) })
}

fn parse(text: &[u8]) -> Result<Vec<Entry>, (u64, String)> {
    // A spreadsheet may have put a byte-order mark in front.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let mut entries = Vec::new();
    let mut columns = None;
    for record in reader.byte_records() {
        let record = record.map_err(|error| {
            (error.position().map_or(1, csv::Position::line), format!("this is not CSV: {error}"))
        })?;
        let line = record.position().map_or(1, csv::Position::line);
        match columns {
            None => columns = Some(header(&record).map_err(|reason| (line, reason))?),
            Some(columns) => entries.push(entry(&record, columns).map_err(|reason| (line, reason))?),
        }
    }
    match columns {
        Some(_) => Ok(entries),
        None => Err((1, format!("the file is empty; its first line must be {}", HEADER.join(",")))),
    }
}

/// The places of path, label and split. A list without a header would lose its first picture, so it is refused.
fn header(record: &csv::ByteRecord) -> Result<[usize; 3], String> {
    let names: Vec<String> =
        record.iter().map(|field| String::from_utf8_lossy(field).trim().to_ascii_lowercase()).collect();
    let place = |name: &str| {
        names.iter().position(|n| n == name).ok_or_else(|| {
            format!("the first line must be the header {}, and it has no '{name}'", HEADER.join(","))
        })
    };
    Ok([place(HEADER[0])?, place(HEADER[1])?, place(HEADER[2])?])
}

fn entry(record: &csv::ByteRecord, [path, label, split]: [usize; 3]) -> Result<Entry, String> {
    let field = |place: usize| {
        record.get(place).ok_or_else(|| {
            format!("the row has {} fields, and {} are needed", record.len(), HEADER.join(","))
        })
    };
    let text = |bytes: &[u8]| printable(&String::from_utf8_lossy(bytes)).into_owned();
    let path = field(path)?;
    if path.is_empty() || path.contains(&0) {
        return Err("the row names no picture".into());
    }
    let label = text(field(label)?);
    let split = text(field(split)?);
    Ok(Entry {
        path: PathBuf::from(OsStr::from_bytes(path)),
        label: Emotion::parse(&label).ok_or_else(|| {
            format!("unknown label '{label}'; known are {} (or 0 to 5, in this order)", emotion::names())
        })?,
        split: Split::parse(&split)
            .ok_or_else(|| format!("unknown split '{split}'; known are train, valid, test"))?,
    })
}

/// Writes a manifest whole: into a new file beside the old one, then over it. Returns the digest of what was
/// written, as [`read`] will see it.
pub(super) fn write(root: &Path, entries: &[Entry]) -> Result<blake3::Hash, DataError> {
    let path = file_in(root);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let text = writer
        .write_record(HEADER)
        .and_then(|()| {
            entries.iter().try_for_each(|entry| {
                let [label, split] = [entry.label.name(), entry.split.name()];
                writer.write_record([entry.path.as_os_str().as_bytes(), label.as_bytes(), split.as_bytes()])
            })
        })
        .map_err(std::io::Error::from)
        .and_then(|()| writer.into_inner().map_err(csv::IntoInnerError::into_error))
        .map_err(|source| DataError::write(&path, 0, source))?;
    write_whole(&path, &text)?;
    Ok(blake3::hash(&text))
}

/// Replaces a file in one step, so that nobody ever reads half of it.
pub(super) fn write_whole(path: &Path, text: &[u8]) -> Result<(), DataError> {
    files::replace(path, Durability::Synced, |file| file.write_all(text))
        .map_err(|source| DataError::write(path, text.len() as u64, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(path: &str, label: Emotion, split: Split) -> Entry {
        Entry { path: path.into(), label, split }
    }

    #[test]
    fn a_written_manifest_is_read_back_equal_whatever_the_names_hold() {
        let root = tempfile::tempdir().unwrap();
        let mut entries = vec![
            row("train/a.jpg", Emotion::Happiness, Split::Train),
            row("/else/where, far/\"b\".jpg", Emotion::Fear, Split::Test),
            row("new\nline.png", Emotion::Disgust, Split::Valid),
        ];
        entries.push(Entry {
            path: PathBuf::from(OsStr::from_bytes(b"latin1-\xe9.jpg")),
            label: Emotion::Anger,
            split: Split::Train,
        });
        let digest = write(root.path(), &entries).unwrap();
        let manifest = read(root.path()).unwrap();
        assert_eq!(manifest.entries, entries);
        assert_eq!(manifest.digest, digest);
        assert!(is_ours(root.path()));
    }

    #[test]
    fn labels_may_be_names_variants_or_indices_and_columns_in_any_order() {
        let text = b"\xef\xbb\xbfsplit,label,path,note\r\ntrain,Happy,a.jpg,x\r\nval,5,b.jpg,\r\n";
        let expected =
            [row("a.jpg", Emotion::Happiness, Split::Train), row("b.jpg", Emotion::Fear, Split::Valid)];
        assert_eq!(parse(text).unwrap(), expected);
    }

    #[test]
    fn a_bad_row_is_named_by_its_line_and_by_what_would_be_right() {
        for (text, line, word) in [
            (
                "path,label,split\na.jpg,happy,train\nb.jpg,neutral,train\n",
                3,
                "happiness, surprise, sadness, anger, disgust, fear",
            ),
            ("path,label,split\na.jpg,happy,later\n", 2, "train, valid, test"),
            ("path,label,split\na.jpg,happy\n", 2, "the row has 2 fields"),
            ("path,label,split\n,happy,train\n", 2, "names no picture"),
            ("a.jpg,3\n", 1, "the first line must be the header path,label,split"),
            ("", 1, "the file is empty"),
        ] {
            let (at, reason) = parse(text.as_bytes()).unwrap_err();
            assert_eq!(at, line, "{text}");
            assert!(reason.contains(word), "{reason}");
        }
    }

    #[test]
    fn a_label_full_of_escape_sequences_is_shown_harmless() {
        let (_, reason) = parse(b"path,label,split\na.jpg,\x1b[2J,train\n").unwrap_err();
        assert!(!reason.contains('\u{1b}'), "{reason:?}");
    }

    #[test]
    fn a_folder_without_a_manifest_is_told_how_to_get_one() {
        let root = tempfile::tempdir().unwrap();
        assert!(read(root.path()).unwrap_err().to_string().contains("mien data import"));
        assert!(!is_ours(root.path()));
    }
}
