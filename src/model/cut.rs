//! Cuts: a pass that stops after any layer, also one inside a residual block, and goes on from there.

use super::error::ModelError;
use super::network::{Network, vector};
use super::plan::{Stage, Step};
use burn::tensor::Tensor;

/// A layer of a network: a place where it can be cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerShape {
    pub name: String,
    /// Of its output for one picture, `[channels, height, width]`; a vector of c numbers is `[c, 1, 1]`.
    pub output: [usize; 3],
}

/// A pass that stopped after a layer.
#[derive(Clone, Debug)]
pub struct Cut {
    /// What the layer gave, `[batch, channels, h, w]`.
    pub activations: Tensor<4>,
    place: Place,
    /// Where the layer is on one path of a sum: what the other path gave.
    beside: Option<Tensor<4>>,
}

/// Where a layer is among the stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// Of the network's own stages.
    stage: usize,
    within: Option<Within>,
}

/// A stage on one of the two paths of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Within {
    is_shortcut: bool,
    stage: usize,
}

impl Network {
    /// Every layer in the order of the plan: a residual block's own come before its sum.
    pub fn layers(&self) -> Vec<LayerShape> {
        let shape = |stage: &Stage| LayerShape { name: stage.name.clone(), output: stage.output };
        let with_inner = |stage: &Stage| match &stage.step {
            Step::Sum { body, shortcut } => {
                body.iter().chain(shortcut).map(shape).chain([shape(stage)]).collect()
            }
            _ => vec![shape(stage)],
        };
        self.plan().stages.iter().flat_map(with_inner).collect()
    }

    /// Pictures `[batch, 3, 64, 64]` up to a layer, named as [`layers`](Self::layers) has it.
    ///
    /// # Errors
    /// Where no layer has that name; the sentence lists them.
    pub fn cut(&self, pictures: Tensor<4>, layer: &str) -> Result<Cut, ModelError> {
        let place = self.place(layer)?;
        let stages = &self.plan().stages;
        let before = |x, end: usize| self.run(&stages[..end], x);
        let Some(within) = place.within else {
            return Ok(Cut { activations: before(pictures, place.stage + 1), place, beside: None });
        };
        let x = before(pictures, place.stage);
        let (path, other) = paths(&stages[place.stage], within);
        let beside = Some(self.run(other, x.clone()));
        Ok(Cut { activations: self.run(&path[..=within.stage], x), place, beside })
    }

    /// The rest of a cut pass, with these activations in place of those it stopped with -> logits `[batch, 6]`. They
    /// may be on a device with autodiff, where the network evaluates (see [`Network::frozen`]).
    pub fn resume(&self, cut: &Cut, activations: Tensor<4>) -> Tensor<2> {
        let Cut { place, beside, .. } = cut;
        let stages = &self.plan().stages;
        let x = match (place.within, beside) {
            (Some(within), Some(beside)) => {
                let (path, _) = paths(&stages[place.stage], within);
                let device = activations.device();
                let x = self.run(&path[within.stage + 1..], activations);
                x + if device.is_autodiff() { beside.clone().autodiff() } else { beside.clone() }
            }
            _ => activations,
        };
        vector(self.run(&stages[place.stage + 1..], x))
    }

    /// The one layer that global average pooling and a single linear layer follow, and that layer's weights
    /// `[channels, 6]`; `None` where the head is another one. There CAM (Zhou 2016) is the logit, spread over the map.
    pub fn cam_head(&self) -> Option<(&str, Tensor<2>)> {
        match self.plan().stages.as_slice() {
            [.., last, pooling, linear] => match (&pooling.step, &linear.step) {
                (Step::GlobalAverage, Step::Linear(index)) => {
                    Some((&last.name, self.linears[*index].weight.val()))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn place(&self, layer: &str) -> Result<Place, ModelError> {
        let at = |stages: &[Stage]| stages.iter().position(|stage| stage.name == layer);
        let stages = &self.plan().stages;
        if let Some(stage) = at(stages) {
            return Ok(Place { stage, within: None });
        }
        let inside = stages.iter().enumerate().find_map(|(stage, of)| {
            let Step::Sum { body, shortcut } = &of.step else { return None };
            let within = |is_shortcut, stage| Within { is_shortcut, stage };
            let body = at(body).map(|at| within(false, at));
            let found = body.or_else(|| at(shortcut).map(|at| within(true, at)));
            found.map(|within| Place { stage, within: Some(within) })
        });
        inside.ok_or_else(|| {
            let names: Vec<String> = self.layers().into_iter().map(|layer| layer.name).collect();
            ModelError::unknown_stage(layer, &names)
        })
    }
}

/// The path that a stage is on, and the other one.
fn paths(sum: &Stage, within: Within) -> (&[Stage], &[Stage]) {
    match &sum.step {
        Step::Sum { body, shortcut } if within.is_shortcut => (shortcut, body),
        Step::Sum { body, shortcut } => (body, shortcut),
        // A place within is only ever made of a sum.
        _ => (&[], &[]),
    }
}
