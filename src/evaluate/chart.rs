//! A confusion as a picture for papers and slides.

use super::confusion::Confusion;
use super::error::EvaluateError;
use super::lettering::{Font, INK, PAPER, QUIET, centred, class_names, fill, write};
use super::view::ConfusionView;
use crate::emotion::{CLASSES, Emotion};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage};
use std::path::Path;

/// Pixels around everything.
const MARGIN: u32 = 48;
const CELL: (u32, u32) = (132, 92);
/// Pixels left of the cells for the names of the truths, and what says that they are.
const LEFT: u32 = 168;
const TITLE: u32 = 40;
const LINE: u32 = 28;
/// Between title, cells and legend.
const GAP: u32 = 28;
const LEGEND: (u32, u32) = (396, 22);
const TOP: u32 = MARGIN + TITLE + LINE + GAP + 2 * LINE;
const CELLS: (u32, u32) = (CELL.0 * CLASSES as u32, CELL.1 * CLASSES as u32);

/// Width and height of every chart, in pixels.
pub const CHART_SIZE: (u32, u32) =
    (2 * MARGIN + LEFT + CELLS.0, TOP + CELLS.1 + GAP + LEGEND.1 + LINE + MARGIN);

/// ColorBrewer's Blues (Harrower and Brewer, 2003), from no share to all of it: it prints well, also in grey.
const BLUES: [[u8; 3]; 6] =
    [[247, 251, 255], [214, 230, 244], [158, 202, 225], [85, 160, 205], [28, 106, 175], [8, 48, 107]];

/// What stands over a chart.
#[derive(Clone, Copy, Debug)]
pub struct ChartText<'a> {
    pub title: &'a str,
    pub below: &'a str,
}

/// Draws counts and percent of every cell, coloured by the share that `view` shows, with names and a legend.
/// Characters that the font lacks become `?`.
pub fn confusion_chart(confusion: &Confusion, view: ConfusionView, text: ChartText) -> RgbImage {
    let mut chart = RgbImage::from_pixel(CHART_SIZE.0, CHART_SIZE.1, PAPER);
    let all = CHART_SIZE.0 - 2 * MARGIN;
    write(&mut chart, (MARGIN, MARGIN), all, text.title, Font::TITLE, INK);
    write(&mut chart, (MARGIN, MARGIN + TITLE), all, text.below, Font::TEXT, QUIET);
    class_names(&mut chart, (MARGIN + LEFT, TOP), CELL, (LEFT, LINE));
    for truth in Emotion::ALL {
        for prediction in Emotion::ALL {
            cell(&mut chart, confusion, view, truth, prediction);
        }
    }
    grid(&mut chart);
    legend(&mut chart, view);
    chart
}

/// A picture as a PNG that says in its EXIF data which program drew it.
pub fn chart_png(chart: &RgbImage) -> Result<Vec<u8>, EvaluateError> {
    let mut bytes = Vec::new();
    let failed = |error: String| EvaluateError::Picture { reason: error };
    let mut encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive);
    encoder.set_exif_metadata(exif()).map_err(|error| failed(error.to_string()))?;
    let (width, height) = chart.dimensions();
    encoder
        .write_image(chart, width, height, ExtendedColorType::Rgb8)
        .map_err(|error| failed(error.to_string()))?;
    Ok(bytes)
}

/// Whether a file is a picture that [`chart_png`] wrote.
pub(crate) fn is_chart(path: &Path) -> bool {
    use image::ImageDecoder;
    use image::codecs::png::PngDecoder;
    let Ok(file) = crate::data::open_regular(path) else { return false };
    let metadata = PngDecoder::new(std::io::BufReader::new(file))
        .and_then(|mut decoder| decoder.exif_metadata())
        .unwrap_or_default();
    metadata == Some(exif())
}

/// One field: Software = mien. (TIFF 6.0, section 2: little-endian, one directory of one entry, the text behind it.)
fn exif() -> Vec<u8> {
    const SOFTWARE: u16 = 0x0131;
    const ASCII: u16 = 2;
    const TEXT: &[u8] = b"mien\0";
    const BEHIND: u32 = 26;
    let mut bytes = b"II*\0".to_vec();
    bytes.extend(8u32.to_le_bytes());
    bytes.extend([1u16, SOFTWARE, ASCII].map(u16::to_le_bytes).concat());
    bytes.extend([TEXT.len() as u32, BEHIND, 0].map(u32::to_le_bytes).concat());
    bytes.extend(TEXT);
    bytes
}

fn cell(
    chart: &mut RgbImage,
    confusion: &Confusion,
    view: ConfusionView,
    truth: Emotion,
    prediction: Emotion,
) {
    let (column, row) = (prediction.index() as u32, truth.index() as u32);
    let at = (MARGIN + LEFT + column * CELL.0, TOP + row * CELL.1);
    let share = view.share(confusion, truth, prediction);
    fill(chart, at, CELL, colour(share.unwrap_or(0.0)));
    // White on the darker half, so that every number reads.
    let ink = if share.is_some_and(|share| share > 0.5) { PAPER } else { INK };
    let count = confusion.get(truth, prediction).to_string();
    let percent = share.map_or_else(|| "-".into(), |share| format!("{:.1} %", share * 100.0));
    let half = (CELL.0, CELL.1 / 2);
    let upper = (at.0, at.1 + 8);
    let lower = (at.0, at.1 + CELL.1 / 2 - 4);
    let (first, second) = match view {
        ConfusionView::Counts => (count, percent),
        _ => (percent, count),
    };
    // A larger number than the font has room for is written smaller.
    let wide = Font::TITLE.width(&first) > CELL.0 - 8;
    centred(chart, upper, half, &first, if wide { Font::STRONG } else { Font::TITLE }, ink);
    centred(chart, lower, half, &second, Font::TEXT, ink);
}

fn grid(chart: &mut RgbImage) {
    let (left, line) = (MARGIN + LEFT, colour(0.22));
    for i in 0..=CLASSES as u32 {
        fill(chart, (left + i * CELL.0, TOP), (1, CELLS.1 + 1), line);
        fill(chart, (left, TOP + i * CELL.1), (CELLS.0 + 1, 1), line);
    }
}

fn legend(chart: &mut RgbImage, view: ConfusionView) {
    let at = (MARGIN + LEFT, TOP + CELLS.1 + GAP);
    let (width, height) = LEGEND;
    for x in 0..width {
        fill(chart, (at.0 + x, at.1), (1, height), colour(f64::from(x) / f64::from(width - 1)));
    }
    for (text, share) in [("0 %", 0.0), ("50 %", 0.5), ("100 %", 1.0)] {
        let half = Font::TEXT.width(text) / 2;
        let x = (at.0 + (f64::from(width) * share) as u32).saturating_sub(half);
        write(chart, (x, at.1 + height + 4), 2 * half + 2, text, Font::TEXT, QUIET);
    }
    let words = format!("share of {}", view.whole());
    let room = CELLS.0 - width - 24;
    write(chart, (at.0 + width + 24, at.1), room, &words, Font::TEXT, QUIET);
}

/// Of a share from 0 to 1.
fn colour(share: f64) -> Rgb<u8> {
    let place = share.clamp(0.0, 1.0) * (BLUES.len() - 1) as f64;
    let below = (place as usize).min(BLUES.len() - 2);
    let [low, high] = [BLUES[below], BLUES[below + 1]];
    let between = |i: usize| {
        let (low, high) = (f64::from(low[i]), f64::from(high[i]));
        (low + (high - low) * (place - below as f64)).round() as u8
    };
    Rgb([between(0), between(1), between(2)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(view: ConfusionView) -> RgbImage {
        let mut confusion = Confusion::default();
        confusion.0[3] = [0, 0, 1, 25, 4, 0];
        confusion.0[0][0] = 1_234_567;
        confusion_chart(&confusion, view, ChartText { title: "表情 gimefive", below: "test, 30 pictures" })
    }

    #[test]
    fn a_chart_is_a_png_of_its_size_that_decodes_to_what_was_drawn() {
        let drawn = chart(ConfusionView::Counts);
        let png = chart_png(&drawn).unwrap();
        let read = image::load_from_memory(&png).unwrap();
        assert_eq!((read.width(), read.height()), CHART_SIZE);
        assert_eq!(read.to_rgb8(), drawn);
        assert_ne!(chart(ConfusionView::Columns), drawn, "another view is another picture");
    }

    #[test]
    fn larger_shares_are_darker() {
        let level = |share| colour(share).0.iter().map(|&level| u32::from(level)).sum::<u32>();
        let levels: Vec<u32> = (0..=20).map(|i| level(f64::from(i) / 20.0)).collect();
        assert!(levels.windows(2).all(|pair| pair[0] > pair[1]), "{levels:?}");
        let drawn = chart(ConfusionView::Rows);
        let corner = |row: u32, column: u32| {
            drawn.get_pixel(MARGIN + LEFT + column * CELL.0 + 3, TOP + row * CELL.1 + 3)
        };
        assert_eq!((*corner(3, 3), *corner(3, 0)), (colour(25.0 / 30.0), colour(0.0)));
    }

    #[test]
    fn a_chart_knows_its_own_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        std::fs::write(&path, chart_png(&chart(ConfusionView::Counts)).unwrap()).unwrap();
        assert!(is_chart(&path));
        RgbImage::new(2, 2).save(&path).unwrap();
        assert!(!is_chart(&path));
        std::fs::write(&path, "no picture").unwrap();
        assert!(!is_chart(&path));
    }
}
