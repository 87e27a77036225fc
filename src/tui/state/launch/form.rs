use super::{Parts, Refusal};
use crate::config::{self, Draft, FieldAbout, FieldKind, FieldValue, fields};
use crate::model;
use crate::run::printable;
use crate::tui::action::Action;
use crate::tui::state::{TextLine, scroll};
use std::path::{Path, PathBuf};

/// One row of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The config file.
    File,
    /// The name of a part of the config.
    Section(&'static str),
    /// A field, by its place in `config::fields`.
    Field(usize),
}

/// What is known of the pictures that the config names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Pictures {
    /// The config must be right first.
    #[default]
    Unknown,
    Asked,
    Unpacked,
    There(Parts),
    Refused(Refusal),
}

/// A config that is being edited.
#[derive(Debug)]
pub struct Form {
    path: PathBuf,
    draft: Draft,
    rows: Vec<Row>,
    filter: String,
    /// The place of the chosen row, which is never a section's.
    chosen: usize,
    top: usize,
    editing: Option<Editing>,
    /// Of the network: parameters, and multiply-adds for one picture.
    network: Option<(usize, usize)>,
    asked: Option<String>,
    pictures: Pictures,
    refusal: Option<Refusal>,
}

/// A field that is being typed.
#[derive(Debug)]
struct Editing {
    field: usize,
    line: TextLine,
    /// What was typed before, which Esc brings back.
    before: Option<String>,
}

impl Form {
    pub(super) fn new(path: PathBuf, draft: Draft) -> Self {
        let mut form = Self {
            path,
            draft,
            rows: Vec::new(),
            filter: String::new(),
            chosen: 0,
            top: 0,
            editing: None,
            network: None,
            asked: None,
            pictures: Pictures::Unknown,
            refusal: None,
        };
        form.narrow();
        // The file was just chosen.
        form.step(1);
        form.changed();
        form
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn row(&self) -> Option<Row> {
        self.rows.get(self.chosen).copied()
    }

    /// The place of the chosen row.
    pub fn position(&self) -> usize {
        self.chosen
    }

    /// The place of the first row in view.
    pub fn top(&self) -> usize {
        self.top
    }

    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// The line that is being typed.
    pub fn editing(&self) -> Option<&TextLine> {
        self.editing.as_ref().map(|editing| &editing.line)
    }

    pub fn network(&self) -> Option<(usize, usize)> {
        self.network
    }

    pub fn pictures(&self) -> &Pictures {
        &self.pictures
    }

    /// What is wrong with a field, printable.
    pub fn error(&self, field: usize) -> Option<String> {
        let about = fields().get(field)?;
        let value = self.draft.values().get(field)?;
        let refused = |refusal: &&Refusal| refusal.field == Some(about.key);
        let found = match &self.pictures {
            Pictures::Refused(refusal) => Some(refusal),
            _ => None,
        };
        let refusal = self.refusal.iter().chain(found).find(refused);
        let error = value.error.as_ref().or(refusal.map(|refusal| &refusal.sentence))?;
        Some(printable(error).into_owned())
    }

    /// The chosen field.
    pub fn field(&self) -> Option<(usize, &'static FieldAbout, &FieldValue)> {
        let Some(Row::Field(index)) = self.row() else { return None };
        Some((index, fields().get(index)?, self.draft.values().get(index)?))
    }

    /// The first field whose value cannot be, and how many there are.
    pub fn errors(&self) -> Option<(usize, usize)> {
        let mut wrong = (0..fields().len()).filter(|i| self.draft.values()[*i].error.is_some());
        let first = wrong.next()?;
        Some((first, 1 + wrong.count()))
    }

    /// Moves the choice by rows, over the names of sections.
    pub(super) fn step(&mut self, by: isize) {
        let fields: Vec<usize> =
            (0..self.rows.len()).filter(|i| !matches!(self.rows[*i], Row::Section(_))).collect();
        let here = fields.iter().position(|i| *i == self.chosen).unwrap_or(0);
        let there = here.saturating_add_signed(by).min(fields.len().saturating_sub(1));
        self.chosen = fields.get(there).copied().unwrap_or(0);
    }

    /// Chooses a field, and shows all fields where it is not among the shown ones.
    pub(super) fn choose(&mut self, field: usize) {
        if !self.rows.contains(&Row::Field(field)) {
            self.set_filter("");
        }
        self.chosen = self.rows.iter().position(|row| *row == Row::Field(field)).unwrap_or(self.chosen);
    }

    /// Chooses the row of a place; `false` where none can be chosen.
    pub(super) fn choose_position(&mut self, position: usize) -> bool {
        let can = matches!(self.rows.get(position), Some(Row::File | Row::Field(_)));
        if can {
            self.chosen = position;
        }
        can
    }

    pub(super) fn keep_in_view(&mut self, rows: usize) {
        self.top = scroll::in_view(self.top, self.chosen, rows, self.rows.len());
        // The first field is seen with its section's name and the file above it.
        if self.chosen <= 1 {
            self.top = 0;
        }
    }

    pub(super) fn set_filter(&mut self, filter: &str) {
        let chosen = self.row();
        self.filter = filter.into();
        self.narrow();
        let there = chosen.and_then(|chosen| self.rows.iter().position(|row| *row == chosen));
        let distance = |place: &usize| self.distance(self.rows[*place]);
        let nearest = (0..self.rows.len()).min_by_key(distance);
        // A field that is there still stays, but for one that is meant exactly.
        let nearer = |place: &usize| nearest.is_none_or(|other| distance(&other) > 0 || distance(place) == 0);
        self.chosen = there.filter(nearer).or(nearest).unwrap_or_default();
    }

    /// How far a row is from what is searched for: 0 where that is the field's name, 1 where it is a part of it.
    fn distance(&self, row: Row) -> u8 {
        let Row::Field(index) = row else { return u8::MAX };
        let (filter, key) = (self.filter.trim().to_lowercase(), fields()[index].key);
        match () {
            () if key == filter || key.rsplit('.').next() == Some(filter.as_str()) => 0,
            () if filter.split_whitespace().all(|word| key.contains(word)) => 1,
            () => 2,
        }
    }

    fn narrow(&mut self) {
        let filter = self.filter.to_lowercase();
        let words: Vec<&str> = filter.split_whitespace().collect();
        let matches = |field: &FieldAbout| {
            words.iter().all(|word| field.key.contains(word) || field.help.to_lowercase().contains(word))
        };
        self.rows = if words.is_empty() { vec![Row::File] } else { Vec::new() };
        let mut section = "";
        for (i, field) in fields().iter().enumerate().filter(|(_, field)| matches(field)) {
            if field.section() != section {
                section = field.section();
                self.rows.push(Row::Section(section));
            }
            self.rows.push(Row::Field(i));
        }
    }

    /// To another of the values that can be counted.
    pub(super) fn switch(&mut self, by: isize, devices: &[String]) {
        let Some((index, about, value)) = self.field() else { return };
        let choices: Vec<String> = match about.kind {
            FieldKind::Device => devices.to_vec(),
            _ => about.choices().into_iter().map(String::from).collect(),
        };
        let count = choices.len() as isize;
        if count == 0 {
            return;
        }
        // A value that is none of them is before the first one.
        let here = choices.iter().position(|choice| *choice == value.text).map_or(-1, |i| i as isize);
        let there = if here < 0 && by < 0 { count - 1 } else { (here + by).rem_euclid(count) };
        if let Some(choice) = choices.get(there as usize) {
            // Once round is no change, unless the network that gives the value is another one by now.
            self.reset_field(index);
            if self.draft.values()[index].text != *choice {
                self.set(index, choice);
            }
        }
    }

    /// Edits a field, or switches one with a few values.
    pub(super) fn enter(&mut self) {
        let Some((index, about, value)) = self.field() else { return };
        if !about.choices().is_empty() {
            self.switch(1, &[]);
            return;
        }
        // What a file says may hold anything.
        let line = TextLine::new(printable(&value.text));
        let before = self.draft.typed(index).map(String::from);
        self.editing = Some(Editing { field: index, line, before });
    }

    /// A key while a field is being typed: what is wrong with it is told with each letter.
    pub(super) fn edit(&mut self, action: Action) {
        let Some(mut editing) = self.editing.take() else { return };
        match action {
            Action::Enter => {}
            Action::Up | Action::PreviousPane => self.step(-1),
            Action::Down | Action::NextPane => self.step(1),
            Action::Out => {
                match &editing.before {
                    Some(before) => self.set(editing.field, before),
                    None => self.reset_field(editing.field),
                };
            }
            _ => {
                let text = editing.line.text().to_string();
                editing.line.act(action);
                if editing.line.text() != text {
                    self.set(editing.field, editing.line.text());
                }
                self.editing = Some(editing);
            }
        }
    }

    /// Takes the chosen field back to what the file says.
    pub(super) fn reset(&mut self) {
        if let Some((index, ..)) = self.field() {
            self.reset_field(index);
        }
    }

    fn reset_field(&mut self, field: usize) {
        self.draft.reset(field);
        self.changed();
    }

    fn set(&mut self, field: usize, typed: &str) {
        self.draft.set(field, typed);
        self.changed();
    }

    pub(super) fn set_draft(&mut self, draft: Draft) {
        self.draft = draft;
        self.asked = None;
        self.changed();
    }

    fn changed(&mut self) {
        self.refusal = None;
        let summary = model::summary(&self.draft.current().model).ok();
        self.network = summary.map(|summary| (summary.parameters, summary.macs));
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        if let Some(field) = refusal.field.and_then(config::position) {
            self.choose(field);
        }
        self.refusal = Some(refusal);
    }

    pub(super) fn forget_refusal(&mut self) {
        self.refusal = None;
    }

    /// The pictures to look at, once for each change of them.
    pub(super) fn pictures_to_ask(&mut self) -> Option<String> {
        // They would be looked for with each letter of their folder.
        if self.editing.is_some() {
            return None;
        }
        let pictures = self.draft.config().and_then(|config| config::of_pictures(&config)).ok();
        if pictures == self.asked {
            return None;
        }
        self.pictures = if pictures.is_some() { Pictures::Asked } else { Pictures::Unknown };
        self.asked.clone_from(&pictures);
        pictures
    }

    /// What was found; `false` where others are asked for by now.
    pub(super) fn take_pictures(&mut self, asked: &str, found: Result<Option<Parts>, Refusal>) -> bool {
        if self.asked.as_deref() != Some(asked) {
            return false;
        }
        self.pictures = match found {
            Ok(Some(parts)) => Pictures::There(parts),
            Ok(None) => Pictures::Unpacked,
            Err(refusal) => Pictures::Refused(refusal),
        };
        true
    }
}
