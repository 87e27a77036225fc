//! Which pictures are explained after each epoch.

use crate::config::{self, ExplainConfig};
use crate::data::{Dataset, Draws, Partition};
use crate::emotion::{CLASSES, Emotion};
use std::path::Path;

/// A picture is explained for so many that are trained on. Where the maps are those of the last layers, as they are unless
/// another is asked for, explaining takes a forward pass, about a third of a training step: less than 1 % of an epoch.
const TRAINED_FOR_ONE: usize = 40;
/// More make the metric hardly steadier.
const MOST: usize = 96;

/// The pictures that are explained after each epoch, as places in a data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// Each once, the probes first.
    pictures: Vec<usize>,
    probes: usize,
    left_out: usize,
    /// Which of them the metric is of.
    is_in_sample: Vec<bool>,
}

impl Choice {
    /// Depends on the pictures and the seed, not on their order. Classes have equal shares in the metric's sample as far
    /// as there are pictures, and probes are of the sample where nobody has named others.
    pub fn new(dataset: &Dataset, partition: &Partition, config: &ExplainConfig, seed: u64) -> Self {
        let most = (partition.train.len() / TRAINED_FOR_ONE).min(MOST);
        let named = match &config.probes {
            config::Probes::OfEachClass(_) => Vec::new(),
            config::Probes::Paths(paths) => paths.iter().filter_map(|path| place(dataset, path)).collect(),
        };
        // One of each class at least.
        let of_each = (most.saturating_sub(named.len()) / CLASSES).max(1);
        let valid = Emotion::ALL.map(|label| in_order(dataset, &partition.valid, label, seed));
        let (mut pictures, left_out) = match config.probes {
            config::Probes::OfEachClass(asked) => {
                let found = Emotion::ALL.map(|label| {
                    let splits = [&partition.valid, &partition.test, &partition.train];
                    let mut of_splits = splits.map(|split| in_order(dataset, split, label, seed)).into_iter();
                    of_splits.find(|found| !found.is_empty()).unwrap_or_default()
                });
                let left_out = asked.saturating_sub(of_each) * CLASSES;
                (one_of_each_in_turn(&found, asked.min(of_each)), left_out)
            }
            config::Probes::Paths(_) => (named, 0),
        };
        let mut seen = std::collections::HashSet::new();
        pictures.retain(|index| seen.insert(*index));
        let probes = pictures.len();
        let sample = if config.energy { one_of_each_in_turn(&valid, of_each) } else { Vec::new() };
        pictures.extend(sample.iter().filter(|index| seen.insert(**index)));
        let is_in_sample = pictures.iter().map(|index| sample.contains(index)).collect();
        Self { pictures, probes, left_out, is_in_sample }
    }

    /// All that are explained.
    pub fn pictures(&self) -> &[usize] {
        &self.pictures
    }

    /// How many of the first are probes.
    pub fn probes(&self) -> usize {
        self.probes
    }

    /// How many probes were asked for and would take too long.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Which of [`Choice::pictures`] the metric is of.
    pub fn sample(&self) -> impl Iterator<Item = usize> + '_ {
        self.is_in_sample.iter().enumerate().filter_map(|(place, is_in)| is_in.then_some(place))
    }
}

/// The place of a picture that a config names as the manifest does.
pub(super) fn place(dataset: &Dataset, path: &str) -> Option<usize> {
    (0..dataset.len()).find(|index| dataset.entry(*index).path == Path::new(path))
}

/// The pictures of a class in the seed's order of all pictures there could be.
fn in_order(dataset: &Dataset, indices: &[usize], label: Emotion, seed: u64) -> Vec<usize> {
    let mut found: Vec<usize> =
        indices.iter().copied().filter(|index| dataset.label(*index) == label).collect();
    found.sort_by_cached_key(|index| {
        // A digest's bytes are uniform, so eight of them are as good a key as all.
        let [a, b, c, d, e, f, g, h, ..] = *dataset.digest(*index);
        (Draws::new(&[seed, u64::from_le_bytes([a, b, c, d, e, f, g, h]), PROBES]).bits(), *index)
    });
    found
}

/// Keeps this order apart from what else is drawn from the same seed and pictures.
const PROBES: u64 = u64::from_le_bytes(*b"probes\0\0");

/// The first of each class, then the second of each, and so on.
fn one_of_each_in_turn(classes: &[Vec<usize>; CLASSES], of_each: usize) -> Vec<usize> {
    (0..of_each).flat_map(|turn| classes.iter().filter_map(move |class| class.get(turn).copied())).collect()
}
