//! A line that is being typed at the bottom of a screen: filters, titles, numbers of rows.

use super::{Overlay, State, TextLine};
use crate::tui::action::{Action, Tab};
use crate::tui::message::Effect;

/// What the line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    FilterRuns,
    Rename,
    Tags,
    Note,
    /// In the config or the log.
    Search,
    FilterScores,
    JumpToRow,
    FindField,
    /// Where the config of a search's point is written.
    Promote,
}

impl Purpose {
    /// What stands before the line.
    pub fn label(self) -> &'static str {
        match self {
            Self::FilterRuns | Self::FilterScores | Self::FindField | Self::Search => "/",
            Self::JumpToRow => ":",
            Self::Rename => "title: ",
            Self::Tags => "tags, with commas: ",
            Self::Note => "note: ",
            Self::Promote => "write its config as: ",
        }
    }
}

/// A line that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    pub purpose: Purpose,
    pub line: TextLine,
    /// The text before, which Esc brings back.
    before: String,
    /// Why the line cannot be taken as it is, as a sentence.
    pub error: Option<String>,
}

impl State {
    /// Opens a line with `text` in it.
    pub(super) fn ask_line(&mut self, purpose: Purpose, text: String) {
        let prompt = Prompt { purpose, line: TextLine::new(text.clone()), before: text, error: None };
        self.overlay = Some(Overlay::Prompt(prompt));
    }

    /// Opens a line that was refused once more, with the sentence that says why.
    pub(super) fn ask_line_again(&mut self, purpose: Purpose, text: String, error: String) {
        let line = TextLine::new(text.clone());
        self.overlay = Some(Overlay::Prompt(Prompt { purpose, line, before: text, error: Some(error) }));
    }

    /// Opens an empty line that takes the place of `before` when it is done.
    pub(super) fn ask_line_anew(&mut self, purpose: Purpose, before: String) {
        let prompt = Prompt { purpose, line: TextLine::default(), before, error: None };
        self.overlay = Some(Overlay::Prompt(prompt));
    }

    pub(super) fn act_in_prompt(&mut self, mut prompt: Prompt, action: Action) -> Vec<Effect> {
        match action {
            Action::Enter => {
                return match self.line_done(prompt.purpose, prompt.line.text()) {
                    Ok(effects) => effects,
                    Err(error) => {
                        self.overlay = Some(Overlay::Prompt(Prompt { error: Some(error), ..prompt }));
                        Vec::new()
                    }
                };
            }
            Action::Out => {
                self.line_left(prompt.purpose, &prompt.before);
                return Vec::new();
            }
            _ if prompt.line.act(action) => {
                prompt.error = self.line_changed(prompt.purpose, prompt.line.text()).err();
            }
            _ => self.act_beside_line(prompt.purpose, action),
        }
        self.overlay = Some(Overlay::Prompt(prompt));
        Vec::new()
    }

    /// The line is another one: what follows while it is being typed; a sentence where it cannot be taken as it is yet.
    fn line_changed(&mut self, purpose: Purpose, text: &str) -> Result<(), String> {
        match purpose {
            Purpose::FilterRuns => return self.list.set_filter(text.into()),
            Purpose::FilterScores => return self.type_scores_filter(text),
            Purpose::FindField => self.find_field(text),
            Purpose::Search if self.tab == Tab::Log => self.search_log(text),
            Purpose::Search => self.search_config(text),
            Purpose::JumpToRow | Purpose::Rename | Purpose::Tags | Purpose::Note | Purpose::Promote => {}
        }
        Ok(())
    }

    /// The line is given up: all is as it was before, which was taken then.
    fn line_left(&mut self, purpose: Purpose, before: &str) {
        let _ = match purpose {
            Purpose::FilterScores => self.filter_scores(before),
            _ => self.line_changed(purpose, before),
        };
    }

    /// The line is done; a sentence where it cannot be taken, and then it stays open.
    fn line_done(&mut self, purpose: Purpose, text: &str) -> Result<Vec<Effect>, String> {
        match purpose {
            Purpose::FilterRuns => {
                self.line_changed(purpose, text)?;
                if let Some(problem) = self.list.query().unfinished() {
                    return Err(problem.into());
                }
            }
            Purpose::FindField => self.line_changed(purpose, text)?,
            Purpose::FilterScores => self.filter_scores(text)?,
            Purpose::JumpToRow => self.jump_in_scores(text)?,
            Purpose::Rename | Purpose::Tags | Purpose::Note => return Ok(self.annotate(purpose, text)),
            Purpose::Promote => return self.promote(text),
            Purpose::Search => {
                self.line_changed(purpose, text)?;
                if self.tab == Tab::Log {
                    self.next_in_log();
                } else {
                    self.next_in_config();
                }
            }
        }
        Ok(Vec::new())
    }

    /// Keys that move in what the line is about.
    fn act_beside_line(&mut self, purpose: Purpose, action: Action) {
        match (purpose, action) {
            (Purpose::FilterRuns, Action::Up) => self.list.step(-1),
            (Purpose::FilterRuns, Action::Down) => self.list.step(1),
            (Purpose::FilterRuns, Action::PageUp) => self.list.page(-1),
            (Purpose::FilterRuns, Action::PageDown) => self.list.page(1),
            (Purpose::FilterScores | Purpose::JumpToRow, _) => {
                self.move_in_scores(action);
            }
            (Purpose::FindField, Action::Up) => self.step_field(-1),
            (Purpose::FindField, Action::Down) => self.step_field(1),
            _ => {}
        }
    }
}
