//! Pictures: manifests and importers, decoding into one packed file, splits, augmentation, drawn faces.

mod augment;
mod augmentation;
mod dataset;
mod decode;
mod draws;
/// Faces that are drawn: a data set that needs no data.
pub mod drawn;
mod error;
mod files;
mod import;
mod manifest;
mod nearest;
mod pack;
mod packed;
mod partition;
mod photo;
mod printable;
mod resize;
mod shown;
mod split;

pub use augment::augment;
pub use augmentation::{Augmentation, Brightness, Crop, Erase, Rotate, Scale};
pub use dataset::{Dataset, Skipped};
pub use decode::{Stamp, read_picture};
pub use draws::Draws;
pub use error::DataError;
pub(crate) use files::{
    Durability, new_file_in, open_regular, read_at, read_small, read_small_text, read_text, replace,
};
pub use import::{Imported, import};
pub use manifest::{Entry, entries};
pub(crate) use nearest::nearest;
pub use packed::Packed;
pub use partition::{Partition, epoch_order};
pub use photo::Photo;
pub use printable::printable;
pub(crate) use shown::shown;
pub use split::Split;

/// Height and width of every picture, in pixels.
pub const SIDE: usize = 64;

/// Grey levels of a picture.
pub const PIXELS: usize = SIDE * SIDE;
