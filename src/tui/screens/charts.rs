//! A grid of a run's charts.

use super::Memories;
use super::overlay::{self, Overlaid};
use crate::run::{MetricSplit, Series, printable};
use crate::tui::message::RunEntry;
use crate::tui::state::{Axis, ChartKey, Followed, View, slot};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::chart::{Chart, Curve, Manner, Unit, Window};
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

    /// Where in `area` the chart stands that is the `place`th of its page, counted from 0.
    pub fn cell(&self, area: Rect, place: usize) -> Rect {
        let (rows, columns) = (self.rows.max(1) as u16, self.columns.max(1) as u16);
        let (row, column) = (place as u16 / columns, place as u16 % columns);
        let edge =
            |i: u16, whole: u16, parts: u16| (u32::from(i) * u32::from(whole) / u32::from(parts)) as u16;
        let (left, right) = (edge(column, area.width, columns), edge(column + 1, area.width, columns));
        let (top, bottom) = (edge(row, area.height, rows), edge(row + 1, area.height, rows));
        let gap = u16::from(right < area.width);
        Rect { x: area.x + left, y: area.y + top, width: right - left - gap, height: bottom - top }
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
    /// The place on the x axis whose values are told.
    pub cursor: Option<f64>,
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
    if area.is_empty() {
        return;
    }
    let Span { window, origin: own, .. } = span(entry, data, overlaid, view);
    let ends = view.ends(window);
    let names = overlay::names(overlaid, theme);
    let manner = Manner { window, smoothing: view.smoothing(), log_y: view.log_y };
    let keys = shown.charts.iter().enumerate().skip(shown.first).take(shown.count.min(grid.on_page()));
    for (place, (i, key)) in keys.enumerate() {
        let cell = grid.cell(area, place);
        let split = overlay::split(overlaid, &key.key);
        // A metric of one split is called as it is for a run alone.
        let titled = split.filter(|_| key.splits.len() > 1);
        let titled = titled.map(|split| format!("{split}/{}", printable(&key.key)));
        let curves: Vec<Curve> = match split {
            None => own_curves(&shown, key, own).collect(),
            Some(split) => {
                let runs = overlaid.iter().zip(&names);
                runs.filter_map(|(run, name)| overlaid_curve(run, name, (split, key), view)).collect()
            }
        };
        let chart = Chart {
            title: Unit::title(titled.as_deref().unwrap_or(&key.title)),
            curves: &curves,
            manner,
            ends: [&ends[0], &ends[1]],
            unit: Unit::of(&key.key),
            cursor: shown.cursor,
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
        let charts = || overlaid.iter().flat_map(|run| &run.data.charts).chain(&data.charts);
        memories.charts.retain(|key, _| charts().any(|known| known.key == *key));
    }
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

/// One split of one of several runs; each begins at its own 0.
fn overlaid_curve<'a>(
    run: &Overlaid<'a>,
    name: &'a str,
    (split, key): (MetricSplit, &ChartKey),
    view: &View,
) -> Option<Curve<'a>> {
    let series = run.data.metrics.series(split, &key.key)?;
    let abscissa = view.abscissa(series, run.entry, origin(run.data));
    let revision = revision(run.data, split, view);
    Some(Curve { name, slot: run.slot, abscissa, values: &series.values, revision })
}

/// Another axis is another curve.
fn revision(data: &Followed, split: MetricSplit, view: &View) -> u64 {
    (data.revision * 4 + split as u64) * 4 + view.axis as u64
}

/// The x axis of a run's charts.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The part in view.
    pub window: Window,
    /// Where the data end.
    pub end: f64,
    /// The time that counts as 0, unix seconds.
    pub origin: f64,
}

/// The axis that holds a run and all that lie over it.
pub fn span(entry: &RunEntry, data: &Followed, overlaid: &[Overlaid], view: &View) -> Span {
    let one = [Overlaid { entry, data, slot: 0 }];
    let runs = if overlaid.is_empty() { &one[..] } else { overlaid };
    let ends = runs.iter().map(|run| end(run.data, view, run.entry, origin(run.data)));
    let end = ends.fold(0.0, f64::max);
    let windows = runs.iter().map(|run| view.window(end, run.entry));
    let window = windows.reduce(|a, b| if b.end > a.end { b } else { a });
    Span { window: window.unwrap_or(Window { start: 0.0, end: 1.0 }), end, origin: origin(data) }
}

/// The run's last point at `x` or before: a series that has it, and its index there.
pub fn point<'a>(
    entry: &RunEntry,
    data: &'a Followed,
    view: &View,
    span: &Span,
    x: f64,
) -> Option<(&'a Series, usize)> {
    let points = data.metrics.iter().filter_map(|(_, _, series)| {
        let abscissa = view.abscissa(series, entry, span.origin);
        let i = abscissa.count_to(x).checked_sub(1)?;
        Some((series, i, abscissa.at(i)))
    });
    let last = |(a, i, x): &(&Series, usize, f64), (b, k, y): &(&Series, usize, f64)| {
        x.total_cmp(y).then_with(|| a.steps[*i].cmp(&b.steps[*k]))
    };
    points.max_by(last).map(|(series, i, _)| (series, i))
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
