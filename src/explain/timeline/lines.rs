//! The texts of the files.

use super::{EpochMaps, MOST_CELLS, MOST_PROBES, Probe, ProbeMap, Probes};
use crate::data::{PIXELS, SIDE};
use crate::emotion::{CLASSES, Emotion};
use crate::explain::HeatMap;
use image::{ExtendedColorType, ImageFormat};
use serde::{Deserialize, Serialize};

const VERSION: u32 = 1;
/// No map is finer than the picture.
const MOST_VALUES: usize = PIXELS;

#[derive(Serialize, Deserialize)]
struct ProbesText {
    version: u32,
    method: String,
    layer: String,
    probes: Vec<ProbeText>,
}

#[derive(Serialize, Deserialize)]
struct ProbeText {
    path: String,
    label: String,
    split: String,
}

#[derive(Serialize, Deserialize)]
struct EpochText {
    epoch: u32,
    step: u64,
    /// Columns of each map.
    width: usize,
    maps: Vec<MapText>,
}

#[derive(Serialize, Deserialize)]
struct MapText {
    prediction: String,
    scores: [f32; CLASSES],
    energy: Option<f64>,
    map: Vec<f32>,
}

/// The text of `probes.json`.
pub(super) fn probes_text(probes: &Probes) -> serde_json::Result<Vec<u8>> {
    let text = |probe: &Probe| ProbeText {
        path: probe.path.clone(),
        label: probe.label.name().into(),
        split: probe.split.clone(),
    };
    serde_json::to_vec_pretty(&ProbesText {
        version: VERSION,
        method: probes.method.clone(),
        layer: probes.layer.clone(),
        probes: probes.pictures.iter().map(text).collect(),
    })
}

/// All probes in one grey picture, one below the other.
pub(super) fn pictures_png(probes: &Probes) -> image::ImageResult<Vec<u8>> {
    let mut pixels: Vec<u8> = Vec::with_capacity(probes.pictures.len() * PIXELS);
    for probe in &probes.pictures {
        let end = pixels.len() + PIXELS;
        pixels.extend_from_slice(&probe.pixels[..probe.pixels.len().min(PIXELS)]);
        pixels.resize(end, 0);
    }
    let mut file = std::io::Cursor::new(Vec::new());
    let height = (pixels.len() / SIDE) as u32;
    let grey = ExtendedColorType::L8;
    image::write_buffer_with_format(&mut file, &pixels, SIDE as u32, height, grey, ImageFormat::Png)?;
    Ok(file.into_inner())
}

/// The probes of both files; why they are none otherwise.
pub(super) fn parse_probes(text: &[u8], png: &[u8]) -> Result<Probes, String> {
    let text: ProbesText = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if text.version != VERSION {
        return Err(format!("it is of version {}, and this mien reads version {VERSION}", text.version));
    }
    let count = text.probes.len();
    if count > MOST_PROBES {
        return Err(format!("it has {count} probes, and {MOST_PROBES} are possible"));
    }
    let mut reader = image::ImageReader::with_format(std::io::Cursor::new(png), ImageFormat::Png);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(SIDE as u32);
    limits.max_image_height = Some((count * SIDE) as u32);
    reader.limits(limits);
    let pixels = reader.decode().map_err(|error| format!("probes.png: {error}"))?.into_luma8();
    let is_whole = pixels.width() as usize == SIDE && pixels.height() as usize == count * SIDE;
    if !is_whole {
        return Err(format!("probes.png does not hold {count} pictures of {SIDE} x {SIDE}"));
    }
    let probe = |(text, pixels): (ProbeText, &[u8])| {
        let label = Emotion::parse(&text.label).ok_or_else(|| format!("'{}' is no emotion", text.label))?;
        Ok(Probe { path: text.path, label, split: text.split, pixels: pixels.to_vec() })
    };
    let pictures = text.probes.into_iter().zip(pixels.as_raw().chunks_exact(PIXELS)).map(probe);
    Ok(Probes { method: text.method, layer: text.layer, pictures: pictures.collect::<Result<_, String>>()? })
}

/// A line of `maps.jsonl`, with its end.
pub(super) fn epoch_line(maps: &EpochMaps) -> serde_json::Result<Vec<u8>> {
    let kept: Vec<HeatMap> = maps.maps.iter().map(|map| coarse(&map.map)).collect();
    let text = |(map, kept): (&ProbeMap, &HeatMap)| MapText {
        prediction: map.prediction.name().into(),
        scores: map.scores.map(short),
        energy: map.energy.map(|energy| (energy * 1e4).round() / 1e4),
        map: kept.values().iter().map(|value| short(*value)).collect(),
    };
    let mut line = serde_json::to_vec(&EpochText {
        epoch: maps.epoch,
        step: maps.step,
        width: kept.first().map_or(0, HeatMap::width),
        maps: maps.maps.iter().zip(&kept).map(text).collect(),
    })?;
    line.push(b'\n');
    Ok(line)
}

/// An epoch of so many probes; `None` of a line that does not say one.
pub(super) fn parse_line(line: &[u8], probes: usize) -> Option<EpochMaps> {
    let text: EpochText = serde_json::from_slice(line).ok()?;
    let map = |map: MapText| {
        let is_map = text.width > 0
            && !map.map.is_empty()
            && map.map.len() <= MOST_VALUES
            && map.map.len().is_multiple_of(text.width)
            && map.map.iter().chain(&map.scores).all(|value| value.is_finite());
        is_map.then_some(())?;
        Some(ProbeMap {
            prediction: Emotion::parse(&map.prediction)?,
            scores: map.scores,
            energy: map.energy.filter(|energy| (0.0..=1.0).contains(energy)),
            map: HeatMap::new(text.width, map.map),
        })
    };
    let maps: Vec<ProbeMap> = text.maps.into_iter().map(map).collect::<Option<_>>()?;
    (maps.len() == probes).then_some(EpochMaps { epoch: text.epoch, step: text.step, maps })
}

/// Four digits: a map is looked at, and its differences are much larger.
fn short(value: f32) -> f32 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// A map of no more than [`MOST_CELLS`] columns and rows, of the means of its cells; as it is where its sides do not
/// divide.
fn coarse(map: &HeatMap) -> HeatMap {
    let by = map.width().max(map.height()).div_ceil(MOST_CELLS).max(1);
    if by == 1 || !map.width().is_multiple_of(by) || !map.height().is_multiple_of(by) {
        return map.clone();
    }
    let (width, height) = (map.width() / by, map.height() / by);
    let mut sums = vec![0.0f32; width * height];
    for (i, value) in map.values().iter().enumerate() {
        sums[i / map.width() / by * width + i % map.width() / by] += value;
    }
    let cells = (by * by) as f32;
    HeatMap::new(width, sums.into_iter().map(|sum| sum / cells).collect())
}
