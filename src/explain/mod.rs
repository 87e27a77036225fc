//! Where a network looks: attribution methods, whether their maps are right, and maps as pictures.
//!
//! `Explainer` gives one `Explanation` for each picture: a `HeatMap` at the resolution of the layer that was asked for. A
//! method is a few lines over activations and gradients (`class_activation`), or over passes of changed pictures
//! (`passes`).

mod activations;
mod atlas;
mod class_activation;
mod colour_map;
mod error;
mod evidence;
mod explainer;
mod faithfulness;
mod feature_cache;
mod heat_map;
mod integrated_gradients;
mod method;
mod neighbours;
mod occlusion;
mod overlay;
mod panels;
mod passes;
mod region;
mod request;
mod smooth_grad;
mod timeline;

#[cfg(test)]
mod statistics_tests;
#[cfg(test)]
mod tests;

pub use activations::Activations;
pub use atlas::{
    ATLAS_CHART_SIZE, ATLAS_LOOK, Atlas, AtlasOf, Cell, Energy, Origin, atlas_chart, chance, export_atlas,
};
pub use colour_map::ColourMap;
pub use error::ExplainError;
pub use explainer::{Explainer, Explanation};
pub use faithfulness::{
    Area, Control, Curves, Estimate, Faithfulness, Measured, Metric, PASSES, Places, Sanity, Subject,
    centred_gaussian, check_sanity, measure, random_map,
};
pub use heat_map::HeatMap;
pub use method::Method;
pub use neighbours::{FeatureIndex, Neighbour};
pub use overlay::{Look, heat, overlay};
pub use panels::{panels, side_by_side};
pub use region::{Bounds, FacePart, Regions};
pub use request::{Picture, Request, Target, Versus};
pub use timeline::{EpochMaps, Probe, ProbeMap, Probes, TimelineReader, TimelineWriter};
