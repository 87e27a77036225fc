//! What explanations and training lean on: gradients from a cut, and statistics that move only in training.

use super::*;
use crate::model::Arithmetic;
use burn::module::Module;

#[test]
fn gradients_at_a_cut_are_the_same_twice_and_leave_the_statistics_alone() {
    let device = Device::flex();
    for architecture in narrow_networks() {
        let network = network(&architecture, &device.clone().autodiff()).valid();
        let before = statistics(&network);
        let stage = network.last_relu().to_owned();
        let activations = network.forward_to(pictures(2, &device), &stage).unwrap();
        let gradient = || {
            let leaf = Tensor::from_inner(activations.clone()).require_grad();
            let logits = network.forward_from(&stage, leaf.clone()).unwrap();
            let gradients = logits.slice([0..2, 2..3]).sum().backward();
            numbers(leaf.grad(&gradients).unwrap())
        };
        let first = gradient();
        assert!(first.iter().any(|value| *value != 0.0), "{}", architecture.arch);
        assert_eq!(first, gradient(), "{}", architecture.arch);
        assert_eq!(before, statistics(&network));
    }
}

#[test]
fn statistics_move_in_training_and_rest_after_valid() {
    let training_device = Device::flex().autodiff();
    let network = network(&narrow_networks()[0], &training_device);
    let fresh = statistics(&network);
    let evaluating = network.valid();
    evaluating.forward(pictures(2, &training_device));
    assert_eq!(statistics(&evaluating), fresh);
    network.forward(pictures(2, &training_device));
    assert_ne!(statistics(&network), fresh);
    // The copy made before is untouched by the original's training.
    assert_eq!(statistics(&evaluating), fresh);
}

#[test]
fn a_record_written_right_after_a_step_holds_that_steps_statistics() {
    let device = Device::flex().autodiff();
    let resnet = &narrow_networks()[5]; // without dropout, so that twins are alike
    let trained_twin = || {
        let network = network(resnet, &device);
        network.forward(pictures(2, &device));
        network
    };
    // `valid()` would bring an update that was kept aside into its network, so another one tells what to expect.
    let (trained, expected) = (trained_twin(), statistics(&trained_twin().valid()));
    let restored = network(resnet, &device).load_record(trained.into_record());
    assert_eq!(statistics(&restored), expected);
}

#[test]
fn running_variance_moves_towards_the_unbiased_variance() {
    let device = Device::flex().autodiff();
    let architecture = Architecture { depth: Some(1), width: Some(1), ..Default::default() };
    let network = network(&architecture, &device);
    let x = pictures(1, &device);
    let before_norm = numbers(network.forward_to(x.clone(), "conv1").unwrap());
    network.forward_to(x, "bn1").unwrap();
    let count = before_norm.len() as f64;
    let mean = before_norm.iter().map(|v| f64::from(*v)).sum::<f64>() / count;
    let squares: f64 = before_norm.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum();
    let [_, variance] = statistics(&network)[..] else { panic!("one norm with one channel") };
    // 4096 values: the biased variance would miss by 0.1 / 4096 of itself, 2.4e-5.
    let moved = (f64::from(variance) - 0.9) / 0.1;
    assert!((moved / (squares / (count - 1.0)) - 1.0).abs() < 1e-5, "{moved}");
}

#[test]
fn a_batch_norm_two_convs_share_updates_twice_in_a_pass() {
    let device = Device::flex().autodiff();
    let network =
        network(&Architecture { arch: "vgg".into(), width: Some(1), ..Default::default() }, &device);
    network.forward(pictures(2, &device));
    assert_eq!(network.norms.iter().map(|norm| norm.batches.get()).collect::<Vec<_>>(), [2, 2, 2]);
}

#[test]
fn dropout_drops_only_in_training() {
    let device = Device::flex().autodiff();
    let network = network(&narrow_networks()[2], &device);
    let x = pictures(1, &device);
    let dropped = |network: &Network| {
        let values = numbers(network.forward_to(x.clone(), "dropout2").unwrap());
        let kept = numbers(network.forward_to(x.clone(), "block2").unwrap());
        values.iter().zip(&kept).filter(|(value, kept)| **value == 0.0 && **kept != 0.0).count()
    };
    assert!(dropped(&network) > 0);
    assert_eq!(dropped(&network.valid()), 0);
}

#[test]
fn bf16_arithmetic_is_near_f32_and_trains_f32_parameters() {
    let device = Device::flex().autodiff();
    for architecture in narrow_networks() {
        let exact = network(&architecture, &device);
        let rough = network(&architecture, &device).with_arithmetic(Arithmetic::Bf16);
        let evaluate = |network: &Network| numbers(network.valid().forward(pictures(2, &Device::flex())));
        let (a, b) = (evaluate(&exact), evaluate(&rough));
        let size = a.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
        let difference = largest_difference(&a, &b);
        assert!(
            difference > 0.0 && difference < 0.03 * size,
            "{}: {difference} of {size}",
            architecture.arch
        );

        let gradients = rough.forward(pictures(2, &device)).sum().backward();
        let gradient = rough.convolutions[0].weight.val().grad(&gradients).unwrap();
        assert_eq!(gradient.dtype(), burn::tensor::DType::F32);
        assert!(numbers(gradient).iter().all(|value| value.is_finite()));
    }
}

/// Running means and variances, one after another.
fn statistics(network: &Network) -> Vec<f32> {
    network
        .norms
        .iter()
        .flat_map(|norm| [numbers(norm.running_mean.value()), numbers(norm.running_var.value())].concat())
        .collect()
}
