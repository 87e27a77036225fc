//! Faces that are drawn: a data set that needs no data, with known places of what shows the emotion. Who a face
//! is, how it is held and lit, is drawn by chance and says nothing of its class.

mod canvas;
mod expression;
mod face;
mod person;
mod photograph;

use super::files::open_regular;
use super::manifest::{self, Entry};
use super::shown::shown;
use super::{DataError, Dataset, SIDE, Split};
use crate::emotion::Emotion;
use face::{Face, Region};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawnSet {
    /// Pictures of each split, all classes together.
    pub train: usize,
    pub test: usize,
}

/// Draws `per_class` train pictures and a quarter as many test pictures of each class into `out` as PNGs, with
/// `manifest.csv`, the pack, and `regions.csv`: `path,region,x0,y0,x1,y1`, for each picture the boxes (in
/// pixels, x1 and y1 just outside) of the parts of the face that carry its expression.
///
/// The same seed draws the same bytes, and the first pictures of a class do not depend on how many there are.
/// An earlier drawn set in `out` is replaced; a folder that holds anything else is refused. `progress` hears how
/// many pictures are drawn, of how many.
pub fn write_set(
    out: &Path,
    per_class: usize,
    seed: u64,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<DrawnSet, DataError> {
    prepare(out)?;
    let mut pictures = Vec::new();
    for (split, count) in [(Split::Train, per_class), (Split::Test, per_class / 4)] {
        for label in Emotion::ALL {
            let folder = PathBuf::from(split.name()).join(label.name());
            make(&out.join(&folder))?;
            pictures.extend((0..count).map(|number| Picture {
                entry: Entry { path: folder.join(format!("{number:05}.png")), label, split },
                key: [seed, split as u64, label.index() as u64, number as u64],
            }));
        }
    }
    let mut regions = String::from("path,region,x0,y0,x1,y1\n");
    let mut done = 0;
    for some in pictures.chunks(512) {
        let drawn: Vec<Vec<Region>> =
            some.par_iter().map(|picture| picture.write(out)).collect::<Result<_, _>>()?;
        for (picture, parts) in some.iter().zip(drawn) {
            for Region { name, bounds: [x0, y0, x1, y1] } in parts {
                // Our own names hold nothing that CSV would have to quote.
                regions += &format!("{},{name},{x0},{y0},{x1},{y1}\n", picture.entry.path.display());
            }
        }
        done += some.len();
        progress(done, pictures.len());
    }
    manifest::write_whole(&regions_in(out), regions.as_bytes())?;
    let entries: Vec<Entry> = pictures.into_iter().map(|picture| picture.entry).collect();
    manifest::write(out, &entries)?;
    Dataset::open(out)?;
    let of = |split: Split| entries.iter().filter(|entry| entry.split == split).count();
    Ok(DrawnSet { train: of(Split::Train), test: of(Split::Test) })
}

/// A part of a face by its name, and its box: left, top, right and bottom in pixels, right and bottom just outside.
pub type NamedBox = (String, [u32; 4]);

/// The boxes of `regions.csv` in a drawn set by the pictures' paths; `None` where the set was not drawn. Rows that cannot be
/// meant are left out.
pub fn regions(root: &Path) -> Option<HashMap<PathBuf, Vec<NamedBox>>> {
    let mut rows = csv::Reader::from_reader(open_regular(&regions_in(root)).ok()?);
    let mut regions: HashMap<PathBuf, Vec<_>> = HashMap::new();
    for (path, part, x0, y0, x1, y1) in rows.deserialize().flatten() {
        regions.entry(path).or_default().push((part, [x0, y0, x1, y1]));
    }
    Some(regions)
}

struct Picture {
    entry: Entry,
    key: [u64; 4],
}

impl Picture {
    fn write(&self, out: &Path) -> Result<Vec<Region>, DataError> {
        let Face { pixels, regions } = face::draw(self.entry.label, &self.key);
        let path = out.join(&self.entry.path);
        let mut file = std::io::Cursor::new(Vec::new());
        image::write_buffer_with_format(
            &mut file,
            &pixels,
            SIDE as u32,
            SIDE as u32,
            image::ExtendedColorType::L8,
            image::ImageFormat::Png,
        )
        .map_err(|error| DataError::Picture { path: path.clone(), reason: error.to_string() })?;
        let file = file.into_inner();
        std::fs::write(&path, &file).map_err(|error| DataError::write(&path, file.len() as u64, error))?;
        Ok(regions)
    }
}

fn regions_in(root: &Path) -> PathBuf {
    root.join("regions.csv")
}

fn make(folder: &Path) -> Result<(), DataError> {
    std::fs::create_dir_all(folder).map_err(|error| DataError::write(folder, 0, error))
}

/// Makes the folder, or clears an earlier drawn set out of it.
fn prepare(out: &Path) -> Result<(), DataError> {
    make(out)?;
    let mut files = std::fs::read_dir(out).map_err(|source| DataError::Read { path: out.into(), source })?;
    if files.next().is_none() {
        return Ok(());
    }
    let entries = match manifest::read(out) {
        Ok(manifest) if regions_in(out).is_file() => manifest.entries,
        _ => {
            let reason = "holds no set that was drawn earlier".into();
            return Err(DataError::Occupied { path: out.into(), reason });
        }
    };
    // Only what a drawn set's manifest names, and only below its folder.
    for entry in entries.iter().filter(|entry| is_drawn(&entry.path)) {
        match std::fs::remove_file(out.join(&entry.path)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(DataError::Write { path: entry.path.clone(), source: error });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a manifest's path has the form of ours: split/class/number.png.
fn is_drawn(path: &Path) -> bool {
    let parts: Vec<String> = path.components().map(|part| shown(Path::new(part.as_os_str()))).collect();
    let [split, label, file] = &parts[..] else { return false };
    let number = file.strip_suffix(".png").unwrap_or_default();
    Split::ALL.iter().any(|s| s.name() == split)
        && Emotion::ALL.iter().any(|e| e.name() == label)
        && number.len() >= 5
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
