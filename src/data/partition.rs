//! Which training pictures are held back for validation, and in which order the others are seen.

use super::Split;
use super::draws::Draws;
use super::pack::Digest;
use crate::emotion::{CLASSES, Emotion};
use std::collections::HashMap;

/// Indices of a data set's pictures, each list in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    pub train: Vec<usize>,
    pub valid: Vec<usize>,
    pub test: Vec<usize>,
}

impl Partition {
    /// The pictures of a split.
    pub fn of(&self, split: Split) -> &[usize] {
        match split {
            Split::Train => &self.train,
            Split::Valid => &self.valid,
            Split::Test => &self.test,
        }
    }

    /// The split that a picture belongs to; `None` of one that takes no part.
    pub fn split_of(&self, index: usize) -> Option<Split> {
        Split::ALL.into_iter().find(|split| self.of(*split).binary_search(&index).is_ok())
    }
}

/// A picture that may be held back.
pub(super) struct Picture<'a> {
    pub index: usize,
    pub label: Emotion,
    pub digest: &'a Digest,
    /// Whether a test picture has the same pixels.
    pub in_test: bool,
}

/// Pictures with equal pixels; their labels may differ.
struct Group {
    indices: Vec<usize>,
    counts: [usize; CLASSES],
    in_test: bool,
    /// The group's place in the seed's order of all pictures there could be.
    order: u64,
    /// Whether the seed would hold it back if nothing else counted.
    drawn: bool,
}

/// Cuts the pictures into those to train on and those to validate by.
pub(super) fn cut(pictures: Vec<Picture>, fraction: f64, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let mut room = [0; CLASSES];
    for picture in &pictures {
        room[picture.label.index()] += 1;
    }
    // At least one picture of a class stays to train on.
    room = room.map(|count: usize| ((count as f64 * fraction).round() as usize).min(count.saturating_sub(1)));
    let mut groups = groups(pictures, fraction, seed);
    groups.sort_by_key(|group| (group.in_test, group.order, group.indices[0]));
    let mut train = Vec::new();
    let mut valid = Vec::new();
    // Duplicates first, each by its own draw, so that they are held back as often as others; then all that are
    // left, in the seed's order, until each class has its share. Single pictures come last and fill it exactly.
    let passes: [fn(&Group) -> bool; 3] = [
        |group| group.indices.len() > 1 && group.drawn && !group.in_test,
        |group| group.indices.len() == 1,
        |_| true,
    ];
    for belongs in passes {
        groups.retain(|group| {
            let fits = room.iter().zip(group.counts).all(|(room, count)| *room >= count);
            let taken = fits && belongs(group);
            if taken {
                room.iter_mut().zip(group.counts).for_each(|(room, count)| *room -= count);
                valid.extend(&group.indices);
            }
            !taken
        });
    }
    train.extend(groups.into_iter().flat_map(|group| group.indices));
    train.sort_unstable();
    valid.sort_unstable();
    (train, valid)
}

fn groups(pictures: Vec<Picture>, fraction: f64, seed: u64) -> Vec<Group> {
    let mut places: HashMap<&Digest, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for picture in pictures {
        let place = *places.entry(picture.digest).or_insert(groups.len());
        if place == groups.len() {
            // A digest's bytes are uniform, so eight of them are as good a key as all.
            let [a, b, c, d, e, f, g, h, ..] = *picture.digest;
            let mut draws = Draws::new(&[seed, u64::from_le_bytes([a, b, c, d, e, f, g, h])]);
            let (order, drawn) = (draws.bits(), draws.chance(fraction));
            groups.push(Group {
                indices: vec![],
                counts: [0; CLASSES],
                in_test: picture.in_test,
                order,
                drawn,
            });
        }
        groups[place].indices.push(picture.index);
        groups[place].counts[picture.label.index()] += 1;
    }
    groups
}

/// The pictures in the order in which an epoch sees them; a function of the list, the seed and the epoch.
pub fn epoch_order(indices: &[usize], seed: u64, epoch: usize) -> Vec<usize> {
    let mut order = indices.to_vec();
    Draws::new(&[seed, epoch as u64, ORDER]).shuffle(&mut order);
    order
}

/// Keeps the shuffle apart from what else is drawn from the same seed and epoch.
const ORDER: u64 = u64::from_le_bytes(*b"epoch\0\0\0");

#[cfg(test)]
#[path = "partition_tests.rs"]
mod tests;
