use super::*;
use crate::model::{ModelError, Pooling, summary, zoo};
use burn::module::Module;

#[test]
fn every_network_has_the_published_number_of_trainable_parameters() {
    let published = [
        ("gimefive", 10_478_086),
        ("gimefive-no-dropout", 10_478_086),
        ("gimefive-no-bn", 10_474_118),
        ("gimefive-se", 10_478_598),
        ("baseline", 2_606_086),
        ("gimefive-6", 41_950_726),
        ("gimefive-res", 95_051_014),
        ("vgg", 72_460_742),
        ("resnet18", 11_179_590),
        ("resnet34", 21_287_750),
        ("facenet10", 10_231_238),
        ("plain", 10_478_086),
    ];
    assert_eq!(published.map(|(name, _)| name).to_vec(), zoo().iter().map(|p| p.name).collect::<Vec<_>>());
    for (name, parameters) in published {
        let architecture = Architecture { arch: name.into(), ..Default::default() };
        assert_eq!(summary(&architecture).unwrap().parameters, parameters, "{name}");
    }
}

#[test]
fn the_summary_counts_what_the_network_holds() {
    let device = Device::flex();
    for architecture in narrow_networks() {
        let network = network(&architecture, &device);
        let summary = summary(&architecture).unwrap();
        assert_eq!(summary.parameters, network.trainable_parameters(), "{architecture:?}");
        // Burn counts the running mean and variance too.
        let statistics: usize = network.norms.iter().map(|norm| 2 * norm.weight.dims()[0]).sum();
        assert_eq!(network.num_params(), network.trainable_parameters() + statistics);
    }
}

#[test]
fn multiply_adds_follow_from_the_shapes() {
    let summary = summary(&Architecture::default()).unwrap();
    let layer = |name: &str| summary.layers.iter().find(|layer| layer.name == name).unwrap().clone();
    assert_eq!(layer("conv1").macs, 64 * 64 * 64 * 27);
    assert_eq!(layer("conv5").macs, 4 * 4 * 1024 * 512 * 9);
    assert_eq!(layer("fc1").macs, 1024 * 2048);
    assert_eq!(layer("relu5").output, [1024, 4, 4]);
    assert_eq!(layer("block5").output, [1024, 2, 2]);
    assert_eq!(summary.macs, summary.layers.iter().map(|layer| layer.macs).sum::<usize>());
}

#[test]
fn a_shared_batch_norm_is_counted_once() {
    let summary = summary(&Architecture { arch: "vgg".into(), ..Default::default() }).unwrap();
    let norms: Vec<usize> = (1..=6)
        .map(|i| summary.layers.iter().find(|l| l.name == format!("bn{i}")).unwrap().parameters)
        .collect();
    assert_eq!(norms, [128, 0, 256, 0, 512, 0]);
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_one_and_the_list() {
    let architecture = Architecture { arch: "gimefvie".into(), ..Default::default() };
    let message = summary(&architecture).unwrap_err().to_string();
    assert!(message.contains("did you mean 'gimefive'?"), "{message}");
    assert!(message.contains("resnet34"), "{message}");
    let far = Architecture { arch: "\u{1b}[31mzzz".into(), ..Default::default() };
    let message = summary(&far).unwrap_err().to_string();
    assert!(!message.contains("did you mean") && !message.contains('\u{1b}'), "{message}");
}

#[test]
fn a_field_of_another_family_is_refused_with_the_fields_that_apply() {
    let architecture =
        Architecture { arch: "resnet18".into(), pooling: Some(Pooling::Avg), ..Default::default() };
    let message = summary(&architecture).unwrap_err().to_string();
    assert!(message.contains("pooling is not a field of 'resnet18'; width is its only one"), "{message}");
    let architecture = Architecture { arch: "vgg".into(), se: Some(true), ..Default::default() };
    let message = summary(&architecture).unwrap_err().to_string();
    assert!(message.contains("width, conv_dropout, fc_dropout are"), "{message}");
}

#[test]
fn impossible_numbers_are_refused_before_anything_is_built() {
    let of = |change: fn(&mut Architecture)| {
        let mut architecture = Architecture::default();
        change(&mut architecture);
        summary(&architecture).unwrap_err()
    };
    assert!(matches!(of(|a| a.depth = Some(7)), ModelError::Value { field: "depth", .. }));
    assert!(matches!(of(|a| a.depth = Some(0)), ModelError::Value { field: "depth", .. }));
    assert!(matches!(of(|a| a.width = Some(0)), ModelError::Value { field: "width", .. }));
    assert!(matches!(of(|a| a.fc_depth = Some(4)), ModelError::Value { field: "fc_depth", .. }));
    assert!(matches!(of(|a| a.fc_dropout = Some(1.0)), ModelError::Value { field: "fc_dropout", .. }));
    assert!(matches!(
        of(|a| a.conv_dropout = Some(ConvDropout::AllButLast(f64::NAN))),
        ModelError::Value { field: "conv_dropout", .. }
    ));
    assert!(matches!(of(|a| (a.width, a.depth) = (Some(1024), Some(6))), ModelError::TooLarge { .. }));
    let message = of(|a| a.conv_dropout = Some(ConvDropout::PerBlock(vec![0.1; 4]))).to_string();
    assert!(message.contains("a list of 5: one for each block"), "{message}");
}

#[test]
fn dropout_stands_where_the_preset_or_the_override_says() {
    let dropouts = |architecture: &Architecture| {
        let summary = summary(architecture).unwrap();
        let block = |l: &&crate::model::Layer| l.kind.starts_with("dropout") && l.name.starts_with("dropout");
        summary.layers.iter().filter(block).map(|l| format!("{} {}", l.name, l.kind)).collect::<Vec<_>>()
    };
    let of = |arch: &str| Architecture { arch: arch.into(), ..Default::default() };
    assert_eq!(dropouts(&of("gimefive")).len(), 4);
    assert_eq!(dropouts(&of("baseline")).len(), 4);
    assert_eq!(dropouts(&Architecture { depth: Some(3), ..of("baseline") }).len(), 3);
    assert!(dropouts(&of("gimefive-no-dropout")).is_empty());
    let list = ConvDropout::PerBlock(vec![0.0, 0.3, 0.0, 0.0, 0.1]);
    let architecture = Architecture { conv_dropout: Some(list), ..of("gimefive") };
    assert_eq!(dropouts(&architecture), ["dropout2 dropout 0.3", "dropout5 dropout 0.1"]);
}
