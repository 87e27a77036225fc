//! Features of a data set on the disk, in the user's cache folder: looking at every picture of a set takes a minute on a
//! CPU, reading what was seen some milliseconds.
//!
//! A file belongs to one network, one set and one choice of its pictures; its name says which, and so does its header. A
//! header of 84 bytes (magic, version, how many pictures, how many numbers of each, the key, a checksum of what follows),
//! then the features as f16. What is torn, damaged or of someone else is as if it were not there.

use super::{ExplainError, Explainer, FeatureIndex};
use crate::data::{self, Dataset, Durability};
use crate::model;
use etcetera::BaseStrategy;
use half::f16;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const MAGIC: &[u8; 8] = b"MIENFEAT";
const VERSION: u32 = 1;
const HEADER: usize = 8 + 4 + 4 + 4 + 32 + 32;
/// A longer file is not kept: `vgg` has 16,384 features.
const MOST_OF_ONE: u64 = 256 << 20;
/// All files together; the ones that were used longest ago go first.
const MOST: u64 = 1 << 30;

type Key = [u8; 32];

impl FeatureIndex {
    /// As [`build`](Self::build), unless the features of these pictures by this network are in the user's cache folder;
    /// else they are there afterwards, where the folder can be written to and they are not too many.
    pub fn open_or_build(
        explainer: &Explainer,
        dataset: &Dataset,
        indices: &[usize],
        wanted: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, ExplainError> {
        let user = etcetera::choose_base_strategy().ok();
        let folder = user.map(|user| user.cache_dir().join("mien").join("features"));
        Self::open_or_build_in(folder.as_deref(), explainer, dataset, indices, wanted, progress)
    }

    fn open_or_build_in(
        folder: Option<&Path>,
        explainer: &Explainer,
        dataset: &Dataset,
        indices: &[usize],
        wanted: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, ExplainError> {
        let Some(folder) = folder else { return Self::build(explainer, dataset, indices, wanted, progress) };
        let key = key(explainer, dataset, indices);
        let path = folder.join(format!("{}.mien", &blake3::Hash::from(key).to_hex()[..32]));
        if let Ok(features) = read(&path, &key, indices.len()) {
            let length = features.len().checked_div(indices.len()).unwrap_or(0);
            progress(indices.len(), indices.len());
            return Ok(Self { indices: indices.to_vec(), length, features });
        }
        let index = Self::build(explainer, dataset, indices, wanted, progress)?;
        // Without it the next opening takes as long as this one.
        let _ = index.keep(folder, &path, &key);
        Ok(index)
    }

    fn keep(&self, folder: &Path, path: &Path, key: &Key) -> io::Result<()> {
        let size = (HEADER + self.features.len() * 2) as u64;
        if size > MOST_OF_ONE || self.is_empty() {
            return Ok(());
        }
        std::fs::create_dir_all(folder)?;
        make_room(folder, MOST - size)?;
        let features: Vec<u8> = self.features.iter().flat_map(|feature| feature.to_le_bytes()).collect();
        let numbers = [VERSION, self.len() as u32, self.length as u32].map(u32::to_le_bytes);
        data::replace(path, Durability::Atomic, |file| {
            file.write_all(MAGIC)?;
            file.write_all(&numbers.concat())?;
            file.write_all(key)?;
            file.write_all(blake3::hash(&features).as_bytes())?;
            file.write_all(&features)
        })
    }
}

/// Of all that features follow from.
fn key(explainer: &Explainer, dataset: &Dataset, indices: &[usize]) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(model::digest(explainer.network()).as_bytes());
    hasher.update(dataset.fingerprint().as_bytes());
    for index in indices {
        hasher.update(&(*index as u64).to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// The features of so many pictures, and the file's time set to now.
fn read(path: &Path, key: &Key, pictures: usize) -> io::Result<Vec<f16>> {
    let foreign = || io::Error::from(io::ErrorKind::InvalidData);
    let mut file = data::open_regular(path)?;
    let size = file.metadata()?.len();
    if size > MOST_OF_ONE {
        return Err(foreign());
    }
    let mut bytes = Vec::with_capacity(size as usize);
    (&mut file).take(MOST_OF_ONE).read_to_end(&mut bytes)?;
    let (header, features) = bytes.split_at_checked(HEADER).ok_or_else(foreign)?;
    let number = |at: usize| header[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    let is_ours = header.starts_with(MAGIC) && number(8) == VERSION && header[20..52] == *key;
    let is_whole = Some(features.len()) == pictures.checked_mul(number(16) as usize * 2);
    let is_undamaged = || header[52..] == *blake3::hash(features).as_bytes();
    if !is_ours || number(12) as usize != pictures || !is_whole || !is_undamaged() {
        return Err(foreign());
    }
    // What is used stays longest.
    let _ = file.set_modified(SystemTime::now());
    Ok(features.as_chunks().0.iter().map(|bytes| f16::from_le_bytes(*bytes)).collect())
}

/// Removes files of the folder, the ones used longest ago first, until the others are no longer than this together.
fn make_room(folder: &Path, most: u64) -> io::Result<()> {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = std::fs::read_dir(folder)?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let file = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            let path = entry.path();
            let is_ours = path.extension().is_some_and(|ending| ending == "mien");
            is_ours.then_some((file.modified().ok()?, file.len(), path))
        })
        .collect();
    files.sort_by_key(|(used, ..)| std::cmp::Reverse(*used));
    let mut kept = 0;
    for (_, size, path) in files {
        kept += size;
        if kept > most {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::neighbours::tests::{explainer, place};
    use std::fs;
    use std::time::Duration;

    /// The index, and whether it had to be built.
    fn opened(
        folder: &Path,
        explainer: &Explainer,
        dataset: &Dataset,
        indices: &[usize],
    ) -> (FeatureIndex, bool) {
        let asked = std::cell::Cell::new(false);
        let wanted = || {
            asked.set(true);
            true
        };
        let index = FeatureIndex::open_or_build_in(
            Some(folder),
            explainer,
            dataset,
            indices,
            &wanted,
            &mut |_, _| {},
        );
        (index.unwrap(), asked.get())
    }

    fn only_file(folder: &Path) -> PathBuf {
        let files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }

    #[test]
    fn what_was_built_once_is_read_the_next_time_and_is_the_same() {
        let (keep, dataset, first) = place();
        let folder = keep.path().join("cache/features");
        let (built, was_built) = opened(&folder, &first, &dataset, &[3, 1, 4]);
        assert!(was_built);
        assert_eq!(opened(&folder, &first, &dataset, &[3, 1, 4]), (built, false));
        // Other weights, other pictures, the same in another order: nothing that was kept is theirs.
        assert!(opened(&folder, &explainer(4), &dataset, &[3, 1, 4]).1);
        assert!(opened(&folder, &first, &dataset, &[3, 1]).1);
        assert!(opened(&folder, &first, &dataset, &[1, 3, 4]).1);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 4);
    }

    #[test]
    fn a_torn_or_damaged_file_is_made_again() {
        let (keep, dataset, explainer) = place();
        let folder = keep.path().join("features");
        let (built, _) = opened(&folder, &explainer, &dataset, &[0, 1]);
        let path = only_file(&folder);
        let whole = fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        damaged[HEADER + 3] ^= 1;
        let mut of_another = whole.clone();
        of_another[30] ^= 1;
        for content in [&whole[..whole.len() - 2], &whole[..HEADER], b"", b"not ours", &damaged, &of_another]
        {
            fs::write(&path, content).unwrap();
            assert_eq!(opened(&folder, &explainer, &dataset, &[0, 1]), (built.clone(), true));
            assert_eq!(fs::read(only_file(&folder)).unwrap(), whole);
        }
    }

    #[test]
    fn what_cannot_be_kept_is_given_all_the_same() {
        let (keep, dataset, explainer) = place();
        let taken = keep.path().join("taken");
        fs::write(&taken, "a file").unwrap();
        assert_eq!(opened(&taken, &explainer, &dataset, &[2]).0.len(), 1);
        assert!(opened(&keep.path().join("new"), &explainer, &dataset, &[]).0.is_empty());
    }

    #[test]
    fn the_files_used_longest_ago_go_first_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (age, name) in ["new.mien", "old.mien", "older.mien", "oldest.txt"].into_iter().enumerate() {
            fs::write(at(name), [0; 100]).unwrap();
            let file = fs::File::options().write(true).open(at(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(60 * age as u64)).unwrap();
        }
        make_room(folder.path(), 250).unwrap();
        let is_there = ["new.mien", "old.mien", "older.mien", "oldest.txt"].map(|name| at(name).exists());
        assert_eq!(is_there, [true, true, false, true]);
    }
}
