//! A state dict: named tensors in a file, read when they are asked for.

use super::{pytorch, safetensors};
use crate::model::error::{ModelError, visible};
use crate::model::network::{Network, transposed};
use crate::model::parameter::Parameter;
use burn::store::pytorch_reader;
use burn::tensor::Tensor;
use half::{bf16, f16};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// The tensors of a file by PyTorch's names, without the prefixes that wrappers add.
pub(super) struct StateDict {
    pub tensors: HashMap<String, StoredTensor>,
    pub metadata: HashMap<String, String>,
}

/// A tensor in a file; nothing of it is read until it is asked for.
pub(super) struct StoredTensor {
    pub shape: Vec<usize>,
    pub element: Element,
    pub bytes: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Element {
    F64,
    F32,
    F16,
    Bf16,
    I64,
    /// A type no weight has.
    Other,
}

pub(super) enum Bytes {
    File { file: Arc<File>, offset: u64, length: usize },
    PyTorch(pytorch_reader::Tensor),
}

impl StoredTensor {
    /// The values as f32, row-major. The reason otherwise follows the tensor's name in a sentence.
    pub fn floats(&self) -> Result<Vec<f32>, String> {
        let bytes = self.read()?;
        match self.element {
            Element::F64 => Ok(convert(&bytes, |b| f64::from_le_bytes(b) as f32)),
            Element::F32 => Ok(convert(&bytes, f32::from_le_bytes)),
            Element::F16 => Ok(convert(&bytes, |b| f16::from_le_bytes(b).to_f32())),
            Element::Bf16 => Ok(convert(&bytes, |b| bf16::from_le_bytes(b).to_f32())),
            Element::I64 | Element::Other => Err("is not of a floating-point type".into()),
        }
    }

    /// The value of a scalar that counts.
    pub fn count(&self) -> Result<u64, String> {
        if self.element != Element::I64 || self.shape.iter().product::<usize>() != 1 {
            return Err("is not a count".into());
        }
        let values = convert(&self.read()?, i64::from_le_bytes);
        values.first().and_then(|&value| u64::try_from(value).ok()).ok_or_else(|| "is not a count".into())
    }

    fn read(&self) -> Result<Vec<u8>, String> {
        match &self.bytes {
            Bytes::PyTorch(tensor) => {
                tensor.read().map_err(|error| format!("cannot be read: {}", visible(&error.to_string())))
            }
            Bytes::File { file, offset, length } => {
                let mut bytes = vec![0; *length];
                file.read_exact_at(&mut bytes, *offset)
                    .map_err(|error| format!("cannot be read: {error}"))?;
                Ok(bytes)
            }
        }
    }
}

fn convert<const N: usize, T>(bytes: &[u8], value: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|chunk| value(*chunk)).collect()
}

/// Opens a weights file of either kind; its first bytes say which.
pub(super) fn read(path: &Path) -> Result<StateDict, ModelError> {
    let unreadable = |source| ModelError::Read { path: path.into(), source };
    let not_weights = |reason: &str| ModelError::NotWeights { path: path.into(), reason: reason.into() };
    let mut file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(not_weights("it is a folder"));
    }
    let mut head = Vec::new();
    (&mut file).take(16).read_to_end(&mut head).map_err(unreadable)?;
    let StateDict { mut tensors, metadata } = match head.as_slice() {
        [] => return Err(not_weights("it is empty")),
        [_, _, _, _, _, _, _, _, b'{', ..] => safetensors::read(file, path)?,
        [b'P', b'K', ..] | [0x80, ..] => pytorch::read(path)?,
        _ => return Err(not_weights("it is neither safetensors nor a PyTorch file (.pth, .pt)")),
    };
    if tensors.is_empty() {
        return Err(not_weights("it holds no tensors"));
    }
    take_out_of_wrappers(&mut tensors);
    Ok(StateDict { tensors, metadata })
}

/// Takes the weights out of a checkpoint (`state_dict.conv1.weight` beside `optimizer...`), and prefixes that all
/// of them share off their names.
fn take_out_of_wrappers(tensors: &mut HashMap<String, StoredTensor>) {
    for wrapper in ["state_dict.", "model_state_dict.", "model."] {
        if tensors.keys().any(|key| key.starts_with(wrapper)) {
            tensors.retain(|key, _| key.starts_with(wrapper));
            strip(tensors, wrapper);
            break;
        }
    }
    // DataParallel's, torch.compile's and Lightning's, in any order.
    let prefixes = ["module.", "_orig_mod.", "model."];
    while let Some(prefix) =
        prefixes.iter().find(|prefix| tensors.keys().all(|key| key.starts_with(**prefix)))
    {
        if tensors.is_empty() {
            break;
        }
        strip(tensors, prefix);
    }
}

fn strip(tensors: &mut HashMap<String, StoredTensor>, prefix: &str) {
    *tensors = tensors.drain().map(|(key, tensor)| (key[prefix.len()..].to_owned(), tensor)).collect();
}

/// A tensor to be written; its values are fetched from the device when its turn comes.
pub(super) struct Entry<'a> {
    pub key: String,
    pub shape: Vec<usize>,
    pub content: Content<'a>,
}

pub(super) enum Content<'a> {
    Floats(Box<dyn Fn() -> Vec<f32> + 'a>),
    Count(u64),
}

impl<'a> Entry<'a> {
    fn floats(parameter: Parameter, values: impl Fn() -> Vec<f32> + 'a) -> Self {
        Self { key: parameter.key, shape: parameter.shape, content: Content::Floats(Box::new(values)) }
    }
}

/// Everything a PyTorch module of this network has in its `state_dict()`.
pub(super) fn entries(network: &Network) -> Vec<Entry<'_>> {
    let plan = network.plan();
    let mut entries = Vec::new();
    for (plan, layer) in plan.convolutions.iter().zip(&network.convolutions) {
        entries.push(Entry::floats(plan.weight(), || values(layer.weight.val())));
        if let (Some(parameter), Some(bias)) = (plan.bias(), &layer.bias) {
            entries.push(Entry::floats(parameter, || values(bias.val())));
        }
    }
    for (plan, layer) in plan.linears.iter().zip(&network.linears) {
        let weight = || transposed(&values(layer.weight.val()), plan.inputs, plan.outputs);
        entries.push(Entry::floats(plan.weight(), weight));
        if let (Some(parameter), Some(bias)) = (plan.bias(), &layer.bias) {
            entries.push(Entry::floats(parameter, || values(bias.val())));
        }
    }
    for (plan, layer) in plan.norms.iter().zip(&network.norms) {
        entries.push(Entry::floats(plan.weight(), || values(layer.weight.val())));
        entries.push(Entry::floats(plan.bias(), || values(layer.bias.val())));
        entries.push(Entry::floats(plan.running_mean(), || values(layer.running_mean.value_sync())));
        entries.push(Entry::floats(plan.running_var(), || values(layer.running_var.value_sync())));
        let content = Content::Count(layer.batches.get());
        entries.push(Entry { key: plan.count_key(), shape: Vec::new(), content });
    }
    entries
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    // The layers' numbers are f32 on every device.
    tensor.into_data().convert::<f32>().try_to_vec().unwrap_or_default()
}
