//! The methods that weigh a layer's channels: each a few lines over activations and gradients.

use super::Method;
use burn::tensor::{Tensor, activation};

/// Maps `[batch, 1, h, w]` from activations and gradients, both `[batch, channels, h, w]`, before ReLU.
pub(super) fn map(method: Method, activations: Tensor<4>, gradients: Tensor<4>) -> Tensor<4> {
    let weighted = match method {
        Method::HiresCam => gradients * activations,
        Method::LayerCam => activation::relu(gradients) * activations,
        Method::GradCamPlusPlus => plus_plus_weights(&activations, gradients) * activations,
        Method::XGradCam => axiom_weights(&activations, gradients) * activations,
        // Finer-CAM is Grad-CAM of another score.
        _ => mean(gradients) * activations,
    };
    weighted.sum_dim(1)
}

/// `[batch, channels, h, w]` -> `[batch, channels, 1, 1]`.
fn sum(x: Tensor<4>) -> Tensor<4> {
    x.sum_dim(3).sum_dim(2)
}

fn mean(x: Tensor<4>) -> Tensor<4> {
    x.mean_dim(3).mean_dim(2)
}

/// Equation 19 of arXiv 1710.11063, with the powers of g in place of the derivatives of exp(y), and divided by g^2: powers
/// of a small gradient are 0 in f32, of a large one infinite. No epsilon: where g is 0 the weight is.
fn plus_plus_weights(activations: &Tensor<4>, gradients: Tensor<4>) -> Tensor<4> {
    let below = (sum(activations.clone()) * gradients.clone()).add_scalar(2.0);
    let is_zero = below.clone().equal_elem(0.0);
    let weights = activation::relu(gradients) / below.mask_fill(is_zero.clone(), 1.0);
    sum(weights.mask_fill(is_zero, 0.0))
}

/// Equation 8 of arXiv 2008.02312; 0 where a channel is silent.
fn axiom_weights(activations: &Tensor<4>, gradients: Tensor<4>) -> Tensor<4> {
    let below = sum(activations.clone());
    let is_zero = below.clone().equal_elem(0.0);
    let weights = sum(gradients * activations.clone()) / below.mask_fill(is_zero.clone(), 1.0);
    weights.mask_fill(is_zero, 0.0)
}
