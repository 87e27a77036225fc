//! A grid of a run's charts.

use super::Memories;
use super::overlay::{self, Overlaid};
use crate::run::{MetricSplit, printable};
use crate::tui::message::RunEntry;
use crate::tui::state::{Axis, ChartKey, Followed, View, slot};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::chart::{Chart, Curve, Manner, Window};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Narrower or lower than this a chart says little.
const LEAST: (u16, u16) = (38, 9);

/// Columns to a row of a chart that looks right: a cell is about twice as high as wide.
const SHAPE: f64 = 3.5;

/// Says in place of charts that there are none, once it is known.
pub fn say_none(buffer: &mut Buffer, area: Rect, entry: &RunEntry, data: &Followed, theme: &Theme) {
    if !data.caught_up {
        return;
    }
    let sentence = if entry.state.is_active() { "no metrics yet" } else { "this run wrote no metrics" };
    let (at, width) = ((area.x + 1, area.y), area.width.saturating_sub(1));
    text::put(buffer, at, width, sentence, theme.style(Role::Quiet), theme);
}

/// How charts stand on a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub columns: usize,
    pub rows: usize,
}

impl Grid {
    /// Room for `count` charts, as many at once as can be read, in the shape of a curve: wider than high.
    pub fn new(area: (u16, u16), count: usize) -> Self {
        let most_columns = usize::from(area.0 / LEAST.0).max(1);
        let most_rows = usize::from(area.1 / LEAST.1).max(1);
        let fits = |rows: usize| Self { columns: count.div_ceil(rows).max(1), rows };
        let unlike = |grid: &Self| {
            let shape = f64::from(area.0) / grid.columns as f64 / (f64::from(area.1) / grid.rows as f64);
            let empty = (grid.on_page() - count.min(grid.on_page())) as f64 / grid.on_page() as f64;
            (shape / SHAPE).ln().abs() + empty
        };
        (1..=most_rows)
            .map(fits)
            .filter(|grid| grid.columns <= most_columns)
            .min_by(|a, b| unlike(a).total_cmp(&unlike(b)))
            .unwrap_or(Self { columns: most_columns, rows: most_rows })
    }

    pub fn on_page(&self) -> usize {
        self.columns * self.rows
    }
}

/// Which charts are drawn, and how.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    pub entry: &'a RunEntry,
    pub data: &'a Followed,
    /// The runs whose curves lie over each other instead of those of the one; empty for the one alone.
    pub overlaid: &'a [Overlaid<'a>],
    /// All charts that there are.
    pub charts: &'a [&'a ChartKey],
    pub view: &'a View,
    /// The first chart and the number of charts.
    pub first: usize,
    pub count: usize,
    pub focus: Option<usize>,
}

/// Draws the charts of a page into `area`.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    grid: Grid,
    shown: Shown,
    theme: &Theme,
    memories: &mut Memories,
) {
    let Shown { entry, data, view, overlaid, .. } = shown;
    let (rows, columns) = (grid.rows as u16, grid.columns as u16);
    if area.is_empty() {
        return;
    }
    let one = [Overlaid { entry, data, slot: 0 }];
    let runs = if overlaid.is_empty() { &one[..] } else { overlaid };
    let origins: Vec<f64> = runs.iter().map(|run| origin(run.data)).collect();
    let window = window(runs, &origins, view);
    let ends = view.ends(window);
    let names = overlay::names(overlaid, theme);
    let manner = Manner { window, smoothing: view.smoothing(), log_y: view.log_y };
    let keys = shown.charts.iter().enumerate().skip(shown.first).take(shown.count.min(grid.on_page()));
    for (place, (i, key)) in keys.enumerate() {
        let (row, column) = (place as u16 / columns, place as u16 % columns);
        let edge =
            |i: u16, whole: u16, parts: u16| (u32::from(i) * u32::from(whole) / u32::from(parts)) as u16;
        let (left, right) = (edge(column, area.width, columns), edge(column + 1, area.width, columns));
        let (top, bottom) = (edge(row, area.height, rows), edge(row + 1, area.height, rows));
        let gap = u16::from(right < area.width);
        let cell =
            Rect { x: area.x + left, y: area.y + top, width: right - left - gap, height: bottom - top };
        let split = overlay::split(overlaid, &key.key);
        // A metric of one split is called as it is for a run alone.
        let titled = split.filter(|_| key.splits.len() > 1);
        let titled = titled.map(|split| format!("{split}/{}", printable(&key.key)));
        let curves: Vec<Curve> = match split {
            None => own_curves(&shown, key, origins[0]).collect(),
            Some(split) => {
                let runs = overlaid.iter().zip(&names).zip(&origins);
                runs.filter_map(|((run, name), origin)| {
                    overlaid_curve(run, name, (split, key), view, *origin)
                })
                .collect()
            }
        };
        let chart = Chart {
            title: titled.as_deref().unwrap_or(&key.title),
            curves: &curves,
            manner,
            ends: [&ends[0], &ends[1]],
            share: key.key.contains("accuracy"),
            focused: shown.focus == Some(i),
            theme,
        };
        let memory = match memories.charts.get_mut(&key.key) {
            Some(memory) => memory,
            None => memories.charts.entry(key.key.clone()).or_default(),
        };
        chart.draw(cell, buffer, memory);
    }
    // Metrics of other runs would pile up.
    if memories.charts.len() > 2 * data.charts.len() + 16 {
        memories.charts.retain(|key, _| keys_of(runs).any(|known| known.key == *key));
    }
}

fn keys_of<'a>(runs: &'a [Overlaid<'a>]) -> impl Iterator<Item = &'a ChartKey> {
    runs.iter().flat_map(|run| &run.data.charts)
}

/// All splits of one run.
fn own_curves<'a>(shown: &Shown<'a>, key: &'a ChartKey, origin: f64) -> impl Iterator<Item = Curve<'a>> {
    let Shown { entry, data, view, .. } = *shown;
    let series = key.splits.iter().filter_map(|split| Some((*split, data.metrics.series(*split, &key.key)?)));
    series.map(move |(split, series)| Curve {
        name: split.name(),
        slot: slot(split),
        abscissa: view.abscissa(series, entry, origin),
        values: &series.values,
        revision: revision(data, split, view),
    })
}

/// One split of one of several runs.
fn overlaid_curve<'a>(
    run: &Overlaid<'a>,
    name: &'a str,
    (split, key): (MetricSplit, &ChartKey),
    view: &View,
    origin: f64,
) -> Option<Curve<'a>> {
    let series = run.data.metrics.series(split, &key.key)?;
    let abscissa = view.abscissa(series, run.entry, origin);
    let revision = revision(run.data, split, view);
    Some(Curve { name, slot: run.slot, abscissa, values: &series.values, revision })
}

/// Another axis is another curve.
fn revision(data: &Followed, split: MetricSplit, view: &View) -> u64 {
    (data.revision * 4 + split as u64) * 4 + view.axis as u64
}

/// The part of the x axis that holds all of the runs.
fn window(runs: &[Overlaid], origins: &[f64], view: &View) -> Window {
    let ends = runs.iter().zip(origins).map(|(run, origin)| end(run.data, view, run.entry, *origin));
    let end = ends.fold(0.0, f64::max);
    let windows = runs.iter().map(|run| view.window(end, run.entry));
    windows.reduce(|a, b| if b.end > a.end { b } else { a }).unwrap_or(Window { start: 0.0, end: 1.0 })
}

/// When the run began: the time of its first row.
fn origin(data: &Followed) -> f64 {
    let firsts = data.metrics.iter().filter_map(|(_, _, series)| series.times.first().copied());
    firsts.fold(f64::INFINITY, f64::min)
}

/// The largest x of any curve.
fn end(data: &Followed, view: &View, entry: &RunEntry, origin: f64) -> f64 {
    let lasts =
        data.metrics.iter().filter(|(split, ..)| *split != MetricSplit::System || view.axis == Axis::Time);
    let lasts =
        lasts.map(|(_, _, series)| view.abscissa(series, entry, origin).at(series.len().saturating_sub(1)));
    let seen = lasts.filter(|x| x.is_finite()).fold(0.0, f64::max);
    // While the rows are still coming in, the axis is as long already as it will be.
    match view.axis {
        Axis::Step => seen.max(entry.step as f64),
        Axis::Epoch if entry.epochs > 0 && entry.steps >= entry.epochs => {
            seen.max(entry.step as f64 / (entry.steps as f64 / entry.epochs as f64))
        }
        Axis::Epoch => seen.max(entry.epoch as f64),
        Axis::Time => seen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_fill_the_screen_in_a_readable_shape() {
        let grid = |width, height, count| {
            let Grid { columns, rows } = Grid::new((width, height), count);
            (columns, rows)
        };
        assert_eq!(grid(220, 51, 20), (5, 4));
        assert_eq!(grid(220, 51, 4), (2, 2));
        assert_eq!(grid(120, 31, 2), (2, 1));
        assert_eq!(grid(80, 19, 2), (2, 1));
        assert_eq!(grid(220, 51, 1), (1, 1));
        assert_eq!(grid(80, 19, 20), (2, 2));
        assert_eq!(grid(20, 5, 3), (1, 1));
    }
}
