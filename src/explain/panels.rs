//! A picture, where it was looked at, and both at once.

use super::{HeatMap, Look, heat, overlay};
use crate::data::Photo;

/// The picture (64 x 64 grey levels, as the network sees it), the map, and the map over the picture, each `side` pixels
/// wide and high. The map is enlarged bilinearly, the picture by blocks. `None` of a map without a pixel.
pub fn panels(pixels: &[u8], map: &HeatMap, look: Look, side: usize) -> Option<[Photo; 3]> {
    let side = side.max(1);
    let picture = Photo::from_grey(pixels).resized(side, side);
    let heat = heat(map, (side, side), look)?;
    let over = overlay(&picture, map, look)?;
    Some([picture, heat, over])
}

/// Pictures of one size in rows of so many, `gap` pixels of this colour between them and where a last row is not full.
/// `None` without a picture.
pub fn side_by_side(pictures: &[Photo], columns: usize, gap: usize, colour: [u8; 3]) -> Option<Photo> {
    let first = pictures.first()?;
    let (across, down) = (first.width(), first.height());
    let columns = columns.clamp(1, pictures.len());
    let rows = pictures.len().div_ceil(columns);
    let (width, height) = (columns * (across + gap) - gap, rows * (down + gap) - gap);
    let pixel = |x: usize, y: usize| {
        let (column, x) = (x / (across + gap), x % (across + gap));
        let (row, y) = (y / (down + gap), y % (down + gap));
        match pictures.get(row * columns + column) {
            Some(picture) if x < across && y < down => picture.rgb(x, y),
            _ => colour,
        }
    };
    let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y)));
    Photo::from_rgb(width, &pixels.collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::PIXELS;

    #[test]
    fn panels_are_the_picture_the_heat_and_both_of_one_size() {
        let map = HeatMap::new(2, vec![0.0, 1.0, 0.0, 1.0]);
        let look = Look { opacity: 0.25, ..Look::default() };
        let [picture, heat, over] = panels(&[80; PIXELS], &map, look, 128).unwrap();
        for panel in [&picture, &heat, &over] {
            assert_eq!((panel.width(), panel.height()), (128, 128));
        }
        assert_eq!(
            (picture.rgb(127, 5), heat.rgb(127, 5), heat.rgb(0, 5)),
            ([80; 3], [128, 0, 0], [0, 0, 128])
        );
        assert_eq!(over.rgb(127, 5), [92, 60, 60]);
    }

    #[test]
    fn pictures_stand_in_rows_with_a_gap_between_them() {
        let grey = |level| Photo::from_rgb(2, &[level; 12]).unwrap();
        let sheet = side_by_side(&[grey(1), grey(2), grey(3)], 2, 3, [9; 3]).unwrap();
        assert_eq!((sheet.width(), sheet.height()), (7, 7));
        let at = |x, y| sheet.rgb(x, y)[0];
        assert_eq!(
            [at(1, 1), at(2, 0), at(4, 0), at(5, 1), at(6, 1), at(0, 4), at(0, 5), at(5, 5)],
            [1, 9, 9, 2, 2, 9, 3, 9]
        );
        assert!(side_by_side(&[], 2, 1, [0; 3]).is_none());
    }
}
