//! Which pictures of a data set look alike to a network.

use super::evidence::numbers;
use super::request::Picture;
use super::{ExplainError, Explainer};
use crate::data::Dataset;
use crate::evaluate::BATCH;
use half::f16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

/// A picture that looks like another one to a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Of the data set.
    pub index: usize,
    /// Cosine of the angle between the features, -1 to 1. Features behind a ReLU have no angle above 90 degrees, so that
    /// theirs are 0 to 1.
    pub similarity: f32,
}

/// The features of pictures of a data set, each of length 1, in f16: 10,000 pictures of 1024 features take 20 MiB.
///
/// Features are what [`Network::features`](crate::model::Network::features) gives: the last block's channels, each averaged
/// over the picture (of `vgg`: all of its values), as they go into the classifier. Where the classifier is one linear layer
/// (ResNets, `fc_depth = 1`) that is the penultimate layer of the network; where it has several, the features are what the
/// first of them sees.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureIndex {
    pub(super) indices: Vec<usize>,
    /// Numbers of each picture.
    pub(super) length: usize,
    /// Picture by picture.
    pub(super) features: Vec<f16>,
}

impl Explainer {
    /// The features of pictures, as [`FeatureIndex`] has them but of any length, in one pass.
    ///
    /// # Errors
    /// A device that fails, and weights that have diverged.
    pub fn features(&self, pictures: &[Picture]) -> Result<Vec<Vec<f32>>, ExplainError> {
        if pictures.is_empty() {
            return Ok(Vec::new());
        }
        let features = self.network().features(self.pictures(pictures)); // [batch, features]
        let [_, length] = features.dims();
        Ok(numbers(features)?.chunks_exact(length.max(1)).map(<[f32]>::to_vec).collect())
    }
}

impl FeatureIndex {
    /// Looks at these pictures of a data set. `progress` hears how many are done, of how many.
    ///
    /// # Errors
    /// [`ExplainError::GivenUp`] once it is not `wanted` any more; else as [`Explainer::features`].
    pub fn build(
        explainer: &Explainer,
        dataset: &Dataset,
        indices: &[usize],
        wanted: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, ExplainError> {
        let mut index = Self { indices: Vec::with_capacity(indices.len()), length: 0, features: Vec::new() };
        for chunk in indices.chunks(BATCH) {
            if !wanted() {
                return Err(ExplainError::GivenUp);
            }
            let pictures: Vec<Picture> =
                chunk.iter().map(|index| Picture { pixels: dataset.pixels(*index), truth: None }).collect();
            for (place, features) in chunk.iter().zip(explainer.features(&pictures)?) {
                index.push(*place, &features, indices.len());
            }
            progress(index.indices.len(), indices.len());
        }
        Ok(index)
    }

    /// How many pictures there are.
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    /// The pictures whose features point most nearly the same way, most alike first, of equal ones the one that comes first
    /// in the data set. A picture of the index is its own nearest neighbour. Features without a direction (all 0) are like
    /// none: 0. Features of another network, of another length, have no neighbours.
    pub fn nearest(&self, features: &[f32], count: usize) -> Vec<Neighbour> {
        if features.len() != self.length || self.length == 0 || count == 0 {
            return Vec::new();
        }
        let wanted = of_length_1(features);
        let mut neighbours: Vec<Neighbour> = self
            .features
            .par_chunks_exact(self.length)
            .zip(&self.indices)
            .map_init(
                || vec![0.0; self.length],
                |row, (features, index)| {
                    features.convert_to_f32_slice(row);
                    // Rounding may lead beyond the cosine's ends.
                    Neighbour { index: *index, similarity: dot(row, &wanted).clamp(-1.0, 1.0) }
                },
            )
            .collect();
        let order = |a: &Neighbour, b: &Neighbour| {
            b.similarity.total_cmp(&a.similarity).then_with(|| a.index.cmp(&b.index))
        };
        if count < neighbours.len() {
            neighbours.select_nth_unstable_by(count, order);
            neighbours.truncate(count);
        }
        neighbours.sort_by(order);
        neighbours
    }

    fn push(&mut self, index: usize, features: &[f32], count: usize) {
        if self.indices.is_empty() {
            self.length = features.len();
            self.features.reserve_exact(features.len() * count);
        }
        self.indices.push(index);
        self.features.extend(of_length_1(features).into_iter().map(f16::from_f32));
    }
}

/// In f64, where no square overflows.
fn of_length_1(features: &[f32]) -> Vec<f32> {
    let length = features.iter().map(|feature| f64::from(*feature).powi(2)).sum::<f64>().sqrt();
    let scale = if length > 0.0 { length.recip() } else { 0.0 };
    features.iter().map(|feature| (f64::from(*feature) * scale) as f32).collect()
}

/// Eight sums at a time: floating-point addition is not reordered by the compiler.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
#[path = "neighbours_tests.rs"]
pub(in crate::explain) mod tests;
