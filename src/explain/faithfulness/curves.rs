//! Deletion and insertion (RISE, arXiv 1806.07421, section 4): the class's probability as pixels go and come in the map's
//! order.

use super::order::order;
use crate::data::{PIXELS, SIDE};
use crate::emotion::Emotion;
use crate::evaluate;
use crate::explain::{ExplainError, Explainer, HeatMap};

/// What a deleted pixel becomes: the mean of ImageNet's three channels, which is about 0 for the network, as what the
/// paper's authors delete with is.
const GREY: u8 = 114;

/// Pixels, the deviation of the blur that insertion begins with: what it leaves of a face of 64 pixels is a stain.
const BLUR: f32 = 5.0;

/// Pictures scored before it is asked again whether that is still wanted.
const CHUNK: usize = 16;

/// The probability of a class after each share of the pixels, from none to all: steps + 1 values each.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// The highest-ranked pixels greyed first. The sooner it falls, the better.
    pub deletion: Vec<f64>,
    /// The highest-ranked pixels of a blurred picture made sharp first. The sooner it rises, the better.
    pub insertion: Vec<f64>,
}

impl Curves {
    /// 0 to 1; lower is better.
    pub fn deletion_auc(&self) -> f64 {
        area(&self.deletion)
    }

    /// 0 to 1; higher is better.
    pub fn insertion_auc(&self) -> f64 {
        area(&self.insertion)
    }

    /// The pictures whose probabilities make the curves, `2 steps + 1` of them: the picture itself, which both curves
    /// touch, those of deletion, those of insertion.
    pub(super) fn pictures(pixels: &[u8], order: &[usize], steps: usize) -> Vec<Vec<u8>> {
        let blurred = blurred(pixels);
        let mut pictures = vec![pixels.to_vec()];
        let mut deleted = pixels.to_vec();
        for range in parts(steps) {
            order[range].iter().for_each(|&pixel| deleted[pixel] = GREY);
            pictures.push(deleted.clone());
        }
        let mut inserted = blurred;
        for range in parts(steps) {
            pictures.push(inserted.clone());
            order[range].iter().for_each(|&pixel| inserted[pixel] = pixels[pixel]);
        }
        pictures
    }

    /// Of the probabilities of [`pictures`](Self::pictures), in their order.
    pub(super) fn of(probabilities: &[f64]) -> Self {
        let steps = probabilities.len() / 2;
        let (deletion, insertion) = probabilities.split_at((steps + 1).min(probabilities.len()));
        let whole = probabilities.first().copied();
        Self { deletion: deletion.to_vec(), insertion: insertion.iter().copied().chain(whole).collect() }
    }
}

impl Explainer {
    /// How a class's probability falls as a map's pixels are deleted, and rises as they are inserted, in so many steps
    /// (at least one). `pixels` is a picture of 64 x 64.
    ///
    /// # Errors
    /// A device that fails, and [`ExplainError::GivenUp`] once it is no longer wanted.
    pub fn curves(
        &self,
        pixels: &[u8],
        map: &HeatMap,
        class: Emotion,
        steps: usize,
        wanted: &dyn Fn() -> bool,
    ) -> Result<Curves, ExplainError> {
        let pictures = Curves::pictures(&whole(pixels), &order(map), steps.clamp(1, PIXELS));
        let mut probabilities = Vec::with_capacity(pictures.len());
        for some in pictures.chunks(CHUNK) {
            if !wanted() {
                return Err(ExplainError::GivenUp);
            }
            probabilities.extend(self.probabilities(some, class)?);
        }
        Ok(Curves::of(&probabilities))
    }

    /// The probability of one class in each picture of 64 x 64.
    fn probabilities(&self, pictures: &[Vec<u8>], class: Emotion) -> Result<Vec<f64>, ExplainError> {
        let pictures = pictures.iter().map(Vec::as_slice);
        let scores = evaluate::picture_scores(self.network(), pictures, CHUNK, self.device(), &mut |_| {})?;
        Ok(scores.iter().map(|scores| f64::from(scores[class.index()])).collect())
    }
}

/// A picture of the size that all have: what it is short of is black.
pub(super) fn whole(pixels: &[u8]) -> Vec<u8> {
    pixels.iter().copied().chain(std::iter::repeat(0)).take(PIXELS).collect()
}

/// The order's pixels, cut into so many equal parts.
fn parts(steps: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    (0..steps).map(move |step| PIXELS * step / steps..PIXELS * (step + 1) / steps)
}

/// Under a curve over 0..1 whose points are equally far apart, by trapezia.
fn area(curve: &[f64]) -> f64 {
    match curve {
        [] => 0.0,
        [only] => *only,
        [first, .., last] => (curve.iter().sum::<f64>() - (first + last) / 2.0) / (curve.len() - 1) as f64,
    }
}

/// Gaussian, beyond the edge the edge goes on.
fn blurred(pixels: &[u8]) -> Vec<u8> {
    let reach = (3.0 * BLUR) as isize;
    let weights: Vec<f32> = (-reach..=reach).map(|at| (-0.5 * (at as f32 / BLUR).powi(2)).exp()).collect();
    let all: f32 = weights.iter().sum();
    // Blurs each row and turns the picture over its diagonal; twice is both directions and the right way up.
    let turned = |pixels: &[f32]| -> Vec<f32> {
        let value = |x: usize, y: usize| {
            let at = |offset: isize| (x as isize + offset).clamp(0, SIDE as isize - 1) as usize;
            let sum: f32 = (-reach..=reach).zip(&weights).map(|(to, w)| w * pixels[SIDE * y + at(to)]).sum();
            sum / all
        };
        (0..PIXELS).map(|i| value(i / SIDE, i % SIDE)).collect()
    };
    let levels: Vec<f32> = pixels.iter().map(|&pixel| f32::from(pixel)).collect();
    turned(&turned(&levels)).into_iter().map(|level| level.round() as u8).collect()
}

#[cfg(test)]
#[path = "curves_tests.rs"]
mod tests;
