//! One file per screen. Each draws from the state and decides nothing.

pub mod charts;
pub mod compare;
pub mod confusion;
pub mod evidence;
pub mod explain;
pub mod help;
pub mod overlay;
pub mod lines;
pub mod launch;
pub mod picture;
pub mod prompt;
pub mod question;
pub mod run;
pub mod runs;
pub mod scores;
pub mod searches;
pub mod system;
pub mod timeline;

use super::action::{Action, Tab};
use super::graphics::Placement;
use super::keys::{Binding, Place};
use super::state::searches::{can_resume as can_resume_search, is_going_on};
use super::state::{Notice, Overlay, Screen, State, can_resume};
use super::theme::{Role, Theme};
use super::widgets::chart::Memory;
use super::widgets::{footer, text};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::HashMap;

/// Below this nothing can be read.
pub const SMALLEST: (u16, u16) = (60, 16);

/// What drawing remembers from one frame to the next, and what it finds out on the way.
#[derive(Debug, Default)]
pub struct Memories {
    /// What charts worked out, by the key of their metric. It only saves work: a chart is the same without it, but for
    /// bounds that settle.
    pub charts: HashMap<String, Memory>,
    /// The pictures of this frame and their places, for terminals that draw pictures themselves.
    pub placements: Vec<Placement>,
}

impl Memories {
    pub fn new() -> Self {
        Self::default()
    }
}

/// Draws the whole dashboard.
pub fn draw(frame: &mut Frame, state: &State, theme: &Theme, memories: &mut Memories) {
    memories.placements.clear();
    let area = frame.area();
    if is_too_small((area.width, area.height)) {
        too_small(frame, theme);
        return;
    }
    let buffer = frame.buffer_mut();
    match state.screen {
        Screen::Runs => runs::draw(buffer, area, state, theme, memories),
        Screen::Run => run::draw(buffer, area, state, theme, memories),
        Screen::Compare => compare::draw(buffer, above_footer(area), state, theme, memories),
        Screen::System => system::draw(buffer, above_footer(area), state, theme),
        Screen::Searches => searches::list::draw(buffer, above_footer(area), state, theme),
        Screen::Search => searches::draw(buffer, above_footer(area), state, theme, memories),
        Screen::NewSearch => {
            let cursor = searches::new::draw(buffer, above_footer(area), state, theme);
            if let Some(cursor) = cursor.filter(|_| state.overlay.is_none()) {
                frame.set_cursor_position(cursor);
            }
        }
        Screen::Launch => {
            let cursor = launch::draw(buffer, above_footer(area), state, theme);
            if let Some(cursor) = cursor.filter(|_| state.overlay.is_none()) {
                frame.set_cursor_position(cursor);
            }
        }
    }
    let buffer = frame.buffer_mut();
    let last = Rect { y: area.bottom() - 1, height: 1, ..area };
    match (&state.overlay, &state.notice, state.place()) {
        (Some(Overlay::Prompt(prompt)), ..) => {
            let cursor = prompt::draw(buffer, last, prompt, theme);
            frame.set_cursor_position(cursor);
        }
        (_, Some(notice), _) => {
            draw_notice(buffer, area, notice, theme);
        }
        (_, None, place) => {
            let word = |binding: &Binding| word(binding, place, state);
            footer::hints(buffer, last, (&state.keys, place), word, theme);
        }
    }
    match &state.overlay {
        None | Some(Overlay::Prompt(_)) => {}
        Some(Overlay::Help) => help::draw(frame.buffer_mut(), area, state, theme),
        Some(Overlay::Question(question)) => question::draw(frame.buffer_mut(), area, question, theme),
    }
    picture::take_down_covered(frame.buffer_mut(), memories);
}

/// A sentence in the last rows, as many as it needs, up to a third of the screen.
fn draw_notice(buffer: &mut Buffer, area: Rect, notice: &Notice, theme: &Theme) {
    let role = if notice.bad { Role::Bad } else { Role::Good };
    let mut rows = text::wrapped(&notice.text, usize::from(area.width - 2));
    let most = usize::from(area.height / 3);
    if rows.len() > most {
        // Two rows do not fit into one, so that it ends with an ellipsis.
        let end = rows.split_off(most - 1).join(" ");
        rows.push(end);
    }
    let top = area.bottom() - rows.len() as u16;
    for (row, y) in rows.iter().zip(top..) {
        for x in area.x..area.right() {
            buffer[(x, y)].reset();
        }
        text::put(buffer, (area.x + 1, y), area.width - 2, row, theme.style(role), theme);
    }
}

fn above_footer(area: Rect) -> Rect {
    Rect { height: area.height - 1, ..area }
}

/// What the footer says of a key; nothing where it makes no sense now.
fn word(binding: &Binding, place: Place, state: &State) -> &'static str {
    let action = binding.action;
    if !makes_sense(action, state) {
        return "";
    }
    let is_large = place == Place::Scores && state.scores.is_large;
    match (place, action) {
        (Place::Scores, Action::Enter) if is_large => "why",
        (Place::Scores, Action::Right) if is_large => "next",
        (Place::NewSearch, Action::Enter)
            if state.new_search.page().is_some_and(|page| page.begun.is_some()) =>
        {
            "show it"
        }
        // A file is chosen, not a value.
        (Place::Field, Action::Enter) if is_choosing_a_file(state) => "open",
        (Place::Timeline, Action::Down) if timeline::has_more(state) => "probes",
        (Place::Confusion, Action::MeanMaps) if state.atlas.is_open => "numbers",
        (Place::Confusion, Action::MapsFor) if state.atlas.is_open => state.atlas.other_target(),
        (Place::Confusion, Action::NextPane) if state.atlas.is_open => "",
        // The digits stand above, and here are more keys than room.
        (Place::Scores, Action::NextPane) if is_large => "",
        (Place::Explain, Action::NextPane) => "",
        // Where one key leads one step back, and another all the way.
        (Place::Explain, Action::Out) => "back",
        (Place::Scores, Action::Out) if is_large => "back",
        (Place::Explain, Action::Back) => "runs",
        (Place::Scores, Action::Back) if is_large => "runs",
        _ => binding.hint,
    }
}

fn is_choosing_a_file(state: &State) -> bool {
    match state.screen {
        Screen::NewSearch => state.new_search.chooser.is_some(),
        Screen::Launch => state.launch.chooser.is_some(),
        _ => false,
    }
}

/// Whether a key would do anything to the run that the screen is about.
fn makes_sense(action: Action, state: &State) -> bool {
    let run = state.current();
    let search = state.searches.summary().filter(|_| state.screen == Screen::Search);
    match action {
        Action::Stop if state.screen == Screen::Search => search.is_some_and(is_going_on),
        Action::Resume if state.screen == Screen::NewSearch => {
            let begun = state.new_search.page().and_then(|page| page.begun.as_ref());
            begun.is_some_and(|begun| !begun.state.is_active())
        }
        Action::Resume if state.screen == Screen::Search => search.is_some_and(can_resume_search),
        Action::Enter | Action::Promote | Action::Sort if state.screen == Screen::Search => {
            state.overlay.is_some() || state.searches.chosen_row().is_some()
        }
        Action::Enter if state.screen == Screen::Searches => {
            state.searches.list().is_some_and(|list| list.is_ok_and(|list| !list.is_empty()))
        }
        Action::Stop if state.screen == Screen::Runs && state.marks.len() > 1 => {
            state.several_marked().iter().any(|run| run.state.is_active())
        }
        Action::Stop => run.is_some_and(|run| run.state.is_active()),
        Action::Resume => run.is_some_and(|run| can_resume(run.state)),
        Action::Enter | Action::Filter if state.screen == Screen::Runs && state.overlay.is_none() => {
            run.is_some()
        }
        Action::Enter if state.screen == Screen::System => {
            let line = state.system_lines().get(state.system.chosen).copied();
            line.is_some_and(|line| state.run_of_line(line).is_some())
        }
        Action::Mark | Action::Sort if state.screen == Screen::Runs => run.is_some(),
        // The log has one view only.
        Action::NextView => state.screen != Screen::Run || state.tab != Tab::Log,
        Action::SmoothMore | Action::LogY | Action::NextAxis => {
            run.is_some() && state.tab == Tab::Charts && !has_no_charts(state)
        }
        Action::Enter | Action::Cursor if state.screen == Screen::Run && state.tab == Tab::Charts => {
            !has_no_charts(state)
        }
        _ => true,
    }
}

/// The run wrote nothing to draw, as is known once all of it was read.
fn has_no_charts(state: &State) -> bool {
    state.current_data().is_some_and(|data| data.caught_up && data.charts.is_empty())
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

/// What a terminal shows, row by row, without the blanks at the ends.
#[cfg(test)]
pub(super) fn lines(buffer: &ratatui::buffer::Buffer) -> String {
    let mut text = String::new();
    for row in buffer.content.chunks(buffer.area.width.into()) {
        let mut line = String::new();
        let mut covered = 0;
        for cell in row {
            if covered == 0 {
                line += cell.symbol();
                covered = unicode_width::UnicodeWidthStr::width(cell.symbol()).max(1);
            }
            covered -= 1;
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
