//! The lists of runs that job arrays go by: a task trains the run whose number stands in its line.

use crate::data::{Durability, replace};
use crate::search::{SearchError, SearchFolder};
use std::fs;
use std::path::PathBuf;

/// The files of one array in a search's folder, called after how manieth it is.
pub(super) struct Files {
    pub list: PathBuf,
    pub script: PathBuf,
    /// The list's own name.
    pub name: String,
}

impl Files {
    fn of(folder: &SearchFolder, count: u64) -> Self {
        let name = format!("{count}.txt");
        let at = folder.slurm();
        Self { list: at.join(&name), script: at.join(format!("{count}.sh")), name }
    }

    /// Those of the next array.
    pub fn next(folder: &SearchFolder) -> Result<Self, SearchError> {
        let path = folder.slurm();
        fs::create_dir_all(&path).map_err(SearchError::write(&path))?;
        let last = names(folder)?.iter().filter_map(|name| count_of(name)).max();
        Ok(Self::of(folder, last.unwrap_or(0) + 1))
    }

    pub fn named(folder: &SearchFolder, name: &str) -> Option<Self> {
        count_of(name).map(|count| Self::of(folder, count))
    }

    /// After a refusal: as if it had never been asked for.
    pub fn remove(&self) {
        // What cannot be removed is in nobody's way.
        let _ = fs::remove_file(&self.script);
        let _ = fs::remove_file(&self.list);
    }
}

/// `<k>.txt`, and nothing that leads elsewhere.
fn count_of(name: &str) -> Option<u64> {
    name.strip_suffix(".txt")?.parse().ok()
}

/// The lists there are, in the order in which they were made.
pub(super) fn names(folder: &SearchFolder) -> Result<Vec<String>, SearchError> {
    let path = folder.slurm();
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(SearchError::read(&path)(error)),
    };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<_> = names.filter(|name| count_of(name).is_some()).collect();
    names.sort_by_key(|name| count_of(name));
    Ok(names)
}

pub(super) fn write(files: &Files, runs: &[u64]) -> Result<(), SearchError> {
    let text: String = runs.iter().map(|number| format!("{number}\n")).collect();
    let written = replace(&files.list, Durability::Synced, |file| file.write_all(text.as_bytes()));
    written.map_err(SearchError::write(&files.list))
}

/// The numbers of runs in a list, by task.
pub(super) fn read(folder: &SearchFolder, name: &str) -> Result<Vec<u64>, SearchError> {
    let path = folder.slurm().join(name);
    let Some(files) = Files::named(folder, name) else {
        return Err(SearchError::content(&path, "it is no list of runs"));
    };
    let text = fs::read_to_string(&files.list).map_err(SearchError::read(&path))?;
    let number = |(line, text): (usize, &str)| {
        text.trim()
            .parse()
            .map_err(|_| SearchError::content(&path, format!("line {} is no number", line + 1)))
    };
    text.lines().enumerate().map(number).collect()
}

/// The number of the run that `task`, `<list>:<line>`, stands for.
pub(super) fn run_of(folder: &SearchFolder, task: &str) -> Result<u64, SearchError> {
    let refused =
        |why: &str| SearchError::Refused(format!("{task} is no task of a search's job array: {why}"));
    let (name, line) = task.rsplit_once(':').ok_or_else(|| refused("it is not LIST:LINE"))?;
    let line: usize = line.parse().map_err(|_| refused("its line is no number"))?;
    let runs = read(folder, name)?;
    let run = line.checked_sub(1).and_then(|index| runs.get(index));
    run.copied().ok_or_else(|| refused(&format!("{name} has {} lines", runs.len())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::folder::tests::search_folder;

    #[test]
    fn a_task_is_the_run_in_its_line() {
        let (_keep, folder) = search_folder("a");
        let first = Files::next(&folder).unwrap();
        write(&first, &[5, 9, 144]).unwrap();
        let second = Files::next(&folder).unwrap();
        write(&second, &[1]).unwrap();
        assert_eq!((first.name.as_str(), second.name.as_str()), ("1.txt", "2.txt"));
        assert_eq!(names(&folder).unwrap(), ["1.txt", "2.txt"]);
        assert_eq!(run_of(&folder, "1.txt:3").unwrap(), 144);
        assert_eq!(run_of(&folder, "2.txt:1").unwrap(), 1);
        second.remove();
        assert_eq!(names(&folder).unwrap(), ["1.txt"]);
    }

    #[test]
    fn a_task_that_is_none_is_a_sentence() {
        let (_keep, folder) = search_folder("a");
        write(&Files::next(&folder).unwrap(), &[5]).unwrap();
        for task in ["", "1.txt", "1.txt:0", "1.txt:2", "1.txt:x", "3.txt:1", "../plan.jsonl:1", "1.sh:1"] {
            assert!(run_of(&folder, task).is_err(), "{task}");
        }
        fs::write(folder.slurm().join("1.txt"), "5\nx\n").unwrap();
        let error = run_of(&folder, "1.txt:1").unwrap_err().to_string();
        assert!(error.contains("line 2 is no number"), "{error}");
    }
}
