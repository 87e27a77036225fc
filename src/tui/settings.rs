//! What a user wants of the dashboard, whatever the run.

/// Which way pictures go to the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Images {
    /// The best that the terminal says it can.
    #[default]
    Auto,
    Kitty,
    Sixel,
    #[value(name = "iterm2")]
    Iterm2,
    /// Two pixels a cell, as text.
    Blocks,
    Off,
}

/// Which background colours are chosen for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Background {
    /// As the terminal says, dark where it says nothing.
    #[default]
    Auto,
    Dark,
    Light,
}

/// What a user wants of the dashboard, whatever the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub images: Images,
    pub background: Background,
    pub mouse: bool,
    /// Rings when a run ends.
    pub bell: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { images: Images::Auto, background: Background::Auto, mouse: true, bell: false }
    }
}
