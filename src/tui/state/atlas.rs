//! Mean heat maps in place of the confusion's numbers.

use super::confusion::{Found, Stamp, Weights, stamp};
use super::pictures::{Pictures, Seen};
use super::{Screen, State};
use crate::data::{Photo, Split};
use crate::emotion::{CLASSES, Emotion};
use crate::evaluate::Confusion;
use crate::explain::{Atlas, Target};
use crate::run::RunFolder;
use crate::tui::action::Tab;
use crate::tui::message::{Effect, Export};
use std::sync::Arc;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Make(Request),
    /// What was asked for is no longer wanted.
    Nothing,
}

/// An atlas of a run's best weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub run: RunFolder,
    pub split: Split,
    pub target: Target,
}

/// What came of it.
#[derive(Debug)]
pub enum Report {
    /// So many pictures are explained, of so many.
    Progress(Request, usize, usize),
    Made(Request, Result<Box<Made>, String>),
}

/// An atlas and its pictures.
#[derive(Debug)]
pub struct Made {
    pub atlas: Atlas,
    /// Of the cells, rows first; none of a cell without pictures.
    pub faces: Vec<Option<[MadeFace; 2]>>,
    /// Something to be wary of.
    pub warning: Option<String>,
}

/// A mean face with heat, and the same as a PNG.
pub type MadeFace = (Photo, Vec<u8>);

/// An atlas that is shown.
#[derive(Debug)]
pub struct Kept {
    pub atlas: Atlas,
    faces: Vec<Option<Faces>>,
    pub warning: Option<String>,
}

/// A cell's mean face with heat.
#[derive(Debug)]
pub struct Faces {
    /// For the cell.
    pub small: Arc<Seen>,
    /// For what is told about the chosen cell.
    pub large: Arc<Seen>,
}

impl Kept {
    fn new(made: Made, pictures: &mut Pictures) -> Self {
        let mut seen = |(photo, png): MadeFace| pictures.made(photo, png);
        let mut faces = |[small, large]: [MadeFace; 2]| Faces { small: seen(small), large: seen(large) };
        let faces = made.faces.into_iter().map(|both| both.map(&mut faces)).collect();
        Self { atlas: made.atlas, faces, warning: made.warning }
    }

    pub fn faces(&self, truth: Emotion, prediction: Emotion) -> Option<&Faces> {
        self.faces.get(truth.index() * CLASSES + prediction.index())?.as_ref()
    }
}

/// Whether an atlas is shown, and which.
#[derive(Debug, Default)]
pub struct AtlasView {
    pub is_open: bool,
    target: Target,
    asked: Option<(Request, Stamp)>,
    /// An answer is on its way.
    waits: bool,
    progress: (usize, usize),
    answer: Option<(Request, Result<Kept, String>)>,
}

/// What there is to show.
#[derive(Clone, Copy, Debug)]
pub enum AtlasShown<'a> {
    /// The confusion's own numbers.
    Closed,
    /// So many pictures are explained, of so many; of 0 while that is not known.
    Making(usize, usize),
    Made(&'a Kept),
    /// A sentence.
    Refused(&'a str),
}

impl AtlasView {
    /// What maps can be asked for instead of those for the class that they are for.
    pub fn other_target(&self) -> &'static str {
        if self.target == Target::Predicted { "true class" } else { "predicted" }
    }

    /// `false` where it was closed.
    pub(super) fn close(&mut self) -> bool {
        std::mem::take(&mut self.is_open)
    }
}

const OF_BEST: &str = "mean maps are of the best weights: K goes back to them";
const OF_SPLITS: &str = "mean maps are of test, valid and train: s takes another split";

impl State {
    /// What the confusion `found`, which is shown, has in its cells.
    pub fn atlas_of(&self, found: &Found) -> AtlasShown<'_> {
        if !self.atlas.is_open {
            return AtlasShown::Closed;
        }
        let request = match self.atlas_request(found) {
            Ok(request) => request,
            Err(sentence) => return AtlasShown::Refused(sentence),
        };
        match &self.atlas.answer {
            Some((answered, Ok(kept))) if Some(answered) == request.as_ref() => AtlasShown::Made(kept),
            Some((answered, Err(sentence))) if Some(answered) == request.as_ref() => {
                AtlasShown::Refused(sentence)
            }
            _ => AtlasShown::Making(self.atlas.progress.0, self.atlas.progress.1),
        }
    }

    /// The counts that stand in the cells: those of the same passes as the maps, where maps are shown.
    pub fn shown_counts(&self, found: &Found) -> Confusion {
        match self.atlas_of(found) {
            AtlasShown::Made(kept) => kept.atlas.confusion(),
            _ => found.evaluation.confusion,
        }
    }

    fn atlas_request(&self, found: &Found) -> Result<Option<Request>, &'static str> {
        if self.confusion.shown_weights() == Weights::Last {
            return Err(OF_BEST);
        }
        let split = Split::parse(&found.split).ok_or(OF_SPLITS)?;
        let run = self.current().map(|entry| entry.folder.clone());
        Ok(run.map(|run| Request { run, split, target: self.atlas.target }))
    }

    pub(super) fn toggle_atlas(&mut self) {
        self.atlas.is_open = !self.atlas.is_open;
    }

    /// Maps for the true class: where the network should have looked; or for the predicted one again.
    pub(super) fn next_atlas_target(&mut self) {
        if !self.atlas.is_open {
            self.say("that is for mean maps: m shows them".into(), false);
            return;
        }
        self.atlas.target = match self.atlas.target {
            Target::Predicted => Target::Truth,
            _ => Target::Predicted,
        };
    }

    /// The atlas as a picture, where one is shown.
    pub(super) fn export_atlas(&self) -> Option<Effect> {
        let (found, run) = (self.found_confusion()?, self.current()?);
        let AtlasShown::Made(Kept { atlas, .. }) = self.atlas_of(found) else { return None };
        Some(Effect::Export(Export::Atlas {
            folder: run.folder.clone(),
            title: run.name.clone(),
            atlas: Box::new(atlas.clone()),
        }))
    }

    pub(super) fn take_atlas(&mut self, report: Report) -> bool {
        let atlas = &mut self.atlas;
        let asked = atlas.asked.as_ref().map(|(request, _)| request);
        match report {
            Report::Progress(request, done, all) if asked == Some(&request) => {
                std::mem::replace(&mut atlas.progress, (done, all)) != (done, all)
            }
            Report::Made(request, made) if asked == Some(&request) => {
                (atlas.waits, atlas.progress) = (false, (0, 0));
                let before = atlas.answer.as_ref().filter(|(answered, _)| *answered == request);
                let is_new = match (before, &made) {
                    // Nothing has to be sent again for maps that are the same.
                    (Some((_, Ok(kept))), Ok(made)) => {
                        (&kept.atlas, &kept.warning) != (&made.atlas, &made.warning)
                    }
                    (Some((_, Err(before))), Err(now)) => before != now,
                    _ => true,
                };
                if is_new {
                    let kept = made.map(|made| Kept::new(*made, &mut self.pictures));
                    self.atlas.answer = Some((request, kept));
                }
                is_new
            }
            // Of an order before.
            _ => false,
        }
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_atlas(&mut self) -> Option<Effect> {
        let visible = self.screen == Screen::Run && self.tab == Tab::Confusion && self.atlas.is_open;
        let found = if visible { self.found_confusion() } else { None };
        let request = found.and_then(|found| self.atlas_request(found).ok().flatten());
        let stamp = self.current().and_then(stamp);
        let atlas = &mut self.atlas;
        let Some(request) = request else {
            (atlas.asked, atlas.progress) = (None, (0, 0));
            return std::mem::take(&mut atlas.waits).then_some(Effect::Atlas(Order::Nothing));
        };
        if atlas.asked.as_ref().is_some_and(|(asked, seen)| *asked == request && *seen == stamp) {
            return None;
        }
        atlas.asked = Some((request.clone(), stamp));
        (atlas.waits, atlas.progress) = (true, (0, 0));
        Some(Effect::Atlas(Order::Make(request)))
    }
}

#[cfg(test)]
#[path = "atlas_tests.rs"]
mod tests;
