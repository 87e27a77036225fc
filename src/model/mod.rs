//! Networks: named stages, the zoo, parameter counts, weights in and out.
//!
//! A network is a `Plan`: the layers in the order of the paper's figure, each with its name, its
//! output's shape and its PyTorch key. Counts, the table of layers, initial weights, the forward pass, and
//! weight files all follow from that one list.

mod architecture;
mod convolution_cpu;
mod cut;
mod error;
mod families;
mod initial;
mod input;
mod layers;
mod network;
mod parameter;
mod plan;
mod randomise;
mod summary;
mod weights;
mod winograd;
mod zoo;

#[cfg(test)]
mod tests;

pub use architecture::{Architecture, ConvDropout, Pooling};
pub use cut::{Cut, LayerShape};
pub use error::ModelError;
pub use input::{NORMALISATION_MEAN, NORMALISATION_STD, input, normalised};
pub use layers::Arithmetic;
pub use network::{Network, StageName};
pub use summary::{Layer, Summary, summary};
pub use weights::{digest, load, save};
pub use zoo::{Preset, resolved, zoo};
