//! Searches over hyper-parameters: the list of them, and one with its points, best first.

mod acts;
pub mod new;
pub mod panes;
mod table;
mod words;

pub(in crate::tui) use acts::{can_resume, is_going_on, no_limit};
pub use table::{Column, Shown, Sort, Table};
pub use words::{Standing, metric_words, standing};

use super::{Purpose, Screen, State, scroll};
use crate::search::{Overview, RunSeen, SearchFolder, SearchSummary, TrialRow};
use crate::tui::message::Effect;
use crate::tui::screens;
use std::path::PathBuf;
use std::sync::Arc;

/// Curves that are shown until someone wants more or fewer.
const CURVES: usize = 5;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// The searches there are. A later request has a higher number.
    List(u64),
    /// One of them with all its points.
    Look(u64, SearchFolder),
    /// What was asked for is no longer wanted.
    Nothing,
}

/// What came of it.
#[derive(Debug)]
pub enum Report {
    /// Newest first.
    List(Result<Vec<SearchSummary>, String>),
    Found(SearchFolder, Result<Arc<Overview>, String>),
    /// What was done to a search, as a sentence.
    Acted(SearchFolder, Result<String, String>),
    /// The config of a point was written, or why not.
    Promoted(SearchFolder, Result<String, String>),
}

/// What is done to a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Stop,
    Resume,
    /// At most so many runs at once.
    Throttle(usize),
    /// Writes the config of the point that a run belongs to, by its number.
    Promote {
        run: u64,
        to: PathBuf,
    },
}

/// What stands beside the table, or in its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The chosen point with each of its runs.
    #[default]
    Detail,
    /// A line through the axes for each point.
    Parallel,
    /// Which axis mattered.
    Importance,
    /// The metric of the best, epoch by epoch.
    Curves,
}

impl Pane {
    pub const ALL: [Self; 4] = [Self::Detail, Self::Parallel, Self::Importance, Self::Curves];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Detail => "detail",
            Self::Parallel => "parallel",
            Self::Importance => "importance",
            Self::Curves => "curves",
        }
    }

    /// The one so many places behind it, round and round.
    fn turned(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

/// The search that shall be opened as soon as the list is there.
#[derive(Debug)]
enum Wish {
    /// The only one, if it is.
    Only,
    /// That of a run.
    OfRun(String),
}

/// The list of searches, and the open one.
#[derive(Debug)]
pub struct Searches {
    list: Option<Result<Vec<SearchSummary>, String>>,
    /// The place of the chosen search in the list, and of the first one in view.
    pub chosen: usize,
    pub list_top: usize,
    wish: Option<Wish>,
    open: Option<SearchFolder>,
    answer: Option<(SearchFolder, Result<Arc<Overview>, String>)>,
    pub table: Table,
    pub pane: Pane,
    /// Where there is room for one of them only, the pane stands in the place of the table.
    pub pane_is_open: bool,
    /// So many of the best have their curves shown.
    pub top: usize,
    /// What panes show beside the points.
    pub panes: panes::Panes,
    /// The run of the chosen point that was chosen, by its number; else the best one.
    run: Option<u64>,
    /// What was set here and is not written yet.
    throttle: Option<usize>,
    /// The point whose config is to be written, by the number of one of its runs.
    promoted: Option<u64>,
    /// The line with the file's name that was sent last, and the point: it comes back where it is refused.
    promoting: Option<(u64, String)>,
    asked: Option<Option<SearchFolder>>,
    requests: u64,
}

impl Default for Searches {
    fn default() -> Self {
        Self {
            list: None,
            chosen: 0,
            list_top: 0,
            wish: None,
            open: None,
            answer: None,
            table: Table::default(),
            pane: Pane::default(),
            pane_is_open: false,
            top: CURVES,
            panes: panes::Panes::default(),
            run: None,
            throttle: None,
            promoted: None,
            promoting: None,
            asked: None,
            requests: 0,
        }
    }
}

impl Searches {
    /// The searches, newest first: none while they are on their way, or a sentence.
    pub fn list(&self) -> Option<Result<&[SearchSummary], &str>> {
        self.list.as_ref().map(|list| list.as_deref().map_err(String::as_str))
    }

    /// What is asked for has not come yet: the list, or the search that shall be opened from it.
    pub fn is_awaited(&self) -> bool {
        self.list.is_none() || self.wish.is_some()
    }

    fn summaries(&self) -> &[SearchSummary] {
        self.list.as_ref().and_then(|list| list.as_deref().ok()).unwrap_or_default()
    }

    /// The open search.
    pub fn open(&self) -> Option<&SearchFolder> {
        self.open.as_ref()
    }

    /// What is known of the open search: none while it is on its way, or a sentence.
    pub fn shown(&self) -> Option<Result<&Overview, &str>> {
        let (folder, answer) = self.answer.as_ref()?;
        let is_ours = self.open.as_ref() == Some(folder);
        is_ours.then(|| answer.as_deref().map_err(String::as_str))
    }

    pub fn overview(&self) -> Option<&Overview> {
        self.shown()?.ok()
    }

    /// The open search as the list has it, until its overview is there.
    pub fn summary(&self) -> Option<&SearchSummary> {
        let listed = || self.summaries().iter().find(|summary| Some(&summary.folder) == self.open.as_ref());
        self.overview().map(|overview| &overview.summary).or_else(listed)
    }

    /// The chosen point, as an index into [`Overview::rows`].
    pub fn chosen_index(&self) -> Option<usize> {
        let rows = self.overview()?.rows.len();
        self.table.chosen_index().filter(|index| *index < rows)
    }

    pub fn chosen_row(&self) -> Option<&TrialRow> {
        self.overview()?.rows.get(self.table.chosen_index()?)
    }

    /// Which run of the chosen point Enter opens: the one that was chosen, else the best.
    pub fn chosen_run(&self) -> Option<&RunSeen> {
        let (row, metric) = (self.chosen_row()?, self.overview()?.summary.metric);
        let wished = row.runs.iter().find(|run| Some(run.number) == self.run);
        let better = |best: &'_ RunSeen, run: &'_ RunSeen| match (best.value, run.value) {
            (Some(old), Some(new)) => metric.improves(new, old),
            (None, Some(_)) => true,
            // One that has begun can be looked at.
            (None, None) => best.state.is_none() && run.state.is_some(),
            (Some(_), None) => false,
        };
        let best = row.runs.iter().reduce(|best, run| if better(best, run) { run } else { best });
        wished.or(best)
    }

    /// At most so many runs at once: what was set here, though nobody may have read it yet.
    pub fn throttle(&self) -> Option<usize> {
        self.throttle.or(self.summary()?.throttle)
    }

    fn take_list(&mut self, list: Result<Vec<SearchSummary>, String>) -> bool {
        if self.list.as_ref() == Some(&list) {
            return false;
        }
        let chosen = self.summaries().get(self.chosen).map(|summary| summary.folder.clone());
        self.list = Some(list);
        let place = self.summaries().iter().position(|summary| Some(&summary.folder) == chosen.as_ref());
        self.chosen = place.unwrap_or(self.chosen).min(self.summaries().len().saturating_sub(1));
        true
    }

    fn take_overview(&mut self, folder: SearchFolder, found: Result<Arc<Overview>, String>) -> bool {
        let answer = Some((folder, found));
        if self.answer == answer {
            return false;
        }
        self.answer = answer;
        let Self { answer, table, throttle, .. } = self;
        if let Some((_, Ok(overview))) = answer {
            throttle.take_if(|wished| overview.summary.throttle == Some(*wished));
            table.arrange(overview);
        }
        true
    }
}

impl State {
    pub(super) fn take_searches(&mut self, report: Report) -> bool {
        match report {
            Report::List(list) => {
                let is_new = self.searches.take_list(list);
                let is_opened = self.fulfil_wish();
                self.keep_searches_in_view();
                (is_new && self.screen == Screen::Searches) || is_opened
            }
            Report::Found(folder, found) => {
                if self.searches.open.as_ref() != Some(&folder) || !self.searches.take_overview(folder, found)
                {
                    return false;
                }
                self.keep_searches_in_view();
                self.screen == Screen::Search
            }
            Report::Promoted(folder, said) => {
                let sent = self.searches.promoting.take();
                match (said, sent) {
                    (Err(problem), Some((run, line))) if self.can_ask_again(&folder) => {
                        self.searches.promoted = Some(run);
                        // The line has the name, and there is little room beside it.
                        let beside = problem.strip_prefix(&line).unwrap_or(&problem).trim_start().to_string();
                        self.ask_line_again(Purpose::Promote, line, beside);
                        true
                    }
                    (said, _) => {
                        let bad = said.is_err();
                        self.say(said.unwrap_or_else(|problem| problem), bad)
                    }
                }
            }
            Report::Acted(folder, said) => {
                let bad = said.is_err();
                let mut is_taken_back = false;
                if self.searches.open.as_ref() == Some(&folder) {
                    // It is not as it was; and what was not done is not so.
                    self.searches.asked = None;
                    is_taken_back = self.searches.throttle.take_if(|_| bad).is_some();
                }
                self.say(said.unwrap_or_else(|problem| problem), bad) || is_taken_back
            }
        }
    }

    /// Nothing else has been begun since the line about this search was sent.
    fn can_ask_again(&self, folder: &SearchFolder) -> bool {
        self.screen == Screen::Search && self.overlay.is_none() && self.searches.open.as_ref() == Some(folder)
    }

    /// What the screens show and nobody has asked for yet.
    pub(super) fn ask_searches(&mut self) -> Option<Effect> {
        let searches = &mut self.searches;
        let wanted = match self.screen {
            Screen::Searches => Some(None),
            Screen::Search => searches.open.clone().map(Some),
            _ => None,
        };
        if searches.asked == wanted {
            return None;
        }
        searches.asked.clone_from(&wanted);
        searches.requests += 1;
        Some(Effect::Searches(match wanted {
            Some(Some(folder)) => Order::Look(searches.requests, folder),
            Some(None) => Order::List(searches.requests),
            None => Order::Nothing,
        }))
    }

    /// Also after the terminal has another size.
    pub(super) fn keep_searches_in_view(&mut self) {
        let rows = screens::searches::list::rows(self.size);
        let searches = &mut self.searches;
        let count = searches.summaries().len();
        searches.list_top = scroll::in_view(searches.list_top, searches.chosen, rows, count);
        let rows = screens::searches::rows(self.size, &self.searches);
        self.searches.table.keep_in_view(rows);
    }

    /// Opens a search; the way back leads to where one was.
    fn open_search(&mut self, folder: SearchFolder) {
        let searches = &mut self.searches;
        if searches.open.as_ref() != Some(&folder) {
            searches.open = Some(folder);
            (searches.answer, searches.run, searches.throttle) = (None, None, None);
            searches.table = Table::default();
            searches.pane_is_open = false;
        }
    }

    /// Opens what was wished for, now that the list is there.
    fn fulfil_wish(&mut self) -> bool {
        if self.screen != Screen::Searches || self.searches.list.is_none() {
            return false;
        }
        let summaries = self.searches.summaries();
        let found = match self.searches.wish {
            None => return false,
            Some(Wish::Only) if summaries.len() == 1 => Some(0),
            Some(Wish::Only) => None,
            Some(Wish::OfRun(ref id)) => summaries.iter().position(|summary| summary.id == *id),
        };
        let wish = self.searches.wish.take();
        if let Some(place) = found {
            self.searches.chosen = place;
            let folder = self.searches.summaries()[place].folder.clone();
            self.open_search(folder);
            // The list was only passed through; a search that the way leads back to anyway is that one.
            if let Some(place) = self.way_back.iter().position(|screen| *screen == Screen::Search) {
                self.way_back.truncate(place);
            }
            self.screen = Screen::Search;
            return true;
        }
        if let Some(Wish::OfRun(id)) = wish {
            return self.say(format!("there is no folder of the search {id} here"), true);
        }
        false
    }
}

#[cfg(test)]
#[path = "tests.rs"]
pub(in crate::tui) mod tests;
