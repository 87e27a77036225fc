//! `atlas-<split>-<method>-<target>.json` in a run's folder, so that an atlas is made once.

use super::{Atlas, Cell, Energy, Origin, place};
use crate::data::{self, Durability, PIXELS, printable, read_small};
use crate::emotion::{CLASSES, Emotion};
use crate::explain::{HeatMap, Method, Request, Target};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Another number stands for another format.
const VERSION: u32 = 1;
/// Of a cell: the sums of cells are numbers, too.
const MOST_PICTURES: u64 = u32::MAX as u64;

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    split: String,
    method: String,
    layer: Option<String>,
    target: String,
    origin: Origin,
    /// Those with pictures.
    cells: Vec<Written>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    truth: String,
    prediction: String,
    pictures: u64,
    zero_maps: u64,
    /// 64 x 64 grey levels in base64, rows first.
    face: String,
    /// Columns of the map.
    width: usize,
    map: Vec<f32>,
    energy: Option<WrittenEnergy>,
}

#[derive(Serialize, Deserialize)]
struct WrittenEnergy {
    class: f32,
    brows: f32,
    eyes: f32,
    nose: f32,
    mouth: f32,
    outside: f32,
}

impl Atlas {
    /// The atlas that `folder` keeps of this request; `None` where there is none, where it was made from other weights or
    /// pictures, where its file is not whole, and of a request whose numbers are not the usual ones: files do not say them.
    pub fn find(folder: &Path, split: &str, request: &Request, origin: &Origin) -> Option<Self> {
        says_all_of(request).then_some(())?;
        let document: Document =
            serde_json::from_slice(&read_small(&path(folder, split, request)).ok()?).ok()?;
        // What no network calls a layer is no text for a terminal, either.
        let is_layer = document.layer.as_deref().is_none_or(|layer| printable(layer) == layer);
        let layer_is_asked = is_layer && (request.layer.is_none() || request.layer == document.layer);
        let is_asked = document.version == VERSION
            && document.origin == *origin
            && document.split == split
            && document.method == request.method.name()
            && document.target == target_name(request.target)
            && layer_is_asked;
        if !is_asked {
            return None;
        }
        let mut cells = vec![Cell::empty(); CLASSES * CLASSES];
        for written in document.cells {
            let truth = Emotion::parse(&written.truth)?;
            let prediction = Emotion::parse(&written.prediction)?;
            cells[place(truth, prediction)] = written.cell()?;
        }
        Some(Self {
            split: document.split,
            method: request.method,
            layer: document.layer,
            target: request.target,
            cells,
        })
    }

    /// Keeps it in `folder` for the next time: a reader sees the file before or this one. `request` is what it was made
    /// with; of one whose numbers are not the usual ones nothing is kept.
    pub fn keep(&self, folder: &Path, request: &Request, origin: &Origin) -> std::io::Result<()> {
        if !says_all_of(request) {
            return Ok(());
        }
        let places = Emotion::ALL.into_iter().flat_map(|truth| Emotion::ALL.map(|taken| (truth, taken)));
        let filled = places.filter(|(truth, taken)| self.cell(*truth, *taken).pictures > 0);
        let document = Document {
            version: VERSION,
            split: self.split.clone(),
            method: self.method.name().into(),
            layer: self.layer.clone(),
            target: target_name(self.target).into(),
            origin: origin.clone(),
            cells: filled.map(|(truth, taken)| Written::of(truth, taken, self.cell(truth, taken))).collect(),
        };
        let text = serde_json::to_vec(&document).map_err(std::io::Error::other)?;
        data::replace(&path(folder, &self.split, request), Durability::Atomic, |file| file.write_all(&text))
    }
}

impl Written {
    fn of(truth: Emotion, prediction: Emotion, cell: &Cell) -> Self {
        let energy = |Energy { class, parts: [brows, eyes, nose, mouth], outside }| WrittenEnergy {
            class,
            brows,
            eyes,
            nose,
            mouth,
            outside,
        };
        Self {
            truth: truth.name().into(),
            prediction: prediction.name().into(),
            pictures: cell.pictures,
            zero_maps: cell.zero_maps,
            face: BASE64_STANDARD.encode(&cell.face),
            width: cell.map.width(),
            map: cell.map.values().to_vec(),
            energy: cell.energy.map(energy),
        }
    }

    /// `None` where the numbers do not belong together.
    fn cell(self) -> Option<Cell> {
        let face = BASE64_STANDARD.decode(&self.face).ok()?;
        let map = HeatMap::new(self.width, self.map.clone());
        let has_maps = self.pictures > self.zero_maps;
        let is_whole = face.len() == PIXELS
            && self.pictures <= MOST_PICTURES
            && self.zero_maps <= self.pictures
            && map.values().len() == self.map.len()
            && map.values().is_empty() != has_maps
            && self.energy.is_some() == has_maps
            && map.values().iter().all(|value| value.is_finite());
        let energy = self.energy.map(|WrittenEnergy { class, brows, eyes, nose, mouth, outside }| Energy {
            class,
            parts: [brows, eyes, nose, mouth],
            outside,
        });
        let shares =
            energy.iter().flat_map(|energy| [energy.class, energy.outside].into_iter().chain(energy.parts));
        let is_whole = is_whole && shares.into_iter().all(|share| (0.0..=1.001).contains(&share));
        is_whole.then_some(Cell { pictures: self.pictures, zero_maps: self.zero_maps, face, map, energy })
    }
}

/// Method, layer and target are in the file, the numbers of methods are not.
pub(super) fn says_all_of(request: &Request) -> bool {
    let Request { method, layer, target, .. } = request.clone();
    *request == Request { method, layer, target, ..Request::default() }
}

/// `split` is one of [`crate::data::Split`]'s names, and a layer's name that the network knows has no slash.
fn path(folder: &Path, split: &str, request: &Request) -> PathBuf {
    let method = match request.method {
        Method::GradCamPlusPlus => "grad-cam-plus-plus",
        method => method.name(),
    };
    let layer = request.layer.as_ref().map(|layer| format!("-{}", layer.replace(['/', '\\', '.'], "_")));
    let target = target_name(request.target);
    folder.join(format!("atlas-{split}-{method}{}-{target}.json", layer.unwrap_or_default()))
}

pub(super) const fn target_name(target: Target) -> &'static str {
    match target {
        Target::Predicted => "predicted",
        Target::Truth => "true",
        Target::Class(class) => class.name(),
    }
}
