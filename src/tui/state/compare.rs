//! Two runs beside each other.

use super::pictures::PictureKey;
use super::{Screen, State, scroll};
use crate::config::Difference;
use crate::evaluate::{Change, Comparison, PairedRow};
use crate::run::RunFolder;
use crate::tui::action::Action;
use crate::tui::message::{Effect, Export};
use crate::tui::screens;

/// Pictures of a list that are kept; an export writes all.
pub const MOST_ROWS: usize = 20_000;
/// Pictures before and behind the chosen one that are prepared with it.
const NEIGHBOURS: usize = 2;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Look(Request),
    /// What was asked for is no longer wanted.
    Nothing,
}

/// Two runs and the split that is wished for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// A and B.
    pub runs: [RunFolder; 2],
    pub split: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    pub request: Request,
    pub found: Result<Box<Found>, String>,
}

/// A comparison and the pictures that make the difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The splits that both runs have scores of.
    pub splits: Vec<String>,
    pub split: String,
    pub comparison: Comparison,
    /// The first pictures of each [`Change`], in the order of A's file.
    pub changed: [Vec<PairedRow>; 3],
    /// What differs in the configs, A's value first; or why that cannot be said.
    pub differences: Result<Vec<Difference>, String>,
}

/// What stands below the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Changed(Change),
    Classes,
    /// What differs in how the runs were trained.
    Config,
}

impl Page {
    pub const ALL: [Self; 5] = [
        Self::Changed(Change::Fixed),
        Self::Changed(Change::Broken),
        Self::Changed(Change::OtherMistake),
        Self::Classes,
        Self::Config,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Changed(change) => change.name(),
            Self::Classes => "classes",
            Self::Config => "config",
        }
    }
}

/// By what the pictures are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The most confident first.
    #[default]
    ConfidenceB,
    ConfidenceA,
    Truth,
    Path,
}

impl Sort {
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConfidenceB => "confidence of B",
            Self::ConfidenceA => "confidence of A",
            Self::Truth => "truth",
            Self::Path => "name",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::ConfidenceB => Self::ConfidenceA,
            Self::ConfidenceA => Self::Truth,
            Self::Truth => Self::Path,
            Self::Path => Self::ConfidenceB,
        }
    }
}

/// Two runs beside each other.
#[derive(Debug)]
pub struct Compare {
    /// A and B.
    pub runs: Option<[RunFolder; 2]>,
    split: Option<String>,
    asked: Option<Request>,
    waits: bool,
    answer: Option<(Request, Result<Box<Found>, String>)>,
    pub page: Page,
    pub sort: Sort,
    pub reversed: bool,
    /// Places in the list of the page, in the order in which they are shown.
    order: Vec<usize>,
    /// Among `order`.
    pub chosen: usize,
    pub top: usize,
    /// The chosen picture stands alone.
    pub large: bool,
}

impl Default for Compare {
    fn default() -> Self {
        Self {
            runs: None,
            split: None,
            asked: None,
            waits: false,
            answer: None,
            page: Page::ALL[0],
            sort: Sort::default(),
            reversed: false,
            order: Vec::new(),
            chosen: 0,
            top: 0,
            large: false,
        }
    }
}

impl Compare {
    /// What is known of the two runs: none while it is on its way, or a sentence.
    pub fn shown(&self) -> Option<Result<&Found, &str>> {
        let (request, answer) = self.answer.as_ref()?;
        let is_ours = self.runs.as_ref() == Some(&request.runs);
        is_ours.then(|| answer.as_ref().map(Box::as_ref).map_err(String::as_str))
    }

    fn found(&self) -> Option<&Found> {
        self.shown()?.ok()
    }

    fn listed(&self) -> &[PairedRow] {
        match (self.found(), self.page) {
            (Some(found), Page::Changed(change)) => &found.changed[change as usize],
            _ => &[],
        }
    }

    /// What differs in the configs, on its page.
    fn differences(&self) -> &[Difference] {
        match (self.found(), self.page) {
            (Some(Found { differences: Ok(differences), .. }), Page::Config) => differences,
            _ => &[],
        }
    }

    /// How many rows the page lists.
    pub fn count(&self) -> usize {
        self.order.len()
    }

    /// The pictures of the page in their order.
    pub fn rows(&self) -> impl Iterator<Item = &PairedRow> {
        let listed = self.listed();
        self.order.iter().filter_map(|&place| listed.get(place))
    }

    pub fn chosen_row(&self) -> Option<&PairedRow> {
        self.listed().get(*self.order.get(self.chosen)?)
    }

    /// The picture of a row.
    pub fn picture(&self, row: &PairedRow) -> Option<PictureKey> {
        let [_, run] = self.runs.as_ref()?;
        Some(PictureKey { run: run.clone(), path: row.path.clone() })
    }

    /// Puts the list of the page in order and begins at its top.
    fn arrange(&mut self) {
        let listed = self.listed();
        let mut order: Vec<usize> = (0..listed.len().max(self.differences().len())).collect();
        let surest = |run: usize| {
            move |a: &usize, b: &usize| listed[*b].confidences[run].total_cmp(&listed[*a].confidences[run])
        };
        match self.sort {
            // Fields have an order of their own.
            _ if listed.is_empty() => {}
            Sort::ConfidenceA => order.sort_by(surest(0)),
            Sort::ConfidenceB => order.sort_by(surest(1)),
            Sort::Truth => order.sort_by_key(|&place| (listed[place].truth, listed[place].predictions)),
            Sort::Path => order.sort_by(|&a, &b| listed[a].path.cmp(&listed[b].path)),
        }
        if self.reversed && !listed.is_empty() {
            order.reverse();
        }
        (self.order, self.chosen, self.top) = (order, 0, 0);
    }

    fn turn(&mut self, pages: usize) {
        let here = Page::ALL.iter().position(|page| *page == self.page).unwrap_or(0);
        self.show(Page::ALL[(here + pages) % Page::ALL.len()]);
    }

    fn show(&mut self, page: Page) {
        (self.page, self.large) = (page, false);
        self.arrange();
    }

    fn step(&mut self, by: isize, rows: usize) {
        let last = self.order.len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(by).min(last);
        self.top = scroll::in_view(self.top, self.chosen, rows, self.order.len());
    }
}

impl State {
    /// Opens the comparison of two runs.
    pub(super) fn compare(&mut self, a: RunFolder, b: RunFolder) {
        let runs = Some([a, b]);
        if self.compare.runs != runs {
            let split = self.compare.split.take();
            self.compare = Compare { runs, split, ..Compare::default() };
        }
        self.go(Screen::Compare);
    }

    /// Compares the chosen run with the one before it in time.
    pub(super) fn compare_with_older(&mut self) {
        let (Some(newer), Some(older)) = (self.list.chosen(), self.list.next_older()) else {
            self.say("there is no older run in the list to compare this one with".into(), true);
            return;
        };
        let said = format!("compared with the next older run, {}", older.name);
        self.compare(older.folder.clone(), newer.folder.clone());
        self.say(said, false);
    }

    pub(super) fn act_in_compare(&mut self, action: Action) -> Vec<Effect> {
        let rows = screens::compare::rows(self.size);
        let compare = &mut self.compare;
        match action {
            Action::Up => compare.step(-1, rows),
            Action::Down => compare.step(1, rows),
            Action::PageUp => compare.step(-(rows as isize), rows),
            Action::PageDown => compare.step(rows as isize, rows),
            Action::First => compare.step(isize::MIN, rows),
            Action::Last => compare.step(isize::MAX, rows),
            Action::NextPane | Action::Right => compare.turn(1),
            Action::PreviousPane | Action::Left => compare.turn(Page::ALL.len() - 1),
            Action::Enter => compare.large = !compare.large && compare.chosen_row().is_some(),
            Action::Out if compare.large => compare.large = false,
            Action::Sort => {
                compare.sort = compare.sort.next();
                compare.arrange();
            }
            Action::Reverse => {
                compare.reversed = !compare.reversed;
                compare.arrange();
            }
            Action::NextSplit => self.next_compared_split(),
            Action::Export => return self.export_changed().into_iter().collect(),
            Action::Out | Action::Back => {
                self.back();
            }
            Action::Help => self.overlay = Some(super::Overlay::Help),
            _ => {}
        }
        Vec::new()
    }

    /// What a click at a column and a row of the terminal does; `None` where nothing stands there.
    pub(super) fn click_in_compare(&mut self, at: (u16, u16)) -> Option<Vec<Effect>> {
        let compare = &self.compare;
        if compare.large {
            self.compare.large = false;
            return Some(Vec::new());
        }
        if let Some(page) = screens::compare::page_at(self.size, compare, at) {
            self.compare.show(page);
            return Some(Vec::new());
        }
        let row = compare.top + screens::compare::row_at(self.size, at)?;
        if row >= compare.count() {
            return None;
        }
        let compare = &mut self.compare;
        compare.large = compare.chosen == row;
        compare.chosen = row;
        Some(Vec::new())
    }

    fn next_compared_split(&mut self) {
        let Some(found) = self.compare.found() else { return };
        let here = found.splits.iter().position(|split| *split == found.split).unwrap_or(0);
        let next = found.splits.get((here + 1) % found.splits.len().max(1)).cloned();
        if next.as_ref() == Some(&found.split) {
            let text = format!("{} is the only split that both runs have scores of", found.split);
            self.say(text, false);
        }
        self.compare.split = next;
    }

    fn export_changed(&mut self) -> Option<Effect> {
        let found = self.compare.found()?;
        let Page::Changed(change) = self.compare.page else {
            self.say("there is nothing to export here: Tab leads to the pictures".into(), true);
            return None;
        };
        let (runs, split) = (self.compare.runs.clone()?, found.split.clone());
        Some(Effect::Export(Export::Changed { runs, split, change }))
    }

    pub(super) fn take_compare(&mut self, Report { request, found }: Report) -> bool {
        let compare = &mut self.compare;
        if compare.asked.as_ref() != Some(&request) {
            return false;
        }
        compare.waits = false;
        let answer = Some((request, found));
        let is_new = compare.answer != answer;
        if is_new {
            compare.answer = answer;
            compare.arrange();
        }
        is_new
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_compare(&mut self) -> Option<Effect> {
        let compare = &mut self.compare;
        let Some(runs) = compare.runs.clone().filter(|_| self.screen == Screen::Compare) else {
            if compare.asked.take().is_some() {
                self.pictures.want(Vec::new());
            }
            return std::mem::take(&mut self.compare.waits).then_some(Effect::Compare(Order::Nothing));
        };
        self.want_compared_pictures();
        let compare = &mut self.compare;
        let request = Request { runs, split: compare.split.clone() };
        if compare.asked.as_ref() == Some(&request) {
            return None;
        }
        (compare.asked, compare.waits) = (Some(request.clone()), true);
        Some(Effect::Compare(Order::Look(request)))
    }

    /// The chosen picture first, then those around it.
    fn want_compared_pictures(&mut self) {
        let compare = &self.compare;
        if !screens::compare::shows_picture(self.size, compare.large) {
            self.pictures.want(Vec::new());
            return;
        }
        let listed = compare.listed();
        let near = |away: usize| {
            let places = [compare.chosen.checked_add(away), compare.chosen.checked_sub(away)];
            places.into_iter().take(if away == 0 { 1 } else { 2 }).flatten()
        };
        let rows = (0..=NEIGHBOURS).flat_map(near).filter_map(|i| listed.get(*compare.order.get(i)?));
        let keys: Vec<PictureKey> = rows.filter_map(|row| compare.picture(row)).collect();
        self.pictures.want(keys);
    }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
