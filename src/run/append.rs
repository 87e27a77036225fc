use super::RunError;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that one process adds whole records to. What a failed write has left of a record, as on a full disk, is
/// taken back, so that the next record does not stick to it.
#[derive(Debug)]
pub(super) struct AppendFile {
    path: PathBuf,
    file: File,
    length: u64,
    /// A part of a record stands behind `length` and could not be taken back yet.
    torn: bool,
}

impl AppendFile {
    pub(super) fn open(path: &Path) -> Result<Self, RunError> {
        let open = || -> io::Result<(File, u64)> {
            let file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
            let length = file.metadata()?.len();
            Ok((file, length))
        };
        let (file, length) = open().map_err(RunError::write(path))?;
        Ok(Self { path: path.to_path_buf(), file, length, torn: false })
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Forgets what stands behind `length`.
    pub(super) fn cut(&mut self, length: u64) -> Result<(), RunError> {
        self.file.set_len(length).map_err(RunError::write(&self.path))?;
        self.length = length;
        Ok(())
    }

    /// Adds a record with one write.
    pub(super) fn append(&mut self, record: &[u8]) -> Result<(), RunError> {
        if self.torn {
            self.cut(self.length)?;
            self.torn = false;
        }
        match self.file.write_all(record) {
            Ok(()) => {
                self.length += record.len() as u64;
                Ok(())
            }
            Err(error) => {
                self.torn = self.file.set_len(self.length).is_err();
                Err(RunError::write(&self.path)(error))
            }
        }
    }

    /// Returns when everything is on the disk.
    pub(super) fn sync(&self) -> Result<(), RunError> {
        self.file.sync_data().map_err(RunError::write(&self.path))
    }
}
