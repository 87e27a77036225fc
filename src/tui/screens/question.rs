//! A question before something that cannot be taken back.

use crate::tui::state::Question;
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{panel, text};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Widget, Wrap};

pub fn draw(buffer: &mut Buffer, area: Rect, question: &Question, theme: &Theme) {
    let width = area.width.min(76);
    let inside = panel::panel(buffer, area, (width, 7), "really?", theme);
    if inside.height < 5 {
        return;
    }
    let asked = Rect { y: inside.y + 1, height: 2, ..inside };
    // A name may be thousands of letters long; two rows are all there is.
    let shown = text::fit(&question.text, usize::from(inside.width) * 2 - 12, theme).into_owned();
    Paragraph::new(shown).wrap(Wrap { trim: true }).style(theme.style(Role::Text)).render(asked, buffer);
    let (x, y) = (inside.x, inside.y + 4);
    text::put(buffer, (x, y), 1, "y", theme.style(Role::Strong), theme);
    text::put(buffer, (x + 2, y), 6, "yes", theme.style(Role::Quiet), theme);
    text::put(buffer, (x + 8, y), 1, "n", theme.style(Role::Strong), theme);
    text::put(buffer, (x + 10, y), 6, "no", theme.style(Role::Quiet), theme);
}
