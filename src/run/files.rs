//! Reading and replacing the files of a run's folder.

pub(super) use crate::data::{Durability, open_regular, read_at, read_small};

use super::RunError;
use crate::data;
use std::path::Path;

/// Replaces `path` by `content`: a reader sees the old file or the new one, never a part.
pub(super) fn replace(path: &Path, content: &[u8], durability: Durability) -> Result<(), RunError> {
    data::replace(path, durability, |file| file.write_all(content)).map_err(RunError::write(path))
}
