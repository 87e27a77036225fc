//! What people write about runs: titles, tags, notes.

use super::{Purpose, State};
use crate::run::Notes;
use crate::tui::message::Effect;

/// A change of one part of a run's notes; the others stay as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Annotation {
    /// Without one, the run is called as its config says.
    Title(String),
    Tags(Vec<String>),
    Note(String),
}

impl Annotation {
    pub fn apply(self, notes: &mut Notes) {
        match self {
            Self::Title(title) => notes.title = title,
            Self::Tags(tags) => notes.tags = tags,
            Self::Note(note) => notes.note = note,
        }
    }
}

/// Tags as they are typed: separated by commas, each once.
fn tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.into());
        }
    }
    tags
}

impl State {
    /// Opens the line for a part of the chosen run's notes.
    pub(super) fn ask_annotation(&mut self, purpose: Purpose) {
        let Some(run) = self.list.chosen() else { return };
        if let Some(problem) = &run.notes_problem {
            // Writing would lose what stands there.
            let text = format!("{problem}; mend it first");
            self.say(text, true);
            return;
        }
        let text = match purpose {
            Purpose::Tags => run.tags.join(", "),
            Purpose::Note => run.note.clone(),
            _ => run.name.clone(),
        };
        self.annotated = Some(run.folder.clone());
        self.ask_line(purpose, text);
    }

    /// Writes what was typed, if it is not what is there.
    pub(super) fn annotate(&mut self, purpose: Purpose, text: &str) -> Vec<Effect> {
        let Some(run) = self.annotated.take().and_then(|folder| self.list.find(&folder)) else {
            return Vec::new();
        };
        let text = text.trim();
        let change = match purpose {
            Purpose::Tags => Some(Annotation::Tags(tags(text))).filter(|_| tags(text) != run.tags),
            Purpose::Note => Some(Annotation::Note(text.into())).filter(|_| text != run.note),
            _ => Some(Annotation::Title(text.into())).filter(|_| text != run.name),
        };
        change.map(|change| Effect::Annotate(run.folder.clone(), change)).into_iter().collect()
    }
}
