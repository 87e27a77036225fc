//! Which way pictures go: as the user wants it, or else the best that the terminal says it can. Nothing waits for what
//! it says: until then pictures are text.

use super::tmux;
use crate::tui::settings::Images;

/// What a terminal said about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Whether it draws pictures by Kitty's protocol.
    Kitty(bool),
    /// Its attributes (DA1); 4 is sixel.
    Attributes(Vec<u16>),
    /// Width and height of a cell, in pixels.
    CellSize(u16, u16),
    /// Its name and version.
    Version(String),
    /// That it has answered all.
    Done,
}

/// How pictures get to the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Kitty,
    Iterm2,
    Sixel,
    /// As text.
    Blocks,
    /// Not at all.
    Off,
}

/// What is known of the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    images: Images,
    /// Between us and the terminal there is tmux.
    tmux: bool,
    /// It must not be asked: it would show the question, or keep it.
    silent: bool,
    kitty: bool,
    iterm2: bool,
    sixel: bool,
    cell: Option<(u16, u16)>,
}

/// A cell of most fonts.
const COMMON_CELL: (u16, u16) = (10, 20);
/// So much is believed of a cell's width and height.
const LARGEST_CELL: u16 = 200;

impl Abilities {
    /// What the environment that `variable` reads says.
    pub fn from_environment(images: Images, variable: impl Fn(&str) -> Option<String>) -> Self {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = filled("TERM").unwrap_or_default();
        let program = filled("TERM_PROGRAM").unwrap_or_default();
        let tmux = filled("TMUX").is_some() || term.starts_with("tmux");
        let screen = !tmux && (term.starts_with("screen") || filled("STY").is_some());
        let draws_iterm2 = is_iterm2(&program) || filled("LC_TERMINAL").is_some_and(|name| is_iterm2(&name));
        Self {
            images,
            tmux,
            silent: screen || matches!(term.as_str(), "" | "dumb" | "linux") || program == "Apple_Terminal",
            // tmux would not know of a picture that it passes through, and write over it.
            iterm2: draws_iterm2 && !tmux,
            ..Self::default()
        }
    }

    /// What to ask the terminal; empty where nothing is to be asked.
    pub fn question(&self) -> Vec<u8> {
        if self.silent || matches!(self.images, Images::Blocks | Images::Off) {
            return Vec::new();
        }
        let kitty = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\";
        let mut question = tmux::wrapped(kitty, self.tmux);
        // Its name, a cell's size, its attributes, and what every terminal answers, so that it is known when all is said.
        question.extend_from_slice(b"\x1b[>q\x1b[16t\x1b[c\x1b[5n");
        question
    }

    /// Takes in an answer; whether pictures are to be drawn otherwise now.
    pub fn take(&mut self, answer: &Answer) -> bool {
        let before = (self.protocol(), self.cell());
        match answer {
            Answer::Kitty(draws) => self.kitty = *draws,
            Answer::Attributes(attributes) => {
                // The first is the kind of terminal.
                self.sixel = attributes.iter().skip(1).any(|attribute| *attribute == 4);
            }
            Answer::CellSize(width, height) => {
                let is_believed = |side: &u16| (1..=LARGEST_CELL).contains(side);
                if is_believed(width) && is_believed(height) {
                    self.cell = Some((*width, *height));
                }
            }
            Answer::Version(name) => self.iterm2 |= is_iterm2(name) && !self.tmux,
            Answer::Done => {}
        }
        (self.protocol(), self.cell()) != before
    }

    pub fn protocol(&self) -> Protocol {
        match self.images {
            Images::Kitty => Protocol::Kitty,
            Images::Sixel => Protocol::Sixel,
            Images::Iterm2 => Protocol::Iterm2,
            Images::Blocks => Protocol::Blocks,
            Images::Off => Protocol::Off,
            Images::Auto if self.kitty => Protocol::Kitty,
            Images::Auto if self.iterm2 => Protocol::Iterm2,
            Images::Auto if self.sixel => Protocol::Sixel,
            Images::Auto => Protocol::Blocks,
        }
    }

    /// Whether what is not meant for tmux has to be wrapped.
    pub fn is_in_tmux(&self) -> bool {
        self.tmux
    }

    /// Width and height of a cell, in pixels; a guess until it is known.
    pub fn cell(&self) -> (u16, u16) {
        self.cell.unwrap_or(COMMON_CELL)
    }
}

/// Whether a terminal of this name draws pictures as iTerm2 does.
fn is_iterm2(name: &str) -> bool {
    ["iTerm", "WezTerm", "mintty"].iter().any(|known| name.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn abilities(images: Images, variables: &[(&str, &str)]) -> Abilities {
        Abilities::from_environment(images, |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string())
        })
    }

    #[test]
    fn the_best_way_that_the_terminal_knows_is_taken() {
        let mut auto = abilities(Images::Auto, &[("TERM", "xterm-256color")]);
        assert_eq!(auto.protocol(), Protocol::Blocks);
        assert!(!auto.take(&Answer::Attributes(vec![4, 6])), "that is its kind");
        assert!(auto.take(&Answer::Attributes(vec![62, 22, 4])));
        assert_eq!(auto.protocol(), Protocol::Sixel);
        assert!(auto.take(&Answer::Version("WezTerm 2024".into())));
        assert_eq!(auto.protocol(), Protocol::Iterm2);
        assert!(!auto.take(&Answer::Kitty(false)));
        assert!(auto.take(&Answer::Kitty(true)) && !auto.take(&Answer::Done));
        assert_eq!(auto.protocol(), Protocol::Kitty);
    }

    #[test]
    fn the_user_has_the_last_word() {
        let mut blocks = abilities(Images::Blocks, &[("TERM", "xterm-kitty"), ("TERM_PROGRAM", "iTerm.app")]);
        assert!(!blocks.take(&Answer::Kitty(true)));
        assert_eq!((blocks.protocol(), blocks.question().is_empty()), (Protocol::Blocks, true));
        assert_eq!(abilities(Images::Sixel, &[("TERM", "dumb")]).protocol(), Protocol::Sixel);
        assert_eq!(abilities(Images::Off, &[]).protocol(), Protocol::Off);
    }

    #[test]
    fn the_environment_says_who_must_not_be_asked() {
        for silent in [
            &[("TERM", "dumb")][..],
            &[("TERM", "linux")],
            &[("TERM", "screen.xterm-256color"), ("STY", "1.pts")],
            &[("TERM", "xterm-256color"), ("TERM_PROGRAM", "Apple_Terminal")],
        ] {
            assert!(abilities(Images::Auto, silent).question().is_empty(), "{silent:?}");
        }
        let asked = abilities(Images::Auto, &[("TERM", "xterm")]).question();
        assert!(asked.starts_with(b"\x1b_Gi=31,") && asked.ends_with(b"\x1b[c\x1b[5n"));
        let tmux = abilities(Images::Auto, &[("TERM", "screen-256color"), ("TMUX", "/tmp/x,1,0")]);
        assert!(tmux.is_in_tmux() && tmux.question().starts_with(b"\x1bPtmux;\x1b\x1b_Gi=31,"));
        let iterm2 = abilities(Images::Auto, &[("TERM", "xterm-256color"), ("LC_TERMINAL", "iTerm2")]);
        assert_eq!(iterm2.protocol(), Protocol::Iterm2);
    }

    #[test]
    fn a_cell_of_an_impossible_size_is_not_believed() {
        let mut auto = abilities(Images::Auto, &[]);
        assert!(!auto.take(&Answer::CellSize(0, 0)) && !auto.take(&Answer::CellSize(9, 60_000)));
        assert_eq!(auto.cell(), COMMON_CELL);
        assert!(auto.take(&Answer::CellSize(9, 21)));
        assert_eq!(auto.cell(), (9, 21));
    }
}
