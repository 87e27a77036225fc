//! Where a network looked, epoch by epoch: the folder `timeline/` of a run.
//!
//! `probes.json` says which pictures are explained and how, `probes.png` holds them (64 wide, one below the other), and
//! `maps.jsonl` has a line for each epoch. They say all there is to show when the pictures are gone.

mod lines;
mod reader;
mod writer;

pub use reader::TimelineReader;
pub use writer::TimelineWriter;

use super::HeatMap;
use crate::emotion::{CLASSES, Emotion};
use std::path::{Path, PathBuf};

/// Which pictures are explained after each epoch, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probes {
    pub method: String,
    pub layer: String,
    pub pictures: Vec<Probe>,
}

/// A picture that is explained after each epoch, for the class that it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// As the manifest has it; not printable as it stands.
    pub path: String,
    pub label: Emotion,
    /// What the run takes it for: `train`, `valid` or `test`.
    pub split: String,
    /// 64 x 64 grey levels, rows first.
    pub pixels: Vec<u8>,
}

/// What the network said of each probe after an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochMaps {
    /// From 1.
    pub epoch: u32,
    /// Steps done.
    pub step: u64,
    /// In the order of the probes.
    pub maps: Vec<ProbeMap>,
}

/// What the network said of one probe.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeMap {
    pub prediction: Emotion,
    /// Softmax probabilities, in the order of the classes.
    pub scores: [f32; CLASSES],
    /// Share of the map's positive evidence in the parts of the face where the true expression shows, 0 to 1; `None`
    /// where nothing speaks for the class.
    pub energy: Option<f64>,
    /// What speaks for the true class, before ReLU and normalisation.
    pub map: HeatMap,
}

/// Maps are kept with no more columns and rows than this: finer ones as the means of their cells.
const MOST_CELLS: usize = 16;
/// Of a timeline; further ones are not read.
const MOST_PROBES: usize = 256;

fn folder_in(run: &Path) -> PathBuf {
    run.join("timeline")
}

fn probes_in(run: &Path) -> PathBuf {
    folder_in(run).join("probes.json")
}

fn pictures_in(run: &Path) -> PathBuf {
    folder_in(run).join("probes.png")
}

fn maps_in(run: &Path) -> PathBuf {
    folder_in(run).join("maps.jsonl")
}

#[cfg(test)]
mod tests;
