//! Panels as PNGs in a folder.

use crate::cli::Failure;
use crate::data::{self, Durability, Photo, shown};
use crate::evaluate::{chart_png, is_chart};
use crate::explain::{
    Activations, ColourMap, Explanation, Look, Request, Target, Versus, panels, side_by_side,
};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Width and height of a panel, in pixels.
const PANEL: usize = 256;
const GAP: usize = 8;
const PAPER: [u8; 3] = [255; 3];
/// A channel of a grid is between so many pixels wide: one for each of its cells, where that is between them.
const CHANNEL: (usize, usize) = (32, 64);

/// Writes pictures of mien's own over earlier ones of the same name, and never over anything else, nor over what this
/// command has written: then a number goes behind the name.
pub(super) struct Saved {
    folder: PathBuf,
    written: HashSet<PathBuf>,
    /// Names that were taken by files of someone else.
    foreign: usize,
}

impl Saved {
    /// The folder is made where it is not there.
    pub fn into_folder(folder: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(folder).map_err(|error| {
            Failure::refused(format!("{} cannot be a folder for pictures: {error}", shown(folder)))
        })?;
        Ok(Self { folder: folder.into(), written: HashSet::new(), foreign: 0 })
    }

    /// `<stem>-<method>.png`, the classes behind it where they were named.
    pub fn panels(
        &mut self,
        path: &Path,
        request: &Request,
        explanation: &Explanation,
        pixels: &[u8],
        look: Look,
    ) -> Result<(), Failure> {
        let mut name = format!("{}-{}", stem(path), request.method);
        if request.target != Target::Predicted {
            name += &format!("-{}", explanation.class);
        }
        if let (Versus::Class(_), Some(versus)) = (request.versus, explanation.versus) {
            name += &format!("-not-{versus}");
        }
        let sheet = panels(pixels, &explanation.map, look, PANEL)
            .and_then(|panels| side_by_side(&panels, panels.len(), GAP, PAPER));
        self.write(&name, sheet.as_ref())
    }

    /// `<stem>-<layer>-activations.png`: all channels in their order, as many rows as columns.
    pub fn activations(
        &mut self,
        path: &Path,
        activations: &Activations,
        colours: ColourMap,
    ) -> Result<(), Failure> {
        let channels: Vec<usize> = (0..activations.channels.len()).collect();
        let columns = (channels.len() as f64).sqrt().ceil() as usize;
        let width = activations.channels.first().map_or(0, |map| map.width());
        let grid = activations.grid(&channels, columns, width.clamp(CHANNEL.0, CHANNEL.1), colours);
        self.write(&format!("{}-{}-activations", stem(path), activations.layer), grid.as_ref())
    }

    /// A sentence on what was written.
    pub fn summary(&self) -> String {
        let count = self.written.len();
        let pictures = if count == 1 { "picture" } else { "pictures" };
        let mut text = format!("wrote {count} {pictures} into {}", shown(&self.folder));
        if self.foreign > 0 {
            text += &format!(
                "; {} got a number behind the name, as files that mien did not write are there",
                self.foreign
            );
        }
        text
    }

    fn write(&mut self, name: &str, picture: Option<&Photo>) -> Result<(), Failure> {
        let Some(picture) = picture else { return Ok(()) };
        let path = self.free(name);
        let png = chart_png(&picture.to_image().to_rgb8())?;
        data::replace(&path, Durability::Atomic, |file| file.write_all(&png))
            .map_err(|error| Failure::failed(format!("cannot write {}: {error}", shown(&path))))?;
        self.written.insert(path);
        Ok(())
    }

    fn free(&mut self, name: &str) -> PathBuf {
        let mut met_foreign = false;
        let mut number = 1;
        loop {
            let path = match number {
                1 => self.folder.join(format!("{name}.png")),
                _ => self.folder.join(format!("{name}-{number}.png")),
            };
            if !self.written.contains(&path) {
                // Also a link that leads nowhere is someone's.
                if path.symlink_metadata().is_err() || is_chart(&path) {
                    self.foreign += usize::from(met_foreign);
                    return path;
                }
                met_foreign = true;
            }
            number += 1;
        }
    }
}

fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    data::printable(&stem.to_string_lossy()).into_owned()
}
