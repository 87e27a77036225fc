use super::Method;
use crate::emotion::Emotion;

/// A picture to be explained.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// 64 x 64 grey levels, rows first.
    pub pixels: &'a [u8],
    /// What it shows, where that is known.
    pub truth: Option<Emotion>,
}

/// Which class is asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Target {
    /// The one with the highest score.
    #[default]
    Predicted,
    /// What the picture shows.
    Truth,
    Class(Emotion),
}

/// The class that finer-cam holds against the one that is asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Versus {
    /// The one with the highest score of the others.
    #[default]
    RunnerUp,
    Class(Emotion),
}

/// What is asked of each picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub method: Method,
    /// By name; the last ReLU with height and width where none is named (for [`Method::Cam`] the one layer it is defined
    /// on). Methods of pixels have none.
    pub layer: Option<String>,
    pub target: Target,
    pub versus: Versus,
    /// How much of the other class's logit [`Method::FinerCam`] takes away.
    pub alpha: f64,
    /// The mean of the picture's map and of its mirror image's map, mirrored back.
    pub flip: bool,
    /// Side and step of [`Method::Occlusion`]'s patch, in pixels.
    pub patch: usize,
    pub stride: usize,
    /// Gradients of [`Method::IntegratedGradients`].
    pub steps: usize,
    /// Noisy copies of [`Method::SmoothGrad`], and the noise's standard deviation as a share of the picture's range.
    pub samples: usize,
    pub noise: f64,
    pub seed: u64,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            method: Method::GradCam,
            layer: None,
            target: Target::Predicted,
            versus: Versus::RunnerUp,
            alpha: 1.0,
            flip: false,
            patch: 8,
            stride: 4,
            steps: 64,
            samples: 32,
            noise: 0.15,
            seed: 0,
        }
    }
}
