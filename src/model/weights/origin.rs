//! Which network a state dict belongs to.

use super::ARCHITECTURE;
use super::state::StateDict;
use crate::model::architecture::Architecture;
use crate::model::error::visible;
use crate::model::zoo;

/// From the metadata that mien writes, else from names and shapes.
pub(super) fn architecture(state: &StateDict) -> Result<Architecture, String> {
    if let Some(text) = state.metadata.get(ARCHITECTURE) {
        return serde_json::from_str(text)
            .map_err(|error| format!("its metadata is not understood: {}", visible(&error.to_string())));
    }
    from_tensors(state)
}

fn from_tensors(state: &StateDict) -> Result<Architecture, String> {
    let shape = |key: &str| state.tensors.get(key).map(|tensor| tensor.shape.as_slice());
    let has = |key: &str| state.tensors.contains_key(key);
    // How many of `prefix1.weight`, `prefix2.weight`, ... there are.
    let count = |name: &dyn Fn(usize) -> String| (1..).take_while(|i| has(&name(*i))).count();

    let Some(&[channels, inputs, _, _]) = shape("conv1.weight") else {
        let mut keys: Vec<&str> = state.tensors.keys().map(String::as_str).collect();
        keys.sort_unstable();
        return Err(format!("it has no conv1.weight; its tensors are {}", super::first_few(&keys)));
    };
    let of = |arch: &str| Architecture {
        arch: arch.into(),
        width: (channels != zoo::WIDTH).then_some(channels),
        ..Architecture::default()
    };
    let differs = |value: usize, usual: usize| (value != usual).then_some(value);
    let fc_depth = count(&|i| format!("fc{i}.weight"));

    if has("classifier.0.weight") {
        return Ok(of("vgg"));
    }
    if has("layer1.0.conv1.weight") {
        let blocks = [1, 2, 3, 4].map(|stage| {
            (0..).take_while(|block| has(&format!("layer{stage}.{block}.conv1.weight"))).count()
        });
        return match (blocks, inputs) {
            ([2, 2, 2, 2], 1) => Ok(of("facenet10")),
            ([2, 2, 2, 2], _) => Ok(of("resnet18")),
            ([3, 4, 6, 3], _) => Ok(of("resnet34")),
            _ => Err(format!("a ResNet of {blocks:?} blocks is none of mien's")),
        };
    }
    if has("res_block1.conv1.weight") {
        let depth = count(&|i| format!("res_block{i}.conv1.weight"));
        let (depth, fc_depth) = (differs(depth, 5), differs(fc_depth, 3));
        return Ok(Architecture { depth, fc_depth, ..of("gimefive-res") });
    }
    if fc_depth == 0 {
        return Err("it has conv1.weight but no fc1.weight".into());
    }
    let depth = count(&|i| format!("conv{i}.weight"));
    let (batch_norm, se) = (has("bn1.weight"), has("se1.fc.0.weight"));
    let name = match (depth, batch_norm, se) {
        _ if channels != zoo::WIDTH || fc_depth != 3 => "plain",
        (5, true, false) => "gimefive",
        (5, false, false) => "gimefive-no-bn",
        (5, true, true) => "gimefive-se",
        (4, true, false) => "baseline",
        (6, true, false) => "gimefive-6",
        _ => "plain",
    };
    if name != "plain" {
        return Ok(of(name));
    }
    Ok(Architecture {
        depth: Some(depth),
        width: Some(channels),
        fc_depth: Some(fc_depth),
        batch_norm: Some(batch_norm),
        se: Some(se),
        ..of("plain")
    })
}
