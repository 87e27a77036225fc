//! Tests that need a built network or the fixtures of `tests/reference`.

mod convolution_cpu;
mod counts;
mod cuts;
mod gradients;
mod randomise;
mod reference;
mod stages;
mod weights;

use super::{Architecture, ConvDropout, Network};
use burn::tensor::{Device, Tensor};

/// A small network of each family, every kind of layer among them.
pub(super) fn narrow_networks() -> Vec<Architecture> {
    let narrow = |arch: &str, width| Architecture { arch: arch.into(), width: Some(width), ..<_>::default() };
    vec![
        Architecture { depth: Some(3), ..narrow("gimefive", 4) },
        Architecture { depth: Some(2), fc_depth: Some(1), ..narrow("gimefive-se", 16) },
        Architecture {
            depth: Some(2),
            fc_depth: Some(2),
            pooling: Some(super::Pooling::Avg),
            conv_dropout: Some(ConvDropout::PerBlock(vec![0.1, 0.3])),
            ..narrow("gimefive-no-bn", 4)
        },
        Architecture { depth: Some(2), ..narrow("gimefive-res", 4) },
        narrow("vgg", 1),
        narrow("resnet18", 2),
        narrow("resnet34", 1),
        narrow("facenet10", 2),
    ]
}

pub(super) fn network(architecture: &Architecture, device: &Device) -> Network {
    Network::new(architecture, 7, device).unwrap()
}

/// `batch` pictures, each different.
pub(super) fn pictures(batch: usize, device: &Device) -> Tensor<4> {
    let pixels: Vec<u8> = (0..batch * 4096).map(|i| ((i * 7919) ^ (i >> 5)) as u8).collect();
    super::input(&pixels, device)
}

pub(super) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().unwrap()
}

pub(super) fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}
