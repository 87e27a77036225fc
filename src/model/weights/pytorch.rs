//! PyTorch's own files (`torch.save`): a zip archive since 1.6, a row of pickles before.

use super::pickle::{self, Refusal};
use super::state::{Bytes, Element, StateDict, StoredTensor};
use crate::model::error::{ModelError, visible};
use burn::store::pytorch_reader::{DType, PytorchReader};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// A pickle of names and shapes; the numbers of a network lie beside it.
const LARGEST_PICKLE: u64 = 64 << 20;
/// Magic number, protocol, system, state dict, keys: the pickles of a file before PyTorch 1.6.
const LEGACY_PICKLES: usize = 5;

/// Lists the tensors of a file that asks for nothing but tensors. The pickles are scanned before anything else looks
/// at them, and no reader here runs what they name.
pub(super) fn read(path: &Path) -> Result<StateDict, ModelError> {
    let not_weights = |reason: String| ModelError::NotWeights { path: path.into(), reason };
    scan(path).map_err(|refusal| match refusal {
        Refusal::Runs(what) => ModelError::WantsToRunCode { path: path.into(), what: visible(&what) },
        Refusal::Broken(reason) => not_weights(reason),
    })?;
    let reader = PytorchReader::new(path)
        .map_err(|error| not_weights(format!("it is broken ({})", visible(&error.to_string()))))?;
    let tensors = reader
        .into_tensors()
        .into_iter()
        .map(|(key, tensor)| {
            let (shape, element) = (tensor.shape().to_vec(), element(tensor.dtype()));
            (key, StoredTensor { shape, element, bytes: Bytes::PyTorch(tensor) })
        })
        .collect();
    Ok(StateDict { tensors, metadata: HashMap::new() })
}

fn element(dtype: DType) -> Element {
    match dtype {
        DType::F64 => Element::F64,
        DType::F32 => Element::F32,
        DType::F16 => Element::F16,
        DType::BF16 => Element::Bf16,
        DType::I64 => Element::I64,
        _ => Element::Other,
    }
}

fn scan(path: &Path) -> Result<(), Refusal> {
    let broken = |error: std::io::Error| Refusal::Broken(format!("it cannot be read ({error})"));
    let mut file = BufReader::new(File::open(path).map_err(broken)?);
    let mut magic = [0; 2];
    file.read_exact(&mut magic).map_err(broken)?;
    if &magic == b"PK" {
        return scan_archive(path);
    }
    let mut head = magic.to_vec();
    file.take(LARGEST_PICKLE).read_to_end(&mut head).map_err(broken)?;
    let mut rest = head.as_slice();
    for index in 0..LEGACY_PICKLES {
        rest = pickle::scan(rest)?;
        // A lone pickle is a file too, though not one with tensors.
        if index == 0 && rest.is_empty() {
            break;
        }
    }
    Ok(())
}

fn scan_archive(path: &Path) -> Result<(), Refusal> {
    let broken = |error: zip::result::ZipError| {
        let reason = visible(&error.to_string());
        Refusal::Broken(format!("its archive is torn ({reason}); copy or download it again"))
    };
    let file = File::open(path).map_err(|error| Refusal::Broken(format!("it cannot be read ({error})")))?;
    let mut archive = zip::ZipArchive::new(file).map_err(broken)?;
    let mut pickles = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        let name = entry.name().map_err(broken)?;
        if name.ends_with("/constants.pkl") {
            let reason =
                "it is a TorchScript program; save its weights with torch.save(model.state_dict(), ...)";
            return Err(Refusal::Broken(reason.into()));
        }
        if !name.ends_with(".pkl") {
            continue;
        }
        let mut bytes = Vec::new();
        let read = entry.take(LARGEST_PICKLE + 1).read_to_end(&mut bytes);
        read.map_err(|error| Refusal::Broken(format!("its archive is torn ({error})")))?;
        if bytes.len() as u64 > LARGEST_PICKLE {
            return Err(Refusal::Broken("its table of tensors is too long to be that of a network".into()));
        }
        pickle::scan(&bytes)?;
        pickles += 1;
    }
    match pickles {
        0 => Err(Refusal::Broken("it is a zip archive without PyTorch's data.pkl".into())),
        _ => Ok(()),
    }
}
