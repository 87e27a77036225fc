//! Rings: the bell, and a notification from terminals that are known to show one.

use super::graphics::through_tmux;

/// More of a sentence does not fit into a notification.
const LONGEST: usize = 200;

/// The bytes that ring with `text`, which is printable, on the terminal of the environment that `variable` reads.
pub(crate) fn ring(text: &str, variable: impl Fn(&str) -> Option<String>) -> Vec<u8> {
    let mut bytes = b"\x07".to_vec();
    if !shows_notifications(&variable) {
        return bytes;
    }
    // With a name before the text: one that begins with a number is a command to some terminals.
    let text: String = text.chars().take(LONGEST).collect();
    let notification = format!("\x1b]9;mien: {text}\x07");
    bytes.extend(through_tmux(notification.as_bytes(), is_set(&variable, "TMUX")));
    bytes
}

/// Whether the terminal takes OSC 9. Inside tmux only what it left of the terminal's own variables can tell.
fn shows_notifications(variable: &impl Fn(&str) -> Option<String>) -> bool {
    let term = variable("TERM").unwrap_or_default();
    let program = [variable("TERM_PROGRAM"), variable("LC_TERMINAL")];
    let known = ["iterm.app", "iterm2", "wezterm", "ghostty", "kitty"];
    program.iter().flatten().any(|name| known.contains(&name.to_lowercase().as_str()))
        || matches!(term.as_str(), "xterm-kitty" | "xterm-ghostty" | "wezterm" | "foot" | "foot-extra")
        || ["KITTY_WINDOW_ID", "WEZTERM_PANE", "GHOSTTY_RESOURCES_DIR", "WT_SESSION"]
            .iter()
            .any(|name| is_set(variable, name))
}

fn is_set(variable: &impl Fn(&str) -> Option<String>, name: &str) -> bool {
    variable(name).is_some_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rung(text: &str, variables: &[(&str, &str)]) -> String {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
        };
        String::from_utf8(ring(text, variable)).unwrap()
    }

    #[test]
    fn a_terminal_that_is_not_known_gets_the_bell_alone() {
        for variables in
            [&[("TERM", "xterm-256color")][..], &[("TERM_PROGRAM", "vscode"), ("WT_SESSION", "")]]
        {
            assert_eq!(rung("faces is finished", variables), "\x07");
        }
    }

    #[test]
    fn a_terminal_that_is_known_gets_a_notification_too() {
        for variable in [
            ("TERM_PROGRAM", "iTerm.app"),
            ("LC_TERMINAL", "iTerm2"),
            ("TERM_PROGRAM", "WezTerm"),
            ("TERM_PROGRAM", "ghostty"),
            ("TERM", "xterm-kitty"),
            ("WT_SESSION", "12"),
        ] {
            assert_eq!(
                rung("4 runs ended", &[variable]),
                "\x07\x1b]9;mien: 4 runs ended\x07",
                "{variable:?}"
            );
        }
        assert!(rung(&"n".repeat(4000), &[("TERM", "foot")]).len() < 300);
    }

    #[test]
    fn inside_tmux_a_notification_is_handed_through() {
        let variables =
            [("TMUX", "/tmp/tmux-0/default,1,0"), ("LC_TERMINAL", "iTerm2"), ("TERM", "tmux-256color")];
        assert_eq!(rung("x", &variables), "\x07\x1bPtmux;\x1b\x1b]9;mien: x\x07\x1b\\");
    }
}
