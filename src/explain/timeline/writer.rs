use super::lines::{epoch_line, parse_line, pictures_png, probes_text};
use super::reader::read_probes;
use super::{EpochMaps, Probes, folder_in, maps_in, pictures_in, probes_in};
use crate::data::{Durability, open_regular, replace};
use crate::explain::ExplainError;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// What was written before is read so far; 80 epochs of twelve probes are a fifth of a megabyte.
const MOST_BYTES: u64 = 128 << 20;

/// Adds epochs to a run's timeline. One at a time: hold the run's lock.
#[derive(Debug)]
pub struct TimelineWriter {
    path: PathBuf,
    file: File,
    /// Of the whole lines.
    length: u64,
}

impl TimelineWriter {
    /// Goes on behind the first `epochs` epochs of the timeline that is there, if it is of the same probes; whatever
    /// else is there is dropped, as a run that is resumed trains those epochs again.
    ///
    /// # Errors
    /// Where the folder of the run cannot be written to.
    pub fn open(run: &Path, probes: &Probes, epochs: usize) -> Result<Self, ExplainError> {
        let path = maps_in(run);
        let begin = || -> io::Result<(File, u64)> {
            // Not the folders above it: a run that was removed stays removed.
            if !folder_in(run).is_dir() {
                fs::create_dir(folder_in(run))?;
            }
            let there = read(&path)?;
            let is_same = read_probes(run).is_ok_and(|before| before.as_ref() == Some(probes));
            let kept = if is_same { kept(&there, probes, epochs) } else { Vec::new() };
            if kept != there {
                replace(&path, Durability::Atomic, |file| file.write_all(&kept))?;
            }
            if !is_same {
                let (png, text) = (pictures_png(probes).map_err(io::Error::other)?, probes_text(probes)?);
                replace(&pictures_in(run), Durability::Atomic, |file| file.write_all(&png))?;
                replace(&probes_in(run), Durability::Atomic, |file| file.write_all(&text))?;
            }
            let file = OpenOptions::new().create(true).append(true).open(&path)?;
            Ok((file, kept.len() as u64))
        };
        let (file, length) = begin().map_err(|source| unwritable(&path, source))?;
        Ok(Self { path, file, length })
    }

    /// Adds one epoch with one write. After a failure, as on a full disk, the next one may be tried.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn append(&mut self, maps: &EpochMaps) -> Result<(), ExplainError> {
        let write = |file: &mut File, length: u64| -> io::Result<u64> {
            let line = epoch_line(maps)?;
            // What an earlier failure has left of a line.
            if file.metadata()?.len() != length {
                file.set_len(length)?;
            }
            file.write_all(&line)?;
            Ok(length + line.len() as u64)
        };
        self.length = write(&mut self.file, self.length).map_err(|source| unwritable(&self.path, source))?;
        Ok(())
    }
}

/// All that a reader reads of it; nothing where it is not there.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    match open_regular(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        file => drop(file?.take(MOST_BYTES).read_to_end(&mut text)?),
    }
    Ok(text)
}

/// The lines of the first so many epochs.
fn kept(text: &[u8], probes: &Probes, epochs: usize) -> Vec<u8> {
    let belongs = |line: &&[u8]| {
        line.ends_with(b"\n")
            && parse_line(line, probes.pictures.len()).is_some_and(|maps| maps.epoch as usize <= epochs)
    };
    text.split_inclusive(|byte| *byte == b'\n').filter(belongs).flatten().copied().collect()
}

fn unwritable(path: &Path, source: io::Error) -> ExplainError {
    ExplainError::Unwritable { path: path.to_path_buf(), source }
}
