use super::*;
use crate::emotion::Emotion;
use crate::explain::{Method, Target};
use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;

/// Stride 1, pooling by two and global averages keep the symmetry that strided convolutions on an even grid break.
#[test]
fn a_flipped_picture_through_flipped_kernels_gives_the_flipped_map() {
    let photos = photos(2);
    let flipped: Vec<Vec<u8>> = photos
        .iter()
        .map(|photo| photo.chunks(64).flat_map(|row| row.iter().rev().copied()).collect())
        .collect();
    for architecture in [gimefive(2, 1), Architecture { depth: Some(4), ..narrow("gimefive-se", 2) }] {
        let network = network(&architecture);
        let one = explainer_of(&network);
        let other = explainer_of(&network.map(&mut FlippedKernels));
        for method in Method::ALL {
            // Without noise: noise is not flipped with the picture.
            let short =
                Request { patch: 16, stride: 16, steps: 4, samples: 1, noise: 0.0, ..Request::default() };
            for layer in ["conv3", "bn3", "relu3", "block3"] {
                let layer = (method.is_of_layer() && method != Method::Cam).then(|| layer.to_string());
                let request =
                    Request { method, layer, target: Target::Class(Emotion::Anger), ..short.clone() };
                if one.layer_of(&request).is_err() {
                    continue;
                }
                let maps = explain(&one, &photos, &request);
                let mirrored = explain(&other, &flipped, &request);
                for (map, mirrored) in maps.iter().zip(&mirrored) {
                    let error = error(mirrored.map.flipped().values(), map.map.values());
                    assert!(
                        error < 1e-3,
                        "{method} at {:?} of {}: {error}",
                        request.layer,
                        architecture.arch
                    );
                }
            }
        }
    }
}

struct FlippedKernels;

impl ModuleMapper for FlippedKernels {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if D == 4 { param.map(|kernels| kernels.flip([D - 1])) } else { param }
    }
}
