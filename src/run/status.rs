//! `status.json`: what a run is doing, small enough to read a thousand of.

use super::files::{Durability, read_small, replace};
use super::{ProcessIdentity, RunError, RunFolder, unix_seconds};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// The form of `status.json` that this program writes; a file without a version has this form.
pub const STATUS_VERSION: u32 = 1;

/// What a run does. `Lost` and `Unreadable` are a reader's conclusions and never written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Queued,
    Running,
    Finished,
    Stopped,
    Preempted,
    Failed,
    /// The process is gone without an end.
    Lost,
    /// The folder's status cannot be understood.
    Unreadable,
}

impl State {
    const WRITTEN: [Self; 6] =
        [Self::Queued, Self::Running, Self::Finished, Self::Stopped, Self::Preempted, Self::Failed];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Stopped => "stopped",
            Self::Preempted => "preempted",
            Self::Failed => "failed",
            Self::Lost => "lost",
            Self::Unreadable => "unreadable",
        }
    }

    /// Queued or running: something is expected to happen by itself.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for State {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::WRITTEN.into_iter().find(|state| state.name() == name).ok_or_else(|| {
            let known = Self::WRITTEN.map(Self::name).join(", ");
            serde::de::Error::custom(format!("no such state '{name}'; known are {known}"))
        })
    }
}

/// The content of `status.json`. Fields that are unknown to this version are ignored when read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    #[serde(default = "version")]
    pub version: u32,
    pub state: State,
    #[serde(flatten)]
    pub process: ProcessIdentity,
    /// The epoch being trained, from 1; 0 before the first.
    #[serde(default, deserialize_with = "count")]
    pub epoch: u64,
    /// Optimizer steps done.
    #[serde(default, deserialize_with = "count")]
    pub step: u64,
    /// Optimizer steps planned; 0 while unknown.
    #[serde(default, deserialize_with = "count")]
    pub steps: u64,
    /// Epochs planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epochs: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images_per_second: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta_seconds: Option<f64>,
    /// Seconds that trainers have had the run for, resumes included and waiting not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained_seconds: Option<f64>,
    /// Unix seconds of the last sign of life.
    #[serde(default)]
    pub heartbeat: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The Slurm job that the run belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub job: Option<String>,
    /// The search that the run belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub search: Option<String>,
    /// What a list shows beside the state, kept here so that a list reads one file a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Best validation accuracy so far, 0..=1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_accuracy: Option<f64>,
    /// Validation loss of the best epoch so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_loss: Option<f64>,
    /// Accuracy of the evaluation on the test split, 0..=1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_accuracy: Option<f64>,
    /// The epochs after which successive halving ended the run, because its siblings did better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halved: Option<u64>,
}

fn version() -> u32 {
    STATUS_VERSION
}

/// A count that may have been written as `3.0`.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    let whole = number.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0).map(|n| n as u64);
    number.as_u64().or(whole).ok_or_else(|| serde::de::Error::custom(format!("{number} is not a count")))
}

/// A name that may have been written as a number, as Slurm's job ids are.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(serde_json::Number),
    }
    Ok(Option::<Either>::deserialize(deserializer)?.map(|either| match either {
        Either::Text(text) => text,
        Either::Number(number) => number.to_string(),
    }))
}

impl Status {
    /// A status of this moment, without a process.
    pub fn new(state: State) -> Self {
        Self {
            version: STATUS_VERSION,
            state,
            process: ProcessIdentity::default(),
            epoch: 0,
            step: 0,
            steps: 0,
            epochs: None,
            images_per_second: None,
            eta_seconds: None,
            trained_seconds: None,
            heartbeat: unix_seconds(),
            error: None,
            job: None,
            search: None,
            device: None,
            arch: None,
            valid_accuracy: None,
            valid_loss: None,
            test_accuracy: None,
            halved: None,
        }
    }

    /// Reads a run's status. Fails where the file is missing, torn, not a status, or of a later version; the
    /// error says which.
    pub fn read(folder: &RunFolder) -> Result<Self, RunError> {
        let path = folder.status();
        let content = read_small(&path).map_err(RunError::read(&path))?;
        Self::parse(&content).map_err(|reason| RunError::Content { path, reason })
    }

    /// Understands the content of a `status.json`; the error is a reason without the file's name.
    pub fn parse(content: &[u8]) -> Result<Self, String> {
        let parsed = serde_json::from_slice::<Self>(content);
        let version = match &parsed {
            Ok(status) => status.version,
            // A later version may have changed what stands in any other field.
            Err(_) => version_alone(content).unwrap_or(STATUS_VERSION),
        };
        if version > STATUS_VERSION {
            return Err(format!(
                "it was written by a later mien (status version {version}, this one knows {STATUS_VERSION}); install that one"
            ));
        }
        parsed.map_err(|error| {
            let what = if content.is_empty() { "it is empty".into() } else { error.to_string() };
            super::printable(&what).into_owned()
        })
    }

    /// Replaces the run's status: a reader sees the old or the new one, never a part.
    pub fn write(&self, folder: &RunFolder) -> Result<(), RunError> {
        self.write_with(folder, Durability::Atomic)
    }

    /// As [`Status::write`], and on the disk when this returns: for ends, which must outlive a power cut.
    pub fn write_synced(&self, folder: &RunFolder) -> Result<(), RunError> {
        self.write_with(folder, Durability::Synced)
    }

    fn write_with(&self, folder: &RunFolder, durability: Durability) -> Result<(), RunError> {
        let path = folder.status();
        let mut text = serde_json::to_string(self)
            .map_err(|error| RunError::Content { path: path.clone(), reason: error.to_string() })?;
        text.push('\n');
        replace(&path, text.as_bytes(), durability)
    }
}

fn version_alone(content: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Versioned {
        version: f64,
    }
    serde_json::from_slice::<Versioned>(content).ok().map(|found| found.version as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::folder;

    #[test]
    fn what_was_written_is_read_back() {
        let (_keep, folder) = folder("a");
        let mut status = Status::new(State::Running);
        status.process = ProcessIdentity::current();
        status.error = Some("a \"quoted\"\nline".into());
        (status.heartbeat, status.valid_accuracy) = (1_800_000_000.25, Some(0.5));
        status.write(&folder).unwrap();
        assert_eq!(Status::read(&folder).unwrap(), status);
        status.write_synced(&folder).unwrap();
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "no temporary file is left behind: {left:?}");
    }

    #[test]
    fn a_foreign_status_is_read_leniently() {
        let text =
            br#"{"state":"running","epoch":3.0,"step":7,"steps":10,"heartbeat":12.5,"job":4711,"new":[1]}"#;
        let status = Status::parse(text).unwrap();
        assert_eq!((status.version, status.epoch, status.step, status.heartbeat), (1, 3, 7, 12.5));
        assert_eq!(status.job.as_deref(), Some("4711"));
    }

    #[test]
    fn what_cannot_be_understood_says_why() {
        for (text, reason) in [
            ("", "empty"),
            ("{\"state\":\"run", "EOF"),
            ("{}", "state"),
            ("[]", "invalid"),
            ("{\"state\":\"paused\"}", "'paused'"),
            ("{\"state\":\"lost\"}", "'lost'"),
            ("{\"state\":\"running\",\"epoch\":-1}", "not a count"),
            ("{\"version\":2,\"state\":\"running\"}", "later mien"),
            ("{\"version\":9,\"state\":{\"x\":1}}", "version 9"),
        ] {
            let error = Status::parse(text.as_bytes()).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn the_written_form_is_flat() {
        let mut status = Status::new(State::Running);
        status.process = ProcessIdentity::current();
        let value = serde_json::to_value(&status).unwrap();
        assert_eq!(value["state"], "running");
        assert_eq!(value["version"], 1);
        assert_eq!(value["pid"], std::process::id());
        assert!(value.get("error").is_none());
    }
}
