//! Finding one run of a folder by what a person calls it.

use super::list::{clean, created, folders};
use super::{RunError, RunFolder};
use std::cmp::Reverse;
use std::path::Path;

/// The run that `selector` means: `latest`, an id, a folder, the name of one run only, or a part of one id only.
pub fn find(runs: &Path, selector: &str) -> Result<RunFolder, RunError> {
    let mut folders = folders(runs)?;
    folders.sort_by_cached_key(|folder| Reverse((created(folder).max(0.0).to_bits(), folder.id())));
    if selector == "latest"
        && let Some(newest) = folders.iter().find(|folder| folder.looks_like_a_run())
    {
        return RunFolder::open(newest.path());
    }
    if let Some(exact) = folders.iter().find(|folder| folder.id() == selector) {
        return RunFolder::open(exact.path());
    }
    let path = Path::new(selector);
    let is_path = selector.contains('/') || [".", ".."].contains(&selector);
    if is_path || (path.is_dir() && RunFolder::at(path.to_path_buf()).looks_like_a_run()) {
        return RunFolder::open(path);
    }
    // An empty selector is an unset variable of someone's script, not a part of every id.
    let part_of = |folder: &&RunFolder| !selector.is_empty() && folder.id().contains(selector);
    let candidates: Vec<_> = folders.iter().filter(part_of).collect();
    // `faces` is a part of the id of `faces-wide` too, but the name of one of them.
    let named: Vec<_> = candidates.iter().filter(|folder| name_in(&folder.id()) == Some(selector)).collect();
    if let [only] = named[..] {
        return RunFolder::open(only.path());
    }
    match candidates[..] {
        [only] => RunFolder::open(only.path()),
        [] => Err(RunError::NoSuchRun { selector: clean(selector), known: known(runs, &folders) }),
        _ => Err(RunError::Ambiguous { selector: clean(selector), candidates: some(&candidates) }),
    }
}

/// The name in an id, between the time and the four digits.
fn name_in(id: &str) -> Option<&str> {
    const TIME: usize = "yyyymmdd-hhmmss-".len();
    let (name, digits) = id.get(TIME..)?.rsplit_once('-')?;
    (digits.len() == 4).then_some(name)
}

fn known(runs: &Path, folders: &[RunFolder]) -> String {
    if folders.is_empty() {
        return format!(
            "there are no runs in {}; mien train CONFIG makes one, --runs DIR looks elsewhere",
            clean(&runs.display().to_string())
        );
    }
    format!("there are {}", some(&folders.iter().collect::<Vec<_>>()))
}

/// The first of `folders`, as a sentence has room for.
fn some(folders: &[&RunFolder]) -> String {
    const SHOWN: usize = 8;
    let mut ids: Vec<_> = folders.iter().take(SHOWN).map(|folder| clean(&folder.id())).collect();
    if folders.len() > SHOWN {
        ids.push(format!("and {} more", folders.len() - SHOWN));
    }
    ids.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::list::tests::runs_with;
    use std::fs;

    #[test]
    fn a_run_is_found_by_id_part_folder_and_latest() {
        let runs = runs_with(&["20260101-000000-a-0001", "20260301-000000-ab-0002", "zz"]);
        fs::File::open(runs.path().join("zz"))
            .unwrap()
            .set_modified(std::time::SystemTime::UNIX_EPOCH)
            .unwrap();
        let runs = runs.path();
        let found =
            |selector: &str| find(runs, selector).map(|folder| folder.id()).map_err(|e| e.to_string());
        assert_eq!(found("latest").unwrap(), "20260301-000000-ab-0002");
        assert_eq!(found("20260101-000000-a-0001").unwrap(), "20260101-000000-a-0001");
        assert_eq!(found("0002").unwrap(), "20260301-000000-ab-0002");
        assert_eq!(found("zz").unwrap(), "zz");
        assert_eq!(found(runs.join("zz").to_str().unwrap()).unwrap(), "zz");

        assert_eq!(found("a").unwrap(), "20260101-000000-a-0001", "the name of one is a part of both");
        assert_eq!(found("ab").unwrap(), "20260301-000000-ab-0002");
        let several = found("2026").unwrap_err();
        assert!(several.contains("0001") && several.contains("0002"), "{several}");
        let none = found("nope").unwrap_err();
        assert!(none.contains("'nope'") && none.contains("zz"), "{none}");
        for wrong in ["", "..", "../..", "/nowhere/at/all"] {
            assert!(found(wrong).is_err(), "{wrong}");
        }
        let empty = tempfile::tempdir().unwrap();
        let error = find(empty.path(), "latest").unwrap_err().to_string();
        assert!(error.contains("no runs in"), "{error}");
    }
}
