//! Which emotion is taken for which.

use super::State;
use crate::tui::action::Action;
use crate::tui::message::Effect;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {}

/// What came of it.
#[derive(Debug)]
pub enum Report {}

/// Which emotion is taken for which.
#[derive(Debug, Default)]
pub struct Confusion {}

impl State {
    pub(super) fn act_in_confusion(&mut self, action: Action) -> Vec<Effect> {
        self.act_on_run(action)
    }

    pub(super) fn take_confusion(&mut self, report: Report) -> bool {
        match report {}
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_confusion(&mut self) -> Option<Effect> {
        None
    }
}
