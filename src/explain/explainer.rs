//! Explains pictures with a network.

use super::evidence::{Asked, gradients, highest, numbers};
use super::request::{Picture, Request};
use super::{ExplainError, HeatMap, Method, class_activation};
use crate::data::{PIXELS, SIDE, nearest, printable};
use crate::emotion::{CLASSES, Emotion};
use crate::model::{self, Cut, LayerShape, Network};
use burn::module::Module;
use burn::prelude::Device;
use burn::tensor::Tensor;

/// What speaks for a class in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    pub prediction: Emotion,
    /// Softmax probabilities, in the order of the classes.
    pub scores: [f32; CLASSES],
    /// What the map speaks for.
    pub class: Emotion,
    /// What it speaks against, where the method holds two classes against each other.
    pub versus: Option<Emotion>,
    /// `None` for methods that look at pixels.
    pub layer: Option<String>,
    pub map: HeatMap,
}

/// A network that explains what it says.
pub struct Explainer {
    name: String,
    /// Evaluates, without autodiff.
    network: Network,
    /// The same weights with autodiff, for gradients.
    frozen: Network,
    device: Device,
}

impl Explainer {
    /// `name` is what sentences call the network: its architecture. `device` is the one the weights are on.
    pub fn new(name: &str, network: &Network, device: &Device) -> Self {
        let network = network.valid();
        let frozen = network.clone().valid().frozen();
        Self { name: printable(name).into_owned(), network, frozen, device: device.clone().inner() }
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    /// Where a heat map can be: the layers with height and width, in order.
    pub fn layers(&self) -> Vec<LayerShape> {
        let has_height = |layer: &LayerShape| layer.output[1] > 1;
        self.network.layers().into_iter().filter(has_height).collect()
    }

    /// The layer that a request is about; `None` for a method of pixels.
    ///
    /// # Errors
    /// A layer that is not there, or that the method is not defined on.
    pub fn layer_of(&self, request: &Request) -> Result<Option<String>, ExplainError> {
        if !request.method.is_of_layer() {
            return Ok(None);
        }
        if request.method == Method::Cam {
            let no_cam = || ExplainError::NoCam { network: self.name.clone() };
            let (only, _) = self.network.cam_head().ok_or_else(no_cam)?;
            return match &request.layer {
                Some(layer) if layer != only => {
                    Err(ExplainError::CamLayer { layer: printable(layer).into_owned(), only: only.into() })
                }
                _ => Ok(Some(only.into())),
            };
        }
        let Some(layer) = &request.layer else { return Ok(Some(self.network.last_relu().into())) };
        let known: Vec<String> = self.layers().into_iter().map(|layer| layer.name).collect();
        if known.contains(layer) {
            return Ok(Some(layer.clone()));
        }
        let shown = printable(layer).into_owned();
        if self.network.layers().iter().any(|other| other.name == *layer) {
            return Err(ExplainError::Flat { layer: shown, known: known.join(", ") });
        }
        Err(ExplainError::UnknownLayer {
            network: self.name.clone(),
            nearest: nearest(layer, known.iter().map(String::as_str)).map(Into::into),
            layer: shown,
            known: known.join(", "),
        })
    }

    /// Explains pictures in one pass: one explanation for each, in order.
    ///
    /// # Errors
    /// A layer or a class that cannot be asked about, and a device that fails.
    pub fn explain(&self, pictures: &[Picture], request: &Request) -> Result<Vec<Explanation>, ExplainError> {
        self.explain_wanted(pictures, request, &|| true)
    }

    /// As [`explain`](Self::explain), for as long as it is wanted: between passes over the network it asks.
    ///
    /// # Errors
    /// As [`explain`](Self::explain), and [`ExplainError::GivenUp`] where it is no longer wanted.
    pub fn explain_wanted(
        &self,
        pictures: &[Picture],
        request: &Request,
        wanted: &dyn Fn() -> bool,
    ) -> Result<Vec<Explanation>, ExplainError> {
        if !wanted() {
            return Err(ExplainError::GivenUp);
        }
        let layer = self.layer_of(request)?;
        if pictures.is_empty() {
            return Ok(Vec::new());
        }
        let mut explanations = self.explain_once(pictures, request, layer.as_deref())?;
        if request.flip {
            let mirrored: Vec<Vec<u8>> = pictures.iter().map(|picture| mirrored(picture.pixels)).collect();
            for (explanation, pixels) in explanations.iter_mut().zip(&mirrored) {
                // The mirror image is asked about the same classes, whatever it is taken for.
                let request = Request {
                    target: super::Target::Class(explanation.class),
                    versus: explanation.versus.map_or(request.versus, super::Versus::Class),
                    ..request.clone()
                };
                let picture = Picture { pixels, truth: None };
                let other = self.explain_once(&[picture], &request, layer.as_deref())?;
                if let Some(other) = other.first() {
                    explanation.map = explanation.map.mean(&other.map.flipped());
                }
            }
        }
        Ok(explanations)
    }

    fn explain_once(
        &self,
        pictures: &[Picture],
        request: &Request,
        layer: Option<&str>,
    ) -> Result<Vec<Explanation>, ExplainError> {
        let x = self.input(pictures);
        let ask = |logits: Vec<f32>| self.ask(&logits, pictures, request);
        let Some(layer) = layer else {
            return Err(ExplainError::Device(format!("{} is not there yet", request.method)));
        };
        let cut = self.network.cut(x, layer)?;
        let (asked, maps) = self.maps(&cut, request, ask)?;
        let [_, _, height, width] = maps.dims();
        let values = numbers(maps)?;
        let maps = values.chunks_exact((height * width).max(1)).map(|map| HeatMap::new(width, map.to_vec()));
        Ok(asked.into_iter().zip(maps).map(|(asked, map)| explanation(asked, map, Some(layer))).collect())
    }

    /// Maps `[batch, 1, h, w]` of a layer, before ReLU.
    fn maps(
        &self,
        cut: &Cut,
        request: &Request,
        ask: impl FnOnce(Vec<f32>) -> Result<Vec<Asked>, ExplainError>,
    ) -> Result<(Vec<Asked>, Tensor<4>), ExplainError> {
        let activations = cut.activations.clone();
        if let (Method::Cam, Some((_, weights))) = (request.method, self.network.cam_head()) {
            let asked = ask(numbers(self.network.resume(cut, activations.clone()))?)?;
            let [channels, _] = weights.dims();
            let of_class = |asked: &Asked| {
                weights.clone().narrow(1, asked.class.index(), 1).reshape([1, channels, 1, 1])
            };
            let weights = Tensor::cat(asked.iter().map(of_class).collect(), 0); // [batch, channels, 1, 1]
            return Ok((asked, (weights * activations).sum_dim(1)));
        }
        let (asked, gradients) = gradients(&self.frozen, cut, ask)?;
        Ok((asked, class_activation::map(request.method, activations, gradients)))
    }

    /// What is asked about each picture.
    fn ask(
        &self,
        logits: &[f32],
        pictures: &[Picture],
        request: &Request,
    ) -> Result<Vec<Asked>, ExplainError> {
        let versus = (request.method == Method::FinerCam).then_some((request.versus, request.alpha));
        let logits = logits.chunks_exact(CLASSES);
        logits
            .zip(pictures)
            .map(|(logits, picture)| Asked::new(logits, picture, request.target, versus))
            .collect()
    }

    /// Pictures as the network's input, `[batch, 3, 64, 64]`; what a picture is short of is black.
    pub(super) fn input(&self, pictures: &[Picture]) -> Tensor<4> {
        let mut pixels = vec![0; pictures.len() * PIXELS];
        for (place, picture) in pixels.chunks_exact_mut(PIXELS).zip(pictures) {
            let length = picture.pixels.len().min(PIXELS);
            place[..length].copy_from_slice(&picture.pixels[..length]);
        }
        model::input(&pixels, &self.device)
    }
}

fn explanation(asked: Asked, map: HeatMap, layer: Option<&str>) -> Explanation {
    Explanation {
        prediction: highest(&asked.scores, None),
        scores: asked.scores,
        class: asked.class,
        versus: asked.versus.map(|(versus, _)| versus),
        layer: layer.map(Into::into),
        map,
    }
}

/// A picture with left and right exchanged.
fn mirrored(pixels: &[u8]) -> Vec<u8> {
    pixels.chunks(SIDE).flat_map(|row| row.iter().rev().copied()).collect()
}

#[cfg(test)]
#[path = "explainer_tests.rs"]
mod tests;
