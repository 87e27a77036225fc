//! Every point of a space, the first axis slowest.

use super::points::{Point, Points};
use toml::Value;

/// Goes through the product of the axes. Of points that are the same but for what is left out, the first is taken.
pub(super) struct Grid {
    points: Points,
    /// `None` at the end.
    next: Option<Vec<u64>>,
}

impl Grid {
    /// Over axes that can be counted; of others there is nothing.
    pub fn over(points: Points) -> Self {
        let next = points.product().filter(|product| *product > 0).map(|_| vec![0; points.axes.len()]);
        Self { points, next }
    }

    fn step(&mut self) -> Option<Vec<u64>> {
        let numbers = self.next.take()?;
        let mut after = numbers.clone();
        for (number, axis) in after.iter_mut().zip(&self.points.axes).rev() {
            *number += 1;
            if axis.count().is_some_and(|count| *number < count) {
                self.next = Some(after);
                break;
            }
            *number = 0;
        }
        Some(numbers)
    }
}

impl Iterator for Grid {
    type Item = Point;

    fn next(&mut self) -> Option<Point> {
        loop {
            let numbers = self.step()?;
            if self.points.rules.is_empty() {
                return Some(numbers.into_iter().map(Some).collect());
            }
            let point = self.points.reduced(&numbers);
            let is_first = point.iter().zip(&numbers).all(|(left, number)| left.is_some() || *number == 0);
            if is_first {
                return Some(point);
            }
        }
    }
}

/// So many values from `min` to `max`, evenly in the scale, both ends among them; whole numbers each once.
pub(super) fn spaced(min: f64, max: f64, is_log: bool, is_whole: bool, points: usize) -> Vec<Value> {
    let last = points.saturating_sub(1).max(1);
    let number = |i: usize| match i {
        0 => min,
        i if i == last => max,
        i => between(min, max, is_log, i as f64 / last as f64).clamp(min, max),
    };
    if is_whole {
        let mut whole: Vec<i64> = (0..points).map(number).map(|number| number.round() as i64).collect();
        whole.dedup();
        return whole.into_iter().map(Value::Integer).collect();
    }
    // 0.001 and not 0.0010000000000000002. The ends are the file's own words.
    let mut numbers: Vec<f64> = (0..points).map(number).map(|number| short(number).clamp(min, max)).collect();
    numbers.dedup();
    // Of a narrow range there are few short ones.
    if numbers.len() < points {
        numbers = (0..points).map(number).collect();
        numbers.dedup();
    }
    numbers.into_iter().map(Value::Float).collect()
}

/// The number with nine digits: short to read, and more than any field distinguishes.
pub(super) fn short(number: f64) -> f64 {
    format!("{number:.8e}").parse().unwrap_or(number)
}

/// The number at a share of the way from `min` to `max`.
pub(super) fn between(min: f64, max: f64, is_log: bool, share: f64) -> f64 {
    if is_log { (min.ln() + (max.ln() - min.ln()) * share).exp() } else { min + (max - min) * share }
}
