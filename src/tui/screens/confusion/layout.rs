//! Where the confusion's cells and tables stand.

use crate::emotion::CLASSES;
use crate::tui::screens::run;
use ratatui::layout::Rect;

/// Names of emotions are cut to so many letters where there is no room for all of them.
pub(super) const SHORT: usize = 4;
/// Room for a whole name.
pub(super) const NAME: u16 = 10;
/// Columns of the classes' metrics: narrow, and with whole words.
const NARROW: [(&str, u16); 4] = [("prec", 5), ("rec", 5), ("F1", 5), ("n", 5)];
const WIDE: [(&str, u16); 4] = [("precision", 11), ("recall", 9), ("F1", 9), ("pictures", 10)];

/// Where everything stands.
pub(super) struct Layout {
    /// The row that tells about the chosen cell, where there is room for one.
    pub chosen: Option<u16>,
    pub label: u16,
    /// The first cell.
    pub first: Rect,
    /// The metrics of the classes.
    pub classes: u16,
    pub columns: [(&'static str, u16); 4],
    /// Overall metrics, and the legend in the last row.
    pub below: Rect,
}

pub(super) fn layout(area: Rect) -> Layout {
    let margin = u16::from(area.width >= 62);
    let label = if area.width >= 76 { NAME } else { SHORT as u16 };
    let columns = if area.width >= 110 { WIDE } else { NARROW };
    let table: u16 = columns.iter().map(|(_, width)| width).sum();
    let above = if area.height >= 19 { 3 } else { 2 };
    let below = match area.height {
        27.. => 7,
        13.. => 4,
        _ => 3,
    };
    let height = (area.height.saturating_sub(above + below) / CLASSES as u16).clamp(1, 9);
    let room = area.width.saturating_sub(margin + label + table + margin) / CLASSES as u16;
    // A flat cell is no wider than its number needs.
    let width = room.clamp(6, 24).min(6 * height + 4);
    let first = Rect { x: area.x + margin + label, y: area.y + above, width, height };
    let end = first.y + height * CLASSES as u16;
    Layout {
        chosen: (above == 3).then_some(area.y + 1),
        label,
        first,
        classes: first.x + width * CLASSES as u16 + margin,
        columns,
        below: Rect {
            x: area.x + margin,
            y: end,
            width: area.width.saturating_sub(2 * margin),
            height: area.bottom().saturating_sub(end),
        },
    }
}

impl Layout {
    pub fn cell(&self, row: usize, column: usize) -> Rect {
        let Rect { x, y, width, height } = self.first;
        Rect { x: x + width * column as u16, y: y + height * row as u16, width, height }
    }
}

/// Row and column of the cell at a column and a row of a terminal of `size`.
pub fn cell_at(size: (u16, u16), at: (u16, u16)) -> Option<(usize, usize)> {
    let layout = layout(run::body_of(size));
    let cells = (0..CLASSES).flat_map(|row| (0..CLASSES).map(move |column| (row, column)));
    cells.into_iter().find(|&(row, column)| layout.cell(row, column).contains(at.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_room_from_the_smallest_terminal_to_a_large_one() {
        for (columns, rows) in
            [(60, 16), (61, 17), (76, 20), (80, 24), (110, 30), (120, 40), (220, 60), (300, 100)]
        {
            let area = run::body_of((columns, rows));
            let layout = layout(area);
            let last = layout.cell(CLASSES - 1, CLASSES - 1);
            let table: u16 = layout.columns.iter().map(|(_, width)| width).sum();
            assert!(layout.classes + table <= area.right(), "{columns}x{rows}");
            assert!(last.bottom() + 3 <= area.bottom(), "{columns}x{rows}");
            assert!(last.width >= 6 && last.right() <= layout.classes, "{columns}x{rows}");
            assert_eq!(cell_at((columns, rows), (last.x, last.y)), Some((5, 5)), "{columns}x{rows}");
            assert_eq!(cell_at((columns, rows), (last.right(), last.y)), None, "{columns}x{rows}");
        }
        let large = layout(run::body_of((300, 100))).first;
        assert!(large.height >= 7 && large.width >= 20, "{large:?}");
    }
}
