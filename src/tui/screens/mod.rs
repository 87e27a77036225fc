//! One file per screen. Each draws from the state and decides nothing.

pub mod charts;
pub mod compare;
pub mod confusion;
pub mod form;
pub mod help;
pub mod prompt;
pub mod question;
pub mod run;
pub mod runs;
pub mod scores;
pub mod system;

use super::action::{Action, Tab};
use super::state::{Overlay, Screen, State, can_resume};
use super::theme::{Role, Theme};
use super::widgets::chart::Memory;
use super::widgets::{footer, text};
use ratatui::Frame;
use ratatui::layout::Rect;
use std::collections::HashMap;

/// Below this nothing can be read.
pub const SMALLEST: (u16, u16) = (60, 16);

/// What charts remember from one frame to the next, by the key of their metric. It only saves work: the picture is
/// the same without it, but for bounds that settle.
pub type Memories = HashMap<String, Memory>;

/// Draws the whole dashboard.
pub fn draw(frame: &mut Frame, state: &State, theme: &Theme, memories: &mut Memories) {
    let area = frame.area();
    if is_too_small((area.width, area.height)) {
        too_small(frame, theme);
        return;
    }
    let buffer = frame.buffer_mut();
    match state.screen {
        Screen::Runs => runs::draw(buffer, area, state, theme, memories),
        Screen::Run => run::draw(buffer, area, state, theme, memories),
        Screen::Compare => compare::draw(buffer, above_footer(area), state, theme),
        Screen::System => system::draw(buffer, above_footer(area), state, theme),
    }
    let last = Rect { y: area.bottom() - 1, height: 1, ..area };
    match (&state.overlay, &state.notice, state.place()) {
        (Some(Overlay::Prompt(prompt)), ..) => {
            let cursor = prompt::draw(buffer, last, prompt, theme);
            frame.set_cursor_position(cursor);
        }
        (_, Some(notice), _) => {
            let role = if notice.bad { Role::Bad } else { Role::Good };
            text::put(buffer, (1, last.y), area.width - 2, &notice.text, theme.style(role), theme);
        }
        (_, None, place) => footer::hints(buffer, last, place, |action| makes_sense(action, state), theme),
    }
    match &state.overlay {
        None | Some(Overlay::Prompt(_)) => {}
        Some(Overlay::Help) => help::draw(frame.buffer_mut(), area, state, theme),
        Some(Overlay::Question(question)) => question::draw(frame.buffer_mut(), area, question, theme),
        Some(Overlay::Form(form)) => {
            if let Some(cursor) = form::draw(frame.buffer_mut(), area, form, theme) {
                frame.set_cursor_position(cursor);
            }
        }
    }
}

fn above_footer(area: Rect) -> Rect {
    Rect { height: area.height - 1, ..area }
}

/// Whether a key would do anything to the run that the screen is about.
fn makes_sense(action: Action, state: &State) -> bool {
    let run = state.current();
    match action {
        Action::Stop => run.is_some_and(|run| run.state.is_active()),
        Action::Resume => run.is_some_and(|run| can_resume(run.state)),
        Action::Enter | Action::Filter if state.screen == Screen::Runs && state.overlay.is_none() => {
            run.is_some()
        }
        Action::SmoothMore | Action::LogY | Action::NextAxis => run.is_some() && state.tab == Tab::Charts,
        _ => true,
    }
}

/// Whether a terminal of so many columns and rows shows only that it is too small.
pub fn is_too_small((columns, rows): (u16, u16)) -> bool {
    columns < SMALLEST.0 || rows < SMALLEST.1
}

fn too_small(frame: &mut Frame, theme: &Theme) {
    let area = frame.area();
    let (columns, rows) = SMALLEST;
    let lines = [
        format!("{} x {} is too small", area.width, area.height),
        format!("mien needs {columns} x {rows}"),
        "Ctrl-c leaves".to_string(),
    ];
    for (line, y) in lines.iter().zip(area.y..area.bottom()) {
        text::put(frame.buffer_mut(), (area.x, y), area.width, line, theme.style(Role::Text), theme);
    }
}

#[cfg(test)]
mod tests;
