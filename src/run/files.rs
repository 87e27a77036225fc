//! Reading small files that anyone may have put there, and replacing files whole.

use super::RunError;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// No file that this room reads whole is longer; a longer one is not what its name says.
const LONGEST: u64 = 4 << 20;

/// Reads a regular file of at most 4 MiB. A pipe or device of that name is refused instead of waited for.
pub(super) fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    let file = open_regular(path)?;
    let mut content = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LONGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 4 MiB"));
    }
    Ok(content)
}

/// Opens a regular file to read; never blocks on a pipe.
pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
}

/// How much is done so that a file outlives a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// A reader never sees half a file; a power cut may bring the old one back.
    Atomic,
    /// Also on the disk before this returns.
    Synced,
}

/// Replaces `path` by `content`: a reader sees the old file or the new one, never a part. The file's mode is as
/// the process's umask has it, so that others of the group can watch.
pub(super) fn replace(path: &Path, content: &[u8], durability: Durability) -> Result<(), RunError> {
    let attempt = || -> io::Result<()> {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new()
            .prefix(".new-")
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder)?;
        file.write_all(content)?;
        if durability == Durability::Synced {
            file.as_file().sync_data()?;
        }
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    attempt().map_err(|error| {
        // Without the temporary file's name, which says nothing to anyone.
        let plain = error.kind() != io::ErrorKind::Other && error.raw_os_error().is_none();
        RunError::write(path)(if plain { error.kind().into() } else { error })
    })
}
