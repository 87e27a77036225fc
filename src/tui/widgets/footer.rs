use crate::tui::action::Action;
use crate::tui::keys::{Binding, Keys, Place};
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// The keys that matter most in `place` and make sense now, as many as fit: the last two (help and the way out)
/// always.
pub fn hints(
    buffer: &mut Buffer,
    row: Rect,
    (keys, place): (&Keys, Place),
    makes_sense: impl Fn(Action) -> bool,
    theme: &Theme,
) {
    let row = row.intersection(buffer.area);
    let mut shown: Vec<_> = keys
        .bindings(place)
        .filter(|binding| !binding.hint.is_empty() && makes_sense(binding.action))
        .collect();
    let hint =
        |binding: &Binding| (format!(" {}", first_key(binding, theme)), format!(" {}  ", binding.hint));
    let width = |binding: &&Binding| {
        let (key, hint) = hint(binding);
        key.width() + hint.width()
    };
    while shown.len() > 2 && shown.iter().map(width).sum::<usize>() > row.width.into() {
        shown.remove(shown.len() - 3);
    }
    let mut line = Line::default();
    for binding in shown {
        let (key, hint) = hint(binding);
        line.push_span(Span::styled(key, theme.style(Role::Strong)));
        line.push_span(Span::styled(hint, theme.style(Role::Quiet)));
    }
    line.render(row, buffer);
}

/// One key is enough for a hint.
fn first_key(binding: &Binding, theme: &Theme) -> String {
    let written = binding.written(theme.symbols.braille);
    written.split(' ').next().unwrap_or_default().into()
}
