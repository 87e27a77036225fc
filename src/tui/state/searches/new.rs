//! A new search, begun from the dashboard: a file is chosen, what it asks for is shown, and the search is begun.

use super::super::launch::Chooser;
use super::super::{Overlay, Question, Screen, State};
use super::Act;
use crate::search::{EngineKind, SearchFolder, SearchState};
use crate::tui::action::Action;
use crate::tui::message::Effect;
use crate::tui::screens;
use std::path::{Path, PathBuf};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// The files there are.
    Files,
    /// What a file asks for. A later request has a higher number.
    Open(u64, PathBuf),
}

/// A search to be begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    pub file: PathBuf,
    pub engine: EngineKind,
    /// Also where a search was begun from the file already.
    pub again: bool,
}

/// What came of it.
#[derive(Debug)]
pub enum Report {
    Files(Vec<PathBuf>),
    Opened(u64, Result<Box<Page>, String>),
    /// How long it would take; comes after the page, since devices have to be looked at.
    Estimated(u64, Box<Estimates>),
    Begun(Result<SearchFolder, String>),
}

/// What a file asks for. Texts are printable.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub path: PathBuf,
    pub name: String,
    /// The network that all runs begin from.
    pub network: String,
    pub data: String,
    /// `grid`, `random, 200 points`.
    pub sampler: String,
    pub metric: &'static str,
    /// Points of the space that are run, each with every seed.
    pub points: u64,
    pub seeds: Vec<u64>,
    pub runs: u64,
    /// Name and values, in the file's order.
    pub axes: Vec<(String, String)>,
    /// Where some axes mean nothing.
    pub conditions: Vec<String>,
    /// Where it is trained unless someone says otherwise.
    pub engine: EngineKind,
    /// How it is trained on this machine, and by Slurm.
    pub local: String,
    pub slurm: String,
    pub begun: Option<Begun>,
    pub estimates: Option<Estimates>,
}

/// Seconds until the last run ends, from earlier runs of the same network; none where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimates {
    /// Devices on which runs are trained at once.
    pub slots: Vec<String>,
    pub local: Option<f64>,
    pub slurm: Option<f64>,
}

/// The newest search that was begun from the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Begun {
    pub folder: SearchFolder,
    pub id: String,
    pub state: SearchState,
}

/// The form.
#[derive(Debug, Default)]
pub struct NewSearch {
    /// Open while a file is chosen.
    pub chooser: Option<Chooser>,
    page: Option<Page>,
    /// Where it shall be trained.
    engine: EngineKind,
    /// The file that is being read, and the number of the request.
    opening: Option<PathBuf>,
    requests: u64,
    /// It is being begun; keys that would begin another one do nothing.
    pub starting: bool,
    /// What is wrong, as a sentence.
    pub problem: Option<String>,
    /// The first line in view.
    pub top: usize,
}

impl NewSearch {
    /// What the chosen file asks for.
    pub fn page(&self) -> Option<&Page> {
        self.page.as_ref().filter(|_| self.chooser.is_none())
    }

    /// The file that is being read, while nothing else can be shown.
    pub fn opening(&self) -> Option<&Path> {
        self.opening.as_deref()
    }

    pub fn engine(&self) -> EngineKind {
        self.engine
    }

    fn open(&mut self, path: PathBuf) -> Effect {
        self.requests += 1;
        self.problem = None;
        self.opening = Some(path.clone());
        Effect::NewSearch(Order::Open(self.requests, path))
    }
}

impl State {
    /// Opens the form at the choice of a file.
    pub(super) fn new_search(&mut self) -> Vec<Effect> {
        self.go(Screen::NewSearch);
        vec![self.choose_search_file()]
    }

    fn choose_search_file(&mut self) -> Effect {
        let form = &mut self.new_search;
        form.chooser = Some(Chooser::default());
        (form.page, form.opening, form.problem, form.top) = (None, None, None, 0);
        Effect::NewSearch(Order::Files)
    }

    pub(in crate::tui::state) fn act_in_new_search(&mut self, action: Action) -> Vec<Effect> {
        if self.new_search.chooser.is_some() {
            return self.act_in_search_files(action);
        }
        // Until the next key, as other sentences about what went wrong.
        self.new_search.problem = None;
        let page = usize::from(screens::searches::new::rows(self.size));
        match action {
            Action::Up => self.scroll_new_search(-1),
            Action::Down => self.scroll_new_search(1),
            Action::PageUp => self.scroll_new_search(-(page as isize)),
            Action::PageDown => self.scroll_new_search(page as isize),
            Action::First => self.scroll_new_search(isize::MIN),
            Action::Last => self.scroll_new_search(isize::MAX),
            Action::Left | Action::Right => {
                let form = &mut self.new_search;
                form.engine = match form.engine {
                    EngineKind::Local => EngineKind::Slurm,
                    EngineKind::Slurm => EngineKind::Local,
                };
            }
            Action::Enter => return self.begin_or_show(),
            Action::Launch => return self.begin_search(),
            Action::Resume => return self.resume_begun(),
            Action::Help => self.overlay = Some(Overlay::Help),
            Action::Out => return vec![self.choose_search_file()],
            Action::Back => {
                self.back();
            }
            _ => {}
        }
        Vec::new()
    }

    fn act_in_search_files(&mut self, action: Action) -> Vec<Effect> {
        let Some(chooser) = &mut self.new_search.chooser else { return Vec::new() };
        match action {
            Action::Out => {
                self.new_search.chooser = None;
                self.back();
            }
            Action::Enter => match chooser.config() {
                Some(path) => return vec![self.new_search.open(path)],
                None => chooser.error = Some("name a search's file: type its path".into()),
            },
            _ => chooser.act(action),
        }
        Vec::new()
    }

    fn scroll_new_search(&mut self, by: isize) {
        let rows = usize::from(screens::searches::new::rows(self.size));
        let lines = screens::searches::new::lines(&self.new_search, self.size.0).len();
        let form = &mut self.new_search;
        form.top = form.top.saturating_add_signed(by).min(lines.saturating_sub(rows));
    }

    /// Enter does what is meant mostly: one that was begun already is opened.
    fn begin_or_show(&mut self) -> Vec<Effect> {
        let begun = self.new_search.page().and_then(|page| page.begun.as_ref());
        match begun.map(|begun| begun.folder.clone()) {
            Some(folder) => {
                self.show_begun(folder);
                Vec::new()
            }
            None => self.begin_search(),
        }
    }

    fn begin_search(&mut self) -> Vec<Effect> {
        let form = &mut self.new_search;
        let Some(page) = form.page.as_ref().filter(|_| form.chooser.is_none() && !form.starting) else {
            return Vec::new();
        };
        let beginning =
            Beginning { file: page.path.clone(), engine: form.engine, again: page.begun.is_some() };
        if let Some(begun) = &page.begun {
            let text = format!("This file was begun already, as {}. Begin another search from it?", begun.id);
            let effect = Effect::BeginSearch(beginning);
            self.overlay = Some(Overlay::Question(Question { text, effect }));
            return Vec::new();
        }
        form.starting = true;
        vec![Effect::BeginSearch(beginning)]
    }

    /// Goes on with the search that was begun from the file, and shows it.
    fn resume_begun(&mut self) -> Vec<Effect> {
        let Some(begun) = self.new_search.page().and_then(|page| page.begun.clone()) else {
            return Vec::new();
        };
        self.show_begun(begun.folder.clone());
        self.say(format!("resuming {}", begun.id), false);
        vec![Effect::ActOnSearch(begun.folder, Act::Resume)]
    }

    /// Leaves the form for a search.
    fn show_begun(&mut self, folder: SearchFolder) {
        self.new_search = NewSearch { requests: self.new_search.requests, ..NewSearch::default() };
        self.back();
        self.open_search(folder);
        self.go(Screen::Search);
        self.keep_searches_in_view();
    }

    pub(in crate::tui::state) fn take_new_search(&mut self, report: Report) -> bool {
        let is_shown = self.screen == Screen::NewSearch;
        let form = &mut self.new_search;
        match report {
            Report::Files(files) => {
                let Some(chooser) = &mut form.chooser else { return false };
                chooser.set_configs(files);
            }
            Report::Opened(number, _) | Report::Estimated(number, _) if number != form.requests => {
                return false;
            }
            Report::Opened(_, page) => match (page, &mut form.chooser) {
                // The choice was left meanwhile.
                _ if form.opening.take().is_none() => return false,
                (Ok(page), _) => {
                    (form.engine, form.chooser, form.top) = (page.engine, None, 0);
                    form.page = Some(*page);
                }
                (Err(problem), Some(chooser)) => chooser.error = Some(problem),
                (Err(problem), None) => form.problem = Some(problem),
            },
            Report::Estimated(_, estimates) => {
                let Some(page) = &mut form.page else { return false };
                page.estimates = Some(*estimates);
            }
            Report::Begun(result) => return self.search_begun(result),
        }
        is_shown
    }

    fn search_begun(&mut self, result: Result<SearchFolder, String>) -> bool {
        self.new_search.starting = false;
        match result {
            Ok(folder) => {
                let id = crate::data::printable(&folder.id()).into_owned();
                self.say(format!("began {id}; it goes on when the dashboard is closed"), false);
                // Unless the user has gone elsewhere meanwhile.
                if self.screen == Screen::NewSearch {
                    self.overlay = None;
                    self.show_begun(folder);
                }
                true
            }
            Err(problem) if self.screen == Screen::NewSearch => {
                self.new_search.problem = Some(problem);
                true
            }
            Err(problem) => self.say(problem, true),
        }
    }

    /// A search is being begun from now on: a question about it was answered with yes.
    pub(in crate::tui::state) fn is_beginning(&mut self) {
        self.new_search.starting = true;
    }
}

#[cfg(test)]
#[path = "new_tests.rs"]
mod tests;
