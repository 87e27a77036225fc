use super::architecture::{Architecture, Pooling};
use super::error::ModelError;
use super::plan::{INPUT, Plan, Stage, Step};
use super::zoo;
use serde::Serialize;
use std::collections::HashSet;

/// A network's layers with shapes and counts, found without building it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    pub name: String,
    /// Of one picture, `[channels, height, width]`.
    pub input: [usize; 3],
    /// In the order of the forward pass; a residual sum stands after the layers of its paths.
    pub layers: Vec<Layer>,
    /// Trainable numbers.
    pub parameters: usize,
    /// Multiply-adds of convolutions and linear layers for one picture.
    pub macs: usize,
}

/// One layer of a [`Summary`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    pub name: String,
    /// What it is, for people: `conv 3x3`, `max pool 2x2`, ...
    pub kind: String,
    /// `[channels, height, width]` for one picture; a vector of c numbers is `[c, 1, 1]`.
    pub output: [usize; 3],
    /// Trainable numbers that no layer above has counted.
    pub parameters: usize,
    pub macs: usize,
}

/// The layers, shapes, parameters and multiply-adds of a network, from its numbers alone.
///
/// # Errors
/// Where the architecture has no such name, field or value.
pub fn summary(architecture: &Architecture) -> Result<Summary, ModelError> {
    let plan = zoo::plan(architecture)?;
    let mut list = List { plan: &plan, layers: Vec::new(), norms_seen: HashSet::new() };
    list.add(&plan.stages);
    let layers = list.layers;
    Ok(Summary {
        name: architecture.arch.clone(),
        input: INPUT,
        parameters: layers.iter().map(|layer| layer.parameters).sum(),
        macs: layers.iter().map(|layer| layer.macs).sum(),
        layers,
    })
}

struct List<'a> {
    plan: &'a Plan,
    layers: Vec<Layer>,
    norms_seen: HashSet<usize>,
}

impl List<'_> {
    fn add(&mut self, stages: &[Stage]) {
        for stage in stages {
            if let Step::Sum { body, shortcut } = &stage.step {
                self.add(body);
                self.add(shortcut);
            }
            let (kind, parameters, macs) = self.describe(stage);
            let layer = Layer { name: stage.name.clone(), kind, output: stage.output, parameters, macs };
            self.layers.push(layer);
        }
    }

    /// Kind, parameters, multiply-adds.
    fn describe(&mut self, stage: &Stage) -> (String, usize, usize) {
        let [_, height, width] = stage.output;
        match &stage.step {
            Step::Grey => ("mean of channels".into(), 0, 0),
            Step::Convolution(index) => {
                let plan = &self.plan.convolutions[*index];
                let stride =
                    if plan.stride == 1 { String::new() } else { format!(", stride {}", plan.stride) };
                let kind = format!("conv {0}x{0}{stride}", plan.kernel);
                (kind, plan.parameters(), plan.outputs * plan.fan_in() * height * width)
            }
            Step::BatchNorm(index) => {
                let plan = &self.plan.norms[*index];
                match self.norms_seen.insert(*index) {
                    true => ("batch norm".into(), 2 * plan.channels, 0),
                    false => ("batch norm, shared with the one above".into(), 0, 0),
                }
            }
            Step::Relu => ("relu".into(), 0, 0),
            Step::Pool(Pooling::Max) => ("max pool 2x2".into(), 0, 0),
            Step::Pool(Pooling::Avg) => ("average pool 2x2".into(), 0, 0),
            Step::Dropout(index) => (format!("dropout {}", self.plan.dropouts[*index]), 0, 0),
            Step::SqueezeExcite { down, up } => {
                let plans = [&self.plan.linears[*down], &self.plan.linears[*up]];
                let parameters = plans.iter().map(|plan| plan.parameters()).sum();
                let macs = plans.iter().map(|plan| plan.inputs * plan.outputs).sum();
                ("squeeze-excitation".into(), parameters, macs)
            }
            Step::Sum { .. } => ("sum".into(), 0, 0),
            Step::GlobalAverage => ("global average".into(), 0, 0),
            Step::Flatten => ("flatten".into(), 0, 0),
            Step::Linear(index) => {
                let plan = &self.plan.linears[*index];
                ("linear".into(), plan.parameters(), plan.inputs * plan.outputs)
            }
        }
    }
}
