//! Central differences of the logits are the gradients.

use super::*;
use crate::emotion::{CLASSES, Emotion};
use crate::explain::evidence::{Asked, gradients, numbers};
use burn::tensor::{Tensor, TensorData};

#[test]
fn central_differences_at_layers_of_every_family_are_the_gradients() {
    let cases: [(&str, &[&str]); 5] = [
        ("plain", &["conv1", "bn2", "block2", "conv3", "relu3"]),
        (
            "residual",
            &["se1", "res_block1.conv1", "res_block2.bn1", "res_block2.shortcut.0", "res_block2.sum"],
        ),
        ("vgg", &["bn1", "bn4", "conv6", "relu6"]),
        ("resnet", &["conv1", "layer2.0.shortcut.1", "layer3.0.conv2", "layer3.1.relu1", "layer4.1"]),
        ("facenet10", &["layer2.1.bn2", "layer4.0.shortcut.0", "layer4.1.conv1"]),
    ];
    for (name, layers) in cases {
        let explainer = trained(name);
        layers.iter().for_each(|layer| check(&explainer, name, layer));
    }
}

/// Places of a layer that are nudged.
const PLACES: usize = 24;

/// Half a step: large enough that an f32 logit of about 1 resolves the difference to about 1e-7 / 1e-2, a hundred
/// thousandth.
const NUDGE: f32 = 1e-2;

fn check(explainer: &Explainer, name: &str, layer: &str) {
    let network = explainer.network();
    let photo = photos(1).concat();
    let class = Emotion::Sadness;
    let cut = network.cut(crate::model::input(&photo, &Device::flex()), layer).unwrap();
    let asked = Asked { scores: [0.0; CLASSES], class, versus: None };
    let (_, gradient) = gradients(&network.clone().frozen(), &cut, |_| Ok(vec![asked])).unwrap();
    let gradient = numbers(gradient).unwrap();
    let values = numbers(cut.activations.clone()).unwrap();

    // The steepest places, and some wherever they are.
    let mut places: Vec<usize> = (0..values.len()).collect();
    places.sort_by(|a, b| gradient[*b].abs().total_cmp(&gradient[*a].abs()));
    places = places[..PLACES / 2]
        .iter()
        .copied()
        .chain((0..PLACES / 2).map(|i| i * 9973 % values.len()))
        .collect();

    // A row as it is, then two for each place.
    let copies = 1 + 2 * PLACES;
    let mut nudged = values.repeat(copies);
    for (i, place) in places.iter().enumerate() {
        nudged[(1 + 2 * i) * values.len() + place] += NUDGE;
        nudged[(2 + 2 * i) * values.len() + place] -= NUDGE;
    }
    let [_, channels, height, width] = cut.activations.dims();
    let nudged = TensorData::new(nudged, [copies, channels, height, width]);
    let cut = network.cut(crate::model::input(&photo.repeat(copies), &Device::flex()), layer).unwrap();
    let logits = numbers(network.resume(&cut, Tensor::from_data(nudged, &Device::flex()))).unwrap();
    let y = |row: usize| logits[row * CLASSES + class.index()];

    let steepest = gradient[places[0]].abs();
    assert!(steepest > 1e-4, "{layer} of {name}: nothing to measure");
    let tolerance = 0.01 * steepest + 16.0 * f32::EPSILON * y(0).abs().max(1.0) / NUDGE;
    // Between two kinks of its ReLUs and poolings the network is linear: where the slopes to both sides differ, there is
    // no one gradient to compare with.
    let mut compared = 0;
    for (i, place) in places.iter().enumerate() {
        let (right, left) = ((y(1 + 2 * i) - y(0)) / NUDGE, (y(0) - y(2 + 2 * i)) / NUDGE);
        if (right - left).abs() <= tolerance {
            compared += 1;
            let (central, expected) = ((right + left) / 2.0, gradient[*place]);
            assert!((central - expected).abs() <= tolerance, "{layer} of {name}: {central} and {expected}");
        }
    }
    assert!(compared >= PLACES / 3, "{layer} of {name}: {compared} of {PLACES} compared");
}
