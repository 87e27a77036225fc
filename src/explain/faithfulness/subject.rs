//! A picture that maps are measured on.

use super::Area;
use crate::emotion::Emotion;
use crate::explain::{FacePart, HeatMap, Picture, Regions};

/// A picture, and where the parts of its face are.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    pub picture: Picture<'a>,
    pub places: Places,
}

/// How it is known where a face's parts are.
#[derive(Clone, Debug, PartialEq)]
pub enum Places {
    /// The picture's own boxes, of the parts that carry its expression and no others.
    Known(Regions),
    /// The fixed boxes of aligned photographs; a class's own parts are those of its prototype.
    Aligned,
}

impl Places {
    /// The share of the map's evidence that lies there; `None` where the map has none, or the face no such place.
    pub(super) fn energy(&self, map: &HeatMap, area: Area, class: Emotion) -> Option<f64> {
        self.share(area, class)?;
        let (regions, own) = self.of(class);
        match area {
            Area::Part(part) => regions.energy(map, &[part]),
            Area::Outside => regions.energy_outside(map),
            Area::Own => regions.energy(map, own),
        }
    }

    /// The share of the picture that the place takes: the energy of a map that is the same everywhere. `None` where the
    /// face has no such place.
    pub(super) fn share(&self, area: Area, class: Emotion) -> Option<f64> {
        let (regions, own) = self.of(class);
        let share = match area {
            Area::Part(part) => regions.area(&[part]),
            // Boxes of a few parts do not say where the face ends.
            Area::Outside if matches!(self, Self::Known(_)) => 0.0,
            Area::Outside => regions.energy_outside(&HeatMap::new(1, vec![1.0])).unwrap_or(0.0),
            Area::Own => regions.area(own),
        };
        (share > 0.0).then_some(share)
    }

    fn of(&self, class: Emotion) -> (Regions, &'static [FacePart]) {
        match self {
            Self::Known(regions) => (regions.clone(), &FacePart::ALL),
            Self::Aligned => (Regions::aligned(), FacePart::of(class)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_the_mouth() -> HeatMap {
        let is_in = |x: usize, y: usize| (20..40).contains(&x) && (44..54).contains(&y);
        HeatMap::new(64, (0..4096).map(|i| f32::from(u8::from(is_in(i % 64, i / 64)))).collect())
    }

    #[test]
    fn an_aligned_face_has_all_places_and_a_class_its_own_parts() {
        let map = on_the_mouth();
        let energy = |area, class| Places::Aligned.energy(&map, area, class);
        assert_eq!(energy(Area::Part(FacePart::Mouth), Emotion::Fear), Some(1.0));
        assert_eq!(energy(Area::Part(FacePart::Eyes), Emotion::Fear), Some(0.0));
        assert_eq!(
            (energy(Area::Outside, Emotion::Fear), energy(Area::Own, Emotion::Fear)),
            (Some(0.0), Some(1.0))
        );
        for area in Area::ALL {
            let share = Places::Aligned.share(area, Emotion::Disgust).unwrap();
            let flat =
                Places::Aligned.energy(&HeatMap::new(4, vec![0.2; 16]), area, Emotion::Disgust).unwrap();
            assert!((share - flat).abs() < 1e-9, "{}", area.name());
        }
    }

    #[test]
    fn a_part_that_a_face_has_no_box_of_has_no_energy_and_a_map_without_evidence_neither() {
        let known = Places::Known(Regions::known(vec![(FacePart::Mouth, [20, 44, 30, 54])]));
        assert_eq!(known.energy(&on_the_mouth(), Area::Own, Emotion::Fear), Some(0.5));
        assert_eq!(known.energy(&on_the_mouth(), Area::Part(FacePart::Eyes), Emotion::Fear), None);
        assert_eq!(known.energy(&on_the_mouth(), Area::Outside, Emotion::Fear), None);
        let zero = HeatMap::new(2, vec![-1.0; 4]);
        assert_eq!(known.energy(&zero, Area::Own, Emotion::Fear), None);
    }
}
