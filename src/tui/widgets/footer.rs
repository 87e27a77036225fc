use crate::tui::keys::{Binding, Keys, Place};
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// The keys that matter most in `place`, as many as fit, with a word each: none where a key makes no sense now. The last
/// two (help and the way out) always.
pub fn hints(
    buffer: &mut Buffer,
    row: Rect,
    (keys, place): (&Keys, Place),
    word: impl Fn(&Binding) -> &'static str,
    theme: &Theme,
) {
    let row = row.intersection(buffer.area);
    let mut shown: Vec<_> = keys
        .bindings(place)
        .map(|binding| (binding, word(binding)))
        .filter(|(_, word)| !word.is_empty())
        .collect();
    let hint = |(binding, word): &(&Binding, &str)| {
        (format!(" {}", first_key(binding, theme)), format!(" {word}  "))
    };
    let width = |shown: &(&Binding, &str)| {
        let (key, hint) = hint(shown);
        key.width() + hint.width()
    };
    while shown.len() > 2 && shown.iter().map(width).sum::<usize>() > row.width.into() {
        shown.remove(shown.len() - 3);
    }
    let mut line = Line::default();
    for shown in shown {
        let (key, hint) = hint(&shown);
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
