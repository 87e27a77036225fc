//! Two runs beside each other.

use super::State;
use crate::tui::action::Action;
use crate::tui::message::Effect;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {}

/// What came of it.
#[derive(Debug)]
pub enum Report {}

/// Two runs beside each other.
#[derive(Debug, Default)]
pub struct Compare {}

impl State {
    pub(super) fn act_in_compare(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Out | Action::Back => {
                self.back();
            }
            Action::Help => self.overlay = Some(super::Overlay::Help),
            _ => {}
        }
        Vec::new()
    }

    /// What a click at a column and a row of the terminal does; `None` where nothing stands there.
    pub(super) fn click_in_compare(&mut self, _at: (u16, u16)) -> Option<Vec<Effect>> {
        None
    }

    pub(super) fn take_compare(&mut self, report: Report) -> bool {
        match report {}
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_compare(&mut self) -> Option<Effect> {
        None
    }
}
