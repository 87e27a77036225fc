//! What pictures show, where that is known: from their names, or from the manifest of the run.

use crate::cli::Failure;
use crate::config;
use crate::data;
use crate::emotion::Emotion;
use crate::evaluate::truth_in_name;
use crate::run::RunFolder;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// One for each picture. A run whose config or manifest cannot be read knows no more than the names do.
pub(super) fn of(pictures: &[PathBuf], run: Option<&RunFolder>) -> Result<Vec<Option<Emotion>>, Failure> {
    let mut truths: Vec<Option<Emotion>> = pictures.iter().map(|path| truth_in_name(path)).collect();
    let unknown: HashSet<&OsStr> = pictures
        .iter()
        .zip(&truths)
        .filter(|(_, truth)| truth.is_none())
        .filter_map(|(path, _)| path.file_name())
        .collect();
    if unknown.is_empty() {
        return Ok(truths);
    }
    let labels = run.and_then(|run| labels(run, &unknown)).unwrap_or_default();
    for (path, truth) in pictures.iter().zip(&mut truths).filter(|(_, truth)| truth.is_none()) {
        *truth = path.canonicalize().ok().and_then(|path| labels.get(&path).copied());
    }
    Ok(truths)
}

/// The labels of the run's pictures of these names, by where the pictures really are.
fn labels(run: &RunFolder, names: &HashSet<&OsStr>) -> Option<HashMap<PathBuf, Emotion>> {
    let root = config::complete(&run.config()).ok()?.data.root;
    let is_wanted = |path: &Path| path.file_name().is_some_and(|name| names.contains(name));
    let wanted = data::entries(&root).ok()?.into_iter().filter(|entry| is_wanted(&entry.path));
    Some(
        wanted.filter_map(|entry| Some((root.join(&entry.path).canonicalize().ok()?, entry.label))).collect(),
    )
}
