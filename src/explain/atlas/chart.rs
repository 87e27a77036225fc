//! An atlas as a picture for papers and slides.

use super::file::target_name;
use super::{ATLAS_LOOK, Atlas};
use crate::emotion::{CLASSES, Emotion};
use crate::evaluate::{
    self, ChartText, EvaluateError, ExportKind, Font, INK, PAPER, QUIET, centred, class_names, fill, write,
};
use crate::explain::Target;
use image::{Rgb, RgbImage};
use std::path::{Path, PathBuf};

/// Pixels around everything.
const MARGIN: u32 = 48;
/// Side of a mean face: a whole number of pixels for each of its own.
const FACE: u32 = 128;
const LINE: u32 = 28;
/// Around a face in its cell, and between title, cells and legend.
const PAD: u32 = 8;
const GAP: u32 = 28;
const CELL: (u32, u32) = (FACE + 2 * PAD, FACE + PAD + LINE);
/// Pixels left of the cells for the names of the truths.
const LEFT: u32 = 148;
const TITLE: u32 = 40;
const TOP: u32 = MARGIN + TITLE + LINE + GAP + 2 * LINE;
const CELLS: (u32, u32) = (CELL.0 * CLASSES as u32, CELL.1 * CLASSES as u32);
const LEGEND: (u32, u32) = (396, 22);
const GRID: Rgb<u8> = Rgb([206, 214, 224]);

/// Width and height of every chart of an atlas, in pixels.
pub const ATLAS_CHART_SIZE: (u32, u32) =
    (2 * MARGIN + LEFT + CELLS.0, TOP + CELLS.1 + GAP + LEGEND.1 + LINE + MARGIN);

/// Draws the mean face of every cell with its mean map over it, and below it how many pictures that is of; cells without
/// pictures are blank. Characters that the font lacks become `?`.
pub fn atlas_chart(atlas: &Atlas, text: ChartText) -> RgbImage {
    let mut chart = RgbImage::from_pixel(ATLAS_CHART_SIZE.0, ATLAS_CHART_SIZE.1, PAPER);
    let all = ATLAS_CHART_SIZE.0 - 2 * MARGIN;
    write(&mut chart, (MARGIN, MARGIN), all, text.title, Font::TITLE, INK);
    write(&mut chart, (MARGIN, MARGIN + TITLE), all, text.below, Font::TEXT, QUIET);
    class_names(&mut chart, (MARGIN + LEFT, TOP), CELL, (LEFT, LINE));
    for truth in Emotion::ALL {
        for prediction in Emotion::ALL {
            cell(&mut chart, atlas, truth, prediction);
        }
    }
    grid(&mut chart);
    legend(&mut chart, atlas);
    chart
}

/// Writes the chart as `atlas-<split>.png`, for another class than the predicted one `atlas-<split>-true.png`, into
/// `folder`, and gives its path; never over a file that is not ours (see [`evaluate::export`]).
pub fn export_atlas(folder: &Path, title: &str, atlas: &Atlas) -> Result<PathBuf, EvaluateError> {
    let pictures = match atlas.confusion().total() {
        1 => "1 picture".into(),
        count => format!("{count} pictures"),
    };
    let (method, target) = (atlas.method_words(), atlas.target_words());
    let below = format!("{}: {pictures}, {method} for {target}, best weights", atlas.split);
    let chart = atlas_chart(atlas, ChartText { title, below: &below });
    let stem = match atlas.target {
        Target::Predicted => format!("atlas-{}", atlas.split),
        target => format!("atlas-{}-{}", atlas.split, target_name(target)),
    };
    evaluate::export(folder, &stem, ExportKind::Png, &evaluate::chart_png(&chart)?)
}

fn cell(chart: &mut RgbImage, atlas: &Atlas, truth: Emotion, prediction: Emotion) {
    let at = corner(truth, prediction);
    let cell = atlas.cell(truth, prediction);
    let Some(face) = cell.overlay(FACE as usize, ATLAS_LOOK) else { return };
    for y in 0..FACE {
        for x in 0..FACE {
            if let Some(pixel) = chart.get_pixel_mut_checked(at.0 + PAD + x, at.1 + PAD + y) {
                *pixel = Rgb(face.rgb(x as usize, y as usize));
            }
        }
    }
    let words = match cell.zero_maps {
        0 => cell.pictures.to_string(),
        zero => format!("{}, {zero} empty", cell.pictures),
    };
    // What is too long for one line loses its second half, and not the number of pictures.
    let words = if Font::TEXT.width(&words) > CELL.0 { cell.pictures.to_string() } else { words };
    centred(chart, (at.0, at.1 + PAD + FACE), (CELL.0, LINE), &words, Font::TEXT, INK);
}

/// The upper left pixel of a cell.
fn corner(truth: Emotion, prediction: Emotion) -> (u32, u32) {
    let (column, row) = (prediction.index() as u32, truth.index() as u32);
    (MARGIN + LEFT + column * CELL.0, TOP + row * CELL.1)
}

fn grid(chart: &mut RgbImage) {
    let left = MARGIN + LEFT;
    for i in 0..=CLASSES as u32 {
        fill(chart, (left + i * CELL.0, TOP), (1, CELLS.1 + 1), GRID);
        fill(chart, (left, TOP + i * CELL.1), (CELLS.0 + 1, 1), GRID);
    }
}

fn legend(chart: &mut RgbImage, atlas: &Atlas) {
    let at = (MARGIN + LEFT, TOP + CELLS.1 + GAP);
    let (width, height) = LEGEND;
    for x in 0..width {
        let colour = ATLAS_LOOK.colours.colour(x as f32 / (width - 1) as f32);
        fill(chart, (at.0 + x, at.1), (1, height), Rgb(colour));
    }
    for (text, share) in [("0", 0.0), ("0.5", 0.5), ("1", 1.0)] {
        let half = Font::TEXT.width(text) / 2;
        let x = (at.0 + (f64::from(width) * share) as u32).saturating_sub(half);
        write(chart, (x, at.1 + height + 4), 2 * half + 2, text, Font::TEXT, QUIET);
    }
    let words = format!("mean map for {}", atlas.target_words());
    let room = CELLS.0 - width - 24;
    write(chart, (at.0 + width + 24, at.1), room, &words, Font::TEXT, QUIET);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::atlas::tests::{made, toy};

    #[test]
    fn a_cell_shows_its_mean_face_and_one_without_pictures_is_blank() {
        let toy = toy();
        let atlas = made(&toy);
        let chart = atlas_chart(&atlas, ChartText { title: "toy", below: "test" });
        assert_eq!(chart.dimensions(), ATLAS_CHART_SIZE);
        let is_blank = |truth, prediction| {
            let (x, y) = corner(truth, prediction);
            (PAD..CELL.0 - 1).all(|dx| (PAD..CELL.1 - 1).all(|dy| *chart.get_pixel(x + dx, y + dy) == PAPER))
        };
        for truth in Emotion::ALL {
            for prediction in Emotion::ALL {
                let cell = atlas.cell(truth, prediction);
                assert_eq!(is_blank(truth, prediction), cell.pictures == 0, "{truth} {prediction}");
                if let Some(face) = cell.overlay(FACE as usize, ATLAS_LOOK) {
                    let (x, y) = corner(truth, prediction);
                    let middle = chart.get_pixel(x + PAD + FACE / 2, y + PAD + FACE / 2);
                    assert_eq!(middle.0, face.rgb(64, 64));
                }
            }
        }
    }
}
