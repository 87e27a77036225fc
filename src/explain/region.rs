//! Parts of a face, and how much of a map lies in them.

use super::HeatMap;
use crate::data::SIDE;
use crate::emotion::Emotion;

/// A part of a face that moves with an emotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FacePart {
    Brows,
    Eyes,
    Nose,
    Mouth,
}

impl FacePart {
    pub const ALL: [Self; 4] = [Self::Brows, Self::Eyes, Self::Nose, Self::Mouth];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Brows => "brows",
            Self::Eyes => "eyes",
            Self::Nose => "nose",
            Self::Mouth => "mouth",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// Where an emotion shows: the parts that the action units of its prototype move (Ekman and Friesen, 1978).
    pub const fn of(emotion: Emotion) -> &'static [Self] {
        match emotion {
            Emotion::Happiness => &[Self::Eyes, Self::Mouth],
            Emotion::Surprise | Emotion::Sadness | Emotion::Anger | Emotion::Fear => {
                &[Self::Brows, Self::Eyes, Self::Mouth]
            }
            Emotion::Disgust => &[Self::Brows, Self::Nose, Self::Mouth],
        }
    }
}

/// Left, top, right, bottom in pixels of a 64 x 64 picture; right and bottom are just outside.
pub type Bounds = [u32; 4];

/// Where the parts of one face are.
#[derive(Clone, Debug, PartialEq)]
pub struct Regions {
    /// A part may have more than one box.
    boxes: Vec<(FacePart, Bounds)>,
    face: Bounds,
}

/// Of the aligned faces of RAF-DB, as the mean of its test pictures shows them.
const ALIGNED: [(FacePart, Bounds); 6] = [
    (FacePart::Brows, [4, 9, 60, 17]),
    (FacePart::Eyes, [4, 17, 28, 26]),
    (FacePart::Eyes, [36, 17, 60, 26]),
    (FacePart::Nose, [28, 17, 36, 26]),
    (FacePart::Nose, [23, 26, 41, 41]),
    (FacePart::Mouth, [13, 42, 51, 55]),
];
const ALIGNED_FACE: Bounds = [3, 4, 61, 63];

impl Regions {
    /// Fixed boxes for photographs whose eyes and mouth were brought to one place.
    pub fn aligned() -> Self {
        Self { boxes: ALIGNED.to_vec(), face: ALIGNED_FACE }
    }

    /// Known boxes of one picture, as a drawn set has them; parts that it has no box of are nowhere.
    pub fn known(boxes: Vec<(FacePart, Bounds)>) -> Self {
        let around = boxes.iter().fold([SIDE as u32, SIDE as u32, 0, 0], |[l, t, r, b], (_, bounds)| {
            [l.min(bounds[0]), t.min(bounds[1]), r.max(bounds[2]), b.max(bounds[3])]
        });
        Self { boxes, face: around }
    }

    /// The share of the map's positive evidence that lies in these parts, 0 to 1; `None` where there is no evidence. The
    /// map is enlarged to the picture first (Score-CAM's energy-based pointing game, arXiv 1910.01279).
    pub fn energy(&self, map: &HeatMap, parts: &[FacePart]) -> Option<f64> {
        share(map, |x, y| self.is_in(parts, x, y))
    }

    /// The share of the map's positive evidence outside of the face.
    pub fn energy_outside(&self, map: &HeatMap) -> Option<f64> {
        share(map, |x, y| !is_within(&self.face, x, y))
    }

    /// The share of the picture that these parts take: what a map that says nothing has in them.
    pub fn area(&self, parts: &[FacePart]) -> f64 {
        let pixels = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
        pixels.filter(|&(x, y)| self.is_in(parts, x, y)).count() as f64 / (SIDE * SIDE) as f64
    }

    fn is_in(&self, parts: &[FacePart], x: usize, y: usize) -> bool {
        self.boxes.iter().any(|(part, bounds)| parts.contains(part) && is_within(bounds, x, y))
    }
}

fn is_within([left, top, right, bottom]: &Bounds, x: usize, y: usize) -> bool {
    (*left as usize..*right as usize).contains(&x) && (*top as usize..*bottom as usize).contains(&y)
}

fn share(map: &HeatMap, is_in: impl Fn(usize, usize) -> bool) -> Option<f64> {
    let map = map.normalised().resized(SIDE, SIDE);
    let mut all = 0.0;
    let mut within = 0.0;
    for (i, value) in map.values().iter().enumerate() {
        all += f64::from(*value);
        if is_in(i % SIDE, i / SIDE) {
            within += f64::from(*value);
        }
    }
    (all > 0.0).then(|| within / all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_map_has_in_a_part_what_the_part_takes_of_the_picture() {
        let regions = Regions::aligned();
        let flat = HeatMap::new(4, vec![0.5; 16]);
        for emotion in Emotion::ALL {
            let parts = FacePart::of(emotion);
            let energy = regions.energy(&flat, parts).unwrap();
            assert!((energy - regions.area(parts)).abs() < 1e-9 && energy > 0.1, "{emotion}: {energy}");
        }
        assert_eq!(regions.energy(&HeatMap::new(4, vec![-0.5; 16]), &FacePart::ALL), None);
    }

    #[test]
    fn evidence_on_the_mouth_is_in_the_mouth() {
        let mut values = vec![0.0; 64 * 64];
        for y in 45..50 {
            values[64 * y + 20..64 * y + 40].fill(1.0);
        }
        let map = HeatMap::new(64, values);
        let regions = Regions::aligned();
        assert_eq!(regions.energy(&map, &[FacePart::Mouth]), Some(1.0));
        assert_eq!(regions.energy(&map, &[FacePart::Brows, FacePart::Eyes, FacePart::Nose]), Some(0.0));
        assert_eq!(regions.energy_outside(&map), Some(0.0));
        let known = Regions::known(vec![(FacePart::Mouth, [20, 45, 30, 50])]);
        assert_eq!(known.energy(&map, &[FacePart::Mouth]), Some(0.5));
    }
}
