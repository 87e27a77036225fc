//! Colours and symbols, from what the terminal can show. Text keeps the terminal's own colours, so that light
//! and dark both read well; colour is for state and curves only, and never the only sign.

use crate::run::State as RunState;
use ratatui::style::{Color, Modifier, Style};

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// `NO_COLOR`, or a terminal without colours.
    Mono,
    Sixteen,
    /// Also where the terminal has more: a colour of the palette is half as many bytes on the line.
    Palette,
    /// For pictures.
    True,
}

/// What a piece of text or a curve means; the theme says how that looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Text,
    Strong,
    Quiet,
    Accent,
    Good,
    Warning,
    Bad,
    /// A curve, by its place in its chart's legend.
    Curve(usize),
    /// The unsmoothed values behind a smoothed curve.
    Faint,
}

/// The symbols of the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbols {
    pub braille: bool,
    pub vertical: &'static str,
    pub horizontal: &'static str,
    pub corner: &'static str,
    /// Of a box: top left, top right, bottom left, bottom right.
    pub corners: [&'static str; 4],
    pub tick: &'static str,
    /// Where a line stands on the x axis.
    pub foot: &'static str,
    pub full: &'static str,
    pub empty: &'static str,
    /// Heights in one cell, from the lowest to the highest.
    pub levels: [&'static str; 8],
    pub chosen: &'static str,
    pub dot: &'static str,
    pub ellipsis: &'static str,
    /// One for each curve of a chart, at its end and in its legend.
    pub markers: [&'static str; 8],
    /// From little to all, where there are no colours.
    pub shades: [&'static str; 5],
    pub running: &'static str,
    pub finished: &'static str,
    pub stopped: &'static str,
    pub failed: &'static str,
    pub queued: &'static str,
    pub preempted: &'static str,
    pub unknown: &'static str,
    pub unreadable: &'static str,
}

const UNICODE: Symbols = Symbols {
    braille: true,
    vertical: "│",
    horizontal: "─",
    corner: "└",
    corners: ["╭", "╮", "╰", "╯"],
    tick: "┤",
    foot: "┴",
    full: "━",
    empty: "─",
    levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    chosen: "▌",
    dot: "·",
    ellipsis: "…",
    markers: ["●", "◆", "▲", "■", "○", "◇", "△", "□"],
    shades: ["·", "░", "▒", "▓", "█"],
    running: "▸",
    finished: "✓",
    stopped: "■",
    failed: "✗",
    queued: "○",
    preempted: "‖",
    unknown: "?",
    unreadable: "!",
};

const ASCII: Symbols = Symbols {
    braille: false,
    vertical: "|",
    horizontal: "-",
    corner: "+",
    corners: ["+"; 4],
    tick: "+",
    foot: "+",
    full: "=",
    empty: "-",
    levels: ["_", ".", "-", "~", "+", "*", "%", "#"],
    chosen: ">",
    dot: "-",
    ellipsis: "~",
    markers: ["o", "x", "^", "#", "*", "%", "@", "&"],
    shades: [".", ":", "+", "*", "#"],
    running: ">",
    finished: "v",
    stopped: "#",
    failed: "x",
    queued: "o",
    preempted: "=",
    unknown: "?",
    unreadable: "!",
};

/// Colours and symbols together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    pub depth: Depth,
    pub symbols: Symbols,
}

impl Theme {
    pub const fn new(depth: Depth, unicode: bool) -> Self {
        Self { depth, symbols: if unicode { UNICODE } else { ASCII } }
    }

    /// The theme for the environment that `variable` reads.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        // The first that is set decides, as in setlocale(3).
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(filled);
        // A container or a bare login often says nothing, and is looked at through a terminal that can.
        let utf8 = locale.is_none_or(|locale| locale.to_ascii_lowercase().replace('-', "").contains("utf8"));
        let term = filled("TERM").unwrap_or_default();
        let colour = filled("COLORTERM").unwrap_or_default();
        let depth =
            if filled("NO_COLOR").is_some() || matches!(term.as_str(), "" | "dumb" | "vt100" | "vt220") {
                Depth::Mono
            } else if matches!(colour.as_str(), "truecolor" | "24bit") {
                Depth::True
            } else if term.contains("256") || term.contains("kitty") || term.contains("direct") {
                Depth::Palette
            } else {
                Depth::Sixteen
            };
        // The console of Linux has no braille in its font.
        Self::new(depth, utf8 && !matches!(term.as_str(), "linux" | "dumb" | "vt100" | "vt220"))
    }

    pub fn style(&self, role: Role) -> Style {
        let plain = Style::new();
        match (role, self.depth) {
            (Role::Text, _) => plain,
            (Role::Strong, _) => plain.add_modifier(Modifier::BOLD),
            (Role::Quiet | Role::Faint, Depth::Mono) => plain.add_modifier(Modifier::DIM),
            (Role::Accent | Role::Bad | Role::Warning, Depth::Mono) => plain.add_modifier(Modifier::BOLD),
            (Role::Good | Role::Curve(_), Depth::Mono) => plain,
            (role, Depth::Sixteen) => plain.fg(sixteen(role)),
            (role, _) => plain.fg(Color::Indexed(palette(role))),
        }
    }

    /// The symbol and the role of a run's state; the word always stands beside it.
    pub fn state(&self, state: RunState) -> (&'static str, Role) {
        let symbols = &self.symbols;
        match state {
            RunState::Queued => (symbols.queued, Role::Quiet),
            RunState::Running => (symbols.running, Role::Accent),
            RunState::Finished => (symbols.finished, Role::Good),
            RunState::Stopped => (symbols.stopped, Role::Quiet),
            RunState::Preempted => (symbols.preempted, Role::Warning),
            RunState::Failed => (symbols.failed, Role::Bad),
            RunState::Lost => (symbols.unknown, Role::Warning),
            RunState::Unreadable => (symbols.unreadable, Role::Bad),
        }
    }

    /// The marker of a curve, by its place in the legend.
    pub fn marker(&self, curve: usize) -> &'static str {
        self.symbols.markers[curve % self.symbols.markers.len()]
    }
}

fn sixteen(role: Role) -> Color {
    const CURVES: [Color; 6] =
        [Color::Blue, Color::Yellow, Color::Green, Color::Magenta, Color::Red, Color::Cyan];
    match role {
        Role::Text | Role::Strong => Color::Reset,
        Role::Quiet | Role::Faint => Color::DarkGray,
        Role::Accent => Color::Cyan,
        Role::Good => Color::Green,
        Role::Warning => Color::Yellow,
        Role::Bad => Color::Red,
        Role::Curve(i) => CURVES[i % CURVES.len()],
    }
}

/// Indices of the 256-colour palette. The curves are the palette's nearest to Okabe and Ito's colours
/// ("Color Universal Design", 2008), which stay apart for colour-blind people, in an order that keeps
/// neighbours far apart, and all of them light enough for dark and dark enough for light backgrounds.
fn palette(role: Role) -> u8 {
    const CURVES: [u8; 8] = [32, 172, 36, 175, 166, 74, 142, 245];
    match role {
        Role::Text | Role::Strong => 7,
        Role::Quiet => 244,
        Role::Faint => 242,
        Role::Accent => 37,
        Role::Good => 36,
        Role::Warning => 172,
        Role::Bad => 167,
        Role::Curve(i) => CURVES[i % CURVES.len()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn theme(variables: &[(&str, &str)]) -> Theme {
        Theme::from_environment(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string())
        })
    }

    #[test]
    fn the_environment_decides_on_colours_and_symbols() {
        let utf8 = ("LANG", "de_DE.UTF-8");
        assert_eq!(theme(&[utf8, ("TERM", "xterm-256color")]), Theme::new(Depth::Palette, true));
        assert_eq!(theme(&[utf8, ("TERM", "xterm")]), Theme::new(Depth::Sixteen, true));
        let rich = [utf8, ("TERM", "xterm"), ("COLORTERM", "truecolor")];
        assert_eq!(theme(&rich), Theme::new(Depth::True, true));
        assert_eq!(theme(&[utf8, ("TERM", "xterm"), ("NO_COLOR", "1")]), Theme::new(Depth::Mono, true));
        assert_eq!(theme(&[("TERM", "xterm"), ("NO_COLOR", "")]), Theme::new(Depth::Sixteen, true));
        assert_eq!(theme(&[("TERM", "xterm"), ("LANG", "C")]), Theme::new(Depth::Sixteen, false));
        assert_eq!(theme(&[utf8, ("TERM", "linux")]), Theme::new(Depth::Sixteen, false));
        assert!(!theme(&[utf8, ("LC_ALL", "C")]).symbols.braille);
        assert!(theme(&[("LC_ALL", "C.utf8")]).symbols.braille);
    }

    #[test]
    fn without_colours_nothing_has_one() {
        let mono = Theme::new(Depth::Mono, true);
        for role in [Role::Text, Role::Quiet, Role::Accent, Role::Bad, Role::Curve(3), Role::Faint] {
            assert_eq!(mono.style(role).fg, None, "{role:?}");
        }
    }

    #[test]
    fn ascii_is_ascii() {
        let Symbols { braille, markers, .. } = ASCII;
        assert!(!braille);
        assert!(markers.iter().all(|marker| marker.is_ascii()));
        assert!(format!("{ASCII:?}").is_ascii());
    }
}
