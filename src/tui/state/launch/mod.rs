//! A new run: a config file is chosen, its fields are changed, and a trainer is started.

mod chooser;
mod command;
mod form;

pub use chooser::Chooser;
pub use command::command;
pub use form::{Form, Pictures, Row};

use super::{Overlay, Purpose, Screen, State};
use crate::config::Draft;
use crate::device::DeviceReport;
use crate::run::{RunFolder, printable};
use crate::tui::action::Action;
use crate::tui::message::{Effect, RunEntry};
use crate::tui::screens;
use std::path::{Path, PathBuf};

/// So many forms are kept; the oldest is forgotten.
const MOST_FORMS: usize = 16;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// The text of a config.
    Open(PathBuf),
    /// Whether the pictures of this config can be trained on; the text is that of `config::of_pictures`.
    Look(String),
    /// The devices of this machine.
    Devices,
}

/// What came of it.
#[derive(Debug)]
pub enum Report {
    Opened(PathBuf, Result<String, String>),
    /// `None`: the pictures are there and still to be packed.
    Looked(String, Result<Option<Parts>, Refusal>),
    Devices(Vec<DeviceReport>),
}

/// How many pictures each part has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    pub train: usize,
    pub valid: usize,
    pub test: usize,
    /// Missing or unreadable.
    pub skipped: usize,
}

/// Why a run cannot be, and the field that decides it, where it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub field: Option<&'static str>,
    pub sentence: String,
}

/// The screen of a new run.
#[derive(Debug, Default)]
pub struct Launch {
    /// Open while a file is chosen.
    pub chooser: Option<Chooser>,
    /// What was edited in this session; the last one is shown.
    forms: Vec<Form>,
    /// `None` until they were looked for.
    pub devices: Option<Vec<DeviceReport>>,
    /// The run is being made; keys that would start another one do nothing.
    pub starting: bool,
    /// What is wrong and belongs to no field, as a sentence.
    pub problem: Option<String>,
    /// The file that is being read.
    opening: Option<PathBuf>,
}

impl Launch {
    pub fn form(&self) -> Option<&Form> {
        self.forms.last()
    }

    fn form_mut(&mut self) -> Option<&mut Form> {
        self.forms.last_mut()
    }

    /// A line is being typed in the screen.
    pub fn takes_text(&self) -> bool {
        self.chooser.is_some() || self.form().is_some_and(|form| form.editing().is_some())
    }

    /// The file is being read and nothing can be shown yet.
    pub fn is_opening(&self) -> bool {
        self.opening.is_some()
    }

    /// The names of the devices that can be used, as configs have them.
    fn device_choices(&self) -> Vec<String> {
        let found = self.devices.iter().flatten();
        let usable = found.filter(|device| device.usable && device.device != "cpu");
        ["auto", "cpu"].into_iter().map(String::from).chain(usable.map(|gpu| gpu.device.clone())).collect()
    }
}

/// A path below the current folder, as a person would type it there.
fn from_here(path: PathBuf) -> PathBuf {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf));
    below.unwrap_or(path)
}

impl State {
    /// The form as it was left, or else the choice of a config.
    pub(super) fn new_run(&mut self) -> Vec<Effect> {
        self.go(Screen::Launch);
        self.launch.problem = None;
        let mut effects = vec![Effect::Launch(Order::Devices)];
        match self.launch.form().map(|form| form.path().to_path_buf()) {
            // It may have been written to since.
            Some(path) => effects.push(self.read_config(path)),
            None => effects.push(self.choose_config()),
        }
        effects
    }

    /// A form over the config of the run that the screen is about.
    pub(super) fn clone_run(&mut self) -> Vec<Effect> {
        let Some(run) = self.current() else { return Vec::new() };
        let path = from_here(run.folder.config());
        self.go(Screen::Launch);
        (self.launch.problem, self.launch.chooser) = (None, None);
        vec![Effect::Launch(Order::Devices), self.read_config(path)]
    }

    fn choose_config(&mut self) -> Effect {
        self.launch.chooser = Some(Chooser::default());
        Effect::ListConfigs
    }

    fn read_config(&mut self, path: PathBuf) -> Effect {
        self.launch.opening = Some(path.clone());
        Effect::Launch(Order::Open(path))
    }

    /// The config files that there are.
    pub(super) fn take_configs(&mut self, configs: Vec<PathBuf>) -> bool {
        self.launch.chooser.as_mut().map(|chooser| chooser.set_configs(configs)).is_some()
    }

    pub(super) fn act_in_launch(&mut self, action: Action) -> Vec<Effect> {
        if self.launch.chooser.is_some() {
            return self.act_in_chooser(action);
        }
        let devices = self.launch.device_choices();
        let rows = screens::launch::rows(self.size);
        let Some(form) = self.launch.form_mut() else {
            if matches!(action, Action::Out | Action::Back) {
                self.leave_launch();
            }
            return Vec::new();
        };
        match action {
            _ if form.editing().is_some() => form.edit(action),
            Action::Up | Action::PreviousPane => form.step(-1),
            Action::Down | Action::NextPane => form.step(1),
            Action::PageUp => form.step(-(rows as isize)),
            Action::PageDown => form.step(rows as isize),
            Action::First => form.step(isize::MIN),
            Action::Last => form.step(isize::MAX),
            Action::Left => form.switch(-1, &devices),
            Action::Right => form.switch(1, &devices),
            Action::Erase => form.reset(),
            Action::Enter if form.row() == Some(Row::File) => return vec![self.choose_config()],
            Action::Enter => form.enter(),
            Action::Filter => {
                let filter = form.filter().to_string();
                self.ask_line(Purpose::FindField, filter);
            }
            Action::Help => self.overlay = Some(Overlay::Help),
            Action::Launch => return self.start(),
            Action::Out if !form.filter().is_empty() => form.set_filter(""),
            Action::Out | Action::Back => self.leave_launch(),
            _ => {}
        }
        self.keep_launch_in_view();
        Vec::new()
    }

    fn leave_launch(&mut self) {
        (self.launch.problem, self.launch.opening) = (None, None);
        self.back();
    }

    pub(super) fn keep_launch_in_view(&mut self) {
        let rows = screens::launch::rows(self.size);
        if let Some(form) = self.launch.form_mut() {
            form.keep_in_view(rows);
        }
    }

    fn act_in_chooser(&mut self, action: Action) -> Vec<Effect> {
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

    /// Shows only fields with all words of a text in their name or their help.
    pub(super) fn find_field(&mut self, text: &str) {
        if let Some(form) = self.launch.form_mut() {
            form.set_filter(text);
        }
        self.keep_launch_in_view();
    }

    pub(super) fn step_field(&mut self, by: isize) {
        if let Some(form) = self.launch.form_mut() {
            form.step(by);
        }
        self.keep_launch_in_view();
    }

    /// Orders the start; a config that cannot be is told about instead.
    fn start(&mut self) -> Vec<Effect> {
        if self.launch.starting {
            return Vec::new();
        }
        let Some(form) = self.launch.form_mut() else { return Vec::new() };
        form.forget_refusal();
        if let Some((wrong, count)) = form.errors() {
            form.choose(wrong);
            let fields =
                if count == 1 { "a field is wrong".into() } else { format!("{count} fields are wrong") };
            self.launch.problem = Some(format!("nothing was started: {fields}"));
            self.keep_launch_in_view();
            return Vec::new();
        }
        if let Some(problem) = form.draft().problem() {
            self.launch.problem = Some(printable(problem).into_owned());
            return Vec::new();
        }
        let start = Effect::Start { config: form.path().to_path_buf(), sets: form.draft().sets() };
        (self.launch.starting, self.launch.problem) = (true, None);
        vec![start]
    }

    /// A run was made and its trainer began, or not.
    pub(super) fn started(&mut self, result: Result<RunFolder, Refusal>) {
        self.launch.starting = false;
        match result {
            Ok(folder) => self.go_to_started(folder),
            Err(refusal) if self.screen == Screen::Launch => {
                self.launch.problem = Some(refusal.sentence.clone());
                if let Some(form) = self.launch.form_mut() {
                    form.refuse(refusal);
                }
                self.keep_launch_in_view();
            }
            Err(refusal) => {
                self.say(refusal.sentence, true);
            }
        }
    }

    /// Opens the new run, unless the user has gone elsewhere meanwhile.
    fn go_to_started(&mut self, folder: RunFolder) {
        let id = printable(&folder.id()).into_owned();
        self.say(format!("started {id}; it goes on when the dashboard is closed"), false);
        if self.screen == Screen::Launch {
            self.overlay = None;
            self.open_run(folder);
        }
    }

    pub(super) fn take_launch(&mut self, report: Report) -> bool {
        match report {
            Report::Opened(path, text) => self.opened(&path, text),
            Report::Devices(devices) => {
                self.launch.devices = Some(devices);
                self.screen == Screen::Launch
            }
            Report::Looked(pictures, found) => {
                let form = self.launch.form_mut();
                form.is_some_and(|form| form.take_pictures(&pictures, found)) && self.screen == Screen::Launch
            }
        }
    }

    fn opened(&mut self, path: &Path, text: Result<String, String>) -> bool {
        // Another one was wanted since.
        if self.launch.opening.as_deref() != Some(path) {
            return false;
        }
        self.launch.opening = None;
        let place = path.display().to_string();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let known = self.launch.forms.iter().position(|form| form.path() == path);
        let sentence = |error: crate::config::ConfigError| printable(&error.to_string()).into_owned();
        let draft = text.and_then(|text| {
            let begun = known.and_then(|known| self.launch.forms.get(known)).map(Form::draft);
            let draft = begun.map_or_else(|| Draft::new(&text, &place, &name), |draft| draft.over(&text));
            draft.map_err(sentence)
        });
        match (draft, known) {
            (Ok(draft), Some(known)) => {
                let mut form = self.launch.forms.remove(known);
                form.set_draft(draft);
                self.launch.forms.push(form);
                self.launch.chooser = None;
            }
            (Ok(draft), None) => {
                self.launch.forms.push(Form::new(path.to_path_buf(), draft));
                let surplus = self.launch.forms.len().saturating_sub(MOST_FORMS);
                self.launch.forms.drain(..surplus);
                self.launch.chooser = None;
            }
            (Err(error), _) => match &mut self.launch.chooser {
                Some(chooser) => chooser.error = Some(error),
                None => self.launch.problem = Some(error),
            },
        }
        self.keep_launch_in_view();
        true
    }

    /// Whether the pictures are there, where the form is about others than it was.
    pub(super) fn ask_launch(&mut self) -> Option<Effect> {
        if self.screen != Screen::Launch || self.launch.chooser.is_some() {
            return None;
        }
        let pictures = self.launch.form_mut()?.pictures_to_ask()?;
        Some(Effect::Launch(Order::Look(pictures)))
    }

    pub(super) fn click_in_launch(&mut self, at: (u16, u16)) -> Option<Vec<Effect>> {
        if self.launch.takes_text() {
            return None;
        }
        let form = self.launch.form_mut()?;
        let clicked = form.top() + screens::launch::row_at(self.size, at)?;
        match clicked == form.position() {
            true => Some(self.act(Action::Enter)),
            false => form.choose_position(clicked).then(Vec::new),
        }
    }

    /// The runs that are on a device now.
    pub fn runs_on(&self, device: &str) -> impl Iterator<Item = &RunEntry> {
        let entries = self.list.entries().iter();
        entries.filter(move |run| run.state.is_active() && run.device == device)
    }
}

#[cfg(test)]
mod tests;
