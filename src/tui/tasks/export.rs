//! Files that people asked for.

use super::orders::sentence;
use crate::data::Photo;
use crate::evaluate::{self, Change, ChartText, ExportKind, PairedRow};
use crate::explain;
use crate::run::{RunFolder, printable};
use crate::tui::message::Export;
use image::{Rgb, RgbImage, imageops};
use std::path::Path;

/// Writes an export, and says where it stands, or why not.
pub(super) fn write(order: Export) -> Result<String, String> {
    match order {
        Export::Confusion { folder, title, about, stem, confusion, view } => {
            let text = ChartText { title: &title, below: &about };
            let chart = evaluate::confusion_chart(&confusion, view, text);
            let png = evaluate::chart_png(&chart).map_err(sentence)?;
            let write = |kind, bytes: &[u8]| evaluate::export(folder.path(), &stem, kind, bytes);
            let table = write(ExportKind::Csv, &view.csv(&confusion)).map_err(sentence)?;
            let picture = write(ExportKind::Png, &png).map_err(sentence)?;
            let beside = match picture.parent() == table.parent() {
                true => format!("{} beside it", file_name(&picture)),
                false => shown(&picture),
            };
            Ok(format!("wrote {} and {beside}", shown(&table)))
        }
        Export::Atlas { folder, title, atlas } => {
            let path = explain::export_atlas(folder.path(), &title, &atlas).map_err(sentence)?;
            Ok(format!("wrote {}", shown(&path)))
        }
        Export::Changed { runs, split, change } => {
            let (rows, text) = changed(&runs, &split, change)?;
            let stem = format!("compare-{split}-{}-{}", change.name().replace(' ', "-"), runs[0].id());
            let path = evaluate::export(runs[1].path(), &stem, ExportKind::Csv, &text).map_err(sentence)?;
            Ok(format!("wrote {rows} pictures to {}", shown(&path)))
        }
        Export::Pictures { folder, stem, pictures } => {
            let png = evaluate::chart_png(&beside(&pictures)).map_err(sentence)?;
            let path = evaluate::export(folder.path(), &stem, ExportKind::Png, &png).map_err(sentence)?;
            Ok(format!("wrote {}", shown(&path)))
        }
    }
}

/// Pictures beside each other, larger than networks see them.
fn beside(pictures: &[Photo]) -> RgbImage {
    const LARGER: u32 = 4;
    const GAP: u32 = 8;
    let larger = pictures.iter().map(|photo| {
        let image = photo.to_image().into_rgb8();
        let (width, height) = (image.width() * LARGER, image.height() * LARGER);
        imageops::resize(&image, width, height, imageops::FilterType::Triangle)
    });
    let larger: Vec<RgbImage> = larger.collect();
    let width = larger.iter().map(|image| image.width() + GAP).sum::<u32>().saturating_sub(GAP).max(1);
    let height = larger.iter().map(RgbImage::height).max().unwrap_or(1);
    let mut all = RgbImage::from_pixel(width, height, Rgb([255; 3]));
    let mut x = 0;
    for image in &larger {
        imageops::replace(&mut all, image, x, 0);
        x += i64::from(image.width() + GAP);
    }
    all
}

/// All pictures of a change, as they are met in the files.
fn changed(runs: &[RunFolder; 2], split: &str, change: Change) -> Result<(usize, Vec<u8>), String> {
    let files = [0, 1].map(|run: usize| runs[run].scores(split));
    let mut csv = csv::Writer::from_writer(Vec::new());
    let header = ["filepath", "label", "prediction_a", "confidence_a", "prediction_b", "confidence_b"];
    // Writing to memory does not fail.
    let _ = csv.write_record(header);
    let mut rows = 0;
    let mut take = |PairedRow { path, truth, predictions: [a, b], confidences }: PairedRow| {
        rows += 1;
        let [of_a, of_b] = confidences.map(|confidence| format!("{confidence:?}"));
        let _ = csv.write_record([&path, truth.name(), a.name(), &of_a, b.name(), &of_b]);
    };
    evaluate::changed_pictures([&files[0], &files[1]], change, &mut take).map_err(sentence)?;
    Ok((rows, csv.into_inner().map_err(sentence)?))
}

/// A path as short as it can be said: from the current folder where it is below it.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    printable(&path.strip_prefix(here).unwrap_or(path).display().to_string()).into_owned()
}

fn file_name(path: &Path) -> String {
    printable(&path.file_name().unwrap_or_default().to_string_lossy()).into_owned()
}
