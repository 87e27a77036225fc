//! Maps as pictures.

use super::{ColourMap, HeatMap};
use crate::data::Photo;

/// How a map is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    pub colours: ColourMap,
    /// How much of the heat an overlay has, 0 to 1; the rest is the picture.
    pub opacity: f32,
    /// With signs: evidence against the class, too.
    pub signed: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { colours: ColourMap::Jet, opacity: 0.5, signed: false }
    }
}

/// The map as colours, enlarged to `width` by `height` pixels. `None` of a map or a picture without a pixel.
pub fn heat(map: &HeatMap, (width, height): (usize, usize), look: Look) -> Option<Photo> {
    // Enlarged first: colours between two colours of the map are often none of it.
    let shown = if look.signed { map.signed() } else { map.normalised() }.resized(width, height);
    let colour = |value: &f32| {
        if look.signed { ColourMap::signed_colour(*value) } else { look.colours.colour(*value) }
    };
    Photo::from_rgb(width, &shown.values().iter().flat_map(colour).collect::<Vec<u8>>())
}

/// The map over the picture, which keeps its size. `None` of a map without a pixel.
pub fn overlay(photo: &Photo, map: &HeatMap, look: Look) -> Option<Photo> {
    let (width, height) = (photo.width(), photo.height());
    let heat = heat(map, (width, height), look)?;
    let opacity = look.opacity.clamp(0.0, 1.0);
    let mixed = |x: usize, y: usize| {
        let (below, above) = (photo.rgb(x, y), heat.rgb(x, y));
        [0, 1, 2]
            .map(|c| (f32::from(below[c]) * (1.0 - opacity) + f32::from(above[c]) * opacity).round() as u8)
    };
    let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| mixed(x, y)));
    Photo::from_rgb(width, &pixels.collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlay_is_between_the_picture_and_the_heat() {
        let photo = Photo::from_rgb(2, &[100; 12]).unwrap();
        let map = HeatMap::new(2, vec![0.0, 1.0, 0.5, 0.0]);
        let at = |opacity| overlay(&photo, &map, Look { opacity, ..Look::default() }).unwrap().rgb(1, 0);
        assert_eq!(at(0.0), [100, 100, 100]);
        assert_eq!(at(1.0), [128, 0, 0]);
        assert_eq!(at(0.5), [114, 50, 50]);
    }

    #[test]
    fn heat_is_as_large_as_asked_and_a_map_without_evidence_is_of_one_colour() {
        let map = HeatMap::new(2, vec![-1.0; 4]);
        let heat = heat(&map, (8, 6), Look::default()).unwrap();
        assert_eq!((heat.width(), heat.height()), (8, 6));
        assert!((0..48).all(|i| heat.rgb(i % 8, i / 8) == [0, 0, 128]));
    }
}
