use super::lines::{parse_line, parse_probes};
use super::{EpochMaps, Probes, maps_in, pictures_in, probes_in};
use crate::data::{open_regular, read_at, read_small};
use crate::evaluate::Wanted;
use crate::explain::ExplainError;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Read at once; a line that is longer says no epoch. One of 256 probes with maps of 16 x 16 has a megabyte.
const BLOCK: u64 = 8 << 20;
/// Further ones are not read.
const MOST_EPOCHS: usize = 100_000;

/// Reads a run's timeline, and what is added to it. It keeps where the epochs are and not what they say, so that a long
/// timeline takes no more memory than a short one.
#[derive(Debug)]
pub struct TimelineReader {
    run: PathBuf,
    probes: Option<(Stamp, Probes)>,
    maps: Option<Stamp>,
    /// Behind the last whole line.
    offset: u64,
    lines: Vec<Line>,
}

/// Device and inode: another file has another one.
type Stamp = (u64, u64);

/// Where an epoch is, without the end of its line.
#[derive(Clone, Copy, Debug)]
struct Line {
    epoch: u32,
    offset: u64,
    length: usize,
}

impl TimelineReader {
    /// Of the run in this folder.
    pub fn new(run: &Path) -> Self {
        Self { run: run.to_path_buf(), probes: None, maps: None, offset: 0, lines: Vec::new() }
    }

    /// `None` of a run without a timeline.
    pub fn probes(&self) -> Option<&Probes> {
        self.probes.as_ref().map(|(_, probes)| probes)
    }

    /// In order, each once.
    pub fn epochs(&self) -> Vec<u32> {
        self.lines.iter().map(|line| line.epoch).collect()
    }

    /// What the network said after one of [`TimelineReader::epochs`]; `None` where the file was written anew since.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn read(&self, epoch: u32) -> Result<Option<EpochMaps>, ExplainError> {
        let place = self.lines.binary_search_by_key(&epoch, |line| line.epoch).ok();
        let (Some(place), Some(probes)) = (place, self.probes()) else { return Ok(None) };
        let Line { offset, length, .. } = self.lines[place];
        let path = maps_in(&self.run);
        let mut text = vec![0; length];
        let filled = open_regular(&path)
            .and_then(|file| read_at(&file, &mut text, offset))
            .map_err(|error| unreadable(&path, error.to_string()))?;
        let maps = parse_line(&text[..filled], probes.pictures.len());
        Ok(maps.filter(|maps| maps.epoch == epoch))
    }

    /// Reads what is new, as long as it is `wanted`, and goes on there the next time; whether there was anything. A last
    /// line that is not whole yet is left for later, and one that says no epoch is passed over.
    ///
    /// # Errors
    /// Where files are there and cannot be read.
    pub fn poll(&mut self, wanted: Wanted) -> Result<bool, ExplainError> {
        let probes = self.poll_probes()?;
        let path = maps_in(&self.run);
        let maps = self.poll_maps(&path, wanted).map_err(|error| unreadable(&path, error.to_string()))?;
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

    fn poll_maps(&mut self, path: &Path, wanted: Wanted) -> io::Result<bool> {
        let Some(count) = self.probes().map(|probes| probes.pictures.len()) else { return Ok(false) };
        let file = match open_regular(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            file => file?,
        };
        let metadata = file.metadata()?;
        let stamp = (metadata.dev(), metadata.ino());
        let length = metadata.len();
        // A run that is resumed may have dropped its last epochs.
        let is_another = self.maps.replace(stamp) != Some(stamp) || length < self.offset;
        if is_another {
            self.forget_epochs();
            self.maps = Some(stamp);
        }
        let (before, mut block) = (self.offset, Vec::new());
        while self.offset < length && wanted() {
            block.resize(usize::try_from((length - self.offset).min(BLOCK)).unwrap_or_default(), 0);
            let filled = read_at(&file, &mut block, self.offset)?;
            let whole = memchr::memrchr(b'\n', &block[..filled]).map_or(0, |end| end + 1);
            match whole {
                // What is left of it says no epoch, either.
                0 if filled as u64 == BLOCK => self.offset += BLOCK,
                0 => break,
                _ => self.index(&block[..whole], count),
            }
        }
        Ok(self.offset > before || is_another)
    }

    /// Takes whole lines, which follow those that are known.
    fn index(&mut self, text: &[u8], probes: usize) {
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let (offset, length) = (self.offset, line.len() - 1);
            self.offset += line.len() as u64;
            let Some(EpochMaps { epoch, .. }) = parse_line(&line[..length], probes) else { continue };
            // Whoever trains an epoch again has forgotten what came behind it.
            let behind = self.lines.partition_point(|before| before.epoch < epoch);
            self.lines.truncate(behind);
            if self.lines.len() < MOST_EPOCHS {
                self.lines.push(Line { epoch, offset, length });
            }
        }
    }

    fn forget_epochs(&mut self) {
        (self.maps, self.offset) = (None, 0);
        self.lines.clear();
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
