//! Whether a map is right: what happens to the network's score as the places it names are taken away.
//!
//! Two kinds of maps stand beside every method's: [`random_map`] knows nothing, [`centred_gaussian`] only that faces are
//! in the middle.

mod control;
mod curves;
mod order;

pub use control::{centred_gaussian, random_map};
pub use curves::Curves;
