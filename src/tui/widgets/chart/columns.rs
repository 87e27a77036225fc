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
            Place::At(((at + 0.5).max(0.0) as usize).min(width.saturating_sub(1)))
        }
    }

    /// The column of dots of `x` among `width` ones; `None` outside of the window.
    pub(crate) fn column(&self, x: f64, width: usize) -> Option<usize> {
        match self.place(x, width) {
            Place::At(column) if x.is_finite() => Some(column),
            _ => None,
        }
    }

    /// Where the column of dots ends and the next one begins.
    fn right_edge(&self, column: usize, width: usize) -> f64 {
        self.start + (column as f64 + 0.5) * (self.end - self.start) / (width.max(2) - 1) as f64
    }
}

/// How many indices of the range come before the first one that `is` true of; it is true of all after that.
/// Looks in growing steps first: mostly the answer is near.
fn first_from(range: Range<usize>, is: impl Fn(usize) -> bool) -> usize {
    let length = range.len();
    let mut reach = 1;
    while reach < length && !is(range.start + reach) {
        reach *= 2;
    }
    let (mut low, mut high) = (reach / 2, reach.min(length));
    while low < high {
        let middle = low + (high - low) / 2;
        if is(range.start + middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The extremes and ends of some values.
#[derive(Clone, Copy)]
struct Extent {
    low: f64,
    high: f64,
    first: f64,
    last: f64,
}

impl Extent {
    /// `None` where a value is not finite, and of no values.
    fn of(values: &[f64]) -> Option<Self> {
        let (&first, &last) = (values.first()?, values.last()?);
        // Four at a time: one extreme after the other would wait for the one before.
        let (mut low, mut high, mut finite) = ([f64::INFINITY; 4], [f64::NEG_INFINITY; 4], true);
        let fours = values.chunks_exact(4);
        let rest = fours.remainder().iter().map(|value| [*value; 4]);
        for four in fours.map(|four| [four[0], four[1], four[2], four[3]]).chain(rest) {
            for lane in 0..4 {
                finite &= four[lane].is_finite();
                low[lane] = if four[lane] < low[lane] { four[lane] } else { low[lane] };
                high[lane] = if four[lane] > high[lane] { four[lane] } else { high[lane] };
            }
        }
        let low = low.into_iter().fold(f64::INFINITY, f64::min);
        let high = high.into_iter().fold(f64::NEG_INFINITY, f64::max);
        finite.then_some(Self { low, high, first, last })
    }

    fn map(self, f: fn(f64) -> f64) -> Self {
        Self { low: f(self.low), high: f(self.high), first: f(self.first), last: f(self.last) }
    }
}

#[derive(Clone, Copy)]
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

impl Recipe {
    /// A value that is shown: on a logarithmic axis only what is above 0.
    fn counts(&self, value: f64) -> bool {
        value.is_finite() && (!self.log_y || value > 0.0)
    }
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
    /// The average before value 0, [`MARK`], twice that, ...
    marks: Vec<Average>,
    last: Option<f64>,
}

/// The average is remembered before every so many values.
const MARK: usize = 512;

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
        self.value()
    }

    fn value(&self) -> f64 {
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
        let mut i = self.used;
        while i < values.len() {
            let at = x(i);
            let place = recipe.window.place(at, recipe.width);
            // Values that share a place are taken together: a binary search instead of a look at each x.
            let end = match place {
                _ if !at.is_finite() => i + 1,
                Place::At(column) => {
                    let edge = recipe.window.right_edge(column, recipe.width);
                    i + 1 + first_from(i + 1..values.len(), |k| x(k) >= edge)
                }
                Place::Before(_) | Place::After(_) => i + 1,
            };
            let together = &values[i..end];
            match (place, Extent::of(together)) {
                _ if !at.is_finite() => self.gap = true,
                (Place::At(column), Some(extent))
                    if recipe.smoothing == 0.0 && (!recipe.log_y || extent.low > 0.0) =>
                {
                    self.last = Some(extent.last);
                    self.take_extent(column, if recipe.log_y { extent.map(f64::log10) } else { extent });
                }
                _ => {
                    for (k, value) in together.iter().enumerate() {
                        while recipe.smoothing > 0.0 && self.marks.len() * MARK <= i + k {
                            self.marks.push(self.average);
                        }
                        self.take(recipe, x(i + k), *value);
                    }
                }
            }
            i = end;
        }
        self.used = values.len();
    }

    /// Takes in a value by itself.
    fn take(&mut self, recipe: Recipe, x: f64, value: f64) {
        if !recipe.counts(value) {
            self.gap = true;
            return;
        }
        let value = if recipe.smoothing > 0.0 { self.average.push(value, recipe.smoothing) } else { value };
        self.last = Some(value);
        let value = if recipe.log_y { value.log10() } else { value };
        match recipe.window.place(x, recipe.width) {
            Place::Before(at) => self.before = Some((at, value)),
            Place::After(at) if self.after.is_none() && !self.gap => self.after = Some((at, value)),
            Place::After(_) => {}
            Place::At(column) => {
                self.take_extent(column, Extent { low: value, high: value, first: value, last: value });
            }
        }
        self.gap = false;
    }

    fn take_extent(&mut self, column: usize, extent: Extent) {
        let Extent { low, high, first, last } = extent;
        match &mut self.columns[column] {
            Some(column) => {
                column.low = column.low.min(low);
                column.high = column.high.max(high);
                column.last = last;
            }
            empty => *empty = Some(Column { low, high, first, last, gap: self.gap }),
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

    /// The average at value `i` of the values that were taken in; `None` without smoothing and where the value itself
    /// does not count.
    pub(crate) fn average_at(&self, i: usize, values: &[f64]) -> Option<f64> {
        let recipe = self.recipe.filter(|recipe| recipe.smoothing > 0.0)?;
        let mut average = *self.marks.get(i / MARK)?;
        let since = values.get(i / MARK * MARK..=i)?;
        for value in since.iter().filter(|value| recipe.counts(**value)) {
            average.push(*value, recipe.smoothing);
        }
        since.last().filter(|value| recipe.counts(**value)).map(|_| average.value())
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
    fn only_new_values_are_looked_at_and_of_many_only_some_places() {
        let looked = std::cell::RefCell::new(Vec::new());
        let x = |i: usize| {
            looked.borrow_mut().push(i);
            i as f64
        };
        let values = vec![1.0; 100_000];
        let mut columns = Columns::default();
        columns.update(recipe(0.0, 131_072.0, 80), &values[..99_999], x);
        assert!(looked.take().len() < 3_000);
        columns.update(recipe(0.0, 131_072.0, 80), &values, x);
        assert!(looked.take().iter().all(|i| *i == 99_999));
        columns.update(Recipe { revision: 1, ..recipe(0.0, 131_072.0, 80) }, &values, x);
        assert!(looked.take().contains(&0));
    }

    #[test]
    fn the_columns_are_those_of_a_plain_count() {
        let values: Vec<f64> = (0..10_000).map(|i| ((i * 7919) % 1013) as f64).collect();
        // Gaps, repeats and jumps of the x axis.
        let x = |i: usize| (i / 3 * 3 + i / 1000 * 500) as f64;
        let recipe = recipe(500.0, 12_000.0, 97);
        let mut columns = Columns::default();
        columns.update(recipe, &values, x);
        let mut plain: Vec<Option<(f64, f64)>> = vec![None; 97];
        for (i, &value) in values.iter().enumerate() {
            let at = ((x(i) - 500.0) / 11_500.0 * 96.0 + 0.5).floor();
            if (0.0..97.0).contains(&at) {
                let (low, high) = plain[at as usize].get_or_insert((value, value));
                (*low, *high) = (low.min(value), high.max(value));
            }
        }
        let seen: Vec<_> = columns.columns().iter().map(|c| c.map(|c| (c.low, c.high))).collect();
        assert_eq!(seen, plain);
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
    fn the_average_is_known_at_every_value_without_going_through_all() {
        let values: Vec<f64> =
            (0..2_000).map(|i| if i % 89 == 0 { f64::NAN } else { (i as f64).sin() }).collect();
        let recipe = Recipe { smoothing: 0.95, ..recipe(700.0, 900.0, 40) };
        let mut columns = Columns::default();
        columns.update(recipe, &values[..1_300], |i| i as f64);
        columns.update(recipe, &values, |i| i as f64);
        let mut average = Average::default();
        for (i, value) in values.iter().enumerate() {
            let plain = value.is_finite().then(|| average.push(*value, 0.95));
            assert_eq!(columns.average_at(i, &values), plain, "{i}");
        }
        assert_eq!(columns.average_at(2_000, &values), None);
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
