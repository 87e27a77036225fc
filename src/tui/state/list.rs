//! The list of runs: what is chosen, filtered, sorted, in view.

use super::columns::{Column, Sort};
use super::scroll;
use super::values::Known;
use crate::run::RunFolder;
use crate::tui::message::RunEntry;
use crate::tui::query::{Query, Scratch};

/// The runs, the filter, the order and the place in them.
#[derive(Debug, Default)]
pub struct RunsList {
    /// Newest first.
    entries: Vec<RunEntry>,
    /// Indices into `entries` of those that pass the filter, in the order of `sort`.
    shown: Vec<usize>,
    filter: String,
    /// The filter, as far as it is understood.
    query: Query,
    sort: Sort,
    /// Columns that some run has something in.
    filled: Vec<Column>,
    pub(super) known: Known,
    scratch: Scratch,
    /// Unix seconds.
    now: f64,
    chosen: usize,
    top: usize,
    /// Rows in view, at least 1.
    rows: usize,
}

impl RunsList {
    pub fn entries(&self) -> &[RunEntry] {
        &self.entries
    }

    /// The runs that pass the filter, in order.
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &RunEntry> {
        // Indices of `entries`, made anew whenever these change.
        self.shown.iter().map(|&i| &self.entries[i])
    }

    /// The run at a position among the shown ones.
    pub(super) fn at(&self, position: usize) -> Option<&RunEntry> {
        self.shown.get(position).map(|&i| &self.entries[i])
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

    /// The filter, as far as it is understood.
    pub(super) fn query(&self) -> &Query {
        &self.query
    }

    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Configs and results that the filter needs are being read.
    pub fn is_reading(&self) -> bool {
        self.known.is_reading() && self.query.needs_values()
    }

    /// Whether some run has something in an optional column.
    pub fn has(&self, column: Column) -> bool {
        self.filled.contains(&column)
    }

    pub fn chosen(&self) -> Option<&RunEntry> {
        self.at(self.chosen)
    }

    pub fn find(&self, folder: &RunFolder) -> Option<&RunEntry> {
        // As text: part by part, a path takes twenty times as long to compare, and each frame looks for some runs.
        let path = folder.path().as_os_str();
        self.entries.iter().find(|entry| entry.folder.path().as_os_str() == path)
    }

    /// The run in the list that is the next older one than the chosen one, however it is sorted.
    pub(super) fn next_older(&self) -> Option<&RunEntry> {
        let chosen = self.shown.get(self.chosen)?;
        let older = self.shown.iter().filter(|i| *i > chosen).min()?;
        Some(&self.entries[*older])
    }

    /// Takes a new list; the choice stays with its run, or where that is gone, with its row.
    pub fn replace(&mut self, entries: Vec<RunEntry>) {
        let chosen = self.chosen().map(|entry| entry.folder.clone());
        self.entries = entries;
        self.filled = filled(&self.entries);
        self.known.changed(&self.entries);
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

    /// Chooses the run at a position among the shown ones.
    pub(super) fn choose_at(&mut self, position: usize) {
        self.chosen = position.min(self.shown.len().saturating_sub(1));
        self.keep_in_view();
    }

    /// Shows only runs that pass `filter`. Where it is not understood, as the sentence says, it hides nothing.
    pub fn set_filter(&mut self, filter: String) -> Result<(), String> {
        let understood = Query::parse(&filter);
        self.filter = filter;
        let problem = understood.as_ref().err().cloned();
        self.query = understood.unwrap_or_default();
        if !self.rearrange() {
            self.chosen = 0;
        }
        self.keep_in_view();
        problem.map_or(Ok(()), Err)
    }

    pub(super) fn set_sort(&mut self, sort: Sort) {
        self.sort = sort;
        self.rearrange();
    }

    /// Time passes; what is older than a filter allows goes.
    pub(super) fn set_now(&mut self, now: f64) {
        self.now = now;
        if self.query.needs_time() {
            self.rearrange();
        }
    }

    /// More is known of the runs.
    pub(super) fn narrow_again(&mut self) {
        if self.query.needs_values() {
            self.rearrange();
        }
    }

    /// Filters and sorts anew; the choice stays with its run. `false` where that is not shown any more.
    fn rearrange(&mut self) -> bool {
        let chosen = self.shown.get(self.chosen).copied();
        self.narrow();
        let found = self.shown.iter().position(|&i| Some(i) == chosen);
        self.chosen = found.unwrap_or(self.chosen);
        self.keep_in_view();
        found.is_some()
    }

    fn narrow(&mut self) {
        let Self { entries, query, known, scratch, now, .. } = self;
        let mut passes = |run: &RunEntry| {
            let values = if query.needs_values() { known.of(&run.folder) } else { None };
            query.passes(run, values, *now, scratch)
        };
        self.shown = (0..entries.len()).filter(|&i| passes(&entries[i])).collect();
        self.sort.sort(&mut self.shown, &self.entries);
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

    fn keep_in_view(&mut self) {
        self.top = scroll::in_view(self.top, self.chosen, self.rows, self.shown.len());
    }
}

/// The columns that lists can do without and that some run has something in.
fn filled(entries: &[RunEntry]) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut add = |column, is: fn(&RunEntry) -> bool| {
        if entries.iter().any(is) {
            columns.push(column);
        }
    };
    add(Column::Search, |run| run.search.is_some());
    add(Column::Tags, |run| !run.tags.is_empty());
    add(Column::Test, |run| run.test_accuracy.is_some());
    add(Column::Left, |run| run.state.is_active() && run.eta_seconds.is_some());
    add(Column::Speed, |run| run.images_per_second.is_some());
    columns
}
