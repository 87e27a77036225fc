//! Curves of several runs over each other: which runs, in which colours.

use crate::run::MetricSplit;
use crate::tui::message::RunEntry;
use crate::tui::state::{ChartKey, Followed, State};
use crate::tui::theme::{Role, Theme, UNMARKED};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Where a run's name is longer, charts and legends show its beginning.
const LONGEST_NAME: usize = 20;

/// One of the runs whose curves lie over each other.
#[derive(Clone, Copy, Debug)]
pub struct Overlaid<'a> {
    pub entry: &'a RunEntry,
    pub data: &'a Followed,
    /// Its colour and marker.
    pub slot: usize,
}

/// The marked runs, and with them the one that the screen is about, which may be marked or not; empty where that leaves
/// it alone.
pub fn with_current(state: &State) -> Vec<Overlaid<'_>> {
    let mut runs = marked(state);
    if let (Some(entry), Some(data)) = (state.current(), state.current_data())
        && state.marks.slot(&entry.folder).is_none()
    {
        runs.push(Overlaid { entry, data, slot: UNMARKED });
    }
    if runs.len() > 1 { runs } else { Vec::new() }
}

/// The marked runs, where the one that the screen is about is one of several.
pub fn if_marked(state: &State) -> Vec<Overlaid<'_>> {
    let is_marked = state.current().is_some_and(|run| state.marks.slot(&run.folder).is_some());
    let runs = marked(state);
    if is_marked && runs.len() > 1 { runs } else { Vec::new() }
}

fn marked(state: &State) -> Vec<Overlaid<'_>> {
    let overlaid = state.marks.iter().filter_map(|mark| {
        Some(Overlaid { entry: state.list.find(&mark.data.folder)?, data: &mark.data, slot: mark.slot })
    });
    overlaid.collect()
}

/// The charts that any of the runs has, those of the first run first.
pub fn charts<'a>(runs: &[Overlaid<'a>]) -> Vec<&'a ChartKey> {
    let mut charts: Vec<&ChartKey> = Vec::new();
    for chart in runs.iter().flat_map(|run| &run.data.charts) {
        if charts.iter().all(|known| known.key != chart.key) {
            charts.push(chart);
        }
    }
    charts
}

/// The split whose curves are compared: with several runs one curve of each is enough to look at. What was not trained
/// on says most.
pub fn split(runs: &[Overlaid], key: &str) -> Option<MetricSplit> {
    const ORDER: [MetricSplit; 4] =
        [MetricSplit::Valid, MetricSplit::Train, MetricSplit::Test, MetricSplit::System];
    ORDER.into_iter().find(|split| runs.iter().any(|run| run.data.metrics.series(*split, key).is_some()))
}

/// The names of the runs as legends write them. Where several are called the same, as the runs of a search are, the end
/// of the id is what tells them apart.
pub fn names(runs: &[Overlaid], theme: &Theme) -> Vec<String> {
    let namesakes = |name: &str| runs.iter().filter(|run| run.entry.name == name).count();
    let name = |run: &Overlaid| {
        let name = &run.entry.name;
        match run.entry.id.rsplit('-').next() {
            Some(end) if namesakes(name) > 1 => {
                let room = LONGEST_NAME.saturating_sub(end.width() + 1).max(LONGEST_NAME / 2);
                format!("{} {}", text::fit(name, room, theme), text::fit(end, LONGEST_NAME / 2, theme))
            }
            _ => text::fit(name, LONGEST_NAME, theme).into_owned(),
        }
    };
    runs.iter().map(name).collect()
}

/// Markers and names of the runs in one row, as many as fit.
pub fn legend(buffer: &mut Buffer, row: Rect, runs: &[Overlaid], theme: &Theme) {
    let mut x = row.x;
    for (i, (run, name)) in runs.iter().zip(names(runs, theme)).enumerate() {
        let width = name.width() as u16 + 2;
        let left = row.right().saturating_sub(x);
        if width > left {
            let more = format!("+{}", runs.len() - i);
            text::put(buffer, (x, row.y), left, &more, theme.style(Role::Quiet), theme);
            return;
        }
        text::put(buffer, (x, row.y), 1, theme.marker(run.slot), theme.style(Role::Curve(run.slot)), theme);
        text::put(buffer, (x + 2, row.y), width - 2, &name, theme.style(Role::Text), theme);
        x += width + 2;
    }
}
