//! The points of a space, each as the positions of its values: what grid and draws are made of.

use super::conditions::Rules;
use super::{Axis, Sampler, Search, Values};
use super::{draw, grid};
use toml::Value;

/// The value of each axis at a point, as [`Choices`] number them; `None` where it means nothing.
pub(in crate::search) type Point = Vec<Option<u64>>;

/// The points that a sampler takes of a space.
#[derive(Clone, Debug)]
pub(in crate::search) struct Points {
    pub fields: Vec<String>,
    pub axes: Vec<Choices>,
    pub(super) rules: Rules,
    pub sampler: Sampler,
}

/// The values of an axis, numbered.
#[derive(Clone, Debug)]
pub(in crate::search) enum Choices {
    /// By position.
    List(Vec<Value>),
    /// By distance from the first.
    Whole { first: i64, last: i64, is_log: bool },
    /// By the bits of the number.
    Real { min: f64, max: f64, is_log: bool },
}

impl Points {
    pub fn of(search: &Search) -> Self {
        let is_grid = search.sampler == Sampler::Grid;
        Self {
            fields: search.axes.iter().map(|axis| axis.field.clone()).collect(),
            axes: search.axes.iter().map(|axis| Choices::of(axis, is_grid)).collect(),
            rules: Rules::of(search),
            sampler: search.sampler,
        }
    }

    /// Every point that is taken, in order.
    pub fn each(self) -> Box<dyn Iterator<Item = Point>> {
        match self.sampler {
            Sampler::Grid => Box::new(grid::Grid::over(self)),
            Sampler::Random { trials, seed } | Sampler::Asha { trials, seed, .. } => {
                Box::new(draw::Drawn::from(self, seed).take(trials))
            }
        }
    }

    /// How many points are taken.
    pub fn count(&self) -> u64 {
        let all = self.distinct().unwrap_or(u64::MAX);
        match self.sampler {
            Sampler::Grid => all,
            Sampler::Random { trials, .. } | Sampler::Asha { trials, .. } => all.min(trials as u64),
        }
    }

    /// The fields that a point sets, and their values.
    pub fn set(&self, point: &Point) -> Vec<(String, Value)> {
        let each = self.fields.iter().zip(&self.axes).zip(point);
        each.filter_map(|((field, choices), number)| Some((field.clone(), choices.value((*number)?))))
            .collect()
    }

    /// Leaves out what means nothing.
    pub fn reduced(&self, numbers: &[u64]) -> Point {
        let skipped = self.skipped(numbers);
        numbers.iter().zip(skipped).map(|(&number, skipped)| (!skipped).then_some(number)).collect()
    }

    pub fn skipped(&self, numbers: &[u64]) -> Vec<bool> {
        let has = |axis: usize, values: &[Value]| values.contains(&self.axes[axis].value(numbers[axis]));
        self.rules.skipped(self.axes.len(), has)
    }

    /// The product of the axes; `None` where one of them cannot be counted.
    pub fn product(&self) -> Option<u64> {
        self.axes.iter().try_fold(1u64, |product, axis| Some(product.saturating_mul(axis.count()?)))
    }

    /// How many points conditions have to be tried on, as far as these can be counted; `None` where there are none.
    pub fn with_conditions(&self) -> Option<u64> {
        let axes: Vec<usize> = match self.sampler {
            _ if self.rules.is_empty() => return None,
            Sampler::Grid => (0..self.axes.len()).collect(),
            _ => self.rules.deciding(),
        };
        let counts = axes.into_iter().filter_map(|axis| self.axes[axis].count());
        Some(counts.fold(1, u64::saturating_mul))
    }

    /// How many different points there are; `None` where they cannot be counted. Only the axes that conditions look at are
    /// gone through: what is left out of a point never decides (see [`conditions::check`](super::conditions::check)).
    pub fn distinct(&self) -> Option<u64> {
        if self.rules.is_empty() {
            return self.product();
        }
        let deciding = self.rules.deciding();
        let mut numbers = vec![0; self.axes.len()];
        let mut total = 0u64;
        loop {
            let skipped = self.skipped(&numbers);
            // One of those that differ only in what is left out stands for all.
            if deciding.iter().all(|&axis| !skipped[axis] || numbers[axis] == 0) {
                let others = (0..self.axes.len()).filter(|axis| !skipped[*axis] && !deciding.contains(axis));
                let points = others
                    .map(|axis| self.axes[axis].count())
                    .try_fold(1u64, |product, count| Some(product.saturating_mul(count?)))?;
                total = total.saturating_add(points);
            }
            // The last of them moves first.
            let mut place = deciding.len();
            loop {
                let Some(before) = place.checked_sub(1) else { return Some(total) };
                place = before;
                let axis = deciding[place];
                numbers[axis] += 1;
                if numbers[axis] < self.axes[axis].count()? {
                    break;
                }
                numbers[axis] = 0;
            }
        }
    }
}

impl Choices {
    fn of(axis: &Axis, is_grid: bool) -> Self {
        match axis.values {
            Values::List(ref values) => Self::List(values.clone()),
            Values::Range { min, max, is_log, is_whole, points: Some(points) } if is_grid => {
                Self::List(grid::spaced(min, max, is_log, is_whole, points))
            }
            Values::Range { min, max, is_log, is_whole: true, .. } => {
                Self::Whole { first: min as i64, last: max as i64, is_log }
            }
            Values::Range { min, max, is_log, .. } => Self::Real { min, max, is_log },
        }
    }

    /// How many there are; `None` where they cannot be counted.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::List(values) => Some(values.len() as u64),
            Self::Whole { first, last, .. } => Some(first.abs_diff(*last).saturating_add(1)),
            Self::Real { .. } => None,
        }
    }

    pub fn value(&self, number: u64) -> Value {
        match self {
            // Numbers come from this very list.
            Self::List(values) => values[number as usize].clone(),
            Self::Whole { first, .. } => Value::Integer(first.saturating_add_unsigned(number)),
            Self::Real { .. } => Value::Float(f64::from_bits(number)),
        }
    }
}
