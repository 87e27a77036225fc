//! The folder of one run: its name and the files in it.

use super::clock::{parse_utc, utc};
use super::files::{Durability, replace};
use super::sweep::{DRAFT, sweep};
use super::{RunError, Status, Trial};
use crate::config::RunConfig;
use std::fs;
use std::hash::BuildHasher;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Under a runs folder, this one holds searches and is no run.
pub const SEARCHES: &str = "searches";

/// The folder of one run, `<runs>/<yyyymmdd-hhmmss in UTC>-<name>-<4 hex>`. Holds only the path: the folder may
/// change or vanish at any time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes the folder of a new run with the status and config it shall begin with, and `runs` itself where it is
    /// missing, with a `.gitignore` that keeps runs out of git. Characters of `name` that a folder's name should not
    /// have become `-`. The folder appears whole: no reader ever sees it without them.
    pub fn create_with(
        runs: &Path,
        name: &str,
        status: &Status,
        config: Option<&RunConfig>,
    ) -> Result<Self, RunError> {
        let draft = Draft::begin(runs, status, config)?;
        loop {
            // Two runs of one second and one random number are possible.
            if let Ok(folder) = draft.become_run(&new_id(name))? {
                return Ok(folder);
            }
        }
    }

    /// As [`RunFolder::create_with`], the run `id` of a search; `None` where it is there already, whoever made it. Two
    /// processes that make the same run make it once, also on a network disk.
    pub fn create_trial(
        runs: &Path,
        id: &str,
        status: &Status,
        config: &RunConfig,
        trial: &Trial,
    ) -> Result<Option<Self>, RunError> {
        let draft = Draft::begin(runs, status, Some(config))?;
        trial.write(&draft.inside)?;
        Ok(draft.become_run(id)?.ok())
    }

    /// A run that exists. Refuses a folder that holds none of a run's files.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let folder = Self { path: std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()) };
        let not_a_run = |reason: &str| RunError::NotARun { path: path.to_path_buf(), reason: reason.into() };
        let kind = fs::metadata(path).map_err(RunError::read(path))?;
        if !kind.is_dir() {
            return Err(not_a_run("it is a file; name the folder that holds it"));
        }
        if !folder.looks_like_a_run() {
            return Err(not_a_run("it has no status.json, config.toml or metrics.jsonl"));
        }
        Ok(folder)
    }

    /// Takes `path` for a run without looking at it.
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The run `id` of a folder of runs, whether it is there or not.
    pub fn of_id(runs: &Path, id: &str) -> Self {
        Self { path: runs.join(id) }
    }

    pub(super) fn looks_like_a_run(&self) -> bool {
        [self.status(), self.config(), self.metrics()].iter().any(|file| file.is_file())
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's own name. Not printable as it stands: a folder may be called anything.
    pub fn id(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// `config.toml`: everything resolved.
    pub fn config(&self) -> PathBuf {
        crate::config::file_in(&self.path)
    }

    pub fn status(&self) -> PathBuf {
        self.path.join("status.json")
    }

    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// What the trainer said.
    pub fn log(&self) -> PathBuf {
        self.path.join("log.txt")
    }

    pub fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// Best weights under PyTorch's names.
    pub fn model(&self) -> PathBuf {
        self.path.join("model.safetensors")
    }

    /// `scores/<split>.csv`.
    pub fn scores(&self, split: &str) -> PathBuf {
        self.path.join("scores").join(format!("{split}.csv"))
    }

    pub fn evaluation(&self) -> PathBuf {
        self.path.join("evaluation.json")
    }

    /// What the run is to its search; only runs of one have it.
    pub fn trial(&self) -> PathBuf {
        self.path.join("trial.json")
    }

    /// Title, tags, note.
    pub fn notes(&self) -> PathBuf {
        self.path.join("notes.toml")
    }

    /// Held by the trainer for its life.
    pub fn lock(&self) -> PathBuf {
        self.path.join("trainer.lock")
    }

    /// Its being there asks the trainer to stop.
    pub fn stop_request(&self) -> PathBuf {
        self.path.join("stop")
    }

    /// Whether someone asked the trainer to stop by a file. Looked for by the trainer, every second or so.
    pub fn stop_requested(&self) -> bool {
        self.stop_request().exists()
    }

    /// Leaves the request to stop; also before a Slurm job is cancelled, so that its end counts as `stopped`.
    pub fn request_stop(&self) -> Result<(), RunError> {
        replace(&self.stop_request(), b"", Durability::Atomic)
    }

    /// Takes back a request to stop. Done by whoever starts a run again, before starting it.
    pub fn clear_stop_request(&self) -> Result<(), RunError> {
        let path = self.stop_request();
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(RunError::write(&path)(error)),
            _ => Ok(()),
        }
    }

    pub fn write_config(&self, config: &RunConfig) -> Result<(), RunError> {
        replace(&self.config(), crate::config::to_text(config)?.as_bytes(), Durability::Synced)
    }
}

/// A run's folder while it is being filled: hidden, since lists skip hidden folders.
struct Draft {
    runs: PathBuf,
    folder: tempfile::TempDir,
    inside: RunFolder,
}

/// A run of that name exists.
struct Taken;

impl Draft {
    fn begin(runs: &Path, status: &Status, config: Option<&RunConfig>) -> Result<Self, RunError> {
        // Absolute, since a detached trainer may stand elsewhere; fails only without a current folder.
        let runs = std::path::absolute(runs).unwrap_or_else(|_| runs.to_path_buf());
        fs::create_dir_all(&runs).map_err(RunError::write(&runs))?;
        keep_out_of_git(&runs)?;
        sweep(&runs);
        let folder = tempfile::Builder::new()
            .prefix(DRAFT)
            .permissions(PermissionsExt::from_mode(0o777))
            .tempdir_in(&runs)
            .map_err(RunError::write(&runs))?;
        let inside = RunFolder { path: folder.path().to_path_buf() };
        if let Some(config) = config {
            inside.write_config(config)?;
        }
        status.write(&inside)?;
        Ok(Self { runs, folder, inside })
    }

    /// Takes its place among the runs. Once it has, what is left of the draft is nothing that could be cleaned up.
    fn become_run(&self, id: &str) -> Result<Result<RunFolder, Taken>, RunError> {
        let path = self.runs.join(id);
        match fs::rename(self.folder.path(), &path) {
            Ok(()) => Ok(Ok(RunFolder { path })),
            // The other one has files in it.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists
                ) =>
            {
                Ok(Err(Taken))
            }
            Err(error) => Err(RunError::write(&path)(error)),
        }
    }
}

/// A new id, `<yyyymmdd-hhmmss in UTC>-<name>-<4 hex>`. Characters of `name` that a folder's name should not have become
/// `-`.
pub fn new_id(name: &str) -> String {
    format!("{}-{}-{:04x}", utc("%Y%m%d-%H%M%S"), folder_name(name), random())
}

/// When a run of this id was made, as unix seconds, and its name; `None` where the id was not made by
/// [`RunFolder::create_with`].
pub(crate) fn parts(id: &str) -> Option<(f64, &str)> {
    let (moment, rest) = (id.get(..15)?, id.get(15..)?.strip_prefix('-')?);
    let (name, hex) = rest.rsplit_once('-')?;
    let is_hex = hex.len() == 4 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let created = parse_utc(moment)?;
    is_hex.then_some((created, name))
}

/// Puts a `.gitignore` into a folder of runs, where there is none.
pub fn keep_out_of_git(runs: &Path) -> Result<(), RunError> {
    let path = runs.join(".gitignore");
    match fs::OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut file) => io::Write::write_all(&mut file, b"*\n!.gitignore\n").map_err(RunError::write(&path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(RunError::write(&path)(error)),
    }
}

fn folder_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = name.chars().map(plain).take(80).collect();
    if name.is_empty() { "run".into() } else { name }
}

/// Only to tell apart runs of one second: the hasher's keys come from the system's randomness.
fn random() -> u16 {
    std::collections::hash_map::RandomState::new().hash_one(std::process::id()) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::new_run;
    use crate::run::{State, observe};

    #[test]
    fn a_new_run_has_a_dated_id_is_queued_and_kept_out_of_git() {
        let keep = tempfile::tempdir().unwrap();
        let runs = keep.path().join("deep/runs");
        let folder = new_run(&runs, "a/b c");
        let id = folder.id();
        let (created, name) = parts(&id).unwrap();
        assert_eq!(name, "a-b-c");
        assert!((created - crate::run::unix_seconds()).abs() < 60.0);
        assert_eq!(observe(&folder).state, State::Queued);
        assert_eq!(fs::read_to_string(runs.join(".gitignore")).unwrap(), "*\n!.gitignore\n");
        assert_eq!(RunFolder::open(folder.path()).unwrap().id(), id);
        assert_eq!(fs::read_dir(&runs).unwrap().count(), 2, "no draft is left");
    }

    #[test]
    fn an_existing_gitignore_is_left_alone() {
        let runs = tempfile::tempdir().unwrap();
        fs::write(runs.path().join(".gitignore"), "mine").unwrap();
        new_run(runs.path(), "x");
        assert_eq!(fs::read_to_string(runs.path().join(".gitignore")).unwrap(), "mine");
    }

    #[test]
    fn many_runs_of_one_second_get_folders_of_their_own() {
        let runs = tempfile::tempdir().unwrap();
        let mut ids: Vec<_> = (0..50).map(|_| new_run(runs.path(), "x").id()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 50);
    }

    #[test]
    fn the_config_is_there_from_the_first_moment() {
        let runs = tempfile::tempdir().unwrap();
        let config = RunConfig { name: "n".into(), ..RunConfig::default() };
        let folder =
            RunFolder::create_with(runs.path(), "n", &Status::new(State::Queued), Some(&config)).unwrap();
        assert_eq!(crate::config::complete(&folder.config()).unwrap(), config);
    }

    #[test]
    fn a_folder_that_holds_no_run_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = RunFolder::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("no status.json"), "{error}");
    }

    #[test]
    fn ids_of_others_have_no_parts() {
        for id in [
            "",
            "big",
            "20260101-000000-x",
            "20261399-000000-x-0000",
            "20260101-000000-x-00zz",
            "日本語日本語日本語",
        ] {
            assert_eq!(parts(id), None, "{id}");
        }
        assert_eq!(parts("20260101-000000-a-b-00ff"), Some((1_767_225_600.0, "a-b")));
    }
}
