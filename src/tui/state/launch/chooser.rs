use crate::tui::action::Action;
use crate::tui::state::TextLine;
use std::path::{Path, PathBuf};

/// A config file is chosen: by its name among those that there are, or by its path.
#[derive(Debug, Default)]
pub struct Chooser {
    /// Filters the files, or is itself the path of one.
    pub query: TextLine,
    /// What is wrong, as a sentence.
    pub error: Option<String>,
    /// `None` until they were looked for.
    configs: Option<Vec<PathBuf>>,
    chosen: usize,
}

impl Chooser {
    pub fn set_configs(&mut self, configs: Vec<PathBuf>) {
        self.configs = Some(configs);
        self.chosen = 0;
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

    /// The chosen file, or else what was typed.
    pub fn config(&self) -> Option<PathBuf> {
        let typed = self.query.text().trim();
        match self.shown().get(self.chosen) {
            Some(path) => Some(path.to_path_buf()),
            None if typed.is_empty() => None,
            None => Some(expand_home(typed)),
        }
    }

    pub(in crate::tui::state) fn act(&mut self, action: Action) {
        match action {
            Action::Up | Action::PreviousPane => self.chosen = self.chosen.saturating_sub(1),
            Action::Down | Action::NextPane => self.chosen += 1,
            Action::PageUp => self.chosen = self.chosen.saturating_sub(10),
            Action::PageDown => self.chosen += 10,
            _ => {
                let before = self.query.text().len();
                if self.query.act(action) && self.query.text().len() != before {
                    (self.error, self.chosen) = (None, 0);
                }
            }
        }
        self.chosen = self.chosen.min(self.shown().len().saturating_sub(1));
    }
}

fn expand_home(typed: &str) -> PathBuf {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match (typed.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(typed),
    }
}
