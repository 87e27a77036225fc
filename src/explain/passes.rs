//! Many changed copies of pictures through a network, in passes of one size.

use super::ExplainError;
use super::evidence::numbers;
use crate::data::{PIXELS, SIDE};
use crate::emotion::CLASSES;
use crate::model::{Network, normalised};
use burn::prelude::Device;
use burn::tensor::{Tensor, TensorData};

/// Pictures in a pass. Never another number, a short last pass filled up with black: on a GPU each new shape costs a
/// search for the fastest kernels, and memory must not grow with what is asked for.
const PASS: usize = 32;

/// The rows of all passes are grey pictures: 64 x 64 levels, where 0 is black and 1 white.
pub(super) struct Passes<'a> {
    /// Evaluates, without autodiff.
    pub network: &'a Network,
    /// The same weights with autodiff.
    pub frozen: &'a Network,
    pub device: &'a Device,
    /// Asked before each pass.
    pub wanted: &'a dyn Fn() -> bool,
}

impl Passes<'_> {
    /// The logits of so many rows; `draw` draws a row over a black one.
    ///
    /// # Errors
    /// Where the device fails, a number is not finite, or it is no longer wanted.
    pub fn logits(
        &self,
        rows: usize,
        draw: impl Fn(usize, &mut [f32]),
    ) -> Result<Vec<[f32; CLASSES]>, ExplainError> {
        let mut all = Vec::with_capacity(rows);
        for first in (0..rows).step_by(PASS) {
            let count = PASS.min(rows - first);
            let grey = self.pass(first, count, &draw)?;
            let logits = numbers(self.network.forward(normalised(grey)))?; // [32, 6]
            all.extend(logits.as_chunks().0.iter().take(count));
        }
        Ok(all)
    }

    /// The gradient of each row's logits, summed with the row's weights, with respect to its grey levels: `take` gets it,
    /// row by row.
    ///
    /// # Errors
    /// As [`logits`](Self::logits).
    pub fn gradients(
        &self,
        rows: usize,
        draw: impl Fn(usize, &mut [f32]),
        weights: impl Fn(usize) -> [f32; CLASSES],
        mut take: impl FnMut(usize, &[f32]),
    ) -> Result<(), ExplainError> {
        for first in (0..rows).step_by(PASS) {
            let count = PASS.min(rows - first);
            let grey = self.pass(first, count, &draw)?.autodiff().require_grad();
            let logits = self.frozen.forward(normalised(grey.clone())); // [32, 6]
            numbers(logits.clone().inner())?;
            let mut of_row: Vec<f32> = (first..first + count).flat_map(&weights).collect();
            of_row.resize(PASS * CLASSES, 0.0);
            let of_row = TensorData::new(of_row, [PASS, CLASSES]);
            let of_row = Tensor::<2>::from_data(of_row, &logits.device());
            let gradients = (logits * of_row).sum().backward();
            // Where no gradient flows back to the pictures, it is 0.
            let gradients = grey.grad(&gradients).unwrap_or_else(|| grey.inner().zeros_like());
            let gradients = numbers(gradients)?;
            (first..).zip(gradients.chunks_exact(PIXELS)).take(count).for_each(|(row, g)| take(row, g));
        }
        Ok(())
    }

    /// `[32, 1, 64, 64]`
    fn pass(
        &self,
        first: usize,
        count: usize,
        draw: impl Fn(usize, &mut [f32]),
    ) -> Result<Tensor<4>, ExplainError> {
        if !(self.wanted)() {
            return Err(ExplainError::GivenUp);
        }
        let mut grey = vec![0.0; PASS * PIXELS];
        (first..).zip(grey.chunks_exact_mut(PIXELS)).take(count).for_each(|(row, place)| draw(row, place));
        Ok(Tensor::from_data(TensorData::new(grey, [PASS, 1, SIDE, SIDE]), self.device))
    }
}
