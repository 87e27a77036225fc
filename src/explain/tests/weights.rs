//! What a channel weighs.

use super::*;
use crate::emotion::{CLASSES, Emotion};
use crate::explain::Method;
use crate::explain::class_activation::map;
use crate::explain::evidence::Asked;
use crate::explain::evidence::{gradients, numbers};
use burn::tensor::{Tensor, TensorData};

#[test]
fn at_relu5_grad_cam_weighs_a_channel_with_a_sixteenth_of_its_pools_gradient() {
    let explainer = explainer(&gimefive(4, 3));
    assert_eq!(explainer.network().last_relu(), "relu5");
    let at_relu = gradients_at(&explainer, "relu5");
    let at_features = gradients_at(&explainer, "features");
    assert_eq!((at_relu.len(), at_features.len()), (2 * 64 * 16, 2 * 64));
    let weights: Vec<f32> =
        at_relu.chunks(16).map(|of_channel| of_channel.iter().sum::<f32>() / 16.0).collect();
    let sixteenths: Vec<f32> = at_features.iter().map(|gradient| gradient / 16.0).collect();
    assert!(sixteenths.iter().all(|weight| *weight != 0.0));
    assert!(error(&weights, &sixteenths) < 1e-6);
}

/// Of anger in two pictures, `[2, channels, h, w]`.
fn gradients_at(explainer: &Explainer, layer: &str) -> Vec<f32> {
    let network = explainer.network();
    let pixels = photos(2).concat();
    let cut = network.cut(crate::model::input(&pixels, &Device::flex()), layer).unwrap();
    let anger = Asked { scores: [0.0; CLASSES], class: Emotion::Anger, versus: None };
    let (_, gradients) = gradients(&network.clone().frozen(), &cut, |_| Ok(vec![anger; 2])).unwrap();
    numbers(gradients).unwrap()
}

#[test]
fn a_silent_channel_and_one_without_gradient_weigh_nothing() {
    // Two channels of 2 x 2: the first is silent, the second is not asked.
    let activations = [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0];
    let gradients = [1.0, -2.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0];
    // A sum of 0 with activations of both signs, as conv layers have it.
    let cancelled = [1.0, -1.0, 2.0, -2.0, 1.0, 2.0, 3.0, 4.0];
    for method in Method::ALL.into_iter().filter(|method| method.is_of_layer() && *method != Method::Cam) {
        assert_eq!(of_tensors(method, &activations, &gradients), [0.0; 4], "{method}");
        let map = of_tensors(method, &cancelled, &gradients);
        assert!(map.iter().all(|value| value.is_finite()), "{method}: {map:?}");
        if method == Method::XGradCam {
            assert_eq!(map, [0.0; 4]);
        }
    }
}

#[test]
fn gradients_whose_powers_f32_does_not_hold_weigh_what_they_should() {
    let activations = [1.0, 0.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    // Of small ones a is a half, of large ones 1 / (sum(A) g).
    for (gradient, weight) in [(1e-25, 4.0 * 1e-25 / 2.0), (1e15, 4.0 / 4.0)] {
        let map = of_tensors(Method::GradCamPlusPlus, &activations, &[gradient; 8]);
        let expected: Vec<f32> = activations[..4].iter().map(|value| value * weight).collect();
        assert!(error(&map, &expected) < 1e-6, "{map:?} and {expected:?}");
    }
}

#[test]
fn methods_follow_their_formulas() {
    let (a, g) = ([1.0, 0.0, 2.0, 3.0, 0.5, 1.0, 0.0, 0.5], [0.5, -1.0, 0.25, -0.5, 1.0, 0.5, -2.0, 0.0]);
    let channels = || a.chunks(4).zip(g.chunks(4));
    let weighted = |weight: &dyn Fn(&[f64], &[f64]) -> f64| -> Vec<f64> {
        (0..4).map(|i| channels().map(|(a, g)| weight(a, g) * a[i]).sum()).collect()
    };
    let elementwise = |weight: &dyn Fn(f64) -> f64| -> Vec<f64> {
        (0..4).map(|i| channels().map(|(a, g)| weight(g[i]) * a[i]).sum()).collect()
    };
    let sum = |values: &[f64]| values.iter().sum::<f64>();
    let plus_plus = |a: &[f64], g: &[f64]| {
        let alpha = |g: f64| if g == 0.0 { 0.0 } else { g * g / (2.0 * g * g + sum(a) * g.powi(3)) };
        g.iter().map(|&g| alpha(g) * g.max(0.0)).sum()
    };
    let axiom = |a: &[f64], g: &[f64]| a.iter().zip(g).map(|(a, g)| a * g).sum::<f64>() / sum(a);
    let expected = [
        (Method::GradCam, weighted(&|_, g| sum(g) / 4.0)),
        (Method::GradCamPlusPlus, weighted(&plus_plus)),
        (Method::XGradCam, weighted(&axiom)),
        (Method::HiresCam, elementwise(&|g| g)),
        (Method::LayerCam, elementwise(&|g| g.max(0.0))),
    ];
    let f32s = |values: &[f64]| values.iter().map(|value| *value as f32).collect::<Vec<_>>();
    for (method, expected) in expected {
        let found = of_tensors(method, &f32s(&a), &f32s(&g));
        assert!(error(&found, &f32s(&expected)) < 1e-6, "{method}: {found:?} and {expected:?}");
    }
}

fn of_tensors(method: Method, activations: &[f32], gradients: &[f32]) -> Vec<f32> {
    let tensor = |values: &[f32]| {
        Tensor::<4>::from_data(TensorData::new(values.to_vec(), [1, 2, 2, 2]), &Device::flex())
    };
    numbers(map(method, tensor(activations), tensor(gradients))).unwrap()
}
