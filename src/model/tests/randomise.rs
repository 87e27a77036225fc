use super::*;
use burn::module::Module;

#[test]
fn layers_with_weights_are_named_from_the_logits_down() {
    let device = Device::flex();
    let networks = narrow_networks();
    let plain = network(&networks[0], &device);
    assert_eq!(plain.weighted_layers(), ["fc3", "fc2", "fc1", "conv3", "conv2", "conv1"]);
    let squeezing = network(&networks[1], &device);
    assert_eq!(squeezing.weighted_layers(), ["fc1", "conv2", "se1", "conv1"]);
    let resnet = network(&networks[5], &device).weighted_layers();
    assert_eq!((resnet.first().unwrap().as_str(), resnet.last().unwrap().as_str()), ("fc", "conv1"));
    assert_eq!(
        resnet.len(),
        1 + 16 + 3 + 1,
        "the classifier, eight blocks of two, three shortcuts, the stem"
    );
}

#[test]
fn a_cascade_leaves_what_is_below_and_at_its_end_nothing() {
    let device = Device::flex();
    for architecture in narrow_networks() {
        let name = &architecture.arch;
        let trained = network(&architecture, &device).valid();
        // Statistics that no fresh network has: they must go, too.
        let learned = network(&architecture, &device.clone().autodiff());
        learned.forward(pictures(3, &device.clone().autodiff()));
        let learned = learned.valid();
        let fresh = trained.redrawn(99, &device).valid();
        let x = pictures(2, &device);
        let of = |network: &Network| numbers(network.clone().valid().forward(x.clone()));
        let layers = learned.weighted_layers();
        let top = learned.with_upper_layers(&fresh, &layers[0]).unwrap();
        assert_eq!(numbers(top.features(x.clone())), numbers(learned.features(x.clone())), "{name}");
        assert_ne!(of(&top), of(&learned), "{name}");
        let bottom = learned.with_upper_layers(&fresh, layers.last().unwrap()).unwrap();
        assert_eq!(of(&bottom), of(&fresh), "{name}");
        assert_ne!(of(&fresh), of(&trained), "{name}");
    }
}

#[test]
fn a_layer_without_weights_is_answered_with_the_list() {
    let device = Device::flex();
    let network = network(&narrow_networks()[0], &device);
    let fresh = network.redrawn(1, &device);
    let message = network.with_upper_layers(&fresh, "conv33").unwrap_err().to_string();
    assert!(message.contains("did you mean 'conv3'?") && message.contains("fc3"), "{message}");
    assert!(network.with_upper_layers(&fresh, "relu3").is_err());
}
