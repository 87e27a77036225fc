/// A device that was asked for by name and cannot be used; one sentence, and what is missing.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("{device} cannot be used: {reason}")]
    Unusable { device: String, reason: String },
}
