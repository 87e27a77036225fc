use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A curve of one row: shares, 0..=1, oldest first; what is not known stays empty.
pub fn sparkline(buffer: &mut Buffer, row: Rect, shares: &[Option<f64>], role: Role, theme: &Theme) {
    let row = Rect { height: 1, ..row }.intersection(buffer.area);
    let levels = &theme.symbols.levels;
    for (x, share) in (row.x..row.right()).zip(shares) {
        let Some(share) = share.filter(|share| share.is_finite()) else { continue };
        let level = (share.clamp(0.0, 1.0) * levels.len() as f64) as usize;
        let symbol = levels[level.min(levels.len() - 1)];
        buffer.set_string(x, row.y, symbol, theme.style(role));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Depth;

    #[test]
    fn shares_have_heights_and_what_is_not_known_has_none() {
        let shares = [Some(0.0), Some(0.5), None, Some(1.0), Some(f64::NAN), Some(7.0)];
        for (unicode, expected) in [(true, "▁▅ █ █"), (false, "_+ # #")] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 1));
            let theme = Theme::new(Depth::Mono, unicode);
            sparkline(&mut buffer, Rect::new(0, 0, 9, 1), &shares, Role::Accent, &theme);
            let text: String = buffer.content.iter().map(|cell| cell.symbol()).collect();
            assert_eq!(text, expected);
        }
    }
}
