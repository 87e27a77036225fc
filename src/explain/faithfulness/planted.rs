//! A network whose weights are written by hand, so that it is known where it looks.

use crate::data::{PIXELS, SIDE};
use crate::explain::{Explainer, Picture};
use crate::model::{self, Architecture};
use burn::prelude::Device;
use safetensors::tensor::{Dtype, TensorView};

/// The patch's side: 16 x 16 of 64 x 64 pixels are a sixteenth.
pub const PATCH: usize = 16;

/// Happiness by how many pixels are white: one channel of a pixel's brightness above nearly white, its mean over the
/// picture, and no evidence for or against anything else.
pub fn explainer() -> Explainer {
    let mut weight = vec![0.0f32; 2 * 3 * 9];
    // The middle of the first kernel: the mean of the three colours.
    (0..3).for_each(|colour| weight[9 * colour + 4] = 1.0 / 3.0);
    let mut fc = vec![0.0f32; 6 * 2];
    fc[0] = 400.0;
    let tensors = [
        ("conv1.weight", vec![2, 3, 3, 3], weight),
        ("conv1.bias", vec![2], vec![-2.2, -1.0]),
        ("fc1.weight", vec![6, 2], fc),
        ("fc1.bias", vec![6], vec![0.0; 6]),
    ];
    let bytes: Vec<(&str, Vec<usize>, Vec<u8>)> = tensors
        .into_iter()
        .map(|(key, shape, values)| {
            (key, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect())
        })
        .collect();
    let views = bytes
        .iter()
        .map(|(key, shape, bytes)| (*key, TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("planted.safetensors");
    std::fs::write(&file, safetensors::serialize(views, None).unwrap()).unwrap();
    let architecture = Architecture {
        arch: "plain".into(),
        depth: Some(1),
        width: Some(2),
        fc_depth: Some(1),
        batch_norm: Some(false),
        ..Architecture::default()
    };
    let device = Device::flex();
    let (network, _) = model::load(&file, Some(&architecture), &device).unwrap();
    Explainer::new("planted", &network, &device)
}

/// Grey, with a white patch.
pub fn picture(left: usize, top: usize) -> Vec<u8> {
    let is_in = |x: usize, y: usize| (left..left + PATCH).contains(&x) && (top..top + PATCH).contains(&y);
    (0..PIXELS).map(|i| if is_in(i % SIDE, i / SIDE) { 255 } else { 114 }).collect()
}

/// Patches in so many places.
pub fn pictures(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|i| picture(2 * (i * 11 % 24), 2 * (i * 7 % 24))).collect()
}

pub fn as_pictures(pixels: &[Vec<u8>]) -> Vec<Picture<'_>> {
    pixels.iter().map(|pixels| Picture { pixels, truth: None }).collect()
}
