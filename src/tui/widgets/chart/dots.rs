//! Dots in character cells: eight to a cell as braille, or two where only ASCII is safe.

use super::axis::Bounds;
use super::columns::Columns;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// The dots of a chart's plot, `width` x `height` cells.
pub(crate) struct Dots {
    width: usize,
    height: usize,
    grain: Grain,
    cells: Vec<(u8, u8)>,
}

/// Dots in a cell, across and down.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grain {
    Braille,
    Ascii,
}

impl Grain {
    pub(crate) fn across(self) -> usize {
        match self {
            Self::Braille => 2,
            Self::Ascii => 1,
        }
    }

    pub(crate) fn down(self) -> usize {
        match self {
            Self::Braille => 4,
            Self::Ascii => 2,
        }
    }
}

/// Bits of a braille pattern (U+2800 + bits), by row and column of the dot.
const BRAILLE: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

impl Dots {
    pub(crate) fn new(width: usize, height: usize, grain: Grain) -> Self {
        Self { width, height, grain, cells: vec![(0, 0); width * height] }
    }

    /// Dots from the left to the right.
    pub(crate) fn columns(&self) -> usize {
        self.width * self.grain.across()
    }

    /// Dots from the top to the bottom.
    pub(crate) fn rows(&self) -> usize {
        self.height * self.grain.down()
    }

    /// Sets the dots of a column between two rows, both included and clipped to the plot, in the style `pen`
    /// (an index into the styles that [`Dots::paint`] is given).
    fn fill(&mut self, column: usize, from: f64, to: f64, pen: u8) {
        let (from, to) = if from <= to { (from, to) } else { (to, from) };
        let rows = self.rows();
        let x = column / self.grain.across();
        // What is not a number is nowhere.
        let seen = to >= -0.5 && from <= rows as f64 - 0.5;
        if x >= self.width || !seen {
            return;
        }
        let first = from.round().max(0.0) as usize;
        let last = (to.round().max(0.0) as usize).min(rows - 1);
        for row in first..=last {
            let cell = &mut self.cells[row / self.grain.down() * self.width + x];
            let bit = match self.grain {
                Grain::Braille => BRAILLE[row % 4][column % 2],
                Grain::Ascii => 1 << (row % 2),
            };
            *cell = (cell.0 | bit, pen);
        }
    }

    /// A straight line between two points in dots, the ends included, clipped at all four edges.
    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), pen: u8) {
        let last = (self.width * self.grain.across()) as f64 - 1.0;
        if to.0 < 0.0 || from.0 > last {
            return;
        }
        let slope = if to.0 > from.0 { (to.1 - from.1) / (to.0 - from.0) } else { 0.0 };
        let row = |x: f64| from.1 + (x.clamp(from.0, to.0) - from.0) * slope;
        let (left, right) = (from.0.max(0.0).round(), to.0.min(last).round());
        for column in left as usize..=right as usize {
            let x = column as f64;
            // Each column takes the half of the rise on its own side, so that steep lines have no holes.
            self.fill(column, row(x - 0.5), row(x + 0.5), pen);
        }
    }

    /// Draws a curve.
    pub(crate) fn curve(&mut self, curve: &Columns, bounds: Bounds, pen: u8) {
        let rows = self.rows();
        let row = |value: f64| bounds.row(value, rows);
        let mut previous = curve.before().map(|(x, value)| (x, row(value)));
        for (x, column) in curve.columns().iter().enumerate() {
            let Some(column) = column else { continue };
            let at = x as f64;
            if let Some(from) = previous.filter(|_| !column.gap) {
                self.line(from, (at, row(column.first)), pen);
            }
            self.fill(x, row(column.high), row(column.low), pen);
            previous = Some((at, row(column.last)));
        }
        if let (Some(from), Some((x, value))) = (previous, curve.after()) {
            self.line(from, (x, row(value)), pen);
        }
    }

    /// The cell, from the top left of the plot, that holds the curve's last visible value.
    pub(crate) fn end_of(&self, curve: &Columns, bounds: Bounds) -> Option<(usize, usize)> {
        if curve.after().is_some() {
            return None;
        }
        let (x, column) = curve.columns().iter().enumerate().rev().find_map(|(x, c)| c.map(|c| (x, c)))?;
        self.cell(x, column.last, bounds)
    }

    /// The cell that holds a value in a column of dots, at an edge where the value is beyond it; `None` of what is no
    /// number.
    pub(crate) fn cell(&self, column: usize, value: f64, bounds: Bounds) -> Option<(usize, usize)> {
        let row = bounds.row(value, self.rows()).round();
        let row = (row.max(0.0) as usize).min(self.rows().saturating_sub(1));
        value.is_finite().then_some((column / self.grain.across(), row / self.grain.down()))
    }

    /// Writes the dots into the buffer; cells without dots are left alone.
    pub(crate) fn paint(&self, area: Rect, styles: &[Style], buffer: &mut Buffer) {
        for (i, &(bits, pen)) in self.cells.iter().enumerate().filter(|(_, cell)| cell.0 != 0) {
            let (x, y) = (area.x + (i % self.width) as u16, area.y + (i / self.width) as u16);
            let Some(cell) = buffer.cell_mut(Position { x, y }) else { continue };
            match self.grain {
                // Every one of the 256 patterns is a letter.
                Grain::Braille => cell.set_char(char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' ')),
                Grain::Ascii => cell.set_char([' ', '\'', '.', ':'][usize::from(bits & 3)]),
            };
            cell.set_style(styles.get(usize::from(pen)).copied().unwrap_or_default());
        }
    }
}
