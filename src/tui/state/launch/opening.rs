//! How the form comes to its config: a file is chosen or a run's is taken, and its text is read.

use super::{Chooser, Form, Order};
use crate::config::{ConfigError, Draft};
use crate::run::printable;
use crate::tui::action::Action;
use crate::tui::message::Effect;
use crate::tui::state::{Screen, State};
use std::path::{Path, PathBuf};

/// Looking at the devices tries each GPU, which takes seconds; what was seen is good for so many.
const DEVICES_KEEP: f64 = 60.0;
/// So many forms are kept; the oldest is forgotten.
const MOST_FORMS: usize = 16;

impl State {
    /// The form as it was left if something was changed there, or else the choice of a config.
    pub(in crate::tui::state) fn new_run(&mut self) -> Vec<Effect> {
        self.launch.forms.retain(|form| form.draft().changed() > 0);
        let mut effects = self.enter_launch();
        match self.launch.form().map(|form| form.path().to_path_buf()) {
            // It may have been written to since.
            Some(path) => {
                self.say("as you left it; another config file is chosen in the first row".into(), false);
                effects.push(self.read_config(path));
            }
            None => effects.push(self.choose_config()),
        }
        effects
    }

    /// A form over the config of the run that the screen is about.
    pub(in crate::tui::state) fn clone_run(&mut self) -> Vec<Effect> {
        let Some(run) = self.current() else { return Vec::new() };
        let path = from_here(run.folder.config());
        let mut effects = self.enter_launch();
        self.launch.chooser = None;
        effects.push(self.read_config(path));
        effects
    }

    fn enter_launch(&mut self) -> Vec<Effect> {
        self.go(Screen::Launch);
        (self.launch.problem, self.launch.opening) = (None, None);
        let launch = &mut self.launch;
        // A clock that was set back counts as late.
        let is_fresh =
            launch.devices_asked.is_some_and(|then| (0.0..DEVICES_KEEP).contains(&(self.now - then)));
        if is_fresh {
            return Vec::new();
        }
        launch.devices_asked = Some(self.now);
        vec![Effect::Launch(Order::Devices)]
    }

    pub(super) fn choose_config(&mut self) -> Effect {
        self.launch.chooser = Some(Chooser::default());
        Effect::ListConfigs
    }

    fn read_config(&mut self, path: PathBuf) -> Effect {
        self.launch.opening = Some(path.clone());
        Effect::Launch(Order::Open(path))
    }

    /// The config files that there are.
    pub(in crate::tui::state) fn take_configs(&mut self, configs: Vec<PathBuf>) -> bool {
        self.launch.chooser.as_mut().map(|chooser| chooser.set_configs(configs)).is_some()
    }

    pub(super) fn act_in_chooser(&mut self, action: Action) -> Vec<Effect> {
        let Some(chooser) = &mut self.launch.chooser else { return Vec::new() };
        match action {
            Action::Out => {
                self.launch.chooser = None;
                if self.launch.form().is_none() {
                    self.leave_launch();
                }
            }
            Action::Enter => match chooser.config() {
                Some(path) => return vec![self.read_config(path)],
                None => chooser.error = Some("name a config file: type its path".into()),
            },
            _ => chooser.act(action),
        }
        Vec::new()
    }

    /// The text of a config was read, or could not be.
    pub(super) fn opened(&mut self, path: &Path, text: Result<String, String>) -> bool {
        // Another one was wanted since.
        if self.launch.opening.as_deref() != Some(path) {
            return false;
        }
        self.launch.opening = None;
        let place = path.display().to_string();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let known = self.launch.forms.iter().position(|form| form.path() == path);
        let sentence = |error: ConfigError| printable(&error.to_string()).into_owned();
        let draft = text.and_then(|text| {
            let begun = known.and_then(|known| self.launch.forms.get(known)).map(Form::draft);
            let draft = begun.map_or_else(|| Draft::new(&text, &place, &name), |draft| draft.over(&text));
            draft.map_err(sentence)
        });
        match (draft, known) {
            (Ok(draft), Some(known)) => {
                let mut form = self.launch.forms.remove(known);
                form.set_draft(draft);
                // All fields, and the file itself, are there again.
                form.set_filter("");
                self.launch.forms.push(form);
                self.launch.chooser = None;
            }
            (Ok(draft), None) => {
                self.launch.forms.push(Form::new(path.to_path_buf(), draft));
                let surplus = self.launch.forms.len().saturating_sub(MOST_FORMS);
                self.launch.forms.drain(..surplus);
                self.launch.chooser = None;
            }
            (Err(error), _) => self.refuse_config(path, error),
        }
        self.keep_launch_in_view();
        true
    }

    fn refuse_config(&mut self, path: &Path, error: String) {
        if let Some(chooser) = &mut self.launch.chooser {
            chooser.error = Some(error);
        } else if self.launch.form().is_some_and(|form| form.path() == path) {
            // What was changed is kept: the file may come back.
            self.launch.problem = Some(error);
        } else {
            if self.screen == Screen::Launch {
                self.leave_launch();
            }
            self.say(error, true);
        }
    }
}

/// A path below the current folder, as a person would type it there.
pub(super) fn from_here(path: PathBuf) -> PathBuf {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf));
    below.unwrap_or(path)
}
