//! The fixtures that `tests/reference/make.py` writes with PyTorch.

use super::*;
use crate::model::load;
use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{GradientsParams, SgdConfig, decay::WeightDecayConfig, momentum::MomentumConfig};
use burn::tensor::{Int, TensorData};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub(super) const NETWORKS: [&str; 5] = ["plain", "residual", "vgg", "resnet", "facenet10"];

pub(super) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name)
}

#[derive(Deserialize)]
struct ExpectedFile {
    logits: Vec<Vec<f32>>,
    losses: Vec<f32>,
}

pub(super) struct Expected {
    pub logits: Vec<f32>,
    pub losses: Vec<f32>,
}

pub(super) fn expected(network: &str) -> Expected {
    let text = std::fs::read_to_string(fixture("expected.json")).unwrap();
    let mut all: HashMap<String, ExpectedFile> = serde_json::from_str(&text).unwrap();
    let ExpectedFile { logits, losses } = all.remove(network).unwrap();
    Expected { logits: logits.concat(), losses }
}

/// The eight pictures, `[8, 3, 64, 64]`.
pub(super) fn pictures(device: &Device) -> Tensor<4> {
    crate::model::input(&std::fs::read(fixture("pictures.bin")).unwrap(), device)
}

/// The architecture a fixture has, without dropout.
pub(super) fn architecture(network: &str) -> Architecture {
    let of = |arch: &str, width| Architecture { arch: arch.into(), width: Some(width), ..Default::default() };
    let no_dropout = |architecture| Architecture { fc_dropout: Some(0.0), ..architecture };
    let no_conv_dropout = |architecture| Architecture {
        conv_dropout: Some(ConvDropout::AllButLast(0.0)),
        ..no_dropout(architecture)
    };
    match network {
        "plain" => no_conv_dropout(Architecture { depth: Some(3), ..of("gimefive-se", 8) }),
        "residual" => no_dropout(Architecture { depth: Some(2), ..of("gimefive-res", 4) }),
        "vgg" => no_conv_dropout(of("vgg", 1)),
        "resnet" => of("resnet18", 2),
        other => of(other, 2),
    }
}

#[test]
fn every_family_gives_pytorchs_logits() {
    let device = Device::flex();
    for name in NETWORKS {
        let (network, _) = load(&fixture(&format!("{name}.safetensors")), None, &device).unwrap();
        let difference =
            largest_difference(&numbers(network.forward(pictures(&device))), &expected(name).logits);
        assert!(difference < 1e-4, "{name}: {difference}");
    }
    let (network, _) = load(&fixture("resnet.pth"), None, &device).unwrap();
    let difference =
        largest_difference(&numbers(network.forward(pictures(&device))), &expected("resnet").logits);
    assert!(difference < 1e-4, "resnet.pth: {difference}");
}

#[test]
fn three_steps_of_sgd_end_where_pytorchs_do() {
    let device = Device::flex().autodiff();
    for name in NETWORKS {
        let start = fixture(&format!("{name}.safetensors"));
        let (mut network, _) = load(&start, Some(&architecture(name)), &device).unwrap();
        let labels = Tensor::<1, Int>::from_data(TensorData::from([0i64, 1, 2, 3, 4, 5, 0, 1]), &device);
        let mut optimizer = SgdConfig::new()
            .with_momentum(Some(MomentumConfig::new().with_momentum(0.9).with_dampening(0.0)))
            .with_weight_decay(Some(WeightDecayConfig::new(1e-4)))
            .init();
        for expected in expected(name).losses {
            let logits = network.forward(pictures(&device));
            let loss = CrossEntropyLossConfig::new().init(&device).forward(logits, labels.clone());
            let found = loss.clone().into_scalar::<f32>();
            assert!((found - expected).abs() < 1e-3 * expected, "{name}: loss {found}, PyTorch's {expected}");
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            network = optimizer.step(0.01, network, gradients);
        }
        let end = fixture(&format!("{name}-trained.safetensors"));
        compare(name, &network, &load(&end, Some(&architecture(name)), &device).unwrap().0, &start);
    }
}

/// Every tensor within a thousandth of its norm, and its movement within a hundredth: a step left out or an update
/// in the wrong order would move a tensor too little to show beside its size.
fn compare(name: &str, trained: &Network, expected: &Network, start: &Path) {
    let device = Device::flex().autodiff();
    let (start, _) = load(start, Some(&architecture(name)), &device).unwrap();
    let tensors = |network: &Network| {
        let mut list = Tensors::default();
        network.valid().visit(&mut list);
        list.0
    };
    let (trained, expected, start) = (tensors(trained), tensors(expected), tensors(&start));
    for (index, ((trained, expected), start)) in trained.iter().zip(&expected).zip(&start).enumerate() {
        let error = distance(trained, expected);
        let (norm, movement) = (distance(expected, &vec![0.0; expected.len()]), distance(expected, start));
        assert!(error <= 1e-3 * norm, "{name}, tensor {index}: off by {error} of {norm}");
        // A convolution's bias before a batch norm moves by rounding errors and weight decay alone.
        if movement > 1e-3 * norm {
            assert!(error <= 1e-2 * movement, "{name}, tensor {index}: off by {error} of {movement} moved");
        }
    }
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
}

/// All floats of a network, running statistics among them, in the network's order.
#[derive(Default)]
struct Tensors(Vec<Vec<f32>>);

impl burn::module::ModuleVisitor for Tensors {
    fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
        self.0.push(numbers(param.val()));
    }
}
