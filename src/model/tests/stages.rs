use super::*;
use burn::module::Module;

#[test]
fn a_cut_at_any_stage_gives_the_whole_networks_logits() {
    let device = Device::flex();
    for architecture in narrow_networks() {
        let network = network(&architecture, &device).valid();
        let x = pictures(2, &device);
        let logits = numbers(network.forward(x.clone()));
        assert!(logits.iter().all(|value| value.is_finite()));
        for stage in network.stages() {
            let middle = network.forward_to(x.clone(), &stage).unwrap();
            assert_eq!(middle.dims()[1..], network.stage_shape(&stage).unwrap(), "{stage}");
            let after = numbers(network.forward_from(&stage, middle).unwrap());
            assert_eq!(after, logits, "{} cut at {stage}", architecture.arch);
        }
    }
}

#[test]
fn stages_have_the_papers_names() {
    let device = Device::flex();
    let plain = network(&narrow_networks()[0], &device);
    let expected = "conv1 bn1 relu1 block1 dropout1 conv2 bn2 relu2 block2 dropout2 conv3 bn3 relu3 block3 features \
                    fc1 fc1_relu fc1_dropout fc2 fc2_relu fc3";
    assert_eq!(plain.stages().join(" "), expected);
    assert_eq!(plain.last_relu(), "relu3");
    let resnet = network(&narrow_networks()[5], &device);
    assert!(
        resnet.stages().join(" ").starts_with("conv1 bn1 relu1 layer1.0.sum layer1.0 layer1.1.sum layer1.1")
    );
    assert_eq!(resnet.last_relu(), "layer4.1");
    // The sixth residual block's output is 1x1: no place for a heat map.
    let deep = Architecture { depth: Some(6), ..narrow_networks()[3].clone() };
    assert_eq!(network(&Architecture { width: Some(1), ..deep }, &device).last_relu(), "res_block5");
}

#[test]
fn no_two_stages_share_a_name() {
    let device = Device::flex();
    for architecture in narrow_networks() {
        let mut stages = network(&architecture, &device).stages();
        let count = stages.len();
        stages.sort();
        stages.dedup();
        assert_eq!(stages.len(), count, "{}", architecture.arch);
    }
}

#[test]
fn an_unknown_stage_is_answered_with_the_list() {
    let device = Device::flex();
    let network = network(&narrow_networks()[0], &device);
    let message = network.forward_to(pictures(1, &device), "relu33").unwrap_err().to_string();
    assert!(message.contains("did you mean 'relu3'?") && message.contains("fc3"), "{message}");
    assert!(network.forward_from("gap", pictures(1, &device)).is_err());
}

#[test]
fn features_are_what_the_classifier_sees() {
    let device = Device::flex();
    let network = network(&narrow_networks()[0], &device);
    let x = pictures(2, &device);
    let features = network.features(x.clone());
    assert_eq!(features.dims(), [2, 16]);
    assert_eq!(numbers(features), numbers(network.forward_to(x, "features").unwrap()));
}

#[test]
fn the_same_seed_gives_the_same_weights_with_and_without_autodiff() {
    let architecture = &narrow_networks()[0];
    let plain = network(architecture, &Device::flex());
    let training = network(architecture, &Device::flex().autodiff());
    let x = pictures(1, &Device::flex());
    assert_eq!(numbers(plain.forward(x.clone())), numbers(training.valid().forward(x.clone())));
    let other = Network::new(architecture, 8, &Device::flex()).unwrap();
    assert_ne!(numbers(plain.forward(x.clone())), numbers(other.forward(x)));
}

#[test]
fn input_is_the_grey_three_times_normalised() {
    let device = Device::flex();
    let mut pixels = vec![0u8; 2 * 4096];
    pixels[4096 + 65] = 255;
    let x = crate::model::input(&pixels, &device);
    assert_eq!(x.dims(), [2, 3, 64, 64]);
    let values = numbers(x);
    let at = |picture: usize, channel: usize, y: usize, x: usize| {
        values[((picture * 3 + channel) * 64 + y) * 64 + x]
    };
    assert!((at(0, 0, 0, 0) + 0.485 / 0.229).abs() < 1e-5);
    assert!((at(1, 1, 1, 1) - (1.0 - 0.456) / 0.224).abs() < 1e-5);
    assert!((at(1, 2, 1, 2) + 0.406 / 0.225).abs() < 1e-5);
    assert_eq!(crate::model::input(&pixels[..5000], &device).dims(), [1, 3, 64, 64]);
    assert_eq!(crate::model::input(&[], &device).dims(), [0, 3, 64, 64]);
}
