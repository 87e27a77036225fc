//! The numbers a layer holds, in PyTorch's terms: key, shape, and how a fresh network begins.

use super::initial;
use super::plan::{ConvolutionPlan, LinearPlan, NormPlan, Plan};

/// A parameter or a statistic.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    /// `conv1.weight`
    pub key: String,
    pub shape: Vec<usize>,
    begin: Begin,
}

#[derive(Clone, Copy, Debug)]
enum Begin {
    Uniform { fan_in: usize },
    Constant(f32),
}

impl Parameter {
    fn new(layer: &str, part: &str, shape: &[usize], begin: Begin) -> Self {
        Self { key: format!("{layer}.{part}"), shape: shape.to_vec(), begin }
    }

    /// How many numbers.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// The values of a fresh network, row-major.
    pub fn initial(&self, seed: u64) -> Vec<f32> {
        match self.begin {
            Begin::Uniform { fan_in } => initial::uniform(seed, &self.key, self.count(), fan_in),
            Begin::Constant(value) => vec![value; self.count()],
        }
    }
}

impl ConvolutionPlan {
    fn begin(&self) -> Begin {
        Begin::Uniform { fan_in: self.fan_in() }
    }

    /// `[outputs, inputs, kernel, kernel]`
    pub fn weight(&self) -> Parameter {
        let shape = [self.outputs, self.inputs, self.kernel, self.kernel];
        Parameter::new(&self.key, "weight", &shape, self.begin())
    }

    pub fn bias(&self) -> Option<Parameter> {
        self.bias.then(|| Parameter::new(&self.key, "bias", &[self.outputs], self.begin()))
    }
}

impl LinearPlan {
    fn begin(&self) -> Begin {
        Begin::Uniform { fan_in: self.inputs }
    }

    /// `[outputs, inputs]`
    pub fn weight(&self) -> Parameter {
        Parameter::new(&self.key, "weight", &[self.outputs, self.inputs], self.begin())
    }

    pub fn bias(&self) -> Option<Parameter> {
        self.bias.then(|| Parameter::new(&self.key, "bias", &[self.outputs], self.begin()))
    }
}

impl NormPlan {
    fn of(&self, part: &str, begin: f32) -> Parameter {
        Parameter::new(&self.key, part, &[self.channels], Begin::Constant(begin))
    }

    pub fn weight(&self) -> Parameter {
        self.of("weight", 1.0)
    }

    pub fn bias(&self) -> Parameter {
        self.of("bias", 0.0)
    }

    pub fn running_mean(&self) -> Parameter {
        self.of("running_mean", 0.0)
    }

    pub fn running_var(&self) -> Parameter {
        self.of("running_var", 1.0)
    }

    /// The key of the count of batches.
    pub fn count_key(&self) -> String {
        format!("{}.num_batches_tracked", self.key)
    }
}

impl Plan {
    /// Every parameter and statistic; the counts of batches are not among them.
    pub fn all_parameters(&self) -> Vec<Parameter> {
        let convolutions =
            self.convolutions.iter().flat_map(|layer| [Some(layer.weight()), layer.bias()]).flatten();
        let norms = self
            .norms
            .iter()
            .flat_map(|layer| [layer.weight(), layer.bias(), layer.running_mean(), layer.running_var()]);
        let linears = self.linears.iter().flat_map(|layer| [Some(layer.weight()), layer.bias()]).flatten();
        convolutions.chain(norms).chain(linears).collect()
    }
}
