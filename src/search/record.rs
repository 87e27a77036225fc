//! `state.json`: what a search's supervisor knows that no run can say.

use super::{SearchError, SearchFolder};
use crate::data::{Durability, read_small, replace};
use crate::run::{Machine, Presence, ProcessIdentity, SILENCE_SECONDS, unix_seconds};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The form of `state.json` that this program writes.
const VERSION: u32 = 1;

/// What a search does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchState {
    /// Its supervisor has not begun.
    Planned,
    Running,
    /// The supervisor waits for something that a person has to mend, as a full disk; [`Record::problem`] says what.
    Paused,
    /// Every run has ended.
    Finished,
    /// Someone stopped it.
    Stopped,
    /// The supervisor gave up; [`Record::problem`] says why.
    Failed,
    /// A reader's conclusion: the supervisor is gone without an end.
    #[serde(skip_deserializing)]
    Lost,
}

impl SearchState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Lost => "lost",
        }
    }

    /// Something is expected to happen by itself.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Planned | Self::Running | Self::Paused)
    }
}

/// Where the runs are trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// On this machine, a slot per GPU.
    #[default]
    Local,
    /// By Slurm, as job arrays.
    Slurm,
}

/// The content of `state.json`. Fields that are unknown to this version are ignored when read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub version: u32,
    pub state: SearchState,
    /// The file that the search was begun from, absolute.
    pub file: PathBuf,
    #[serde(default)]
    pub engine: EngineKind,
    /// The supervisor.
    #[serde(flatten)]
    pub process: ProcessIdentity,
    /// Unix seconds of the supervisor's last sign of life.
    #[serde(default)]
    pub heartbeat: f64,
    /// Why it is paused or failed; one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// How often runs were begun again because they failed, by number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub retried: BTreeMap<u64, u32>,
    /// Runs that are not to be begun, though they have no folder that says so: someone cancelled them in the queue.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub cancelled: BTreeSet<u64>,
    /// Runs that are given up, and why, whose own folders do not say so: they could not even be begun. By number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failed: BTreeMap<u64, String>,
    /// Devices of the local engine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<String>,
    /// At most so many runs at once, as last set; none: as the search's file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttle: Option<usize>,
    /// Job arrays that were submitted, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arrays: Vec<Array>,
}

/// A job array: its tasks are the lines of a file in [`SearchFolder::slurm`], from 1, each the number of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Array {
    /// Slurm's id of the array's job.
    pub job: String,
    /// The file's name.
    pub list: String,
}

impl Record {
    /// Of a search that has not begun.
    pub fn new(file: PathBuf) -> Self {
        Self {
            version: VERSION,
            state: SearchState::Planned,
            file,
            engine: EngineKind::Local,
            process: ProcessIdentity::default(),
            heartbeat: unix_seconds(),
            problem: None,
            retried: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            failed: BTreeMap::new(),
            slots: Vec::new(),
            throttle: None,
            arrays: Vec::new(),
        }
    }

    pub fn read(folder: &SearchFolder) -> Result<Self, SearchError> {
        let path = folder.record();
        let content = read_small(&path).map_err(SearchError::read(&path))?;
        let record: Self = serde_json::from_slice(&content).map_err(|error| {
            let reason =
                format!("it is damaged ({error}): put it back as it was, or begin another search with --new");
            SearchError::content(&path, reason)
        })?;
        if record.version > VERSION {
            let reason =
                format!("it was written by a later mien (version {}); install that one", record.version);
            return Err(SearchError::content(&path, reason));
        }
        Ok(record)
    }

    /// Replaces the search's record: a reader sees the old or the new one, never a part.
    pub fn write(&self, folder: &SearchFolder) -> Result<(), SearchError> {
        let path = folder.record();
        let mut text = serde_json::to_vec(self).map_err(|error| SearchError::content(&path, error))?;
        text.push(b'\n');
        let written = replace(&path, Durability::Synced, |file| file.write_all(&text));
        written.map_err(SearchError::write(&path))
    }

    /// The state as it is seen from here, now: a supervisor that is gone without an end leaves a lost search.
    pub fn observed_state(&self) -> SearchState {
        // One that has no supervisor yet gets one soon, or never.
        if !self.state.is_active() {
            return self.state;
        }
        let silent = unix_seconds() - self.heartbeat;
        match Machine::here().presence(&self.process) {
            Presence::Alive => self.state,
            Presence::Unknown if silent <= SILENCE_SECONDS => self.state,
            _ => SearchState::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::folder::tests::search_folder;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let (_keep, folder) = search_folder("a");
        let record = Record {
            state: SearchState::Paused,
            engine: EngineKind::Slurm,
            process: ProcessIdentity::current(),
            problem: Some("no space".into()),
            retried: [(3, 1)].into(),
            cancelled: [7].into(),
            failed: [(8, "cannot be begun".into())].into(),
            slots: vec!["cuda:0".into()],
            throttle: Some(4),
            arrays: vec![Array { job: "12".into(), list: "1.txt".into() }],
            // JSON may bring other numbers back as their neighbours.
            heartbeat: 1_700_000_000.5,
            ..Record::new("/x/s.toml".into())
        };
        record.write(&folder).unwrap();
        assert_eq!(Record::read(&folder).unwrap(), record);
    }

    #[test]
    fn a_search_whose_supervisor_is_gone_is_lost() {
        let here = Record {
            state: SearchState::Running,
            process: ProcessIdentity::current(),
            ..Record::new("s".into())
        };
        assert_eq!(here.observed_state(), SearchState::Running);
        let gone = ProcessIdentity { process_start: Some(1.0), ..ProcessIdentity::current() };
        let gone = Record { process: gone, ..here.clone() };
        assert_eq!(gone.observed_state(), SearchState::Lost);
        assert_eq!(Record { state: SearchState::Finished, ..gone }.observed_state(), SearchState::Finished);
        let elsewhere = ProcessIdentity { host: Some("other".into()), ..ProcessIdentity::default() };
        let elsewhere = Record { process: elsewhere, ..here };
        assert_eq!(elsewhere.observed_state(), SearchState::Running);
        assert_eq!(Record { heartbeat: 0.0, ..elsewhere }.observed_state(), SearchState::Lost);
    }

    #[test]
    fn a_record_that_cannot_be_understood_is_a_sentence_with_its_file() {
        let (_keep, folder) = search_folder("a");
        for text in ["", "{", "{\"version\":9}", "[]"] {
            std::fs::write(folder.record(), text).unwrap();
            assert!(Record::read(&folder).unwrap_err().to_string().contains("state.json"), "{text}");
        }
    }
}
