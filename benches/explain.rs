//! Explaining pictures on the CPU. `cargo bench --no-default-features --bench explain`
//!
//! `benches/explain.py` measures pytorch-grad-cam on the same weights; `MIEN_BENCH_WEIGHTS=FILE` writes them there.

use burn::prelude::Device;
use divan::Bencher;
use divan::counter::ItemsCount;
use mien::data::PIXELS;
use mien::explain::{Explainer, Method, Picture, Request};
use mien::model::{self, Architecture, Network};
use std::path::Path;

const BATCH: usize = 32;
const METHODS: [Method; 6] = [
    Method::GradCam,
    Method::GradCamPlusPlus,
    Method::HiresCam,
    Method::XGradCam,
    Method::LayerCam,
    Method::FinerCam,
];

fn main() {
    if let Ok(path) = std::env::var("MIEN_BENCH_WEIGHTS") {
        let (network, architecture) = network("gimefive");
        model::save(&network, &architecture, Path::new(&path)).expect("the folder can be written");
    }
    divan::main();
}

#[divan::bench(args = ["gimefive", "facenet10"], sample_count = 20, sample_size = 1)]
fn forward_of_32(bencher: Bencher, name: &str) {
    let network = network(name).0;
    let pixels = pixels(BATCH);
    let x = model::input(&pixels.concat(), &Device::flex());
    bencher.counter(ItemsCount::new(BATCH)).bench_local(|| network.forward(x.clone()).into_data());
}

#[divan::bench(args = ["gimefive", "facenet10"], sample_count = 20, sample_size = 1)]
fn grad_cam_of_32(bencher: Bencher, name: &str) {
    explain(bencher, name, BATCH, &Request::default());
}

#[divan::bench(args = METHODS, sample_count = 30, sample_size = 1)]
fn one_picture_at_relu5(bencher: Bencher, method: Method) {
    explain(bencher, "gimefive", 1, &Request { method, ..Request::default() });
}

#[divan::bench(args = METHODS, sample_count = 30, sample_size = 1)]
fn one_picture_at_relu3(bencher: Bencher, method: Method) {
    explain(bencher, "gimefive", 1, &Request { method, layer: Some("relu3".into()), ..Request::default() });
}

fn explain(bencher: Bencher, name: &str, batch: usize, request: &Request) {
    let explainer = Explainer::new(name, &network(name).0, &Device::flex());
    let pixels = pixels(batch);
    let pictures: Vec<Picture> = pixels.iter().map(|pixels| Picture { pixels, truth: None }).collect();
    bencher.counter(ItemsCount::new(batch)).bench_local(|| explainer.explain(&pictures, request));
}

fn network(name: &str) -> (Network, Architecture) {
    let architecture = Architecture { arch: name.into(), ..Architecture::default() };
    (Network::new(&architecture, 42, &Device::flex()).expect("a name of the zoo"), architecture)
}

/// Each picture another.
fn pixels(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|i| (0..PIXELS).map(|p| ((p * (7919 + 2 * i)) ^ (p >> 5)) as u8).collect()).collect()
}
