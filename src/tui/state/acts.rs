//! What each action does.

use super::{Overlay, Purpose, Question, Screen, Sort, State, can_resume};
use crate::tui::action::{Action, Tab};
use crate::tui::message::Effect;
use crate::tui::screens;

impl State {
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Leave => return vec![Effect::Leave],
            Action::Suspend => return vec![Effect::Suspend],
            // Nobody sees what the keys would do.
            _ if screens::is_too_small(self.size) => return Vec::new(),
            _ => {}
        }
        match self.overlay.take() {
            Some(Overlay::Help) if action == Action::Out => {
                // The next one begins at its top, wherever it is opened.
                self.help_top = 0;
                Vec::new()
            }
            Some(Overlay::Help) => {
                self.overlay = Some(Overlay::Help);
                self.scroll_help(action);
                Vec::new()
            }
            Some(Overlay::Question(question)) => self.answer(question, action),
            Some(Overlay::Prompt(prompt)) => self.act_in_prompt(prompt, action),
            None => match self.screen {
                Screen::Runs => self.act_in_runs(action),
                Screen::Run => self.act_in_run(action),
                Screen::Compare => self.act_in_compare(action),
                Screen::System => self.act_in_system(action),
                Screen::Searches => self.act_in_searches(action),
                Screen::Search => self.act_in_search(action),
                Screen::NewSearch => self.act_in_new_search(action),
                Screen::Launch => self.act_in_launch(action),
            },
        }
    }

    fn answer(&mut self, question: Question, action: Action) -> Vec<Effect> {
        match action {
            Action::Confirm => {
                if matches!(question.effect, Effect::BeginSearch(_)) {
                    self.is_beginning();
                }
                vec![question.effect]
            }
            Action::Out => Vec::new(),
            _ => {
                self.overlay = Some(Overlay::Question(question));
                Vec::new()
            }
        }
    }

    fn scroll_help(&mut self, action: Action) {
        let help = screens::help::extent(self.size, &self.keys, self.place_below());
        let page = help.rows as isize;
        let by = match action {
            Action::Up => -1,
            Action::Down => 1,
            Action::PageUp => -page,
            Action::PageDown => page,
            Action::First => isize::MIN,
            Action::Last => isize::MAX,
            _ => 0,
        };
        self.help_top = self.help_top.saturating_add_signed(by).min(help.last_top());
    }

    fn act_in_runs(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Up => self.list.step(-1),
            Action::Down => self.list.step(1),
            Action::PageUp => self.list.page(-1),
            Action::PageDown => self.list.page(1),
            Action::First => self.list.first(),
            Action::Last => self.list.last(),
            Action::Enter if self.list.chosen().is_some() => {
                self.go(Screen::Run);
                self.tab = Tab::Charts;
            }
            Action::Filter => self.ask_line(Purpose::FilterRuns, self.list.filter().to_string()),
            Action::Out => self.show_all(),
            Action::Back => return vec![Effect::Leave],
            Action::NewRun => return self.new_run(),
            Action::Sort => self.sort_by_next(),
            Action::Reverse => self.list.set_sort(self.list.sort().reverse()),
            Action::Mark => self.toggle_mark(),
            Action::UnmarkAll => self.unmark_all(),
            Action::Rename => self.ask_annotation(Purpose::Rename),
            Action::Tags => self.ask_annotation(Purpose::Tags),
            Action::Note => self.ask_annotation(Purpose::Note),
            Action::Stop if !self.several_marked().is_empty() => self.ask_to_stop_marked(),
            Action::Delete if !self.several_marked().is_empty() => self.ask_to_delete_marked(),
            Action::Delete => self.ask_to_delete(),
            Action::Compare => self.compare_marked(),
            _ => return self.act_on_run(action),
        }
        Vec::new()
    }

    /// Sorts the list by the column to the right of the one it is sorted by, as they are shown.
    fn sort_by_next(&mut self) {
        let columns = screens::runs::columns(self.size, &self.list);
        let here = columns.iter().position(|column| *column == self.list.sort().column);
        let next = columns[here.map_or(0, |here| here + 1) % columns.len()];
        self.list.set_sort(Sort::by(next));
    }

    fn act_in_run(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Tab(tab) => self.open_tab(tab),
            Action::NextPane | Action::PreviousPane => {
                let here = Tab::ALL.iter().position(|tab| *tab == self.tab).unwrap_or(0);
                let by = if action == Action::NextPane { 1 } else { Tab::ALL.len() - 1 };
                self.open_tab(Tab::ALL[(here + by) % Tab::ALL.len()]);
            }
            Action::Out if self.tab == Tab::Charts && self.timeline.close() => {}
            Action::Out if self.tab == Tab::Charts && self.cursor.take().is_some() => {}
            Action::Out if self.tab == Tab::Charts && self.alone => self.alone = false,
            Action::Out if self.tab == Tab::Config && self.close_config() => {}
            Action::Out if self.tab == Tab::Log && self.close_log() => {}
            Action::Out if self.tab == Tab::Scores && self.close_scores() => {}
            Action::Out if self.tab == Tab::Confusion && self.atlas.close() => {}
            Action::Out if self.tab == Tab::Explain && self.close_explain() => {}
            Action::Out | Action::Back => {
                self.back();
            }
            _ => match self.tab {
                Tab::Charts => return self.act_in_charts(action),
                Tab::Scores => return self.act_in_scores(action),
                Tab::Confusion => return self.act_in_confusion(action),
                Tab::Explain => return self.act_in_explain(action),
                Tab::Config => return self.act_in_config(action),
                Tab::Log => return self.act_in_log(action),
            },
        }
        Vec::new()
    }

    fn open_tab(&mut self, tab: Tab) {
        match tab {
            Tab::Explain => self.open_explain(),
            _ => self.tab = tab,
        }
    }

    /// What means the same wherever a run is chosen or open.
    pub(super) fn act_on_run(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Help => self.overlay = Some(Overlay::Help),
            Action::SmoothMore => self.view.smooth(true),
            Action::SmoothLess => self.view.smooth(false),
            Action::LogY => self.view.log_y = !self.view.log_y,
            Action::NextAxis => self.next_axis(),
            Action::Stop => self.ask_to_stop(),
            Action::Resume => return self.resume(),
            Action::Clone => return self.clone_run(),
            Action::System => self.go(Screen::System),
            Action::Searches => self.open_searches(),
            _ => {}
        }
        Vec::new()
    }

    fn ask_to_stop(&mut self) {
        let Some(run) = self.current() else { return };
        if !run.state.is_active() {
            let text = format!("{} is {}: there is nothing to stop", run.name, run.state);
            self.say(text, true);
            return;
        }
        let text = format!("Stop {}? It ends its step and keeps a checkpoint to resume from.", run.name);
        let effect = Effect::Stop(run.folder.clone());
        self.overlay = Some(Overlay::Question(Question { text, effect }));
    }

    fn resume(&mut self) -> Vec<Effect> {
        let Some(run) = self.current() else { return Vec::new() };
        if can_resume(run.state) {
            let effect = Effect::Resume(run.folder.clone());
            let text = format!("resuming {}", run.name);
            self.say(text, false);
            return vec![effect];
        }
        let text = format!("{} is {}: there is nothing to resume", run.name, run.state);
        self.say(text, true);
        Vec::new()
    }

    fn ask_to_delete(&mut self) {
        let Some(run) = self.list.chosen() else { return };
        if run.state.is_active() {
            let key = self.keys.key_for(self.place_below(), Action::Stop);
            let key = key.map(|key| format!(" ({key})")).unwrap_or_default();
            let text = format!("{} is {}: stop it first{key}", run.name, run.state);
            self.say(text, true);
            return;
        }
        let text = format!("Delete {} with its weights and scores? This cannot be undone.", run.id);
        let effect = Effect::Remove(run.folder.clone());
        self.overlay = Some(Overlay::Question(Question { text, effect }));
    }
}
