use super::*;
use crate::explain::{Target, Versus};
use crate::model::Architecture;

fn explainer(fc_depth: usize) -> Explainer {
    let device = Device::flex();
    let architecture = Architecture {
        arch: "plain".into(),
        depth: Some(3),
        width: Some(4),
        fc_depth: Some(fc_depth),
        ..Architecture::default()
    };
    Explainer::new("plain", &Network::new(&architecture, 5, &device).unwrap(), &device)
}

fn pictures(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|i| (0..PIXELS).map(|p| ((p * (i + 3) / 7) ^ (p >> 5)) as u8).collect()).collect()
}

fn explain(explainer: &Explainer, request: &Request) -> Vec<Explanation> {
    let pictures = pictures(3);
    let pictures: Vec<Picture> = pictures.iter().map(|pixels| Picture { pixels, truth: None }).collect();
    explainer.explain(&pictures, request).unwrap()
}

#[test]
fn two_calls_give_equal_maps() {
    let explainer = explainer(3);
    for method in Method::ALL.into_iter().filter(|method| method.is_of_layer() && *method != Method::Cam) {
        let request = Request { method, ..Request::default() };
        assert_eq!(explain(&explainer, &request), explain(&explainer, &request), "{method}");
    }
}

#[test]
fn before_pooling_and_one_linear_layer_hires_cam_and_grad_cam_are_cam_over_its_cells() {
    let explainer = explainer(1);
    let (layer, _) = explainer.network().cam_head().unwrap();
    let layer = Some(layer.to_string());
    let request = |method| Request { method, layer: layer.clone(), ..Request::default() };
    let cam = explain(&explainer, &request(Method::Cam));
    for method in [Method::HiresCam, Method::GradCam] {
        for (found, cam) in explain(&explainer, &request(method)).iter().zip(&cam) {
            let cells = cam.map.values().len() as f32;
            for (a, b) in found.map.values().iter().zip(cam.map.values()) {
                assert!((a - b / cells).abs() < 1e-6, "{method}: {a} and {b} / {cells}");
            }
        }
    }
}

#[test]
fn finer_cam_holds_another_class_against_the_first() {
    let explainer = explainer(2);
    let of = |target, versus, method| Request { method, target, versus, ..Request::default() };
    let (a, b) = (Emotion::Anger, Emotion::Disgust);
    let finer = explain(&explainer, &of(Target::Class(a), Versus::Class(b), Method::FinerCam));
    let anger = explain(&explainer, &of(Target::Class(a), Versus::RunnerUp, Method::GradCam));
    let disgust = explain(&explainer, &of(Target::Class(b), Versus::RunnerUp, Method::GradCam));
    for i in 0..3 {
        assert_eq!((finer[i].class, finer[i].versus), (a, Some(b)));
        for (j, value) in finer[i].map.values().iter().enumerate() {
            let expected = anger[i].map.values()[j] - disgust[i].map.values()[j];
            assert!((value - expected).abs() < 1e-6, "{value} and {expected}");
        }
    }
}
