//! Percentile bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13).

use super::confusion::Confusion;
use super::error::Wanted;
use crate::data::Draws;
use crate::emotion::{CLASSES, Emotion};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How often the pictures are drawn anew.
pub(super) const RESAMPLES: u64 = 2000;

/// The middle 95 % of the resamples: `[low, high]`; of metrics, both 0..=1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval(pub f64, pub f64);

/// Accuracy, balanced accuracy and macro F1 of one resample. A class that a resample happens to miss is
/// left out of its means, as in the measurement itself.
pub(super) type Resample = [f64; 3];

/// Draws as many pictures as there are, with replacement, `resamples` times. All three metrics are functions
/// of the confusion counts, so a picture is no more than the cell it stands in. Each resample has a generator
/// of its own, seeded by its number: the same counts give the same result on any number of threads.
/// Empty without pictures, `None` once it is no longer wanted.
pub(super) fn resample(confusion: &Confusion, resamples: u64, wanted: Wanted) -> Option<Vec<Resample>> {
    let cells = cells(confusion);
    if cells.is_empty() {
        return Some(Vec::new());
    }
    (0..resamples)
        .into_par_iter()
        .map(|number| {
            if !wanted() {
                return None;
            }
            let mut draws = Draws::new(&[RESAMPLES, number]);
            let mut counts = [0u64; CLASSES * CLASSES];
            for _ in 0..cells.len() {
                counts[usize::from(cells[draws.below(cells.len())])] += 1;
            }
            let mut drawn = Confusion::default();
            for (cell, count) in counts.into_iter().enumerate() {
                drawn.0[cell / CLASSES][cell % CLASSES] = count;
            }
            // Never empty: as many pictures were drawn as there are, which is at least one.
            Some([drawn.accuracy()?, drawn.balanced_accuracy()?, drawn.macro_f1()?])
        })
        .collect()
}

/// Of the mean of numbers, one for each picture. `None` of nothing.
pub(crate) fn mean_interval(values: &[f64]) -> Option<Interval> {
    let mean = |number: u64| {
        let mut draws = Draws::new(&[RESAMPLES, number]);
        let drawn = (0..values.len()).map(|_| values[draws.below(values.len())]);
        drawn.sum::<f64>() / values.len() as f64
    };
    if values.is_empty() {
        return None;
    }
    let means: Vec<f64> = (0..RESAMPLES).into_par_iter().map(mean).collect();
    interval(means.into_iter())
}

/// The 2.5 % and 97.5 % quantiles, linear between neighbours (NumPy's default). `None` of nothing.
pub(super) fn interval(values: impl Iterator<Item = f64>) -> Option<Interval> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let quantile = |q: f64| {
        let place = q * last as f64;
        let below = place.floor() as usize;
        let above = (below + 1).min(last);
        sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
    };
    Some(Interval(quantile(0.025), quantile(0.975)))
}

/// The confusion cell (row * 6 + column) of each picture.
fn cells(confusion: &Confusion) -> Vec<u8> {
    let mut cells = Vec::new();
    for truth in Emotion::ALL {
        for prediction in Emotion::ALL {
            let cell = (truth.index() * CLASSES + prediction.index()) as u8; // below 36
            cells.extend(std::iter::repeat_n(cell, confusion.get(truth, prediction) as usize));
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coin(heads: u64, tails: u64) -> Confusion {
        let mut confusion = Confusion::default();
        confusion.0[0][0] = heads;
        confusion.0[0][1] = tails;
        confusion
    }

    #[test]
    fn an_accuracy_interval_is_that_of_a_binomial() {
        // Normal approximation: p +- 1.96 sqrt(p (1 - p) / n).
        let draws = resample(&coin(800, 200), RESAMPLES, &|| true).unwrap();
        assert_eq!(draws.len(), RESAMPLES as usize);
        let Interval(low, high) = interval(draws.iter().map(|draw| draw[0])).unwrap();
        let half = 1.96 * (0.8f64 * 0.2 / 1000.0).sqrt();
        assert!((low - (0.8 - half)).abs() < 0.004, "{low}");
        assert!((high - (0.8 + half)).abs() < 0.004, "{high}");
    }

    #[test]
    fn the_same_counts_give_the_same_resamples_on_any_number_of_threads() {
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let crowd = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
        let draws =
            |pool: &rayon::ThreadPool| pool.install(|| resample(&coin(70, 30), 200, &|| true).unwrap());
        assert_eq!(draws(&alone), draws(&crowd));
    }

    #[test]
    fn resamples_differ_from_each_other() {
        let draws = resample(&coin(500, 500), 100, &|| true).unwrap();
        let distinct: std::collections::BTreeSet<u64> = draws.iter().map(|draw| draw[0].to_bits()).collect();
        assert!(distinct.len() > 20, "{}", distinct.len());
    }

    #[test]
    fn a_perfect_network_has_an_interval_of_no_width_and_no_pictures_have_none() {
        let balanced = |confusion: &Confusion| {
            interval(resample(confusion, 50, &|| true).unwrap().iter().map(|draw| draw[1]))
        };
        assert_eq!(balanced(&coin(10, 0)), Some(Interval(1.0, 1.0)));
        assert_eq!(balanced(&Confusion::default()), None);
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_the_normal_distribution() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 5)).collect();
        let Interval(low, high) = mean_interval(&values).unwrap();
        // Mean 2, deviation sqrt(2), of 400.
        let half = 1.96 * 2f64.sqrt() / 20.0;
        assert!((low - (2.0 - half)).abs() < 0.01 && (high - (2.0 + half)).abs() < 0.01, "{low} {high}");
        assert_eq!(mean_interval(&[0.5; 7]), Some(Interval(0.5, 0.5)));
        assert_eq!(mean_interval(&[]), None);
    }

    #[test]
    fn what_is_no_longer_wanted_is_given_up() {
        assert_eq!(resample(&coin(5, 5), 50, &|| false), None);
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        // numpy.percentile(range(101), [2.5, 97.5])
        assert_eq!(interval((0..=100).map(f64::from)), Some(Interval(2.5, 97.5)));
    }
}
