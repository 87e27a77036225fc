//! Whether a map is right: what happens to the network's score as the places it names are taken away.
//!
//! [`measure`] takes every [`Metric`] of every method over a set of pictures; [`check_sanity`] asks whether maps change as
//! the network forgets what it learned. Two kinds of maps stand beside every method's: [`random_map`] knows nothing,
//! [`centred_gaussian`] only that faces are in the middle.

mod control;
mod curves;
mod estimate;
mod imputation;
mod measure;
mod metric;
mod order;
#[cfg(test)]
mod planted;
mod sanity;
mod spearman;
mod subject;

pub use control::{centred_gaussian, random_map};
pub use curves::Curves;
pub use estimate::Estimate;
pub use measure::{Control, Faithfulness, Measured, PASSES, measure};
pub use metric::{Area, Metric};
pub use sanity::{Sanity, check_sanity};
pub use subject::{Places, Subject};
