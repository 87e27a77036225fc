//! Weight files: PyTorch's names and shapes, in safetensors or in PyTorch's own format.

mod origin;
mod pickle;
mod pytorch;
mod safetensors;
mod state;

use super::architecture::Architecture;
use super::error::{ModelError, visible};
use super::layers::BatchCount;
use super::network::Network;
use super::plan::{NormPlan, Plan};
use super::{input, zoo};
use crate::emotion::Emotion;
use burn::tensor::Device;
use state::StoredTensor;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// What stands in a file's metadata beside the tensors.
const ARCHITECTURE: &str = "architecture";
const CLASSES: &str = "classes";
const NORMALISATION: &str = "normalisation";

/// Writes a network as safetensors under PyTorch's names, with the architecture, the classes and the normalisation
/// as JSON in the metadata. The file is complete or not there: it is written beside its place and moved. The same
/// weights give the same bytes.
///
/// # Errors
/// Where the file cannot be written.
pub fn save(network: &Network, architecture: &Architecture, path: &Path) -> Result<(), ModelError> {
    let json = |value: serde_json::Value| value.to_string();
    let metadata = [
        ("format", "pt".to_owned()),
        // Names, numbers and lists: serialisation has nothing to fail on.
        (ARCHITECTURE, serde_json::to_string(architecture).unwrap_or_default()),
        (CLASSES, json(class_names().into())),
        (NORMALISATION, json(normalisation())),
    ];
    safetensors::write(path, &state::entries(network), &metadata)
        .map_err(|source| ModelError::Write { path: path.into(), source })
}

/// Of the layers and all weights and running statistics: equal for networks that compute the same, wherever they came from.
pub fn digest(network: &Network) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    // Of what has no weights, as pooling, the plan alone knows.
    hasher.update(format!("{:?}", network.plan()).as_bytes());
    let mut bytes = Vec::new();
    for entry in state::entries(network) {
        if let state::Content::Floats(values) = entry.content {
            bytes.clear();
            bytes.extend(values().into_iter().flat_map(f32::to_le_bytes));
            hasher.update(&bytes);
        }
    }
    hasher.finalize()
}

/// Reads a network from `.safetensors`, `.pth` or `.pt`; the content tells which. Without `architecture` it follows
/// from the metadata that [`save`] writes, else from the tensors' names and shapes (which know nothing of pooling
/// and dropout: a plain network is then taken to have max pooling).
///
/// Accepted: f16, bf16 and f64 tensors (they become f32), the prefix `module.` of a parallel model, and a
/// checkpoint that holds the weights as `state_dict`, `model_state_dict` or `model`.
///
/// # Errors
/// Where the file cannot be read, is torn or of another kind, wants to run code, or does not fit: the sentence
/// names the tensors.
pub fn load(
    path: &Path,
    architecture: Option<&Architecture>,
    device: &Device,
) -> Result<(Network, Architecture), ModelError> {
    let state = state::read(path)?;
    let (architecture, plan) = match architecture {
        Some(architecture) => (architecture.clone(), zoo::plan(architecture)?),
        None => {
            let unknown = |reason| ModelError::UnknownOrigin { path: path.into(), reason };
            let found = origin::architecture(&state).map_err(unknown)?;
            let plan = zoo::plan(&found).map_err(|error| unknown(error.to_string()))?;
            (found, plan)
        }
    };
    let do_not_fit =
        |reason| ModelError::DoNotFit { path: path.into(), arch: architecture.arch.clone(), reason };
    same_meaning(&state.metadata).map_err(do_not_fit)?;
    fits(&plan, &state.tensors).map_err(do_not_fit)?;

    let mut failure = None;
    let mut network = Network::build(plan, device, &mut |parameter| {
        // `fits` has seen every tensor with its shape; what can fail yet is reading the file.
        let values = state.tensors.get(&parameter.key).ok_or_else(|| "is missing".to_owned());
        values.and_then(StoredTensor::floats).unwrap_or_else(|reason| {
            failure.get_or_insert(format!("{} {reason}", visible(&parameter.key)));
            vec![0.0; parameter.count()]
        })
    });
    if let Some(reason) = failure {
        return Err(ModelError::NotWeights { path: path.into(), reason });
    }
    let keys: Vec<String> = network.plan().norms.iter().map(NormPlan::count_key).collect();
    for (norm, key) in network.norms.iter_mut().zip(keys) {
        let count = state.tensors.get(&key).and_then(|stored| stored.count().ok());
        norm.batches = BatchCount::new(count.unwrap_or(0));
    }
    Ok((network, architecture))
}

/// Refuses weights whose outputs or inputs mean something else than ours.
fn same_meaning(metadata: &HashMap<String, String>) -> Result<(), String> {
    let parse =
        |key: &str| metadata.get(key).and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    if let Some(classes) = parse(CLASSES)
        && classes != serde_json::Value::from(class_names())
    {
        let ours = class_names().join(", ");
        return Err(format!("its classes are {}, mien's are {ours}", visible(&classes.to_string())));
    }
    if let Some(theirs) = parse(NORMALISATION)
        && theirs != normalisation()
    {
        let theirs = visible(&theirs.to_string());
        return Err(format!("it was trained on pictures normalised otherwise: {theirs}"));
    }
    Ok(())
}

fn class_names() -> Vec<&'static str> {
    Emotion::ALL.map(Emotion::name).to_vec()
}

fn normalisation() -> serde_json::Value {
    // Through text, so that 0.485 is written as people know it and not as the f64 nearest to the f32.
    let list = |values: [f32; 3]| -> Vec<f64> {
        values.iter().map(|value| value.to_string().parse().unwrap_or(f64::from(*value))).collect()
    };
    serde_json::json!({ "mean": list(input::NORMALISATION_MEAN), "std": list(input::NORMALISATION_STD) })
}

/// Whether the tensors are exactly those of the plan; a missing `num_batches_tracked` is forgiven.
fn fits(plan: &Plan, tensors: &HashMap<String, StoredTensor>) -> Result<(), String> {
    let parameters = plan.all_parameters();
    let counts: HashSet<String> = plan.norms.iter().map(NormPlan::count_key).collect();
    let wanted: HashSet<&str> = parameters.iter().map(|parameter| parameter.key.as_str()).collect();

    let missing: Vec<&str> = parameters
        .iter()
        .map(|parameter| parameter.key.as_str())
        .filter(|key| !tensors.contains_key(*key))
        .collect();
    let mut extra: Vec<&str> = tensors
        .keys()
        .map(String::as_str)
        .filter(|key| !wanted.contains(key) && !counts.contains(*key))
        .collect();
    extra.sort_unstable();
    let misshapen: Vec<String> = parameters
        .iter()
        .filter_map(|parameter| {
            let stored = tensors.get(&parameter.key)?;
            (stored.shape != parameter.shape)
                .then(|| format!("{} is {:?}, not {:?}", parameter.key, stored.shape, parameter.shape))
        })
        .collect();

    let mut complaints = Vec::new();
    if !missing.is_empty() {
        complaints.push(format!("{} tensors are missing ({})", missing.len(), first_few(&missing)));
    }
    if !extra.is_empty() {
        complaints.push(format!("{} are not known ({})", extra.len(), first_few(&extra)));
    }
    if !misshapen.is_empty() {
        let few: Vec<&str> = misshapen.iter().map(String::as_str).collect();
        complaints.push(format!("{} have another shape ({})", misshapen.len(), first_few(&few)));
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("; ")) }
}

/// `a, b, c and 5 more`
fn first_few(names: &[&str]) -> String {
    const FEW: usize = 4;
    let shown: Vec<String> = names.iter().take(FEW).map(|name| visible(name)).collect();
    match names.len().saturating_sub(FEW) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
