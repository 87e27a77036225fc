//! The charts of a run: the focus, one alone, zoom, and the cursor.

use super::{Followed, State};
use crate::tui::action::Action;
use crate::tui::message::{Effect, RunEntry};
use crate::tui::screens::charts::{self, Span};
use crate::tui::screens::overlay;
use crate::tui::screens::run::{self, Page};
use crate::tui::widgets::chart::{self, Abscissa};

/// Columns of dots that a long move of the cursor passes.
const FAR: f64 = 20.0;

impl State {
    pub(super) fn act_in_charts(&mut self, action: Action) -> Vec<Effect> {
        if action == Action::Timeline {
            self.switch_timeline();
            return Vec::new();
        }
        if self.timeline.is_open() {
            return self.act_in_timeline(action);
        }
        let count = self.current_data().map_or(0, |data| data.charts.len());
        match action {
            Action::Cursor => self.switch_cursor(),
            Action::Enter => self.alone = !self.alone && count > 1,
            Action::ZoomIn | Action::ZoomOut => self.zoom(action == Action::ZoomIn),
            _ if moves_along(action) && self.cursor.is_some() => self.move_cursor(action),
            _ if moves_along(action) && self.view.is_zoomed() => self.pan(action),
            _ => match self.focus_after(action, count) {
                Some(focus) => self.focus = focus.min(count.saturating_sub(1)),
                None => return self.act_on_run(action),
            },
        }
        Vec::new()
    }

    /// The chart that the focus goes to, perhaps beyond the last one.
    fn focus_after(&self, action: Action, count: usize) -> Option<usize> {
        let grid = run::page(self).map_or(1, |page| page.grid.on_page());
        let across = run::page(self).map_or(1, |page| page.grid.columns.max(1));
        Some(match action {
            Action::Left | Action::FarLeft => self.focus.saturating_sub(1),
            Action::Right | Action::FarRight => self.focus + 1,
            // Off the grid's edge the focus stays in its column.
            Action::Up => self.focus.checked_sub(across).unwrap_or(self.focus),
            Action::Down if self.focus + across < count => self.focus + across,
            Action::Down => self.focus,
            Action::PageUp => self.focus.saturating_sub(grid),
            Action::PageDown => self.focus + grid,
            Action::First => 0,
            Action::Last => usize::MAX,
            _ => return None,
        })
    }

    /// What the charts show now: the run, its data, and the part of the axis.
    fn shown(&self) -> Option<(&RunEntry, &Followed, Span)> {
        let (entry, data) = (self.current()?, self.current_data()?);
        Some((entry, data, charts::span(entry, data, &overlay::if_marked(self), &self.view)))
    }

    fn zoom(&mut self, closer: bool) {
        let Some((entry, _, span)) = self.shown() else { return };
        let entry = entry.clone();
        self.view.zoom(closer, self.cursor, span.end, &entry);
    }

    fn pan(&mut self, action: Action) {
        let Some((entry, _, span)) = self.shown() else { return };
        let entry = entry.clone();
        let quarters = match action {
            Action::First | Action::Last => return self.view.pan_to_end(action == Action::Last),
            Action::FarLeft | Action::FarRight => 4,
            _ => 1,
        };
        for _ in 0..quarters {
            self.view.pan(matches!(action, Action::Right | Action::FarRight), span.end, &entry);
        }
    }

    /// The cursor appears at the newest point in view.
    fn switch_cursor(&mut self) {
        if self.cursor.take().is_some() {
            return;
        }
        let Some((entry, data, span)) = self.shown() else { return };
        let newest = at_most(&self.abscissas(entry, data, &span), span.window.end);
        self.cursor = newest.or(Some(span.window.end)).filter(|_| !data.charts.is_empty());
    }

    /// To the next point of the chart with the focus, but at least by a column of dots: a key that changes nothing to
    /// be seen would be one too many.
    fn move_cursor(&mut self, action: Action) {
        let (Some(x), Some((entry, data, span))) = (self.cursor, self.shown()) else { return };
        let points = self.abscissas(entry, data, &span);
        let width = self.plot_width();
        let dot = (span.window.end - span.window.start) / (2.0 * f64::from(width.max(1)) - 1.0);
        let by = if matches!(action, Action::FarLeft | Action::FarRight) { FAR * dot } else { dot };
        let to = match action {
            Action::First => at_least(&points, f64::NEG_INFINITY),
            Action::Last => at_most(&points, f64::INFINITY),
            Action::Left | Action::FarLeft => {
                let nearest = before(&points, x);
                nearest.map(|point| at_least(&points, x - by).map_or(point, |far| far.min(point)))
            }
            _ => {
                let nearest = after(&points, x);
                nearest.map(|point| at_most(&points, x + by).map_or(point, |far| far.max(point)))
            }
        };
        let Some(to) = to else { return };
        self.put_cursor(to);
    }

    /// Puts the cursor at a place of the axis, and that into view.
    fn put_cursor(&mut self, x: f64) {
        self.cursor = Some(x);
        let Some((entry, _, span)) = self.shown() else { return };
        if x < span.window.start || x > span.window.end {
            let entry = entry.clone();
            self.view.reveal(x, span.end, &entry);
        }
    }

    /// The next x axis; the cursor stays at its point.
    pub(super) fn next_axis(&mut self) {
        let point = self.cursor.zip(self.shown()).and_then(|(x, (entry, data, span))| {
            let (series, i) = charts::point(entry, data, &self.view, &span, x)?;
            let mut view = self.view;
            view.next_axis();
            Some(view.abscissa(series, entry, span.origin).at(i))
        });
        self.view.next_axis();
        self.cursor = point;
    }

    /// The epoch of the point that the cursor is at.
    pub(super) fn epoch_at_cursor(&self) -> Option<u32> {
        let (x, (entry, data, span)) = self.cursor.zip(self.shown())?;
        let (series, i) = charts::point(entry, data, &self.view, &span, x)?;
        series.epochs.get(i).copied()
    }

    /// What a click does: it gives a chart the focus, and in the chart with the focus it puts the cursor there.
    pub(super) fn click_in_charts(&mut self, at: (u16, u16)) -> Option<Vec<Effect>> {
        let page = run::page(self).filter(|_| !self.timeline.is_open())?;
        let Page { area, grid, first, count } = page;
        let shown = count.min(grid.on_page());
        let place = (0..shown).find(|place| grid.cell(area, *place).contains(at.into()))?;
        let plot = chart::plot(grid.cell(area, place));
        if self.focus != first + place {
            self.focus = first + place;
            return Some(Vec::new());
        }
        if !plot.contains(at.into()) {
            return None;
        }
        let (entry, data, span) = self.shown()?;
        let share = (f64::from(at.0 - plot.x) + 0.5) / f64::from(plot.width);
        let x = span.window.start + share * (span.window.end - span.window.start);
        let points = self.abscissas(entry, data, &span);
        let x = at_most(&points, x).or_else(|| at_least(&points, x)).unwrap_or(x);
        self.put_cursor(x);
        Some(Vec::new())
    }

    /// Cells across the plot of the chart with the focus.
    fn plot_width(&self) -> u16 {
        let Some(Page { area, grid, first, .. }) = run::page(self) else { return 1 };
        chart::plot(grid.cell(area, self.focus.saturating_sub(first))).width
    }

    /// Where the points of the chart with the focus stand.
    fn abscissas<'a>(&self, entry: &RunEntry, data: &'a Followed, span: &Span) -> Vec<Abscissa<'a>> {
        let Some(chart) = data.charts.get(self.focus) else { return Vec::new() };
        let series = chart.splits.iter().filter_map(|split| data.metrics.series(*split, &chart.key));
        series.map(|series| self.view.abscissa(series, entry, span.origin)).collect()
    }
}

/// Whether an action goes along the x axis, where there is a cursor to move or a window to pan.
fn moves_along(action: Action) -> bool {
    use Action::{FarLeft, FarRight, First, Last, Left, Right};
    matches!(action, Left | Right | FarLeft | FarRight | First | Last)
}

/// The last point at `x` or before.
fn at_most(points: &[Abscissa], x: f64) -> Option<f64> {
    let of = |points: &Abscissa| Some(points.at(points.count_to(x).checked_sub(1)?));
    points.iter().filter_map(of).reduce(f64::max)
}

/// The first point behind `x`.
fn after(points: &[Abscissa], x: f64) -> Option<f64> {
    let behind = points.iter().map(|points| points.at(points.count_to(x)));
    behind.filter(|x| x.is_finite()).reduce(f64::min)
}

/// The first point at `x` or behind it.
fn at_least(points: &[Abscissa], x: f64) -> Option<f64> {
    after(points, x.next_down())
}

/// The last point before `x`.
fn before(points: &[Abscissa], x: f64) -> Option<f64> {
    at_most(points, x.next_down())
}

/// Where the cursor is, for the header: `step 1234`, `epoch 13`, `0:12:20`.
pub fn cursor_words(state: &State) -> Vec<String> {
    let (Some(x), Some((entry, data, span))) = (state.cursor, state.shown()) else { return Vec::new() };
    let Some((series, i)) = charts::point(entry, data, &state.view, &span, x) else {
        return vec!["no point here or before".into()];
    };
    let seconds = series.times.get(i).map_or(0.0, |time| time - span.origin).max(0.0);
    let clock = [seconds / 3600.0, seconds / 60.0 % 60.0, seconds % 60.0].map(|part| part as u64);
    vec![
        format!("step {}", series.steps.get(i).copied().unwrap_or_default()),
        format!("epoch {}", series.epochs.get(i).copied().unwrap_or_default()),
        format!("{}:{:02}:{:02}", clock[0], clock[1], clock[2]),
    ]
}
