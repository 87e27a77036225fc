//! What a layer gave, and how the logits that are asked about depend on it.

use super::ExplainError;
use super::request::{Picture, Target, Versus};
use crate::emotion::{CLASSES, Emotion};
use crate::evaluate;
use crate::model::{Cut, Network};
use burn::tensor::{Tensor, TensorData};

/// What the network says of a picture, and what is asked about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Asked {
    pub scores: [f32; CLASSES],
    pub class: Emotion,
    /// Held against it, with this weight.
    pub versus: Option<(Emotion, f32)>,
}

impl Asked {
    pub fn new(
        logits: &[f32],
        picture: &Picture,
        target: Target,
        versus: Option<(Versus, f64)>,
    ) -> Result<Self, ExplainError> {
        let scores = evaluate::softmax(logits);
        let class = match target {
            Target::Predicted => highest(&scores, None),
            Target::Truth => picture.truth.ok_or(ExplainError::NoTruth)?,
            Target::Class(class) => class,
        };
        let other = |versus| match versus {
            Versus::RunnerUp => Ok(highest(&scores, Some(class))),
            Versus::Class(other) if other == class => Err(ExplainError::SameClass(class)),
            Versus::Class(other) => Ok(other),
        };
        let versus = versus.map(|(versus, alpha)| Ok::<_, ExplainError>((other(versus)?, alpha as f32)));
        Ok(Self { scores, class, versus: versus.transpose()? })
    }

    /// What is asked about, for logits of six classes.
    pub fn score(&self, logits: &[f32; CLASSES]) -> f32 {
        self.weights().iter().zip(logits).map(|(weight, logit)| weight * logit).sum()
    }

    /// What the logits are multiplied by, so that their sum is what is asked about.
    pub fn weights(&self) -> [f32; CLASSES] {
        let mut weights = [0.0; CLASSES];
        weights[self.class.index()] = 1.0;
        if let Some((other, alpha)) = self.versus {
            weights[other.index()] -= alpha;
        }
        weights
    }
}

/// The class with the highest score, leaving one out; the first of equal ones.
pub(super) fn highest(scores: &[f32; CLASSES], without: Option<Emotion>) -> Emotion {
    let mut classes = Emotion::ALL.into_iter().filter(|class| Some(*class) != without);
    let first = classes.next().unwrap_or(Emotion::Happiness);
    classes.fold(first, |best, class| if scores[class.index()] > scores[best.index()] { class } else { best })
}

/// The gradient of what is asked about, with respect to a cut's activations, `[batch, channels, h, w]`. `ask` says for
/// the logits what is asked about each picture. Pictures do not mix in a network that evaluates, so that one backward
/// pass of the sum gives the gradient of each.
pub(super) fn gradients(
    frozen: &Network,
    cut: &Cut,
    ask: impl FnOnce(&[f32]) -> Result<Vec<Asked>, ExplainError>,
) -> Result<(Vec<Asked>, Tensor<4>), ExplainError> {
    let leaf = cut.activations.clone().autodiff().require_grad();
    let logits = frozen.resume(cut, leaf.clone()); // [batch, 6]
    let asked = ask(&numbers(logits.clone().inner())?)?;
    let weights: Vec<f32> = asked.iter().flat_map(Asked::weights).collect();
    let weights = TensorData::new(weights, [asked.len(), CLASSES]);
    let weights = Tensor::<2>::from_data(weights, &logits.device());
    let gradients = (logits * weights).sum().backward();
    // Whatever does not reach the logits has no gradient: it says nothing of them.
    let gradients = leaf.grad(&gradients).unwrap_or_else(|| cut.activations.zeros_like());
    Ok((asked, gradients))
}

/// A tensor's numbers in order, all of them finite.
pub(super) fn numbers<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ExplainError> {
    let data = tensor.try_into_data().map_err(|error| ExplainError::Device(error.to_string()))?;
    let numbers: Vec<f32> =
        data.try_into_vec_as().map_err(|error| ExplainError::Device(error.to_string()))?;
    if numbers.iter().any(|number| !number.is_finite()) {
        return Err(ExplainError::NotFinite);
    }
    Ok(numbers)
}
