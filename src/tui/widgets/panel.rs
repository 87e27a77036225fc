use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Clears a box of at most `size` in the middle of `area`, frames it with its title, and gives its inside.
pub fn panel(buffer: &mut Buffer, area: Rect, size: (u16, u16), title: &str, theme: &Theme) -> Rect {
    let (width, height) = (size.0.min(area.width), size.1.min(area.height));
    let frame =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
            .intersection(buffer.area);
    if frame.width < 4 || frame.height < 3 {
        return Rect::ZERO;
    }
    for position in frame.positions() {
        buffer[position].reset();
    }
    let quiet = theme.style(Role::Quiet);
    let symbols = &theme.symbols;
    let [top_left, top_right, bottom_left, bottom_right] = symbols.corners;
    let (right, bottom) = (frame.right() - 1, frame.bottom() - 1);
    for x in frame.x + 1..right {
        buffer.set_string(x, frame.y, symbols.horizontal, quiet);
        buffer.set_string(x, bottom, symbols.horizontal, quiet);
    }
    for y in frame.y + 1..bottom {
        buffer.set_string(frame.x, y, symbols.vertical, quiet);
        buffer.set_string(right, y, symbols.vertical, quiet);
    }
    for (x, y, corner) in [
        (frame.x, frame.y, top_left),
        (right, frame.y, top_right),
        (frame.x, bottom, bottom_left),
        (right, bottom, bottom_right),
    ] {
        buffer.set_string(x, y, corner, quiet);
    }
    let title = format!(" {title} ");
    buffer.set_stringn(frame.x + 2, frame.y, title, usize::from(frame.width) - 4, theme.style(Role::Strong));
    Rect { x: frame.x + 2, y: frame.y + 1, width: frame.width - 4, height: frame.height - 2 }
}
