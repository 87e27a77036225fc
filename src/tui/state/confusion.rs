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

    /// What a click at a column and a row of the terminal does; `None` where nothing stands there.
    pub(super) fn click_in_confusion(&mut self, _at: (u16, u16)) -> Option<Vec<Effect>> {
        None
    }

    pub(super) fn take_confusion(&mut self, report: Report) -> bool {
        match report {}
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_confusion(&mut self) -> Option<Effect> {
        None
    }
}
