//! Tables of words: as wide as what stands in them, and never wider than the terminal.

use std::io::IsTerminal;
use unicode_width::UnicodeWidthStr;

/// Rows under a header. Cells are printable.
pub(super) struct Table {
    header: Vec<String>,
    /// Which columns stand right, as numbers do.
    right: Vec<bool>,
    rows: Vec<Row>,
}

struct Row {
    cells: Vec<String>,
    /// A column and the escape sequence that colours it.
    colour: Option<(usize, &'static str)>,
}

/// How many cells a line of stdout has; none where it is no terminal.
pub(super) fn width_of_stdout() -> Option<usize> {
    let is_terminal = std::io::stdout().is_terminal();
    let size = is_terminal.then(|| crossterm::terminal::size().ok()).flatten();
    size.map(|(columns, _)| columns as usize)
}

impl Table {
    pub fn new(header: &[impl ToString], right: &[bool]) -> Self {
        let header = header.iter().map(ToString::to_string).collect();
        Self { header, right: right.to_vec(), rows: Vec::new() }
    }

    /// One column of it may have a colour: an escape sequence that is taken back behind it.
    pub fn row(&mut self, cells: Vec<String>, colour: Option<(usize, &'static str)>) {
        self.rows.push(Row { cells, colour });
    }

    /// One line a row. Columns that no row fills are left out; lines end at `width` cells.
    pub fn text(&self, width: Option<usize>) -> String {
        let widths: Vec<usize> =
            self.header.iter().enumerate().map(|(i, name)| self.width(i, name)).collect();
        let mut text = self.line(&self.header, &widths, width, None);
        for row in &self.rows {
            text += &self.line(&row.cells, &widths, width, row.colour);
        }
        text
    }

    fn width(&self, column: usize, name: &str) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.cells.get(column));
        let widest = cells.map(|cell| cell.width()).max().unwrap_or(0);
        if widest == 0 { 0 } else { widest.max(name.width()) }
    }

    fn line(
        &self,
        cells: &[String],
        widths: &[usize],
        width: Option<usize>,
        colour: Option<(usize, &str)>,
    ) -> String {
        let mut text = String::new();
        let mut room = width.unwrap_or(usize::MAX);
        let columns = cells.iter().zip(widths).enumerate().filter(|(_, (_, width))| **width > 0);
        for (column, (cell, &width)) in columns {
            let gap = if text.is_empty() { "" } else { "  " };
            if room <= gap.len() {
                break;
            }
            room -= gap.len();
            let cell = fitted(cell, room);
            let blank = " ".repeat(width.min(room).saturating_sub(cell.width()));
            room -= cell.width() + blank.len();
            text += gap;
            let is_right = self.right.get(column).is_some_and(|right| *right);
            match colour.filter(|(coloured, _)| column == *coloured) {
                Some((_, colour)) => text += &format!("{colour}{cell}\x1b[0m{blank}"),
                None if is_right => text += &format!("{blank}{cell}"),
                None => text += &format!("{cell}{blank}"),
            }
        }
        text.truncate(text.trim_end().len());
        text + "\n"
    }
}

/// As much of `text` as has room, with an ellipsis where something is missing.
fn fitted(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.into();
    }
    let mut fits = String::new();
    for letter in text.chars() {
        fits.push(letter);
        if fits.width() > room.saturating_sub(1) {
            fits.pop();
            break;
        }
    }
    fits + "…"
}
