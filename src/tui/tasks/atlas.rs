//! Atlases: found in the run's folder, or made there, on the CPU and off the loop.

use super::orders::sentence;
use super::slot::Desk;
use crate::config;
use crate::data::{Dataset, Photo};
use crate::emotion::Emotion;
use crate::explain::{self, ATLAS_LOOK, Atlas, AtlasOf, Cell, ExplainError, Explainer};
use crate::model;
use crate::tui::message::Message;
use crate::tui::state::atlas::{Made, MadeFace, Order, Report, Request};
use burn::prelude::Device;
use std::time::{Duration, Instant};

/// Between two sentences about how far it is.
const TELL: Duration = Duration::from_millis(250);
/// Sides of a mean face in its cell and beside the cells, in pixels: all cells together are a few dozen kilobytes on the
/// line, and a mean of many faces has no more to show.
const SMALL: usize = 20;
const LARGE: usize = 48;

/// Does an order.
pub(super) fn work(order: Order, desk: &Desk<Order>) {
    let Order::Make(request) = order else { return };
    let Some(made) = made(&request, desk).transpose() else { return };
    desk.send(Message::Atlas(Report::Made(request, made.map(Box::new))));
}

/// None where it was given up.
fn made(request: &Request, desk: &Desk<Order>) -> Result<Option<Made>, String> {
    let (run, split) = (&request.run, request.split);
    let config = config::complete(&run.config()).map_err(sentence)?;
    if !run.model().is_file() {
        return Err("this run has no model.safetensors, and mean maps are made with its best weights".into());
    }
    let mut told = Instant::now();
    let mut tell = |done, all| {
        if told.elapsed() >= TELL || done == 0 {
            told = Instant::now();
            desk.send(Message::Atlas(Report::Progress(request.clone(), done, all)));
        }
    };
    let dataset = Dataset::open(&config.data.root).map_err(sentence)?;
    let indices = dataset.partition(config.data.valid.fraction, config.train.seed).of(split).to_vec();
    let device = Device::flex();
    let of = AtlasOf {
        dataset: &dataset,
        split: split.name(),
        indices: &indices,
        request: &explain::Request { target: request.target, ..explain::Request::default() },
    };
    let explainer = || {
        let (network, architecture) = model::load(&run.model(), None, &device)?;
        Ok(Explainer::new(&architecture.arch, &network, &device))
    };
    let wanted = || !desk.is_abandoned();
    let mut progress = |done| tell(done, indices.len());
    let found = Atlas::find_or_make(run.path(), &run.model(), of, explainer, &wanted, &mut progress);
    let atlas = match found {
        Ok(atlas) => atlas,
        Err(ExplainError::GivenUp) => return Ok(None),
        Err(error) => return Err(format!("there are no mean maps: {}", sentence(error))),
    };
    let trained_on = config.provenance.as_ref().map_or("", |provenance| &provenance.data_fingerprint);
    let has_changed = !trained_on.is_empty() && trained_on != dataset.fingerprint();
    let warning = has_changed.then(|| "the pictures have changed since the run was trained".into());
    Ok(Some(Made { faces: faces(&atlas), atlas, warning }))
}

fn faces(atlas: &Atlas) -> Vec<Option<[MadeFace; 2]>> {
    let of = |cell: &Cell| {
        let with_png = |photo: Photo| {
            let png = photo.png();
            (photo, png)
        };
        let [small, large] = [SMALL, LARGE].map(|side| cell.overlay(side, ATLAS_LOOK).map(with_png));
        Some([small?, large?])
    };
    let cells = |truth| Emotion::ALL.map(|prediction| of(atlas.cell(truth, prediction)));
    Emotion::ALL.into_iter().flat_map(cells).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::drawn;
    use crate::explain::{HeatMap, Target};

    /// A line of 40 kB takes a second at 320 kbit/s. Single faces and maps are less smooth than means are.
    #[test]
    fn all_cells_together_are_few_bytes_on_the_line() {
        let folder = tempfile::tempdir().unwrap();
        drawn::write_set(folder.path(), 6, 3, &mut |_, _| {}).unwrap();
        let dataset = Dataset::open(folder.path()).unwrap();
        let places = Emotion::ALL.into_iter().flat_map(|truth| Emotion::ALL.map(|taken| (truth, taken)));
        let cell = |i: usize| Cell {
            pictures: 1,
            face: dataset.pixels(i % dataset.len()).to_vec(),
            map: HeatMap::new(4, (0..16).map(|j| ((7 * i + 5 * j) % 11) as f32 / 10.0).collect()),
            ..Cell::empty()
        };
        let cells = places.enumerate().map(|(i, place)| (place, cell(i))).collect();
        let faces = faces(&Atlas::of_cells("test", Target::Predicted, cells));
        assert_eq!(faces.iter().flatten().count(), 36);
        // As base64, with what Kitty's protocol has around it.
        let sent = |face: &MadeFace| face.1.len().div_ceil(3) * 4 + 100;
        let all: usize = faces.iter().flatten().map(|[small, _]| sent(small)).sum();
        assert!(all <= 40_000, "{all} bytes");
    }
}
