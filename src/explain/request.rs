use super::{ExplainError, Method};
use crate::data::SIDE;
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
    /// Side and step of [`Method::Occlusion`]'s patch, in pixels: 1 to 64, and no gaps between patches.
    pub patch: usize,
    pub stride: usize,
    /// Gradients of [`Method::IntegratedGradients`]: 1 to 4096.
    pub steps: usize,
    /// Noisy copies of [`Method::SmoothGrad`], 1 to 4096, and the noise's standard deviation as a share of the picture's
    /// range, 0 to 1.
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

impl Request {
    /// Most gradients or noisy copies of one picture.
    const MOST: usize = 4096;

    /// # Errors
    /// A number outside its range; the sentence says which. What is asked about a layer is checked by
    /// [`Explainer::layer_of`](super::Explainer::layer_of).
    pub fn check(&self) -> Result<(), ExplainError> {
        let counts = [
            ("patch", self.patch, SIDE, "1 to 64"),
            ("stride", self.stride, SIDE, "1 to 64"),
            ("steps", self.steps, Self::MOST, "1 to 4096"),
            ("samples", self.samples, Self::MOST, "1 to 4096"),
        ];
        for (field, value, most, must) in counts {
            possible((1..=most).contains(&value), field, value, must)?;
        }
        possible((0.0..=1.0).contains(&self.noise), "noise", self.noise, "0 to 1")?;
        // Logits are f32: a finite f64 beyond them is as good as infinite.
        possible((self.alpha as f32).is_finite(), "alpha", self.alpha, "a finite number")?;
        if self.method == Method::Occlusion && self.stride > self.patch {
            return Err(ExplainError::Gaps { patch: self.patch, stride: self.stride });
        }
        Ok(())
    }
}

fn possible(
    is_possible: bool,
    field: &'static str,
    value: impl ToString,
    must: &'static str,
) -> Result<(), ExplainError> {
    if is_possible {
        return Ok(());
    }
    Err(ExplainError::Value { field, value: value.to_string(), must })
}
