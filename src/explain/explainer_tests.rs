use super::*;
use crate::explain::{Target, Versus};
use crate::model::Architecture;
use burn::module::{ModuleVisitor, Param};

fn network(device: &Device, fc_depth: usize) -> Network {
    let architecture = Architecture {
        arch: "plain".into(),
        depth: Some(3),
        width: Some(4),
        fc_depth: Some(fc_depth),
        ..Architecture::default()
    };
    Network::new(&architecture, 5, device).unwrap()
}

fn explainer(fc_depth: usize) -> Explainer {
    let device = Device::flex();
    Explainer::new("plain", &network(&device, fc_depth), &device)
}

fn pictures(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|i| (0..PIXELS).map(|p| ((p * (i + 3) / 7) ^ (p >> 5)) as u8).collect()).collect()
}

fn explain(explainer: &Explainer, request: &Request) -> Vec<Explanation> {
    let pictures = pictures(3);
    let pictures: Vec<Picture> = pictures.iter().map(|pixels| Picture { pixels, truth: None }).collect();
    explainer.explain(&pictures, request).unwrap()
}

/// Every method on a network that has them all, small numbers of passes.
fn requests() -> impl Iterator<Item = Request> {
    let of = |method| Request { method, patch: 16, stride: 16, steps: 3, samples: 3, ..Request::default() };
    Method::ALL.into_iter().map(of)
}

#[test]
fn two_calls_give_equal_maps() {
    // One that trains, with dropout and batch statistics, is explained as it evaluates.
    let device = Device::flex().autodiff();
    let training = Explainer::new("plain", &network(&device, 1), &device);
    for explainer in [explainer(1), training] {
        for request in requests() {
            let first = explain(&explainer, &request);
            assert_eq!(first, explain(&explainer, &request), "{}", request.method);
        }
    }
}

#[test]
fn explaining_changes_no_parameter_and_no_running_statistic() {
    let device = Device::flex().autodiff();
    let network = network(&device, 1);
    let explainer = Explainer::new("plain", &network, &device);
    let before = [numbers_of(&network), numbers_of(&explainer.network), numbers_of(&explainer.frozen)];
    assert!(before[0].len() > 1000 && before[0] == before[1] && before[0] == before[2]);
    requests().for_each(|request| drop(explain(&explainer, &request)));
    assert_eq!(numbers_of(&network), before[0]);
    assert_eq!(numbers_of(&explainer.network), before[0]);
    assert_eq!(numbers_of(&explainer.frozen), before[0]);
    assert_eq!(explainer.frozen.batch_counts(), [0, 0, 0]);
}

/// All floats of a network, running statistics among them.
fn numbers_of(network: &Network) -> Vec<f32> {
    struct Numbers(Vec<f32>);
    impl ModuleVisitor for Numbers {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.extend(param.val().into_data().try_to_vec::<f32>().unwrap());
        }
    }
    let mut numbers = Numbers(Vec::new());
    network.visit(&mut numbers);
    numbers.0
}

#[test]
fn finer_cam_holds_another_class_against_the_first() {
    let explainer = explainer(2);
    let of = |target, versus, method| Request { method, target, versus, ..Request::default() };
    let (a, b) = (Emotion::Anger, Emotion::Disgust);
    let mut request = of(Target::Class(a), Versus::Class(b), Method::FinerCam);
    request.alpha = 0.6;
    let finer = explain(&explainer, &request);
    let anger = explain(&explainer, &of(Target::Class(a), Versus::RunnerUp, Method::GradCam));
    let disgust = explain(&explainer, &of(Target::Class(b), Versus::RunnerUp, Method::GradCam));
    for i in 0..3 {
        assert_eq!((finer[i].class, finer[i].versus), (a, Some(b)));
        for (j, value) in finer[i].map.values().iter().enumerate() {
            let expected = anger[i].map.values()[j] - 0.6 * disgust[i].map.values()[j];
            assert!((value - expected).abs() < 1e-6, "{value} and {expected}");
        }
    }
}
