//! The mouse: nothing needs it, everything takes it.

use super::{Overlay, Screen, Sort, State};
use crate::tui::action::{Action, Tab};
use crate::tui::message::Effect;
use crate::tui::screens::{self, runs::Hit};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

/// Rows that one notch of the wheel moves by.
const NOTCH: usize = 3;

impl State {
    /// What the mouse does; `None` where it does nothing.
    pub(super) fn mouse(&mut self, event: MouseEvent) -> Option<Vec<Effect>> {
        if screens::is_too_small(self.size) {
            return None;
        }
        match event.kind {
            MouseEventKind::ScrollUp => Some(self.turn(Action::Up)),
            MouseEventKind::ScrollDown => Some(self.turn(Action::Down)),
            // The help hides the rest and has nothing to click at: a click closes it.
            MouseEventKind::Down(MouseButton::Left) if matches!(self.overlay, Some(Overlay::Help)) => {
                Some(self.act(Action::Out))
            }
            MouseEventKind::Down(MouseButton::Left) if self.overlay.is_none() => {
                let had_notice = self.notice.take().is_some();
                let asked = self.click((event.column, event.row));
                // Where nothing stands, the notice goes all the same.
                asked.or_else(|| had_notice.then(Vec::new))
            }
            _ => None,
        }
    }

    fn turn(&mut self, action: Action) -> Vec<Effect> {
        (0..NOTCH).flat_map(|_| self.act(action)).collect()
    }

    /// Each screen knows what stands where. What is clicked is chosen; what was chosen already is entered.
    fn click(&mut self, at: (u16, u16)) -> Option<Vec<Effect>> {
        match (self.screen, self.tab) {
            (Screen::Runs, _) => self.click_in_runs(at),
            (Screen::Run, tab) => match screens::run::tab_at(self.size, at) {
                Some(clicked) => Some(self.act(Action::Tab(clicked))),
                None => match tab {
                    Tab::Charts => self.click_in_charts(at),
                    Tab::Scores => self.click_in_scores(at),
                    Tab::Confusion => self.click_in_confusion(at),
                    Tab::Explain | Tab::Config | Tab::Log => None,
                },
            },
            (Screen::Compare, _) => self.click_in_compare(at),
            (Screen::System, _) => self.click_in_system(at),
            (Screen::Searches, _) => self.click_in_searches(at),
            (Screen::Search, _) => self.click_in_search(at),
            (Screen::NewSearch, _) => None,
            (Screen::Launch, _) => self.click_in_launch(at),
        }
    }

    fn click_in_runs(&mut self, at: (u16, u16)) -> Option<Vec<Effect>> {
        match screens::runs::at(self.size, &self.list, at)? {
            Hit::Head(column) if column == self.list.sort().column => Some(self.act(Action::Reverse)),
            Hit::Head(column) => {
                self.list.set_sort(Sort::by(column));
                Some(Vec::new())
            }
            Hit::Row(row) if row == self.list.position() => Some(self.act(Action::Enter)),
            Hit::Row(row) => {
                self.list.choose_at(row);
                Some(Vec::new())
            }
        }
    }
}
