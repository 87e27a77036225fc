//! A new run: a config file is chosen, its fields are changed, and a trainer is started.

mod chooser;
mod command;
mod form;
mod opening;

pub use chooser::Chooser;
pub use command::{command, lines as command_lines, quoted};
pub use form::{Form, Pictures, Row};

use super::{Overlay, Purpose, Screen, State};
use crate::device::DeviceReport;
use crate::run::{RunFolder, printable};
use crate::tui::action::Action;
use crate::tui::message::{Effect, RunEntry};
use crate::tui::screens;
use std::path::PathBuf;

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
    /// When they were looked for, unix seconds.
    devices_asked: Option<f64>,
    /// The run is being made; keys that would start another one do nothing.
    pub starting: bool,
    /// What is wrong and belongs to no field, as a sentence.
    pub problem: Option<String>,
    /// The file that is being read.
    opening: Option<PathBuf>,
}

impl Launch {
    /// The form that is shown; `None` until the config that is wanted has been read.
    pub fn form(&self) -> Option<&Form> {
        self.forms.last().filter(|form| !self.waits_for_another_than(form))
    }

    fn form_mut(&mut self) -> Option<&mut Form> {
        let waits = self.forms.last().is_some_and(|form| self.waits_for_another_than(form));
        self.forms.last_mut().filter(|_| !waits)
    }

    fn waits_for_another_than(&self, form: &Form) -> bool {
        // With the files beside it, it is only chosen, and the way back leads to this form.
        self.chooser.is_none() && self.opening.as_deref().is_some_and(|path| path != form.path())
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

impl State {
    pub(super) fn act_in_launch(&mut self, action: Action) -> Vec<Effect> {
        if self.launch.chooser.is_some() {
            return self.act_in_chooser(action);
        }
        // Until the next key, as other sentences about what went wrong.
        self.launch.problem = None;
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
