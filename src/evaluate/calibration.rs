//! Whether a network that says 80 % is right in 80 % of the cases.

use crate::emotion::{CLASSES, Emotion};
use serde::{Deserialize, Serialize};

/// Equal-width bins of confidence, as many as in Guo et al., "On Calibration of Modern Neural Networks",
/// arXiv 1706.04599.
pub const BINS: usize = 15;

/// The pictures whose confidence lies in (i / 15, (i + 1) / 15].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    pub count: u64,
    /// Mean confidence, 0..=1; `None` where the bin is empty.
    pub confidence: Option<f64>,
    /// Share of right predictions, 0..=1; `None` where the bin is empty.
    pub accuracy: Option<f64>,
}

/// Sums over pictures, one added after the other, that tell how far the probabilities can be trusted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Calibration {
    count: u64,
    bins: [BinSums; BINS],
    /// Of -ln p(truth).
    surprise: f64,
    /// Of squared distances from the truth.
    distance: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct BinSums {
    count: u64,
    confidence: f64,
    right: u64,
}

impl Calibration {
    /// Adds a picture's six probabilities.
    pub fn add(&mut self, scores: &[f32; CLASSES], prediction: Emotion, truth: Emotion) {
        let confidence = scores[prediction.index()];
        let sums = &mut self.bins[bin(confidence)];
        sums.count += 1;
        sums.confidence += f64::from(confidence);
        sums.right += u64::from(prediction == truth);
        self.count += 1;
        self.surprise += surprise(scores[truth.index()]);
        let distance =
            |(i, &p): (usize, &f32)| (f64::from(p) - f64::from(u8::from(i == truth.index()))).powi(2);
        self.distance += scores.iter().enumerate().map(distance).sum::<f64>();
    }

    pub fn reliability(&self) -> [ReliabilityBin; BINS] {
        self.bins.map(|BinSums { count, confidence, right }| {
            let mean = |value: f64| (count > 0).then(|| value / count as f64);
            ReliabilityBin { count, confidence: mean(confidence), accuracy: mean(right as f64) }
        })
    }

    /// Expected calibration error, 0..=1: the mean over pictures of |accuracy - confidence| of their bin.
    pub fn expected_calibration_error(&self) -> Option<f64> {
        let gap = |bin: &ReliabilityBin| Some((bin.accuracy? - bin.confidence?).abs() * bin.count as f64);
        self.mean(self.reliability().iter().filter_map(gap).sum())
    }

    /// Mean of -ln p(truth) in nats.
    pub fn negative_log_likelihood(&self) -> Option<f64> {
        self.mean(self.surprise)
    }

    /// Mean squared distance of the six probabilities from the truth, 0..=2 (Brier, 1950).
    pub fn brier(&self) -> Option<f64> {
        self.mean(self.distance)
    }

    fn mean(&self, sum: f64) -> Option<f64> {
        let mean = sum / self.count as f64;
        mean.is_finite().then_some(mean)
    }
}

/// -ln p. A probability of 0 counts as the smallest step of an `f32` at 1 (1.2e-7), which is what scikit-learn's
/// `log_loss` does with `float32`.
fn surprise(probability: f32) -> f64 {
    let least = f64::from(f32::EPSILON);
    let p = f64::from(probability);
    // Not `max`, which would make a NaN a number.
    -(if p < least { least } else { p }).ln()
}

fn bin(confidence: f32) -> usize {
    // Upper bounds belong to the bin. A NaN saturates to 0.
    let place = (f64::from(confidence) * BINS as f64).ceil() as usize;
    place.saturating_sub(1).min(BINS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pictures with these confidences in happiness, right or not.
    fn pictures(predictions: impl Iterator<Item = (f32, bool)>) -> Calibration {
        let mut sums = Calibration::default();
        for (confidence, right) in predictions {
            let truth = if right { Emotion::Happiness } else { Emotion::Fear };
            sums.add(&[confidence, 0.0, 0.0, 0.0, 0.0, 0.0], Emotion::Happiness, truth);
        }
        sums
    }

    #[test]
    fn a_network_as_right_as_it_says_has_no_calibration_error() {
        let sums = pictures((0..100).map(|i| (0.75f32, i < 75)));
        assert_eq!(sums.reliability().iter().filter(|bin| bin.count > 0).count(), 1);
        assert!(sums.expected_calibration_error().unwrap() < 1e-12);
    }

    #[test]
    fn too_much_confidence_is_the_error() {
        let sums = pictures((0..100).map(|i| (1.0f32, i < 60)));
        assert!((sums.expected_calibration_error().unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(sums.reliability()[BINS - 1].count, 100);
    }

    #[test]
    fn every_confidence_has_a_bin_and_1_is_in_the_last() {
        assert_eq!((bin(1.0), bin(0.0), bin(f32::NAN), bin(1.5)), (14, 0, 0, 14));
        assert_eq!((bin(1.0 / 3.0 - 1e-6), bin(1.0 / 3.0 + 1e-6)), (4, 5));
    }

    #[test]
    fn a_probability_of_zero_for_the_truth_is_a_finite_loss() {
        let mut sums = Calibration::default();
        sums.add(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], Emotion::Happiness, Emotion::Fear);
        let loss = sums.negative_log_likelihood().unwrap();
        assert!((loss - 15.942_385).abs() < 1e-5, "{loss}");
        sums.add(&[f32::NAN; 6], Emotion::Happiness, Emotion::Fear);
        assert_eq!(sums.negative_log_likelihood(), None);
        assert_eq!(Calibration::default().brier(), None);
    }
}
