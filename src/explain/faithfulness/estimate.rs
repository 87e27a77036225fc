//! Means with intervals.

use crate::evaluate::{Interval, mean_interval};
use serde::Serialize;

/// A mean over pictures, and the bootstrap's 95 % interval of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    pub mean: f64,
    pub low: f64,
    pub high: f64,
    /// Pictures that have a value.
    pub count: usize,
}

impl Estimate {
    /// `None` of nothing.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let Interval(low, high) = mean_interval(values)?;
        Some(Self { mean: values.iter().sum::<f64>() / values.len() as f64, low, high, count: values.len() })
    }

    /// Half the width of the interval.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}
