//! What the state is told, and what it asks for.

use super::graphics::Answer;
use super::state::{
    atlas, compare, config, confusion, explain, launch, log, notes, pictures, scores, search, searches,
    system, timeline, values,
};
use crate::data::Photo;
use crate::evaluate::{Change, Confusion, ConfusionView};
use crate::explain::Atlas;
use crate::run::{LogPiece, MetricsSlice, RunFolder, printable};
use crate::search::SearchFolder;
use crossterm::event::{KeyEvent, MouseEvent};
use std::path::PathBuf;

/// Something happened. Everything that comes from files has been made printable by who sent it, but the keys of
/// metrics.
#[derive(Debug)]
pub enum Message {
    Key(KeyEvent),
    Mouse(MouseEvent),
    /// The terminal said what it can.
    Answer(Answer),
    /// The terminal has another size, in cells.
    Resized(u16, u16),
    /// Unix seconds; comes now and then.
    Clock(f64),
    /// All runs there are, newest first, or why they cannot be listed.
    Runs(Result<Vec<RunEntry>, String>),
    Metrics(FollowedRun, Box<MetricsSlice>),
    /// All that a followed run had written so far has been sent.
    CaughtUp(FollowedRun),
    /// What came at the end of the log.
    Log(FollowedRun, LogPiece),
    Config(FollowedRun, Vec<String>),
    /// Configs and results of runs, for those who look for runs by them.
    Values(values::Report),
    /// The config files that a run may be made from.
    Configs(Vec<PathBuf>),
    /// A run was made and its trainer started; or why not.
    Started(Result<RunFolder, launch::Refusal>),
    Scores(scores::Report),
    Confusion(confusion::Report),
    Atlas(atlas::Report),
    Explain(explain::Report),
    Compare(compare::Report),
    Timeline(timeline::Report),
    System(system::Report),
    Searches(searches::Report),
    NewSearch(searches::new::Report),
    Importance(searches::panes::ImportanceReport),
    BestCurves(searches::panes::CurvesReport),
    Launch(launch::Report),
    Pictures(pictures::Report),
    ConfigCompared(config::Report),
    LogPiece(log::Report),
    LogFound(search::Report),
    /// What was asked for is done, or could not be; a sentence either way.
    Done(Result<String, String>),
    /// A sentence about something that went wrong behind the scenes.
    Problem(String),
}

/// Which request to follow a run something belongs to: later requests have higher numbers.
pub type FollowedRun = u64;

/// What shall be done outside of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send the metrics, the log and the config of this run from now on, and of no other.
    Follow(FollowedRun, RunFolder),
    /// Send the metrics of these runs, too, and of no others beside the followed one.
    FollowMarked(Vec<(FollowedRun, RunFolder)>),
    /// Read configs and results.
    ReadValues(values::Order),
    /// Change what stands in a run's notes.
    Annotate(RunFolder, notes::Annotation),
    /// Look for config files.
    ListConfigs,
    /// Make a run of the config and `key=value` overrides, and start its trainer.
    Start {
        config: PathBuf,
        sets: Vec<String>,
    },
    /// Of these only the newest counts: one that is being worked on is abandoned for the next.
    Scores(scores::Order),
    Confusion(confusion::Order),
    Atlas(atlas::Order),
    Explain(explain::Order),
    Compare(compare::Order),
    Timeline(timeline::Order),
    System(system::Order),
    Searches(searches::Order),
    NewSearch(searches::new::Order),
    /// Make a search of a file and have it supervised.
    BeginSearch(searches::new::Beginning),
    Importance(searches::panes::ImportanceOrder),
    BestCurves(searches::panes::CurvesOrder),
    /// Change a search, or make something of it.
    ActOnSearch(SearchFolder, searches::Act),
    Launch(launch::Order),
    Pictures(pictures::Order),
    Config(config::Order),
    Log(log::Order),
    Search(search::Order),
    /// Write what is shown as files.
    Export(Export),
    Stop(RunFolder),
    Resume(RunFolder),
    Remove(RunFolder),
    StopSeveral(Vec<RunFolder>),
    RemoveSeveral(Vec<RunFolder>),
    /// Ring, with a sentence for terminals that show one.
    Ring(String),
    /// Hand the terminal to the shell until it is given back.
    Suspend,
    Leave,
}

/// What is written for people to take along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Export {
    /// A confusion as `<stem>.csv` and `<stem>.png`.
    Confusion {
        folder: RunFolder,
        title: String,
        /// The line below the title.
        about: String,
        stem: String,
        confusion: Box<Confusion>,
        view: ConfusionView,
    },
    /// Mean maps as `atlas-<split>.png`.
    Atlas { folder: RunFolder, title: String, atlas: Box<Atlas> },
    /// All pictures that two runs see in this different way, as CSV into the folder of the second.
    Changed { runs: [RunFolder; 2], split: String, change: Change },
    /// Pictures beside each other as `<stem>.png`.
    Pictures { folder: RunFolder, stem: String, pictures: Vec<Photo> },
}

/// What an update leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// The screen is not as it was.
    pub draw: bool,
    pub effects: Vec<Effect>,
}

/// A run as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunEntry {
    pub folder: RunFolder,
    /// The folder's name, printable.
    pub id: String,
    pub name: String,
    pub state: crate::run::State,
    /// Why it is in this state, where there is something to say.
    pub reason: Option<String>,
    pub arch: String,
    pub device: String,
    pub search: Option<String>,
    /// The machine it is or was trained on; empty where unknown.
    pub host: String,
    pub tags: Vec<String>,
    /// In one line; empty where there is none.
    pub note: String,
    /// Why its notes cannot be read.
    pub notes_problem: Option<String>,
    pub epoch: u64,
    /// 0 while unknown.
    pub epochs: u64,
    pub step: u64,
    /// 0 while unknown.
    pub steps: u64,
    pub images_per_second: Option<f64>,
    pub eta_seconds: Option<f64>,
    /// Unix seconds of the last sign of life; 0 where there was none.
    pub heartbeat: f64,
    /// Unix seconds.
    pub created: Option<f64>,
    /// Best so far, 0..=1.
    pub valid_accuracy: Option<f64>,
    /// Of the evaluation, 0..=1.
    pub test_accuracy: Option<f64>,
}

impl From<crate::run::RunSummary> for RunEntry {
    fn from(summary: crate::run::RunSummary) -> Self {
        let (epoch, step) = (summary.epoch(), summary.step());
        let status = summary.seen.status;
        let host = status.as_ref().and_then(|status| status.process.host.as_deref()).unwrap_or_default();
        Self {
            host: printable(host).into_owned(),
            tags: summary.tags,
            note: summary.note,
            notes_problem: summary.notes_problem,
            state: summary.seen.state,
            reason: summary.seen.reason,
            folder: summary.folder,
            id: summary.id,
            name: summary.title.unwrap_or(summary.name),
            arch: summary.arch.unwrap_or_default(),
            device: summary.device.unwrap_or_default(),
            search: summary.search,
            epoch,
            epochs: summary.epochs.unwrap_or_default(),
            step,
            steps: status.as_ref().map_or(0, |status| status.steps),
            images_per_second: status.as_ref().and_then(|status| status.images_per_second),
            eta_seconds: status.as_ref().and_then(|status| status.eta_seconds),
            heartbeat: status.as_ref().map_or(0.0, |status| status.heartbeat),
            created: Some(summary.created).filter(|created| *created > 0.0),
            valid_accuracy: summary.valid_accuracy,
            test_accuracy: summary.test_accuracy,
        }
    }
}
