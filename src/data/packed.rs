use super::dataset::places;
use super::manifest::{self, Manifest};
use super::pack::Pack;
use super::{DataError, Photo};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A longer pack is not read for a single picture.
const LONGEST: u64 = 512 << 20;

/// The pictures of a data set by their paths, also where the files are gone: from its pack, which is opened only
/// where it is there already.
pub struct Packed {
    root: PathBuf,
    pack: Pack,
    /// Each picture's place in the pack.
    places: HashMap<PathBuf, usize>,
}

impl Packed {
    /// `None` where the set has no pack that belongs to its manifest, or a very long one.
    pub fn open(root: &Path) -> Result<Option<Self>, DataError> {
        // A pipe of that name would be waited for.
        if !manifest::file_in(root).is_file() {
            return Ok(None);
        }
        let Manifest { entries, .. } = manifest::read(root)?;
        let is_short = |place: &PathBuf| {
            std::fs::metadata(place).is_ok_and(|file| file.is_file() && file.len() <= LONGEST)
        };
        let pack = places(root).into_iter().filter(is_short).find_map(|place| Pack::of(&place, &entries));
        Ok(pack.map(|pack| {
            let rows = super::pack::kept(&entries, &pack.skipped);
            let places = rows.into_iter().enumerate().map(|(i, row)| (row.path.clone(), i)).collect();
            Self { root: root.into(), pack, places }
        }))
    }

    /// The picture with this path, as the manifest has it or absolute.
    pub fn photo(&self, path: &Path) -> Option<Photo> {
        let below = || self.places.get(path.strip_prefix(&self.root).ok()?);
        let place = self.places.get(path).or_else(below)?;
        Some(Photo::from_grey(self.pack.pixels(*place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Dataset, drawn, read_picture};

    #[test]
    fn a_picture_whose_file_is_gone_comes_from_the_pack() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("faces");
        drawn::write_set(&root, 4, 1, &mut |_, _| {}).unwrap();
        std::fs::remove_file(root.join("pack.mien")).unwrap();
        assert!(Packed::open(&root).unwrap().is_none(), "none is made");
        let set = Dataset::open(&root).unwrap();
        let (path, other) = (set.entry(5).path.clone(), set.entry(6).path.clone());
        let grey = read_picture(&root.join(&path)).unwrap();
        std::fs::remove_file(root.join(&path)).unwrap();
        let packed = Packed::open(&root).unwrap().unwrap();
        assert_eq!(packed.photo(&path).unwrap(), Photo::from_grey(&grey));
        assert_eq!(packed.photo(&root.join(&path)).unwrap(), Photo::from_grey(&grey));
        assert_ne!(packed.photo(&other).unwrap(), Photo::from_grey(&grey));
        assert!(packed.photo(Path::new("train/none.png")).is_none());
        // A manifest of other rows has no pack.
        let manifest = std::fs::read_to_string(root.join("manifest.csv")).unwrap();
        let shorter: Vec<&str> = manifest.lines().take(9).collect();
        std::fs::write(root.join("manifest.csv"), shorter.join("\n")).unwrap();
        assert!(Packed::open(&root).unwrap().is_none());
    }
}
