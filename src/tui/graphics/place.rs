//! Places for pictures among the cells. A terminal draws its pictures over blank cells; these carry a mark that no text
//! has, so that it is seen what was drawn over them since.

use crate::data::Photo;
use crate::tui::state::pictures::Seen;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use std::sync::Arc;

/// A picture's place on the screen, in cells.
#[derive(Clone, Debug)]
pub struct Placement {
    pub area: Rect,
    pub seen: Arc<Seen>,
    pub way: Way,
}

/// How a picture is shown.
#[derive(Clone, Debug)]
pub enum Way {
    /// Its PNG is sent by the protocol of the terminal, which scales it.
    Png,
    /// The same, with text that refers to it: tmux moves and hides that as any other.
    Placeholders,
    /// These bytes draw it where the cursor is.
    Encoded(Arc<Vec<u8>>),
    /// As text, until it is encoded for its area.
    Blocks,
}

/// Output treats the mark as nothing to be seen, and a blank with it as another cell than one without.
const MARK: Modifier = Modifier::HIDDEN;

/// The largest area in the middle of `area` that shows the picture in its proportions, with cells of this size.
pub(crate) fn middle(photo: &Photo, area: Rect, cell: (u16, u16)) -> Rect {
    let (wide, high) = (photo.width() as f64 / f64::from(cell.0), photo.height() as f64 / f64::from(cell.1));
    let scale = (f64::from(area.width) / wide).min(f64::from(area.height) / high);
    let cells = |side: f64, most: u16| ((side * scale).round() as u16).clamp(1.min(most), most);
    let (width, height) = (cells(wide, area.width), cells(high, area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// Makes the cells below a picture blank and marks them.
pub(crate) fn mark(buffer: &mut Buffer, area: Rect) {
    for position in area.intersection(buffer.area).positions() {
        let cell = &mut buffer[position];
        cell.reset();
        cell.modifier.insert(MARK);
    }
}

/// Whether something was drawn over cells that were marked.
pub(crate) fn is_covered(buffer: &Buffer, area: Rect) -> bool {
    area.positions().any(|position| !buffer.cell(position).is_some_and(is_marked))
}

fn is_marked(cell: &Cell) -> bool {
    cell.modifier.contains(MARK)
}

/// Takes the marks away, so that the cells are written and nothing of the picture stays between the text.
pub(crate) fn uncover(buffer: &mut Buffer, area: Rect) {
    for position in area.intersection(buffer.area).positions() {
        buffer[position].modifier.remove(MARK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(width: usize, height: usize) -> Photo {
        Photo::from_rgb(width, &vec![9; width * height * 3]).unwrap()
    }

    #[test]
    fn a_picture_is_as_large_as_fits_in_its_proportions() {
        let area = Rect::new(3, 2, 40, 14);
        assert_eq!(middle(&photo(64, 64), area, (10, 20)), Rect::new(9, 2, 28, 14));
        assert_eq!(middle(&photo(64, 64), area, (10, 10)), Rect::new(16, 2, 14, 14));
        assert_eq!(middle(&photo(128, 32), area, (10, 20)), Rect::new(3, 6, 40, 5));
        assert_eq!(middle(&photo(1, 1000), area, (10, 20)), Rect::new(22, 2, 1, 14));
        assert_eq!(middle(&photo(1000, 1), area, (10, 20)), Rect::new(3, 8, 40, 1));
        for area in [Rect::new(1, 1, 0, 5), Rect::new(1, 1, 5, 0), Rect::ZERO] {
            assert!(middle(&photo(64, 64), area, (10, 20)).is_empty());
        }
    }

    #[test]
    fn text_over_a_picture_is_noticed() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 4));
        let area = Rect::new(2, 1, 5, 2);
        mark(&mut buffer, area);
        assert!(!is_covered(&buffer, area));
        buffer.set_string(0, 0, "above and left", ratatui::style::Style::new());
        assert!(!is_covered(&buffer, area));
        // Also a box that is blank there.
        buffer[(4, 2)].reset();
        assert!(is_covered(&buffer, area));
        uncover(&mut buffer, area);
        assert_eq!(buffer[(2, 1)], Cell::EMPTY);
    }
}
