use std::borrow::Cow;

/// `text` without what could drive or disorder a terminal: C0 and C1 control characters, delete, the zero-width
/// and direction marks U+200B-200F, 202A-202E, 2066-2069, and the byte order mark. Combining, wide and
/// right-to-left letters stay. Everything that comes from a file passes through here before a terminal sees it.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(disorders) {
        Cow::Owned(text.chars().filter(|&c| !disorders(c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

fn disorders(c: char) -> bool {
    // `is_control` is the category Cc: C0, delete and C1.
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_sequences_and_direction_marks_are_removed() {
        assert_eq!(printable("a\x1b[31mb\x07\u{9b}2Jc\r\n\t\x7f"), "a[31mb2Jc");
        assert_eq!(printable("abc\u{202E}fed\u{2066}\u{2069}\u{200B}\u{200F}\u{FEFF}"), "abcfed");
    }

    #[test]
    fn letters_of_every_script_stay_and_cost_nothing() {
        for text in ["plain", "e\u{301}", "表情", "שלום", "🙂"] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
        }
    }
}
