use crate::tui::action::Action;
use crate::tui::keys::{Keys, Place};
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

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
    let width = |keys: &str, hint: &str| keys.chars().count() + hint.chars().count() + 4;
    while shown.len() > 2
        && shown.iter().map(|binding| width(binding.shown, binding.hint)).sum::<usize>() > row.width.into()
    {
        shown.remove(shown.len() - 3);
    }
    let mut line = Line::default();
    for binding in shown {
        line.push_span(Span::styled(format!(" {}", binding.shown), theme.style(Role::Strong)));
        line.push_span(Span::styled(format!(" {}  ", binding.hint), theme.style(Role::Quiet)));
    }
    line.render(row, buffer);
}
