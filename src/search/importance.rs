//! Which axis of a search mattered.

use super::Overview;

/// How much the axes of a search explain of the differences between its points.
#[derive(Clone, Debug, PartialEq)]
pub struct Importances {
    /// Every axis of the search, largest share first.
    pub axes: Vec<Importance>,
    /// R^2 of the forest on points that its trees have not seen (out of bag). At most 1; where it is low, the shares mean
    /// little.
    pub explained: f64,
    /// How many points they come from.
    pub points: usize,
}

/// What one axis explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Importance {
    /// Into [`Overview::axes`].
    pub axis: usize,
    /// Of the variance of the metric over the points, 0..=1.
    pub share: f64,
    /// How far the share differs from tree to tree or from repeat to repeat: a standard deviation.
    pub spread: f64,
}

/// What each axis of a search explains of the differences between its points. `None` of too few points, or where all of
/// them are as good.
pub fn importance(overview: &Overview) -> Option<Importances> {
    let _ = overview;
    None
}
