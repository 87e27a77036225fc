//! The safetensors format: eight bytes of length, a JSON header, the tensors.

use super::state::{Bytes, Content, Element, Entry, StateDict, StoredTensor};
use crate::data::{self, Durability};
use crate::model::error::{ModelError, visible};
use safetensors::Dtype;
use safetensors::tensor::Metadata;
use serde_json::json;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// More than any network's header needs; a torn or foreign file asks for anything.
const LONGEST_HEADER: u64 = 16 << 20;

pub(super) fn read(file: File, path: &Path) -> Result<StateDict, ModelError> {
    let unreadable = |source| ModelError::Read { path: path.into(), source };
    let not_weights = |reason: String| ModelError::NotWeights { path: path.into(), reason };
    let size = file.metadata().map_err(unreadable)?.len();
    let mut length = [0; 8];
    file.read_exact_at(&mut length, 0).map_err(unreadable)?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST_HEADER.min(size.saturating_sub(8)) {
        return Err(not_weights("its header is cut off; copy or download it again".into()));
    }
    // Bounded above by 16 MiB.
    let mut header = vec![0; length as usize];
    file.read_exact_at(&mut header, 8).map_err(unreadable)?;
    let header: Metadata = serde_json::from_slice(&header)
        .map_err(|error| not_weights(format!("its header is broken ({})", visible(&error.to_string()))))?;
    let data_start = 8 + length;
    let data_length = data_length(&header)
        .map_err(|key| not_weights(format!("its header is broken (at {})", visible(&key))))?;
    let expected = data_start.saturating_add(data_length);
    if expected != size {
        let reason = match size < expected {
            true => format!("it is cut off: {size} bytes of {expected}; copy or download it again"),
            false => format!("it is {size} bytes long, but its header says {expected}"),
        };
        return Err(not_weights(reason));
    }
    let file = Arc::new(file);
    let tensors = header
        .tensors()
        .into_iter()
        .map(|(key, info)| {
            let (begin, end) = info.data_offsets;
            let bytes =
                Bytes::File { file: file.clone(), offset: data_start + begin as u64, length: end - begin };
            (key, StoredTensor { shape: info.shape.clone(), element: element(info.dtype), bytes })
        })
        .collect();
    Ok(StateDict { tensors, metadata: header.metadata().clone().unwrap_or_default() })
}

/// How many bytes the tensors take, where each begins at the end of another and is as long as its shape says; else
/// the name of one that does not.
fn data_length(header: &Metadata) -> Result<u64, String> {
    let mut tensors: Vec<_> = header.tensors().into_iter().collect();
    tensors.sort_by_key(|(_, info)| info.data_offsets);
    let mut end = 0;
    for (key, info) in tensors {
        let elements = info.shape.iter().try_fold(1usize, |product, n| product.checked_mul(*n));
        let bytes = elements.and_then(|n| n.checked_mul(info.dtype.bitsize())).map(|bits| bits / 8);
        if info.data_offsets.0 != end
            || bytes.and_then(|bytes| end.checked_add(bytes)) != Some(info.data_offsets.1)
        {
            return Err(key);
        }
        end = info.data_offsets.1;
    }
    Ok(end as u64)
}

fn element(dtype: Dtype) -> Element {
    match dtype {
        Dtype::F64 => Element::F64,
        Dtype::F32 => Element::F32,
        Dtype::F16 => Element::F16,
        Dtype::BF16 => Element::Bf16,
        Dtype::I64 => Element::I64,
        _ => Element::Other,
    }
}

/// Writes the tensors in the order given but counts first, so that each lies at a multiple of its size.
pub(super) fn write(path: &Path, entries: &[Entry], metadata: &[(&str, String)]) -> io::Result<()> {
    let is_count = |entry: &&Entry| matches!(entry.content, Content::Count(_));
    let ordered: Vec<&Entry> =
        entries.iter().filter(is_count).chain(entries.iter().filter(|entry| !is_count(entry))).collect();

    let mut header = serde_json::Map::new(); // sorted by key: the same tensors give the same bytes
    header.insert("__metadata__".into(), metadata.iter().cloned().collect::<serde_json::Value>());
    let mut end = 0;
    for entry in &ordered {
        let begin = end;
        let (dtype, size) = match entry.content {
            Content::Floats(_) => ("F32", 4),
            Content::Count(_) => ("I64", 8),
        };
        end += size * entry.shape.iter().product::<usize>();
        let info = json!({ "dtype": dtype, "shape": entry.shape, "data_offsets": [begin, end] });
        header.insert(entry.key.clone(), info);
    }
    let mut header = serde_json::Value::Object(header).to_string();
    while !header.len().is_multiple_of(8) {
        header.push(' ');
    }

    data::replace(path, Durability::Synced, |out| {
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(header.as_bytes())?;
        for entry in ordered {
            match &entry.content {
                Content::Count(count) => out.write_all(&(*count as i64).to_le_bytes())?,
                Content::Floats(values) => {
                    for value in values() {
                        out.write_all(&value.to_le_bytes())?;
                    }
                }
            }
        }
        Ok(())
    })
}
