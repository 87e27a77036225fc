use super::bootstrap::{self, Interval, RESAMPLES, Resample};
use super::calibration::{Calibration, ReliabilityBin};
use super::confusion::{ClassMetrics, Confusion};
use super::error::{EvaluateError, Wanted};
use super::score_reader::ScoreReader;
use super::scores::argmax;
use crate::emotion::{CLASSES, Emotion};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Everything measured on one split; the value of a key of `evaluation.json`. Holds only what follows from
/// weights and data. What cannot be measured (0/0, a NaN among the scores) is `None`, `null` in JSON. Numbers have
/// twelve decimals: few enough that every JSON reader gets the very same ones, so that a file that is read and
/// written again stays as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Pictures.
    pub count: usize,
    /// Share of right predictions, 0..=1.
    pub accuracy: Option<f64>,
    /// Mean recall of the classes that have pictures, 0..=1.
    pub balanced_accuracy: Option<f64>,
    /// Mean F1 of the classes that are there or were predicted, 0..=1.
    pub macro_f1: Option<f64>,
    /// 95 % of the bootstrap.
    pub intervals: Intervals,
    /// Expected calibration error, 0..=1, over 15 equal-width bins of confidence.
    pub ece: Option<f64>,
    /// Negative log-likelihood, nats per picture.
    pub nll: Option<f64>,
    /// Squared distance of the six probabilities from the truth, 0..=2.
    pub brier: Option<f64>,
    /// The six classes, in the order of [`Emotion::ALL`].
    pub classes: Vec<ClassMetrics>,
    /// Rows truth, columns prediction.
    pub confusion: Confusion,
    /// The bins behind `ece`, from low confidence to high.
    pub reliability: Vec<ReliabilityBin>,
}

/// Percentile bootstrap intervals, 95 %, of 2,000 resamples of the pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    pub accuracy: Option<Interval>,
    pub balanced_accuracy: Option<Interval>,
    pub macro_f1: Option<Interval>,
}

impl Evaluation {
    /// Classes without a picture in this split; they weigh in no mean.
    pub fn absent(&self) -> Vec<Emotion> {
        Emotion::ALL.into_iter().filter(|emotion| self.confusion.support(*emotion) == 0).collect()
    }
}

/// Measures softmax probabilities against the truth; the same input gives the same result, bit for bit. Of
/// slices of unequal length, the longer one's rest is left out.
pub fn evaluate(probabilities: &[[f32; CLASSES]], labels: &[Emotion]) -> Evaluation {
    let mut tally = Tally::default();
    for (scores, truth) in probabilities.iter().zip(labels) {
        tally.add(scores, *truth);
    }
    // It is wanted to its end.
    tally.measured(&bootstrap::resample(&tally.confusion, RESAMPLES, &|| true).unwrap_or_default())
}

/// As [`evaluate`], of a scores file, which is read row by row. Rows without a label are left out.
///
/// # Errors
/// A file that is not as it should be, and [`EvaluateError::GivenUp`].
pub fn evaluate_file(path: &Path, wanted: Wanted) -> Result<Evaluation, EvaluateError> {
    let mut reader = ScoreReader::open(path)?;
    let mut tally = Tally::default();
    while let Some(row) = reader.read()? {
        if let Some(truth) = row.label {
            tally.add(&row.scores, truth);
        }
        if !wanted() {
            return Err(EvaluateError::GivenUp);
        }
    }
    let resamples = bootstrap::resample(&tally.confusion, RESAMPLES, wanted);
    Ok(tally.measured(&resamples.ok_or(EvaluateError::GivenUp)?))
}

/// Sums over pictures that everything measured follows from.
#[derive(Debug, Default)]
struct Tally {
    confusion: Confusion,
    calibration: Calibration,
}

impl Tally {
    fn add(&mut self, scores: &[f32; CLASSES], truth: Emotion) {
        let prediction = argmax(scores);
        self.confusion.add(truth, prediction);
        self.calibration.add(scores, prediction, truth);
    }

    fn measured(&self, resamples: &[Resample]) -> Evaluation {
        let Self { confusion, calibration } = self;
        let interval = |metric: usize| {
            let Interval(low, high) = bootstrap::interval(resamples.iter().map(|values| values[metric]))?;
            Some(Interval(decimals(low), decimals(high)))
        };
        Evaluation {
            count: confusion.total() as usize,
            accuracy: confusion.accuracy().map(decimals),
            balanced_accuracy: confusion.balanced_accuracy().map(decimals),
            macro_f1: confusion.macro_f1().map(decimals),
            intervals: Intervals {
                accuracy: interval(0),
                balanced_accuracy: interval(1),
                macro_f1: interval(2),
            },
            ece: calibration.expected_calibration_error().map(decimals),
            nll: calibration.negative_log_likelihood().map(decimals),
            brier: calibration.brier().map(decimals),
            classes: confusion
                .classes()
                .map(|class| ClassMetrics {
                    precision: class.precision.map(decimals),
                    recall: class.recall.map(decimals),
                    f1: class.f1.map(decimals),
                    ..class
                })
                .to_vec(),
            confusion: *confusion,
            reliability: calibration
                .reliability()
                .map(|bin| ReliabilityBin {
                    confidence: bin.confidence.map(decimals),
                    accuracy: bin.accuracy.map(decimals),
                    ..bin
                })
                .to_vec(),
        }
    }
}

/// To twelve decimals: below 16 significant digits, which even a JSON reader that is off by a bit in the
/// seventeenth reads exactly.
fn decimals(value: f64) -> f64 {
    const SCALE: f64 = 1e12;
    (value * SCALE).round() / SCALE
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    /// What `tests/reference/metrics.py` wrote: pictures and scikit-learn's numbers for them.
    #[derive(Deserialize)]
    struct Reference {
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        name: String,
        probabilities: Vec<[f32; CLASSES]>,
        labels: Vec<usize>,
        accuracy: f64,
        balanced_accuracy: f64,
        macro_f1: f64,
        precision: Vec<Option<f64>>,
        recall: Vec<Option<f64>>,
        f1: Vec<Option<f64>>,
        support: Vec<u64>,
        confusion: Confusion,
        ece: f64,
        nll: f64,
        brier: f64,
        accuracy_interval: Interval,
        balanced_accuracy_interval: Interval,
        macro_f1_interval: Interval,
    }

    fn reference() -> Vec<Case> {
        let text = include_str!("../../tests/reference/metrics.json");
        serde_json::from_str::<Reference>(text).unwrap().cases
    }

    fn labels(case: &Case) -> Vec<Emotion> {
        case.labels.iter().map(|i| Emotion::from_index(*i).unwrap()).collect()
    }

    fn near(name: &str, ours: Option<f64>, theirs: f64, tolerance: f64) {
        let ours = ours.unwrap_or_else(|| panic!("{name} was not measured"));
        assert!((ours - theirs).abs() <= tolerance, "{name}: {ours} where {theirs} was due");
    }

    #[test]
    fn metrics_are_scikit_learns() {
        for case in reference() {
            let evaluation = evaluate(&case.probabilities, &labels(&case));
            let named = |metric: &str| format!("{}: {metric}", case.name);
            assert_eq!(evaluation.confusion, case.confusion, "{}", case.name);
            near(&named("accuracy"), evaluation.accuracy, case.accuracy, 1e-12);
            near(&named("balanced accuracy"), evaluation.balanced_accuracy, case.balanced_accuracy, 1e-12);
            near(&named("macro F1"), evaluation.macro_f1, case.macro_f1, 1e-12);
            near(&named("ECE"), evaluation.ece, case.ece, 1e-6);
            near(&named("NLL"), evaluation.nll, case.nll, 1e-5);
            near(&named("Brier"), evaluation.brier, case.brier, 1e-6);
            for (i, class) in evaluation.classes.iter().enumerate() {
                assert_eq!(class.support, case.support[i], "{}", case.name);
                for (ours, theirs) in [
                    (class.precision, case.precision[i]),
                    (class.recall, case.recall[i]),
                    (class.f1, case.f1[i]),
                ] {
                    match theirs {
                        Some(theirs) => near(&named(class.emotion.name()), ours, theirs, 1e-12),
                        None => assert_eq!(ours, None, "{}: {}", case.name, class.emotion),
                    }
                }
            }
        }
    }

    #[test]
    fn intervals_are_those_of_another_generator_up_to_its_noise() {
        for case in reference() {
            let intervals = evaluate(&case.probabilities, &labels(&case)).intervals;
            for (ours, theirs) in [
                (intervals.accuracy, case.accuracy_interval),
                (intervals.balanced_accuracy, case.balanced_accuracy_interval),
                (intervals.macro_f1, case.macro_f1_interval),
            ] {
                let ours = ours.unwrap();
                // The ends of a percentile interval scatter by a few hundredths of its width.
                let tolerance = 0.08 * (theirs.1 - theirs.0);
                near(&case.name, Some(ours.0), theirs.0, tolerance);
                near(&case.name, Some(ours.1), theirs.1, tolerance);
            }
        }
    }

    #[test]
    fn an_evaluation_of_nothing_is_json_with_nulls() {
        let evaluation = evaluate(&[], &[]);
        assert_eq!(evaluation.absent(), Emotion::ALL);
        let json = serde_json::to_value(&evaluation).unwrap();
        for metric in ["accuracy", "balanced_accuracy", "macro_f1", "ece", "nll", "brier"] {
            assert!(json[metric].is_null(), "{metric}");
        }
        assert_eq!(json["confusion"][5][5], 0);
        assert_eq!(serde_json::from_value::<Evaluation>(json).unwrap(), evaluation);
    }

    #[test]
    fn scores_that_are_no_numbers_measure_nothing_but_break_nothing() {
        let evaluation = evaluate(&[[f32::NAN; CLASSES]; 3], &[Emotion::Anger; 3]);
        assert_eq!((evaluation.count, evaluation.nll, evaluation.brier), (3, None, None));
        assert!(!serde_json::to_string(&evaluation).unwrap().contains("NaN"));
    }

    #[test]
    fn the_same_scores_give_the_same_bytes() {
        let case = &reference()[0];
        let json = || serde_json::to_string(&evaluate(&case.probabilities, &labels(case))).unwrap();
        assert_eq!(json(), json());
    }

    #[test]
    fn what_is_read_back_is_what_was_written() {
        for case in reference() {
            let evaluation = evaluate(&case.probabilities, &labels(&case));
            let text = serde_json::to_string(&evaluation).unwrap();
            let read: Evaluation = serde_json::from_str(&text).unwrap();
            assert_eq!(read, evaluation);
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
    }

    #[test]
    fn a_scores_file_read_row_by_row_measures_the_same() {
        use crate::evaluate::{Decimals, ScoreRow, Scores, write_scores};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.csv");
        let case = &reference()[0];
        let labels = labels(case);
        let rows = case.probabilities.iter().zip(&labels).enumerate().map(|(i, (scores, label))| ScoreRow {
            path: format!("{i}.png"),
            scores: *scores,
            label: Some(*label),
        });
        let mut scores = Scores { rows: rows.collect() };
        scores.rows.push(ScoreRow { path: "unknown.png".into(), scores: [0.5; CLASSES], label: None });
        write_scores(&path, &scores, Decimals::Full).unwrap();
        assert_eq!(evaluate_file(&path, &|| true).unwrap(), evaluate(&case.probabilities, &labels));
        assert!(matches!(evaluate_file(&path, &|| false), Err(EvaluateError::GivenUp)));
    }
}
