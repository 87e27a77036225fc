use super::DiskSample;
use std::path::Path;

/// The disk that a folder is on, also one that is still to be made.
pub(super) fn disk_of(folder: &Path) -> Option<DiskSample> {
    let folder = std::path::absolute(folder).ok()?;
    let disk = folder.ancestors().find_map(|folder| rustix::fs::statvfs(folder).ok())?;
    Some(DiskSample {
        total_bytes: disk.f_blocks.saturating_mul(disk.f_frsize),
        free_bytes: disk.f_bavail.saturating_mul(disk.f_frsize),
    })
}

/// The bytes of all files below a folder; links are not followed, and what cannot be read counts nothing.
pub fn folder_bytes(folder: &Path) -> u64 {
    let files = walkdir::WalkDir::new(folder).into_iter().flatten();
    files.filter_map(|entry| entry.metadata().ok()).filter(|file| file.is_file()).map(|file| file.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_still_to_be_made_is_on_a_disk() {
        let here = tempfile::tempdir().unwrap();
        let disk = disk_of(&here.path().join("none/of/these")).unwrap();
        assert!(disk.total_bytes > 0 && disk.free_bytes <= disk.total_bytes);
    }

    #[test]
    fn a_folder_has_the_bytes_of_its_files_and_not_of_what_links_lead_to() {
        let here = tempfile::tempdir().unwrap();
        std::fs::create_dir(here.path().join("inner")).unwrap();
        std::fs::write(here.path().join("a"), [0; 1000]).unwrap();
        std::fs::write(here.path().join("inner/b"), [0; 234]).unwrap();
        std::os::unix::fs::symlink("/", here.path().join("all")).unwrap();
        assert_eq!(folder_bytes(here.path()), 1234);
        assert_eq!(folder_bytes(&here.path().join("none")), 0);
    }
}
