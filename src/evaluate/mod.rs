//! Scores of a split and what follows from them: confusion, metrics, intervals.
//!
//! `Scores` is a `scores/<split>.csv`; `evaluate` makes an `Evaluation`, an entry of `evaluation.json`, of it, and
//! `ScoreFile` looks at one that is too long to be held. Definitions are scikit-learn's where it has one.

mod bootstrap;
mod calibration;
mod chart;
mod columns;
mod comparison;
mod confusion;
mod error;
mod evaluation;
mod export;
mod file;
mod lettering;
mod mcnemar;
mod network;
mod paired;
mod pictures;
mod query;
mod score_file;
mod score_reader;
mod scores;
mod table;
mod view;

pub use bootstrap::Interval;
pub(crate) use bootstrap::mean_interval;
pub use calibration::{BINS, ReliabilityBin};
pub(crate) use chart::is_chart;
pub use chart::{CHART_SIZE, ChartText, chart_png, confusion_chart};
pub use comparison::{Comparison, PairedMetric, changed_pictures, compare};
pub use confusion::{ClassMetrics, Confusion};
pub use error::{EvaluateError, Wanted};
pub use evaluation::{Evaluation, Intervals, evaluate, evaluate_file};
pub use export::{ExportKind, export};
pub use file::{read_evaluations, write_evaluation};
pub(crate) use lettering::{Font, INK, PAPER, QUIET, centred, class_names, fill, write};
pub use mcnemar::{McNemar, Method};
pub(crate) use network::softmax;
pub use network::{BATCH, network_scores, network_scores_with, picture_scores};
pub use paired::{Change, PairedRow, Unpaired};
pub use pictures::pictures_under;
pub use query::Query;
pub use score_file::{Arrangement, Cost, RowCounts, ScoreFile, ScoreLine, SortBy, Unreadable, scored_splits};
pub use scores::{Decimals, ScoreRow, Scores, read_scores, scores_to, truth_in_name, write_scores};
pub use table::{Colour, table};
pub use view::ConfusionView;
