//! Reading small files that anyone may have put there, and replacing files whole.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// No file that is read whole by [`read_small`] is longer; a longer one is not what its name says.
const LONGEST: u64 = 4 << 20;

/// Reads a regular file of at most 4 MiB. A pipe or device of that name is refused instead of waited for.
pub(crate) fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    read_whole(open_regular(path)?)
}

/// As [`read_small`], of text.
pub(crate) fn read_small_text(path: &Path) -> io::Result<String> {
    text(read_small(path)?)
}

/// As [`read_small_text`], also from a pipe, which is waited for: for a file that a person has named.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    text(read_whole(File::open(path)?)?)
}

fn read_whole(file: File) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LONGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 4 MiB"));
    }
    Ok(content)
}

fn text(content: Vec<u8>) -> io::Result<String> {
    String::from_utf8(content)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not text in UTF-8"))
}

/// Opens a regular file to read; never blocks on a pipe.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
}

/// Fills `buffer` from the place `at` of a file on, as far as the file goes; how much that is.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], at + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// How much is done so that a file outlives a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// A reader never sees half a file; a power cut may bring the old one back.
    Atomic,
    /// Also on the disk before this returns.
    Synced,
}

/// Replaces `path` by what `write` writes: a reader sees the old file or the new one, never a part.
pub(crate) fn replace(
    path: &Path,
    durability: Durability,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = new_file_in(folder)?;
    {
        let mut buffered = BufWriter::new(file.as_file_mut());
        write(&mut buffered)?;
        buffered.flush()?;
    }
    if durability == Durability::Synced {
        file.as_file().sync_data()?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A nameless-to-people file that is renamed when it is whole. Its mode is as the process's umask has it, so that
/// others of the group can read it.
pub(crate) fn new_file_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".new-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
        // Without the temporary file's name, which says nothing to anyone.
        .map_err(|error| if error.raw_os_error().is_none() { error.kind().into() } else { error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace(&path, Durability::Synced, |file| file.write_all(b"old")).unwrap();
        let torn = replace(&path, Durability::Atomic, |file| {
            file.write_all(b"ne")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(torn.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(read_small_text(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn pipes_folders_and_long_files_are_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(read_small(&pipe).unwrap_err().to_string().contains("not a regular file"));
        assert!(read_small(folder.path()).is_err());
        let long = folder.path().join("long");
        File::create(&long).unwrap().set_len(LONGEST + 1).unwrap();
        assert!(read_small(&long).unwrap_err().to_string().contains("4 MiB"));
    }
}
