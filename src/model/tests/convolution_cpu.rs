use super::*;
use crate::data::Draws;
use crate::model::convolution_cpu::{Block, KernelCache, fits};
use crate::model::layers::{BatchCount, BatchNorm2d, Convolution};
use burn::module::{Module, Param, RunningState};
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::module::{batch_norm, conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{TensorData, activation};
use std::sync::Arc;

fn drawn<const D: usize>(shape: [usize; D], seed: u64) -> Tensor<D> {
    let mut draws = Draws::new(&[seed]);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| draws.normal() as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn layers(inputs: usize, outputs: usize) -> (Convolution, BatchNorm2d) {
    let vector = |seed| drawn([outputs], seed);
    let convolution = Convolution {
        weight: Param::from_tensor(drawn([outputs, inputs, 3, 3], 1)),
        bias: Some(Param::from_tensor(vector(2))),
        stride: 1,
        padding: 1,
        kernels: KernelCache::default(),
    };
    let norm = BatchNorm2d {
        weight: Param::from_tensor(vector(3)),
        bias: Param::from_tensor(vector(4)),
        running_mean: RunningState::new(vector(5)),
        running_var: RunningState::new(vector(6).abs()),
        training: Param::from_bool(false),
        batches: BatchCount::default(),
    };
    (convolution, norm)
}

#[test]
fn a_block_gives_what_burns_layers_give_one_after_another() {
    // Pictures in parts, whole ones, many together, and channels that fill no block.
    for (batch, inputs, outputs, height, width) in
        [(2, 3, 5, 64, 64), (3, 7, 70, 32, 16), (70, 5, 66, 4, 4), (9, 9, 3, 2, 6), (1, 1, 1, 8, 2)]
    {
        let (convolution, norm) = layers(inputs, outputs);
        let x = drawn([batch, inputs, height, width], 7);
        assert!(fits(&convolution, &x));
        let options = ConvOptions::new([1, 1], [1, 1], [1, 1], 1);
        let bias = convolution.bias.as_ref().map(Param::val);
        let by_burn = conv2d(x.clone(), convolution.weight.val(), bias, options);
        let block = Block { convolution: &convolution, norm: None, relu: false, pool: false };
        let ours = block.forward(x.clone());
        close(&ours, &by_burn);

        // From the same convolution the rest follows to the last bit.
        let normed = batch_norm(
            ours,
            norm.weight.val(),
            norm.bias.val(),
            norm.running_mean.value(),
            norm.running_var.value(),
            1e-5,
        );
        let rectified = activation::relu(normed);
        let pooled = max_pool2d(rectified.clone(), MaxPoolOptions::new([2, 2]));
        let block = Block { convolution: &convolution, norm: Some(&norm), relu: true, pool: false };
        assert_eq!(numbers(block.forward(x.clone())), numbers(rectified));
        let block = Block { pool: true, ..block };
        assert_eq!(numbers(block.forward(x)), numbers(pooled));
    }
}

/// To a ten-thousandth of the largest number.
fn close(a: &Tensor<4>, b: &Tensor<4>) {
    assert_eq!(a.dims(), b.dims());
    let (a, b) = (numbers(a.clone()), numbers(b.clone()));
    let largest = b.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    for (a, b) in a.iter().zip(&b) {
        assert!((a - b).abs() < 1e-4 * largest, "{a} and {b}");
    }
}

#[test]
fn a_picture_gives_the_same_numbers_in_any_company() {
    for (inputs, outputs, side) in [(3, 8, 64), (16, 70, 8), (65, 66, 2)] {
        let (convolution, norm) = layers(inputs, outputs);
        let block = Block { convolution: &convolution, norm: Some(&norm), relu: true, pool: true };
        let x = drawn([40, inputs, side, side], 7);
        let together = block.forward(x.clone());
        for picture in [0, 17, 39] {
            let alone = block.forward(x.clone().narrow(0, picture, 1));
            assert_eq!(numbers(alone), numbers(together.clone().narrow(0, picture, 1)), "{picture}");
        }
    }
}

#[test]
fn not_a_number_stays_to_be_seen() {
    let (convolution, norm) = layers(3, 4);
    let block = Block { convolution: &convolution, norm: Some(&norm), relu: true, pool: true };
    let x = drawn([1, 3, 4, 4], 7).mul_scalar(f32::NAN);
    assert!(numbers(block.forward(x)).iter().all(|value| value.is_nan()));
}

#[test]
fn gradients_and_other_kernels_are_left_to_burn() {
    let (convolution, _) = layers(3, 4);
    let x = drawn([1, 3, 4, 4], 7);
    assert!(fits(&convolution, &x));
    assert!(!fits(&convolution, &x.clone().autodiff()));
    assert!(!fits(&Convolution { stride: 2, ..layers(3, 4).0 }, &x));
    assert!(!fits(&convolution, &drawn([1, 3, 5, 4], 7)));
}

/// Kernels are kept between passes; what a network gives must come from the weights that it has now.
#[test]
fn a_network_that_has_evaluated_evaluates_by_its_new_weights() {
    let device = Device::flex();
    let architecture = &narrow_networks()[0];
    let x = pictures(2, &device);
    // The layers one after another have no kernels to keep.
    let expected = |network: &Network| numbers(network.clone().frozen().forward(x.clone().autodiff()));
    let assert_fresh = |network: &Network, what: &str| {
        let expected = expected(network);
        for pass in 0..2 {
            let found = numbers(network.forward(x.clone()));
            assert!(largest_difference(&found, &expected) < 1e-4, "{what}, pass {pass}");
        }
    };
    let network = network(architecture, &device).valid();
    assert_fresh(&network, "as made");
    let before = numbers(network.forward(x.clone()));

    let other = network.redrawn(99, &device).valid();
    let upper = network.with_upper_layers(&other, "conv2").unwrap();
    assert_fresh(&upper, "redrawn from conv2 on");
    let mut assigned = network.clone();
    assigned.forward(x.clone());
    assigned.convolutions[0].weight = other.convolutions[0].weight.clone();
    assert_fresh(&assigned, "another weight in the same layer");

    // What was kept goes along with the struct through these two.
    let filled = network.clone();
    filled.forward(x.clone());
    let loaded = filled.load_record(other.clone().into_record());
    assert_fresh(&loaded, "loaded");
    assert!(largest_difference(&numbers(loaded.forward(x.clone())), &before) > 1e-3);

    let filled = network.clone();
    filled.forward(x.clone());
    let mut training = filled.train();
    let mut optimizer = SgdConfig::new().init();
    for step in 0..2 {
        let loss = training.forward(x.clone().autodiff()).powi_scalar(2).sum();
        let gradients = GradientsParams::from_grads(loss.backward(), &training);
        training = optimizer.step(0.01, training, gradients);
        let evaluating = training.valid();
        assert_fresh(&evaluating, &format!("after step {step}"));
        assert!(largest_difference(&numbers(evaluating.forward(x.clone())), &before) > 1e-3);
    }
}

#[test]
fn kernels_are_made_once_for_a_weight_and_a_copy_makes_its_own() {
    let (convolution, _) = layers(3, 4);
    let kernels = convolution.kernels.of(&convolution.weight);
    assert!(Arc::ptr_eq(&kernels, &convolution.kernels.of(&convolution.weight.clone())));
    assert!(!Arc::ptr_eq(&kernels, &convolution.clone().kernels.of(&convolution.weight)));
    let equal = Param::from_tensor(convolution.weight.val());
    assert!(!Arc::ptr_eq(&kernels, &convolution.kernels.of(&equal)));
}
