//! Where the columns of a scores file stand, by the names in its first line, and what a row of it says.

use super::scores::truth_in_name;
use crate::emotion::{CLASSES, Emotion, names};
use std::path::Path;

/// A longer row, in bytes, is not one of a scores file: a quote that was never closed, or another kind of file.
pub(super) const LONGEST: usize = 64 << 10;

/// Where what stands in each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    filepath: usize,
    classes: [usize; CLASSES],
    label: Option<usize>,
    /// How many there are, those that mean nothing to us among them.
    count: usize,
}

/// What a row says, but for its path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cells {
    /// In the order of [`Emotion::ALL`], each 0..=1.
    pub scores: [f32; CLASSES],
    pub truth: Option<Emotion>,
}

impl Columns {
    /// Finds the columns by their names; the sentence says which one is missing.
    pub(super) fn find<'a>(header: impl Iterator<Item = &'a str> + Clone) -> Result<Self, String> {
        let column = |wanted: &str| {
            header.clone().position(|name| name.trim_start_matches('\u{feff}').trim() == wanted)
        };
        let needed = |wanted: &str| {
            column(wanted).ok_or_else(|| {
                let classes = Emotion::ALL.map(Emotion::name).join(",");
                format!("there is no column '{wanted}'; a scores file begins with filepath,{classes}")
            })
        };
        let filepath = needed("filepath")?;
        let mut classes = [0; CLASSES];
        for emotion in Emotion::ALL {
            classes[emotion.index()] = needed(emotion.name())?;
        }
        Ok(Self { filepath, classes, label: column("label"), count: header.clone().count() })
    }

    /// Reads a row of `count` fields. Where no label stands, the truth is taken from the picture's name.
    ///
    /// # Errors
    /// Says what is wrong: another number of fields than the header has, a score that is no number from 0 to 1, a label
    /// that is no class, bytes that are no text.
    pub(super) fn read<'a>(&self, count: usize, field: impl Fn(usize) -> &'a [u8]) -> Result<Cells, String> {
        if count != self.count {
            return Err(format!("it has {count} fields, the first line has {}", self.count));
        }
        let text =
            |column| std::str::from_utf8(field(column)).map_err(|_| "it is not text in UTF-8".to_string());
        let mut scores = [0.0; CLASSES];
        for (emotion, score) in Emotion::ALL.into_iter().zip(&mut scores) {
            let text = text(self.classes[emotion.index()])?.trim();
            *score = text
                .parse()
                .ok()
                .filter(|score| (0.0..=1.0).contains(score))
                .ok_or_else(|| format!("{emotion} is '{text}', not a number from 0 to 1"))?;
        }
        let path = text(self.filepath)?;
        let label = self.label.map(text).transpose()?.map_or("", str::trim);
        let truth = match label {
            "" => truth_in_name(Path::new(path)),
            label => Some(
                Emotion::parse(label).ok_or_else(|| format!("label is '{label}'; {} are known", names()))?,
            ),
        };
        Ok(Cells { scores, truth })
    }

    /// The path in a row that could be read.
    pub(super) fn path<'a>(&self, field: impl Fn(usize) -> &'a [u8]) -> &'a str {
        std::str::from_utf8(field(self.filepath)).unwrap_or_default()
    }
}
