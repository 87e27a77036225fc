//! tmux hands the terminal only what is marked as not meant for itself (its `allow-passthrough`).

/// The sequences, wrapped so that tmux hands them through.
pub(super) fn wrapped(sequences: &[u8], in_tmux: bool) -> Vec<u8> {
    if !in_tmux {
        return sequences.to_vec();
    }
    let mut wrapped = b"\x1bPtmux;".to_vec();
    for byte in sequences {
        if *byte == 0x1b {
            wrapped.push(0x1b);
        }
        wrapped.push(*byte);
    }
    wrapped.extend_from_slice(b"\x1b\\");
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_doubled_within() {
        assert_eq!(wrapped(b"\x1b_Ga\x1b\\", true), b"\x1bPtmux;\x1b\x1b_Ga\x1b\x1b\\\x1b\\");
        assert_eq!(wrapped(b"\x1b_Ga\x1b\\", false), b"\x1b_Ga\x1b\\");
    }
}
