//! What a killed process left in a folder of runs: runs half removed, and drafts of runs that never began.

use super::{RunFolder, folder};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Before the name of a run that is being deleted.
const REMOVED: &str = ".removed-";
/// Before the name of a run that is being made.
pub(super) const DRAFT: &str = ".new-";
/// A draft is filled within a second; one of this age has nobody who fills it.
const FORGOTTEN: Duration = Duration::from_secs(60 * 60);

/// Where a run is moved to before it is deleted.
pub(super) fn doomed(run: &Path, id: &str) -> PathBuf {
    run.with_file_name(format!("{REMOVED}{id}"))
}

/// Deletes what was left in `runs`. What cannot be deleted stays; it is in nobody's list.
pub(super) fn sweep(runs: &Path) {
    for entry in fs::read_dir(runs).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        // Of a link nothing but the link could be deleted, and neither is ever one.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) && is_left(&entry.path(), name) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_left(path: &Path, name: &str) -> bool {
    if let Some(id) = name.strip_prefix(REMOVED) {
        return folder::parts(id).is_some() || RunFolder::at(path.into()).looks_like_a_run();
    }
    let age = || SystemTime::now().duration_since(fs::metadata(path).ok()?.modified().ok()?).ok();
    name.starts_with(DRAFT) && age().is_some_and(|age| age > FORGOTTEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_removed_runs_and_forgotten_drafts_go_and_everything_else_stays() {
        let runs = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let path = runs.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::write(path.join("weights"), "").unwrap();
            path
        };
        let gone = [make(".removed-20260101-000000-a-0001"), make(".removed-theirs"), make(".new-old")];
        fs::write(gone[1].join("status.json"), "").unwrap();
        fs::File::open(&gone[2]).unwrap().set_modified(SystemTime::now() - 2 * FORGOTTEN).unwrap();
        let kept = [make(".removed-holiday"), make(".new-now"), make("20260101-000000-a-0001")];
        sweep(runs.path());
        assert!(gone.iter().all(|path| !path.exists()), "{gone:?}");
        assert!(kept.iter().all(|path| path.exists()), "{kept:?}");
    }
}
