//! A tree of pictures, as data sets are published, becomes a manifest and a pack. The pictures stay where they
//! are. One file per layout; what all layouts look at is the [`Tree`].

mod class_folders;
mod name_suffix;
mod tree;

use super::manifest::{self, Entry};
use super::pack::{self, Packing};
use super::shown::shown;
use super::{DataError, Dataset, Skipped, Split, dataset, printable};
use crate::emotion::{CLASSES, Emotion};
use std::path::{Path, PathBuf};
use tree::{Picture, Tree};

/// What an import did.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Pictures that stand in the manifest now.
    pub imported: usize,
    /// Pictures that were found and left out, with the reason.
    pub skipped: Vec<Skipped>,
    /// Pictures by split (in the order of [`Split::ALL`]) and class.
    pub splits: [[usize; CLASSES]; 3],
    /// The layout's name.
    pub layout: &'static str,
    /// What a person should know about the result, in sentences.
    pub notes: Vec<String>,
}

/// A way in which data sets say what a picture shows.
struct Layout {
    name: &'static str,
    /// What it looks like, for people.
    about: &'static str,
    label: fn(&Picture) -> Label,
}

/// What a layout says of a picture.
#[derive(Debug, PartialEq, Eq)]
enum Label {
    Known(Emotion),
    /// The layout has a label here, but none of the six.
    Unknown(String),
    /// The picture does not stand in this layout.
    None,
}

/// The first that explains most of the pictures is taken.
const LAYOUTS: [Layout; 2] = [class_folders::LAYOUT, name_suffix::LAYOUT];

/// Imports a tree of pictures: finds its layout, writes `manifest.csv` and the pack to `out`, which is made if
/// need be. An earlier import in `out` is replaced; a folder that holds anything else is refused, unless `source`
/// is in it. `progress` hears how many pictures are decoded, of how many.
pub fn import(
    source: &Path,
    out: &Path,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Imported, DataError> {
    let source = source.canonicalize().map_err(|error| DataError::Source {
        path: source.into(),
        reason: format!("cannot be read: {error}"),
    })?;
    if !source.is_dir() {
        return Err(DataError::Source {
            path: source,
            reason: format!("is not a folder; {}", known_layouts()),
        });
    }
    // Made only when the source turns out to have pictures.
    let existing = out.canonicalize().ok();
    if let Some(out) = &existing {
        may_be_written(out, &source)?;
    }
    let Tree { pictures, mut skipped } = Tree::walk(&source, existing.as_deref())?;
    let Some(layout) = detect(&pictures) else {
        let reason = match pictures.len() {
            0 => format!("holds no JPG or PNG; {}", known_layouts()),
            n => format!("holds {n} pictures in no known layout; {}", known_layouts()),
        };
        return Err(DataError::Source { path: source, reason });
    };
    std::fs::create_dir_all(out).map_err(|error| DataError::write(out, 0, error))?;
    let out = out.canonicalize().map_err(|error| DataError::Read { path: out.into(), source: error })?;

    let mut notes = Vec::new();
    let mut rows = Vec::new();
    let mut without_split = 0;
    for picture in &pictures {
        let path = place(&source, &picture.path, &out);
        match (layout.label)(picture) {
            Label::Known(label) => {
                without_split += usize::from(picture.split.is_none());
                rows.push(Entry { path, label, split: picture.split.unwrap_or(Split::Train) });
            }
            Label::Unknown(text) => {
                skipped.push(Skipped { path, reason: format!("unknown label '{}'", printable(&text)) });
            }
            Label::None => {
                skipped.push(Skipped { path, reason: format!("not in the layout '{}'", layout.name) });
            }
        }
    }
    if without_split == rows.len() {
        notes.push(
            "there are no train and test folders, so all pictures are in train, and there is no test set"
                .into(),
        );
    } else if without_split > 0 {
        notes.push(format!("outside of train, valid and test folders: {without_split}; these are in train"));
    }

    let mut packing = Packing::decode(&out, &rows, &dataset::places(&out), progress)?;
    let unreadable = packing.skipped.iter();
    skipped
        .extend(unreadable.map(|(row, why)| Skipped { path: rows[*row].path.clone(), reason: why.clone() }));
    if packing.pictures() == 0 {
        let (row, why) = packing.skipped.first().map_or((0, ""), |(row, why)| (*row, why.as_str()));
        let example = shown(&source.join(&rows[row].path));
        let reason =
            format!("is of no use: none of the {} pictures can be read (of {example}: {why})", rows.len());
        return Err(DataError::Source { path: source, reason });
    }
    let rows: Vec<Entry> = pack::kept(&rows, &packing.skipped).into_iter().cloned().collect();
    packing.forget_skipped();
    let decoded = packing.pictures();
    let digest = manifest::write(&out, &rows)?;
    let pack = packing.finish(digest, &rows)?;
    let dataset = Dataset::of(&out, rows, pack, decoded);
    Ok(Imported { imported: dataset.len(), skipped, splits: dataset.counts(), layout: layout.name, notes })
}

/// Which layout gives the most pictures a label.
fn detect(pictures: &[Picture]) -> Option<&'static Layout> {
    let explained = |layout: &Layout| {
        pictures.iter().filter(|picture| matches!((layout.label)(picture), Label::Known(_))).count()
    };
    // Of equals, `max_by_key` takes the last.
    LAYOUTS.iter().rev().max_by_key(|layout| explained(layout)).filter(|layout| explained(layout) > 0)
}

fn known_layouts() -> String {
    let layouts: Vec<String> =
        LAYOUTS.iter().map(|layout| format!("{}: {}", layout.name, layout.about)).collect();
    format!("known layouts are {}", layouts.join("; "))
}

/// How the manifest names a picture: relative to `out` where it lies below, else absolute.
fn place(source: &Path, picture: &Path, out: &Path) -> PathBuf {
    let absolute = source.join(picture);
    match absolute.strip_prefix(out) {
        Ok(relative) => relative.into(),
        Err(_) => absolute,
    }
}

/// A folder that an import may write to: empty, an earlier import's, or one that holds the pictures.
pub(super) fn may_be_written(out: &Path, source: &Path) -> Result<(), DataError> {
    let mut files =
        std::fs::read_dir(out).map_err(|error| DataError::Read { path: out.into(), source: error })?;
    if files.next().is_none() || manifest::is_ours(out) {
        return Ok(());
    }
    let has_another = manifest::file_in(out).exists();
    if source.starts_with(out) && !has_another {
        return Ok(());
    }
    let reason =
        if has_another { "its manifest.csv is not one of ours" } else { "holds no manifest.csv of ours" };
    Err(DataError::Occupied { path: out.into(), reason: reason.into() })
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
