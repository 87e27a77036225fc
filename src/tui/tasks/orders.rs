//! What was ordered from the state: making, stopping, resuming and deleting runs, looking for configs.

use super::{export, new_search};
use crate::config;
use crate::run::{self, Detached, RunFolder, StopRequest, printable};
use crate::train::{self, TrainError};
use crate::tui::message::{Effect, Message};
use crate::tui::state::launch::Refusal;
use crate::tui::state::searches::new::Report as NewSearch;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::task::spawn_blocking;

/// A trainer that cannot begin (a data folder that is not there) mostly ends within this time, and then it is said at
/// once. A start that takes longer is watched in the list.
const PATIENCE: Duration = Duration::from_millis(600);
const MOST_CONFIGS: usize = 500;

/// Does what an effect asks for, on a thread that may wait, and sends how it went.
pub(crate) fn carry_out(effect: Effect, runs: &Path, messages: &Sender<Message>) {
    let (runs, messages) = (runs.to_path_buf(), messages.clone());
    tokio::spawn(async move {
        let done = spawn_blocking(move || order(effect, &runs)).await;
        if let Ok(Some(message)) = done {
            // Without a listener the dashboard is closed.
            let _ = messages.send(message).await;
        }
    });
}

fn order(effect: Effect, runs: &Path) -> Option<Message> {
    match effect {
        Effect::ListConfigs => Some(Message::Configs(configs(Path::new(".")))),
        Effect::Start { config, sets } => Some(Message::Started(start(runs, &config, &sets))),
        Effect::BeginSearch(beginning) => {
            Some(Message::NewSearch(NewSearch::Begun(new_search::begin(runs, &beginning))))
        }
        Effect::Stop(folder) => Some(Message::Done(stop(&folder))),
        Effect::Resume(folder) => Some(Message::Done(resume(&folder))),
        Effect::Remove(folder) => {
            let removed = run::remove(&folder).map_err(sentence);
            Some(Message::Done(removed.map(|()| format!("deleted {}", name(&folder)))))
        }
        Effect::StopSeveral(folders) => {
            Some(Message::Done(each(&folders, "stop after their step", |folder| stop(folder).map(|_| ()))))
        }
        Effect::RemoveSeveral(folders) => {
            let remove = |folder: &RunFolder| run::remove(folder).map_err(sentence);
            Some(Message::Done(each(&folders, "deleted", remove)))
        }
        Effect::Export(export) => Some(Message::Done(export::write(export))),
        // The loop's own, and what has a task of its own.
        _ => None,
    }
}

fn start(runs: &Path, config: &Path, sets: &[String]) -> Result<RunFolder, Refusal> {
    let of_no_field = |sentence| Refusal { field: None, sentence };
    let config = config::from_file(config, sets).map_err(|error| Refusal {
        field: error.field().map(|field| field.key),
        sentence: sentence(error),
    })?;
    // What can be refused here leaves no run.
    train::pictures(&config, &mut |_, _| {}).map_err(refusal)?;
    let (folder, trainer) = run::launch(runs, &config).map_err(sentence).map_err(of_no_field)?;
    began(&folder, &trainer).map(|()| folder).map_err(of_no_field)
}

pub(super) fn refusal(error: TrainError) -> Refusal {
    Refusal { field: error.field(), sentence: sentence(error) }
}

fn resume(folder: &RunFolder) -> Result<String, String> {
    let trainer = run::resume(folder).map_err(sentence)?;
    began(folder, &trainer).map(|()| format!("{} goes on", name(folder)))
}

fn stop(folder: &RunFolder) -> Result<String, String> {
    let name = name(folder);
    match run::stop(folder).map_err(sentence)? {
        StopRequest::Signalled { .. } => Ok(format!("{name} stops after this step")),
        StopRequest::Left => Ok(format!("{name} was asked to stop by a file in its folder")),
    }
}

/// Does the same to several runs, also after one where it fails; a sentence about all of them.
fn each(
    folders: &[RunFolder],
    done: &str,
    mut act: impl FnMut(&RunFolder) -> Result<(), String>,
) -> Result<String, String> {
    let problems: Vec<String> = folders.iter().filter_map(|folder| act(folder).err()).collect();
    let well = folders.len() - problems.len();
    match problems.first() {
        None => Ok(format!("{well} runs: {done}")),
        Some(problem) => Err(format!("{well} of {} runs: {done}; {problem}", folders.len())),
    }
}

/// An error where the trainer has ended badly already.
fn began(folder: &RunFolder, trainer: &Detached) -> Result<(), String> {
    match trainer.ended_within(PATIENCE) {
        Some(status) if !status.success() => {
            let said = run::LogReader::new(folder).read().unwrap_or_default();
            let why = why(&said).map_or_else(|| status.to_string(), String::from);
            Err(printable(&format!("the trainer of {} ended at once: {why}", folder.id())).into_owned())
        }
        _ => Ok(()),
    }
}

/// The line that tells why a trainer ended: its last sentence, or else the last thing it said.
fn why(said: &[String]) -> Option<&str> {
    let sentence = |line: &str| {
        let marks = ["mien: ", "error: "];
        marks.iter().find_map(|mark| line.find(mark).map(|at| at + mark.len()))
    };
    let told = said.iter().rev().find_map(|line| sentence(line).map(|at| &line[at..]));
    told.or_else(|| said.last().map(String::as_str))
}

fn name(folder: &RunFolder) -> String {
    printable(&folder.id()).into_owned()
}

pub(super) fn sentence(error: impl Display) -> String {
    // An error may quote what a file says.
    printable(&error.to_string().replace('\n', ", ")).into_owned()
}

/// The config files in `configs/` and right here; those for searches are made for another command.
fn configs(here: &Path) -> Vec<PathBuf> {
    let mut found = toml_files(&here.join("configs"));
    // Files here that cannot be a run's config, such as a Cargo.toml, would only be in the way.
    let is_run =
        |path: &PathBuf| config::complete(path).is_ok_and(|config| !config.data.root.as_os_str().is_empty());
    found.extend(toml_files(here).into_iter().filter(is_run));
    found.iter().map(|path| path.strip_prefix(".").unwrap_or(path).to_path_buf()).collect()
}

/// The files of a folder that end in `.toml`, by name.
pub(super) fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_config = |path: &PathBuf| path.extension().is_some_and(|end| end == "toml") && path.is_file();
    let mut paths: Vec<PathBuf> =
        entries.take(MOST_CONFIGS).map(|entry| entry.path()).filter(is_config).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configs_are_those_of_the_folder_and_runs_of_this_one() {
        let here = tempfile::tempdir().unwrap();
        let here = here.path();
        std::fs::create_dir_all(here.join("configs/searches")).unwrap();
        for (name, text) in [
            ("configs/b.toml", ""),
            ("configs/a.toml", ""),
            ("configs/readme.md", ""),
            ("configs/searches/s.toml", ""),
            ("mine.toml", "[data]\nroot = \"faces\"\n"),
            ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ] {
            std::fs::write(here.join(name), text).unwrap();
        }
        let names: Vec<_> =
            configs(here).iter().map(|p| p.strip_prefix(here).unwrap().to_path_buf()).collect();
        assert_eq!(names, ["configs/a.toml", "configs/b.toml", "mine.toml"].map(PathBuf::from));
    }

    #[test]
    fn what_fails_for_one_run_is_done_to_the_others_all_the_same() {
        let runs = tempfile::tempdir().unwrap();
        let made = |state| RunFolder::create_with(runs.path(), "a", &run::Status::new(state), None).unwrap();
        let folders = [made(run::State::Running), made(run::State::Finished), made(run::State::Failed)];
        // Of this process, which lives.
        let process = run::ProcessIdentity::current();
        run::Status { process, ..run::Status::new(run::State::Running) }.write(&folders[0]).unwrap();
        let Some(Message::Done(Err(told))) = order(Effect::RemoveSeveral(folders.to_vec()), runs.path())
        else {
            panic!("a running one was deleted")
        };
        assert!(told.starts_with("2 of 3 runs: deleted; ") && told.contains("stop it first"), "{told}");
        assert_eq!(folders.map(|folder| folder.path().exists()), [true, false, false]);
    }

    #[test]
    fn the_reason_of_an_end_is_the_trainers_sentence() {
        let said = ["2026-01-01T00:00:00Z begins", "mien: no data in /x", "see --help"].map(String::from);
        assert_eq!(why(&said), Some("no data in /x"));
        assert_eq!(why(&said[..1]), Some("2026-01-01T00:00:00Z begins"));
        assert_eq!(why(&[]), None);
    }

    #[test]
    fn a_config_that_is_refused_makes_no_run() {
        let here = tempfile::tempdir().unwrap();
        let (config, runs) = (here.path().join("a.toml"), here.path().join("runs"));
        std::fs::write(&config, "[data]\nroot = \"x\"\n[train]\nlerning_rate = 1\n").unwrap();
        let error = start(&runs, &config, &[]).unwrap_err().sentence;
        assert!(error.contains("did you mean 'learning_rate'"), "{error}");
        let error = start(&runs, &here.path().join("none.toml"), &[]).unwrap_err().sentence;
        assert!(error.contains("none.toml"), "{error}");
        std::fs::write(&config, "[data]\nroot = \"/no/faces\"\n").unwrap();
        let refused = start(&runs, &config, &[]).unwrap_err();
        assert_eq!(refused.field, Some("data.root"), "{}", refused.sentence);
        let refused = start(&runs, &config, &["train.epochs=0".into()]).unwrap_err();
        assert_eq!(refused.field, Some("train.epochs"), "{}", refused.sentence);
        assert!(!runs.exists());
    }
}
