use crate::data::printable;
use std::path::Path;

/// More files than any run has splits.
const MOST: usize = 50;

/// The splits that have a `<split>.csv` in this folder: test, valid and train first. None where there is no such folder.
/// Files with names that no terminal should see are passed over.
pub fn scored_splits(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let split = |name: std::ffi::OsString| {
        let split = name.to_str()?.strip_suffix(".csv")?;
        (!split.is_empty() && !split.starts_with('.') && printable(split) == split).then(|| split.to_string())
    };
    let mut splits: Vec<String> = entries.filter_map(|entry| split(entry.file_name())).take(MOST).collect();
    let rank = |split: &str| ["test", "valid", "train"].iter().position(|first| *first == split).unwrap_or(3);
    splits.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
    splits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_pictures_come_first_and_hostile_names_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["valid.csv", "a.csv", "test.csv", "x\u{1b}[2J.csv", "notes.txt", ".new-1.csv", ".csv"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(scored_splits(folder.path()), ["test", "valid", "a"]);
        assert!(scored_splits(&folder.path().join("nowhere")).is_empty());
    }
}
