//! The points of a search as a table: columns, order, what is chosen and in view.

use super::super::scroll;
use super::words::{Standing, metric_words, standing};
use crate::config::MonitoredMetric;
use crate::data::printable;
use crate::search::{Overview, TrialRow, interval_text, metric_name, short_names, value_words};
use crate::tui::widgets::text;
use std::cmp::Ordering;
use toml::Value;
use unicode_width::UnicodeWidthStr;

/// No column is wider.
const WIDEST: usize = 24;

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Rank,
    /// The mean over seeds.
    Metric,
    /// Its 95 % interval.
    Interval,
    /// Seeds that are done.
    Seeds,
    /// A value of an axis, by its place among the search's.
    Axis(usize),
    Epoch,
    State,
    /// Shown, and never ranked by.
    Test,
}

impl Column {
    /// The table may be sorted by it. By the metric it is ranked already, and by test nobody shall choose.
    const fn can_sort(self) -> bool {
        !matches!(self, Self::Metric | Self::Interval | Self::Test)
    }

    /// They stay in view when the others are scrolled.
    pub const fn is_fixed(self) -> bool {
        matches!(self, Self::Rank | Self::Metric | Self::Interval)
    }
}

/// A column with what stands above it and how wide it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub column: Column,
    pub head: String,
    /// The whole name of an axis, where there is room for it.
    pub full_head: String,
    /// Of the widest value.
    values: usize,
    pub is_number: bool,
}

impl Shown {
    /// Cells that it takes, with a sign of the order behind its head.
    pub fn width(&self, with_full_head: bool) -> u16 {
        let head = if with_full_head { &self.full_head } else { &self.head };
        self.values.max(head.width() + 1).min(WIDEST.max(head.width() + 1)) as u16
    }
}

/// By which column the table is sorted, and from which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: Column,
    pub reversed: bool,
}

/// The points of a search.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Shown>,
    /// Places in the overview's rows, in the order in which they are shown.
    order: Vec<usize>,
    pub sort: Sort,
    /// Among `order`.
    chosen: usize,
    /// The chosen point, by the number of its first run.
    chosen_run: Option<u64>,
    pub top: usize,
    /// Columns that are out of view at the left, fixed ones not counted.
    pub left: usize,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            order: Vec::new(),
            sort: Sort { column: Column::Rank, reversed: false },
            chosen: 0,
            chosen_run: None,
            top: 0,
            left: 0,
        }
    }
}

impl Table {
    pub fn columns(&self) -> &[Shown] {
        &self.columns
    }

    /// Indices of the overview's rows, in the order in which they are shown.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    pub fn chosen(&self) -> usize {
        self.chosen
    }

    pub fn chosen_index(&self) -> Option<usize> {
        self.order.get(self.chosen).copied()
    }

    /// Takes what is new; the choice stays with its point.
    pub(super) fn arrange(&mut self, overview: &Overview) {
        self.columns = columns(overview);
        if !self.columns.iter().any(|shown| shown.column == self.sort.column) {
            self.sort = Sort { column: Column::Rank, reversed: false };
        }
        self.order = (0..overview.rows.len()).collect();
        if self.sort.column != Column::Rank {
            let key = |index: &usize| key(self.sort.column, &overview.rows[*index]);
            self.order.sort_by(|a, b| ordered(&key(a), &key(b), self.sort.reversed));
        } else if self.sort.reversed {
            self.order.reverse();
        }
        let first_run = |index: &usize| overview.rows[*index].runs.first().map(|run| run.number);
        let there = self.order.iter().position(|index| first_run(index) == self.chosen_run);
        let there = there.filter(|_| self.chosen_run.is_some()).unwrap_or(self.chosen);
        self.chosen = there.min(self.order.len().saturating_sub(1));
        self.remember(overview);
    }

    fn remember(&mut self, overview: &Overview) {
        let row = self.chosen_index().and_then(|index| overview.rows.get(index));
        self.chosen_run = row.and_then(|row| row.runs.first()).map(|run| run.number);
    }

    pub(super) fn choose(&mut self, place: usize, overview: &Overview) {
        self.chosen = place.min(self.order.len().saturating_sub(1));
        self.remember(overview);
    }

    pub(super) fn step(&mut self, by: isize, overview: &Overview) {
        self.choose(self.chosen.saturating_add_signed(by), overview);
    }

    /// Sorts by the column to the right of the one it is sorted by.
    pub(super) fn sort_by_next(&mut self, overview: &Overview) {
        let all: Vec<Column> =
            self.columns.iter().map(|shown| shown.column).filter(|column| column.can_sort()).collect();
        let here = all.iter().position(|column| *column == self.sort.column);
        let next = all.get(here.map_or(0, |here| (here + 1) % all.len())).copied();
        self.sort = Sort { column: next.unwrap_or(Column::Rank), reversed: false };
        self.arrange(overview);
    }

    pub(super) fn reverse(&mut self, overview: &Overview) {
        self.sort.reversed = !self.sort.reversed;
        self.arrange(overview);
    }

    pub(super) fn sort_by(&mut self, column: Column, overview: &Overview) {
        if column.can_sort() {
            self.sort = Sort { column, reversed: false };
            self.arrange(overview);
        }
    }

    pub(super) fn keep_in_view(&mut self, rows: usize) {
        self.top = scroll::in_view(self.top, self.chosen, rows, self.order.len());
    }

    /// What stands in a column of a row; `rank` counts from 0.
    pub fn cell(column: Column, overview: &Overview, rank: usize) -> String {
        let Some(row) = overview.rows.get(rank) else { return String::new() };
        cell(column, overview, rank, row)
    }
}

/// The columns that tell points apart, with the widths that they need.
fn columns(overview: &Overview) -> Vec<Shown> {
    let names = short_names(&overview.axes);
    let axes = (0..names.len()).filter(|axis| overview.varies(*axis)).map(Column::Axis);
    let several = overview.rows.iter().any(|row| row.runs.len() > 1);
    let seeds = several.then_some(Column::Seeds);
    let has_test = overview.rows.iter().flat_map(|row| &row.runs).any(|run| run.test_accuracy.is_some());
    let interval = overview.rows.iter().any(|row| row.interval.is_some()).then_some(Column::Interval);
    let all = [Column::Rank, Column::Metric].into_iter().chain(interval).chain(seeds).chain(axes);
    let all = all.chain([Column::Epoch, Column::State]).chain(has_test.then_some(Column::Test));
    let shown = |column: Column| {
        let (head, full_head) = heads(column, overview, &names);
        let cells = overview.rows.iter().enumerate();
        let widest = cells.map(|(rank, row)| cell(column, overview, rank, row).width()).max();
        let is_number = match column {
            Column::Axis(axis) => {
                let is_number = |value: &Value| value.is_float() || value.is_integer();
                overview.rows.iter().filter_map(|row| row.point.get(axis)?.as_ref()).all(is_number)
            }
            column => column != Column::State,
        };
        Shown { column, head, full_head, values: widest.unwrap_or(0).min(WIDEST), is_number }
    };
    all.map(shown).collect()
}

fn heads(column: Column, overview: &Overview, names: &[String]) -> (String, String) {
    let (head, full_head) = match column {
        Column::Rank => ("#", "rank"),
        Column::Metric => (short_metric(overview.summary.metric), metric_name(overview.summary.metric)),
        Column::Interval => ("95 %", "95 % interval"),
        Column::Seeds => ("seeds", "seeds"),
        Column::Axis(axis) => {
            let (Some(name), Some(axis)) = (names.get(axis), overview.axes.get(axis)) else {
                return Default::default();
            };
            let short = |text: &str| text.chars().take(WIDEST).collect();
            return (short(name), short(&printable(&axis.field)));
        }
        Column::Epoch => ("epoch", "epoch"),
        Column::State => ("state", "state"),
        // In brackets, as it decides nothing.
        Column::Test => ("(test)", "(test, not ranked by)"),
    };
    (head.into(), full_head.into())
}

const fn short_metric(metric: MonitoredMetric) -> &'static str {
    match metric {
        MonitoredMetric::ValidAccuracy => "accuracy",
        MonitoredMetric::ValidLoss => "loss",
    }
}

fn cell(column: Column, overview: &Overview, rank: usize, row: &TrialRow) -> String {
    let metric = overview.summary.metric;
    match column {
        Column::Rank if row.mean.is_none() => "-".into(),
        Column::Rank => (rank + 1).to_string(),
        Column::Metric => metric_words(metric, row.mean),
        Column::Interval => row.interval.map_or_else(String::new, |interval| interval_text(metric, interval)),
        Column::Seeds => format!("{}/{}", row.seeds_done(), row.runs.len()),
        Column::Axis(axis) => value_words(row.point.get(axis).and_then(Option::as_ref)),
        Column::Epoch => match standing(row) {
            None => "-".into(),
            Some(run) if run.epochs == 0 && run.epoch == 0 => "-".into(),
            Some(run) if run.epochs == 0 => run.epoch.to_string(),
            Some(run) => format!("{}/{}", run.epoch, run.epochs),
        },
        Column::State => standing(row).map_or("-", |run| Standing::of(run).name()).into(),
        Column::Test => {
            let tests: Vec<f64> = row.runs.iter().filter_map(|run| run.test_accuracy).collect();
            let mean = tests.iter().sum::<f64>() / tests.len() as f64;
            if mean.is_finite() { text::percent(mean) } else { "-".into() }
        }
    }
}

enum Key {
    Number(f64),
    Text(String),
    Nothing,
}

fn key(column: Column, row: &TrialRow) -> Key {
    let of_value = |value: &Value| match value {
        Value::Float(number) => Key::Number(*number),
        Value::Integer(number) => Key::Number(*number as f64),
        Value::Boolean(is) => Key::Number(f64::from(u8::from(*is))),
        other => Key::Text(value_words(Some(other))),
    };
    match column {
        Column::Axis(axis) => row.point.get(axis).and_then(Option::as_ref).map_or(Key::Nothing, of_value),
        Column::Seeds => Key::Number(row.runs.len() as f64 - row.seeds_done() as f64),
        Column::Epoch => standing(row).map_or(Key::Nothing, |run| Key::Number(run.epoch as f64)),
        Column::State => {
            standing(row).map_or(Key::Nothing, |run| Key::Number(Standing::of(run).rank().into()))
        }
        Column::Rank | Column::Metric | Column::Interval | Column::Test => Key::Nothing,
    }
}

/// Points without a value come last from either end.
fn ordered(a: &Key, b: &Key, reversed: bool) -> Ordering {
    let order = match (a, b) {
        (Key::Nothing, Key::Nothing) => return Ordering::Equal,
        (Key::Nothing, _) => return Ordering::Greater,
        (_, Key::Nothing) => return Ordering::Less,
        (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
        (Key::Text(a), Key::Text(b)) => a.cmp(b),
        (Key::Number(_), Key::Text(_)) => Ordering::Less,
        (Key::Text(_), Key::Number(_)) => Ordering::Greater,
    };
    if reversed { order.reverse() } else { order }
}
