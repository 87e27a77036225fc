//! The columns of the list of runs, and its order by one of them.

use crate::run::State as RunState;
use crate::tui::message::RunEntry;
use std::cmp::Ordering;

/// What a column of the list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    State,
    Name,
    Network,
    Device,
    Search,
    Tags,
    Epoch,
    Valid,
    Test,
    Speed,
    Left,
    Age,
}

impl Column {
    pub const fn head(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Name => "name",
            Self::Network => "network",
            Self::Device => "device",
            Self::Search => "search",
            Self::Tags => "tags",
            Self::Epoch => "epoch",
            Self::Valid => "valid",
            Self::Test => "test",
            Self::Speed => "images/s",
            Self::Left => "left",
            Self::Age => "age",
        }
    }

    /// Whether one wants to see the lowest values first.
    const fn begins_low(self) -> bool {
        !matches!(self, Self::Epoch | Self::Valid | Self::Test | Self::Speed)
    }

    fn value(self, run: &RunEntry) -> Value {
        let number = |value: Option<f64>| {
            value.filter(|value| value.is_finite()).map_or(Value::Nothing, Value::Number)
        };
        let text =
            |text: &str| if text.is_empty() { Value::Nothing } else { Value::Text(text.to_lowercase()) };
        match self {
            Self::State => Value::Number(f64::from(rank(run.state))),
            Self::Name => text(&run.name),
            Self::Network => text(&run.arch),
            Self::Device => text(&run.device),
            Self::Search => text(run.search.as_deref().unwrap_or_default()),
            Self::Tags => text(&run.tags.join(" ")),
            Self::Epoch => Value::Number(run.epoch as f64),
            Self::Valid => number(run.valid_accuracy),
            Self::Test => number(run.test_accuracy),
            Self::Speed => number(run.images_per_second),
            Self::Left => number(run.eta_seconds.filter(|_| run.state.is_active())),
            // The older, the higher.
            Self::Age => number(run.created.map(|created| -created)),
        }
    }
}

/// What needs to be looked at first.
fn rank(state: RunState) -> u8 {
    match state {
        RunState::Running => 0,
        RunState::Queued => 1,
        RunState::Failed => 2,
        RunState::Lost => 3,
        RunState::Unreadable => 4,
        RunState::Preempted => 5,
        RunState::Stopped => 6,
        RunState::Finished => 7,
    }
}

enum Value {
    Number(f64),
    Text(String),
    Nothing,
}

/// By which column the list is sorted, and from which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: Column,
    reversed: bool,
}

impl Default for Sort {
    /// The newest first.
    fn default() -> Self {
        Self::by(Column::Age)
    }
}

impl Sort {
    pub(super) const fn by(column: Column) -> Self {
        Self { column, reversed: false }
    }

    pub(super) const fn reverse(self) -> Self {
        Self { reversed: !self.reversed, ..self }
    }

    /// The lowest value stands first.
    pub const fn is_rising(self) -> bool {
        self.column.begins_low() != self.reversed
    }

    /// Sorts places of `entries`, which are the newest first; runs that are equal stay so, and runs without a value
    /// come last from either end.
    pub(super) fn sort(self, places: &mut Vec<usize>, entries: &[RunEntry]) {
        if self == Self::default() {
            places.sort_unstable();
            return;
        }
        let mut keyed: Vec<_> = places.iter().map(|&i| (self.column.value(&entries[i]), i)).collect();
        keyed.sort_by(|(a, i), (b, j)| self.order(a, b).then(i.cmp(j)));
        *places = keyed.into_iter().map(|(_, i)| i).collect();
    }

    fn order(self, a: &Value, b: &Value) -> Ordering {
        let order = match (a, b) {
            (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
            (Value::Text(a), Value::Text(b)) => a.cmp(b),
            (Value::Nothing, Value::Nothing) => return Ordering::Equal,
            (Value::Nothing, _) => return Ordering::Greater,
            (_, Value::Nothing) => return Ordering::Less,
            // A column has values of one kind.
            (Value::Number(_), Value::Text(_)) => Ordering::Less,
            (Value::Text(_), Value::Number(_)) => Ordering::Greater,
        };
        if self.is_rising() { order } else { order.reverse() }
    }
}
