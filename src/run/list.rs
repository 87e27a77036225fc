//! The runs of a folder, newest first.

use super::files::read_small;
use super::folder::parts;
use super::{
    Machine, MetricSplit, MetricsReader, Notes, Observed, RunError, RunFolder, SEARCHES, State, observe_from,
    printable, unix_seconds,
};
use rayon::prelude::*;
use std::fs;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// What a list shows of a run. Texts are printable.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    pub folder: RunFolder,
    pub id: String,
    /// The config's name.
    pub name: String,
    /// What a person called it since, in `notes.toml`.
    pub title: Option<String>,
    pub tags: Vec<String>,
    /// In one line.
    pub note: String,
    /// Why `notes.toml` cannot be read, where it is there.
    pub notes_problem: Option<String>,
    /// When it was made, unix seconds.
    pub created: f64,
    pub seen: Observed,
    pub device: Option<String>,
    pub arch: Option<String>,
    /// Epochs planned.
    pub epochs: Option<u64>,
    pub search: Option<String>,
    /// Best validation accuracy so far, 0..=1, as far as the status tells.
    pub valid_accuracy: Option<f64>,
    /// Accuracy of the evaluation on the test split, 0..=1.
    pub test_accuracy: Option<f64>,
}

impl RunSummary {
    pub fn state(&self) -> State {
        self.seen.state
    }

    /// The epoch being trained, from 1; 0 before the first and where unknown.
    pub fn epoch(&self) -> u64 {
        self.seen.status.as_ref().map_or(0, |status| status.epoch)
    }

    pub fn step(&self) -> u64 {
        self.seen.status.as_ref().map_or(0, |status| status.step)
    }

    /// Reads one run anew, after it has changed.
    pub fn read(folder: &RunFolder) -> Self {
        Self::read_from(folder.clone(), &Machine::here(), unix_seconds())
    }

    fn read_from(folder: RunFolder, machine: &Machine, now: f64) -> Self {
        let seen = observe_from(&folder, machine, now);
        let status = seen.status.as_ref();
        let id = folder.id();
        let (notes, notes_problem) = match Notes::read(&folder) {
            Ok(notes) => (notes, None),
            Err(error) => (Notes::default(), Some(clean(&error.to_string()))),
        };
        let mut summary = Self {
            created: created(&folder),
            name: parts(&id).map(|(_, name)| printable(name).into_owned()).unwrap_or_default(),
            title: Some(clean(&notes.title)),
            tags: notes.tags.iter().map(|tag| clean(tag)).filter(|tag| !tag.is_empty()).collect(),
            note: clean(&notes.note.trim().replace(['\n', '\t'], " ")),
            notes_problem,
            device: status.and_then(|status| status.device.as_deref()).map(clean),
            arch: status.and_then(|status| status.arch.as_deref()).map(clean),
            epochs: status.and_then(|status| status.epochs),
            search: status.and_then(|status| status.search.as_deref()).map(clean),
            valid_accuracy: status.and_then(|status| status.valid_accuracy),
            test_accuracy: status.and_then(|status| status.test_accuracy),
            id: clean(&id),
            folder,
            seen,
        };
        summary.title = summary.title.filter(|title| !title.is_empty());
        summary.fill_from_config();
        if summary.test_accuracy.is_none() && !summary.state().is_active() {
            summary.test_accuracy = evaluated_test_accuracy(&summary.folder);
        }
        summary
    }

    /// The best validation accuracy from the metrics, where the status of another program does not tell it. Reads the
    /// whole `metrics.jsonl`: not for lists that are drawn often.
    pub fn fill_from_metrics(&mut self) {
        if self.valid_accuracy.is_some() {
            return;
        }
        let Ok(metrics) = MetricsReader::read_all(&self.folder) else { return };
        let Some(accuracy) = metrics.series(MetricSplit::Valid, "accuracy") else { return };
        // `max` passes over NaN.
        let best = accuracy.values.iter().copied().fold(f64::NAN, f64::max);
        self.valid_accuracy = Some(best).filter(|best| !best.is_nan());
    }

    /// What the status leaves out, as that of another program may, stands in the config.
    fn fill_from_config(&mut self) {
        if !self.name.is_empty() && self.device.is_some() && self.arch.is_some() && self.epochs.is_some() {
            return;
        }
        let config = crate::config::complete(&self.folder.config()).ok();
        if self.name.is_empty() {
            let named = config.as_ref().map(|config| clean(&config.name)).filter(|name| !name.is_empty());
            self.name = named.unwrap_or_else(|| self.id.clone());
        }
        let Some(config) = config else { return };
        if self.device.is_none() {
            let chosen = config.provenance.as_ref().map(|provenance| clean(&provenance.device));
            let chosen = chosen.filter(|device| !device.is_empty());
            self.device = Some(chosen.unwrap_or_else(|| config.train.device.to_string()));
        }
        self.arch.get_or_insert_with(|| clean(&config.model.arch));
        self.epochs.get_or_insert(config.train.epochs as u64);
    }
}

pub(super) fn clean(text: &str) -> String {
    printable(text).into_owned()
}

pub(super) fn created(folder: &RunFolder) -> f64 {
    if let Some((created, _)) = parts(&folder.id()) {
        return created;
    }
    // A folder of another program's naming: its config is written once, at the beginning.
    [folder.config(), folder.path().to_path_buf()]
        .iter()
        .find_map(|path| fs::metadata(path).ok()?.modified().ok())
        .and_then(|modified| modified.duration_since(UNIX_EPOCH).ok())
        .map_or(0.0, |since| since.as_secs_f64())
}

/// The accuracy of `evaluation.json`'s test split, 0..=1.
fn evaluated_test_accuracy(folder: &RunFolder) -> Option<f64> {
    let content = read_small(&folder.evaluation()).ok()?;
    let evaluation: serde_json::Value = serde_json::from_slice(&content).ok()?;
    evaluation.get("test")?.get("accuracy")?.as_f64()
}

/// The runs of a folder, newest first; each costs one small file. A folder whose status is missing, torn, foreign
/// or of a later version is among them as `unreadable`, with the reason. Hidden folders, files and `searches` are no
/// runs. A folder of runs that does not exist has none.
pub fn list(runs: &Path) -> Result<Vec<RunSummary>, RunError> {
    let folders = folders(runs)?;
    let (machine, now) = (Machine::here(), unix_seconds());
    let mut summaries: Vec<_> =
        folders.into_par_iter().map(|folder| RunSummary::read_from(folder, &machine, now)).collect();
    summaries.sort_by(|a, b| b.created.total_cmp(&a.created).then_with(|| b.id.cmp(&a.id)));
    Ok(summaries)
}

/// The folders that [`list`] looks into, in no order.
pub(super) fn folders(runs: &Path) -> Result<Vec<RunFolder>, RunError> {
    // Absolute as a created or found run's is, so that the same run is equal wherever it comes from.
    let runs = &std::path::absolute(runs).unwrap_or_else(|_| runs.to_path_buf());
    let entries = match fs::read_dir(runs) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(RunError::read(runs)(error)),
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry.map_err(RunError::read(runs))?;
        let name = entry.file_name();
        let hidden = name.as_encoded_bytes().starts_with(b".");
        if hidden || name == SEARCHES {
            continue;
        }
        let is_folder = match entry.file_type() {
            Ok(kind) if kind.is_symlink() => fs::metadata(entry.path()).is_ok_and(|target| target.is_dir()),
            Ok(kind) => kind.is_dir(),
            Err(_) => false,
        };
        if is_folder {
            folders.push(RunFolder::at(entry.path()));
        }
    }
    Ok(folders)
}

/// The GPUs of this machine that runs of this folder are on or wait for, as `cuda:0`. None in a job of Slurm: what it
/// gave to the job is the choice, and each job counts its own GPUs from 0, so that those of others only look the same.
pub fn busy_devices(runs: &Path) -> Vec<String> {
    busy(runs, None, in_slurm())
}

/// As [`busy_devices`], of the runs beside this one.
pub fn busy_devices_beside(folder: &RunFolder) -> Vec<String> {
    folder.path().parent().map_or_else(Vec::new, |runs| busy(runs, Some(folder), in_slurm()))
}

fn in_slurm() -> bool {
    std::env::var_os("SLURM_JOB_ID").is_some()
}

fn busy(runs: &Path, but: Option<&RunFolder>, in_slurm: bool) -> Vec<String> {
    if in_slurm {
        return Vec::new();
    }
    let here = Machine::here().host;
    let elsewhere = |run: &RunSummary| {
        let host = run.seen.status.as_ref().and_then(|status| status.process.host.as_ref());
        host.is_some_and(|host| Some(host) != here.as_ref())
    };
    list(runs)
        .unwrap_or_default()
        .into_iter()
        .filter(|run| run.state().is_active() && Some(&run.folder) != but && !elsewhere(run))
        .filter_map(|run| run.device)
        .filter(|device| device != "cpu")
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::run::{Status, find};

    pub(in crate::run) fn runs_with(ids: &[&str]) -> tempfile::TempDir {
        let runs = tempfile::tempdir().unwrap();
        for id in ids {
            let folder = RunFolder::at(runs.path().join(id));
            fs::create_dir(folder.path()).unwrap();
            Status { epoch: 3, step: 7, ..Status::new(State::Finished) }.write(&folder).unwrap();
        }
        runs
    }

    fn ids(runs: &Path) -> Vec<String> {
        list(runs).unwrap().into_iter().map(|summary| summary.id).collect()
    }

    #[test]
    fn runs_are_listed_newest_first_without_searches_hidden_folders_and_files() {
        let runs = runs_with(&[
            "20260101-000000-a-0001",
            "20260301-000000-b-0002",
            "20260201-000000-c-0003",
            "searches",
            ".new-x",
        ]);
        fs::write(runs.path().join("file"), "").unwrap();
        assert_eq!(
            ids(runs.path()),
            ["20260301-000000-b-0002", "20260201-000000-c-0003", "20260101-000000-a-0001"]
        );
        assert_eq!(ids(&runs.path().join("nowhere")), [""; 0]);
    }

    #[test]
    fn a_folder_that_cannot_be_understood_is_listed_with_the_reason() {
        let runs = runs_with(&["good"]);
        for (id, status) in [
            ("torn", Some("{\"state\":\"fin")),
            ("future", Some("{\"version\":7,\"state\":\"done\"}")),
            ("foreign", Some("[1,2]")),
            ("empty", None),
        ] {
            fs::create_dir(runs.path().join(id)).unwrap();
            if let Some(status) = status {
                fs::write(runs.path().join(id).join("status.json"), status).unwrap();
            }
        }
        let summaries = list(runs.path()).unwrap();
        assert_eq!(summaries.len(), 5);
        for summary in &summaries {
            assert_eq!(summary.state() == State::Unreadable, summary.id != "good", "{}", summary.id);
            let reason = summary.seen.reason.clone().unwrap_or_default();
            assert!(summary.id == "good" || reason.contains("status.json"), "{}: {reason}", summary.id);
        }
        let future = summaries.iter().find(|summary| summary.id == "future").unwrap();
        assert!(future.seen.reason.as_ref().unwrap().contains("later mien"));
    }

    #[test]
    fn what_the_status_leaves_out_comes_from_config_and_evaluation() {
        let runs = runs_with(&["big"]);
        let folder = runs.path().join("big");
        fs::write(
            folder.join("config.toml"),
            "name = \"large\"\n[data]\nroot = \"x\"\n[model]\narch = \"vgg16\"\n[train]\ndevice = \"cuda:1\"\nepochs = 9\n",
        )
        .unwrap();
        fs::write(folder.join("evaluation.json"), "{\"test\":{\"accuracy\":0.75}}").unwrap();
        let notes = "title = \"the \\u001bbest\"\ntags = [\"a\\u202E\", \"\"]\nnote = \"one\\ntwo\"\n";
        fs::write(folder.join("notes.toml"), notes).unwrap();
        let summary = &list(runs.path()).unwrap()[0];
        assert_eq!((summary.name.as_str(), summary.device.as_deref()), ("large", Some("cuda:1")));
        assert_eq!((summary.arch.as_deref(), summary.epochs), (Some("vgg16"), Some(9)));
        assert_eq!((summary.test_accuracy, summary.valid_accuracy), (Some(0.75), None));
        let row =
            |step, accuracy| format!("{{\"step\":{step},\"split\":\"valid\",\"accuracy\":{accuracy}}}\n");
        fs::write(folder.join("metrics.jsonl"), row(1, "0.5") + &row(2, "0.625") + &row(3, "null")).unwrap();
        let mut filled = summary.clone();
        filled.fill_from_metrics();
        assert_eq!(filled.valid_accuracy, Some(0.625));
        assert_eq!(summary.title.as_deref(), Some("the best"));
        assert_eq!((summary.tags.as_slice(), summary.note.as_str()), (&["a".to_string()][..], "one two"));
        assert_eq!((summary.epoch(), summary.step()), (3, 7));
    }

    #[test]
    fn notes_that_cannot_be_read_are_told_and_the_run_is_listed_all_the_same() {
        let runs = runs_with(&["a"]);
        fs::write(runs.path().join("a/notes.toml"), "title = 3").unwrap();
        let summary = &list(runs.path()).unwrap()[0];
        assert_eq!((summary.state(), summary.title.as_deref()), (State::Finished, None));
        assert!(summary.notes_problem.as_ref().unwrap().contains("notes.toml"));
    }

    #[test]
    fn devices_of_active_runs_are_busy_but_not_for_a_job_of_slurm() {
        let runs = runs_with(&["done", "here", "other"]);
        for (id, state, device) in [
            ("done", State::Finished, "cuda:0"),
            ("here", State::Queued, "cuda:1"),
            ("other", State::Queued, "cpu"),
        ] {
            let folder = RunFolder::at(runs.path().join(id));
            Status { device: Some(device.into()), ..Status::new(state) }.write(&folder).unwrap();
        }
        assert_eq!(busy(runs.path(), None, false), ["cuda:1"]);
        assert_eq!(busy(runs.path(), Some(&RunFolder::at(runs.path().join("here"))), false), [""; 0]);
        assert_eq!(busy(runs.path(), None, true), [""; 0]);
    }

    #[test]
    fn texts_of_a_hostile_folder_are_printable() {
        let runs = runs_with(&["a\x1b[2J\u{202E}b"]);
        let summary = &list(runs.path()).unwrap()[0];
        assert_eq!((summary.id.as_str(), summary.name.as_str()), ("a[2Jb", "a[2Jb"));
    }

    #[test]
    fn a_run_is_equal_wherever_it_comes_from() {
        let runs = tempfile::tempdir_in(".").unwrap();
        let relative = Path::new(".").join(runs.path().file_name().unwrap());
        let made = crate::run::tests::new_run(&relative, "a");
        assert!(made.path().is_absolute());
        assert_eq!(find(&relative, "latest").unwrap(), made);
        assert_eq!(list(&relative).unwrap()[0].folder, made);
    }
}
