//! Pictures as text: two pixels a cell where there are colours, else letters that are more or less dense.

use crate::data::Photo;
use crate::tui::theme::{Depth, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;

/// From dark to light, for light text on dark ground.
const RAMP: &[u8] = b" .:-=+*#%@";
/// Colours that differ by less in each channel are taken as one: nobody sees it, and the line carries less.
const ALIKE: u8 = 4;

/// Draws the picture over the whole area.
pub(crate) fn draw(buffer: &mut Buffer, area: Rect, photo: &Photo, theme: &Theme) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    if theme.depth == Depth::Mono || !theme.symbols.braille {
        letters(buffer, area, photo);
    } else {
        halves(buffer, area, photo, theme.depth);
    }
}

fn halves(buffer: &mut Buffer, area: Rect, photo: &Photo, depth: Depth) {
    let pixels = photo.resized(area.width.into(), 2 * usize::from(area.height));
    for y in 0..area.height {
        let (mut upper, mut lower) = (None, None);
        for x in 0..area.width {
            let pixel = |half: u16| pixels.rgb(x.into(), (2 * y + half).into());
            let (top, bottom) = (settle(&mut upper, pixel(0)), settle(&mut lower, pixel(1)));
            let (top, bottom) = (colour(top, depth), colour(bottom, depth));
            let cell = &mut buffer[(area.x + x, area.y + y)];
            cell.reset();
            cell.set_fg(top).set_bg(bottom);
            if top != bottom {
                cell.set_symbol("▀");
            }
        }
    }
}

fn letters(buffer: &mut Buffer, area: Rect, photo: &Photo) {
    let pixels = photo.resized(area.width.into(), area.height.into());
    for y in 0..area.height {
        for x in 0..area.width {
            let [red, green, blue] = pixels.rgb(x.into(), y.into()).map(u32::from);
            let light = (299 * red + 587 * green + 114 * blue) as usize / 1000;
            let cell = &mut buffer[(area.x + x, area.y + y)];
            cell.reset();
            cell.set_char(char::from(RAMP[light * RAMP.len() / 256]));
        }
    }
}

/// The colour of the neighbour where this one is alike.
fn settle(neighbour: &mut Option<[u8; 3]>, rgb: [u8; 3]) -> [u8; 3] {
    match *neighbour {
        Some(before) if distance(before, rgb).iter().all(|d| *d < ALIKE) => before,
        _ => *neighbour.insert(rgb),
    }
}

fn distance(a: [u8; 3], b: [u8; 3]) -> [u8; 3] {
    [0, 1, 2].map(|channel| a[channel].abs_diff(b[channel]))
}

fn colour(rgb: [u8; 3], depth: Depth) -> Color {
    match depth {
        Depth::True => Color::Rgb(rgb[0], rgb[1], rgb[2]),
        Depth::Palette => Color::Indexed(of_palette(rgb)),
        _ => Color::Indexed(of_sixteen(rgb)),
    }
}

/// The nearest of the 216 colours and 24 greys that are the same in all terminals.
fn of_palette(rgb: [u8; 3]) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let nearest = |value: u8| (0..6).min_by_key(|level| LEVELS[*level].abs_diff(value)).unwrap_or(0);
    let cube = rgb.map(nearest);
    let mean = rgb.iter().map(|value| u16::from(*value)).sum::<u16>() / 3;
    let grey = (mean.saturating_sub(3) / 10).min(23) as u8;
    let of_cube = squared(rgb, cube.map(|level| LEVELS[level]));
    if squared(rgb, [8 + 10 * grey; 3]) <= of_cube {
        232 + grey
    } else {
        (16 + 36 * cube[0] + 6 * cube[1] + cube[2]) as u8
    }
}

/// The nearest of the sixteen, as xterm has them.
fn of_sixteen(rgb: [u8; 3]) -> u8 {
    const COLOURS: [[u8; 3]; 16] = [
        [0, 0, 0],
        [205, 0, 0],
        [0, 205, 0],
        [205, 205, 0],
        [0, 0, 238],
        [205, 0, 205],
        [0, 205, 205],
        [229, 229, 229],
        [127, 127, 127],
        [255, 0, 0],
        [0, 255, 0],
        [255, 255, 0],
        [92, 92, 255],
        [255, 0, 255],
        [0, 255, 255],
        [255, 255, 255],
    ];
    (0..16).min_by_key(|i| squared(rgb, COLOURS[usize::from(*i)])).unwrap_or(0)
}

fn squared(a: [u8; 3], b: [u8; 3]) -> u32 {
    distance(a, b).iter().map(|d| u32::from(*d) * u32::from(*d)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::screens;

    fn ramp() -> Photo {
        let samples: Vec<u8> = (0..64 * 64).flat_map(|i| [(i % 64 * 4) as u8; 3]).collect();
        Photo::from_rgb(64, &samples).unwrap()
    }

    fn drawn(photo: &Photo, area: Rect, theme: &Theme) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 16, 4));
        draw(&mut buffer, area, photo, theme);
        buffer
    }

    #[test]
    fn the_upper_half_is_the_letter_and_the_lower_the_ground() {
        let samples: Vec<u8> = [[200, 0, 0], [0, 0, 90]].concat();
        let photo = Photo::from_rgb(1, &samples).unwrap();
        let buffer = drawn(&photo, Rect::new(2, 1, 3, 1), &Theme::new(Depth::True, true));
        for x in 2..5 {
            let cell = &buffer[(x, 1)];
            assert_eq!((cell.symbol(), cell.fg, cell.bg), ("▀", Color::Rgb(200, 0, 0), Color::Rgb(0, 0, 90)));
        }
        assert!(buffer[(1, 1)].symbol() == " " && buffer[(1, 1)].bg == Color::Reset);
    }

    #[test]
    fn without_colours_light_is_dense() {
        let area = Rect::new(0, 0, 16, 4);
        for theme in [Theme::new(Depth::Mono, true), Theme::new(Depth::Palette, false)] {
            let buffer = drawn(&ramp(), area, &theme);
            assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
            assert_eq!(screens::lines(&buffer).lines().next(), Some("  .::--=++*##%%@"));
        }
    }

    #[test]
    fn each_depth_has_the_nearest_of_its_colours() {
        assert_eq!([[0; 3], [255; 3], [95, 135, 175], [128; 3]].map(of_palette), [16, 231, 67, 244]);
        assert_eq!([[0; 3], [255; 3], [120, 128, 130], [250, 4, 2]].map(of_sixteen), [0, 15, 8, 9]);
        let sixteen = drawn(&ramp(), Rect::new(0, 0, 16, 4), &Theme::new(Depth::Sixteen, true));
        assert!(sixteen.content.iter().all(|cell| matches!(cell.bg, Color::Indexed(0..=15))));
    }

    #[test]
    fn a_place_beyond_the_screen_or_without_cells_is_left_alone() {
        for area in [Rect::new(14, 3, 9, 9), Rect::new(99, 99, 4, 4), Rect::new(3, 3, 0, 4)] {
            let buffer = drawn(&ramp(), area, &Theme::new(Depth::True, true));
            assert_eq!(buffer[(0, 0)].symbol(), " ");
        }
    }
}
