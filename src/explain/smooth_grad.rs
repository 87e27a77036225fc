//! SmoothGrad (Smilkov et al., arXiv 1706.03825).

use super::evidence::Asked;
use super::passes::Passes;
use super::{ExplainError, HeatMap, Request};
use crate::data::{Draws, PIXELS, SIDE};

/// How much each pixel matters to what is asked about, 64 x 64: the size of the mean gradient over noisy copies of the
/// picture. Gaussian noise is added to the grey levels and nothing is cut off; as in the paper its deviation is a share of
/// the picture's range, and the absolute value is taken of the mean.
///
/// The noise is a function of the seed and the copy's number, one for all pictures: what a picture gets does not depend on
/// its neighbours.
pub(super) fn maps(
    passes: &Passes,
    pictures: &[Vec<f32>],
    asked: &[Asked],
    request: &Request,
) -> Result<Vec<HeatMap>, ExplainError> {
    let samples = request.samples.max(1);
    let deviations: Vec<f64> = pictures.iter().map(|picture| request.noise * range(picture)).collect();
    let mut sums = vec![vec![0.0f64; PIXELS]; pictures.len()];
    passes.gradients(
        pictures.len() * samples,
        |row, place| {
            let (picture, sample) = (row / samples, row % samples);
            let mut draws = Draws::new(&[request.seed, sample as u64]);
            for (place, level) in place.iter_mut().zip(&pictures[picture]) {
                *place = level + (deviations[picture] * draws.normal()) as f32;
            }
        },
        |row| asked[row / samples].weights(),
        |row, gradient| {
            let sums = sums[row / samples].iter_mut();
            sums.zip(gradient).for_each(|(sum, gradient)| *sum += f64::from(*gradient));
        },
    )?;
    let size = |sum: &f64| (sum / samples as f64).abs() as f32;
    Ok(sums.iter().map(|sums| HeatMap::new(SIDE, sums.iter().map(size).collect())).collect())
}

/// From the darkest to the lightest level.
fn range(picture: &[f32]) -> f64 {
    let low = picture.iter().copied().fold(f32::INFINITY, f32::min);
    let high = picture.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    f64::from(high - low).max(0.0)
}
