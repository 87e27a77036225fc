//! The machine: GPUs, CPU, memory, disk, processes.

use super::State;
use crate::tui::action::Action;
use crate::tui::message::Effect;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {}

/// What came of it.
#[derive(Debug)]
pub enum Report {}

/// The machine: GPUs, CPU, memory, disk, processes.
#[derive(Debug, Default)]
pub struct System {}

impl State {
    pub(super) fn act_in_system(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Out | Action::Back => {
                self.back();
            }
            Action::Help => self.overlay = Some(super::Overlay::Help),
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn take_system(&mut self, report: Report) -> bool {
        match report {}
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_system(&mut self) -> Option<Effect> {
        None
    }
}
