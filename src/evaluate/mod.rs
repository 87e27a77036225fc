//! Scores of a split and what follows from them: confusion, metrics, intervals.
//!
//! [`Scores`] is a `scores/<split>.csv`; [`evaluate`] makes an [`Evaluation`], an entry of `evaluation.json`,
//! of it, and [`ScoreFile`] looks at one that is too long to be held. Definitions are scikit-learn's where it has one.

mod bootstrap;
mod calibration;
mod columns;
mod confusion;
mod error;
mod evaluation;
mod file;
mod network;
mod pictures;
mod query;
mod score_file;
mod scores;
mod table;

pub use bootstrap::Interval;
pub use calibration::{BINS, ReliabilityBin};
pub use confusion::{ClassMetrics, Confusion};
pub use error::EvaluateError;
pub use evaluation::{Evaluation, Intervals, evaluate};
pub use file::{read_evaluations, write_evaluation};
pub use network::{BATCH, network_scores, network_scores_with, picture_scores};
pub use pictures::pictures_under;
pub use query::Query;
pub use score_file::{Arrangement, Cost, RowCounts, ScoreFile, ScoreLine, SortBy, Unreadable, scored_splits};
pub use scores::{Decimals, ScoreRow, Scores, read_scores, scores_to, truth_in_name, write_scores};
pub use table::{Colour, table};
