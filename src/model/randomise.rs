//! Networks whose upper layers have forgotten what they learned: the cascade of the sanity check (Adebayo et al., "Sanity
//! Checks for Saliency Maps", arXiv 1810.03292).

use super::error::ModelError;
use super::network::Network;
use super::plan::{Stage, Step};
use burn::tensor::Device;

/// A layer that holds weights, with the normalisation behind it; numbers are indices into the network's parameters.
struct Weighted<'a> {
    name: &'a str,
    convolution: Option<usize>,
    linears: Vec<usize>,
    norms: Vec<usize>,
}

impl Network {
    /// Another network of the same layers with fresh weights, as [`Network::new`] gives them for a seed, on a device.
    pub fn redrawn(&self, seed: u64, device: &Device) -> Self {
        Self::build(self.plan().clone(), device, &mut |parameter| parameter.initial(seed))
    }

    /// The layers that hold weights, from the logits down to the picture. A normalisation belongs to the layer before it.
    pub fn weighted_layers(&self) -> Vec<String> {
        self.weighted().into_iter().map(|layer| layer.name.into()).collect()
    }

    /// This network, but with the weights and statistics of `other`, a network of the same layers, from the logits down
    /// to a layer and with it.
    ///
    /// # Errors
    /// Where no layer with weights has that name; the sentence lists them.
    pub fn with_upper_layers(&self, other: &Self, down_to: &str) -> Result<Self, ModelError> {
        let weighted = self.weighted();
        let last = weighted.iter().position(|layer| layer.name == down_to);
        let last = last.ok_or_else(|| ModelError::unknown_stage(down_to, &self.weighted_layers()))?;
        let mut network = self.clone();
        for layer in &weighted[..=last] {
            layer.convolution.iter().for_each(|&i| network.convolutions[i] = other.convolutions[i].clone());
            layer.linears.iter().for_each(|&i| network.linears[i] = other.linears[i].clone());
            layer.norms.iter().for_each(|&i| network.norms[i] = other.norms[i].clone());
        }
        Ok(network)
    }

    fn weighted(&self) -> Vec<Weighted<'_>> {
        let mut layers = Vec::new();
        let mut norms = Vec::new();
        gather(&self.plan().stages, &mut layers, &mut norms);
        layers
    }
}

/// From the last stage to the first; `norms` are those that wait for the layer before them.
fn gather<'a>(stages: &'a [Stage], layers: &mut Vec<Weighted<'a>>, norms: &mut Vec<usize>) {
    for stage in stages.iter().rev() {
        let mut found = |convolution, linears| {
            let norms = std::mem::take(norms);
            layers.push(Weighted { name: &stage.name, convolution, linears, norms });
        };
        match &stage.step {
            Step::BatchNorm(index) => norms.push(*index),
            Step::Convolution(index) => found(Some(*index), Vec::new()),
            Step::Linear(index) => found(None, vec![*index]),
            Step::SqueezeExcite { down, up } => found(None, vec![*down, *up]),
            Step::Sum { body, shortcut } => {
                gather(shortcut, layers, norms);
                gather(body, layers, norms);
            }
            _ => {}
        }
    }
}
