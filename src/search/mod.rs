//! Searches over hyper-parameters: spaces and samplers, the plan, and the engines that run it.
//!
//! A search is a folder, `runs/searches/<id>/`: what is searched, the plan, and how far it is. Its runs are ordinary run
//! folders whose ids follow from the search's id and their numbers in the plan, so that whoever begins a run, on whatever
//! machine, begins it once. What is true of a run stands in the run's own folder; the search only remembers what no run
//! can say.

mod begin;
mod change;
mod engine;
mod error;
mod estimate;
mod folder;
mod local;
mod importance;
mod overview;
mod plan;
mod promote;
mod ready;
mod record;
mod slurm;
mod space;
mod supervise;

pub use begin::{BeginOptions, MAX_RUNS, begin, begin_with};
pub use change::{ResumeOptions, Resumed, StopOutcome, resume, stop, throttle};
pub use engine::{Engine, Holding, NotBegun};
pub use error::SearchError;
pub use estimate::estimate;
pub use folder::SearchFolder;
pub use importance::{FEWEST_POINTS, Importance, Importances, importance};
pub use overview::{
    Counts, Curve, Overview, OverviewReader, RunSeen, SearchSummary, TrialRow, curves, interval_text,
    metric_name, metric_text, point_text, short_names, value_text, value_words,
};
pub use plan::{Plan, PlannedRun};
pub use promote::promote;
pub use record::{EngineKind, Record, SearchState};
pub use slurm::{Slurm, Task};
pub use space::{Axis, Condition, LocalEngine, Sampler, Search, SlurmEngine, Values};
pub use supervise::supervise;
