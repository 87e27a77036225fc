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

/// The bins of `(confidence, right)`.
pub(super) fn reliability(predictions: impl Iterator<Item = (f32, bool)>) -> [ReliabilityBin; BINS] {
    let mut sums = [(0u64, 0.0f64, 0u64); BINS];
    for (confidence, right) in predictions {
        let (count, sum, correct) = &mut sums[bin(confidence)];
        *count += 1;
        *sum += f64::from(confidence);
        *correct += u64::from(right);
    }
    sums.map(|(count, sum, correct)| {
        let mean = |value: f64| (count > 0).then(|| value / count as f64);
        ReliabilityBin { count, confidence: mean(sum), accuracy: mean(correct as f64) }
    })
}

/// Expected calibration error, 0..=1: the mean over pictures of |accuracy - confidence| of their bin.
pub(super) fn expected_calibration_error(bins: &[ReliabilityBin]) -> Option<f64> {
    let total: u64 = bins.iter().map(|bin| bin.count).sum();
    let gaps: f64 =
        bins.iter().filter_map(|bin| Some((bin.accuracy? - bin.confidence?).abs() * bin.count as f64)).sum();
    finite(gaps / total as f64)
}

/// Mean of -ln p(truth) in nats. A probability of 0 counts as the smallest step of an `f32` at 1 (1.2e-7), which
/// is what scikit-learn's `log_loss` does with `float32`.
pub(super) fn negative_log_likelihood(probabilities: &[[f32; CLASSES]], labels: &[Emotion]) -> Option<f64> {
    let least = f64::from(f32::EPSILON);
    mean(probabilities, labels, |scores, label| {
        let p = f64::from(scores[label.index()]);
        // Not `max`, which would make a NaN a number.
        -(if p < least { least } else { p }).ln()
    })
}

/// Mean squared distance of the six probabilities from the truth, 0..=2 (Brier, 1950).
pub(super) fn brier(probabilities: &[[f32; CLASSES]], labels: &[Emotion]) -> Option<f64> {
    mean(probabilities, labels, |scores, label| {
        let distance =
            |(i, &p): (usize, &f32)| (f64::from(p) - f64::from(u8::from(i == label.index()))).powi(2);
        scores.iter().enumerate().map(distance).sum()
    })
}

fn bin(confidence: f32) -> usize {
    // Upper bounds belong to the bin. A NaN saturates to 0.
    let place = (f64::from(confidence) * BINS as f64).ceil() as usize;
    place.saturating_sub(1).min(BINS - 1)
}

fn mean(
    probabilities: &[[f32; CLASSES]],
    labels: &[Emotion],
    loss: impl Fn(&[f32; CLASSES], Emotion) -> f64,
) -> Option<f64> {
    let count = probabilities.len().min(labels.len());
    let sum: f64 = probabilities.iter().zip(labels).map(|(scores, label)| loss(scores, *label)).sum();
    finite(sum / count as f64)
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_as_right_as_it_says_has_no_calibration_error() {
        let predictions = (0..100).map(|i| (0.75f32, i < 75));
        let bins = reliability(predictions);
        assert_eq!(bins.iter().filter(|bin| bin.count > 0).count(), 1);
        assert!(expected_calibration_error(&bins).unwrap() < 1e-12);
    }

    #[test]
    fn too_much_confidence_is_the_error() {
        let bins = reliability((0..100).map(|i| (1.0f32, i < 60)));
        assert!((expected_calibration_error(&bins).unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(bins[BINS - 1].count, 100);
    }

    #[test]
    fn every_confidence_has_a_bin_and_1_is_in_the_last() {
        assert_eq!((bin(1.0), bin(0.0), bin(f32::NAN), bin(1.5)), (14, 0, 0, 14));
        assert_eq!((bin(1.0 / 3.0 - 1e-6), bin(1.0 / 3.0 + 1e-6)), (4, 5));
    }

    #[test]
    fn a_probability_of_zero_for_the_truth_is_a_finite_loss() {
        let loss = negative_log_likelihood(&[[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]], &[Emotion::Fear]).unwrap();
        assert!((loss - 15.942_385).abs() < 1e-5, "{loss}");
        assert_eq!(negative_log_likelihood(&[[f32::NAN; 6]], &[Emotion::Fear]), None);
        assert_eq!(brier(&[], &[]), None);
    }
}
