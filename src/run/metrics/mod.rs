//! `metrics.jsonl`: append-only, one object a line, read as columns.

mod columns;
mod latest;
mod parse;
mod reader;
mod writer;

pub use columns::{Metrics, MetricsSlice, Series};
pub use latest::latest;
pub use reader::MetricsReader;
pub use writer::{MetricRow, MetricsWriter};

/// What a row was measured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MetricSplit {
    Train,
    Valid,
    Test,
    /// The machine: its GPU, CPU, memory.
    System,
}

impl MetricSplit {
    pub const ALL: [Self; 4] = [Self::Train, Self::Valid, Self::Test, Self::System];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
            Self::System => "system",
        }
    }

    /// The split of exactly this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|split| split.name() == name)
    }
}

impl std::fmt::Display for MetricSplit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
