//! What is summed up over the pictures of a cell.

use super::{Cell, Energy};
use crate::data::PIXELS;
use crate::explain::{Explanation, FacePart, HeatMap, Regions};

#[derive(Clone, Default)]
pub(super) struct Sums {
    pictures: u64,
    zero_maps: u64,
    face: Vec<u64>,
    width: usize,
    map: Vec<f64>,
    class: f64,
    parts: [f64; 4],
    outside: f64,
}

impl Sums {
    pub fn add(&mut self, pixels: &[u8], explanation: &Explanation, regions: &Regions) {
        self.pictures += 1;
        self.face.resize(PIXELS, 0);
        for (sum, level) in self.face.iter_mut().zip(pixels) {
            *sum += u64::from(*level);
        }
        if explanation.map.is_zero() {
            self.zero_maps += 1;
            return;
        }
        let map = explanation.map.normalised();
        self.width = map.width();
        self.map.resize(map.values().len(), 0.0);
        for (sum, value) in self.map.iter_mut().zip(map.values()) {
            *sum += f64::from(*value);
        }
        // A map with evidence has a share everywhere.
        let share = |parts: &[FacePart]| regions.energy(&map, parts).unwrap_or_default();
        self.class += share(FacePart::of(explanation.class));
        for (sum, part) in self.parts.iter_mut().zip(FacePart::ALL) {
            *sum += share(&[part]);
        }
        self.outside += regions.energy_outside(&map).unwrap_or_default();
    }

    pub fn mean(self) -> Cell {
        if self.pictures == 0 {
            return Cell::empty();
        }
        let (all, maps) = (self.pictures, self.pictures - self.zero_maps);
        let of_maps = |sum: f64| (sum / maps as f64) as f32;
        Cell {
            pictures: all,
            zero_maps: self.zero_maps,
            face: self.face.iter().map(|sum| ((sum + all / 2) / all).min(255) as u8).collect(),
            map: HeatMap::new(self.width, self.map.iter().map(|sum| of_maps(*sum)).collect()),
            energy: (maps > 0).then(|| Energy {
                class: of_maps(self.class),
                parts: self.parts.map(of_maps),
                outside: of_maps(self.outside),
            }),
        }
    }
}
