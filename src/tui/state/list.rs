//! The list of runs: what is chosen, filtered, in view.

use crate::run::RunFolder;
use crate::tui::message::RunEntry;

/// The runs, the filter and the place in them.
#[derive(Debug, Default)]
pub struct RunsList {
    /// Newest first.
    entries: Vec<RunEntry>,
    /// Indices into `entries` of those that pass the filter.
    shown: Vec<usize>,
    filter: String,
    chosen: usize,
    top: usize,
    /// Rows in view, at least 1.
    rows: usize,
}

impl RunsList {
    pub fn entries(&self) -> &[RunEntry] {
        &self.entries
    }

    /// The runs that pass the filter.
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &RunEntry> {
        // Indices of `entries`, made anew whenever these change.
        self.shown.iter().map(|&i| &self.entries[i])
    }

    /// The position of the chosen run among the shown ones.
    pub fn position(&self) -> usize {
        self.chosen
    }

    /// The position of the first run in view.
    pub fn top(&self) -> usize {
        self.top
    }

    pub fn filter(&self) -> &str {
        &self.filter
    }

    pub fn chosen(&self) -> Option<&RunEntry> {
        self.shown.get(self.chosen).map(|&i| &self.entries[i])
    }

    pub fn find(&self, folder: &RunFolder) -> Option<&RunEntry> {
        self.entries.iter().find(|entry| entry.folder == *folder)
    }

    /// Takes a new list; the choice stays with its run, or where that is gone, with its row.
    pub fn replace(&mut self, entries: Vec<RunEntry>) {
        let chosen = self.chosen().map(|entry| entry.folder.clone());
        self.entries = entries;
        self.narrow();
        if let Some(chosen) = chosen {
            self.choose(&chosen);
        }
        self.keep_in_view();
    }

    /// Chooses a run, if it is shown.
    pub fn choose(&mut self, folder: &RunFolder) -> bool {
        let found = self.shown().position(|entry| entry.folder == *folder);
        if let Some(position) = found {
            self.chosen = position;
        }
        self.keep_in_view();
        found.is_some()
    }

    /// Shows only runs with every word of `filter` in their id, name, network, device, state or search.
    pub fn set_filter(&mut self, filter: String) {
        let chosen = self.chosen().map(|entry| entry.folder.clone());
        self.filter = filter;
        self.narrow();
        if !chosen.is_some_and(|folder| self.choose(&folder)) {
            self.chosen = 0;
        }
        self.keep_in_view();
    }

    fn narrow(&mut self) {
        let filter = self.filter.to_lowercase();
        let words: Vec<&str> = filter.split_whitespace().collect();
        let passes = |entry: &RunEntry| {
            let search = entry.search.as_deref().unwrap_or_default();
            let texts = [&entry.id, &entry.name, &entry.arch, &entry.device, entry.state.name(), search];
            let texts = texts.map(str::to_lowercase);
            words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
        };
        self.shown = (0..self.entries.len()).filter(|&i| passes(&self.entries[i])).collect();
        self.chosen = self.chosen.min(self.shown.len().saturating_sub(1));
    }

    /// Moves the choice by rows.
    pub fn step(&mut self, by: isize) {
        let last = self.shown.len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(by).min(last);
        self.keep_in_view();
    }

    /// Moves the choice by a view's height.
    pub fn page(&mut self, by: isize) {
        self.step(by.saturating_mul(self.rows as isize));
    }

    pub fn first(&mut self) {
        self.step(isize::MIN);
    }

    pub fn last(&mut self) {
        self.step(isize::MAX);
    }

    pub fn set_rows(&mut self, rows: usize) {
        self.rows = rows.max(1);
        self.keep_in_view();
    }

    /// A choice that leaves the view moves it by half its height, so that most steps repaint two rows.
    fn keep_in_view(&mut self) {
        let rows = self.rows.max(1);
        if self.chosen < self.top {
            self.top = self.chosen.saturating_sub(rows / 2);
        } else if self.chosen >= self.top + rows {
            self.top = self.chosen + 1 - rows + rows / 2;
        }
        self.top = self.top.min(self.shown.len().saturating_sub(rows));
    }
}
