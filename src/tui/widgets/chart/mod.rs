//! A chart of curves over one x axis, in braille.

mod axis;
mod columns;
mod dots;

pub(crate) use axis::{steps, whole};
pub use columns::Window;

use crate::tui::theme::{Role, Theme};
use axis::{Bounds, LABEL, label};
use columns::{Columns, Recipe};
use dots::{Dots, Grain};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

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
    /// Values are shares: the axis ends at 0 and 1.
    pub share: bool,
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

impl Chart<'_> {
    /// Draws into `area`; below 12 x 4 cells only what fits.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, memory: &mut Memory) {
        let area = area.intersection(buffer.area);
        if area.height < 3 || usize::from(area.width) < LABEL + 4 {
            return;
        }
        let grain = if self.theme.symbols.braille { Grain::Braille } else { Grain::Ascii };
        let plot = Rect {
            x: area.x + LABEL as u16 + 1,
            y: area.y + 1,
            width: area.width - LABEL as u16 - 1,
            height: area.height - 2,
        };
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
        self.heading(area, buffer, memory);
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
        for (curve, [raw, smoothed]) in self.curves.iter().zip(&memory.curves) {
            if let Some((x, y)) = dots.end_of(if smooth { smoothed } else { raw }, bounds) {
                let (x, y) = (plot.x + x as u16, plot.y + y as u16);
                let style = self.theme.style(Role::Curve(curve.slot));
                buffer.set_string(x, y, self.theme.marker(curve.slot), style);
            }
        }
    }

    fn bounds(&self, memory: &mut Memory) -> Option<Bounds> {
        let ranges = memory.curves.iter().filter_map(|[raw, _]| raw.range());
        let data = ranges.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))?;
        let settled_for = (self.manner, self.curves.first().map_or(0, |curve| curve.revision));
        let previous =
            memory.bounds.filter(|(made_for, _)| *made_for == settled_for).map(|(_, bounds)| bounds);
        let mut bounds = Bounds::settle(previous, data.clone(), self.manner.log_y);
        if self.share && !self.manner.log_y && data.start >= 0.0 && data.end <= 1.0 {
            bounds = Bounds { low: bounds.low.max(0.0), high: bounds.high.min(1.0) };
        }
        memory.bounds = Some((settled_for, bounds));
        Some(bounds)
    }

    /// The title at the left and the legend with the last values at the right, shorter where space is.
    fn heading(&self, area: Rect, buffer: &mut Buffer, memory: &Memory) {
        let role = if self.focused { Role::Accent } else { Role::Strong };
        let (end, _) = buffer.set_stringn(
            area.x + 1,
            area.y,
            self.title,
            usize::from(area.width) - 1,
            self.theme.style(role),
        );
        let space = usize::from((area.x + area.width).saturating_sub(end + 1));
        let legend = [true, false].map(|named| self.legend(named, memory));
        if let Some(legend) = legend.into_iter().find(|legend| legend.width() <= space) {
            let width = legend.width() as u16;
            legend.render(Rect { x: area.x + area.width - width, y: area.y, width, height: 1 }, buffer);
        }
    }

    fn legend(&self, named: bool, memory: &Memory) -> Line<'_> {
        let mut spans = Vec::new();
        for (curve, [raw, _]) in self.curves.iter().zip(&memory.curves) {
            if !spans.is_empty() {
                spans.push(Span::raw("  "));
            }
            let style = self.theme.style(Role::Curve(curve.slot));
            spans.push(Span::styled(self.theme.marker(curve.slot), style));
            let name = if named { curve.name } else { "" };
            spans.push(Span::styled(format!(" {name}"), self.theme.style(Role::Quiet)));
            let space = if named { " " } else { "" };
            let value = raw.last().map_or_else(|| "     -".into(), axis::value);
            spans.push(Span::styled(format!("{space}{value}"), Style::new()));
        }
        Line::from(spans)
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
        for (row, value) in labels.into_iter().flatten() {
            let text = label(value, self.manner.log_y);
            let x = (plot.x - 1).saturating_sub(text.len() as u16).max(plot.x - 1 - LABEL as u16);
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

#[cfg(test)]
mod tests;
