//! Pictures: manifests and importers, decoding into one packed file, splits, augmentation, drawn faces.

mod augmentation;

pub use augmentation::{Augmentation, Brightness, Crop, Erase, Rotate, Scale};
