//! The pictures that are measured, and where the parts of their faces are.

use crate::data::{Dataset, Draws, drawn};
use crate::emotion::Emotion;
use crate::explain::{FacePart, Picture, Places, Regions, Subject};
use std::path::PathBuf;

/// Keeps these draws apart from others of the same seed.
const STREAM: u64 = u64::from_be_bytes(*b"subjects");

/// So many of the pictures, one of each class after another while there are any. Fewer are the first of more.
pub(super) fn balanced(dataset: &Dataset, indices: &[usize], limit: usize, seed: u64) -> Vec<usize> {
    let of_class = |class: Emotion| {
        let is_of = |index: &usize| dataset.label(*index) == class;
        let mut of_class: Vec<usize> = indices.iter().copied().filter(is_of).collect();
        Draws::new(&[STREAM, seed, class.index() as u64]).shuffle(&mut of_class);
        of_class
    };
    let classes = Emotion::ALL.map(of_class);
    let longest = classes.iter().map(Vec::len).max().unwrap_or(0);
    let one_of_each = |place: usize| classes.iter().filter_map(move |class| class.get(place).copied());
    (0..longest).flat_map(one_of_each).take(limit).collect()
}

/// A drawn set knows its boxes; of photographs they are where aligned faces have them.
pub(super) fn of<'a>(dataset: &'a Dataset, chosen: &[usize]) -> Vec<Subject<'a>> {
    let known = drawn::regions(dataset.root());
    let places = |path: &PathBuf| {
        let boxes = known.as_ref().and_then(|known| known.get(path)).into_iter().flatten();
        let boxes: Vec<_> =
            boxes.filter_map(|(part, bounds)| Some((FacePart::parse(part)?, *bounds))).collect();
        if boxes.is_empty() { Places::Aligned } else { Places::Known(Regions::known(boxes)) }
    };
    let subject = |&index: &usize| Subject {
        picture: Picture { pixels: dataset.pixels(index), truth: Some(dataset.label(index)) },
        places: places(&dataset.entry(index).path),
    };
    chosen.iter().map(subject).collect()
}
