//! Which axis of a search mattered: permutation importance on a random forest.
//!
//! A forest learns the metric from the points (Breiman, "Random Forests", 2001). Then each tree predicts the points that it
//! has not seen once as they are and once with the value of one axis taken from another of them. For axes that are drawn
//! independently, as a search's are, the mean squared error rises by twice the axis's total effect, that is the variance
//! that would go if the axis were held, alone and in all its interplay with others (Gregorutti, Michel, Saint-Pierre,
//! "Correlation and variable importance in random forests", 2017, for additive functions; the total effect is Sobol's).
//! Main effects alone, by which functional ANOVA ranks, would say nothing of an axis that only matters with another.

use super::{Overview, RunSeen, TrialRow};
use crate::data::Draws;
use crate::run::State;
use biosphere::{DecisionTree, DecisionTreeParameters, MaxFeatures};
use ndarray::{Array1, Array2};
use rayon::prelude::*;
use std::ops::Range;
use toml::Value;

/// With fewer points than this a forest says nothing.
pub const FEWEST_POINTS: usize = 10;

/// With fewer points than this that were trained to their end, those count, too, that successive halving ended.
const ENOUGH: usize = 30;

/// Several forests of their own: how far they agree is the spread.
const FORESTS: u64 = 8;
const TREES: u64 = 25;

/// No search needs more, and a tree that is one long branch takes no more of the stack.
const DEPTH: usize = 64;

/// How much the axes of a search explain of the differences between its points.
#[derive(Clone, Debug, PartialEq)]
pub struct Importances {
    /// Every axis of the search, largest share first.
    pub axes: Vec<Importance>,
    /// R^2 of the forest on points that its trees have not seen (out of bag). At most 1, and below 0 where the mean would
    /// have been the better guess; where it is low, the shares mean little.
    pub explained: f64,
    /// How many points they come from.
    pub points: usize,
}

/// What one axis explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Importance {
    /// Into [`Overview::axes`].
    pub axis: usize,
    /// Of the variance of the metric over the points, alone and together with others, 0..=1. What two axes explain together
    /// counts for both, so that the shares may add up to more than 1.
    pub share: f64,
    /// How far the share differs from forest to forest: a standard deviation.
    pub spread: f64,
}

/// What each axis of a search explains of the differences between its points. `None` with fewer than ten points that have
/// a value, or where all of them are as good. The same search gives the same numbers.
///
/// A point's value is the mean of its runs that were trained to their end; those that are not there yet would only show
/// how far they are. Points of which successive halving ended all runs count as they ended where fewer than 30 others
/// are there: their values are of fewer epochs.
pub fn importance(overview: &Overview) -> Option<Importances> {
    let (rows, values): (Vec<_>, Vec<_>) = points(&overview.rows).into_iter().unzip();
    if rows.len() < FEWEST_POINTS || overview.axes.is_empty() {
        return None;
    }
    let table = Table::new(&rows, &values, overview.axes.len())?;
    let forests: Vec<Seen> = (0..FORESTS).into_par_iter().map(|number| table.seen_by(number)).collect();
    let importance = |axis| {
        let (share, spread) = mean_and_deviation(forests.iter().map(|forest| forest.shares[axis]));
        Importance { axis, share: share.clamp(0.0, 1.0), spread }
    };
    let mut axes: Vec<_> = (0..overview.axes.len()).map(importance).collect();
    axes.sort_by(|a, b| b.share.total_cmp(&a.share));
    Some(Importances { axes, explained: table.explained(&forests), points: rows.len() })
}

/// The points that count, with their values.
fn points(rows: &[TrialRow]) -> Vec<(&TrialRow, f64)> {
    let is_whole = |run: &&RunSeen| run.state == Some(State::Finished) && !run.halved;
    let whole = |row| mean_value(row, is_whole);
    let valued: Vec<_> = rows.iter().filter_map(|row| Some((row, whole(row)?))).collect();
    if valued.len() >= ENOUGH {
        return valued;
    }
    let halved = |row| mean_value(row, |run: &&RunSeen| run.halved);
    rows.iter().filter_map(|row| Some((row, whole(row).or_else(|| halved(row))?))).collect()
}

fn mean_value(row: &TrialRow, counts: impl Fn(&&RunSeen) -> bool) -> Option<f64> {
    let values = row.runs.iter().filter(counts).filter_map(|run| run.value);
    let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    (!values.is_empty()).then(|| mean_and_deviation(values.iter().copied()).0)
}

/// The points as numbers, a column or more for each axis.
struct Table {
    /// [point, column]
    points: Array2<f64>,
    /// With mean 0 and variance 1.
    values: Array1<f64>,
    /// The columns of each axis.
    axes: Vec<Range<usize>>,
}

/// What a forest makes of a table.
struct Seen {
    /// Of each axis; not held between 0 and 1 yet.
    shares: Vec<f64>,
    /// For each point the sum of what trees say that have not seen it, and how many they are.
    guesses: Vec<(f64, usize)>,
}

impl Table {
    /// `None` of values that do not differ.
    fn new(rows: &[&TrialRow], values: &[f64], axes: usize) -> Option<Self> {
        let (mut columns, mut ranges) = (Vec::new(), Vec::new());
        for axis in 0..axes {
            let values: Vec<_> = rows.iter().map(|row| row.point.get(axis)?.as_ref()).collect();
            let begin = columns.len();
            columns.extend(encoded(&values));
            ranges.push(begin..columns.len());
        }
        let points = Array2::from_shape_fn((rows.len(), columns.len()), |(row, column)| columns[column][row]);
        Some(Self { points, values: standardised(values)?.into(), axes: ranges })
    }

    /// What the forest of this number makes of the points.
    fn seen_by(&self, forest: u64) -> Seen {
        let mut seen =
            Seen { shares: vec![0.0; self.axes.len()], guesses: vec![(0.0, 0); self.values.len()] };
        for tree in 0..TREES {
            self.plant(&mut Draws::new(&[forest, tree]), &mut seen);
        }
        seen.shares.iter_mut().for_each(|share| *share /= TREES as f64);
        seen
    }

    /// Grows a tree on points drawn with replacement, and adds what it says of the others.
    fn plant(&self, draws: &mut Draws, seen: &mut Seen) {
        let count = self.values.len();
        let drawn: Vec<usize> = (0..count).map(|_| draws.below(count)).collect();
        let parameters = DecisionTreeParameters::default()
            .with_max_features(MaxFeatures::Value(self.points.ncols().div_ceil(2)))
            .with_max_depth(Some(DEPTH))
            .with_random_state(draws.bits());
        let mut tree = DecisionTree::new(parameters);
        tree.fit_with_samples(&self.points.view(), &self.values.view(), &drawn);

        let mut is_seen = vec![false; count];
        drawn.iter().for_each(|&point| is_seen[point] = true);
        let mut unseen: Vec<usize> = (0..count).filter(|&point| !is_seen[point]).collect();
        draws.shuffle(&mut unseen);
        // Each takes the value of the next, so that none keeps its own.
        let next = unseen.iter().cycle().skip(1);
        for (&point, &other) in unseen.iter().zip(next) {
            let mut row = self.points.row(point).to_owned();
            let guess = tree.predict_row(&row.view());
            seen.guesses[point].0 += guess;
            seen.guesses[point].1 += 1;
            let error = |guess: f64| (guess - self.values[point]).powi(2);
            for (axis, share) in self.axes.iter().zip(&mut seen.shares) {
                self.take(axis, other, &mut row);
                *share += (error(tree.predict_row(&row.view())) - error(guess)) / (2.0 * unseen.len() as f64);
                self.take(axis, point, &mut row);
            }
        }
    }

    /// Puts the values that a point has on an axis into a row.
    fn take(&self, axis: &Range<usize>, point: usize, row: &mut Array1<f64>) {
        for column in axis.clone() {
            row[column] = self.points[[point, column]];
        }
    }

    /// R^2 of all forests together.
    fn explained(&self, forests: &[Seen]) -> f64 {
        let errors = self.values.iter().enumerate().filter_map(|(point, value)| {
            let guesses = forests.iter().map(|forest| forest.guesses[point]);
            let (sum, count) = guesses.fold((0.0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
            (count > 0).then(|| (sum / count as f64 - value).powi(2))
        });
        // The variance of the values is 1.
        1.0 - mean_and_deviation(errors).0
    }
}

/// With mean 0 and variance 1, on a grid on which the sums of a tree are exact, in whatever order; `None` of values that do
/// not differ.
fn standardised(values: &[f64]) -> Option<Vec<f64>> {
    const GRID: f64 = (1 << 24) as f64;
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    // Rounding alone is no difference.
    let differ = deviation > 1e-9 * mean.abs() && deviation.is_finite();
    let standard = |value: f64| ((value - mean) / deviation * GRID).round() / GRID;
    differ.then(|| values.iter().map(|&value| standard(value)).collect())
}

/// An axis's values as columns. Numbers and switches become their rank among those that occur: trees only ask which of two
/// values is larger, so that a logarithm would change nothing. Other choices have no order and become a column each,
/// 0 or 1. An axis that means nothing at a point is a level of its own: below all ranks, or 0 in all columns.
fn encoded(values: &[Option<&Value>]) -> Vec<Vec<f64>> {
    let numbers: Option<Vec<f64>> = values.iter().copied().flatten().map(number).collect();
    if let Some(mut distinct) = numbers {
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        let rank = |value| distinct.partition_point(|other| *other < value) as f64;
        return vec![values.iter().map(|value| value.and_then(number).map_or(-1.0, rank)).collect()];
    }
    let choices: Vec<_> = values.iter().map(|value| value.map(ToString::to_string)).collect();
    let mut distinct: Vec<_> = choices.iter().flatten().collect();
    distinct.sort();
    distinct.dedup();
    let is =
        |choice| choices.iter().map(|other| f64::from(u8::from(other.as_ref() == Some(choice)))).collect();
    distinct.into_iter().map(is).collect()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Boolean(switch) => Some(f64::from(u8::from(*switch))),
        _ => None,
    }
}

/// 0 of no numbers; the deviation of one is 0.
fn mean_and_deviation(numbers: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = numbers.clone().count() as f64;
    let mean = numbers.clone().sum::<f64>() / count.max(1.0);
    let squares = numbers.map(|number| (number - mean).powi(2)).sum::<f64>();
    (mean, (squares / (count - 1.0).max(1.0)).sqrt())
}

#[cfg(test)]
#[path = "importance_tests.rs"]
mod tests;
