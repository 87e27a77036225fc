use super::manifest::{self, Entry, Manifest};
use super::pack::{self, Digest, Pack, Packing};
use super::partition::{self, Partition};
use super::{DataError, Split};
use crate::emotion::{CLASSES, Emotion};
use std::path::{Path, PathBuf};

/// A row of the manifest, or a file of an import, that gave no picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub path: PathBuf,
    pub reason: String,
}

/// An opened data set. Its pixels are memory-mapped from the pack, so that opening is quick and several
/// processes share one copy. Pictures count from 0 in the manifest's order, without the skipped rows.
pub struct Dataset {
    root: PathBuf,
    entries: Vec<Entry>,
    skipped: Vec<Skipped>,
    pack: Pack,
    fingerprint: String,
    decoded: usize,
}

impl Dataset {
    /// Opens the set whose `manifest.csv` is in this folder. Where there is no pack of the manifest and the
    /// pictures as they are now, all pictures are decoded first. A row whose picture is missing or unreadable
    /// is skipped; a row that cannot be meant (an unknown label, say) is an error.
    pub fn open(root: &Path) -> Result<Self, DataError> {
        Self::open_with(root, &mut |_, _| {})
    }

    /// As [`Dataset::open`]; while it decodes, `progress` hears how many rows are done, of how many.
    pub fn open_with(root: &Path, progress: &mut dyn FnMut(usize, usize)) -> Result<Self, DataError> {
        Self::open_at(root, &places(root), progress)
    }

    /// As [`Dataset::open`], but decodes nothing: `None` where there is no pack of the pictures as they are now.
    pub fn open_packed(root: &Path) -> Result<Option<Self>, DataError> {
        let manifest = manifest::read(root)?;
        let pack = packed(root, &places(root), &manifest);
        Ok(pack.map(|pack| Self::of(root, manifest.entries, pack, 0)))
    }

    /// `places`: where packs of this set may be, best first.
    pub(super) fn open_at(
        root: &Path,
        places: &[PathBuf],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, DataError> {
        let manifest = manifest::read(root)?;
        if let Some(pack) = packed(root, places, &manifest) {
            return Ok(Self::of(root, manifest.entries, pack, 0));
        }
        let Manifest { entries, digest } = manifest;
        let packing = Packing::decode(root, &entries, places, progress)?;
        let decoded = packing.pictures();
        let pack = packing.finish(digest, &entries)?;
        Ok(Self::of(root, entries, pack, decoded))
    }

    pub(super) fn of(root: &Path, rows: Vec<Entry>, pack: Pack, decoded: usize) -> Self {
        let skipped = (pack.skipped.iter())
            .map(|(row, reason)| Skipped { path: rows[*row].path.clone(), reason: reason.clone() })
            .collect();
        let entries = pack::kept(&rows, &pack.skipped).into_iter().cloned().collect();
        let fingerprint = blake3::Hash::from(pack.fingerprint).to_hex().to_string();
        // Fails only without a current folder; a relative path is as good then.
        let root = std::path::absolute(root).unwrap_or_else(|_| root.into());
        Self { root, entries, skipped, pack, fingerprint, decoded }
    }

    /// The set's folder, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The manifest's row of picture `i`. Panics unless `i` < [`Dataset::len`], as do all that take an index.
    pub fn entry(&self, i: usize) -> &Entry {
        &self.entries[i]
    }

    pub fn label(&self, i: usize) -> Emotion {
        self.entries[i].label
    }

    /// SIDE * SIDE grey levels, rows first.
    pub fn pixels(&self, i: usize) -> &[u8] {
        self.pack.pixels(i)
    }

    /// The absolute path of the picture's file.
    pub fn picture_path(&self, i: usize) -> PathBuf {
        self.root.join(&self.entries[i].path)
    }

    /// Equal for pictures with equal pixels, and for no others.
    pub fn digest(&self, i: usize) -> &[u8; 32] {
        &self.pack.digests[i]
    }

    /// Hex, of all pixels, labels and splits in order. A set that was moved keeps it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Rows of the manifest whose picture is missing or unreadable.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// How many pictures this opening had to decode: none where the pack was there.
    pub fn decoded(&self) -> usize {
        self.decoded
    }

    /// The pictures of a split as the manifest has it, in order.
    pub fn indices(&self, split: Split) -> Vec<usize> {
        (0..self.len()).filter(|i| self.entries[*i].split == split).collect()
    }

    /// Pictures by split (in the order of [`Split::ALL`]) and class.
    pub fn counts(&self) -> [[usize; CLASSES]; 3] {
        let mut counts = [[0; CLASSES]; 3];
        for entry in &self.entries {
            counts[entry.split as usize][entry.label.index()] += 1;
        }
        counts
    }

    /// The pictures to train on, to select by and to test with. `valid` is cut from the manifest's train split:
    /// `fraction` of each class to within one picture, as far as pictures with equal pixels, which stay on one
    /// side, allow. It depends on the pictures, the fraction and the seed, not on their order.
    ///
    /// Rows that the manifest calls valid are used only where `fraction` is 0: published "validation" sets are
    /// known to be parts of the test set, and who selects by them selects on the test set. For the same reason a
    /// train picture that also stands in the test split becomes a valid one only where its class has no other.
    pub fn partition(&self, fraction: f64, seed: u64) -> Partition {
        let test = self.indices(Split::Test);
        let train = self.indices(Split::Train);
        if fraction.is_nan() || fraction <= 0.0 {
            return Partition { train, valid: self.indices(Split::Valid), test };
        }
        let seen: std::collections::HashSet<&Digest> = test.iter().map(|i| self.digest(*i)).collect();
        let pictures = train.into_iter().map(|index| partition::Picture {
            index,
            label: self.label(index),
            digest: self.digest(index),
            in_test: seen.contains(self.digest(index)),
        });
        let (train, valid) = partition::cut(pictures.collect(), fraction.min(1.0), seed);
        Partition { train, valid, test }
    }
}

impl std::fmt::Debug for Dataset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither pixels nor rows: there are thousands.
        f.debug_struct("Dataset")
            .field("root", &self.root)
            .field("pictures", &self.len())
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

/// The pack of a manifest and its pictures as they are now.
fn packed(root: &Path, places: &[PathBuf], manifest: &Manifest) -> Option<Pack> {
    let packs: Vec<&PathBuf> = places.iter().filter(|place| place.is_file()).collect();
    if packs.is_empty() {
        return None;
    }
    let key = pack::key(manifest.digest, &pack::stamps(root, &manifest.entries));
    packs.iter().find_map(|place| Pack::load(place, &key, &manifest.entries))
}

/// Where the pack of a set may be: beside the manifest, or in the user's cache folder where that is read-only.
pub(super) fn places(root: &Path) -> Vec<PathBuf> {
    use etcetera::BaseStrategy;
    let mut places = vec![root.join("pack.mien")];
    if let (Ok(user), Ok(root)) = (etcetera::choose_base_strategy(), root.canonicalize()) {
        let name = blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex();
        places.push(user.cache_dir().join("mien").join("packs").join(format!("{}.mien", &name[..32])));
    }
    places
}

#[cfg(test)]
#[path = "dataset_tests.rs"]
mod tests;
