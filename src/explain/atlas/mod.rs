//! The atlas: where the network looks, for each cell of the confusion. Faces are aligned, so that the maps of all pictures
//! of a cell have a mean that means something.

mod chart;
mod file;
mod origin;
mod sums;

pub use chart::{ATLAS_CHART_SIZE, atlas_chart, export_atlas};
pub use origin::Origin;

use super::request::{Picture, Request, Target};
use super::{ColourMap, ExplainError, Explainer, FacePart, HeatMap, Look, Method, Regions};
use crate::data::{Dataset, PIXELS, Photo, SIDE, printable};
use crate::emotion::{CLASSES, Emotion};
use crate::evaluate::{Confusion, Wanted};
use std::path::Path;
use sums::Sums;

/// Pictures explained in one pass.
const BATCH: usize = 32;

/// Mean maps of the pictures of a split, a cell for each truth and prediction. The numbers of an atlas are finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Atlas {
    pub split: String,
    pub method: Method,
    /// `None` for methods that look at pixels.
    pub layer: Option<String>,
    /// What the maps speak for.
    pub target: Target,
    /// Rows are the truth.
    cells: Vec<Cell>,
}

impl Eq for Atlas {}

/// The pictures of one truth and one prediction.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    pub pictures: u64,
    /// Those whose map has no positive evidence. They are in no mean of maps or energies, since they say nothing of
    /// places; they are in the mean picture.
    pub zero_maps: u64,
    /// The mean picture, SIDE * SIDE grey levels; empty where there is no picture.
    pub face: Vec<u8>,
    /// The mean of the normalised maps, at the resolution of the layer: 1 where each picture has its strongest evidence.
    /// Without a pixel where no map has evidence.
    pub map: HeatMap,
    /// Where the evidence lies; `None` where no map has evidence.
    pub energy: Option<Energy>,
}

/// Mean shares of the evidence of a picture, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Energy {
    /// In the parts of a face that move with the class that the maps speak for.
    pub class: f32,
    /// In each of [`FacePart::ALL`].
    pub parts: [f32; 4],
    /// Outside of the face.
    pub outside: f32,
}

/// Which pictures an atlas is of, and what is asked about them.
#[derive(Clone, Copy, Debug)]
pub struct AtlasOf<'a> {
    pub dataset: &'a Dataset,
    pub split: &'a str,
    /// Pictures of the data set.
    pub indices: &'a [usize],
    pub request: &'a Request,
}

impl Atlas {
    /// Explains all pictures; predictions come from the same passes as the maps. `progress` hears how many pictures are
    /// done after each batch. The same network and pictures give the same atlas.
    ///
    /// # Errors
    /// What [`Explainer::explain`] says, and [`ExplainError::GivenUp`] once it is not wanted.
    pub fn make(
        explainer: &Explainer,
        of: AtlasOf,
        wanted: Wanted,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Self, ExplainError> {
        let AtlasOf { dataset, split, indices, request } = of;
        let layer = explainer.layer_of(request)?;
        let regions = Regions::aligned();
        let mut sums = vec![Sums::default(); CLASSES * CLASSES];
        let mut done = 0;
        for batch in indices.chunks(BATCH) {
            if !wanted() {
                return Err(ExplainError::GivenUp);
            }
            let picture = |index: &usize| Picture {
                pixels: dataset.pixels(*index),
                truth: Some(dataset.label(*index)),
            };
            let pictures: Vec<Picture> = batch.iter().map(picture).collect();
            let explanations = explainer.explain(&pictures, request)?;
            for (index, explanation) in batch.iter().zip(&explanations) {
                let place = place(dataset.label(*index), explanation.prediction);
                sums[place].add(dataset.pixels(*index), explanation, &regions);
            }
            done += batch.len();
            progress(done);
        }
        let cells = sums.into_iter().map(Sums::mean).collect();
        Ok(Self { split: split.into(), method: request.method, layer, target: request.target, cells })
    }

    /// Of these cells; the others have no picture.
    #[cfg(test)]
    pub(crate) fn of_cells(split: &str, target: Target, filled: Vec<((Emotion, Emotion), Cell)>) -> Self {
        let mut cells = vec![Cell::empty(); CLASSES * CLASSES];
        for ((truth, prediction), cell) in filled {
            cells[place(truth, prediction)] = cell;
        }
        Self { split: split.into(), method: Method::GradCam, layer: Some("relu5".into()), target, cells }
    }

    /// The atlas that `folder` keeps of these weights and pictures, or else as [`Atlas::make`] makes it, and kept there where
    /// `folder` can be written to and the file says all that is asked (see [`Atlas::find`]). `explainer` loads `weights`,
    /// and is asked only where the atlas has to be made.
    ///
    /// # Errors
    /// As [`Atlas::make`], and what `explainer` says.
    pub fn find_or_make(
        folder: &Path,
        weights: &Path,
        of: AtlasOf,
        explainer: impl FnOnce() -> Result<Explainer, ExplainError>,
        wanted: Wanted,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Self, ExplainError> {
        // Weights that cannot be read are told about by who loads them.
        let can_be_kept = file::says_all_of(of.request);
        let origin = can_be_kept.then(|| Origin::of(weights, of.dataset, of.indices).ok()).flatten();
        let kept = origin.as_ref().and_then(|origin| Self::find(folder, of.split, of.request, origin));
        if let Some(atlas) = kept {
            return Ok(atlas);
        }
        let atlas = Self::make(&explainer()?, of, wanted, progress)?;
        if let Some(origin) = origin {
            // Without its file it is made again the next time, and is the same.
            let _ = atlas.keep(folder, of.request, &origin);
        }
        Ok(atlas)
    }

    pub fn cell(&self, truth: Emotion, prediction: Emotion) -> &Cell {
        // There are as many cells as places.
        &self.cells[place(truth, prediction)]
    }

    /// The counts of all cells.
    pub fn confusion(&self) -> Confusion {
        Confusion(Emotion::ALL.map(|truth| Emotion::ALL.map(|taken| self.cell(truth, taken).pictures)))
    }

    /// What the maps of a cell speak for.
    pub fn class_of(&self, truth: Emotion, prediction: Emotion) -> Emotion {
        match self.target {
            Target::Predicted => prediction,
            Target::Truth => truth,
            Target::Class(class) => class,
        }
    }

    /// How the maps were made, as words.
    pub fn method_words(&self) -> String {
        // Of a file, where the atlas was kept.
        let layer = self.layer.as_ref().map(|layer| format!(" at {}", printable(layer)));
        format!("{}{}", self.method, layer.unwrap_or_default())
    }

    /// What the maps speak for, as words.
    pub fn target_words(&self) -> String {
        target_words(self.target)
    }
}

/// What maps speak for, as words.
pub fn target_words(target: Target) -> String {
    match target {
        Target::Predicted => "the predicted class".into(),
        Target::Truth => "the true class".into(),
        Target::Class(class) => class.name().into(),
    }
}

impl Cell {
    pub(crate) fn empty() -> Self {
        Self { pictures: 0, zero_maps: 0, face: Vec::new(), map: HeatMap::new(0, Vec::new()), energy: None }
    }

    /// The mean picture with the mean map over it, `side` pixels wide and high; the picture alone where no map has
    /// evidence, `None` without pictures. Colours are those of the map's values as they are, not stretched to the map's own
    /// range: cells can be held against each other, and a map that is as weak everywhere looks so.
    pub fn overlay(&self, side: usize, look: Look) -> Option<Photo> {
        if self.face.len() != PIXELS || side == 0 {
            return None;
        }
        let face = Photo::from_grey(&self.face).resized(side, side);
        if self.map.values().is_empty() {
            return Some(face);
        }
        let opacity = look.opacity.clamp(0.0, 1.0);
        let map = self.map.resized(side, side);
        let mixed = |(i, value): (usize, &f32)| {
            let (below, above) = (face.rgb(i % side, i / side), look.colours.colour(*value));
            [0, 1, 2].map(|c| {
                (f32::from(below[c]) * (1.0 - opacity) + f32::from(above[c]) * opacity).round() as u8
            })
        };
        Photo::from_rgb(side, &map.values().iter().enumerate().flat_map(mixed).collect::<Vec<u8>>())
    }

    /// The mean map alone in grey, SIDE pixels wide and high: white is 1. `None` where no map has evidence.
    pub fn evidence(&self) -> Option<Photo> {
        let map = self.map.resized(SIDE, SIDE);
        let levels: Vec<u8> =
            map.values().iter().map(|value| (value.clamp(0.0, 1.0) * 255.0) as u8).collect();
        (levels.len() == PIXELS).then(|| Photo::from_grey(&levels))
    }
}

/// How cells are shown.
pub const ATLAS_LOOK: Look = Look { colours: ColourMap::Jet, opacity: 0.5, signed: false };

/// Where evidence that says nothing of places would lie: shares of the picture, as [`Energy`] has them.
pub fn chance(class: Emotion) -> Energy {
    let (regions, flat) = (Regions::aligned(), HeatMap::new(1, vec![1.0]));
    Energy {
        class: regions.area(FacePart::of(class)) as f32,
        parts: FacePart::ALL.map(|part| regions.area(&[part]) as f32),
        outside: regions.energy_outside(&flat).unwrap_or_default() as f32,
    }
}

fn place(truth: Emotion, prediction: Emotion) -> usize {
    truth.index() * CLASSES + prediction.index()
}

#[cfg(test)]
mod tests;
