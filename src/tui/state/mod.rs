//! All that the dashboard knows and shows, as plain data, and how messages change it.

mod acts;
pub mod atlas;
mod charts;
mod columns;
pub mod compare;
pub mod config;
pub mod confusion;
pub mod explain;
mod followed;
pub mod launch;
mod list;
pub mod log;
mod marks;
mod mouse;
pub mod notes;
pub mod pictures;
mod prompt;
pub mod scores;
mod scroll;
pub mod search;
pub mod searches;
pub mod system;
mod text;
pub mod timeline;
pub mod values;
mod view;

pub use charts::cursor_words;
pub use columns::{Column, Sort};
pub use followed::{ChartKey, Followed};
pub use list::RunsList;
pub use marks::{Mark, Marks};
pub use prompt::{Prompt, Purpose};
pub use text::TextLine;
pub use view::{Axis, View, slot};

use super::action::Tab;
use super::keys::{Keys, Place};
use super::message::{Effect, Effects, FollowedRun, Message, RunEntry};
use super::screens;
use super::settings::Settings;
use crate::run::{RunFolder, State as RunState};

/// Which screen stands behind whatever is open over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    #[default]
    Runs,
    Run,
    Compare,
    System,
    /// The list of searches.
    Searches,
    /// One search.
    Search,
    /// The form for a new search.
    NewSearch,
    /// The form for a new run.
    Launch,
}

/// What is open over the screen and has the keyboard.
#[derive(Debug)]
pub enum Overlay {
    Help,
    Question(Question),
    Prompt(Prompt),
}

/// Something that is done only after a yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub text: String,
    pub effect: Effect,
}

/// A sentence in the last line, until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub bad: bool,
}

/// The whole dashboard.
#[derive(Debug)]
pub struct State {
    /// The folder of runs as a person would name it.
    pub place: String,
    pub keys: Keys,
    /// Rings when a run ends.
    pub bell: bool,
    /// The first line of the help in view.
    pub help_top: usize,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Unix seconds, as far as anyone said.
    pub now: f64,
    pub screen: Screen,
    /// The screens that the way back leads to, the next one last.
    way_back: Vec<Screen>,
    pub overlay: Option<Overlay>,
    /// The runs have been looked for.
    pub listed: bool,
    pub list: RunsList,
    pub marks: Marks,
    pub followed: Option<Followed>,
    pub view: View,
    pub tab: Tab,
    /// The chart with the focus, as an index into the followed run's charts.
    pub focus: usize,
    /// Only the chart with the focus is shown.
    pub alone: bool,
    pub scores: scores::Scores,
    pub confusion: confusion::Confusion,
    pub atlas: atlas::AtlasView,
    pub explain: explain::Explain,
    pub compare: compare::Compare,
    pub timeline: timeline::Timeline,
    pub system: system::System,
    pub searches: searches::Searches,
    pub new_search: searches::new::NewSearch,
    pub launch: launch::Launch,
    pub pictures: pictures::Pictures,
    /// The place on the x axis whose values all charts show, in the unit of the axis.
    pub cursor: Option<f64>,
    pub log: log::LogTab,
    pub config: config::ConfigTab,
    pub notice: Option<Notice>,
    /// A run that was just started and is to be chosen once it is listed.
    awaited: Option<RunFolder>,
    /// It is to be opened then, too.
    opens_awaited: bool,
    requests: FollowedRun,
    /// The run whose notes are being typed.
    annotated: Option<RunFolder>,
}

impl State {
    /// A dashboard over the runs of `place`, for a terminal of `size` columns and rows.
    pub fn new(place: impl Into<String>, size: (u16, u16)) -> Self {
        let mut state = Self {
            place: place.into(),
            keys: Keys::default(),
            bell: false,
            help_top: 0,
            size,
            now: 0.0,
            screen: Screen::Runs,
            way_back: Vec::new(),
            overlay: None,
            listed: false,
            list: RunsList::default(),
            marks: Marks::default(),
            followed: None,
            view: View::default(),
            tab: Tab::Charts,
            focus: 0,
            alone: false,
            scores: scores::Scores::default(),
            confusion: confusion::Confusion::default(),
            atlas: atlas::AtlasView::default(),
            explain: explain::Explain::default(),
            compare: compare::Compare::default(),
            timeline: timeline::Timeline::default(),
            system: system::System::default(),
            searches: searches::Searches::default(),
            new_search: searches::new::NewSearch::default(),
            launch: launch::Launch::default(),
            pictures: pictures::Pictures::default(),
            cursor: None,
            log: log::LogTab::default(),
            config: config::ConfigTab::default(),
            notice: None,
            awaited: None,
            opens_awaited: false,
            requests: 0,
            annotated: None,
        };
        state.set_rows();
        state
    }

    /// Takes a user's settings, and tells what of them could not be understood.
    pub fn prefer(&mut self, settings: &Settings) {
        self.keys = settings.keys.clone();
        self.view = View::beginning(settings.smoothing, settings.x_axis);
        self.bell = settings.bell;
        if !settings.problems.is_empty() {
            self.say(settings.problems.join(". "), true);
        }
    }

    /// Takes in what happened. Never waits and never fails.
    pub fn update(&mut self, message: Message) -> Effects {
        let mut effects = Effects { draw: true, ..Effects::default() };
        match message {
            Message::Key(key) => match self.keys.action(self.place(), key) {
                Some(action) => {
                    self.notice = None;
                    effects.effects = self.act(action);
                }
                None => effects.draw = self.notice.take().is_some(),
            },
            Message::Mouse(event) => match self.mouse(event) {
                Some(asked) => effects.effects = asked,
                None => effects.draw = false,
            },
            Message::Answer(answer) => effects.draw = self.pictures.abilities.take(&answer),
            Message::Resized(columns, rows) => {
                self.size = (columns, rows);
                self.set_rows();
                self.keep_searches_in_view();
            }
            Message::Clock(now) => {
                self.now = now;
                self.pictures.look_again();
                self.list.set_now(now);
            }
            Message::Runs(Ok(entries)) => effects.effects.extend(self.take_runs(entries)),
            Message::Runs(Err(problem)) => {
                self.listed = true;
                effects.draw = self.say(problem, true);
            }
            Message::Metrics(request, slice) => {
                effects.draw = self.followed_by(request).map(|run| run.apply(*slice)).is_some();
            }
            Message::CaughtUp(request) => {
                effects.draw = self.followed_by(request).map(|run| run.caught_up = true).is_some();
            }
            Message::Log(request, piece) => {
                effects.draw = self.followed_by(request).is_some();
                if effects.draw {
                    self.grow_log(piece);
                }
            }
            Message::Config(request, lines) => {
                effects.draw = self.followed_by(request).map(|run| run.config = lines).is_some();
                if effects.draw {
                    self.config_changed();
                }
            }
            Message::Configs(configs) => effects.draw = self.take_configs(configs),
            Message::Started(result) => self.started(result),
            Message::Values(report) => effects.draw = self.take_values(report),
            Message::Scores(report) => effects.draw = self.take_scores(report),
            Message::Confusion(report) => effects.draw = self.take_confusion(report),
            Message::Atlas(report) => effects.draw = self.take_atlas(report),
            Message::Explain(report) => effects.draw = self.take_explain(report),
            Message::Compare(report) => effects.draw = self.take_compare(report),
            Message::Timeline(report) => effects.draw = self.take_timeline(report),
            Message::System(report) => effects.draw = self.take_system(report),
            Message::Searches(report) => effects.draw = self.take_searches(report),
            Message::NewSearch(report) => effects.draw = self.take_new_search(report),
            Message::Importance(report) => effects.draw = self.take_importance(report),
            Message::BestCurves(report) => effects.draw = self.take_best_curves(report),
            Message::Launch(report) => effects.draw = self.take_launch(report),
            Message::Pictures(report) => effects.draw = self.take_pictures(report),
            Message::ConfigCompared(report) => effects.draw = self.take_config(report),
            Message::LogPiece(report) => effects.draw = self.take_log(report),
            Message::LogFound(report) => effects.draw = self.take_found(report),
            Message::Done(Ok(text)) => effects.draw = self.say(text, false),
            Message::Done(Err(text)) | Message::Problem(text) => effects.draw = self.say(text, true),
        }
        self.follow_chosen(&mut effects);
        self.follow_marked(&mut effects);
        if self.opens_awaited && self.listed && self.awaited.is_none() {
            self.opens_awaited = false;
            // Unless the user has gone elsewhere meanwhile.
            if self.screen == Screen::Runs {
                self.go(Screen::Run);
            }
        }
        // What is to be seen now and has not been asked for yet.
        let asks = [
            Self::ask_values,
            Self::ask_scores,
            Self::ask_confusion,
            Self::ask_atlas,
            Self::ask_explain,
            Self::ask_compare,
            Self::ask_timeline,
            Self::ask_system,
            Self::ask_searches,
            Self::ask_importance,
            Self::ask_best_curves,
            Self::ask_launch,
            Self::ask_pictures,
            Self::ask_config,
            Self::ask_log,
            Self::ask_search,
        ];
        for ask in asks {
            effects.effects.extend(ask(self));
        }
        effects
    }

    /// Opens a run as soon as it is listed.
    pub fn open(&mut self, folder: RunFolder) {
        self.awaited = Some(folder);
        self.opens_awaited = true;
    }

    /// Leaves what is shown for the curves of a run; the way back is that to the runs.
    pub(super) fn open_run(&mut self, folder: RunFolder) {
        self.way_back.clear();
        (self.screen, self.tab) = (Screen::Runs, Tab::Charts);
        self.show_all();
        // One that is not listed yet will be.
        self.awaited = (!self.list.choose(&folder)).then_some(folder);
        self.opens_awaited = true;
    }

    /// What has the keyboard.
    pub fn place(&self) -> Place {
        match self.overlay {
            Some(Overlay::Help) => Place::Help,
            Some(Overlay::Question(_)) => Place::Question,
            Some(Overlay::Prompt(_)) => Place::Prompt,
            None => self.place_below(),
        }
    }

    /// What has the keyboard while nothing is open over the screen.
    pub fn place_below(&self) -> Place {
        match (self.screen, self.tab) {
            (Screen::Runs, _) => Place::Runs,
            (Screen::Run, Tab::Charts) if self.timeline.is_open() => Place::Timeline,
            (Screen::Run, Tab::Charts) => Place::Charts,
            (Screen::Run, Tab::Scores) => Place::Scores,
            (Screen::Run, Tab::Confusion) => Place::Confusion,
            (Screen::Run, Tab::Explain) => Place::Explain,
            (Screen::Run, Tab::Config | Tab::Log) => Place::Lines,
            (Screen::Compare, _) => Place::Compare,
            (Screen::System, _) => Place::System,
            (Screen::Searches, _) => Place::Searches,
            (Screen::Search, _) => Place::Search,
            (Screen::NewSearch, _) if self.new_search.chooser.is_some() => Place::Field,
            (Screen::NewSearch, _) => Place::NewSearch,
            (Screen::Launch, _) if self.launch.takes_text() => Place::Field,
            (Screen::Launch, _) => Place::Launch,
        }
    }

    /// Opens a screen; [`State::back`] leads back here.
    pub(super) fn go(&mut self, to: Screen) {
        if self.screen != to {
            self.way_back.push(self.screen);
            self.screen = to;
        }
    }

    /// To the screen before; `false` on the first one.
    pub(super) fn back(&mut self) -> bool {
        let Some(before) = self.way_back.pop() else { return false };
        self.screen = before;
        self.leave_lost_run();
        true
    }

    /// From a run whose folder is gone to the others.
    fn leave_lost_run(&mut self) {
        if self.screen == Screen::Run && self.current().is_none() {
            self.way_back.clear();
            self.screen = Screen::Runs;
            // What was asked or typed was about the run.
            self.overlay.take_if(|overlay| !matches!(overlay, Overlay::Help));
            self.say("the run's folder is gone".into(), true);
        }
    }

    /// The run that the screen is about: the chosen one, or the one that was opened.
    pub fn current(&self) -> Option<&RunEntry> {
        match (self.screen, &self.followed) {
            (Screen::Run, Some(followed)) => self.list.find(&followed.folder),
            _ => self.list.chosen(),
        }
    }

    /// What is known of [`State::current`]'s curves; `None` until it is followed.
    pub fn current_data(&self) -> Option<&Followed> {
        let current = self.current()?;
        self.followed.as_ref().filter(|followed| followed.folder == current.folder)
    }

    fn followed_by(&mut self, request: FollowedRun) -> Option<&mut Followed> {
        // What was sent for an earlier request is of no interest any more.
        match &mut self.followed {
            Some(followed) if followed.request == request => Some(followed),
            _ => self.marks.find(request),
        }
    }

    fn take_runs(&mut self, entries: Vec<RunEntry>) -> Option<Effect> {
        let ring = self.bell.then(|| ended(self.list.entries(), &entries)).flatten().map(Effect::Ring);
        self.listed = true;
        self.list.replace(entries);
        self.forget_lost_marks();
        self.set_rows();
        if let Some(folder) = self.awaited.take()
            && self.screen == Screen::Runs
            && !self.list.choose(&folder)
        {
            self.awaited = Some(folder);
        }
        self.leave_lost_run();
        ring
    }

    fn set_rows(&mut self) {
        self.list.set_rows(screens::runs::rows(self.size, self.list.entries().len()));
        self.keep_launch_in_view();
    }

    /// Takes the filter away.
    fn show_all(&mut self) {
        // Nothing is understood by everyone.
        let _ = self.list.set_filter(String::new());
    }

    fn say(&mut self, text: String, bad: bool) -> bool {
        let notice = Some(Notice { text, bad });
        let is_new = self.notice != notice;
        self.notice = notice;
        is_new
    }

    /// Asks for the chosen run's data when another one was chosen.
    fn follow_chosen(&mut self, effects: &mut Effects) {
        if self.screen != Screen::Runs {
            return;
        }
        let Some(chosen) = self.list.chosen() else {
            // Its folder may be gone; its data would only be in the way.
            self.followed = None;
            return;
        };
        if self.followed.as_ref().is_some_and(|followed| followed.folder == chosen.folder) {
            return;
        }
        let follow = self.follow(chosen.folder.clone());
        effects.effects.push(follow);
    }

    /// From now on the screens are about this run.
    fn follow(&mut self, folder: RunFolder) -> Effect {
        self.requests += 1;
        self.followed = Some(Followed::new(self.requests, folder.clone()));
        (self.focus, self.alone, self.cursor) = (0, false, None);
        (self.log, self.config) = Default::default();
        Effect::Follow(self.requests, folder)
    }
}

/// What to ring with: which runs were going on and have ended. A preempted one goes on by itself.
fn ended(before: &[RunEntry], now: &[RunEntry]) -> Option<String> {
    use RunState::{Failed, Finished, Lost, Stopped};
    let was_active: Vec<&RunFolder> =
        before.iter().filter(|entry| entry.state.is_active()).map(|entry| &entry.folder).collect();
    let has_ended = |entry: &&RunEntry| {
        matches!(entry.state, Finished | Failed | Lost | Stopped) && was_active.contains(&&entry.folder)
    };
    match now.iter().filter(has_ended).collect::<Vec<_>>()[..] {
        [] => None,
        [entry] => Some(format!("{} is {}", entry.name, entry.state)),
        ref several => Some(format!("{} runs have ended", several.len())),
    }
}

/// Whether a run in this state can be resumed.
pub fn can_resume(state: RunState) -> bool {
    matches!(state, RunState::Stopped | RunState::Preempted | RunState::Failed | RunState::Lost)
}

#[cfg(test)]
mod tests;
