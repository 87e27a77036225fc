//! Proofs that hold exactly, or as exactly as f32 does.

mod axioms;
mod batches;
mod gradients;
mod pixels;
mod reference;
mod requests;
mod symmetry;
mod weights;

use super::{Explainer, Explanation, Picture, Request};
use crate::data::PIXELS;
use crate::model::{Architecture, Network};
use burn::prelude::Device;
use std::path::{Path, PathBuf};

/// A small network with random weights.
fn network(architecture: &Architecture) -> Network {
    Network::new(architecture, 11, &Device::flex()).unwrap()
}

fn explainer_of(network: &Network) -> Explainer {
    Explainer::new("a network", network, &Device::flex())
}

fn explainer(architecture: &Architecture) -> Explainer {
    explainer_of(&network(architecture))
}

/// `gimefive`, narrowed to these channels in its first block; GAP and one linear layer where `fc_depth` is 1.
fn gimefive(width: usize, fc_depth: usize) -> Architecture {
    let (width, fc_depth) = (Some(width), Some(fc_depth));
    Architecture { arch: "gimefive".into(), width, fc_depth, ..Architecture::default() }
}

fn narrow(arch: &str, width: usize) -> Architecture {
    Architecture { arch: arch.into(), width: Some(width), ..Architecture::default() }
}

/// A file of `tests/reference`.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name)
}

/// One of PyTorch's trained networks, whose logits tell pictures apart.
fn trained(name: &str) -> Explainer {
    let (network, _) =
        crate::model::load(&fixture(&format!("{name}-trained.safetensors")), None, &Device::flex()).unwrap();
    explainer_of(&network)
}

/// Blobs in noise, each 64 x 64.
fn photos(count: usize) -> Vec<Vec<u8>> {
    let pixels = std::fs::read(fixture("pictures.bin")).unwrap();
    pixels.chunks_exact(PIXELS).take(count).map(<[u8]>::to_vec).collect()
}

fn as_pictures(photos: &[Vec<u8>]) -> Vec<Picture<'_>> {
    photos.iter().map(|pixels| Picture { pixels, truth: None }).collect()
}

fn explain(explainer: &Explainer, photos: &[Vec<u8>], request: &Request) -> Vec<Explanation> {
    explainer.explain(&as_pictures(photos), request).unwrap()
}

/// The largest difference, as a share of the largest size in `expected`.
fn error(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let largest = |values: &mut dyn Iterator<Item = f32>| values.fold(0.0f32, |a, b| a.max(b.abs()));
    let size = largest(&mut expected.iter().copied());
    let difference = largest(&mut found.iter().zip(expected).map(|(a, b)| a - b));
    if difference == 0.0 { 0.0 } else { difference / size }
}
