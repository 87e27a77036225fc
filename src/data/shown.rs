//! Text that came from a file or a path, made harmless for a terminal.

use std::path::Path;

/// A path for a sentence: control characters (an escape sequence in a file's name, say) are replaced.
pub(super) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// The text with every control character replaced by the replacement character.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A size for a sentence, in the unit that leaves one to three digits before the point.
pub(super) fn bytes(count: u64) -> String {
    let mut size = count as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if size < 1024.0 {
            return if unit == "B" { format!("{count} B") } else { format!("{size:.1} {unit}") };
        }
        size /= 1024.0;
    }
    format!("{size:.1} TiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_never_reach_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\n\u{9b}c"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}c");
        assert_eq!(shown(Path::new("tr\tain/ä.jpg")), "tr\u{fffd}ain/ä.jpg");
    }

    #[test]
    fn sizes_are_read_at_a_glance() {
        assert_eq!(bytes(12), "12 B");
        assert_eq!(bytes(40 << 20), "40.0 MiB");
        assert_eq!(bytes(3 << 41), "6.0 TiB");
    }
}
