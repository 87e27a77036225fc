//! Which emotion is taken for which.

use super::{Screen, State};
use crate::emotion::{CLASSES, Emotion};
use crate::evaluate::{ConfusionView, Evaluation};
use crate::run::{RunFolder, State as RunState};
use crate::tui::action::{Action, Tab};
use crate::tui::message::{Effect, Export, RunEntry};
use crate::tui::screens;
use std::cmp::Reverse;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Look(Request),
    /// What was asked for is no longer wanted.
    Nothing,
}

/// A confusion of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub run: RunFolder,
    /// The split that is wished for; the test split, or whichever there is, where none is.
    pub split: Option<String>,
    pub weights: Weights,
}

/// Which weights of a run said what is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weights {
    /// Those whose scores the run's folder holds.
    #[default]
    Best,
    /// Those of the last checkpoint.
    Last,
}

/// What came of it.
#[derive(Debug)]
pub enum Report {
    /// So many pictures are scored, of so many.
    Progress(Request, usize, usize),
    Found(Request, Result<Box<Found>, String>),
}

/// A confusion and what goes with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The splits there are.
    pub splits: Vec<String>,
    pub split: String,
    pub evaluation: Evaluation,
    /// Where it comes from, as words for the header.
    pub source: String,
    /// There is a scores file of these very scores.
    pub has_scores: bool,
    /// Something to be wary of.
    pub warning: Option<String>,
}

/// Which emotion is taken for which, and how that is looked at.
#[derive(Debug, Default)]
pub struct Confusion {
    pub view: ConfusionView,
    /// Row and column of the chosen cell.
    pub cell: (usize, usize),
    weights: Weights,
    split: Option<String>,
    /// The run that the screen was last about.
    run: Option<RunFolder>,
    asked: Option<(Request, Stamp)>,
    /// An answer is on its way.
    waits: bool,
    progress: Option<(usize, usize)>,
    answer: Option<(Request, Result<Box<Found>, String>)>,
}

/// When this changes, the run may have been evaluated anew.
pub(super) type Stamp = Option<(RunState, Option<u64>)>;

/// What there is to show.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    /// Nothing has come yet.
    Nothing,
    /// Pictures are being scored: so many are done, of so many.
    Scoring(usize, usize),
    Found(&'a Found),
    /// A sentence.
    Refused(&'a str),
}

impl Confusion {
    /// What is known of a run.
    pub fn shown(&self, run: &RunFolder) -> Shown<'_> {
        if let (true, Some((done, all))) = (self.waits, self.progress) {
            return Shown::Scoring(done, all);
        }
        match &self.answer {
            Some((request, Ok(found))) if request.run == *run => Shown::Found(found),
            Some((request, Err(sentence))) if request.run == *run => Shown::Refused(sentence),
            _ => Shown::Nothing,
        }
    }

    /// The weights of what is shown: those from before, until the answer about others has come.
    pub(super) fn shown_weights(&self) -> Weights {
        self.answer.as_ref().map_or(self.weights, |(request, _)| request.weights)
    }

    /// The chosen cell.
    pub fn chosen(&self) -> (Emotion, Emotion) {
        let class = |i: usize| Emotion::from_index(i).unwrap_or(Emotion::Happiness);
        (class(self.cell.0), class(self.cell.1))
    }

    fn step(&mut self, action: Action) -> bool {
        const LAST: usize = CLASSES - 1;
        let (row, column) = self.cell;
        self.cell = match action {
            Action::Up => (row.saturating_sub(1), column),
            Action::Down => ((row + 1).min(LAST), column),
            Action::Left => (row, column.saturating_sub(1)),
            Action::Right => (row, (column + 1).min(LAST)),
            Action::PageUp => (0, column),
            Action::PageDown => (LAST, column),
            Action::First => (0, 0),
            Action::Last => (LAST, LAST),
            _ => return false,
        };
        true
    }
}

impl State {
    pub(super) fn act_in_confusion(&mut self, action: Action) -> Vec<Effect> {
        if self.confusion.step(action) {
            return Vec::new();
        }
        match action {
            Action::NextView => self.confusion.view = self.confusion.view.next(),
            Action::NextSplit => self.next_confusion_split(),
            Action::NextCheckpoint => {
                self.confusion.weights = match self.confusion.weights {
                    Weights::Best => Weights::Last,
                    Weights::Last => Weights::Best,
                };
            }
            Action::Enter => self.open_cell(),
            Action::NextMatch => self.next_mistake(),
            Action::MeanMaps => self.toggle_atlas(),
            Action::MapsFor => self.next_atlas_target(),
            Action::Export => {
                let export = self.export_atlas().or_else(|| self.export_confusion());
                return export.into_iter().collect();
            }
            _ => return self.act_on_run(action),
        }
        Vec::new()
    }

    /// What a click at a column and a row of the terminal does; `None` where nothing stands there.
    pub(super) fn click_in_confusion(&mut self, at: (u16, u16)) -> Option<Vec<Effect>> {
        self.found_confusion()?;
        let cell = screens::confusion::cell_at(self.size, at)?;
        if self.confusion.cell == cell {
            self.open_cell();
        }
        self.confusion.cell = cell;
        Some(Vec::new())
    }

    pub(in crate::tui) fn found_confusion(&self) -> Option<&Found> {
        match self.confusion.shown(&self.current()?.folder) {
            Shown::Found(found) => Some(found),
            _ => None,
        }
    }

    fn next_confusion_split(&mut self) {
        let Some(found) = self.found_confusion() else { return };
        let here = found.splits.iter().position(|split| *split == found.split);
        let next = found.splits.get(here.map_or(0, |here| (here + 1) % found.splits.len())).cloned();
        if next.as_ref() == Some(&found.split) {
            let text = format!("{} is the only split that was evaluated", found.split);
            self.say(text, false);
        }
        self.confusion.split = next;
    }

    /// To the cell that most pictures are mistaken in; from a cell of mistakes to the one with the next fewer.
    fn next_mistake(&mut self) {
        let Some(found) = self.found_confusion() else { return };
        let confusion = self.shown_counts(found);
        let mut mistakes: Vec<(u64, (usize, usize))> = Emotion::ALL
            .into_iter()
            .flat_map(|truth| Emotion::ALL.map(|prediction| (truth, prediction)))
            .filter(|(truth, prediction)| truth != prediction)
            .map(|(truth, prediction)| {
                (confusion.get(truth, prediction), (truth.index(), prediction.index()))
            })
            .filter(|(count, _)| *count > 0)
            .collect();
        mistakes.sort_by_key(|(count, _)| Reverse(*count));
        let here = mistakes.iter().position(|(_, cell)| *cell == self.confusion.cell);
        match mistakes.get(here.map_or(0, |here| (here + 1) % mistakes.len())) {
            Some((_, cell)) => self.confusion.cell = *cell,
            None => {
                self.say("nothing is taken for anything else".into(), false);
            }
        }
    }

    /// To the pictures of the chosen cell.
    fn open_cell(&mut self) {
        let Some(found) = self.found_confusion() else { return };
        let split = found.split.clone();
        let (truth, prediction) = self.confusion.chosen();
        let count = found.evaluation.confusion.get(truth, prediction) as usize;
        let sentence = if self.confusion.shown_weights() == Weights::Last {
            "the table of scores is of the best weights: K goes back to them".into()
        } else if !found.has_scores {
            format!("there is no scores/{split}.csv: mien evaluate --split {split} writes it")
        } else if count == 0 {
            format!("no {truth} is taken for {prediction} in {split}")
        } else {
            self.show_scores_of(&split, (truth, prediction), count);
            return;
        };
        self.say(sentence, true);
    }

    fn export_confusion(&mut self) -> Option<Effect> {
        let run = self.current()?;
        let found = self.found_confusion()?;
        let view = self.confusion.view;
        let Found { split, evaluation, source, .. } = found;
        let mut stem = format!("confusion-{split}");
        if self.confusion.shown_weights() == Weights::Last {
            stem += "-last";
        }
        stem += match view {
            ConfusionView::Counts => "",
            ConfusionView::Rows => "-rows",
            ConfusionView::Columns => "-columns",
        };
        let accuracy =
            evaluation.accuracy.map_or(String::new(), |it| format!("accuracy {:.1} %, ", it * 100.0));
        let about = format!("{split}: {} pictures, {accuracy}{source}", evaluation.count);
        Some(Effect::Export(Export::Confusion {
            folder: run.folder.clone(),
            title: run.name.clone(),
            about,
            stem,
            confusion: Box::new(evaluation.confusion),
            view,
        }))
    }

    pub(super) fn take_confusion(&mut self, report: Report) -> bool {
        let asked = self.confusion.asked.as_ref().map(|(request, _)| request);
        match report {
            Report::Progress(request, done, all) if asked == Some(&request) => {
                let before = self.confusion.progress.replace((done, all));
                before != Some((done, all))
            }
            Report::Found(request, found) if asked == Some(&request) => {
                let confusion = &mut self.confusion;
                (confusion.waits, confusion.progress) = (false, None);
                let answer = Some((request, found));
                let is_new = confusion.answer != answer;
                confusion.answer = answer;
                is_new
            }
            // Of an order before.
            _ => false,
        }
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_confusion(&mut self) -> Option<Effect> {
        let visible = self.screen == Screen::Run && self.tab == Tab::Confusion;
        let Some(entry) = self.current().filter(|_| visible) else {
            let confusion = &mut self.confusion;
            (confusion.asked, confusion.progress) = (None, None);
            return std::mem::take(&mut confusion.waits).then_some(Effect::Confusion(Order::Nothing));
        };
        let (run, stamp) = (entry.folder.clone(), stamp(entry));
        let confusion = &mut self.confusion;
        if confusion.run.as_ref() != Some(&run) {
            // Nobody asked for the work that the last weights of another run are.
            (confusion.weights, confusion.run) = (Weights::Best, Some(run.clone()));
        }
        let request = Request { run, split: confusion.split.clone(), weights: confusion.weights };
        let stamp = stamp.filter(|_| confusion.weights == Weights::Best);
        if confusion.asked.as_ref().is_some_and(|(asked, seen)| *asked == request && *seen == stamp) {
            return None;
        }
        confusion.progress = None;
        // What took long to score is kept.
        let is_known =
            confusion.answer.as_ref().is_some_and(|(answered, found)| *answered == request && found.is_ok());
        confusion.asked = Some((request.clone(), stamp));
        if confusion.weights == Weights::Last && is_known {
            return std::mem::take(&mut confusion.waits).then_some(Effect::Confusion(Order::Nothing));
        }
        confusion.waits = true;
        Some(Effect::Confusion(Order::Look(request)))
    }
}

pub(super) fn stamp(entry: &RunEntry) -> Stamp {
    Some((entry.state, entry.test_accuracy.map(f64::to_bits)))
}

#[cfg(test)]
#[path = "confusion_tests.rs"]
pub(super) mod tests;
