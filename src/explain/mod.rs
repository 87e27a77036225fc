//! Where a network looks: attribution methods, whether their maps are right, and maps as pictures.
//!
//! [`Explainer`] gives one [`Explanation`] for each picture: a [`HeatMap`] at the resolution of the layer that was asked
//! for. A method is a few lines over activations and gradients ([`class_activation`]), or over the pixels.

mod class_activation;
mod colour_map;
mod error;
mod evidence;
mod explainer;
mod heat_map;
mod method;
mod overlay;
mod region;
mod request;

pub use colour_map::ColourMap;
pub use error::ExplainError;
pub use explainer::{Explainer, Explanation};
pub use heat_map::HeatMap;
pub use method::Method;
pub use overlay::{Look, heat, overlay};
pub use region::{Bounds, FacePart, Regions};
pub use request::{Picture, Request, Target, Versus};

#[cfg(test)]
mod statistics_tests;
