//! The layers that hold parameters, with PyTorch's conventions.

use super::convolution_cpu::KernelCache;
use burn::module::{Flag, Module, Param, RunningState};
use burn::tensor::module::{batch_norm, batch_norm_train, conv2d, linear};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{FloatDType, Tensor, activation};
use std::sync::atomic::{AtomicU64, Ordering};

/// The type in which convolutions and linear layers multiply. Everything else, the parameters, the activations
/// between layers and batch normalisation, is f32 always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arithmetic {
    #[default]
    F32,
    /// Half the memory traffic, and the tensor cores of a GPU; eight bits of mantissa. The range is that of f32, so
    /// the loss needs no scaling.
    Bf16,
}

impl Arithmetic {
    fn enter<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::F32 => x,
            Self::Bf16 => x.cast(FloatDType::BF16),
        }
    }

    fn leave<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::F32 => x,
            Self::Bf16 => x.cast(FloatDType::F32),
        }
    }
}

/// Square convolution; weight `[outputs, inputs, kernel, kernel]`, bias `[outputs]`.
#[derive(Module, Debug)]
pub(super) struct Convolution {
    pub weight: Param<Tensor<4>>,
    pub bias: Option<Param<Tensor<1>>>,
    pub stride: usize,
    pub padding: usize,
    #[module(skip)]
    pub kernels: KernelCache,
}

impl Convolution {
    /// `[batch, inputs, h, w]` -> `[batch, outputs, h / stride, w / stride]`.
    pub fn forward(&self, x: Tensor<4>, arithmetic: Arithmetic) -> Tensor<4> {
        let options = ConvOptions::new([self.stride; 2], [self.padding; 2], [1, 1], 1);
        let weight = arithmetic.enter(self.weight.val());
        let bias = self.bias.as_ref().map(|bias| arithmetic.enter(bias.val()));
        arithmetic.leave(conv2d(arithmetic.enter(x), weight, bias, options))
    }
}

/// Fully connected; weight `[inputs, outputs]` (PyTorch stores the transpose), bias `[outputs]`.
#[derive(Module, Debug)]
pub(super) struct Linear {
    pub weight: Param<Tensor<2>>,
    pub bias: Option<Param<Tensor<1>>>,
}

impl Linear {
    /// `[batch, inputs]` -> `[batch, outputs]`.
    pub fn forward(&self, x: Tensor<2>, arithmetic: Arithmetic) -> Tensor<2> {
        let weight = arithmetic.enter(self.weight.val());
        let bias = self.bias.as_ref().map(|bias| arithmetic.enter(bias.val()));
        arithmetic.leave(linear(arithmetic.enter(x), weight, bias))
    }

    /// The same on vectors that lie along the channels, `[batch, inputs, 1, 1]`.
    pub fn forward_channels(&self, x: Tensor<4>, arithmetic: Arithmetic) -> Tensor<4> {
        let [batch, inputs, ..] = x.dims();
        let y = self.forward(x.reshape([batch, inputs]), arithmetic); // [batch, outputs]
        let outputs = y.dims()[1];
        y.reshape([batch, outputs, 1, 1])
    }
}

/// Batch normalisation of `[batch, channels, h, w]` as `torch.nn.BatchNorm2d` does it.
///
/// Burn's own layer moves `running_var` towards the *biased* variance of the batch; PyTorch's towards the unbiased
/// one, which is what the paper's weights hold. Trains on a device with autodiff unless the flag was cleared by
/// `valid()` or `freeze()`. The statistics are up to date after every pass (Burn's layer keeps the newest update
/// aside until the next pass, and a record written in between lacks it).
#[derive(Module, Debug)]
pub(super) struct BatchNorm2d {
    pub weight: Param<Tensor<1>>,
    pub bias: Param<Tensor<1>>,
    pub running_mean: RunningState<Tensor<1>>,
    pub running_var: RunningState<Tensor<1>>,
    pub training: Param<Flag>,
    #[module(skip)]
    pub batches: BatchCount,
}

impl BatchNorm2d {
    /// Share of a new batch in the running statistics.
    const MOMENTUM: f64 = 0.1;
    pub const EPSILON: f64 = 1e-5;

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match x.device().is_autodiff() && self.training.is_enabled() {
            true => self.forward_train(x),
            false => self.forward_evaluate(x),
        }
    }

    fn forward_evaluate(&self, x: Tensor<4>) -> Tensor<4> {
        let device = x.device();
        let mean = self.running_mean.value().to_device(&device);
        let variance = self.running_var.value().to_device(&device);
        batch_norm(x, self.weight.val(), self.bias.val(), mean, variance, Self::EPSILON)
    }

    fn forward_train(&self, x: Tensor<4>) -> Tensor<4> {
        let device = x.device();
        let [batch, _, height, width] = x.dims();
        let result = batch_norm_train(x, self.weight.val(), self.bias.val(), Self::EPSILON);
        let count = (batch * height * width) as f64;
        // One value has no unbiased variance (PyTorch refuses to train on it); it is 0 either way.
        let unbiased = result.variance.detach().mul_scalar(count / (count - 1.0).max(1.0));
        for (state, new) in [(&self.running_mean, result.mean.detach()), (&self.running_var, unbiased)] {
            let old = state.value_sync().to_device(&device);
            let moved = old.mul_scalar(1.0 - Self::MOMENTUM).add(new.mul_scalar(Self::MOMENTUM));
            state.update(moved.detach());
            state.value_sync();
        }
        self.batches.add_one();
        result.output
    }
}

/// How many batches moved the running statistics: PyTorch's `num_batches_tracked`. It steers nothing at a fixed
/// momentum; it is counted because PyTorch's weight files hold it. A copy counts on its own.
#[derive(Debug, Default)]
pub(super) struct BatchCount(AtomicU64);

impl BatchCount {
    pub fn new(count: u64) -> Self {
        Self(AtomicU64::new(count))
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Clone for BatchCount {
    fn clone(&self) -> Self {
        Self::new(self.get())
    }
}

/// Squeeze and excitation (arXiv 1709.01507): each channel times a number in 0..1 found from all channels' means.
pub(super) fn squeeze_excite(x: Tensor<4>, down: &Linear, up: &Linear, arithmetic: Arithmetic) -> Tensor<4> {
    let squeezed = activation::relu(down.forward_channels(global_average(x.clone()), arithmetic));
    x * activation::sigmoid(up.forward_channels(squeezed, arithmetic))
}

/// `[batch, channels, h, w]` -> the mean of each channel, `[batch, channels, 1, 1]`.
pub(super) fn global_average(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels, 1, 1])
}
