//! What each action does in the list of searches and in one of them.

use super::super::{Overlay, Purpose, Question, Screen, State};
use super::{Act, Pane, Wish};
use crate::run::RunFolder;
use crate::search::{EngineKind, SearchState, SearchSummary};
use crate::tui::action::{Action, Tab};
use crate::tui::message::Effect;
use crate::tui::screens;
use crate::tui::screens::searches::Hit;
use std::path::{Path, PathBuf};

/// Curves of so many at once can be told apart.
const MOST_CURVES: usize = 9;

impl State {
    /// From a run to its search; from elsewhere to the list, or to the search that is alone in it.
    pub(in crate::tui::state) fn open_searches(&mut self) {
        let of_run = match self.screen {
            Screen::Run => self.current().and_then(|run| run.search.clone()),
            _ => None,
        };
        self.searches.wish = Some(of_run.map_or(Wish::Only, Wish::OfRun));
        self.go_or_return(Screen::Searches);
        // What is known already may do; a single search may not be alone any more.
        if matches!(self.searches.wish, Some(Wish::OfRun(ref id)) if self.searches.summaries().iter().any(|summary| summary.id == *id))
        {
            self.fulfil_wish();
        }
    }

    /// Opens a screen, or goes back to it where the way back leads through it.
    fn go_or_return(&mut self, to: Screen) {
        match self.way_back.iter().position(|screen| *screen == to) {
            Some(place) => {
                self.way_back.truncate(place);
                self.screen = to;
            }
            None => self.go(to),
        }
    }

    pub(in crate::tui::state) fn act_in_searches(&mut self, action: Action) -> Vec<Effect> {
        let rows = screens::searches::list::rows(self.size) as isize;
        // Whoever moves has arrived.
        if !matches!(action, Action::Help) {
            self.searches.wish = None;
        }
        match action {
            Action::Up => self.step_in_searches(-1),
            Action::Down => self.step_in_searches(1),
            Action::PageUp => self.step_in_searches(-rows),
            Action::PageDown => self.step_in_searches(rows),
            Action::First => self.step_in_searches(isize::MIN),
            Action::Last => self.step_in_searches(isize::MAX),
            Action::Enter => {
                if let Some(summary) = self.searches.summaries().get(self.searches.chosen) {
                    let folder = summary.folder.clone();
                    self.open_search(folder);
                    self.go_or_return(Screen::Search);
                    self.keep_searches_in_view();
                }
            }
            Action::NewSearch => return self.new_search(),
            Action::System => self.go(Screen::System),
            Action::Out | Action::Back => {
                self.back();
            }
            Action::Help => self.overlay = Some(Overlay::Help),
            _ => {}
        }
        Vec::new()
    }

    fn step_in_searches(&mut self, by: isize) {
        let last = self.searches.summaries().len().saturating_sub(1);
        self.searches.chosen = self.searches.chosen.saturating_add_signed(by).min(last);
        self.keep_searches_in_view();
    }

    pub(in crate::tui::state) fn act_in_search(&mut self, action: Action) -> Vec<Effect> {
        if self.move_in_table(action) {
            self.keep_searches_in_view();
            return Vec::new();
        }
        match action {
            Action::NextView => self.turn_pane(1),
            Action::PreviousView => self.turn_pane(Pane::ALL.len() - 1),
            Action::NextPane => self.turn_run(1),
            Action::PreviousPane => self.turn_run(-1),
            Action::MoreCurves => self.searches.top = (self.searches.top + 1).min(MOST_CURVES),
            Action::FewerCurves => self.searches.top = self.searches.top.saturating_sub(1).max(1),
            Action::Enter => return self.open_run_of_search().into_iter().collect(),
            Action::Stop => self.ask_to_stop_search(),
            Action::Resume => return self.resume_search().into_iter().collect(),
            Action::ThrottleMore => return self.set_throttle(1).into_iter().collect(),
            Action::ThrottleLess => return self.set_throttle(-1).into_iter().collect(),
            Action::Promote => self.ask_to_promote(),
            Action::NewSearch => return self.new_search(),
            Action::Searches => self.go_or_return(Screen::Searches),
            Action::System => self.go(Screen::System),
            Action::Out if self.searches.pane_is_open && self.pane_hides_the_table() => {
                self.searches.pane_is_open = false;
                self.keep_searches_in_view();
            }
            Action::Out | Action::Back => {
                self.back();
            }
            Action::Help => self.overlay = Some(Overlay::Help),
            _ => {}
        }
        Vec::new()
    }

    /// Moves in the table or changes its order; `false` where the action is about something else.
    fn move_in_table(&mut self, action: Action) -> bool {
        let rows = screens::searches::rows(self.size, &self.searches) as isize;
        let can_scroll = screens::searches::hides_columns_at_the_right(self.size, &self.searches);
        let left = screens::searches::left_column(self.size, &self.searches);
        let searches = &mut self.searches;
        let Some((folder, Ok(overview))) = &searches.answer else { return false };
        if searches.open.as_ref() != Some(folder) {
            return false;
        }
        let table = &mut searches.table;
        let before = table.chosen_index();
        match action {
            Action::Up => table.step(-1, overview),
            Action::Down => table.step(1, overview),
            Action::PageUp => table.step(-rows, overview),
            Action::PageDown => table.step(rows, overview),
            Action::First => table.step(isize::MIN, overview),
            Action::Last => table.step(isize::MAX, overview),
            Action::Left => table.left = left.saturating_sub(1),
            Action::Right => table.left = left + usize::from(can_scroll),
            Action::Sort => table.sort_by_next(overview),
            Action::Reverse => table.reverse(overview),
            _ => return false,
        }
        if table.chosen_index() != before {
            searches.run = None;
        }
        true
    }

    /// There is room for the table or the pane, not for both.
    fn pane_hides_the_table(&self) -> bool {
        !screens::searches::has_room_for_both(self.size)
    }

    fn turn_pane(&mut self, by: usize) {
        let searches = &mut self.searches;
        // What was looked at last comes first.
        if searches.pane_is_open || screens::searches::has_room_for_both(self.size) {
            searches.pane = searches.pane.turned(by);
        }
        searches.pane_is_open = true;
        self.keep_searches_in_view();
    }

    /// To another run of the chosen point.
    fn turn_run(&mut self, by: isize) {
        let (Some(row), Some(here)) = (self.searches.chosen_row(), self.searches.chosen_run()) else {
            return;
        };
        let count = row.runs.len() as isize;
        let place = row.runs.iter().position(|run| run.number == here.number).unwrap_or(0) as isize;
        let next = row.runs.get((place + by).rem_euclid(count.max(1)) as usize).map(|run| run.number);
        self.searches.run = next;
    }

    fn open_run_of_search(&mut self) -> Option<Effect> {
        let run = self.searches.chosen_run()?;
        let (number, id) = (run.number, run.folder.id());
        if run.state.is_none() {
            self.say(format!("run {number} has not begun"), true);
            return None;
        }
        let listed = self.list.entries().iter().find(|entry| entry.folder.id() == id);
        let Some(folder) = listed.map(|entry| entry.folder.clone()) else {
            self.say(format!("the folder of run {number} is not listed"), true);
            return None;
        };
        Some(self.open_run_from_here(&folder))
    }

    /// Opens a run; the way back leads here.
    fn open_run_from_here(&mut self, folder: &RunFolder) -> Effect {
        if !self.list.choose(folder) {
            self.show_all();
            self.list.choose(folder);
        }
        self.way_back.retain(|screen| *screen != Screen::Run);
        self.go(Screen::Run);
        self.tab = Tab::Charts;
        self.follow(folder.clone())
    }

    fn ask_to_stop_search(&mut self) {
        let Some(summary) = self.searches.summary() else { return };
        if !is_going_on(summary) {
            let text = format!("{} is {}: there is nothing to stop", summary.name, summary.state.name());
            self.say(text, true);
            return;
        }
        let running = summary.counts.running;
        let text = format!(
            "Stop the search {}? {running} running run{} a checkpoint; what waits is not begun.",
            summary.name,
            if running == 1 { " keeps" } else { "s keep" }
        );
        let effect = Effect::ActOnSearch(summary.folder.clone(), Act::Stop);
        self.overlay = Some(Overlay::Question(Question { text, effect }));
    }

    fn resume_search(&mut self) -> Option<Effect> {
        let summary = self.searches.summary()?;
        let (name, folder) = (summary.name.clone(), summary.folder.clone());
        if can_resume(summary) {
            self.say(format!("resuming the search {name}"), false);
            return Some(Effect::ActOnSearch(folder, Act::Resume));
        }
        let text = format!("{name} is {}: there is nothing to resume", summary.state.name());
        self.say(text, true);
        None
    }

    fn set_throttle(&mut self, by: isize) -> Option<Effect> {
        let summary = self.searches.summary()?;
        let (folder, name, state) = (summary.folder.clone(), summary.name.clone(), summary.state);
        let engine = summary.engine;
        if !is_going_on(summary) {
            self.say(format!("{name} is {}: nothing of it runs", state.name()), true);
            return None;
        }
        // Without a limit, one begins at what runs now.
        let now = match self.searches.throttle() {
            None if by > 0 => {
                self.say(format!("nothing limits {name}: {}", no_limit(engine)), false);
                return None;
            }
            None => summary.counts.running.max(1),
            Some(now) => now,
        };
        let wished = now.saturating_add_signed(by).max(1);
        if wished == now && self.searches.throttle().is_some() {
            self.say("one run at once is the least; x stops the search".into(), false);
            return None;
        }
        self.searches.throttle = Some(wished);
        Some(Effect::ActOnSearch(folder, Act::Throttle(wished)))
    }

    fn ask_to_promote(&mut self) {
        let (Some(overview), Some(index)) = (self.searches.overview(), self.searches.chosen_index()) else {
            return;
        };
        let row = &overview.rows[index];
        let Some(run) = row.runs.first().map(|run| run.number) else { return };
        let name = &overview.summary.name;
        // The search's name is letters, digits and `-_.`; what is not so is no name of a file.
        let name: String = name.chars().filter(|c| c.is_alphanumeric() || "-_.".contains(*c)).collect();
        let proposed = match index {
            // What is not known yet is not called the best.
            _ if row.mean.is_none() => format!("configs/{name}-run{run}.toml"),
            0 => format!("configs/{name}-best.toml"),
            _ => format!("configs/{name}-rank{}.toml", index + 1),
        };
        self.searches.promoted = Some(run);
        self.ask_line(Purpose::Promote, proposed);
    }

    /// Writes the config of the point that was chosen when the line was opened.
    pub(in crate::tui::state) fn promote(&mut self, text: &str) -> Result<Vec<Effect>, String> {
        let to = text.trim();
        if to.is_empty() || to.ends_with('/') {
            return Err("a file's name".into());
        }
        if Path::new(to).extension().is_none_or(|end| end != "toml") {
            return Err("a config ends with .toml".into());
        }
        let (Some(folder), Some(run)) = (self.searches.open.clone(), self.searches.promoted.take()) else {
            return Ok(Vec::new());
        };
        self.searches.promoting = Some((run, to.into()));
        Ok(vec![Effect::ActOnSearch(folder, Act::Promote { run, to: PathBuf::from(to) })])
    }

    /// What a click at a column and a row of the terminal does; `None` where nothing stands there.
    pub(in crate::tui::state) fn click_in_searches(&mut self, at: (u16, u16)) -> Option<Vec<Effect>> {
        let place = self.searches.list_top + screens::searches::list::row_at(self.size, at)?;
        if place >= self.searches.summaries().len() {
            return None;
        }
        if place == self.searches.chosen {
            return Some(self.act(Action::Enter));
        }
        self.searches.chosen = place;
        Some(Vec::new())
    }

    /// As [`State::click_in_searches`], in one search.
    pub(in crate::tui::state) fn click_in_search(&mut self, at: (u16, u16)) -> Option<Vec<Effect>> {
        let hit = screens::searches::at(self.size, &self.searches, at)?;
        if let Hit::Row(row) = hit
            && row == self.searches.table.chosen()
        {
            return Some(self.act(Action::Enter));
        }
        let searches = &mut self.searches;
        let Some((_, Ok(overview))) = &searches.answer else { return None };
        match hit {
            Hit::Head(column) if column == searches.table.sort.column => searches.table.reverse(overview),
            Hit::Head(column) => searches.table.sort_by(column, overview),
            Hit::Row(row) => {
                searches.table.choose(row, overview);
                searches.run = None;
            }
            Hit::Pane(pane) => searches.pane = pane,
        }
        self.keep_searches_in_view();
        Some(Vec::new())
    }
}

/// How many runs go on at once where nobody has said so.
pub(in crate::tui) const fn no_limit(engine: EngineKind) -> &'static str {
    match engine {
        EngineKind::Local => "as many at once as slots",
        EngineKind::Slurm => "as many at once as Slurm lets",
    }
}

/// Something of it is trained or will be.
pub(in crate::tui) fn is_going_on(summary: &SearchSummary) -> bool {
    summary.state.is_active() || summary.counts.running + summary.counts.queued > 0
}

/// Something of it could be trained, and nobody sees to that.
pub(in crate::tui) fn can_resume(summary: &SearchSummary) -> bool {
    let counts = summary.counts;
    let is_left = counts.finished + counts.halved < counts.planned();
    !summary.state.is_active() && (is_left || summary.state != SearchState::Finished)
}
