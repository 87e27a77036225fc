//! A network as plain data: named stages, and the shapes of the parameters they use.

use super::architecture::Pooling;

/// The input of every network, `[channels, height, width]`.
pub(super) const INPUT: [usize; 3] = [3, crate::model::input::SIDE, crate::model::input::SIDE];

/// The layers in order. A parameter is stored once and named by its index, so that two stages can share it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    pub stages: Vec<Stage>,
    pub convolutions: Vec<ConvolutionPlan>,
    pub norms: Vec<NormPlan>,
    pub linears: Vec<LinearPlan>,
    /// Probabilities, in the order of their stages.
    pub dropouts: Vec<f64>,
}

/// One layer: after it the network can be cut.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stage {
    pub name: String,
    pub step: Step,
    /// `[channels, height, width]`; a vector of c numbers is `[c, 1, 1]`.
    pub output: [usize; 3],
}

/// What a layer does; numbers are indices into the plan's parameters.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// The mean of the channels: a network that looks at grey pictures as one channel.
    Grey,
    Convolution(usize),
    BatchNorm(usize),
    Relu,
    /// 2x2, stride 2.
    Pool(Pooling),
    Dropout(usize),
    /// Scales each channel by a number in 0..1 that two linear layers find from the channels' means.
    SqueezeExcite {
        down: usize,
        up: usize,
    },
    /// `body(x) + shortcut(x)`; an empty shortcut is x itself.
    Sum {
        body: Vec<Stage>,
        shortcut: Vec<Stage>,
    },
    GlobalAverage,
    Flatten,
    Linear(usize),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ConvolutionPlan {
    pub key: String,
    pub inputs: usize,
    pub outputs: usize,
    pub kernel: usize,
    pub stride: usize,
    pub bias: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct NormPlan {
    pub key: String,
    pub channels: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct LinearPlan {
    pub key: String,
    pub inputs: usize,
    pub outputs: usize,
    pub bias: bool,
}

impl ConvolutionPlan {
    /// Inputs that one output sees.
    pub fn fan_in(&self) -> usize {
        self.inputs * self.kernel * self.kernel
    }

    /// Zeros on each side: "same" at stride 1.
    pub fn padding(&self) -> usize {
        self.kernel / 2
    }

    pub fn parameters(&self) -> usize {
        self.outputs * (self.fan_in() + usize::from(self.bias))
    }
}

impl LinearPlan {
    pub fn parameters(&self) -> usize {
        self.outputs * (self.inputs + usize::from(self.bias))
    }
}

impl Plan {
    /// Trainable parameters: running statistics of batch normalisation are not among them.
    pub fn parameters(&self) -> usize {
        let convolutions: usize = self.convolutions.iter().map(ConvolutionPlan::parameters).sum();
        let norms: usize = self.norms.iter().map(|norm| 2 * norm.channels).sum();
        let linears: usize = self.linears.iter().map(LinearPlan::parameters).sum();
        convolutions + norms + linears
    }
}

/// Draws a plan layer by layer, keeping the shape of what flows.
pub(super) struct Drawing {
    plan: Plan,
    shape: [usize; 3],
}

impl Drawing {
    pub fn new() -> Self {
        Self { plan: Plan::default(), shape: INPUT }
    }

    pub fn finish(self) -> Plan {
        self.plan
    }

    /// Channels of what flows now.
    pub fn channels(&self) -> usize {
        self.shape[0]
    }

    fn stage(&mut self, name: &str, step: Step) {
        self.plan.stages.push(Stage { name: name.to_owned(), step, output: self.shape });
    }

    pub fn grey(&mut self, name: &str) {
        self.shape[0] = 1;
        self.stage(name, Step::Grey);
    }

    /// A square kernel, padded so that stride 1 keeps height and width; stage and key have one name.
    pub fn convolution(&mut self, name: &str, outputs: usize, kernel: usize, stride: usize, bias: bool) {
        let [inputs, height, width] = self.shape;
        self.plan.convolutions.push(ConvolutionPlan {
            key: name.to_owned(),
            inputs,
            outputs,
            kernel,
            stride,
            bias,
        });
        // (size + 2 * (kernel / 2) - kernel) / stride + 1 for an odd kernel
        self.shape = [outputs, (height - 1) / stride + 1, (width - 1) / stride + 1];
        let index = self.plan.convolutions.len() - 1;
        self.stage(name, Step::Convolution(index));
    }

    pub fn batch_norm(&mut self, name: &str) {
        self.batch_norm_of(name, name);
    }

    /// A normalisation whose parameters are those of `key`, new or already in use.
    pub fn batch_norm_of(&mut self, name: &str, key: &str) {
        let index = self.plan.norms.iter().position(|norm| norm.key == key).unwrap_or_else(|| {
            self.plan.norms.push(NormPlan { key: key.to_owned(), channels: self.shape[0] });
            self.plan.norms.len() - 1
        });
        self.stage(name, Step::BatchNorm(index));
    }

    pub fn relu(&mut self, name: &str) {
        self.stage(name, Step::Relu);
    }

    pub fn pool(&mut self, name: &str, pooling: Pooling) {
        let [channels, height, width] = self.shape;
        self.shape = [channels, height / 2, width / 2];
        self.stage(name, Step::Pool(pooling));
    }

    /// Nothing at probability 0.
    pub fn dropout(&mut self, name: &str, probability: f64) {
        if probability > 0.0 {
            self.plan.dropouts.push(probability);
            let index = self.plan.dropouts.len() - 1;
            self.stage(name, Step::Dropout(index));
        }
    }

    /// Squeezes to a sixteenth of the channels (at least one), keys `name.fc.0` and `name.fc.2`, no biases.
    pub fn squeeze_excite(&mut self, name: &str) {
        let channels = self.shape[0];
        let squeezed = (channels / 16).max(1);
        let down = self.add_linear(format!("{name}.fc.0"), channels, squeezed, false);
        let up = self.add_linear(format!("{name}.fc.2"), squeezed, channels, false);
        self.stage(name, Step::SqueezeExcite { down, up });
    }

    /// `body(x) + shortcut(x)`, both drawn from the same point; a shortcut that draws nothing is x itself.
    pub fn sum(&mut self, name: &str, body: impl FnOnce(&mut Self), shortcut: impl FnOnce(&mut Self)) {
        let before = self.shape;
        let outer = std::mem::take(&mut self.plan.stages);
        body(self);
        let body = std::mem::take(&mut self.plan.stages);
        let after = std::mem::replace(&mut self.shape, before);
        shortcut(self);
        debug_assert_eq!(self.shape, after, "{name}: both paths must end in one shape");
        let shortcut = std::mem::replace(&mut self.plan.stages, outer);
        self.stage(name, Step::Sum { body, shortcut });
    }

    pub fn global_average(&mut self, name: &str) {
        self.shape = [self.shape[0], 1, 1];
        self.stage(name, Step::GlobalAverage);
    }

    pub fn flatten(&mut self, name: &str) {
        self.shape = [self.shape.iter().product(), 1, 1];
        self.stage(name, Step::Flatten);
    }

    /// Linear with bias on a vector `[c, 1, 1]`.
    pub fn linear(&mut self, name: &str, key: &str, outputs: usize) {
        let index = self.add_linear(key.to_owned(), self.shape[0], outputs, true);
        self.shape = [outputs, 1, 1];
        self.stage(name, Step::Linear(index));
    }

    fn add_linear(&mut self, key: String, inputs: usize, outputs: usize, bias: bool) -> usize {
        self.plan.linears.push(LinearPlan { key, inputs, outputs, bias });
        self.plan.linears.len() - 1
    }
}
