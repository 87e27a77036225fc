//! What an atlas was made from.

use crate::data::Dataset;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Digests of the weights and of the pictures: where one of them differs, so may the atlas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// BLAKE3 of the file of the weights, in hex.
    weights: String,
    /// BLAKE3 of the data set's fingerprint and of which of its pictures are meant, in hex.
    pictures: String,
}

impl Origin {
    /// # Errors
    /// Weights that cannot be read.
    pub fn of(weights: &Path, dataset: &Dataset, indices: &[usize]) -> std::io::Result<Self> {
        let mut of_weights = blake3::Hasher::new();
        of_weights.update_reader(crate::data::open_regular(weights)?)?;
        let mut of_pictures = blake3::Hasher::new();
        of_pictures.update(dataset.fingerprint().as_bytes());
        for index in indices {
            of_pictures.update(&(*index as u64).to_le_bytes());
        }
        let hex = |hasher: blake3::Hasher| hasher.finalize().to_hex().to_string();
        Ok(Self { weights: hex(of_weights), pictures: hex(of_pictures) })
    }
}
