//! Training: recipe, trainer, schedule, early stopping, checkpoints. Emits events and never draws.

mod attention;
mod batches;
mod checkpoint;
mod claim;
mod conclude;
mod early_stopping;
mod error;
mod event;
mod job;
mod halving;
mod last;
mod prepare;
mod probes;
mod recipe;
mod recorder;
mod schedule;
mod session;
mod stop;
mod trainer;

pub use claim::Claim;
pub use conclude::write_evaluation;
pub use early_stopping::Best;
pub use error::TrainError;
pub use event::{Event, Means};
pub use job::Job;
pub use last::{LastEvaluation, evaluate_last};
pub use prepare::{Prepared, packed_pictures, pictures, prepare, prepare_again};
pub use recipe::{correct, cross_entropy, optimizer};
pub use schedule::Schedule;
pub use session::{Ending, Report, panic_words, train};
pub use stop::Stop;
