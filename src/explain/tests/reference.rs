//! The maps that `tests/reference/explain.py` finds with PyTorch in f64.

use super::*;
use crate::emotion::Emotion;
use crate::explain::{HeatMap, Method, Target, Versus};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
struct Case {
    picture: usize,
    class: usize,
    versus: usize,
    predicted: bool,
    method: String,
    layer: Option<String>,
    map: Option<Vec<Vec<f32>>>,
}

fn cases() -> BTreeMap<String, Vec<Case>> {
    serde_json::from_str(&std::fs::read_to_string(fixture("explain.json")).unwrap()).unwrap()
}

#[test]
fn maps_are_pytorchs_to_a_thousandth() {
    for (name, cases) in cases() {
        let explainer = trained(&name);
        let photos = photos(8);
        for case in cases {
            let of = format!("{name}, picture {}: {} at {:?}", case.picture, case.method, case.layer);
            let found = found(&explainer, &photos[case.picture], &case);
            let difference = match (&case.layer, &case.map) {
                (_, None) => f32::from(!found.is_zero()),
                (Some(_), Some(map)) => {
                    assert_eq!((found.height(), found.width()), (map.len(), map[0].len()), "{of}");
                    largest_difference(found.normalised().values(), &map.concat())
                }
                (None, Some(map)) => {
                    let map = map.concat();
                    error(&eighths(&found, Method::IntegratedGradients.name() == case.method), &map)
                }
            };
            // A ReLU may turn over between f32 and f64 in one of sixteen steps on the way from black.
            let allowed = if case.layer.is_some() { 1e-3 } else { 5e-3 };
            assert!(difference < allowed, "{of}: {difference}");
        }
    }
}

#[test]
fn every_method_but_the_one_of_noise_is_compared() {
    let of_all: BTreeSet<String> = cases().into_values().flatten().map(|case| case.method).collect();
    let known: BTreeSet<String> = Method::ALL.iter().map(|method| method.name().to_string()).collect();
    let missing: Vec<&String> = known.difference(&of_all).collect();
    assert_eq!(missing, [Method::SmoothGrad.name()]);
}

fn found(explainer: &Explainer, photo: &[u8], case: &Case) -> HeatMap {
    let class = Emotion::ALL[case.class];
    let request = Request {
        method: Method::parse(&case.method).unwrap(),
        layer: case.layer.clone(),
        target: if case.predicted { Target::Predicted } else { Target::Class(class) },
        versus: if case.predicted { Versus::RunnerUp } else { Versus::Class(Emotion::ALL[case.versus]) },
        stride: 8,
        steps: 16,
        ..Request::default()
    };
    let found = explain(explainer, &[photo.to_vec()], &request).remove(0);
    assert_eq!(found.class, class);
    found.map
}

/// 64 x 64 as 8 x 8: sums, or the value that all pixels of a patch have.
fn eighths(map: &HeatMap, is_sum: bool) -> Vec<f32> {
    let mut sums = vec![0.0; 64];
    for (i, value) in map.values().iter().enumerate() {
        sums[i / 512 * 8 + i % 64 / 8] += value;
    }
    let share = if is_sum { 1.0 } else { 1.0 / 64.0 };
    sums.into_iter().map(|sum: f32| sum * share).collect()
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}
