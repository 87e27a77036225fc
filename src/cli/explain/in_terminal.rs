//! Panels on a terminal, below the line that they belong to.
//!
//! Nothing is read from the terminal, so that nothing typed ahead is lost and no terminal that keeps silent is waited for:
//! what it can is taken from the environment. viuer writes text and iTerm2's pictures; it would ask a terminal for Kitty's
//! and wait for the answer without end, so these are written here.

use crate::cli::Shown;
use crate::data::Photo;
use crate::explain::{HeatMap, Look, panels};
use crate::tui::graphics::{Abilities, Protocol};
use crate::tui::settings::Images;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use image::{DynamicImage, RgbaImage, imageops};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};

/// The widest panel, in columns; it is half as many rows high.
const WIDEST: u16 = 24;
/// The side of a panel that the terminal scales, in pixels.
const SIDE: usize = 192;
/// The longest part of a picture in one of Kitty's sequences.
const KITTY_CHUNK: usize = 4096;

pub(super) struct InTerminal {
    way: Way,
    /// Of one panel, an even number.
    columns: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Kitty,
    Iterm2,
    Blocks,
}

impl InTerminal {
    /// `None` where stdout is no terminal, or none that pictures are wanted on.
    pub fn of_stdout(shown: Shown) -> Option<Self> {
        if !std::io::stdout().is_terminal() {
            return None;
        }
        let way = Way::of(shown, |name| std::env::var(name).ok())?;
        let (columns, _) = viuer::terminal_size();
        // Two gaps, and a column that stays free: a full line would be wrapped by some.
        let columns = (columns.saturating_sub(3) / 3).clamp(4, WIDEST);
        Some(Self { way, columns: columns & !1 })
    }

    /// The picture, the map and both, side by side. A terminal that has gone is no failure.
    pub fn show(&self, pixels: &[u8], map: &HeatMap, look: Look) {
        let side = if self.way == Way::Blocks { usize::from(self.columns) } else { SIDE };
        let Some(panels) = panels(pixels, map, look, side) else { return };
        let (columns, rows) = (u32::from(self.columns) * 3 + 2, u32::from(self.columns) / 2);
        let sheet = sheet(&panels, side / usize::from(self.columns).max(1));
        if self.way == Way::Kitty {
            let _ = std::io::stdout().write_all(kitty(&sheet, columns, rows).as_bytes());
            let _ = std::io::stdout().flush();
            return;
        }
        let config = viuer::Config {
            transparent: true,
            absolute_offset: false,
            width: Some(columns),
            height: Some(rows),
            use_kitty: false,
            use_iterm: self.way == Way::Iterm2,
            ..viuer::Config::default()
        };
        let _ = viuer::print(&DynamicImage::ImageRgba8(sheet), &config);
    }
}

impl Way {
    fn of(shown: Shown, variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = filled("TERM").unwrap_or_default();
        let images = shown.settings().images;
        let is_kitty = || {
            let is_named = |name: &str| ["kitty", "ghostty"].iter().any(|known| name.contains(known));
            is_named(&term)
                || filled("KITTY_WINDOW_ID").is_some()
                || filled("TERM_PROGRAM").is_some_and(|name| is_named(&name))
        };
        let abilities = Abilities::from_environment(images, &variable);
        match abilities.protocol() {
            Protocol::Off => None,
            // What draws no colours would show a grey field.
            _ if matches!(term.as_str(), "" | "dumb") || filled("NO_COLOR").is_some() => None,
            Protocol::Kitty => Some(Self::Kitty),
            // tmux would not know of the picture, and write over it.
            _ if images == Images::Auto && is_kitty() && !abilities.is_in_tmux() => Some(Self::Kitty),
            Protocol::Iterm2 => Some(Self::Iterm2),
            Protocol::Sixel | Protocol::Blocks => Some(Self::Blocks),
        }
    }
}

/// Panels side by side, a clear gap of so many pixels between them.
fn sheet(panels: &[Photo; 3], gap: usize) -> RgbaImage {
    let [first, ..] = panels;
    let (width, height) = (first.width() + gap, first.height());
    let mut sheet = RgbaImage::new((width * panels.len() - gap) as u32, height as u32);
    for (place, panel) in panels.iter().enumerate() {
        imageops::replace(&mut sheet, &panel.to_image().to_rgba8(), (place * width) as i64, 0);
    }
    sheet
}

/// A PNG drawn where the cursor is, over so many columns and rows; the terminal is not to answer
/// (sw.kovidgoyal.net/kitty/graphics-protocol).
fn kitty(sheet: &RgbaImage, columns: u32, rows: u32) -> String {
    let mut png = std::io::Cursor::new(Vec::new());
    // Memory takes all that is written to it.
    let _ = sheet.write_to(&mut png, image::ImageFormat::Png);
    let text = BASE64_STANDARD.encode(png.into_inner());
    let mut sequences = String::new();
    let mut keys = format!("a=T,f=100,c={columns},r={rows},q=2,");
    let mut chunks = text.as_bytes().chunks(KITTY_CHUNK).peekable();
    while let Some(chunk) = chunks.next() {
        let more = u8::from(chunks.peek().is_some());
        let _ = write!(sequences, "\x1b_G{keys}m={more};{}\x1b\\", String::from_utf8_lossy(chunk));
        keys = "q=2,".into();
    }
    sequences + "\n"
}
