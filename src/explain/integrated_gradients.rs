//! Integrated gradients (Sundararajan, Taly and Yan, arXiv 1703.01365, equation 1).

use super::evidence::Asked;
use super::passes::Passes;
use super::{ExplainError, HeatMap};
use crate::data::{PIXELS, SIDE};

/// Each pixel's part in what is asked about, with its sign, 64 x 64: the picture's grey level times the mean gradient on
/// the straight way from black to the picture, taken at the middle of each of the steps. The parts sum to what is asked
/// about in the picture less the same in black, but for what the steps miss. A grey level stands for three equal channels:
/// the gradient is the sum of theirs.
pub(super) fn maps(
    passes: &Passes,
    pictures: &[Vec<f32>],
    asked: &[Asked],
    steps: usize,
) -> Result<Vec<HeatMap>, ExplainError> {
    let steps = steps.max(1);
    let mut sums = vec![vec![0.0f64; PIXELS]; pictures.len()];
    passes.gradients(
        pictures.len() * steps,
        |row, place| {
            let way = ((row % steps) as f32 + 0.5) / steps as f32;
            place.iter_mut().zip(&pictures[row / steps]).for_each(|(place, level)| *place = way * level);
        },
        |row| asked[row / steps].weights(),
        |row, gradient| {
            let sums = sums[row / steps].iter_mut();
            sums.zip(gradient).for_each(|(sum, gradient)| *sum += f64::from(*gradient));
        },
    )?;
    let part = |(sum, level): (&f64, &f32)| (sum / steps as f64 * f64::from(*level)) as f32;
    let map = |(sums, picture): (&Vec<f64>, &Vec<f32>)| {
        HeatMap::new(SIDE, sums.iter().zip(picture).map(part).collect())
    };
    Ok(sums.iter().zip(pictures).map(map).collect())
}
