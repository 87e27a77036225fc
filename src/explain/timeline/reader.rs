use super::lines::{parse_line, parse_probes};
use super::{EpochMaps, Probes, maps_in, pictures_in, probes_in};
use crate::data::{open_regular, read_at, read_small};
use crate::explain::ExplainError;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A timeline is read so far; 80 epochs of twelve probes are a fifth of a megabyte.
pub(super) const MOST_BYTES: u64 = 128 << 20;

/// Reads a run's timeline, and what is added to it.
#[derive(Debug)]
pub struct TimelineReader {
    run: PathBuf,
    probes: Option<(Stamp, Probes)>,
    maps: Option<Stamp>,
    /// Behind the last whole line.
    offset: u64,
    epochs: Vec<EpochMaps>,
}

/// Device and inode: another file has another one.
type Stamp = (u64, u64);

impl TimelineReader {
    /// Of the run in this folder.
    pub fn new(run: &Path) -> Self {
        Self { run: run.to_path_buf(), probes: None, maps: None, offset: 0, epochs: Vec::new() }
    }

    /// `None` of a run without a timeline.
    pub fn probes(&self) -> Option<&Probes> {
        self.probes.as_ref().map(|(_, probes)| probes)
    }

    /// In order, each once.
    pub fn epochs(&self) -> &[EpochMaps] {
        &self.epochs
    }

    /// Reads what is new; whether there was anything. A last line that is not whole yet is left for later, and one that
    /// says no epoch is passed over.
    ///
    /// # Errors
    /// Where files are there and cannot be read.
    pub fn poll(&mut self) -> Result<bool, ExplainError> {
        let probes = self.poll_probes()?;
        let path = maps_in(&self.run);
        let maps = self.poll_maps(&path).map_err(|error| unreadable(&path, error.to_string()))?;
        Ok(probes || maps)
    }

    fn poll_probes(&mut self) -> Result<bool, ExplainError> {
        let now = std::fs::metadata(probes_in(&self.run)).ok().map(|it| (it.dev(), it.ino()));
        if now == self.probes.as_ref().map(|(stamp, _)| *stamp) {
            return Ok(false);
        }
        self.probes = None;
        self.forget_epochs();
        self.probes = now.zip(read_probes(&self.run)?);
        Ok(true)
    }

    fn poll_maps(&mut self, path: &Path) -> io::Result<bool> {
        let Some(count) = self.probes().map(|probes| probes.pictures.len()) else { return Ok(false) };
        let file = match open_regular(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            file => file?,
        };
        let metadata = file.metadata()?;
        let stamp = (metadata.dev(), metadata.ino());
        let length = metadata.len().min(MOST_BYTES);
        // A run that is resumed may have dropped its last epochs.
        let is_another = self.maps.replace(stamp) != Some(stamp) || length < self.offset;
        if is_another {
            self.forget_epochs();
            self.maps = Some(stamp);
        }
        let mut text = vec![0; usize::try_from(length - self.offset).unwrap_or_default()];
        let filled = read_at(&file, &mut text, self.offset)?;
        let whole = memchr::memrchr(b'\n', &text[..filled]).map_or(0, |end| end + 1);
        for maps in text[..whole].split(|byte| *byte == b'\n').filter_map(|line| parse_line(line, count)) {
            // Whoever trains an epoch again has forgotten what came behind it.
            self.epochs.truncate(self.epochs.partition_point(|before| before.epoch < maps.epoch));
            self.epochs.push(maps);
        }
        self.offset += whole as u64;
        Ok(whole > 0 || is_another)
    }

    fn forget_epochs(&mut self) {
        (self.maps, self.offset) = (None, 0);
        self.epochs.clear();
    }
}

/// The probes of a run; `None` where there are none.
pub(super) fn read_probes(run: &Path) -> Result<Option<Probes>, ExplainError> {
    let path = probes_in(run);
    let failed = |error: io::Error| unreadable(&path, error.to_string());
    let text = match read_small(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text.map_err(failed)?,
    };
    let png =
        read_small(&pictures_in(run)).map_err(|error| unreadable(&pictures_in(run), error.to_string()))?;
    parse_probes(&text, &png).map(Some).map_err(|reason| unreadable(&path, reason))
}

fn unreadable(path: &Path, reason: String) -> ExplainError {
    ExplainError::Unreadable { path: path.to_path_buf(), reason }
}
