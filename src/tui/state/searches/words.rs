//! Points, values and states of a search as words.

use crate::config::MonitoredMetric;
use crate::run::State as RunState;
use crate::search::{RunSeen, TrialRow, metric_text};

/// Where a run of a search stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Run(RunState),
    /// Ended by successive halving.
    Halved,
    /// It has not begun.
    Waiting,
}

impl Standing {
    pub fn of(run: &RunSeen) -> Self {
        match run.state {
            _ if run.halved => Self::Halved,
            Some(state) => Self::Run(state),
            None => Self::Waiting,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Run(state) => state.name(),
            Self::Halved => "halved",
            Self::Waiting => "waiting",
        }
    }

    /// What is worth looking at comes first.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Run(RunState::Running) => 0,
            Self::Run(RunState::Failed) => 1,
            Self::Run(RunState::Lost) => 2,
            Self::Run(RunState::Unreadable) => 3,
            Self::Run(RunState::Queued) => 4,
            Self::Run(RunState::Preempted) => 5,
            Self::Run(RunState::Stopped) => 6,
            Self::Waiting => 7,
            Self::Halved => 8,
            Self::Run(RunState::Finished) => 9,
        }
    }
}

/// The run of a point that says where the point stands: the one that is most worth looking at.
pub fn standing(row: &TrialRow) -> Option<&RunSeen> {
    row.runs.iter().min_by_key(|run| Standing::of(run).rank())
}

/// A value of the metric; `-` where there is none.
pub fn metric_words(metric: MonitoredMetric, value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or("-".into(), |value| metric_text(metric, value))
}
