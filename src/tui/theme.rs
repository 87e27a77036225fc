//! Colours and symbols, from what the terminal can show. Text keeps the terminal's own colours, so that light
//! and dark both read well; colour is for state and curves only, and never the only sign.

use super::settings::{Background, Colours, Settings, SymbolSet};
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

/// The curve of a run that is looked at beside marked ones: in the colour of text.
pub const UNMARKED: usize = 8;
/// How many ranks can be told apart.
pub const RANKS: usize = 5;

/// What colours are chosen for: what is behind them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ground {
    #[default]
    Dark,
    Light,
}

impl Ground {
    /// That of a background colour.
    pub fn of((red, green, blue): (u8, u8, u8)) -> Self {
        // Black and white text are as easy to read on a background of this luminance (WCAG 2.1).
        const MIDDLE: f64 = 0.179;
        let linear = |part: u8| match f64::from(part) / 255.0 {
            part if part <= 0.04045 => part / 12.92,
            part => ((part + 0.055) / 1.055).powf(2.4),
        };
        let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
        if luminance > MIDDLE { Self::Light } else { Self::Dark }
    }

    /// That of `COLORFGBG`, whose last part is the background as one of the sixteen colours.
    fn of_variable(colours: &str) -> Option<Self> {
        match colours.rsplit(';').next()?.parse().ok()? {
            0..=6 | 8 => Some(Self::Dark),
            7 | 9..=15 => Some(Self::Light),
            _ => None,
        }
    }
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
    /// Something ranked, from the best fifth, 0, to the worst.
    Rank(usize),
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
    /// A tick with its label at the right.
    pub branch: &'static str,
    /// Where a line stands on the x axis.
    pub foot: &'static str,
    pub full: &'static str,
    pub empty: &'static str,
    /// Heights in one cell, from the lowest to the highest.
    pub levels: [&'static str; 8],
    pub chosen: &'static str,
    /// Sorted with the lowest value first, or last.
    pub rising: &'static str,
    pub falling: &'static str,
    /// There is a note.
    pub note: &'static str,
    pub dot: &'static str,
    pub ellipsis: &'static str,
    /// One for each curve of a chart, at its end and in its legend.
    pub markers: [&'static str; 9],
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
    branch: "├",
    foot: "┴",
    full: "━",
    empty: "─",
    levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    chosen: "▌",
    rising: "▴",
    falling: "▾",
    note: "✎",
    dot: "·",
    ellipsis: "…",
    markers: ["●", "◆", "▲", "■", "○", "◇", "△", "□", "+"],
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
    branch: "+",
    foot: "+",
    full: "=",
    empty: "-",
    levels: ["_", ".", "-", "~", "+", "*", "%", "#"],
    chosen: ">",
    rising: "^",
    falling: "v",
    note: "\"",
    dot: "-",
    ellipsis: "~",
    markers: ["o", "x", "^", "#", "*", "%", "@", "&", "+"],
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
    pub ground: Ground,
}

impl Theme {
    pub const fn new(depth: Depth, unicode: bool) -> Self {
        Self { depth, symbols: if unicode { UNICODE } else { ASCII }, ground: Ground::Dark }
    }

    pub const fn on(self, ground: Ground) -> Self {
        Self { ground, ..self }
    }

    /// The theme that a user wants, as far as they said; else the one for the environment that `variable` reads.
    pub fn chosen(settings: &Settings, variable: impl Fn(&str) -> Option<String>) -> Self {
        let own = Self::from_environment(variable);
        let depth = match settings.colours {
            Colours::Auto => own.depth,
            Colours::None => Depth::Mono,
            Colours::Sixteen => Depth::Sixteen,
            Colours::Palette => Depth::Palette,
            Colours::True => Depth::True,
        };
        let unicode = match settings.symbols {
            SymbolSet::Auto => own.symbols.braille,
            SymbolSet::Unicode => true,
            SymbolSet::Ascii => false,
        };
        let ground = match settings.background {
            Background::Auto => own.ground,
            Background::Dark => Ground::Dark,
            Background::Light => Ground::Light,
        };
        Self::new(depth, unicode).on(ground)
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
        let unicode = utf8 && !matches!(term.as_str(), "linux" | "dumb" | "vt100" | "vt220");
        let ground = filled("COLORFGBG").and_then(|colours| Ground::of_variable(&colours));
        Self::new(depth, unicode).on(ground.unwrap_or_default())
    }

    pub fn style(&self, role: Role) -> Style {
        let plain = Style::new();
        match (role, self.depth) {
            (Role::Text | Role::Curve(UNMARKED), _) => plain,
            (Role::Strong, _) => plain.add_modifier(Modifier::BOLD),
            (Role::Rank(0), Depth::Mono) => plain,
            (Role::Quiet | Role::Faint | Role::Rank(_), Depth::Mono) => plain.add_modifier(Modifier::DIM),
            (Role::Accent | Role::Bad | Role::Warning, Depth::Mono) => plain.add_modifier(Modifier::BOLD),
            (Role::Good | Role::Curve(_), Depth::Mono) => plain,
            (role, Depth::Sixteen) => sixteen(role, self.ground),
            (role, _) => plain.fg(Color::Indexed(palette(role, self.ground))),
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

/// What stands for a role among the sixteen colours, in the terminal's own shades. Those that VGA's shades would make
/// hard to read on the ground are left out; dark grey too, which is the background itself in some schemes.
fn sixteen(role: Role, ground: Ground) -> Style {
    const ON_DARK: [Color; 6] =
        [Color::LightBlue, Color::Yellow, Color::Green, Color::LightMagenta, Color::LightRed, Color::Cyan];
    const ON_LIGHT: [Color; 4] = [Color::Blue, Color::Magenta, Color::Green, Color::Red];
    const RANKS_ON_DARK: [Color; RANKS] =
        [Color::Yellow, Color::Green, Color::Cyan, Color::LightBlue, Color::LightMagenta];
    const RANKS_ON_LIGHT: [Color; RANKS] =
        [Color::Blue, Color::Blue, Color::Green, Color::Magenta, Color::Red];
    let colour = match (role, ground) {
        (Role::Text | Role::Strong, _) => return Style::new(),
        (Role::Quiet | Role::Faint, _) => return Style::new().add_modifier(Modifier::DIM),
        (Role::Accent, Ground::Dark) => Color::Cyan,
        (Role::Accent, Ground::Light) => Color::Blue,
        (Role::Good, _) => Color::Green,
        (Role::Warning, Ground::Dark) => Color::Yellow,
        (Role::Warning, Ground::Light) => Color::Magenta,
        (Role::Bad, Ground::Dark) => Color::LightRed,
        (Role::Bad, Ground::Light) => Color::Red,
        (Role::Curve(i), Ground::Dark) => ON_DARK[i % ON_DARK.len()],
        (Role::Curve(i), Ground::Light) => ON_LIGHT[i % ON_LIGHT.len()],
        (Role::Rank(i), Ground::Dark) => RANKS_ON_DARK[i.min(RANKS - 1)],
        (Role::Rank(i), Ground::Light) => RANKS_ON_LIGHT[i.min(RANKS - 1)],
    };
    Style::new().fg(colour)
}

/// Indices of the 256-colour palette. The curves are the palette's nearest to Okabe and Ito's colours
/// ("Color Universal Design", 2008), which stay apart for colour-blind people, in an order that keeps
/// neighbours far apart; on a light ground the same hues, darker.
fn palette(role: Role, ground: Ground) -> u8 {
    const ON_DARK: [u8; 8] = [32, 172, 36, 175, 166, 74, 142, 245];
    const ON_LIGHT: [u8; 8] = [25, 130, 29, 132, 124, 31, 100, 242];
    // Along viridis, whose lightness alone tells the order; on a light ground from dark to light.
    const RANKS_ON_DARK: [u8; RANKS] = [220, 114, 37, 68, 61];
    const RANKS_ON_LIGHT: [u8; RANKS] = [18, 25, 31, 67, 245];
    match (role, ground) {
        (Role::Text | Role::Strong, Ground::Dark) => 7,
        (Role::Text | Role::Strong, Ground::Light) => 16,
        (Role::Quiet, Ground::Dark) => 244,
        (Role::Quiet, Ground::Light) => 242,
        (Role::Faint, Ground::Dark) => 242,
        (Role::Faint, Ground::Light) => 245,
        (Role::Accent, Ground::Dark) => 37,
        (Role::Accent, Ground::Light) => 30,
        (Role::Good, Ground::Dark) => 36,
        (Role::Good, Ground::Light) => 29,
        (Role::Warning, Ground::Dark) => 172,
        (Role::Warning, Ground::Light) => 130,
        (Role::Bad, Ground::Dark) => 167,
        (Role::Bad, Ground::Light) => 160,
        (Role::Curve(i), Ground::Dark) => ON_DARK[i % ON_DARK.len()],
        (Role::Curve(i), Ground::Light) => ON_LIGHT[i % ON_LIGHT.len()],
        (Role::Rank(i), Ground::Dark) => RANKS_ON_DARK[i.min(RANKS - 1)],
        (Role::Rank(i), Ground::Light) => RANKS_ON_LIGHT[i.min(RANKS - 1)],
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
    fn the_background_is_as_the_terminal_says_and_dark_where_it_says_nothing() {
        let ground = |colours| theme(&[("TERM", "xterm"), ("COLORFGBG", colours)]).ground;
        for (colours, expected) in [
            ("15;0", Ground::Dark),
            ("0;15", Ground::Light),
            ("0;default;7", Ground::Light),
            ("12;8", Ground::Dark),
            ("default;default", Ground::Dark),
            ("", Ground::Dark),
        ] {
            assert_eq!(ground(colours), expected, "{colours}");
        }
        for (colour, expected) in [
            ((0, 0, 0), Ground::Dark),
            ((0x28, 0x2c, 0x34), Ground::Dark),
            ((0, 0x2b, 0x36), Ground::Dark),
            ((0xfd, 0xf6, 0xe3), Ground::Light),
            ((0xff, 0xff, 0xff), Ground::Light),
        ] {
            assert_eq!(Ground::of(colour), expected, "{colour:?}");
        }
    }

    #[test]
    fn a_users_settings_go_over_the_environment() {
        let variable = |name: &str| match name {
            "NO_COLOR" => Some("1".to_string()),
            "COLORFGBG" => Some("0;15".into()),
            "TERM" => Some("xterm".into()),
            _ => None,
        };
        let chosen = |settings: Settings| Theme::chosen(&settings, variable);
        assert_eq!(chosen(Settings::default()), Theme::new(Depth::Mono, true).on(Ground::Light));
        let wanted = Settings {
            colours: Colours::Palette,
            symbols: SymbolSet::Ascii,
            background: Background::Dark,
            ..Settings::default()
        };
        assert_eq!(chosen(wanted), Theme::new(Depth::Palette, false));
    }

    /// The shades of VGA and then the cube and the greys of xterm.
    fn shade(colour: Color) -> (u8, u8, u8) {
        let level = |n: u8| if n == 0 { 0 } else { 55 + n * 40 };
        match colour {
            Color::Indexed(i @ 16..232) => {
                let i = i - 16;
                (level(i / 36), level(i / 6 % 6), level(i % 6))
            }
            Color::Indexed(i @ 232..) => (8 + (i - 232) * 10, 8 + (i - 232) * 10, 8 + (i - 232) * 10),
            Color::Red => (170, 0, 0),
            Color::Green => (0, 170, 0),
            Color::Yellow => (170, 85, 0),
            Color::Blue => (0, 0, 170),
            Color::Magenta => (170, 0, 170),
            Color::Cyan => (0, 170, 170),
            Color::LightRed => (255, 85, 85),
            Color::LightBlue => (85, 85, 255),
            Color::LightMagenta => (255, 85, 255),
            other => panic!("{other:?} is no colour for text"),
        }
    }

    /// WCAG 2.1: the ratio of relative luminances.
    fn contrast(one: (u8, u8, u8), two: (u8, u8, u8)) -> f64 {
        let luminance = |(r, g, b): (u8, u8, u8)| {
            let linear = |part: u8| match f64::from(part) / 255.0 {
                part if part <= 0.03928 => part / 12.92,
                part => ((part + 0.055) / 1.055).powf(2.4),
            };
            0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) + 0.05
        };
        let (one, two) = (luminance(one), luminance(two));
        one.max(two) / one.min(two)
    }

    #[test]
    fn everything_can_be_read_on_its_ground() {
        assert!((contrast((255, 255, 255), (0, 0, 0)) - 21.0).abs() < 1e-9);
        let roles = [Role::Quiet, Role::Faint, Role::Accent, Role::Good, Role::Warning, Role::Bad];
        let roles: Vec<Role> =
            roles.into_iter().chain((0..8).map(Role::Curve)).chain((0..RANKS).map(Role::Rank)).collect();
        for (ground, behind) in [(Ground::Dark, (0, 0, 0)), (Ground::Light, (255, 255, 255))] {
            for depth in [Depth::Sixteen, Depth::Palette, Depth::True] {
                for role in &roles {
                    // Without a colour of its own it has that of the text.
                    let Some(colour) = Theme::new(depth, true).on(ground).style(*role).fg else { continue };
                    let ratio = contrast(shade(colour), behind);
                    assert!(ratio >= 3.0, "{role:?}, {depth:?}, {ground:?}: {ratio:.2}");
                }
            }
        }
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
