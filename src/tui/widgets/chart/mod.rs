//! A chart of curves over one x axis, in braille.

mod axis;
mod columns;
mod dots;
mod unit;

pub(crate) use axis::{steps, whole};
pub use columns::Window;
pub(super) use dots::{Dots, Grain};
pub use unit::Unit;

use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use axis::{Bounds, LABEL};
use columns::{Columns, Recipe};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// Cells of a title that stay where the values need its room.
const LEAST_TITLE: usize = 10;

/// Where on the x axis a curve's values stand. Each slice is as long as the values and does not fall.
#[derive(Clone, Copy, Debug)]
pub enum Abscissa<'a> {
    Steps(&'a [u64]),
    /// Steps shown as epochs: how many steps an epoch has.
    StepsPerEpoch(&'a [u64], f64),
    Epochs(&'a [u32]),
    /// Unix seconds, and the ones that count as 0.
    Times(&'a [f64], f64),
}

impl Abscissa<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Steps(steps) | Self::StepsPerEpoch(steps, _) => steps.len(),
            Self::Epochs(epochs) => epochs.len(),
            Self::Times(times, _) => times.len(),
        }
    }

    /// How many values stand at `x` or before it.
    pub(crate) fn count_to(&self, x: f64) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at(middle) <= x {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The place of value `i`; NaN beyond the end.
    pub(crate) fn at(&self, i: usize) -> f64 {
        match self {
            Self::Steps(steps) => steps.get(i).map_or(f64::NAN, |step| *step as f64),
            Self::StepsPerEpoch(steps, epoch) => steps.get(i).map_or(f64::NAN, |step| *step as f64 / epoch),
            Self::Epochs(epochs) => epochs.get(i).map_or(f64::NAN, |epoch| f64::from(*epoch)),
            Self::Times(times, origin) => times.get(i).map_or(f64::NAN, |time| time - origin),
        }
    }
}

/// One curve of a chart.
#[derive(Clone, Copy, Debug)]
pub struct Curve<'a> {
    pub name: &'a str,
    /// Which colour and marker it has, in every chart the same for the same split.
    pub slot: usize,
    pub abscissa: Abscissa<'a>,
    pub values: &'a [f64],
    /// Another number whenever values that were there changed; unique among all curves.
    pub revision: u64,
}

/// How all charts of a screen are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Manner {
    pub window: Window,
    /// 0 <= smoothing < 1.
    pub smoothing: f64,
    pub log_y: bool,
}

/// A chart of curves; what it worked out of them it leaves in its [`Memory`].
#[derive(Debug)]
pub struct Chart<'a> {
    pub title: &'a str,
    pub curves: &'a [Curve<'a>],
    pub manner: Manner,
    /// The texts at the two ends of the x axis.
    pub ends: [&'a str; 2],
    pub unit: Unit,
    /// The place on the x axis whose values the heading tells instead of the last ones.
    pub cursor: Option<f64>,
    pub focused: bool,
    pub theme: &'a Theme,
}

/// A chart's work from one frame to the next: without it a frame would cost the length of the curves.
#[derive(Debug, Default)]
pub struct Memory {
    /// The curves as they are, and smoothed.
    curves: Vec<[Columns; 2]>,
    /// With what they were settled for.
    bounds: Option<((Manner, u64), Bounds)>,
}

/// Where in a chart's area the curves are.
pub fn plot(area: Rect) -> Rect {
    let label = LABEL as u16 + 1;
    Rect {
        x: area.x + label,
        y: area.y + 1,
        width: area.width.saturating_sub(label),
        height: area.height.saturating_sub(2),
    }
}

/// A curve's values at one place.
#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    raw: Option<f64>,
    /// Where the curves are smoothed.
    smoothed: Option<f64>,
}

impl Chart<'_> {
    /// Draws into `area`; below 12 x 4 cells only what fits.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, memory: &mut Memory) {
        let area = area.intersection(buffer.area);
        if area.height < 3 || usize::from(area.width) < LABEL + 4 {
            return;
        }
        let grain = if self.theme.symbols.braille { Grain::Braille } else { Grain::Ascii };
        let plot = plot(area);
        let smooth = self.manner.smoothing > 0.0;
        memory.curves.resize_with(self.curves.len(), Default::default);
        for (curve, [raw, smoothed]) in self.curves.iter().zip(&mut memory.curves) {
            let recipe = Recipe {
                window: self.manner.window,
                width: usize::from(plot.width) * grain.across(),
                smoothing: 0.0,
                log_y: self.manner.log_y,
                revision: curve.revision,
            };
            raw.update(recipe, curve.values, |i| curve.abscissa.at(i));
            if smooth {
                let recipe = Recipe { smoothing: self.manner.smoothing, ..recipe };
                smoothed.update(recipe, curve.values, |i| curve.abscissa.at(i));
            }
        }
        let readings: Vec<Reading> = match self.cursor {
            Some(x) => {
                self.curves.iter().zip(&memory.curves).map(|(curve, made)| reading(curve, made, x)).collect()
            }
            None => {
                memory.curves.iter().map(|[raw, _]| Reading { raw: raw.last(), smoothed: None }).collect()
            }
        };
        self.heading(area, buffer, &readings);
        let Some(bounds) = self.bounds(memory) else {
            let text = if self.manner.log_y { "nothing above 0" } else { "no values yet" };
            let line = Line::styled(text, self.theme.style(Role::Quiet)).centered();
            line.render(Rect { y: plot.y + plot.height / 2, height: 1, ..plot }, buffer);
            return;
        };
        self.axes(plot, bounds, buffer);
        let mut dots = Dots::new(plot.width.into(), plot.height.into(), grain);
        let mut styles = vec![self.theme.style(Role::Faint)];
        for (curve, [raw, smoothed]) in self.curves.iter().zip(&memory.curves) {
            styles.push(self.theme.style(Role::Curve(curve.slot)));
            if smooth {
                dots.curve(raw, bounds, 0);
            }
            dots.curve(if smooth { smoothed } else { raw }, bounds, (styles.len() - 1) as u8);
        }
        dots.paint(plot, &styles, buffer);
        let cursor = self.cursor.and_then(|x| self.manner.window.column(x, dots.columns()));
        if let Some(column) = cursor {
            self.cursor_line(plot, plot.x + (column / grain.across()) as u16, buffer);
        }
        for ((curve, [raw, smoothed]), reading) in self.curves.iter().zip(&memory.curves).zip(&readings) {
            // The marker stands where the value in the heading is.
            let marked = match self.cursor {
                Some(_) => cursor.and_then(|column| {
                    let value = reading.smoothed.or(reading.raw)?;
                    dots.cell(column, if self.manner.log_y { value.log10() } else { value }, bounds)
                }),
                None => dots.end_of(if smooth { smoothed } else { raw }, bounds),
            };
            if let Some((x, y)) = marked {
                let (x, y) = (plot.x + x as u16, plot.y + y as u16);
                let style = self.theme.style(Role::Curve(curve.slot));
                buffer.set_string(x, y, self.theme.marker(curve.slot), style);
            }
        }
    }

    /// A line through what the curves leave free, and its foot on the axis.
    fn cursor_line(&self, plot: Rect, x: u16, buffer: &mut Buffer) {
        let symbols = &self.theme.symbols;
        let style = self.theme.style(Role::Quiet);
        for (y, free, symbol) in (plot.y..plot.bottom()).map(|y| (y, " ", symbols.vertical)).chain([(
            plot.bottom(),
            symbols.horizontal,
            symbols.foot,
        )]) {
            if let Some(cell) = buffer.cell_mut((x, y)).filter(|cell| cell.symbol() == free) {
                cell.set_symbol(symbol).set_style(style);
            }
        }
    }

    fn bounds(&self, memory: &mut Memory) -> Option<Bounds> {
        let ranges = memory.curves.iter().filter_map(|[raw, _]| raw.range());
        let data = ranges.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))?;
        let settled_for = (self.manner, self.curves.first().map_or(0, |curve| curve.revision));
        let previous =
            memory.bounds.filter(|(made_for, _)| *made_for == settled_for).map(|(_, bounds)| bounds);
        let bounds = self.unit.bounds(previous, data, self.manner.log_y);
        memory.bounds = Some((settled_for, bounds));
        Some(bounds)
    }

    /// The title at the left and the legend with the values at the right, shorter where space is.
    fn heading(&self, area: Rect, buffer: &mut Buffer, readings: &[Reading]) {
        let role = if self.focused { Role::Accent } else { Role::Strong };
        let width = usize::from(area.width);
        let title = self.title.width();
        let space = |title: usize| width.saturating_sub(title + 2);
        let legends = [(true, true), (false, true), (false, false)];
        let mut legends = legends.into_iter().map(|(named, both)| self.legend(named, both, readings));
        let legend = legends.find(|legend| legend.width() <= space(title)).or_else(|| {
            // Rather a part of the title than no values.
            Some(self.legend(false, false, readings)).filter(|legend| legend.width() <= space(LEAST_TITLE))
        });
        let room = legend.as_ref().map_or(width - 1, |legend| width - legend.width() - 2);
        let title = text::fit(self.title, room.min(width - 1), self.theme);
        buffer.set_stringn(area.x + 1, area.y, title, width - 1, self.theme.style(role));
        if let Some(legend) = legend {
            let width = legend.width() as u16;
            legend.render(Rect { x: area.right() - width, y: area.y, width, height: 1 }, buffer);
        }
    }

    fn legend(&self, named: bool, both: bool, readings: &[Reading]) -> Line<'_> {
        let mut spans = Vec::new();
        for (curve, reading) in self.curves.iter().zip(readings) {
            if !spans.is_empty() {
                spans.push(Span::raw("  "));
            }
            let style = self.theme.style(Role::Curve(curve.slot));
            spans.push(Span::styled(self.theme.marker(curve.slot), style));
            let name = if named { curve.name } else { "" };
            spans.push(Span::styled(format!(" {name}"), self.theme.style(Role::Quiet)));
            let space = if named { " " } else { "" };
            let value = |value: Option<f64>| self.unit.value(value.unwrap_or(f64::NAN), self.theme);
            let shown = match (reading.smoothed, both) {
                (Some(_), true) => format!("{} ~{}", value(reading.raw), value(reading.smoothed)),
                (Some(_), false) => format!("~{}", value(reading.smoothed)),
                (None, _) => value(reading.raw),
            };
            spans.push(Span::styled(format!("{space}{shown}"), Style::new()));
        }
        Line::from(spans)
    }

    /// The label of a height; above the lowest one how much more it is, where the values themselves differ in digits
    /// that a label has no room for.
    fn label(&self, height: f64, bounds: Bounds) -> String {
        let log = self.manner.log_y;
        let label = |height| self.unit.label(height, log, self.theme);
        if height == bounds.low || label(bounds.low) != label(bounds.high) {
            return label(height);
        }
        let value = |height: f64| if log { 10f64.powf(height) } else { height };
        format!("+{}", self.unit.label(value(height) - value(bounds.low), false, self.theme))
    }

    fn axes(&self, plot: Rect, bounds: Bounds, buffer: &mut Buffer) {
        let quiet = self.theme.style(Role::Quiet);
        let symbols = &self.theme.symbols;
        let bottom = plot.y + plot.height;
        for y in plot.y..bottom {
            buffer.set_string(plot.x - 1, y, symbols.vertical, quiet);
        }
        let last = plot.height - 1;
        let middle = (plot.height >= 7).then_some(last / 2);
        // The middle stands in the row next to it: half a row off reads better than an odd number.
        let labels = [
            Some((0, bounds.high)),
            middle.map(|row| (row, (bounds.low + bounds.high) / 2.0)),
            (last > 0).then_some((last, bounds.low)),
        ];
        for (row, height) in labels.into_iter().flatten() {
            let text = self.label(height, bounds);
            let x = (plot.x - 1).saturating_sub(text.width() as u16).max(plot.x - 1 - LABEL as u16);
            buffer.set_stringn(x, plot.y + row, &text, LABEL, quiet);
            buffer.set_string(plot.x - 1, plot.y + row, symbols.tick, quiet);
        }
        buffer.set_string(plot.x - 1, bottom, symbols.corner, quiet);
        let [start, end] = self.ends;
        let width = usize::from(plot.width);
        let (after, _) = buffer.set_stringn(plot.x, bottom, start, width, quiet);
        let end_at = (plot.x + plot.width).saturating_sub(end.chars().count() as u16);
        if end_at > after {
            buffer.set_stringn(end_at, bottom, end, width, quiet);
            for x in after + 1..end_at - 1 {
                buffer.set_string(x, bottom, symbols.horizontal, quiet);
            }
        }
    }
}

/// A curve's values at `x`, or else at the nearest place before.
fn reading(curve: &Curve, [_, smoothed]: &[Columns; 2], x: f64) -> Reading {
    let Some(i) = curve.abscissa.count_to(x).checked_sub(1) else { return Reading::default() };
    Reading { raw: curve.values.get(i).copied(), smoothed: smoothed.average_at(i, curve.values) }
}

#[cfg(test)]
mod tests;
