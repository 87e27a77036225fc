//! The folder of one search: its name and the files in it.

use super::plan::run_name;
use super::{Record, SearchError};
use crate::config::{self, RunConfig};
use crate::data::{Durability, printable, replace, shown};
use crate::run::{self, RunFolder, SEARCHES};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of one search, `<runs>/searches/<yyyymmdd-hhmmss in UTC>-<name>-<4 hex>`. Holds only the path: the folder
/// may change or vanish at any time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchFolder {
    path: PathBuf,
}

impl SearchFolder {
    /// Makes the folder of a new search in `runs`, with what is searched: the file's own `text`, the config that every run
    /// begins from, and the record it shall begin with. It appears whole: no reader ever sees it without them, but for
    /// the plan, which is written through `fill` before.
    pub fn create(
        runs: &Path,
        name: &str,
        text: &str,
        base: &RunConfig,
        record: &Record,
        fill: impl FnOnce(&Self) -> Result<(), SearchError>,
    ) -> Result<Self, SearchError> {
        let runs = &std::path::absolute(runs).unwrap_or_else(|_| runs.to_path_buf());
        let searches = runs.join(SEARCHES);
        fs::create_dir_all(&searches).map_err(SearchError::write(&searches))?;
        run::keep_out_of_git(runs)?;
        let draft = tempfile::Builder::new().prefix(".new-").tempdir_in(&searches);
        let draft = draft.map_err(SearchError::write(&searches))?;
        let inside = Self { path: draft.path().to_path_buf() };
        inside.write(&inside.file(), text)?;
        inside.write(&inside.base(), &config::to_text(base)?)?;
        record.write(&inside)?;
        fill(&inside)?;
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(draft.path(), open).map_err(SearchError::write(draft.path()))?;
        loop {
            let path = searches.join(run::new_id(name));
            match fs::rename(draft.path(), &path) {
                Ok(()) => return Ok(Self { path }),
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists
                    ) => {}
                Err(error) => return Err(SearchError::write(&path)(error)),
            }
        }
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), SearchError> {
        let written = replace(path, Durability::Synced, |file| file.write_all(text.as_bytes()));
        written.map_err(SearchError::write(path))
    }

    /// The searches of a folder of runs, newest first. A folder without any has none.
    pub fn list(runs: &Path) -> Result<Vec<Self>, SearchError> {
        let runs = std::path::absolute(runs).unwrap_or_else(|_| runs.to_path_buf());
        let searches = runs.join(SEARCHES);
        let entries = match fs::read_dir(&searches) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(SearchError::read(&searches)(error)),
        };
        let mut folders = Vec::new();
        for entry in entries {
            let entry = entry.map_err(SearchError::read(&searches))?;
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let folder = Self { path: entry.path() };
            if !hidden && folder.plan().is_file() {
                folders.push(folder);
            }
        }
        folders.sort_by_key(|folder| std::cmp::Reverse(folder.id()));
        Ok(folders)
    }

    /// The search that `selector` means: `latest`, its file, its folder, its id, or a part of one id only. Of several
    /// searches of one file, the newest.
    pub fn find(runs: &Path, selector: &str) -> Result<Self, SearchError> {
        let folders = Self::list(runs)?;
        let absolute = std::path::absolute(selector).unwrap_or_else(|_| selector.into());
        let is_of_file = |folder: &&Self| Record::read(folder).is_ok_and(|record| record.file == absolute);
        let found = match selector {
            "latest" => folders.first(),
            _ => folders
                .iter()
                .find(|folder| folder.id() == selector || folder.path == absolute)
                .or_else(|| folders.iter().find(is_of_file)),
        };
        if let Some(found) = found {
            return Ok(found.clone());
        }
        let parts: Vec<_> = folders.iter().filter(|folder| folder.id().contains(selector)).collect();
        let clean = |text: &str| printable(text).into_owned();
        match parts[..] {
            [only] if !selector.is_empty() => Ok(only.clone()),
            _ if absolute.is_file() => Err(SearchError::Refused(format!(
                "no search was begun here from {0}: mien search {0} begins one, --runs DIR looks elsewhere",
                shown(Path::new(selector))
            ))),
            [_, _, ..] if !selector.is_empty() => {
                let ids: Vec<_> = parts.iter().take(10).map(|folder| clean(&folder.id())).collect();
                Err(SearchError::Refused(format!(
                    "'{}' could be any of these searches; write more of the one meant, or latest: {}",
                    clean(selector),
                    ids.join(", ")
                )))
            }
            _ => Err(SearchError::NoSuchSearch { selector: clean(selector), known: known(&folders) }),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's own name. Not printable as it stands: a folder may be called anything.
    pub fn id(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The folder of the runs.
    pub fn runs(&self) -> PathBuf {
        self.path.parent().and_then(Path::parent).unwrap_or(&self.path).to_path_buf()
    }

    /// The id of a run of this search: the search's own, with the run's number behind the name. It follows from both
    /// alone, so that nobody has to remember which run is which, and nobody can begin one twice.
    pub fn run_id(&self, number: u64) -> String {
        let id = self.id();
        // An id that this program made ends in four digits.
        let (before, hex) = id.rsplit_once('-').unwrap_or((&id, "0000"));
        format!("{}-{hex}", run_name(before, number))
    }

    /// The number of the run of this search that has this id: the other way round than [`SearchFolder::run_id`].
    pub fn run_number(&self, run: &str) -> Option<u64> {
        let id = self.id();
        let (before, hex) = id.rsplit_once('-').unwrap_or((&id, "0000"));
        let number = run.strip_prefix(before)?.strip_prefix('-')?.strip_suffix(hex)?.strip_suffix('-')?;
        number.parse().ok().filter(|&number| self.run_id(number) == run)
    }

    /// The folder of a run of this search; it may not be there yet.
    pub fn run(&self, number: u64) -> RunFolder {
        RunFolder::of_id(&self.runs(), &self.run_id(number))
    }

    /// The search's own file, as it was when the search began or was last added to.
    pub fn file(&self) -> PathBuf {
        self.path.join("search.toml")
    }

    /// The config that every run begins from, everything resolved.
    pub fn base(&self) -> PathBuf {
        self.path.join("base.toml")
    }

    pub fn plan(&self) -> PathBuf {
        self.path.join("plan.jsonl")
    }

    /// `state.json`: how far the search is.
    pub fn record(&self) -> PathBuf {
        self.path.join("state.json")
    }

    /// Which process supervises the search, for people; the lock is what counts.
    pub fn supervisor_pid(&self) -> PathBuf {
        self.path.join("supervisor.pid")
    }

    /// Held by the supervisor for its life.
    pub fn lock(&self) -> PathBuf {
        self.path.join("supervisor.lock")
    }

    /// What the supervisor said.
    pub fn log(&self) -> PathBuf {
        self.path.join("log.txt")
    }

    /// Its being there asks the supervisor to stop the search.
    pub fn stop_request(&self) -> PathBuf {
        self.path.join("stop")
    }

    /// Asks the supervisor to let at most so many runs go on at once: a number.
    pub fn throttle_request(&self) -> PathBuf {
        self.path.join("throttle")
    }

    /// What runs of successive halving reached after so many epochs: a file each, called after the run's number.
    pub fn rung(&self, epochs: usize) -> PathBuf {
        self.path.join("rungs").join(epochs.to_string())
    }

    /// Job scripts, lists of array tasks, what jobs said.
    pub fn slurm(&self) -> PathBuf {
        self.path.join("slurm")
    }
}

fn known(folders: &[SearchFolder]) -> String {
    const SHOWN: usize = 8;
    if folders.is_empty() {
        return "there are no searches here; mien search FILE begins one, --runs DIR looks elsewhere".into();
    }
    let mut ids: Vec<_> =
        folders.iter().take(SHOWN).map(|folder| printable(&folder.id()).into_owned()).collect();
    if folders.len() > SHOWN {
        ids.push(format!("and {} more", folders.len() - SHOWN));
    }
    format!("there are {}", ids.join(", "))
}

#[cfg(test)]
pub(in crate::search) mod tests {
    use super::*;
    use crate::config::MonitoredMetric;
    use crate::search::{Plan, PlannedRun, Sampler, Search};

    /// A grid of one point, for tests that change of it what they are about.
    pub(in crate::search) fn search() -> Search {
        Search {
            name: "tiny".into(),
            file: "/x/tiny.toml".into(),
            base: RunConfig { name: "base".into(), ..RunConfig::default() },
            sampler: Sampler::Grid,
            metric: MonitoredMetric::ValidAccuracy,
            seeds: vec![42],
            retries: 0,
            axes: Vec::new(),
            conditions: Vec::new(),
            local: None,
            slurm: None,
        }
    }

    /// The folder of a search called `name` without runs, and what removes it at the end of a test.
    pub(in crate::search) fn search_folder(name: &str) -> (tempfile::TempDir, SearchFolder) {
        let keep = tempfile::tempdir().unwrap();
        let record = Record::new(keep.path().join("s.toml"));
        let base = RunConfig { name: "base".into(), ..RunConfig::default() };
        let folder = SearchFolder::create(keep.path(), name, "", &base, &record, |_| Ok(())).unwrap();
        (keep, folder)
    }

    #[test]
    fn a_search_is_found_by_file_id_part_and_latest() {
        let (keep, folder) = search_folder("tiny");
        let runs = keep.path();
        let missing = SearchFolder::find(runs, "tiny").unwrap_err().to_string();
        assert!(missing.contains("there are no searches"), "without a plan it is none: {missing}");
        Plan::append(&folder, &[PlannedRun { number: 1, seed: 1, set: vec![] }]).unwrap();
        let file = runs.join("s.toml");
        for selector in
            ["tiny", "latest", &folder.id(), folder.path().to_str().unwrap(), file.to_str().unwrap()]
        {
            assert_eq!(SearchFolder::find(runs, selector).unwrap(), folder, "{selector}");
        }
        let missing = SearchFolder::find(runs, "nope").unwrap_err().to_string();
        assert!(missing.contains("'nope'") && missing.contains(&folder.id()), "{missing}");
        assert!(SearchFolder::find(runs, "").is_err());
        assert_eq!(crate::run::list(runs).unwrap(), [], "a search is no run");
    }

    #[test]
    fn the_runs_of_a_search_have_ids_that_follow_from_its_own() {
        let (keep, folder) = search_folder("tiny");
        let (before, hex) =
            folder.id().rsplit_once('-').map(|(b, h)| (b.to_string(), h.to_string())).unwrap();
        assert_eq!(folder.run_id(7), format!("{before}-007-{hex}"));
        assert_eq!(folder.run(1234).path(), keep.path().join(format!("{before}-1234-{hex}")));
        for number in [0, 7, 1234] {
            assert_eq!(folder.run_number(&folder.run_id(number)), Some(number));
        }
        for other in ["", "searches", &format!("{before}-7-{hex}"), &format!("{before}-a-007-{hex}")] {
            assert_eq!(folder.run_number(other), None, "{other}");
        }
    }
}
