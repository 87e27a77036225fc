use super::*;
use crate::model::{Architecture, Network};
use burn::prelude::Device;

fn index(rows: &[(usize, &[f32])]) -> FeatureIndex {
    let mut index = FeatureIndex { indices: Vec::new(), length: 0, features: Vec::new() };
    for (place, features) in rows {
        index.push(*place, features, rows.len());
    }
    index
}

/// A drawn set, and a network that was never trained on it.
pub(in crate::explain) fn place() -> (tempfile::TempDir, Dataset, Explainer) {
    let folder = tempfile::tempdir().unwrap();
    crate::data::drawn::write_set(&folder.path().join("faces"), 4, 7, &mut |_, _| {}).unwrap();
    let dataset = Dataset::open(&folder.path().join("faces")).unwrap();
    (folder, dataset, explainer(3))
}

pub(in crate::explain) fn explainer(seed: u64) -> Explainer {
    let device = Device::flex();
    let architecture =
        Architecture { arch: "plain".into(), depth: Some(2), width: Some(4), ..Architecture::default() };
    Explainer::new("plain", &Network::new(&architecture, seed, &device).unwrap(), &device)
}

#[test]
fn neighbours_are_those_of_the_same_direction_whatever_the_length() {
    let index = index(&[(7, &[1.0, 0.0]), (3, &[-2.0, 0.0]), (9, &[3.0, 3.0]), (1, &[10.0, 0.0])]);
    let found = index.nearest(&[0.5, 0.0], 3);
    let places: Vec<usize> = found.iter().map(|neighbour| neighbour.index).collect();
    assert_eq!(places, [1, 7, 9], "of equal ones the first of the data set");
    assert_eq!((found[0].similarity, found[1].similarity), (1.0, 1.0));
    assert!((found[2].similarity - 0.5f32.sqrt()).abs() < 1e-3);
    let all = index.nearest(&[0.5, 0.0], 99);
    assert_eq!((all.len(), all[3]), (4, Neighbour { index: 3, similarity: -1.0 }));
}

#[test]
fn silent_features_and_features_of_another_network_are_no_nan() {
    let index = index(&[(0, &[0.0, 0.0]), (1, &[1.0, 2.0])]);
    assert!(index.nearest(&[0.0, 0.0], 2).iter().all(|neighbour| neighbour.similarity == 0.0));
    assert_eq!(index.nearest(&[1.0, 2.0], 2)[1], Neighbour { index: 0, similarity: 0.0 });
    assert!(index.nearest(&[1.0], 2).is_empty() && index.nearest(&[1.0, 1.0], 0).is_empty());
    let [a, b] = of_length_1(&[3e30, 4e30])[..] else { panic!() };
    assert!((a - 0.6).abs() < 1e-6 && (b - 0.8).abs() < 1e-6, "their squares are beyond f32: {a}, {b}");
}

#[test]
fn similarities_are_those_of_a_slow_loop_in_f64() {
    let features = |seed: usize| -> Vec<f32> {
        (0..37).map(|i| ((i * 31 + seed * 17) % 23) as f32 / 23.0 - 0.3).collect()
    };
    let rows: Vec<Vec<f32>> = (0..50).map(features).collect();
    let rows: Vec<(usize, &[f32])> = rows.iter().map(Vec::as_slice).enumerate().collect();
    let wanted = features(1000);
    let found = index(&rows).nearest(&wanted, 50);
    assert!(found.windows(2).all(|pair| pair[0].similarity >= pair[1].similarity));
    for neighbour in found {
        let product = |a: &[f32], b: &[f32]| -> f64 {
            a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let row = rows[neighbour.index].1;
        let cosine = product(row, &wanted) / (product(row, row) * product(&wanted, &wanted)).sqrt();
        assert!((f64::from(neighbour.similarity) - cosine).abs() < 1e-3);
    }
}

#[test]
fn a_picture_of_the_index_is_its_own_nearest_neighbour() {
    let (_folder, dataset, explainer) = place();
    let indices = [5, 2, 11];
    let mut heard = Vec::new();
    let index = FeatureIndex::build(&explainer, &dataset, &indices, &|| true, &mut |done, all| {
        heard.push((done, all));
    });
    let index = index.unwrap();
    assert_eq!((index.len(), heard), (3, vec![(3, 3)]));
    for place in indices {
        let picture = Picture { pixels: dataset.pixels(place), truth: None };
        let features = explainer.features(&[picture]).unwrap();
        let nearest = index.nearest(&features[0], 1)[0];
        assert!(nearest.index == place && nearest.similarity > 0.999, "{place}: {nearest:?}");
    }
}

#[test]
fn features_are_what_the_classifier_sees() {
    let (_folder, dataset, explainer) = place();
    let picture = Picture { pixels: dataset.pixels(0), truth: None };
    let features = explainer.features(&[picture, picture]).unwrap();
    let shape = explainer.network().stage_shape("features").unwrap();
    assert_eq!((features.len(), features[0].len()), (2, shape[0]));
    assert_eq!(features[0], features[1]);
    assert!(explainer.features(&[]).unwrap().is_empty());
}

#[test]
fn an_index_that_nobody_waits_for_is_given_up() {
    let (_folder, dataset, explainer) = place();
    let built = FeatureIndex::build(&explainer, &dataset, &[0, 1], &|| false, &mut |_, _| {});
    assert!(matches!(built, Err(ExplainError::GivenUp)));
}
