//! Points, values and states of a search as words.

use crate::config::MonitoredMetric;
use crate::run::State as RunState;
use crate::search::{RunSeen, TrialRow, metric_text, value_text};
use toml::Value;

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

/// A value of an axis as a config has it, but that numbers have at most four figures; `-` where the axis means nothing.
pub fn value_words(value: Option<&Value>) -> String {
    match value {
        None => "-".into(),
        Some(Value::Float(number)) => {
            let rounded = format!("{number:.3e}").parse().unwrap_or(*number);
            value_text(&Value::Float(rounded))
        }
        Some(other) => value_text(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_as_in_a_config_with_at_most_four_figures() {
        let array = Value::Array(vec![Value::Float(0.5), Value::Float(0.2)]);
        for (value, words) in [
            (Value::Float(0.001), "0.001"),
            (Value::Float(1e-4), "0.0001"),
            (Value::Float(0.000_348_712_3), "0.0003487"),
            (Value::Float(0.1 + 0.2), "0.3"),
            (Value::Float(12.0), "12.0"),
            (Value::Float(1234.56), "1235.0"),
            (Value::Float(3e-9), "3e-9"),
            (Value::Float(0.0), "0.0"),
            (Value::Float(f64::NAN), "nan"),
            (Value::Integer(64), "64"),
            (Value::Boolean(true), "true"),
            (Value::String("a\u{1b}[2Jdam".into()), "a[2Jdam"),
            (array, "[0.5, 0.2]"),
        ] {
            assert_eq!(value_words(Some(&value)), words, "{value:?}");
        }
        assert_eq!(value_words(None), "-");
    }
}
