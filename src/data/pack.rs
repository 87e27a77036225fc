//! All pixels of a data set in one file, so that a start reads no picture: a header of one page, SIDE * SIDE
//! grey levels for each picture, then which rows of the manifest were skipped and why.
//!
//! A pack belongs to one state of one manifest and its pictures (their sizes and times); anything else, and any
//! damage, makes it stale, and a stale pack is made again. It is never changed: a new one is renamed over it.

use super::decode::{PictureReader, Stamp};
use super::files::new_file_in;
use super::manifest::Entry;
use super::{DataError, PIXELS, SIDE};
use memmap2::Mmap;
use rayon::prelude::*;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

const MAGIC: &[u8; 8] = b"MIENPACK";
const VERSION: u32 = 1;
/// Where the pixels begin: a page, so that they are aligned in memory.
const PAGE: usize = 4096;
/// Magic, version, side, pictures, length of the notes, key, fingerprint; a checksum of these and the notes follows.
const HEADER: usize = 8 + 4 + 4 + 8 + 8 + 32 + 32;
/// Pictures that are decoded before they are written: enough to keep many cores busy, 16 MiB.
const CHUNK: usize = 4096;

pub(super) type Digest = [u8; 32];

/// Rows of the manifest that gave no picture, in order, with the reason.
pub(super) type SkippedRows = Vec<(usize, String)>;

/// An open pack; its pixels lie in memory that the system fills from the file.
pub(super) struct Pack {
    file: Mmap,
    /// Of each picture's pixels.
    pub digests: Vec<Digest>,
    pub fingerprint: Digest,
    pub skipped: SkippedRows,
}

impl Pack {
    pub fn pixels(&self, picture: usize) -> &[u8] {
        &self.file[PAGE + picture * PIXELS..][..PIXELS]
    }

    /// Opens the pack if it was made from this state of these rows and is undamaged.
    pub fn load(path: &Path, key: &Digest, rows: &[Entry]) -> Option<Self> {
        Self::open(path, Some(key), rows)
    }

    /// Opens the pack if it has these rows' labels and splits and is undamaged, whatever became of their files.
    pub fn of(path: &Path, rows: &[Entry]) -> Option<Self> {
        Self::open(path, None, rows)
    }

    fn open(path: &Path, key: Option<&Digest>, rows: &[Entry]) -> Option<Self> {
        let file = std::fs::File::open(path).ok()?;
        // SAFETY: packs are written to a new file and renamed, never changed or cut, so the map stays valid.
        let file = unsafe { Mmap::map(&file) }.ok()?;
        let header = Header::parse(&file)?;
        let end = header.pictures.checked_mul(PIXELS)?.checked_add(PAGE)?;
        let notes = file.get(end..)?;
        if key.is_some_and(|key| header.key != *key)
            || header.check(notes) != file[HEADER..HEADER + 32]
            || notes.len() != header.notes
        {
            return None;
        }
        let skipped: SkippedRows = serde_json::from_slice(notes).ok()?;
        let in_order = skipped.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let exist = skipped.iter().all(|(row, _)| *row < rows.len());
        if !in_order || !exist || header.pictures + skipped.len() != rows.len() {
            return None;
        }
        // Reads every pixel once, at more than a gigabyte a second: what trains is what was packed.
        let digests: Vec<Digest> = file[PAGE..end].par_chunks_exact(PIXELS).map(digest).collect();
        let fingerprint = fingerprint(&digests, &kept(rows, &skipped));
        (fingerprint == header.fingerprint).then_some(Self { file, digests, fingerprint, skipped })
    }
}

/// Pixels on their way into a pack: written to a file of their own, which becomes the pack in the end.
pub(super) struct Packing {
    file: NamedTempFile,
    /// Where the pack will be.
    place: PathBuf,
    stamps: Vec<Option<Stamp>>,
    digests: Vec<Digest>,
    pub skipped: SkippedRows,
}

impl Packing {
    /// Decodes the pictures of all rows on all cores. The pack goes to the first of `places` whose folder can
    /// be written to. `progress` hears how many rows are done, of how many.
    pub fn decode(
        root: &Path,
        rows: &[Entry],
        places: &[PathBuf],
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, DataError> {
        let needed = (PAGE + rows.len() * PIXELS) as u64;
        let (file, place) = new_file(places, needed)?;
        let mut packing = Self {
            file,
            place,
            stamps: Vec::with_capacity(rows.len()),
            digests: Vec::new(),
            skipped: Vec::new(),
        };
        packing.append(&[0; PAGE], needed)?;
        let mut pixels = vec![0; CHUNK.min(rows.len()) * PIXELS];
        progress(0, rows.len());
        for chunk in rows.chunks(CHUNK) {
            let decoded: Vec<_> = pixels
                .par_chunks_exact_mut(PIXELS)
                .zip(chunk)
                .map_init(PictureReader::default, |reader, (out, row)| {
                    let (stamp, result) = reader.read(&root.join(&row.path), out);
                    (stamp, result.map(|()| digest(out)))
                })
                .collect();
            let mut good = 0;
            for (slot, (stamp, result)) in decoded.into_iter().enumerate() {
                match result {
                    Ok(digest) => {
                        if good < slot {
                            pixels.copy_within(slot * PIXELS..(slot + 1) * PIXELS, good * PIXELS);
                        }
                        good += 1;
                        packing.digests.push(digest);
                    }
                    Err(reason) => packing.skipped.push((packing.stamps.len(), reason)),
                }
                packing.stamps.push(stamp);
            }
            packing.append(&pixels[..good * PIXELS], needed)?;
            progress(packing.stamps.len(), rows.len());
        }
        Ok(packing)
    }

    /// How many pictures were decoded.
    pub fn pictures(&self) -> usize {
        self.digests.len()
    }

    /// Lets go of the rows that were skipped, for a manifest that will not name them.
    pub fn forget_skipped(&mut self) {
        let mut skipped = self.skipped.drain(..).map(|(row, _)| row).peekable();
        let mut row = 0;
        self.stamps.retain(|_| {
            row += 1;
            skipped.next_if_eq(&(row - 1)).is_none()
        });
    }

    /// Completes the pack of the manifest with this digest and these rows, and opens it.
    pub fn finish(mut self, manifest: blake3::Hash, rows: &[Entry]) -> Result<Pack, DataError> {
        // A list of numbers and strings is always JSON.
        let notes = serde_json::to_vec(&self.skipped).unwrap_or_default();
        let header = Header {
            pictures: self.digests.len(),
            notes: notes.len(),
            key: key(manifest, &self.stamps),
            fingerprint: fingerprint(&self.digests, &kept(rows, &self.skipped)),
        };
        self.append(&notes, notes.len() as u64)?;
        let mut page = header.bytes().to_vec();
        page.extend_from_slice(&header.check(&notes));
        let file = self.file.as_file_mut();
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.write_all(&page))
            .and_then(|()| file.sync_all())
            .map_err(|source| DataError::write(&self.place, PAGE as u64, source))?;
        let file = self
            .file
            .persist(&self.place)
            .map_err(|error| DataError::write(&self.place, PAGE as u64, error.error))?;
        // SAFETY: as in `Pack::load`.
        let file = unsafe { Mmap::map(&file) }
            .map_err(|source| DataError::Read { path: self.place.clone(), source })?;
        Ok(Pack { file, digests: self.digests, fingerprint: header.fingerprint, skipped: self.skipped })
    }

    fn append(&mut self, bytes: &[u8], needed: u64) -> Result<(), DataError> {
        self.file.write_all(bytes).map_err(|source| DataError::write(&self.place, needed, source))
    }
}

/// What a pack must have been made from to be the pack of this manifest now.
pub(super) fn key(manifest: blake3::Hash, stamps: &[Option<Stamp>]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(manifest.as_bytes());
    for stamp in stamps {
        match stamp {
            Some(stamp) => hasher.update(&[1]).update(&stamp.bytes()),
            None => hasher.update(&[0]),
        };
    }
    hasher.finalize().into()
}

/// The stamps of the rows' files as they are now.
pub(super) fn stamps(root: &Path, rows: &[Entry]) -> Vec<Option<Stamp>> {
    rows.par_iter().map(|row| Stamp::at(&root.join(&row.path))).collect()
}

/// The rows that gave a picture.
pub(super) fn kept<'a>(rows: &'a [Entry], skipped: &SkippedRows) -> Vec<&'a Entry> {
    let mut skipped = skipped.iter().map(|(row, _)| *row).peekable();
    let is_kept = |(row, _): &(usize, &Entry)| skipped.next_if_eq(row).is_none();
    rows.iter().enumerate().filter(is_kept).map(|(_, entry)| entry).collect()
}

fn digest(pixels: &[u8]) -> Digest {
    blake3::hash(pixels).into()
}

/// Of pixels, labels and splits, in order; not of paths, so that a set that was moved is the same set.
fn fingerprint(digests: &[Digest], rows: &[&Entry]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    for (digest, row) in digests.iter().zip(rows) {
        hasher.update(digest).update(&[row.label.index() as u8, row.split as u8]);
    }
    hasher.finalize().into()
}

/// A new file in the first place that can be written to and has room.
fn new_file(places: &[PathBuf], needed: u64) -> Result<(NamedTempFile, PathBuf), DataError> {
    let mut first_error = None;
    for place in places {
        let folder = place.parent().unwrap_or(Path::new("."));
        // Only the user's cache folder may have to be made; the data set's own is there.
        let made = std::fs::create_dir_all(folder).and_then(|()| {
            // A folder of that name, say, would be noticed only after all the work.
            match place.is_dir() {
                true => Err(std::io::ErrorKind::IsADirectory.into()),
                false => new_file_in(folder),
            }
        });
        match made {
            Ok(_) if !has_room(folder, needed) => {
                return Err(DataError::NoRoom { path: place.clone(), needed });
            }
            Ok(file) => return Ok((file, place.clone())),
            Err(source) => {
                first_error.get_or_insert(DataError::write(place, needed, source));
            }
        }
    }
    Err(first_error.unwrap_or(DataError::Write {
        path: PathBuf::from("pack.mien"),
        source: std::io::ErrorKind::NotFound.into(),
    }))
}

/// Whether the folder's file system says that it has the room; one that says nothing is believed.
fn has_room(folder: &Path, needed: u64) -> bool {
    rustix::fs::statvfs(folder)
        .map_or(true, |fs| fs.f_blocks == 0 || fs.f_bavail.saturating_mul(fs.f_frsize) >= needed)
}

struct Header {
    pictures: usize,
    notes: usize,
    key: Digest,
    fingerprint: Digest,
}

impl Header {
    fn bytes(&self) -> [u8; HEADER] {
        let mut all = [0; HEADER];
        let mut rest = &mut all[..];
        let fields: [&[u8]; 7] = [
            MAGIC,
            &VERSION.to_le_bytes(),
            &(SIDE as u32).to_le_bytes(),
            &(self.pictures as u64).to_le_bytes(),
            &(self.notes as u64).to_le_bytes(),
            &self.key,
            &self.fingerprint,
        ];
        for field in fields {
            let (to, after) = rest.split_at_mut(field.len());
            to.copy_from_slice(field);
            rest = after;
        }
        all
    }

    /// Reads what is a pack of this version; everything else is none.
    fn parse(file: &[u8]) -> Option<Self> {
        let page = file.get(..PAGE)?;
        let number =
            |at: usize| usize::try_from(u64::from_le_bytes(page.get(at..at + 8)?.try_into().ok()?)).ok();
        let header = Self {
            pictures: number(16)?,
            notes: number(24)?,
            key: page[32..64].try_into().ok()?,
            fingerprint: page[64..96].try_into().ok()?,
        };
        (header.bytes() == page[..HEADER]).then_some(header)
    }

    fn check(&self, notes: &[u8]) -> Digest {
        blake3::Hasher::new().update(&self.bytes()).update(notes).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_without_room_is_noticed_before_the_work() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("pack.mien");
        let error = new_file(&[place], u64::MAX).unwrap_err().to_string();
        assert!(error.contains("no room for") && error.contains("pack.mien"), "{error}");
    }

    #[test]
    fn a_disk_that_fills_up_meanwhile_is_told_from_other_failures() {
        let full =
            DataError::write("/a/pack.mien", 5 << 20, std::io::ErrorKind::StorageFull.into()).to_string();
        assert!(full.contains("no room for /a/pack.mien (5.0 MiB are needed)"), "{full}");
        let other = DataError::write("/a/pack.mien", 1, std::io::ErrorKind::PermissionDenied.into());
        assert!(matches!(other, DataError::Write { .. }));
    }
}
