//! Random points of a space: a function of the sampler's seed, the draw's number and the axis, so that more trials leave
//! the first as they are.

use super::grid::{Grid, between, short};
use super::points::{Choices, Point, Points};
use crate::data::Draws;
use std::collections::HashSet;

/// So many draws in a row that bring nothing new: what is left of the space is then taken as it stands, or there is
/// nothing left.
const PATIENCE: usize = 200;

/// How long a number of a range is. Of a narrow range there are few short ones.
#[derive(Clone, Copy)]
enum Digits {
    Few,
    Nine,
    All,
}

/// Points without repetition. A space that can be counted comes out whole, if asked for.
pub(super) struct Drawn {
    points: Points,
    seed: u64,
    /// A number for each axis, from its name: an axis that is added leaves the draws of the others.
    streams: Vec<u64>,
    draw: u64,
    seen: HashSet<Point>,
    /// What is left, once drawing brings nothing new any more.
    rest: Option<Grid>,
}

impl Drawn {
    pub fn from(points: Points, seed: u64) -> Self {
        let streams = points.fields.iter().map(|field| stream(field)).collect();
        // Of an axis without values nothing can be drawn.
        let rest = points.product().filter(|product| *product == 0).map(|_| Grid::over(points.clone()));
        Self { points, seed, streams, draw: 0, seen: HashSet::new(), rest }
    }

    fn draw(&mut self, digits: Digits) -> Point {
        let numbers: Vec<u64> = self
            .points
            .axes
            .iter()
            .zip(&self.streams)
            .map(|(axis, &stream)| axis.drawn(Draws::new(&[self.seed, self.draw, stream]).uniform(), digits))
            .collect();
        self.points.reduced(&numbers)
    }

    fn is_new(&mut self, point: &Point) -> bool {
        self.seen.insert(point.clone())
    }
}

impl Iterator for Drawn {
    type Item = Point;

    fn next(&mut self) -> Option<Point> {
        for _ in 0..PATIENCE {
            if self.rest.is_some() {
                break;
            }
            // Short numbers first, for those who read them.
            for digits in [Digits::Few, Digits::Nine, Digits::All] {
                let point = self.draw(digits);
                if self.is_new(&point) {
                    self.draw += 1;
                    return Some(point);
                }
            }
            self.draw += 1;
        }
        let mut rest = self.rest.take().unwrap_or_else(|| Grid::over(self.points.clone()));
        let next = rest.find(|point| self.seen.insert(point.clone()));
        self.rest = Some(rest);
        next
    }
}

impl Choices {
    /// The value at a share of the axis, 0..1.
    fn drawn(&self, share: f64, digits: Digits) -> u64 {
        match *self {
            Self::List(ref values) => ((share * values.len() as f64) as u64).min(values.len() as u64 - 1),
            Self::Whole { first, last, is_log } => {
                // Every number has its half on both sides, the ends too.
                let number = between(first as f64 - 0.5, last as f64 + 0.5, is_log, share).round();
                first.abs_diff((number as i64).clamp(first, last))
            }
            Self::Real { min, max, is_log } => {
                let number = between(min, max, is_log, share);
                let number = match digits {
                    Digits::Few => rounded(number, min, max, is_log),
                    Digits::Nine => short(number),
                    Digits::All => number,
                };
                number.clamp(min, max).to_bits()
            }
        }
    }
}

/// About four digits of what the range distinguishes.
fn rounded(number: f64, min: f64, max: f64, is_log: bool) -> f64 {
    let text = if is_log && max / min >= 2.0 {
        format!("{number:.3e}")
    } else {
        let decimals = (3.0 - (max - min).log10().floor()).clamp(0.0, 17.0) as usize;
        format!("{number:.decimals$}")
    };
    text.parse().unwrap_or(number)
}

/// FNV-1a of the name.
fn stream(field: &str) -> u64 {
    field
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
