//! Paths and sizes for sentences.

use super::printable;
use std::path::Path;

/// A path for a sentence, without control characters (an escape sequence in a file's name, say).
pub(crate) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
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
    fn escape_sequences_in_paths_never_reach_the_terminal() {
        assert_eq!(shown(Path::new("tr\u{1b}[2Jain/ä.jpg")), "tr[2Jain/ä.jpg");
    }

    #[test]
    fn sizes_are_read_at_a_glance() {
        assert_eq!(bytes(12), "12 B");
        assert_eq!(bytes(40 << 20), "40.0 MiB");
        assert_eq!(bytes(3 << 41), "6.0 TiB");
    }
}
