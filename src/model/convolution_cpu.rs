//! Blocks of layers that evaluate in one pass on the CPU: a 3x3 convolution, and of batch normalisation, ReLU and max
//! pooling what follows it. It takes a fraction of the time that the layers take one after another in Burn's CPU backend,
//! whose results it gives but for rounding (a relative 1e-6 or so).

use super::layers::{BatchNorm2d, Convolution};
use super::winograd::{self, Layer, Norm, WIDEST};
use burn::tensor::{DType, Device, Tensor, TensorData};

/// Layers in order.
pub(super) struct Block<'a> {
    pub convolution: &'a Convolution,
    pub norm: Option<&'a BatchNorm2d>,
    pub relu: bool,
    pub pool: bool,
}

/// Whether a convolution of `x` can be done here: 3x3 at stride 1, on the CPU, in f32, and asking for no gradients.
pub(super) fn fits(convolution: &Convolution, x: &Tensor<4>) -> bool {
    let weight = convolution.weight.val();
    let on_cpu = |device: Device| !device.is_autodiff() && device == Device::flex();
    let [batch, _, height, width] = x.dims();
    let even = |side: usize| side > 0 && side <= WIDEST && side.is_multiple_of(2);
    weight.dims()[2..] == [3, 3]
        && (convolution.stride, convolution.padding) == (1, 1)
        && (x.dtype(), weight.dtype()) == (DType::F32, DType::F32)
        && on_cpu(x.device())
        && on_cpu(weight.device())
        && batch > 0
        && even(height)
        && even(width)
}

impl Block<'_> {
    /// `[batch, inputs, h, w]` -> `[batch, outputs, h, w]`, or half as high and wide after pooling.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, inputs, height, width] = x.dims();
        let weight = self.convolution.weight.val();
        let outputs = weight.dims()[0];
        let device = x.device();
        let bias = self.convolution.bias.as_ref().map(|bias| numbers(bias.val()));
        let layer = Layer {
            inputs,
            outputs,
            height,
            width,
            kernels: &numbers(weight),
            bias: bias.as_deref(),
            norm: self.norm.map(norm),
            relu: self.relu,
            pool: self.pool,
        };
        let y = winograd::forward(&layer, &numbers(x));
        let shrink = if self.pool { 2 } else { 1 };
        Tensor::from_data(TensorData::new(y, [batch, outputs, height / shrink, width / shrink]), &device)
    }
}

fn norm(layer: &BatchNorm2d) -> Norm {
    let variance = layer.running_var.value();
    Norm {
        mean: numbers(layer.running_mean.value()),
        deviation: numbers(variance.add_scalar(BatchNorm2d::EPSILON).sqrt()),
        weight: numbers(layer.weight.val()),
        bias: numbers(layer.bias.val()),
    }
}

/// Without a copy, where nothing else holds the tensor.
fn numbers<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    // The CPU has no queue that could fail, and every tensor here is f32.
    x.into_data().try_into_vec_as().unwrap_or_default()
}
