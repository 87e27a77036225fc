//! A picture's explanation is its own.

use super::*;
use crate::explain::{ExplainError, Method, Target};
use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;

/// Short ones of each method, every one that `explainer` knows.
fn requests(explainer: &Explainer) -> Vec<Request> {
    let of = |method| Request { method, patch: 16, stride: 16, steps: 5, samples: 3, ..Request::default() };
    let known = |request: &Request| explainer.layer_of(request).is_ok();
    Method::ALL.into_iter().map(of).filter(known).collect()
}

#[test]
fn neighbours_in_a_batch_change_nothing() {
    let photos = photos(3);
    for explainer in [trained("plain"), trained("resnet")] {
        for request in requests(&explainer) {
            let together = explain(&explainer, &photos, &request);
            for (i, together) in together.iter().enumerate() {
                let alone = &explain(&explainer, &photos[i..=i], &request)[0];
                assert_eq!((together.class, together.versus), (alone.class, alone.versus));
                let (method, difference) = (request.method, error(together.map.values(), alone.map.values()));
                assert!(difference < 1e-5, "{method}, picture {i}: {difference}");
                assert!(error(&together.scores, &alone.scores) < 1e-5);
            }
            assert_ne!(together[0].map, together[1].map, "{}", request.method);
        }
    }
}

#[test]
fn flipping_is_the_mean_with_the_mirror_images_map_mirrored_back() {
    let photos = photos(3);
    let mirrored: Vec<Vec<u8>> = photos
        .iter()
        .map(|photo| photo.chunks(64).flat_map(|row| row.iter().rev().copied()).collect())
        .collect();
    let explainer = trained("residual");
    for request in requests(&explainer) {
        let both = explain(&explainer, &photos, &Request { flip: true, ..request.clone() });
        for (i, both) in both.iter().enumerate() {
            // The mirror image is asked about the picture's classes, whatever it is taken for.
            let target = Target::Class(both.class);
            let versus = both.versus.map_or(request.versus, crate::explain::Versus::Class);
            let request = Request { target, versus, ..request.clone() };
            let one = &explain(&explainer, &photos[i..=i], &request)[0];
            let other = &explain(&explainer, &mirrored[i..=i], &request)[0];
            let expected = one.map.mean(&other.map.flipped());
            let difference = error(both.map.values(), expected.values());
            assert!(difference < 1e-5, "{}: {difference}", request.method);
            assert!(error(&both.scores, &one.scores) < 1e-5);
        }
    }
}

#[test]
fn no_pictures_have_no_explanations_and_a_short_one_is_black_at_its_end() {
    let explainer = trained("plain");
    assert!(explain(&explainer, &[], &Request::default()).is_empty());
    let mut whole = photos(1);
    whole[0][4000..].fill(0);
    let short = vec![whole[0][..4000].to_vec()];
    for request in requests(&explainer) {
        assert_eq!(explain(&explainer, &short, &request), explain(&explainer, &whole, &request));
    }
}

#[test]
fn a_network_without_evidence_gives_maps_that_say_zero_and_are_never_nan() {
    let network = network(&gimefive(1, 1)).map(&mut Filled { dimensions: 2, value: 0.0 });
    let explainer = explainer_of(&network);
    for request in requests(&explainer) {
        let found = &explain(&explainer, &photos(1), &request)[0];
        assert!(found.map.values().iter().all(|value| *value == 0.0), "{}", request.method);
        assert!(found.map.is_zero());
        assert!(found.map.normalised().values().iter().chain(found.map.signed().values()).all(|v| *v == 0.0));
    }
}

#[test]
fn weights_that_have_diverged_are_an_error() {
    let architecture = Architecture { depth: Some(2), ..gimefive(2, 1) };
    for (dimensions, value) in [(1, f32::NAN), (2, f32::NAN), (4, f32::NAN), (2, f32::INFINITY)] {
        let explainer = explainer_of(&network(&architecture).map(&mut Filled { dimensions, value }));
        for request in requests(&explainer) {
            let found = explainer.explain(&as_pictures(&photos(1)), &request);
            let method = request.method;
            assert!(matches!(found, Err(ExplainError::NotFinite)), "{method}, {dimensions}: {found:?}");
        }
    }
}

/// Fills parameters of so many dimensions: 4 for kernels, 2 for linear layers, 1 for biases and norms.
struct Filled {
    dimensions: usize,
    value: f32,
}

impl ModuleMapper for Filled {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let fill = |tensor: Tensor<D>| tensor.full_like(self.value);
        if D == self.dimensions { param.map(fill) } else { param }
    }
}
