//! Text in a given number of cells, and quantities as words.

use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The beginning of `text` that fits in `width` cells, with an ellipsis where something is left out. Looks at no
/// more of it than that, however long it is.
pub fn fit<'a>(text: &'a str, width: usize, theme: &Theme) -> Cow<'a, str> {
    let mut used = 0;
    // Where to cut if it turns out too long: before the cell that the ellipsis needs.
    let mut cut = 0;
    for (count, (at, c)) in text.char_indices().enumerate() {
        let cells = c.width().unwrap_or(0);
        // Marks that take no cell could be piled up without end.
        if used + cells > width || count > 4 * width + 16 {
            return match width {
                0 => Cow::Borrowed(""),
                _ => Cow::Owned(format!("{}{}", &text[..cut], theme.symbols.ellipsis)),
            };
        }
        used += cells;
        if used < width {
            cut = at + c.len_utf8();
        }
    }
    Cow::Borrowed(text)
}

/// As much of a path as fits in `width` cells and tells pictures apart: folders give way first, then the middle of the
/// file's name with its extension, since names count at their beginning (`test_0001_aligned_anger.jpg`) or their end.
pub fn fit_path<'a>(path: &'a str, width: usize, theme: &Theme) -> Cow<'a, str> {
    let name = &path[path.rfind('/').map_or(0, |slash| slash + 1)..];
    if fits(path, width) || fits(name, width.saturating_sub(1)) {
        return fit_end(path, width, theme);
    }
    let stem = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 4 => stem,
        _ => name,
    };
    if fits(stem, width) {
        return Cow::Borrowed(stem);
    }
    let end = width / 4;
    Cow::Owned(format!("{}{}", fit(stem, width - end, theme), end_of(stem, end)))
}

/// Whether `text` fits in `width` cells. Marks that take no cell could be piled up without end.
fn fits(text: &str, width: usize) -> bool {
    text.len() <= 4 * width + 16 && text.width() <= width
}

/// The end of `text` that fits in `width` cells, with an ellipsis before it where something is left out.
fn fit_end<'a>(text: &'a str, width: usize, theme: &Theme) -> Cow<'a, str> {
    match fits(text, width) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(format!("{}{}", theme.symbols.ellipsis, end_of(text, width.saturating_sub(1)))),
    }
}

/// The end of `text` that takes at most `width` cells. Looks at no more of it than that.
fn end_of(text: &str, width: usize) -> &str {
    let most = 4 * width + 16;
    let (mut used, mut start) = (0, text.len());
    for (at, c) in text.char_indices().rev().take(most) {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        start = at;
    }
    &text[start..]
}

/// The byte of `text` that stands `cells` cells from its beginning, and the blank cells that a wide letter cut in two
/// leaves before it.
pub fn after(text: &str, cells: usize) -> (usize, usize) {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        let width = c.width().unwrap_or(0);
        if used >= cells && width > 0 {
            return (at, used - cells);
        }
        used += width;
    }
    (text.len(), 0)
}

/// Writes `text` at the left of a row, cut to `width`.
pub fn put(buffer: &mut Buffer, at: (u16, u16), width: u16, text: &str, style: Style, theme: &Theme) {
    let row = Rect { x: at.0, y: at.1, width, height: 1 }.intersection(buffer.area);
    if !row.is_empty() {
        let text = fit(text, row.width.into(), theme);
        buffer.set_stringn(row.x, row.y, text, row.width.into(), style);
    }
}

/// Writes `text` at the right end of `width` cells, cut to them.
pub fn put_right(buffer: &mut Buffer, at: (u16, u16), width: u16, text: &str, style: Style, theme: &Theme) {
    let text = fit(text, width.into(), theme);
    let cells = (unicode_width::UnicodeWidthStr::width(&*text) as u16).min(width);
    put(buffer, (at.0 + width - cells, at.1), cells, &text, style, theme);
}

/// Words with quiet dots between them, in one row. One that does not fit is left out, or cut if it is a long one.
pub fn put_words(buffer: &mut Buffer, row: Rect, words: &[(String, Role)], theme: &Theme) {
    const LONG: usize = 24;
    let row = row.intersection(buffer.area);
    let mut line = Line::default();
    for (word, role) in words.iter().filter(|(word, _)| !word.is_empty()) {
        let gap = if line.spans.is_empty() { String::new() } else { format!(" {} ", theme.symbols.dot) };
        let left = usize::from(row.width).saturating_sub(line.width() + gap.chars().count());
        // A single long word leaves room for the others.
        let most = if words.len() > 1 { left.min(usize::from(row.width) * 2 / 3) } else { left };
        let text = fit(word, most, theme);
        if text != *word && (most < LONG || word.chars().count() < LONG) {
            continue;
        }
        let text = text.into_owned();
        line.push_span(Span::styled(gap, theme.style(Role::Quiet)));
        line.push_span(Span::styled(text, theme.style(*role)));
    }
    line.render(row, buffer);
}

/// Lines of at most `width` cells, broken between words; a longer word is broken where it must be.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let cells = word.width();
        if used > 0 && used + 1 + cells > width {
            lines.push(String::new());
            used = 0;
        }
        let gap = if used > 0 { " " } else { "" };
        used += gap.len();
        // A line was pushed before anything else was done.
        let Some(line) = lines.last_mut() else { break };
        line.push_str(gap);
        if cells <= width {
            line.push_str(word);
            used += cells;
            continue;
        }
        for c in word.chars() {
            let cells = c.width().unwrap_or(0);
            if used + cells > width {
                lines.push(String::new());
                used = 0;
            }
            used += cells;
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Bytes in the unit that people name memory and disks by: `812 MiB`, `23.4 GiB`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let Some((name, unit)) = UNITS.into_iter().find(|(_, unit)| bytes >= *unit) else {
        return format!("{bytes} B");
    };
    let count = bytes as f64 / unit as f64;
    if unit < 1 << 30 { format!("{count:.0} {name}") } else { format!("{count:.1} {name}") }
}

/// Writes a sentence over as many rows of `area` as it needs, broken between words.
pub fn put_wrapped(buffer: &mut Buffer, area: Rect, sentence: &str, role: Role, theme: &Theme) {
    let area = area.intersection(buffer.area);
    // A name in it may be thousands of letters long.
    let most = usize::from(area.width) * usize::from(area.height);
    let lines = wrapped(&fit(sentence, most, theme), area.width.into());
    for (line, y) in lines.iter().zip(area.y..area.bottom()) {
        put(buffer, (area.x, y), area.width, line, theme.style(role), theme);
    }
}

/// `12,135`: millions are read at a glance.
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A share as a percentage: `81.3 %`.
pub fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1} %", share * 100.0) } else { "-".into() }
}

/// How long ago or how long still, in the largest unit that gives a number of it: `40 s`, `12 min`, `3 h`, `5 d`,
/// `2 y`.
pub fn span(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => "-".into(),
        s if s < 60.0 => format!("{:.0} s", s.max(0.0)),
        s if s < 3600.0 => format!("{:.0} min", (s / 60.0).floor()),
        s if s < 86_400.0 => format!("{:.0} h", (s / 3600.0).floor()),
        s if s < 730.0 * 86_400.0 => format!("{:.0} d", (s / 86_400.0).floor()),
        s => format!("{:.0} y", (s / 365.25 / 86_400.0).floor()),
    }
}

/// A time that is still to pass, a little finer: `50 s`, `12 min`, `3 h 20 min`, `2 d 5 h`.
pub fn remaining(seconds: f64) -> String {
    let whole = |s: f64, unit: f64| (s / unit).floor();
    match seconds {
        s if (3600.0..86_400.0).contains(&s) => {
            format!("{} h {:02} min", whole(s, 3600.0), whole(s % 3600.0, 60.0))
        }
        s if (86_400.0..8.64e6).contains(&s) => {
            format!("{} d {} h", whole(s, 86_400.0), whole(s % 86_400.0, 3600.0))
        }
        // Seconds in steps of ten: they change slower than they can be read.
        s if (10.0..60.0).contains(&s) => span((s / 10.0).round().min(5.0) * 10.0),
        s => span(s),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Depth;

    const THEME: Theme = Theme::new(Depth::Palette, true);

    #[test]
    fn text_is_cut_by_cells_not_by_characters() {
        assert_eq!(fit("abc", 3, &THEME), "abc");
        assert_eq!(fit("abcd", 3, &THEME), "ab…");
        assert_eq!(fit("表情認識", 5, &THEME), "表情…");
        assert_eq!(fit("表情認識", 4, &THEME), "表…");
        assert_eq!(fit("e\u{301}e\u{301}e\u{301}", 3, &THEME), "e\u{301}e\u{301}e\u{301}");
        assert_eq!((fit("abc", 0, &THEME).as_ref(), fit("", 0, &THEME).as_ref()), ("", ""));
        for text in ["a".repeat(4000), "表".repeat(4000), format!("a{}", "\u{301}".repeat(4000))] {
            for width in 0..9 {
                let cut = fit(&text, width, &THEME);
                assert!(cut.width() <= width && cut.len() < 200, "{width}");
            }
        }
    }

    #[test]
    fn paths_lose_their_folders_first_then_the_middle_of_the_name() {
        for (path, width, shown) in [
            ("test/0001.png", 13, "test/0001.png"),
            ("test/0001.png", 9, "…0001.png"),
            ("/raf/test/test_1601_aligned_anger.jpg", 30, "…t/test_1601_aligned_anger.jpg"),
            ("/raf/test/test_1601_aligned_anger.jpg", 24, "test_1601_aligned_anger"),
            ("/raf/test/test_1601_aligned_anger.jpg", 13, "test_1601…ger"),
            ("IMG_20240512_12345.png", 15, "IMG_2024051…345"),
            ("表情認識", 5, "表…"),
            ("photographs/.hidden-folder-name", 9, ".hidde…me"),
            ("a/b/", 3, "…b/"),
        ] {
            assert_eq!(fit_path(path, width, &THEME), shown, "{path} in {width}");
        }
        for text in [
            "a".repeat(4000),
            "表".repeat(4000),
            "e\u{301}".repeat(4000),
            format!("a{}", "\u{301}".repeat(4000)),
        ] {
            for width in 1..9 {
                let cut = fit_path(&text, width, &THEME);
                assert!(cut.width() <= width && cut.len() < 200, "{width}: {}", cut.len());
            }
        }
    }

    #[test]
    fn a_long_text_is_broken_between_words_and_a_long_word_within() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a /very/long/path b", 6), ["a", "/very/", "long/p", "ath b"]);
        assert_eq!(wrapped("表情 認識", 4), ["表情", "認識"]);
        assert!(wrapped("  ", 4).is_empty());
        for width in 0..9 {
            assert!(
                wrapped(&"表e\u{301}x ".repeat(50), width).iter().all(|line| line.width() <= width.max(2))
            );
        }
    }

    #[test]
    fn a_line_can_begin_inside_a_wide_letter() {
        assert_eq!((after("abc", 1), after("abc", 9)), ((1, 0), (3, 0)));
        assert_eq!((after("表情", 1), after("表情", 2)), ((3, 1), (3, 0)));
        assert_eq!(after("e\u{301}x", 1), (3, 0));
    }

    #[test]
    fn bytes_have_the_unit_that_people_use() {
        let texts = [(7, "7 B"), (2048, "2 KiB"), (812 << 20, "812 MiB"), (25_125_558_681, "23.4 GiB")];
        for (count, text) in texts {
            assert_eq!(bytes(count), text);
        }
    }

    #[test]
    fn times_are_short() {
        let spans = [
            (0.4, "0 s"),
            (59.0, "59 s"),
            (61.0, "1 min"),
            (7100.0, "1 h"),
            (90_000.0, "1 d"),
            (9e7, "2 y"),
            (f64::NAN, "-"),
        ];
        for (seconds, text) in spans {
            assert_eq!(span(seconds), text);
        }
        let remains =
            [(44.0, "40 s"), (4320.0, "1 h 12 min"), (190_000.0, "2 d 4 h"), (-3.0, "0 s"), (59.0, "50 s")];
        for (seconds, text) in remains {
            assert_eq!(remaining(seconds), text);
        }
        assert_eq!((percent(0.8126).as_str(), percent(f64::NAN).as_str()), ("81.3 %", "-"));
    }
}
