//! How curves are looked at: smoothing, axes, zoom. The same for every chart.

use crate::run::{MetricSplit, Series};
use crate::tui::message::RunEntry;
use crate::tui::widgets::chart::{Abscissa, Window, steps, whole};
use serde::Deserialize;

/// The steps of the smoothing: the weight of the past.
const SMOOTHINGS: [f64; 8] = [0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99];
const DEEPEST_ZOOM: u32 = 10;

/// What the x axis counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    #[default]
    Step,
    Epoch,
    Time,
}

/// The settings of all charts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    smoothing: usize,
    pub log_y: bool,
    pub axis: Axis,
    /// Halvings of the x axis.
    zoom: u32,
    /// Where a zoomed window begins; `None` while it hangs at the newest end.
    from: Option<f64>,
}

impl Default for View {
    fn default() -> Self {
        Self { smoothing: 0, log_y: false, axis: Axis::Step, zoom: 0, from: None }
    }
}

impl View {
    /// The view to begin with: the step of the smoothing that is nearest to `smoothing`.
    pub fn beginning(smoothing: f64, axis: Axis) -> Self {
        let distance = |step: &usize| (SMOOTHINGS[*step] - smoothing).abs();
        let nearest = (0..SMOOTHINGS.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)));
        Self { smoothing: nearest.unwrap_or(0), axis, ..Self::default() }
    }

    pub fn smoothing(&self) -> f64 {
        SMOOTHINGS[self.smoothing.min(SMOOTHINGS.len() - 1)]
    }

    pub fn smooth(&mut self, more: bool) {
        self.smoothing = if more {
            (self.smoothing + 1).min(SMOOTHINGS.len() - 1)
        } else {
            self.smoothing.saturating_sub(1)
        };
    }

    pub fn next_axis(&mut self) {
        self.axis = match self.axis {
            Axis::Step => Axis::Epoch,
            Axis::Epoch => Axis::Time,
            Axis::Time => Axis::Step,
        };
        (self.zoom, self.from) = (0, None);
    }

    pub fn is_zoomed(&self) -> bool {
        self.zoom > 0
    }

    /// Halves or doubles the window around `centre`; without one around its own middle, and at the newest end there.
    /// The data end at `end`.
    pub fn zoom(&mut self, closer: bool, centre: Option<f64>, end: f64, entry: &RunEntry) {
        let before = self.window(end, entry);
        let centre = centre.or(self.from.map(|from| from + (before.end - before.start) / 2.0));
        self.zoom = if closer { (self.zoom + 1).min(DEEPEST_ZOOM) } else { self.zoom.saturating_sub(1) };
        match centre {
            Some(centre) => self.reveal(centre, end, entry),
            None => self.from = None,
        }
    }

    /// Moves a zoomed window so that `x` is in its middle, as far as there are data.
    pub fn reveal(&mut self, x: f64, end: f64, entry: &RunEntry) {
        let window = self.window(end, entry);
        self.move_to(x - (window.end - window.start) / 2.0, end, entry);
    }

    /// Moves a zoomed window by a quarter of itself.
    pub fn pan(&mut self, on: bool, end: f64, entry: &RunEntry) {
        let Window { start, end: to } = self.window(end, entry);
        let quarter = (to - start) / 4.0;
        self.move_to(if on { start + quarter } else { start - quarter }, end, entry);
    }

    /// To the beginning of the axis, or to its newest end and on with it.
    pub fn pan_to_end(&mut self, newest: bool) {
        self.from = if newest { None } else { Some(0.0) };
    }

    fn move_to(&mut self, start: f64, end: f64, entry: &RunEntry) {
        let newest = Self { from: None, ..*self }.window(end, entry).start;
        self.from = (self.zoom > 0 && start < newest).then_some(start.max(0.0));
    }

    /// The part of the axis in view, of one whose data end at `end`.
    pub fn window(&self, end: f64, entry: &RunEntry) -> Window {
        let unit = if self.axis == Axis::Time { 60.0 } else { 1.0 };
        let growing = entry.state.is_active();
        let mut full = whole(end, unit, growing);
        let planned = match self.axis {
            Axis::Step => entry.steps as f64,
            Axis::Epoch => entry.epochs as f64,
            Axis::Time => f64::INFINITY,
        };
        if planned >= end.max(1.0) {
            full.end = full.end.min(planned);
        }
        if self.zoom == 0 || end <= 0.0 {
            return full;
        }
        // While a run goes on, the window's width changes only as the run has grown by an eighth, and its place in
        // quarters of the window: else every new point would repaint all charts.
        let eighth = 2f64.powf(end.log2().floor()) / 8.0;
        let span = if growing { (end / eighth - 1e-9).ceil() * eighth } else { end };
        let width = span / f64::from(1u32 << self.zoom);
        let quarters = (end / width * 4.0 - 1e-9).ceil();
        let newest = ((quarters / 4.0 - 1.0) * width).max(0.0);
        let start = self.from.map_or(newest, |from| from.min(newest));
        Window { start, end: start + width }
    }

    /// The texts at the ends of the axis.
    pub fn ends(&self, window: Window) -> [String; 2] {
        let text = |x: f64| match self.axis {
            Axis::Step => steps(x.round()),
            Axis::Epoch => steps(x),
            Axis::Time if x == 0.0 => "0".into(),
            Axis::Time if window.end < 300.0 => format!("{x:.0} s"),
            Axis::Time if window.end < 7200.0 => format!("{:.0} min", x / 60.0),
            Axis::Time => format!("{:.1} h", x / 3600.0),
        };
        let unit = match self.axis {
            Axis::Step => " steps",
            Axis::Epoch => " epochs",
            Axis::Time => "",
        };
        [text(window.start), text(window.end) + unit]
    }

    /// A series' places on the axis; times count from `origin`, unix seconds.
    pub fn abscissa<'a>(&self, series: &'a Series, entry: &RunEntry, origin: f64) -> Abscissa<'a> {
        match self.axis {
            Axis::Step => Abscissa::Steps(&series.steps),
            Axis::Epoch if entry.epochs > 0 && entry.steps >= entry.epochs => {
                Abscissa::StepsPerEpoch(&series.steps, entry.steps as f64 / entry.epochs as f64)
            }
            Axis::Epoch => Abscissa::Epochs(&series.epochs),
            Axis::Time => Abscissa::Times(&series.times, origin),
        }
    }

    /// What differs from the plain view, for the header: `smooth 0.9`, `log y`, `zoom 4x`.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.smoothing > 0 {
            words.push(format!("smooth {}", self.smoothing()));
        }
        if self.log_y {
            words.push("log y".into());
        }
        if self.zoom > 0 {
            words.push(format!("zoom {}x", 1u32 << self.zoom));
        }
        words
    }
}

/// The colour and marker of a split, in every chart the same.
pub fn slot(split: MetricSplit) -> usize {
    split as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_begins_with_the_nearest_smoothing() {
        for (wanted, step) in [(0.0, 0.0), (0.55, 0.6), (0.97, 0.98), (0.9999, 0.99)] {
            let view = View::beginning(wanted, Axis::Epoch);
            assert_eq!((view.smoothing(), view.axis), (step, Axis::Epoch));
        }
    }

    #[test]
    fn the_ends_of_the_axis_are_in_a_unit_that_fits() {
        let ends = |axis, start, end| View { axis, ..View::default() }.ends(Window { start, end });
        assert_eq!(ends(Axis::Step, 0.0, 65_536.0), ["0", "65.5k steps"]);
        assert_eq!(ends(Axis::Epoch, 2.5, 80.0), ["2.5", "80 epochs"]);
        assert_eq!(ends(Axis::Time, 0.0, 42.3), ["0", "42 s"]);
        assert_eq!(ends(Axis::Time, 900.0, 1920.0), ["15 min", "32 min"]);
        assert_eq!(ends(Axis::Time, 3600.0, 36_000.0), ["1.0 h", "10.0 h"]);
    }

    #[test]
    fn a_zoomed_window_of_a_run_that_goes_on_moves_now_and_then_and_holds_the_newest_end() {
        let mut entry = RunEntry::from(crate::run::RunSummary::read(&folder().1));
        entry.state = crate::run::State::Running;
        for zoom in 1..DEEPEST_ZOOM {
            let view = View { zoom, ..View::default() };
            let mut windows: Vec<Window> = Vec::new();
            for step in 2000..3000 {
                let window = view.window(f64::from(step), &entry);
                assert!(window.start < f64::from(step) && f64::from(step) <= window.end, "{zoom} {window:?}");
                windows.push(window);
            }
            windows.dedup();
            assert!(windows.len() <= 8 * (1 << zoom), "{zoom}: {}", windows.len());
        }
    }

    #[test]
    fn zooming_keeps_the_middle_or_what_is_asked_for_in_view() {
        let mut entry = RunEntry::from(crate::run::RunSummary::read(&folder().1));
        entry.state = crate::run::State::Finished;
        let mut view = View::default();
        view.zoom(true, Some(200.0), 800.0, &entry);
        view.zoom(true, Some(200.0), 800.0, &entry);
        assert_eq!(view.window(800.0, &entry), Window { start: 100.0, end: 300.0 });
        view.zoom(true, None, 800.0, &entry);
        assert_eq!(view.window(800.0, &entry), Window { start: 150.0, end: 250.0 });
        view.pan(true, 800.0, &entry);
        assert_eq!(view.window(800.0, &entry), Window { start: 175.0, end: 275.0 });
        view.reveal(790.0, 800.0, &entry);
        assert_eq!(view.window(800.0, &entry).end, 800.0);
        view.pan_to_end(false);
        assert_eq!(view.window(800.0, &entry).start, 0.0);
        view.zoom(false, None, 800.0, &entry);
        view.zoom(false, None, 800.0, &entry);
        view.zoom(false, None, 800.0, &entry);
        assert_eq!(view.window(800.0, &entry), Window { start: 0.0, end: 800.0 });
        assert!(!view.is_zoomed() && view.from.is_none());
    }

    fn folder() -> (tempfile::TempDir, crate::run::RunFolder) {
        let keep = tempfile::tempdir().unwrap();
        let path = keep.path().join("run");
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("status.json"), "{}").unwrap();
        let folder = crate::run::RunFolder::open(&path).unwrap();
        (keep, folder)
    }
}
