//! Letters and boxes on pictures for papers and slides.

use crate::emotion::{CLASSES, Emotion};
use image::{Rgb, RgbImage};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

pub(crate) const PAPER: Rgb<u8> = Rgb([255, 255, 255]);
pub(crate) const INK: Rgb<u8> = Rgb([28, 32, 38]);
pub(crate) const QUIET: Rgb<u8> = Rgb([104, 112, 122]);

#[derive(Clone, Copy)]
pub(crate) struct Font {
    weight: FontWeight,
    size: RasterHeight,
}

impl Font {
    pub const TITLE: Self = Self { weight: FontWeight::Bold, size: RasterHeight::Size32 };
    pub const STRONG: Self = Self { weight: FontWeight::Bold, size: RasterHeight::Size20 };
    pub const TEXT: Self = Self { weight: FontWeight::Regular, size: RasterHeight::Size20 };

    pub fn height(self) -> u32 {
        self.size.val() as u32
    }

    fn advance(self) -> u32 {
        get_raster_width(self.weight, self.size) as u32
    }

    pub fn width(self, text: &str) -> u32 {
        text.chars().count() as u32 * self.advance()
    }
}

/// Writes as much of the text as `width` pixels hold.
pub(crate) fn write(chart: &mut RgbImage, at: (u32, u32), width: u32, text: &str, font: Font, ink: Rgb<u8>) {
    let room = (width / font.advance()) as usize;
    for (i, letter) in text.chars().take(room).enumerate() {
        let raster = get_raster(letter, font.weight, font.size);
        let Some(raster) = raster.or_else(|| get_raster('?', font.weight, font.size)) else { continue };
        let x = at.0 + i as u32 * font.advance();
        for (dy, row) in raster.rows().enumerate() {
            for (dx, &cover) in row.iter().enumerate().filter(|(_, cover)| **cover > 0) {
                let place = (x + dx as u32, at.1 + dy as u32);
                if let Some(pixel) = chart.get_pixel_mut_checked(place.0, place.1) {
                    *pixel = blend(*pixel, ink, cover);
                }
            }
        }
    }
}

pub(crate) fn centred(
    chart: &mut RgbImage,
    at: (u32, u32),
    size: (u32, u32),
    text: &str,
    font: Font,
    ink: Rgb<u8>,
) {
    let x = at.0 + size.0.saturating_sub(font.width(text)) / 2;
    let y = at.1 + size.1.saturating_sub(font.height()) / 2;
    write(chart, (x, y), size.0, text, font, ink);
}

fn blend(under: Rgb<u8>, over: Rgb<u8>, cover: u8) -> Rgb<u8> {
    let cover = u16::from(cover);
    let mix = |i: usize| {
        let (under, over) = (u16::from(under.0[i]), u16::from(over.0[i]));
        ((under * (255 - cover) + over * cover + 127) / 255) as u8
    };
    Rgb([mix(0), mix(1), mix(2)])
}

pub(crate) fn fill(chart: &mut RgbImage, at: (u32, u32), size: (u32, u32), colour: Rgb<u8>) {
    for y in at.1..at.1 + size.1 {
        for x in at.0..at.0 + size.0 {
            if let Some(pixel) = chart.get_pixel_mut_checked(x, y) {
                *pixel = colour;
            }
        }
    }
}

/// The names around a table of truths and predictions: its first cell's upper left corner, a cell's size, the pixels that the
/// truths' names have on the left, and the height of a line.
pub(crate) fn class_names(
    chart: &mut RgbImage,
    (left, top): (u32, u32),
    cell: (u32, u32),
    (room, line): (u32, u32),
) {
    let begin = left - room;
    centred(chart, (left, top - 2 * line), (cell.0 * CLASSES as u32, line), "prediction", Font::TEXT, QUIET);
    write(chart, (begin, top - line + (line - Font::TEXT.height()) / 2), room, "truth", Font::TEXT, QUIET);
    for emotion in Emotion::ALL {
        let place = emotion.index() as u32;
        let column = (left + place * cell.0, top - line);
        centred(chart, column, (cell.0, line), emotion.name(), Font::STRONG, INK);
        let y = top + place * cell.1 + (cell.1 - Font::STRONG.height()) / 2;
        write(chart, (begin, y), room, emotion.name(), Font::STRONG, INK);
    }
}
