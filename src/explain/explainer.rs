//! Explains pictures with a network.

use super::evidence::{Asked, gradients, highest, numbers};
use super::passes::Passes;
use super::request::{Picture, Request};
use super::{ExplainError, HeatMap, Method, class_activation, integrated_gradients, occlusion, smooth_grad};
use crate::data::{PIXELS, SIDE, nearest, printable};
use crate::emotion::{CLASSES, Emotion};
use crate::model::{self, Cut, LayerShape, Network};
use burn::module::Module;
use burn::prelude::Device;
use burn::tensor::{Tensor, TensorData};

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

    /// Whether the network has what a method needs: cam a head of its kind, the others nothing.
    pub fn is_defined(&self, method: Method) -> bool {
        method != Method::Cam || self.network.cam_head().is_some()
    }

    /// The layer that a request is about; `None` for a method of pixels.
    ///
    /// # Errors
    /// A layer that is not there, or that the method is not defined on. Numbers are checked by [`Request::check`].
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

    /// Explains pictures: one explanation for each, in order. Methods of a layer take all of them in one pass, methods of
    /// pixels make passes of one size.
    ///
    /// # Errors
    /// A layer, a class or a number that cannot be asked about, weights that have diverged, and a device that fails.
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
        request.check()?;
        let layer = self.layer_of(request)?;
        if pictures.is_empty() {
            return Ok(Vec::new());
        }
        if !wanted() {
            return Err(ExplainError::GivenUp);
        }
        let mut seen: Vec<Vec<f32>> = pictures.iter().map(|picture| grey(picture.pixels)).collect();
        if request.flip {
            seen.extend_from_within(..);
            seen[pictures.len()..].iter_mut().for_each(|picture| mirror(picture));
        }
        let ask = |logits: &[f32]| self.ask(logits, pictures, request);
        let (asked, maps) = match &layer {
            Some(layer) => self.layer_maps(&seen, layer, request, ask)?,
            None => self.pixel_maps(&seen, request, ask, wanted)?,
        };
        let (maps, mirrored) = maps.split_at(pictures.len().min(maps.len()));
        let mut explanations: Vec<_> =
            asked.into_iter().zip(maps).map(|(asked, map)| explanation(asked, map, layer.clone())).collect();
        for (explanation, mirrored) in explanations.iter_mut().zip(mirrored) {
            explanation.map = explanation.map.mean(&mirrored.flipped());
        }
        Ok(explanations)
    }

    /// What is asked about each picture, and a map of the layer.
    fn layer_maps(
        &self,
        pictures: &[Vec<f32>],
        layer: &str,
        request: &Request,
        ask: impl FnOnce(&[f32]) -> Result<Vec<Asked>, ExplainError>,
    ) -> Result<(Vec<Asked>, Vec<HeatMap>), ExplainError> {
        let cut = self.network.cut(self.input(pictures), layer)?;
        let (asked, maps) = self.maps(&cut, request, ask)?;
        let [_, _, height, width] = maps.dims();
        let values = numbers(maps)?;
        let maps = values.chunks_exact((height * width).max(1)).map(|map| HeatMap::new(width, map.to_vec()));
        Ok((asked, maps.collect()))
    }

    /// What is asked about each picture, and a map of its pixels.
    fn pixel_maps(
        &self,
        pictures: &[Vec<f32>],
        request: &Request,
        ask: impl FnOnce(&[f32]) -> Result<Vec<Asked>, ExplainError>,
        wanted: &dyn Fn() -> bool,
    ) -> Result<(Vec<Asked>, Vec<HeatMap>), ExplainError> {
        let Self { network, frozen, device, .. } = self;
        let passes = Passes { network, frozen, device, wanted };
        if request.method == Method::Occlusion {
            return occlusion::maps(&passes, pictures, request, ask);
        }
        let asked = ask(&numbers(network.forward(self.input(pictures)))?)?;
        let maps = match request.method {
            Method::SmoothGrad => smooth_grad::maps(&passes, pictures, &asked, request)?,
            _ => integrated_gradients::maps(&passes, pictures, &asked, request.steps)?,
        };
        Ok((asked, maps))
    }

    /// Maps `[batch, 1, h, w]` of a layer, before ReLU.
    fn maps(
        &self,
        cut: &Cut,
        request: &Request,
        ask: impl FnOnce(&[f32]) -> Result<Vec<Asked>, ExplainError>,
    ) -> Result<(Vec<Asked>, Tensor<4>), ExplainError> {
        let activations = cut.activations.clone();
        if let (Method::Cam, Some((_, weights))) = (request.method, self.network.cam_head()) {
            let asked = ask(&numbers(self.network.resume(cut, activations.clone()))?)?;
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

    /// What is asked about each picture; the mirror images that may follow are asked about the same classes, whatever they
    /// are taken for.
    fn ask(
        &self,
        logits: &[f32],
        pictures: &[Picture],
        request: &Request,
    ) -> Result<Vec<Asked>, ExplainError> {
        let versus = (request.method == Method::FinerCam).then_some((request.versus, request.alpha));
        let of_pictures = logits.chunks_exact(CLASSES).zip(pictures);
        let asked: Result<Vec<_>, _> = of_pictures
            .map(|(logits, picture)| Asked::new(logits, picture, request.target, versus))
            .collect();
        let mut asked = asked?;
        if request.flip {
            asked.extend_from_within(..);
        }
        Ok(asked)
    }

    /// Pictures as the network's input, `[batch, 3, 64, 64]`; what a picture is short of is black.
    pub(super) fn pictures(&self, pictures: &[Picture]) -> Tensor<4> {
        self.input(&pictures.iter().map(|picture| grey(picture.pixels)).collect::<Vec<_>>())
    }

    /// `[batch, 3, 64, 64]`
    fn input(&self, pictures: &[Vec<f32>]) -> Tensor<4> {
        let grey = TensorData::new(pictures.concat(), [pictures.len(), 1, SIDE, SIDE]);
        model::normalised(Tensor::from_data(grey, &self.device))
    }
}

fn explanation(asked: Asked, map: &HeatMap, layer: Option<String>) -> Explanation {
    Explanation {
        prediction: highest(&asked.scores, None),
        scores: asked.scores,
        class: asked.class,
        versus: asked.versus.map(|(versus, _)| versus),
        layer,
        map: map.clone(),
    }
}

/// A picture's grey levels in 0..1; what it is short of is black.
fn grey(pixels: &[u8]) -> Vec<f32> {
    let levels = pixels.iter().map(|&level| f32::from(level) / 255.0);
    levels.chain(std::iter::repeat(0.0)).take(PIXELS).collect()
}

/// Exchanges left and right.
fn mirror(picture: &mut [f32]) {
    picture.chunks_mut(SIDE).for_each(<[f32]>::reverse);
}

#[cfg(test)]
#[path = "explainer_tests.rs"]
mod tests;
