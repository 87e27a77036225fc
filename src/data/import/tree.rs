use crate::data::{DataError, Skipped, Split};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// All pictures below a folder, in the order of their names.
pub(super) struct Tree {
    pub pictures: Vec<Picture>,
    /// What looks like a picture but cannot be one of ours, or could not be looked at.
    pub skipped: Vec<Skipped>,
}

/// A picture's file, by its name.
#[derive(Debug)]
pub(super) struct Picture {
    /// Relative to the tree's root.
    pub path: PathBuf,
    /// What the folders on the way to it say.
    pub split: Option<Split>,
}

/// File endings of pictures in formats that are not decoded.
const OTHER_FORMATS: [&str; 8] = ["bmp", "gif", "webp", "tif", "tiff", "pgm", "ppm", "avif"];

impl Tree {
    /// Looks at every file below `root`, through links, but for hidden ones and for what is in `except`.
    pub fn walk(root: &Path, except: Option<&Path>) -> Result<Self, DataError> {
        let mut tree = Self { pictures: Vec::new(), skipped: Vec::new() };
        let except = except.filter(|except| *except != root);
        let walk = WalkDir::new(root).follow_links(true).min_depth(1).sort_by_file_name().into_iter();
        for file in walk.filter_entry(|file| {
            !file.file_name().as_encoded_bytes().starts_with(b".") && Some(file.path()) != except
        }) {
            match file {
                Ok(file) if file.file_type().is_file() => tree.add(root, file.path()),
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_path_buf();
                    let reason = match error.io_error() {
                        Some(error) => format!("cannot be looked at: {error}"),
                        None => "a link that leads back to a folder above it".into(),
                    };
                    tree.skipped.push(Skipped { path, reason });
                }
            }
        }
        Ok(tree)
    }

    fn add(&mut self, root: &Path, file: &Path) {
        let ending = file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let Ok(path) = file.strip_prefix(root) else { return };
        match ending.as_str() {
            "jpg" | "jpeg" | "png" => {
                let split = split(path);
                self.pictures.push(Picture { path: path.into(), split });
            }
            other if OTHER_FORMATS.contains(&other) => {
                self.skipped
                    .push(Skipped { path: file.into(), reason: format!("'{other}' is neither JPG nor PNG") });
            }
            _ => {}
        }
    }
}

/// The first folder on the way that names a split decides.
fn split(path: &Path) -> Option<Split> {
    let folders = path.parent()?.components();
    folders.filter_map(|folder| Split::parse(&folder.as_os_str().to_string_lossy())).next()
}
