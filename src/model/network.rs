use super::architecture::{Architecture, Pooling};
use super::convolution_cpu::{self, Block, KernelCache};
use super::error::ModelError;
use super::layers::{
    Arithmetic, BatchCount, BatchNorm2d, Convolution, Linear, global_average, squeeze_excite,
};
use super::parameter::Parameter;
use super::plan::{Plan, Stage, Step};
use super::zoo;
use burn::module::{Module, Param, RunningState};
use burn::nn::{Dropout, DropoutConfig};
use burn::tensor::module::{avg_pool2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor, TensorData, activation};
use std::sync::Arc;

/// The name of a place where a network can be cut: after `conv1`, `bn1`, `relu1`, `block1` (after pooling), ...
pub type StageName = String;

/// A network of any family: its layers one after another, and a cut after each.
///
/// It trains (dropout drops, batch normalisation uses and tracks the batch) on a device with autodiff; `valid()`
/// gives the network that evaluates. A plain `clone()` shares the running statistics of batch normalisation with
/// the original; the copy from `valid()` does not, so that is the one to keep.
#[derive(Module, Debug)]
pub struct Network {
    pub(super) convolutions: Vec<Convolution>,
    pub(super) norms: Vec<BatchNorm2d>,
    pub(super) linears: Vec<Linear>,
    dropouts: Vec<Dropout>,
    #[module(skip)]
    arithmetic: Arithmetic,
    #[module(skip)]
    plan: Arc<Plan>,
}

impl Network {
    /// A fresh network with PyTorch's default initial weights, a function of the seed: every device and machine
    /// gets the same ones.
    ///
    /// # Errors
    /// Where the architecture has no such name, field or value, or is too large to build.
    pub fn new(architecture: &Architecture, seed: u64, device: &Device) -> Result<Self, ModelError> {
        let plan = zoo::plan(architecture)?;
        Ok(Self::build(plan, device, &mut |parameter| parameter.initial(seed)))
    }

    /// A network whose parameters' values come from `values`, each in PyTorch's layout and of the asked length.
    pub(super) fn build(plan: Plan, device: &Device, values: &mut dyn FnMut(&Parameter) -> Vec<f32>) -> Self {
        let mut source = Source { device, values };
        let convolutions = plan
            .convolutions
            .iter()
            .map(|plan| Convolution {
                weight: source.param(&plan.weight()),
                bias: plan.bias().map(|bias| source.param(&bias)),
                stride: plan.stride,
                padding: plan.padding(),
                kernels: KernelCache::default(),
            })
            .collect();
        let norms = plan
            .norms
            .iter()
            .map(|plan| BatchNorm2d {
                weight: source.param(&plan.weight()),
                bias: source.param(&plan.bias()),
                running_mean: source.statistic(&plan.running_mean()),
                running_var: source.statistic(&plan.running_var()),
                training: Param::from_bool(true),
                batches: BatchCount::default(),
            })
            .collect();
        let linears = plan
            .linears
            .iter()
            .map(|plan| Linear {
                weight: source.transposed_param(&plan.weight(), plan.inputs, plan.outputs),
                bias: plan.bias().map(|bias| source.param(&bias)),
            })
            .collect();
        // Probabilities were checked to be in 0..1 where the plan was drawn.
        let dropouts = plan.dropouts.iter().map(|&p| DropoutConfig::new(p).init()).collect();
        Self {
            convolutions,
            norms,
            linears,
            dropouts,
            arithmetic: Arithmetic::default(),
            plan: Arc::new(plan),
        }
    }

    /// The same network, its convolutions and linear layers computing in another type; parameters, and what goes in
    /// and comes out, stay f32.
    pub fn with_arithmetic(self, arithmetic: Arithmetic) -> Self {
        Self { arithmetic, ..self }
    }

    /// The same network on a device with autodiff, for gradients with respect to what goes through it: it evaluates, and
    /// nothing it computes changes it or asks for gradients of its parameters.
    pub fn frozen(self) -> Self {
        self.train().freeze()
    }

    /// How many batches each batch norm has trained on, in the order of the plan: PyTorch's `num_batches_tracked`, which
    /// Burn's records do not hold.
    pub fn batch_counts(&self) -> Vec<u64> {
        self.norms.iter().map(|norm| norm.batches.get()).collect()
    }

    /// The same network, its batch counts set.
    pub fn with_batch_counts(mut self, counts: &[u64]) -> Self {
        for (norm, &count) in self.norms.iter_mut().zip(counts) {
            norm.batches = BatchCount::new(count);
        }
        self
    }

    /// Pictures `[batch, 3, 64, 64]` -> logits `[batch, 6]` in the order of [`Emotion::ALL`].
    ///
    /// [`Emotion::ALL`]: crate::emotion::Emotion::ALL
    pub fn forward(&self, pictures: Tensor<4>) -> Tensor<2> {
        vector(self.run(&self.plan.stages, pictures))
    }

    /// Where the network can be cut, in order; the last one's output are the logits.
    pub fn stages(&self) -> Vec<StageName> {
        self.plan.stages.iter().map(|stage| stage.name.clone()).collect()
    }

    /// Pictures `[batch, 3, 64, 64]` -> the output of a stage, `[batch, channels, h, w]`; a vector of c numbers is
    /// `[batch, c, 1, 1]`.
    ///
    /// # Errors
    /// Where no stage has that name; the sentence lists them.
    pub fn forward_to(&self, pictures: Tensor<4>, stage: &str) -> Result<Tensor<4>, ModelError> {
        let after = self.position(stage)? + 1;
        Ok(self.run(&self.plan.stages[..after], pictures))
    }

    /// The output of a stage, shaped as [`forward_to`](Self::forward_to) gives it -> logits `[batch, 6]`.
    ///
    /// # Errors
    /// Where no stage has that name; the sentence lists them.
    pub fn forward_from(&self, stage: &str, activations: Tensor<4>) -> Result<Tensor<2>, ModelError> {
        let after = self.position(stage)? + 1;
        Ok(vector(self.run(&self.plan.stages[after..], activations)))
    }

    /// The shape of a stage's output for one picture, `[channels, h, w]`.
    ///
    /// # Errors
    /// Where no stage has that name; the sentence lists them.
    pub fn stage_shape(&self, stage: &str) -> Result<[usize; 3], ModelError> {
        Ok(self.plan.stages[self.position(stage)?].output)
    }

    /// The last stage with height and width that follows a ReLU: where heat maps look unless told otherwise.
    pub fn last_relu(&self) -> &str {
        let spatial = |stage: &&Stage| stage.step == Step::Relu && stage.output[1] > 1;
        let stages = &self.plan.stages;
        // Six residual blocks end in 1x1, where earlier ones do not; every family has such a ReLU.
        stages.iter().rev().find(spatial).or(stages.first()).map_or("", |stage| &stage.name)
    }

    /// Pictures `[batch, 3, 64, 64]` -> what the classifier sees, `[batch, features]`: the stage `features`.
    pub fn features(&self, pictures: Tensor<4>) -> Tensor<2> {
        let is_features = |stage: &Stage| stage.name == "features";
        let after = self.plan.stages.iter().position(is_features).map_or(0, |index| index + 1);
        vector(self.run(&self.plan.stages[..after], pictures))
    }

    /// How many numbers training changes; running statistics of batch normalisation are not among them.
    pub fn trainable_parameters(&self) -> usize {
        let size = |shape: burn::tensor::Shape| shape.num_elements();
        let bias = |bias: &Option<Param<Tensor<1>>>| bias.as_ref().map_or(0, |bias| size(bias.lazy_shape()));
        let convolutions: usize =
            self.convolutions.iter().map(|layer| size(layer.weight.lazy_shape()) + bias(&layer.bias)).sum();
        let norms: usize = self
            .norms
            .iter()
            .map(|layer| size(layer.weight.lazy_shape()) + size(layer.bias.lazy_shape()))
            .sum();
        let linears: usize =
            self.linears.iter().map(|layer| size(layer.weight.lazy_shape()) + bias(&layer.bias)).sum();
        convolutions + norms + linears
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    fn position(&self, name: &str) -> Result<usize, ModelError> {
        let stages = &self.plan.stages;
        let found = stages.iter().position(|stage| stage.name == name);
        found.ok_or_else(|| ModelError::unknown_stage(name, &self.stages()))
    }

    pub(super) fn run(&self, stages: &[Stage], mut x: Tensor<4>) -> Tensor<4> {
        let mut rest = stages;
        while let Some((stage, after)) = rest.split_first() {
            (x, rest) = match self.block(stage, after, &x) {
                Some((block, after)) => (block.forward(x), after),
                None => (self.step(&stage.step, x), after),
            };
        }
        x
    }

    /// The layers from this one on that evaluate in one pass on the CPU, and those that are left.
    fn block<'a>(
        &self,
        stage: &Stage,
        mut after: &'a [Stage],
        x: &Tensor<4>,
    ) -> Option<(Block<'_>, &'a [Stage])> {
        let Step::Convolution(index) = stage.step else { return None };
        let convolution = &self.convolutions[index];
        if self.arithmetic != Arithmetic::F32 || !convolution_cpu::fits(convolution, x) {
            return None;
        }
        let mut block = Block { convolution, norm: None, relu: false, pool: false };
        if let Some((Stage { step: Step::BatchNorm(index), .. }, rest)) = after.split_first() {
            (block.norm, after) = (Some(&self.norms[*index]), rest);
        }
        if let Some((Stage { step: Step::Relu, .. }, rest)) = after.split_first() {
            (block.relu, after) = (true, rest);
        }
        if let Some((Stage { step: Step::Pool(Pooling::Max), .. }, rest)) = after.split_first() {
            (block.pool, after) = (true, rest);
        }
        Some((block, after))
    }

    fn step(&self, step: &Step, x: Tensor<4>) -> Tensor<4> {
        match step {
            Step::Grey => x.mean_dim(1),
            Step::Convolution(index) => self.convolutions[*index].forward(x, self.arithmetic),
            Step::BatchNorm(index) => self.norms[*index].forward(x),
            Step::Relu => activation::relu(x),
            Step::Pool(Pooling::Max) => max_pool2d(x, MaxPoolOptions::new([2, 2])),
            Step::Pool(Pooling::Avg) => avg_pool2d(x, AvgPoolOptions::new([2, 2])),
            Step::Dropout(index) => self.dropouts[*index].forward(x),
            Step::SqueezeExcite { down, up } => {
                squeeze_excite(x, &self.linears[*down], &self.linears[*up], self.arithmetic)
            }
            Step::Sum { body, shortcut } => self.run(body, x.clone()) + self.run(shortcut, x),
            Step::GlobalAverage => global_average(x),
            Step::Flatten => {
                let [batch, channels, height, width] = x.dims();
                x.reshape([batch, channels * height * width, 1, 1])
            }
            Step::Linear(index) => self.linears[*index].forward_channels(x, self.arithmetic),
        }
    }
}

/// `[batch, c, 1, 1]` -> `[batch, c]`.
pub(super) fn vector(x: Tensor<4>) -> Tensor<2> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels * height * width])
}

/// Puts values on a device.
struct Source<'a> {
    device: &'a Device,
    values: &'a mut dyn FnMut(&Parameter) -> Vec<f32>,
}

impl Source<'_> {
    fn data(&mut self, parameter: &Parameter) -> TensorData {
        TensorData::new((self.values)(parameter), parameter.shape.clone())
    }

    fn param<const D: usize>(&mut self, parameter: &Parameter) -> Param<Tensor<D>> {
        Param::from_data(self.data(parameter), self.device)
    }

    /// PyTorch's `[outputs, inputs]` as `[inputs, outputs]`.
    fn transposed_param(&mut self, parameter: &Parameter, inputs: usize, outputs: usize) -> Param<Tensor<2>> {
        let values = transposed(&(self.values)(parameter), outputs, inputs);
        Param::from_data(TensorData::new(values, [inputs, outputs]), self.device)
    }

    fn statistic(&mut self, parameter: &Parameter) -> RunningState<Tensor<1>> {
        RunningState::new(Tensor::from_data(self.data(parameter), self.device))
    }
}

/// A row-major matrix of `rows` by `columns` as its transpose. It goes by square blocks that stay in the cache: the
/// classifier of `vgg` is 16384 by 4096.
pub(super) fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    const BLOCK: usize = 32;
    let mut turned = vec![0.0; values.len()];
    for top in (0..rows).step_by(BLOCK) {
        for left in (0..columns).step_by(BLOCK) {
            for row in top..(top + BLOCK).min(rows) {
                for column in left..(left + BLOCK).min(columns) {
                    turned[column * rows + row] = values[row * columns + column];
                }
            }
        }
    }
    turned
}
