//! The form for a new run: a config file and what shall be different from it.

use super::TextLine;
use crate::tui::action::Action;
use crate::tui::message::Effect;
use std::path::{Path, PathBuf};

/// The field that has the cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field {
    #[default]
    Config,
    Sets,
}

/// What the form holds.
#[derive(Debug, Default)]
pub struct Form {
    pub field: Field,
    /// Filters the files, or is itself the path of one.
    pub query: TextLine,
    /// `key=value`, separated by blanks.
    pub sets: TextLine,
    /// What is wrong, as a sentence.
    pub error: Option<String>,
    /// The run is being made; keys that would start another one do nothing.
    pub starting: bool,
    /// `None` until they were looked for.
    configs: Option<Vec<PathBuf>>,
    chosen: usize,
}

impl Form {
    pub fn set_configs(&mut self, configs: Vec<PathBuf>) {
        self.configs = Some(configs);
        self.chosen = 0;
    }

    /// How many files there are to choose from.
    pub fn listed(&self) -> usize {
        self.configs.as_ref().map_or(0, Vec::len)
    }

    /// Whether the files have been looked for.
    pub fn is_listed(&self) -> bool {
        self.configs.is_some()
    }

    /// The files whose path contains every word of the query.
    pub fn shown(&self) -> Vec<&Path> {
        let query = self.query.text().to_lowercase();
        let words: Vec<&str> = query.split_whitespace().collect();
        let matches = |path: &&Path| {
            let text = path.to_string_lossy().to_lowercase();
            words.iter().all(|word| text.contains(word))
        };
        self.configs.iter().flatten().map(PathBuf::as_path).filter(matches).collect()
    }

    /// The position of the chosen file among the shown ones.
    pub fn position(&self) -> usize {
        self.chosen
    }

    /// The config that the run would be made from: the chosen file, or else what was typed.
    pub fn config(&self) -> Option<PathBuf> {
        let typed = self.query.text().trim();
        match self.shown().get(self.chosen) {
            Some(path) => Some(path.to_path_buf()),
            None if typed.is_empty() => None,
            None => Some(expand_home(typed)),
        }
    }

    /// Does what a key in the form does; an effect when the run shall start.
    pub fn act(&mut self, action: Action) -> Option<Effect> {
        if self.starting {
            return None;
        }
        let line = match self.field {
            Field::Config => &mut self.query,
            Field::Sets => &mut self.sets,
        };
        match action {
            Action::Up => self.chosen = self.chosen.saturating_sub(1),
            Action::Down => self.chosen += 1,
            Action::PageUp => self.chosen = self.chosen.saturating_sub(5),
            Action::PageDown => self.chosen += 5,
            Action::NextPane => {
                self.field = if self.field == Field::Config { Field::Sets } else { Field::Config };
            }
            Action::Enter => return self.enter(),
            _ if !line.act(action) => return None,
            _ => {}
        }
        if matches!(action, Action::Insert(_) | Action::Erase | Action::EraseWord | Action::EraseLine) {
            self.error = None;
            if self.field == Field::Config {
                self.chosen = 0;
            }
        }
        self.chosen = self.chosen.min(self.shown().len().saturating_sub(1));
        None
    }

    fn enter(&mut self) -> Option<Effect> {
        let Some(config) = self.config() else {
            self.error = Some("name a config file: type its path".into());
            self.field = Field::Config;
            return None;
        };
        if self.field == Field::Config {
            self.field = Field::Sets;
            return None;
        }
        self.error = None;
        self.starting = true;
        let sets = self.sets.text().split_whitespace().map(String::from).collect();
        Some(Effect::Start { config, sets })
    }

    /// The run could not be made: the sentence stands in the form, which can be changed.
    pub fn refuse(&mut self, error: String) {
        self.starting = false;
        self.error = Some(error);
    }
}

fn expand_home(typed: &str) -> PathBuf {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match (typed.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(typed),
    }
}
