use super::*;
use burn::module::Module;

#[test]
fn a_cut_at_any_layer_also_inside_a_residual_block_gives_the_whole_networks_logits_to_the_bit() {
    let device = Device::flex();
    for architecture in narrow_networks() {
        let network = network(&architecture, &device).valid();
        let x = pictures(2, &device);
        let logits = numbers(network.forward(x.clone()));
        for layer in network.layers() {
            let cut = network.cut(x.clone(), &layer.name).unwrap();
            assert_eq!(cut.activations.dims()[1..], layer.output, "{} of {}", layer.name, architecture.arch);
            let after = numbers(network.resume(&cut, cut.activations.clone()));
            assert_eq!(after, logits, "{} cut at {}", architecture.arch, layer.name);
        }
    }
}

#[test]
fn every_stage_is_a_layer_and_no_two_layers_share_a_name() {
    let device = Device::flex();
    for architecture in narrow_networks() {
        let network = network(&architecture, &device);
        let mut names: Vec<String> = network.layers().into_iter().map(|layer| layer.name).collect();
        assert!(network.stages().iter().all(|stage| names.contains(stage)), "{}", architecture.arch);
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "{}", architecture.arch);
    }
    let residual = network(&narrow_networks()[3], &device);
    let names: Vec<String> = residual.layers().into_iter().map(|layer| layer.name).collect();
    let expected = "res_block1.conv1 res_block1.bn1 res_block1.relu1 res_block1.conv2 res_block1.bn2 res_block1.shortcut.0 \
                    res_block1.shortcut.1 res_block1.sum res_block1";
    assert!(names.join(" ").contains(expected), "{names:?}");
}

#[test]
fn what_is_changed_at_a_cut_changes_the_logits() {
    let device = Device::flex();
    for architecture in narrow_networks() {
        let network = network(&architecture, &device).valid();
        let x = pictures(1, &device);
        let logits = numbers(network.forward(x.clone()));
        for layer in network.layers() {
            let cut = network.cut(x.clone(), &layer.name).unwrap();
            let brighter = cut.activations.clone().mul_scalar(1.5).add_scalar(0.5);
            let after = numbers(network.resume(&cut, brighter));
            assert_ne!(after, logits, "{} cut at {}", architecture.arch, layer.name);
        }
    }
}

/// A sum hands its gradient to both paths unchanged.
#[test]
fn gradients_flow_through_either_path_of_a_sum() {
    let device = Device::flex();
    for architecture in &narrow_networks()[3..] {
        let network = network(architecture, &device).valid();
        let layers = network.layers();
        let frozen = network.clone().frozen();
        let gradient = |layer: &str| {
            let cut = network.cut(pictures(2, &device), layer).unwrap();
            let leaf = cut.activations.clone().autodiff().require_grad();
            let logits = frozen.resume(&cut, leaf.clone()); // [batch, 6]
            let gradients = logits.slice([0..2, 2..3]).sum().backward();
            numbers(leaf.grad(&gradients).unwrap())
        };
        let sums = layers.iter().filter_map(|layer| layer.name.strip_suffix(".sum"));
        for block in sums {
            let of_sum = gradient(&format!("{block}.sum"));
            assert!(of_sum.iter().any(|value| *value != 0.0), "{block} of {}", architecture.arch);
            for end in ["bn2", "shortcut.1"] {
                let end = format!("{block}.{end}");
                if layers.iter().any(|layer| layer.name == end) {
                    assert_eq!(gradient(&end), of_sum, "{end} of {}", architecture.arch);
                }
            }
        }
    }
}

#[test]
fn an_unknown_layer_is_answered_with_the_list() {
    let device = Device::flex();
    let network = network(&narrow_networks()[3], &device);
    let message = network.cut(pictures(1, &device), "res_block1.bn3").unwrap_err().to_string();
    assert!(message.contains("did you mean 'res_block1.bn2'?"), "{message}");
    assert!(message.contains("res_block2.shortcut.0"), "{message}");
}
