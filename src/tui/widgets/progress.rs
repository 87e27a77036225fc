use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A bar of one row: `share` of it, 0..=1, is full.
pub fn bar(buffer: &mut Buffer, row: Rect, share: f64, role: Role, theme: &Theme) {
    let row = Rect { height: 1, ..row }.intersection(buffer.area);
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    // What is not all done is not shown as if it were.
    let full = (f64::from(row.width) * share).floor() as u16;
    for i in 0..row.width {
        let (symbol, role) =
            if i < full { (theme.symbols.full, role) } else { (theme.symbols.empty, Role::Faint) };
        buffer.set_string(row.x + i, row.y, symbol, theme.style(role));
    }
}
