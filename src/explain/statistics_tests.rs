//! Maps of networks that were trained on pictures whose evidence has a known place.

use super::*;
use crate::data::{self, Dataset, Draws, PIXELS, SIDE};
use crate::emotion::Emotion;
use crate::evaluate::mean_interval;
use crate::model::{self, Architecture, Network};
use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::prelude::Device;
use burn::tensor::{Int, Tensor, TensorData};

/// Grey levels and class.
type Example = (Vec<u8>, Emotion);

/// Trained for so many passes over the pictures, the learning rate falling to 0; the same every time.
fn trained(depth: usize, width: usize, examples: &[Example], epochs: usize, learning_rate: f64) -> Explainer {
    const BATCH: usize = 24;
    let device = Device::flex().autodiff();
    let architecture = Architecture {
        arch: "plain".into(),
        depth: Some(depth),
        width: Some(width),
        fc_depth: Some(1),
        conv_dropout: Some(model::ConvDropout::AllButLast(0.0)),
        ..Architecture::default()
    };
    let mut network = Network::new(&architecture, 1, &device).unwrap();
    let mut optimizer = AdamWConfig::new().with_weight_decay(0.01).init();
    let criterion = CrossEntropyLossConfig::new().init(&device);
    let mut order: Vec<usize> = Vec::new();
    for epoch in 0..epochs {
        let mut indices: Vec<usize> = (0..examples.len()).collect();
        Draws::new(&[5, epoch as u64]).shuffle(&mut indices);
        order.extend(indices);
    }
    let steps = order.len() / BATCH;
    for (step, batch) in order.chunks_exact(BATCH).enumerate() {
        let (pixels, labels): (Vec<_>, Vec<_>) =
            (batch.iter()).map(|index| (&examples[*index].0[..], examples[*index].1.index() as i64)).unzip();
        let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [BATCH]), &device);
        let loss = criterion.forward(network.forward(model::input(&pixels.concat(), &device)), labels);
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        let now = (step as f64 / steps as f64 * std::f64::consts::PI).cos() * 0.5 + 0.5;
        network = optimizer.step(learning_rate * now, network, gradients);
    }
    Explainer::new("plain", &network.valid(), &Device::flex())
}

fn explained(explainer: &Explainer, examples: &[Example], request: Request) -> Vec<Explanation> {
    let pictures: Vec<Picture> =
        examples.iter().map(|(pixels, class)| Picture { pixels, truth: Some(*class) }).collect();
    explainer.explain(&pictures, &Request { target: Target::Truth, ..request }).unwrap()
}

fn accuracy(explanations: &[Explanation], examples: &[Example]) -> f64 {
    let right = explanations.iter().zip(examples).filter(|(found, (_, class))| found.prediction == *class);
    right.count() as f64 / examples.len() as f64
}

const PATCH: usize = 14;

/// Noise, somewhere in it a checkered patch that says nothing, and elsewhere a patch that is bright (happiness) or dark
/// (sadness): the left and the upper edge of the latter.
fn planted(number: u64) -> (Example, [usize; 2]) {
    let mut draws = Draws::new(&[7, number]);
    let mut pixels: Vec<u8> = (0..PIXELS).map(|_| draws.between(80.0, 170.0) as u8).collect();
    let mut place = || [(); 2].map(|()| draws.between(0.0, (SIDE - PATCH) as f64) as usize);
    let (patch, mut other) = (place(), place());
    while (0..2).all(|axis| patch[axis].abs_diff(other[axis]) < PATCH) {
        other = place();
    }
    let class = if draws.chance(0.5) { Emotion::Happiness } else { Emotion::Sadness };
    let level = if class == Emotion::Happiness { 235 } else { 15 };
    for y in 0..PATCH {
        for x in 0..PATCH {
            pixels[(patch[1] + y) * SIDE + patch[0] + x] = level;
            pixels[(other[1] + y) * SIDE + other[0] + x] = if (x / 2 + y / 2) % 2 == 0 { 190 } else { 60 };
        }
    }
    ((pixels, class), patch)
}

#[test]
fn the_peak_is_on_a_planted_patch() {
    let train: Vec<Example> = (0..240).map(|number| planted(number).0).collect();
    let (test, places): (Vec<Example>, Vec<_>) = (1000..1100).map(planted).unzip();
    let explainer = trained(3, 4, &train, 5, 0.02);
    for method in [Method::GradCam, Method::LayerCam] {
        let found = explained(&explainer, &test, Request { method, ..Request::default() });
        let accuracy = accuracy(&found, &test);
        assert!(accuracy >= 0.95, "it was trained: {accuracy}");
        let hits = found.iter().zip(&places).filter(|(found, [left, top])| {
            let map = found.map.normalised().resized(SIDE, SIDE);
            let peak = (0..PIXELS).max_by(|a, b| map.values()[*a].total_cmp(&map.values()[*b])).unwrap();
            let (x, y) = (peak % SIDE, peak / SIDE);
            (*left..left + PATCH).contains(&x) && (*top..top + PATCH).contains(&y)
        });
        let share = hits.count() as f64 / test.len() as f64;
        assert!(share >= 0.95, "{method}: {share}");
    }
}

/// Pictures of a drawn set with the places of what carries their expressions.
fn drawn(per_class: usize, seed: u64) -> Vec<(Example, Regions)> {
    let folder = tempfile::tempdir().unwrap();
    data::drawn::write_set(folder.path(), per_class, seed, &mut |_, _| {}).unwrap();
    let (set, boxes) = (Dataset::open(folder.path()).unwrap(), data::drawn::regions(folder.path()).unwrap());
    let one = |i: usize| {
        let known = |(part, bounds): &(String, Bounds)| (FacePart::parse(part).unwrap(), *bounds);
        let known = boxes[&set.entry(i).path].iter().map(known).collect();
        ((set.pixels(i).to_vec(), set.entry(i).label), Regions::known(known))
    };
    (0..set.len()).map(one).collect()
}

#[test]
fn a_drawn_face_has_a_box_of_every_part_where_its_emotion_shows_and_of_no_other() {
    for ((_, class), regions) in drawn(4, 5) {
        for part in FacePart::ALL {
            let is_known = regions.area(&[part]) > 0.0;
            assert_eq!(is_known, FacePart::of(class).contains(&part), "{class}: {}", part.name());
        }
    }
}

/// For each class by how much its regions hold more of the evidence than they take of the picture, at the lower end.
fn lower_ends_above_chance(found: &[Explanation], regions: &[Regions]) -> [f64; 6] {
    Emotion::ALL.map(|class| {
        let parts = FacePart::of(class);
        let of_class = found.iter().zip(regions).filter(|(found, _)| found.class == class);
        // A map without evidence has none in the regions.
        let above = of_class
            .map(|(found, regions)| regions.energy(&found.map, parts).unwrap_or(0.0) - regions.area(parts));
        mean_interval(&above.collect::<Vec<f64>>()).unwrap().0
    })
}

/// The network was trained on faces of another seed: see `tests/drawn-faces/README.md`.
#[test]
fn on_drawn_faces_every_class_has_more_evidence_in_its_regions_than_they_take_of_the_picture() {
    let weights =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drawn-faces/network.safetensors");
    let (network, architecture) = model::load(&weights, None, &Device::flex()).unwrap();
    let (faces, regions): (Vec<Example>, Vec<Regions>) = drawn(32, 11).into_iter().unzip();
    let explainer = Explainer::new("plain", &network, &Device::flex());
    for (method, layer) in
        [(Method::GradCam, "relu4"), (Method::LayerCam, "relu3"), (Method::HiresCam, "relu3")]
    {
        let request = Request { method, layer: Some(layer.into()), ..Request::default() };
        let found = explained(&explainer, &faces, request);
        let accuracy = accuracy(&found, &faces);
        assert!(accuracy > 0.9, "it was trained: {accuracy}");
        let ends = lower_ends_above_chance(&found, &regions);
        println!("{method} at {layer}: {ends:.3?} above chance");
        // They are 0.11 to 0.40; half of the least leaves room for another order of additions.
        assert!(ends.iter().all(|end| *end > 0.05), "{method} at {layer}: {ends:?}");
    }
    // A network that has learned nothing does not look there.
    let untrained = Network::new(&architecture, 1, &Device::flex()).unwrap();
    let untrained = Explainer::new("plain", &untrained, &Device::flex());
    let ends = lower_ends_above_chance(&explained(&untrained, &faces, Request::default()), &regions);
    println!("untrained: {ends:.3?} above chance");
    assert!(ends.iter().any(|end| *end < 0.0), "{ends:?}");
}
