//! A curve made small: for each column of dots the lowest and highest value in it, so that a spike is never
//! lost, kept and extended as values arrive, so that a frame costs the width of the chart and not its points.

use std::ops::Range;

/// The part of the x axis that a chart shows, from the left edge to the right one. `start < end`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub start: f64,
    pub end: f64,
}

impl Window {
    /// The column of dots of `x` among `width` ones, or where outside it lies.
    fn place(&self, x: f64, width: usize) -> Place {
        let at = (x - self.start) / (self.end - self.start) * (width.max(2) - 1) as f64;
        if at < -0.5 {
            Place::Before(at)
        } else if at >= width as f64 - 0.5 {
            Place::After(at)
        } else {
            // Rounded and at most width - 1; a NaN was sorted out before.
            Place::At((at + 0.5).max(0.0) as usize)
        }
    }
}

enum Place {
    Before(f64),
    At(usize),
    After(f64),
}

/// What one column of dots shows of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) first: f64,
    pub(crate) last: f64,
    /// Values are missing between the curve's value before and `first`: no line joins them.
    pub(crate) gap: bool,
}

/// A point beyond the edge: its column counted in dots (fractional, outside the width) and its value.
pub(crate) type Outside = (f64, f64);

/// How a curve's columns were made; other values make them anew.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Recipe {
    pub(crate) window: Window,
    /// In dots.
    pub(crate) width: usize,
    /// 0 <= smoothing < 1: the weight of the past.
    pub(crate) smoothing: f64,
    pub(crate) log_y: bool,
    /// Changes when values that were there before changed.
    pub(crate) revision: u64,
}

/// The columns of one curve.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    recipe: Option<Recipe>,
    used: usize,
    columns: Vec<Option<Column>>,
    before: Option<Outside>,
    after: Option<Outside>,
    gap: bool,
    average: Average,
    last: Option<f64>,
}

/// An exponential moving average without the bias of its start at zero, as TensorBoard shows it.
#[derive(Clone, Copy, Debug, Default)]
struct Average {
    sum: f64,
    /// The total weight in `sum`: 1 - smoothing^n.
    weight: f64,
}

impl Average {
    fn push(&mut self, value: f64, smoothing: f64) -> f64 {
        self.sum = self.sum * smoothing + (1.0 - smoothing) * value;
        self.weight = self.weight * smoothing + (1.0 - smoothing);
        self.sum / self.weight
    }
}

impl Columns {
    /// Takes in the values that are new since the last call (all of them where the recipe changed). `x` gives
    /// the place on the x axis of value `i` and does not fall with `i`.
    pub(crate) fn update(&mut self, recipe: Recipe, values: &[f64], x: impl Fn(usize) -> f64) {
        if self.recipe != Some(recipe) || self.used > values.len() {
            *self =
                Self { recipe: Some(recipe), columns: std::mem::take(&mut self.columns), ..Self::default() };
            self.columns.clear();
            self.columns.resize(recipe.width, None);
        }
        for (i, &value) in values.iter().enumerate().skip(self.used) {
            let shown = if recipe.log_y && value <= 0.0 { f64::NAN } else { value };
            if !shown.is_finite() {
                self.gap = true;
                continue;
            }
            let shown =
                if recipe.smoothing > 0.0 { self.average.push(shown, recipe.smoothing) } else { shown };
            let at = x(i);
            if at.is_finite() {
                self.take(recipe, at, if recipe.log_y { shown.log10() } else { shown });
                self.last = Some(shown);
            }
        }
        self.used = values.len();
    }

    fn take(&mut self, recipe: Recipe, x: f64, value: f64) {
        match recipe.window.place(x, recipe.width) {
            Place::Before(at) => self.before = Some((at, value)),
            Place::After(at) if self.after.is_none() && !self.gap => self.after = Some((at, value)),
            Place::After(_) => {}
            Place::At(column) => match &mut self.columns[column] {
                Some(column) => {
                    column.low = column.low.min(value);
                    column.high = column.high.max(value);
                    column.last = value;
                }
                empty => {
                    *empty =
                        Some(Column { low: value, high: value, first: value, last: value, gap: self.gap });
                }
            },
        }
        self.gap = false;
    }

    /// One entry a column of dots, from the left; log10 of the values where the recipe says so.
    pub(crate) fn columns(&self) -> &[Option<Column>] {
        &self.columns
    }

    /// The curve's last point left of the window.
    pub(crate) fn before(&self) -> Option<Outside> {
        self.before
    }

    /// The curve's first point right of the window.
    pub(crate) fn after(&self) -> Option<Outside> {
        self.after
    }

    /// The curve's last value, smoothed if it is.
    pub(crate) fn last(&self) -> Option<f64> {
        self.last
    }

    /// The lowest and the highest shown value (their log10 where the recipe says so), with the heights at which
    /// the curve enters and leaves the window.
    pub(crate) fn range(&self) -> Option<Range<f64>> {
        let inside = |i: usize| self.columns[i].map(|column| (i as f64, column));
        let last = self.columns.len().saturating_sub(1);
        let first = (0..self.columns.len()).find_map(inside);
        let enters = match (self.before, first, self.after) {
            (Some(from), Some((x, column)), _) if !column.gap => Some(height(from, (x, column.first), 0.0)),
            (Some(from), None, Some(to)) => Some(height(from, to, 0.0)),
            _ => None,
        };
        let end = (0..self.columns.len()).rev().find_map(inside).map(|(x, column)| (x, column.last));
        let leaves = match (end.or(self.before), self.after) {
            (Some(from), Some(to)) => Some(height(from, to, last as f64)),
            _ => None,
        };
        let columns = self.columns.iter().flatten().map(|column| column.low..column.high);
        let edges = [enters, leaves].into_iter().flatten().map(|value| value..value);
        columns.chain(edges).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
    }
}

/// Where the line between two points has the column `x`.
fn height(from: Outside, to: Outside, x: f64) -> f64 {
    if to.0 > from.0 { from.1 + (to.1 - from.1) * (x - from.0) / (to.0 - from.0) } else { from.1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(start: f64, end: f64, width: usize) -> Recipe {
        Recipe { window: Window { start, end }, width, smoothing: 0.0, log_y: false, revision: 0 }
    }

    #[test]
    fn a_spike_of_one_point_in_50_000_is_kept() {
        let mut values = vec![0.5; 50_000];
        values[31_007] = 9.0;
        let mut columns = Columns::default();
        columns.update(recipe(0.0, 65_536.0, 80), &values, |i| i as f64);
        assert_eq!(columns.range(), Some(0.5..9.0));
        let high: Vec<usize> =
            (0..80).filter(|&c| columns.columns()[c].is_some_and(|column| column.high > 1.0)).collect();
        assert_eq!(high, [37]);
    }

    #[test]
    fn values_that_arrive_in_pieces_give_the_same_columns_as_all_at_once() {
        let values: Vec<f64> =
            (0..5_000).map(|i| if i % 97 == 0 { f64::NAN } else { (i as f64).sin() }).collect();
        let recipe = Recipe { smoothing: 0.6, ..recipe(100.0, 4_000.0, 120) };
        let (mut whole, mut pieces) = (Columns::default(), Columns::default());
        whole.update(recipe, &values, |i| i as f64);
        for end in [0, 1, 7, 1_000, 1_001, 4_999, 5_000] {
            pieces.update(recipe, &values[..end], |i| i as f64);
        }
        assert_eq!(whole.columns(), pieces.columns());
        assert_eq!((whole.before(), whole.after()), (pieces.before(), pieces.after()));
    }

    #[test]
    fn only_new_values_are_looked_at() {
        let looked = std::cell::Cell::new(0);
        let x = |i: usize| {
            looked.set(looked.get() + 1);
            i as f64
        };
        let values = vec![1.0; 1_000];
        let mut columns = Columns::default();
        columns.update(recipe(0.0, 1_024.0, 80), &values[..999], x);
        assert_eq!(looked.replace(0), 999);
        columns.update(recipe(0.0, 1_024.0, 80), &values, x);
        assert_eq!(looked.replace(0), 1);
        columns.update(Recipe { revision: 1, ..recipe(0.0, 1_024.0, 80) }, &values, x);
        assert_eq!(looked.get(), 1_000);
    }

    #[test]
    fn missing_values_leave_a_gap() {
        let values = [1.0, f64::NAN, 3.0, 4.0];
        let mut columns = Columns::default();
        columns.update(recipe(0.0, 3.0, 4), &values, |i| i as f64);
        let gaps: Vec<Option<bool>> = columns.columns().iter().map(|c| c.map(|c| c.gap)).collect();
        assert_eq!(gaps, [Some(false), None, Some(true), Some(false)]);
    }

    #[test]
    fn points_outside_the_window_are_kept_for_the_edges() {
        let values = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let mut columns = Columns::default();
        columns.update(recipe(2.0, 3.0, 11), &values, |i| i as f64);
        assert_eq!(columns.before(), Some((-10.0, 1.0)));
        assert_eq!(columns.after(), Some((20.0, 4.0)));
        assert_eq!(columns.columns().iter().flatten().count(), 2);
    }

    #[test]
    fn smoothing_has_no_bias_towards_zero_at_the_start() {
        let mut columns = Columns::default();
        let recipe = Recipe { smoothing: 0.9, ..recipe(0.0, 3.0, 4) };
        columns.update(recipe, &[2.0, 2.0, 4.0], |i| i as f64);
        let firsts: Vec<f64> = columns.columns().iter().flatten().map(|c| c.first).collect();
        assert!((firsts[0] - 2.0).abs() < 1e-12 && (firsts[1] - 2.0).abs() < 1e-12);
        // By hand: (0.81 * 2 * 0.1 + 0.9 * 2 * 0.1 + 4 * 0.1) / (1 - 0.729)
        assert!((firsts[2] - 0.742 / 0.271).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_positive_is_a_gap_on_a_logarithmic_axis() {
        let mut columns = Columns::default();
        let recipe = Recipe { log_y: true, ..recipe(0.0, 2.0, 3) };
        columns.update(recipe, &[10.0, 0.0, 1000.0], |i| i as f64);
        assert_eq!(columns.range(), Some(1.0..3.0));
        assert!(columns.columns()[1].is_none());
        assert_eq!(columns.last(), Some(1000.0));
    }
}
