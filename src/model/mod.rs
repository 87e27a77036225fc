//! Networks: layers, named stages, the zoo, parameter counts, weights in and out.

mod architecture;

pub use architecture::{Architecture, ConvDropout, Pooling};
