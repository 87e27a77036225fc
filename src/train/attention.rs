//! Where the network looks after each epoch: maps of a few probe pictures for the run's timeline, and how much of the
//! evidence lies where the expression shows, as a metric.

use super::prepare::Prepared;
use super::probes::Choice;
use crate::config::ProbeMethod;
use crate::data::{Dataset, drawn};
use crate::explain::{
    EpochMaps, ExplainError, Explainer, Explanation, FacePart, Method, Picture, Probe, ProbeMap, Probes,
    Regions, Request, Target, TimelineWriter,
};
use crate::model::Network;
use crate::run::RunFolder;
use burn::prelude::Device;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Pictures of a pass at most. All passes of a run are of one size: on a GPU each new shape costs a search for the
/// fastest kernels.
const PASS: usize = 48;

/// What is explained after each epoch. Whatever goes wrong with it is told once and ends no run.
pub(super) struct Attention {
    dataset: Arc<Dataset>,
    device: Device,
    arch: String,
    request: Request,
    choice: Choice,
    /// Where the expression shows in each picture that is explained; `None` in a drawn set for a picture without boxes.
    regions: Vec<Option<Regions>>,
    timeline: Option<TimelineWriter>,
    was_told: bool,
    has_panicked: bool,
    /// Pictures that went through the network, those that fill up a pass included.
    passed: usize,
}

impl Attention {
    /// Goes on with the timeline behind so many epochs. Also says what is going to be explained, and what of it cannot.
    pub fn new(
        prepared: &Prepared,
        network: &Network,
        folder: &RunFolder,
        epochs: usize,
    ) -> (Self, Vec<String>) {
        let (config, dataset) = (&prepared.config.explain, &prepared.dataset);
        let choice = Choice::new(dataset, &prepared.partition, config, prepared.config.train.seed);
        let layer = Some(config.layer.clone()).filter(|layer| !layer.is_empty());
        let layer = layer.unwrap_or_else(|| network.last_relu().into());
        let mut attention = Self {
            device: prepared.chosen.device.clone().inner(),
            arch: prepared.config.model.arch.clone(),
            request: Request {
                method: method(config.method),
                layer: Some(layer),
                target: Target::Truth,
                ..Request::default()
            },
            regions: regions(dataset, choice.pictures()),
            dataset: dataset.clone(),
            choice,
            timeline: None,
            was_told: false,
            has_panicked: false,
            passed: 0,
        };
        let mut notes = Vec::from_iter(attention.about());
        if attention.choice.probes() > 0 {
            match TimelineWriter::open(folder.path(), &attention.probes(prepared), epochs) {
                Ok(writer) => attention.timeline = Some(writer),
                Err(error) => notes.extend(attention.tell(&error)),
            }
        }
        (attention, notes)
    }

    /// Explains the pictures with a network that evaluates, writes the maps of the probes, and returns the mean share of
    /// evidence where the expression shows, 0 to 1; `None` where no map has evidence. And what is to be told.
    pub fn look(&mut self, network: &Network, epoch: usize, step: usize) -> (Option<f64>, Option<String>) {
        if self.choice.pictures().is_empty() || self.has_panicked {
            return (None, None);
        }
        // A GPU without memory is a panic inside Burn.
        let explained = catch_unwind(AssertUnwindSafe(|| self.explain(network)));
        let explanations = match explained {
            Ok(Ok(explanations)) => explanations,
            Ok(Err(error)) => return (None, self.tell(&error)),
            Err(_) => {
                self.has_panicked = true;
                let why = "explaining broke off inside Burn: this run's later epochs are not explained";
                return (None, self.tell(&why));
            }
        };
        let energies: Vec<Option<f64>> = explanations
            .iter()
            .zip(&self.regions)
            .map(|(it, regions)| energy(it, regions.as_ref()))
            .collect();
        let maps = explanations.into_iter().zip(&energies).take(self.choice.probes()).map(probe_map);
        let maps = EpochMaps { epoch: epoch as u32, step: step as u64, maps: maps.collect() };
        let written = self.timeline.as_mut().map_or(Ok(()), |timeline| timeline.append(&maps));
        let note = written.err().and_then(|error| self.tell(&error));
        (mean(self.choice.sample().filter_map(|place| *energies.get(place)?)), note)
    }

    /// One explanation for each picture, of its true class.
    fn explain(&mut self, network: &Network) -> Result<Vec<Explanation>, ExplainError> {
        let explainer = Explainer::new(&self.arch, network, &self.device);
        let places = self.choice.pictures();
        let picture = |index: &usize| Picture {
            pixels: self.dataset.pixels(*index),
            truth: Some(self.dataset.label(*index)),
        };
        let size = places.len().div_ceil(places.len().div_ceil(PASS).max(1));
        let mut explanations = Vec::with_capacity(places.len());
        for pass in places.chunks(size.max(1)) {
            // The first pictures fill up a short last pass.
            let pictures: Vec<Picture> =
                pass.iter().chain(places.iter().cycle()).take(size).map(picture).collect();
            explanations.extend(explainer.explain(&pictures, &self.request)?.into_iter().take(pass.len()));
            self.passed += pictures.len();
        }
        Ok(explanations)
    }

    /// What is explained, for the log; nothing where nothing is.
    fn about(&self) -> Option<String> {
        let all = self.choice.pictures().len();
        (all > 0).then_some(())?;
        let layer = self.request.layer.as_deref().unwrap_or_default();
        let mut about =
            format!("after each epoch {all} pictures are explained ({} of {layer})", self.request.method);
        about += &match (self.choice.probes(), self.choice.left_out()) {
            (0, _) => String::new(),
            (probes, 0) => format!("; {probes} are the timeline's probes"),
            (probes, fewer) => {
                format!(
                    "; {probes} are the timeline's probes, {fewer} fewer than asked for, as more would take too long"
                )
            }
        };
        let area = |place: usize| {
            let label = self.dataset.label(*self.choice.pictures().get(place)?);
            Some(self.regions.get(place)?.as_ref()?.area(FacePart::of(label)))
        };
        if let Some(chance) = mean(self.choice.sample().filter_map(area)) {
            about += &format!(
                "; valid/energy_in_region is of {} of them, and a map that says nothing has {:.1} % there",
                self.choice.sample().count(),
                100.0 * chance
            );
        }
        Some(about)
    }

    fn probes(&self, prepared: &Prepared) -> Probes {
        let probe = |index: &usize| Probe {
            path: self.dataset.entry(*index).path.to_string_lossy().into_owned(),
            label: self.dataset.label(*index),
            split: prepared.partition.split_of(*index).map_or("", |split| split.name()).into(),
            pixels: self.dataset.pixels(*index).to_vec(),
        };
        Probes {
            method: self.request.method.name().into(),
            layer: self.request.layer.clone().unwrap_or_default(),
            pictures: self.choice.pictures().iter().take(self.choice.probes()).map(probe).collect(),
        }
    }

    /// A sentence the first time that something goes wrong.
    fn tell(&mut self, why: &dyn std::fmt::Display) -> Option<String> {
        let is_first = !std::mem::replace(&mut self.was_told, true);
        is_first
            .then(|| format!("where the network looks is not known of every epoch: {why}; the run goes on"))
    }
}

fn method(method: ProbeMethod) -> Method {
    match method {
        ProbeMethod::GradCam => Method::GradCam,
        ProbeMethod::GradCamPlusPlus => Method::GradCamPlusPlus,
        ProbeMethod::HiresCam => Method::HiresCam,
        ProbeMethod::XGradCam => Method::XGradCam,
        ProbeMethod::LayerCam => Method::LayerCam,
    }
}

/// Where the parts of the faces are: known of drawn ones, else as in aligned photographs.
fn regions(dataset: &Dataset, pictures: &[usize]) -> Vec<Option<Regions>> {
    let Some(known) = drawn::regions(dataset.root()) else {
        return vec![Some(Regions::aligned()); pictures.len()];
    };
    let of = |index: &usize| {
        let boxes = known.get(&dataset.entry(*index).path)?;
        let boxes = boxes.iter().filter_map(|(part, bounds)| Some((FacePart::parse(part)?, *bounds)));
        Some(Regions::known(boxes.collect()))
    };
    pictures.iter().map(of).collect()
}

fn energy(explanation: &Explanation, regions: Option<&Regions>) -> Option<f64> {
    regions?.energy(&explanation.map, FacePart::of(explanation.class))
}

fn probe_map((explanation, energy): (Explanation, &Option<f64>)) -> ProbeMap {
    let Explanation { prediction, scores, map, .. } = explanation;
    ProbeMap { prediction, scores, energy: *energy, map }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
#[path = "attention_tests.rs"]
mod tests;
