//! The table of scores: one row a picture. Only the rows in view and their neighbours are here; the file is read, sorted
//! and filtered beside the loop.

mod acts;
#[cfg(test)]
mod tests;

use super::pictures::PictureKey;
use super::{State, scroll};
use crate::evaluate::{Arrangement, Query, RowCounts, ScoreLine, SortBy};
use crate::run::RunFolder;
use crate::tui::action::Tab;
use crate::tui::message::Effect;
use crate::tui::screens;
use std::ops::Range;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Show(Look),
    /// Nobody looks any more.
    Rest,
}

/// Which part of which table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    pub run: RunFolder,
    /// `None` is the first one that there is.
    pub split: Option<String>,
    pub arrangement: Arrangement,
    /// Places in the arrangement whose rows are wanted.
    pub places: Range<usize>,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    pub look: Box<Look>,
    /// All that there are, the first one first.
    pub splits: Vec<String>,
    /// The one that was looked at.
    pub split: String,
    /// The rows, or why there are none, as a sentence.
    pub seen: Result<Seen, String>,
    /// The file is another one than before, and is read anew.
    pub anew: bool,
}

/// Some rows of a table, and how much of the file they were chosen from.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub counts: RowCounts,
    /// Of what has to be read, 0..=1.
    pub progress: f64,
    /// Everything was read and is in its order.
    pub is_complete: bool,
    /// The place of the first of the rows.
    pub first: usize,
    pub rows: Vec<Row>,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The path of the picture, or the beginning of a row that could not be read; printable.
    pub name: String,
    pub line: ScoreLine,
}

/// Which columns stand beside the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColumnSet {
    #[default]
    All,
    /// Truth, prediction and confidence.
    Outcome,
    /// The six scores.
    Scores,
}

/// The table of scores: one row a picture.
#[derive(Debug, Default)]
pub struct Scores {
    /// The run that all of this is about.
    run: Option<RunFolder>,
    /// The split that was asked for.
    split: Option<String>,
    /// The splits that there are, and the one that is shown.
    splits: Vec<String>,
    shown_split: String,
    filter: String,
    arrangement: Arrangement,
    pub columns: ColumnSet,
    chosen: usize,
    top: usize,
    /// The chosen picture stands in place of the table.
    pub is_large: bool,
    /// The filter is that of a cell of the confusion, where the way out leads back to.
    from_cell: bool,
    /// The filter of that cell, and how many pictures the confusion counts in it.
    cell: Option<(String, usize)>,
    /// The filter and the arrangement of what is seen: those from before, until an answer to new ones has come.
    seen_filter: String,
    seen_arrangement: Arrangement,
    /// `None` until something came.
    seen: Option<Result<Seen, String>>,
    asked: Option<Order>,
}

impl Scores {
    /// Closes what is open over the table; `false` where nothing is.
    pub fn close(&mut self) -> bool {
        if self.is_large {
            self.is_large = false;
            return true;
        }
        if self.filter.is_empty() {
            return false;
        }
        self.set_filter("").is_ok()
    }

    /// The split that is shown; empty until it is known.
    pub fn split(&self) -> &str {
        &self.shown_split
    }

    /// The filter of the rows that are shown, as it was typed.
    pub fn shown_filter(&self) -> &str {
        &self.seen_filter
    }

    /// Whether the way out leads back to the confusion.
    pub fn is_of_cell(&self) -> bool {
        self.from_cell
    }

    /// How many pictures the confusion counts in the cell whose rows are shown, where the file has not so many of them:
    /// one of the two is of another evaluation.
    pub fn other_count(&self) -> Option<usize> {
        let (Some(Ok(seen)), Some((filter, count))) = (&self.seen, &self.cell) else { return None };
        let is_other = seen.is_complete && seen.counts.shown != *count && self.seen_filter == *filter;
        (is_other && self.from_cell).then_some(*count)
    }

    /// The arrangement of the rows that are shown.
    pub fn shown_arrangement(&self) -> &Arrangement {
        &self.seen_arrangement
    }

    /// What is known of the table, or why there is none.
    pub fn seen(&self) -> Option<&Result<Seen, String>> {
        self.seen.as_ref()
    }

    /// Rows that pass the filter, as far as the file was read.
    pub fn shown(&self) -> usize {
        match &self.seen {
            Some(Ok(seen)) => seen.counts.shown,
            _ => 0,
        }
    }

    /// The place of the chosen row.
    pub fn position(&self) -> usize {
        self.chosen
    }

    /// The place of the first row in view.
    pub fn top(&self) -> usize {
        self.top
    }

    /// The row at a place, where it is here.
    pub fn row(&self, place: usize) -> Option<&Row> {
        let Some(Ok(seen)) = &self.seen else { return None };
        seen.rows.get(place.checked_sub(seen.first)?)
    }

    /// No picture is chosen, and none is on its way: there is no table or nothing in it, or a row that cannot be read.
    pub fn has_no_picture(&self) -> bool {
        match (&self.seen, self.row(self.chosen)) {
            (Some(Err(_)), _) => true,
            (_, Some(row)) => row.line.content.is_err(),
            (Some(Ok(seen)), None) => seen.is_complete && seen.counts.shown == 0,
            (None, None) => false,
        }
    }

    /// The picture of the row at a place.
    pub fn picture(&self, place: usize) -> Option<PictureKey> {
        let row = self.row(place)?.line.content.as_ref().ok()?;
        Some(PictureKey { run: self.run.clone()?, path: row.path.clone() })
    }

    /// Shows only rows that pass; a sentence where that cannot be understood, and then all stays as it was.
    fn set_filter(&mut self, filter: &str) -> Result<(), String> {
        let query = Query::parse(filter)?;
        self.filter = filter.into();
        self.from_cell = false;
        self.arrange(Arrangement { query, ..self.arrangement.clone() });
        Ok(())
    }

    fn sort_by(&mut self, by: SortBy, descending: bool) {
        self.arrange(Arrangement { by, descending, ..self.arrangement.clone() });
    }

    fn arrange(&mut self, arrangement: Arrangement) {
        if arrangement != self.arrangement {
            self.arrangement = arrangement;
            (self.chosen, self.top) = (0, 0);
        }
    }

    /// Moves the choice by rows, with so many of them in view.
    fn step(&mut self, by: isize, rows: usize) {
        // While the file is read anew, what was chosen may lie behind what is known.
        let last = self.shown().saturating_sub(1).max(if by > 0 { self.chosen } else { 0 });
        self.chosen = self.chosen.saturating_add_signed(by).min(last);
        self.keep_in_view(rows);
    }

    fn keep_in_view(&mut self, rows: usize) {
        self.top = scroll::in_view(self.top, self.chosen, rows, self.shown().max(self.chosen + 1));
    }

    /// Another run: what was shown of the one before is of no use, but for how it was shown.
    fn begin(&mut self, run: RunFolder) {
        *self = Self {
            run: Some(run),
            columns: self.columns,
            arrangement: Arrangement { query: Query::default(), ..self.arrangement.clone() },
            asked: self.asked.take(),
            ..Self::default()
        };
    }

    /// What to ask for so that `rows` rows can be shown.
    fn look(&self, rows: usize) -> Option<Look> {
        let rows = rows.max(1);
        let places = match &self.seen {
            // First what is to be seen.
            None => self.top..self.top + rows,
            // Whole pages, one more on each side: most steps find their rows here.
            Some(_) => {
                let page = self.top / rows * rows;
                page.saturating_sub(rows)..page + 3 * rows
            }
        };
        let (split, arrangement) = (self.split.clone(), self.arrangement.clone());
        Some(Look { run: self.run.clone()?, split, arrangement, places })
    }

    /// Takes in what came; `false` where it is not of what is to be seen, or nothing new.
    fn take(&mut self, report: Report) -> bool {
        let Report { look, splits, split, seen, .. } = report;
        let is_wanted = Some(&look.run) == self.run.as_ref()
            && look.split == self.split
            && look.arrangement == self.arrangement;
        if !is_wanted {
            return false;
        }
        let seen = Some(seen);
        let is_new = seen != self.seen
            || splits != self.splits
            || split != self.shown_split
            || self.seen_filter != self.filter
            || self.seen_arrangement != self.arrangement;
        self.seen_filter.clone_from(&self.filter);
        self.seen_arrangement.clone_from(&self.arrangement);
        (self.splits, self.shown_split, self.seen) = (splits, split, seen);
        if let Some(Ok(seen)) = &self.seen
            && seen.is_complete
        {
            self.chosen = self.chosen.min(seen.counts.shown.saturating_sub(1));
        }
        is_new
    }
}

impl State {
    pub(super) fn take_scores(&mut self, report: Report) -> bool {
        let told = report.anew.then(|| format!("{}.csv has changed and is read anew", report.split));
        let is_new = self.scores.take(report);
        self.scores.keep_in_view(screens::scores::rows(self.size));
        match told {
            Some(told) if is_new => self.say(told, false) || is_new,
            _ => is_new && self.are_scores_shown(),
        }
    }

    /// They are also what is gone through where a picture is explained.
    fn are_scores_shown(&self) -> bool {
        self.screen == super::Screen::Run && matches!(self.tab, Tab::Scores | Tab::Explain)
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_scores(&mut self) -> Option<Effect> {
        let order = match self.current().map(|run| run.folder.clone()) {
            Some(run) if self.are_scores_shown() => {
                if self.scores.run.as_ref() != Some(&run) {
                    self.scores.begin(run);
                }
                let rows = screens::scores::rows(self.size);
                self.scores.keep_in_view(rows);
                self.want_pictures();
                Order::Show(self.scores.look(rows)?)
            }
            _ if matches!(self.scores.asked, None | Some(Order::Rest)) => return None,
            _ => {
                self.pictures.want(Vec::new());
                Order::Rest
            }
        };
        if self.scores.asked.as_ref() == Some(&order) {
            return None;
        }
        self.scores.asked = Some(order.clone());
        Some(Effect::Scores(order))
    }

    /// The chosen picture, and those that a step leads to.
    fn want_pictures(&mut self) {
        const STEPS: [isize; 6] = [0, 1, -1, 2, -2, 3];
        let keys = if self.tab == Tab::Explain {
            self.explain.pictures()
        } else if screens::scores::shows_picture(self.size, self.scores.is_large) {
            let place = |by| self.scores.chosen.checked_add_signed(by);
            STEPS.into_iter().filter_map(|by| self.scores.picture(place(by)?)).collect()
        } else {
            Vec::new()
        };
        self.pictures.want(keys);
    }
}
