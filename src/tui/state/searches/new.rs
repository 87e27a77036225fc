//! A new search, begun from the dashboard.

use super::super::{Screen, State};
use crate::tui::action::Action;
use crate::tui::message::Effect;

impl State {
    /// Opens the form.
    pub(super) fn new_search(&mut self) -> Vec<Effect> {
        self.go(Screen::NewSearch);
        Vec::new()
    }

    pub(in crate::tui::state) fn act_in_new_search(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Out | Action::Back => {
                self.back();
            }
            Action::Help => self.overlay = Some(super::super::Overlay::Help),
            _ => {}
        }
        Vec::new()
    }
}
