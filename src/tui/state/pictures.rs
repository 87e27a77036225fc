//! Pictures that screens show: asked for by key, decoded off the loop, kept while they may be shown again.

use super::State;
use crate::run::RunFolder;
use crate::tui::message::Effect;

/// A picture that a run scored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PictureKey {
    /// The run whose data it belongs to: relative paths are relative to its `data.root`.
    pub run: RunFolder,
    /// As the scores file has it, not made printable.
    pub path: String,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {}

/// What came of it.
#[derive(Debug)]
pub enum Report {}

/// The pictures that are there, and those that are wanted.
#[derive(Debug, Default)]
pub struct Pictures {
    wanted: Vec<PictureKey>,
}

impl Pictures {
    /// Says which pictures are to be seen now, the most important first; they are asked for where they are not there
    /// yet, and what was wanted before and is no longer is abandoned.
    pub fn want(&mut self, keys: Vec<PictureKey>) {
        self.wanted = keys;
    }
}

impl State {
    pub(super) fn take_pictures(&mut self, report: Report) -> bool {
        match report {}
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_pictures(&mut self) -> Option<Effect> {
        let _ = &self.pictures.wanted;
        None
    }
}
