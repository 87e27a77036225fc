//! Loss and optimizer with PyTorch's definitions, which the paper's recipe means.

use crate::config::{OptimizerKind, TrainConfig};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, ModuleOptimizer, SgdConfig};
use burn::prelude::*;
use burn::tensor::activation::log_softmax;

/// PyTorch's epsilon of Adam and AdamW; Burn's default is a thousand times larger.
const ADAM_EPSILON: f32 = 1e-8;

/// The optimizer with PyTorch's meaning of each number: momentum without dampening, weight decay added to
/// the gradient by SGD and Adam and taken off the weights by AdamW.
pub fn optimizer(config: &TrainConfig) -> ModuleOptimizer {
    let decay = (config.weight_decay > 0.0).then(|| WeightDecayConfig::new(config.weight_decay as f32));
    match config.optimizer {
        OptimizerKind::Sgd => {
            let momentum = (config.momentum > 0.0)
                .then(|| MomentumConfig::new().with_momentum(config.momentum).with_dampening(0.0));
            SgdConfig::new().with_momentum(momentum).with_weight_decay(decay).init()
        }
        OptimizerKind::Adam => AdamConfig::new().with_epsilon(ADAM_EPSILON).with_weight_decay(decay).init(),
        OptimizerKind::AdamW => {
            AdamWConfig::new().with_epsilon(ADAM_EPSILON).with_weight_decay(config.weight_decay as f32).init()
        }
    }
}

/// Mean cross-entropy of `logits`, `[batch, classes]`, against `labels`, `[batch]`; with smoothing e the target is
/// 1 - e on the label plus e spread evenly over all classes (Szegedy et al., arXiv 1512.00567).
pub fn cross_entropy(logits: Tensor<2>, labels: Tensor<1, Int>, smoothing: f64) -> Tensor<1> {
    let [batch, _] = logits.dims();
    let log_probabilities = log_softmax(logits, 1); // [batch, classes]
    let of_labels = log_probabilities.clone().gather(1, labels.reshape([batch, 1])).mean();
    if smoothing == 0.0 {
        return of_labels.neg();
    }
    (of_labels.mul_scalar(1.0 - smoothing) + log_probabilities.mean().mul_scalar(smoothing)).neg()
}

/// How many rows of `logits` [batch, classes] have their largest value at the label.
pub fn correct(logits: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1, Int> {
    let [batch, _] = logits.dims();
    logits.argmax(1).reshape([batch]).equal(labels).int().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(tensor: Tensor<1>) -> f64 {
        f64::from(tensor.into_scalar::<f32>())
    }

    fn example() -> (Tensor<2>, Tensor<1, Int>) {
        let device = Device::flex();
        let logits = Tensor::from_data([[1.0, 2.0, 3.0], [0.5, -1.0, 0.0]], &device);
        (logits, Tensor::from_data([2, 0], &device))
    }

    #[test]
    fn cross_entropy_is_the_mean_of_minus_log_softmax_at_the_labels() {
        let (logits, labels) = example();
        let first = -(3f64.exp() / (1f64.exp() + 2f64.exp() + 3f64.exp())).ln();
        let second = -(0.5f64.exp() / (0.5f64.exp() + (-1f64).exp() + 1.0)).ln();
        assert!((scalar(cross_entropy(logits, labels, 0.0)) - (first + second) / 2.0).abs() < 1e-6);
    }

    #[test]
    fn smoothing_mixes_in_the_mean_over_all_classes() {
        let (logits, labels) = example();
        let hard = scalar(cross_entropy(logits.clone(), labels.clone(), 0.0));
        let even: f64 = (0..3)
            .map(|class| {
                scalar(cross_entropy(logits.clone(), Tensor::from_data([class, class], &Device::flex()), 0.0))
            })
            .sum::<f64>()
            / 3.0;
        let smoothed = scalar(cross_entropy(logits, labels, 0.1));
        assert!((smoothed - (0.9 * hard + 0.1 * even)).abs() < 1e-6);
    }

    #[test]
    fn correct_counts_the_rows_whose_largest_logit_is_the_label() {
        let (logits, labels) = example();
        assert_eq!(correct(logits.clone(), labels).into_scalar::<i64>(), 2);
        assert_eq!(correct(logits, Tensor::from_data([2, 1], &Device::flex())).into_scalar::<i64>(), 1);
    }
}
