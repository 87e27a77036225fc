//! Parallel coordinates: a vertical line for each axis of a search and one for its metric, and a line through them for
//! each point, coloured by its rank.

mod scale;

pub use scale::{MOOT, Scale};

use crate::config::MonitoredMetric;
use crate::search::{self, Axis, TrialRow};
use crate::tui::theme::{Depth, RANKS, Role, Theme};
use crate::tui::widgets::chart::{Dots, Grain};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::HashSet;
use unicode_width::UnicodeWidthStr;

/// More lines than this hide each other.
pub const MOST_LINES: usize = 200;
/// Without colours the best so many are drawn strong, all others dim.
const STRONG: usize = 10;
/// From one axis to the next at the least: the line, a label, and some way between.
const LEAST_GAP: u16 = 12;
/// Room at the right end for the metric's line and labels.
const GUTTER: u16 = 9;

/// The points of a search over its axes.
#[derive(Clone, Copy, Debug)]
pub struct Parallel<'a> {
    pub axes: &'a [Axis],
    /// Indices of axes in the order in which they are to be seen; those at the end give way where there is no room. Axes that
    /// are not among them are not missed.
    pub order: &'a [usize],
    /// Best first.
    pub rows: &'a [TrialRow],
    pub metric: MonitoredMetric,
    /// An index of a row.
    pub chosen: Option<usize>,
    pub theme: &'a Theme,
}

/// An axis with its place.
struct Line {
    x: u16,
    name: String,
    scale: Scale,
    /// Heights of the drawn rows, best first.
    heights: Vec<Option<f64>>,
    /// Height and label of the chosen row.
    chosen: Option<(f64, String)>,
    /// Cells for name and labels.
    width: u16,
    is_metric: bool,
}

/// How many axes beside the metric there is room for in so many columns.
pub fn room(width: u16) -> usize {
    usize::from(width.saturating_sub(GUTTER) / LEAST_GAP)
}

impl Parallel<'_> {
    /// Draws into `area`: names, lines, and a row of words about what is left out. Where there is no room for that, nothing.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        if area.width < GUTTER || area.height < 4 {
            return;
        }
        let drawn = self.drawn();
        let plot = Rect { y: area.y + 1, height: area.height - 2, ..area };
        let lines = self.lines(area, &drawn);
        self.draw_points(plot, &lines, &drawn, buffer);
        for line in &lines {
            self.draw_axis(plot, line, buffer);
        }
        let below = Rect { y: area.bottom() - 1, height: 1, ..area };
        self.draw_caption(below, drawn.len(), buffer);
    }

    /// The rows that are drawn, best first.
    fn drawn(&self) -> Vec<usize> {
        let has_value = |i: &usize| self.rows[*i].mean.is_some_and(f64::is_finite);
        (0..self.rows.len()).filter(has_value).take(MOST_LINES).collect()
    }

    /// The axes there is room for and the metric, from the left.
    fn lines(&self, area: Rect, drawn: &[usize]) -> Vec<Line> {
        let shown: Vec<usize> = self.order.iter().copied().filter(|i| *i < self.axes.len()).collect();
        let shown = &shown[..shown.len().min(room(area.width))];
        let names = search::short_names(self.axes);
        let span = u32::from(area.width - GUTTER);
        let x = |place: usize| area.x + (span * place as u32 / shown.len().max(1) as u32) as u16;
        let width = |place: usize| x(place + 1) - x(place) - 1;
        let axes = shown.iter().enumerate().map(|(place, index)| {
            let name = names[*index].clone();
            let scale = Scale::of_axis(&self.axes[*index], self.rows, *index);
            let value = |row: usize| self.rows[row].point.get(*index).and_then(Option::as_ref);
            let heights = drawn.iter().map(|row| scale.height(value(*row))).collect();
            let chosen = self.chosen.filter(|row| *row < self.rows.len());
            let chosen = chosen.and_then(|row| Some((scale.height(value(row))?, scale.label(value(row)))));
            let (x, width) = (x(place), width(place));
            Line { x, name, scale, heights, chosen, width, is_metric: false }
        });
        let mut lines: Vec<Line> = axes.collect();
        lines.push(self.metric_line(if shown.is_empty() { area.x } else { x(shown.len()) }, drawn));
        lines
    }

    fn metric_line(&self, x: u16, drawn: &[usize]) -> Line {
        let mean = |row: usize| self.rows.get(row).and_then(|row| row.mean).filter(|mean| mean.is_finite());
        let chosen = self.chosen.and_then(mean);
        let scale = Scale::of_metric(self.metric, drawn.iter().filter_map(|row| mean(*row)).chain(chosen));
        let heights = drawn.iter().map(|row| scale.height_of(mean(*row)?)).collect();
        let chosen = chosen.and_then(|mean| Some((scale.height_of(mean)?, scale.number_words(mean))));
        let name = match self.metric {
            MonitoredMetric::ValidAccuracy => "accuracy",
            MonitoredMetric::ValidLoss => "loss",
        };
        Line { x, name: name.into(), scale, heights, chosen, width: GUTTER - 1, is_metric: true }
    }

    /// Which style each drawn row has, as an index: equal values look alike.
    fn pens(&self, drawn: &[usize]) -> Vec<u8> {
        let mut first = 0;
        let rank = |place: usize| {
            let mean = |place: usize| self.rows[drawn[place]].mean;
            if mean(place) != mean(first) {
                first = place;
            }
            match self.theme.depth {
                Depth::Mono if first < STRONG => 0,
                Depth::Mono => RANKS as u8 - 1,
                _ => (first * RANKS / drawn.len()) as u8,
            }
        };
        (0..drawn.len()).map(rank).collect()
    }

    fn draw_points(&self, plot: Rect, lines: &[Line], drawn: &[usize], buffer: &mut Buffer) {
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return };
        let grain = if self.theme.symbols.braille { Grain::Braille } else { Grain::Ascii };
        let field = Rect { x: first.x, width: last.x - first.x + 1, ..plot };
        let dots = || Dots::new(field.width.into(), field.height.into(), grain);
        let (mut all, mut chosen) = (dots(), dots());
        let column = |line: &Line| (usize::from(line.x - first.x) * grain.across()) as f64;
        let bottom = (all.rows() - 1) as f64;
        let row = |height: f64| ((1.0 - height) * bottom).round();
        let pens = self.pens(drawn);
        for pair in lines.windows(2) {
            let (left, right) = (&pair[0], &pair[1]);
            // Of lines that lie on each other only the best is seen.
            let mut known = HashSet::new();
            let mut ways = Vec::new();
            for ((from, to), pen) in left.heights.iter().zip(&right.heights).zip(&pens) {
                let (Some(from), Some(to)) = (from, to) else { continue };
                let (from, to) = (row(*from), row(*to));
                if known.insert((from as i64, to as i64)) {
                    ways.push((from, to, *pen));
                }
            }
            for (from, to, pen) in ways.into_iter().rev() {
                all.line((column(left), from), (column(right), to), pen);
            }
            if let (Some((from, _)), Some((to, _))) = (&left.chosen, &right.chosen) {
                chosen.line((column(left), row(*from)), (column(right), row(*to)), 0);
            }
        }
        let styles: Vec<_> = (0..RANKS).map(|rank| self.theme.style(Role::Rank(rank))).collect();
        all.paint(field, &styles, buffer);
        // It stands alone in its cells, so that it can be followed among the others.
        chosen.paint(field, &[self.theme.style(Role::Strong)], buffer);
    }

    fn draw_axis(&self, plot: Rect, line: &Line, buffer: &mut Buffer) {
        let symbols = &self.theme.symbols;
        let role = if line.is_metric { Role::Accent } else { Role::Text };
        let above = (line.x, plot.y - 1);
        text::put(buffer, above, line.width, &line.name, self.theme.style(role), self.theme);
        for y in plot.y..plot.bottom() {
            self.put_above(buffer, (line.x, y), 1, symbols.vertical, Role::Quiet);
        }
        let last = f64::from(plot.height - 1);
        let y = |height: f64| plot.y + ((1.0 - height) * last).round() as u16;
        let mut taken = HashSet::new();
        if let Some((height, label)) = &line.chosen {
            taken.insert(y(*height));
            self.put_above(buffer, (line.x, y(*height)), 1, symbols.markers[0], Role::Strong);
            self.put_label(buffer, (line.x + 1, y(*height)), line.width, label, Role::Strong);
        }
        for (height, label) in line.scale.ticks() {
            if taken.insert(y(height)) {
                self.put_above(buffer, (line.x, y(height)), 1, symbols.branch, Role::Quiet);
                self.put_label(buffer, (line.x + 1, y(height)), line.width, &label, Role::Quiet);
            }
        }
    }

    /// A label at the right of its axis, no wider than leaves some way for the lines.
    fn put_label(&self, buffer: &mut Buffer, at: (u16, u16), width: u16, label: &str, role: Role) {
        let room = width.saturating_sub(1).min((width / 2).max(scale::LABEL as u16));
        self.put_above(buffer, at, room, label, role);
    }

    /// In the place of what stands there: a dim line below would dim a strong word.
    fn put_above(&self, buffer: &mut Buffer, at: (u16, u16), room: u16, words: &str, role: Role) {
        let width = (words.width() as u16).min(room);
        let place = Rect::new(at.0, at.1, width, 1).intersection(buffer.area);
        for position in place.positions() {
            buffer[position].reset();
        }
        text::put(buffer, at, room, words, self.theme.style(role), self.theme);
    }

    fn draw_caption(&self, row: Rect, drawn: usize, buffer: &mut Buffer) {
        let mut right = row.right();
        if drawn > 0 && self.theme.depth != Depth::Mono {
            let words = ["best ", " worst"];
            let width = (words.iter().map(|word| word.width()).sum::<usize>() + RANKS) as u16;
            if row.width >= 2 * width {
                let quiet = self.theme.style(Role::Quiet);
                right -= width + 1;
                text::put(buffer, (right, row.y), 5, words[0], quiet, self.theme);
                for rank in 0..RANKS {
                    let at = (right + 5 + rank as u16, row.y);
                    let style = self.theme.style(Role::Rank(rank));
                    text::put(buffer, at, 1, self.theme.symbols.full, style, self.theme);
                }
                text::put(buffer, (right + 5 + RANKS as u16, row.y), 6, words[1], quiet, self.theme);
            }
        }
        let width = right.saturating_sub(row.x + 1);
        let caption = self.caption(row.width, drawn);
        text::put(buffer, (row.x, row.y), width, &caption, self.theme.style(Role::Quiet), self.theme);
    }

    /// What is drawn and what is not.
    fn caption(&self, width: u16, drawn: usize) -> String {
        let with_value = self.rows.iter().filter(|row| row.mean.is_some_and(f64::is_finite)).count();
        let points = |count| match count {
            1 => "1 point".to_string(),
            _ => format!("{} points", text::grouped(count)),
        };
        let mut words = vec![match with_value {
            0 => "no point has a value yet".into(),
            _ if drawn < with_value => format!("the best {drawn} of {}", points(with_value)),
            _ => points(with_value),
        }];
        let without = self.rows.len() - with_value;
        if without > 0 && with_value > 0 {
            words.push(format!("{} without a value", text::grouped(without)));
        }
        let left_out = self.order.len().saturating_sub(room(width));
        match left_out {
            0 => {}
            1 => words.push("1 axis has no room".into()),
            _ => words.push(format!("{left_out} axes have no room")),
        }
        if self.theme.depth == Depth::Mono && drawn > STRONG {
            words.push(format!("the best {STRONG} are strong"));
        }
        words.join(", ")
    }
}

#[cfg(test)]
mod tests;
