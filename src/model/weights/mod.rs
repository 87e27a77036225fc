//! Weight files: PyTorch's names and shapes, in safetensors or PyTorch's own format.

use super::architecture::Architecture;
use super::error::ModelError;
use super::network::Network;
use burn::tensor::Device;
use std::path::Path;

/// Writes a network's weights as safetensors.
pub fn save(_network: &Network, _architecture: &Architecture, _path: &Path) -> Result<(), ModelError> {
    todo!()
}

/// Reads a network from `.safetensors`, `.pth` or `.pt`.
pub fn load(
    _path: &Path,
    _architecture: Option<&Architecture>,
    _device: &Device,
) -> Result<(Network, Architecture), ModelError> {
    todo!()
}
