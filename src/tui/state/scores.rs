//! The table of scores: one row a picture.

use super::State;
use crate::emotion::Emotion;
use crate::tui::action::{Action, Tab};
use crate::tui::message::Effect;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {}

/// What came of it.
#[derive(Debug)]
pub enum Report {}

/// The table of scores: one row a picture.
#[derive(Debug, Default)]
pub struct Scores {}

impl Scores {
    /// Closes what is open over the table; `false` where nothing is.
    pub fn close(&mut self) -> bool {
        false
    }
}

impl State {
    pub(super) fn act_in_scores(&mut self, action: Action) -> Vec<Effect> {
        self.act_on_run(action)
    }

    /// Opens the table of a split with the pictures of one cell of the confusion: those of this truth that were taken for
    /// this, the most confident first.
    pub(super) fn show_scores_of(&mut self, _split: &str, _truth: Emotion, _prediction: Emotion) {
        self.tab = Tab::Scores;
    }

    /// What a click at a column and a row of the terminal does; `None` where nothing stands there.
    pub(super) fn click_in_scores(&mut self, _at: (u16, u16)) -> Option<Vec<Effect>> {
        None
    }

    pub(super) fn take_scores(&mut self, report: Report) -> bool {
        match report {}
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_scores(&mut self) -> Option<Effect> {
        None
    }
}
