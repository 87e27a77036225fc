//! Blocks of layers that evaluate in one pass on the CPU: a 3x3 convolution, and of batch normalisation, ReLU and max
//! pooling what follows it. It takes a fraction of the time that the layers take one after another in Burn's CPU backend,
//! whose results it gives but for rounding (a relative 1e-6 or so).

use super::layers::{BatchNorm2d, Convolution};
use super::winograd::{self, Kernels, Layer, Norm, WIDEST};
use burn::module::Param;
use burn::tensor::{DType, Device, Tensor, TensorData};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Layers in order.
pub(super) struct Block<'a> {
    pub convolution: &'a Convolution,
    pub norm: Option<&'a BatchNorm2d>,
    pub relu: bool,
    pub pool: bool,
}

/// Whether a convolution of `x` can be done here: 3x3 at stride 1, on the CPU, in f32, and asking for no gradients.
pub(super) fn fits(convolution: &Convolution, x: &Tensor<4>) -> bool {
    let weight = &convolution.weight;
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
        let outputs = self.convolution.weight.dims()[0];
        let device = x.device();
        let bias = self.convolution.bias.as_ref().map(|bias| numbers(bias.val()));
        let layer = Layer {
            inputs,
            outputs,
            height,
            width,
            kernels: &self.convolution.kernels.of(&self.convolution.weight),
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

/// The transformed kernels of a convolution that evaluates, made in its first pass: a single picture's pass would take
/// twice as long if it made them anew. They take 16/9 of the weight's memory. A copy makes its own.
#[derive(Default)]
pub(super) struct KernelCache(Mutex<Option<(Param<Tensor<4>>, Arc<Kernels>)>>);

impl KernelCache {
    /// Of this weight, whatever weight the convolution had before.
    pub fn of(&self, weight: &Param<Tensor<4>>) -> Arc<Kernels> {
        if let Some((of, kernels)) = &*self.kept()
            && is_same(of, weight)
        {
            return Arc::clone(kernels);
        }
        // Not under the lock: what waits for other threads may be given work that asks for the same kernels.
        let kernels = Arc::new(Kernels::new(&numbers(weight.val()), weight.dims()[1]));
        *self.kept() = Some((weight.clone(), Arc::clone(&kernels)));
        kernels
    }

    fn kept(&self) -> MutexGuard<'_, Option<(Param<Tensor<4>>, Arc<Kernels>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether two parameters are copies of one. Copies share the place of their value, which is set once and never changed
/// (training, loading and moving to a device make a new one); while both live no other value can be there.
fn is_same(a: &Param<Tensor<4>>, b: &Param<Tensor<4>>) -> bool {
    std::ptr::eq::<Tensor<4>>(&**a, &**b)
}

impl Clone for KernelCache {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for KernelCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KernelCache")
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
