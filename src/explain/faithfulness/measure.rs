//! Every metric of every method and control over a set of pictures.

use super::curves::{Curves, whole};
use super::imputation::imputed;
use super::order::order;
use super::{Area, Estimate, Metric, Subject, centred_gaussian, random_map};
use crate::data::{Draws, PIXELS, SIDE};
use crate::emotion::{CLASSES, Emotion};
use crate::evaluate;
use crate::explain::{ExplainError, Explainer, Explanation, HeatMap, Picture, Request};
use rayon::prelude::*;
use std::collections::HashMap;

/// Steps of a curve.
pub const STEPS: usize = 16;

/// Shares of the pixels that ROAD removes, in tenths.
const TENTHS: std::ops::RangeInclusive<usize> = 1..=9;

/// Pictures scored for one map, at most.
pub const PASSES: usize = 2 * STEPS + 1 + 1 + 2 * 9;

/// Pictures explained in one pass.
const BATCH: usize = 16;

/// Pictures scored in one pass.
const SCORED: usize = 32;

/// A map that looks at neither picture nor network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Another one for each picture.
    Random,
    Centred,
}

impl Control {
    pub const ALL: [Self; 2] = [Self::Random, Self::Centred];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Centred => "centred",
        }
    }
}

/// What was found of one kind of map.
#[derive(Clone, Debug, PartialEq)]
pub struct Faithfulness {
    /// Pictures whose map has no positive evidence. They count in every metric but energy.
    pub zero: usize,
    /// In the order of [`Metric::ALL`].
    pub metrics: Vec<Option<Estimate>>,
    /// In the order of [`Area::ALL`]: over the pictures that have evidence and such a place.
    pub energy: Vec<Option<Estimate>>,
}

/// What was found of all, in the order of the requests and of [`Control::ALL`].
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub methods: Vec<Faithfulness>,
    pub controls: Vec<Faithfulness>,
    /// The share of the picture that each of [`Area::ALL`] takes, the mean over the pictures that have it.
    pub shares: Vec<Option<f64>>,
}

/// Measures the maps of these requests, each about the class that it says, and the controls about the predicted class.
/// The same seed gives the same on any number of threads. `progress` hears how many pictures are done.
///
/// # Errors
/// A request that cannot be met, a device that fails, and [`ExplainError::GivenUp`] once it is no longer wanted.
pub fn measure(
    explainer: &Explainer,
    subjects: &[Subject],
    requests: &[Request],
    seed: u64,
    progress: &mut dyn FnMut(usize),
    wanted: &dyn Fn() -> bool,
) -> Result<Measured, ExplainError> {
    let mut found: Vec<Vec<Found>> = vec![Vec::new(); requests.len() + Control::ALL.len()];
    let mut shares: Vec<Vec<f64>> = vec![Vec::new(); Area::ALL.len()];
    for (chunk, some) in subjects.chunks(BATCH).enumerate() {
        let pictures: Vec<Picture> = some.iter().map(|subject| subject.picture).collect();
        let explained: Vec<Vec<Explanation>> = requests
            .iter()
            .map(|request| if wanted() { explainer.explain(&pictures, request) } else { Err(given_up()) })
            .collect::<Result<_, _>>()?;
        for (i, subject) in some.iter().enumerate() {
            if !wanted() {
                return Err(given_up());
            }
            let number = chunk * BATCH + i;
            let explanations = explained.iter().map(|of_method| &of_method[i]);
            let maps: Vec<(HeatMap, Option<Emotion>)> = explanations
                .map(|explanation| (explanation.map.clone(), Some(explanation.class)))
                .chain(Control::ALL.map(|control| (control_map(control, seed, number), None)))
                .collect();
            let (class, of_maps) = measure_one(explainer, subject, &maps, &[seed, number as u64])?;
            found.iter_mut().zip(of_maps).for_each(|(found, of_map)| found.push(of_map));
            for (shares, area) in shares.iter_mut().zip(Area::ALL) {
                shares.extend(subject.places.share(area, class));
            }
            progress(number + 1);
        }
    }
    let mut methods: Vec<Faithfulness> = found.iter().map(|found| Faithfulness::of(found)).collect();
    let controls = methods.split_off(requests.len());
    let mean =
        |shares: Vec<f64>| (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64);
    Ok(Measured { methods, controls, shares: shares.into_iter().map(mean).collect() })
}

fn given_up() -> ExplainError {
    ExplainError::GivenUp
}

fn control_map(control: Control, seed: u64, picture: usize) -> HeatMap {
    match control {
        Control::Random => random_map(Draws::new(&[seed, picture as u64]).bits()),
        Control::Centred => centred_gaussian(),
    }
}

/// What was found of one map.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    is_zero: bool,
    /// In the order of [`Metric::ALL`].
    metrics: [f64; 5],
    /// In the order of [`Area::ALL`].
    energy: [Option<f64>; 6],
}

impl Faithfulness {
    fn of(found: &[Found]) -> Self {
        let metric = |i: usize| found.iter().map(|found| found.metrics[i]).collect::<Vec<_>>();
        let energy = |i: usize| found.iter().filter_map(|found| found.energy[i]).collect::<Vec<_>>();
        Self {
            zero: found.iter().filter(|found| found.is_zero).count(),
            metrics: (0..Metric::ALL.len()).map(|i| Estimate::of(&metric(i))).collect(),
            energy: (0..Area::ALL.len()).map(|i| Estimate::of(&energy(i))).collect(),
        }
    }
}

/// Measures maps of one picture; those that name no class are about the predicted one, which is given back.
fn measure_one(
    explainer: &Explainer,
    subject: &Subject,
    maps: &[(HeatMap, Option<Emotion>)],
    key: &[u64],
) -> Result<(Emotion, Vec<Found>), ExplainError> {
    let pixels = whole(subject.picture.pixels);
    let pictures: Vec<Vec<Vec<u8>>> = maps.par_iter().map(|(map, _)| changed(&pixels, map, key)).collect();
    let scores = scored(explainer, &pictures)?;
    let predicted = |scores: &[[f32; CLASSES]]| {
        scores.first().map_or(Emotion::Happiness, |scores| crate::explain::evidence::highest(scores, None))
    };
    let class = scores.first().map_or(Emotion::Happiness, |scores| predicted(scores));
    let found = maps.iter().zip(&scores).map(|((map, named), scores)| {
        let class = named.unwrap_or(class);
        let of_class: Vec<f64> = scores.iter().map(|scores| f64::from(scores[class.index()])).collect();
        Found {
            is_zero: map.is_zero(),
            metrics: metrics(&of_class),
            energy: Area::ALL.map(|area| subject.places.energy(map, area, class)),
        }
    });
    Ok((class, found.collect()))
}

/// The changed pictures that a map's metrics need: those of the curves, of which the first is the whole picture; the
/// picture times the map; without its highest-ranked pixels; without its lowest-ranked.
fn changed(pixels: &[u8], map: &HeatMap, key: &[u64]) -> Vec<Vec<u8>> {
    let order = order(map);
    let mut pictures = Curves::pictures(pixels, &order, STEPS);
    pictures.push(masked(pixels, map));
    // Noise follows from what is removed: maps that agree make equal pictures.
    let without = |side: u64, tenth: usize, gone: &[usize]| {
        let mut removed = vec![false; PIXELS];
        gone.iter().for_each(|&pixel| removed[pixel] = true);
        imputed(pixels, &removed, &mut Draws::new(&[key, &[side, tenth as u64]].concat()))
    };
    pictures.extend(TENTHS.map(|tenth| without(0, tenth, &order[..PIXELS * tenth / 10])));
    pictures.extend(TENTHS.map(|tenth| without(1, tenth, &order[PIXELS - PIXELS * tenth / 10..])));
    pictures
}

/// The picture's grey levels times the map as it is shown, 0 to 1.
fn masked(pixels: &[u8], map: &HeatMap) -> Vec<u8> {
    let map = map.normalised().resized(SIDE, SIDE);
    let level = |(level, share): (&u8, &f32)| (f32::from(*level) * share).round() as u8;
    let mut masked: Vec<u8> = pixels.iter().zip(map.values()).map(level).collect();
    masked.resize(PIXELS, 0);
    masked
}

/// Of the probabilities of the [`changed`] pictures, in the order of [`Metric::ALL`].
fn metrics(of_class: &[f64]) -> [f64; 5] {
    let (curves, rest) = of_class.split_at(2 * STEPS + 1);
    let curves = Curves::of(curves);
    let (whole, masked) = (of_class[0], rest[0]);
    let (most, least) = rest[1..].split_at(TENTHS.count());
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    let drop = if whole > 0.0 { (whole - masked).max(0.0) / whole } else { 0.0 };
    [
        curves.deletion_auc(),
        curves.insertion_auc(),
        drop,
        f64::from(u8::from(masked > whole)),
        (mean(least) - mean(most)) / 2.0,
    ]
}

/// The scores of all pictures in the same nesting. Equal pictures, of which maps that agree make many, are scored once.
fn scored(
    explainer: &Explainer,
    pictures: &[Vec<Vec<u8>>],
) -> Result<Vec<Vec<[f32; CLASSES]>>, ExplainError> {
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    let mut distinct: Vec<&[u8]> = Vec::new();
    for picture in pictures.iter().flatten() {
        places.entry(picture).or_insert_with(|| {
            distinct.push(picture);
            distinct.len() - 1
        });
    }
    let scores = evaluate::picture_scores(
        explainer.network(),
        distinct.iter().copied(),
        SCORED,
        explainer.device(),
        &mut |_| {},
    )?;
    let of = |picture: &Vec<u8>| places.get(picture.as_slice()).and_then(|&place| scores.get(place)).copied();
    let of_map = |pictures: &Vec<Vec<u8>>| pictures.iter().filter_map(of).collect();
    Ok(pictures.iter().map(of_map).collect())
}

#[cfg(test)]
#[path = "measure_tests.rs"]
mod tests;
