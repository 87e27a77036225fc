//! A screen as SVG that looks the same in every font: blocks, braille and lines are drawn, words have their width.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A cell is twice as high as wide, so that half a block is a square, and whole numbers keep the file small.
const CELL: (u32, u32) = (8, 16);
const MARGIN: u32 = 14;
const FONT_SIZE: f64 = 13.3;

/// The colours of a terminal.
pub struct Palette {
    foreground: Rgb,
    background: Rgb,
    /// The sixteen that have numbers.
    named: [u32; 16],
}

type Rgb = (u8, u8, u8);

impl Palette {
    pub const DARK: Self = Self {
        foreground: (0xd4, 0xd4, 0xd8),
        background: (0x16, 0x18, 0x1d),
        named: [
            0x16181d, 0xe06c75, 0x98c379, 0xe5c07b, 0x61afef, 0xc678dd, 0x56b6c2, 0xabb2bf, 0x5c6370,
            0xef8a92, 0xb1d196, 0xf0d399, 0x82c2f5, 0xd699e6, 0x7fd0da, 0xffffff,
        ],
    };
    pub const LIGHT: Self = Self {
        foreground: (0x24, 0x29, 0x2f),
        background: (0xff, 0xff, 0xff),
        named: [
            0x24292f, 0xcf222e, 0x116329, 0x953800, 0x0969da, 0x8250df, 0x1b7c83, 0x6e7781, 0x57606a,
            0xa40e26, 0x1a7f37, 0x633c01, 0x218bff, 0xa475f9, 0x3192aa, 0x8c959f,
        ],
    };

    fn colour(&self, colour: vt100::Color, default: Rgb) -> Rgb {
        let level = |n: u8| if n == 0 { 0 } else { 55 + n * 40 };
        match colour {
            vt100::Color::Default => default,
            vt100::Color::Rgb(r, g, b) => (r, g, b),
            vt100::Color::Idx(i @ 0..16) => {
                let [_, r, g, b] = self.named[usize::from(i)].to_be_bytes();
                (r, g, b)
            }
            vt100::Color::Idx(i @ 16..232) => {
                let i = i - 16;
                (level(i / 36), level(i / 6 % 6), level(i % 6))
            }
            vt100::Color::Idx(i) => (8 + (i - 232) * 10, 8 + (i - 232) * 10, 8 + (i - 232) * 10),
        }
    }

    /// Foreground and background of a cell.
    fn colours(&self, cell: &vt100::Cell) -> (Rgb, Rgb) {
        let front = self.colour(cell.fgcolor(), self.foreground);
        let back = self.colour(cell.bgcolor(), self.background);
        let (front, back) = if cell.inverse() { (back, front) } else { (front, back) };
        (if cell.dim() { mixed(front, back, 0.6) } else { front }, back)
    }
}

/// What is drawn, by colour: everything of one colour is one path.
#[derive(Default)]
struct Paths {
    fills: BTreeMap<Rgb, String>,
    lines: BTreeMap<Rgb, String>,
    heavy_lines: BTreeMap<Rgb, String>,
    dots: BTreeMap<Rgb, String>,
    letters: String,
}

pub fn draw(screen: &vt100::Screen, palette: &Palette) -> String {
    let (rows, columns) = screen.size();
    let mut paths = Paths::default();
    for row in 0..rows {
        for column in 0..columns {
            if let Some(cell) = screen.cell(row, column) {
                paths.cell(cell, corner(column, row), palette);
            }
        }
        paths.letters_of_row(screen, row, palette);
    }
    if !screen.hide_cursor() {
        let (row, column) = screen.cursor_position();
        let (x, y) = corner(column, row);
        rectangle(paths.fills.entry(palette.foreground).or_default(), (x, y), (2, CELL.1));
    }
    let (right, bottom) = corner(columns, rows);
    let (width, height) = (right + MARGIN, bottom + MARGIN);
    let ground = hex(palette.background);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', ui-monospace, monospace\" \
         font-size=\"{FONT_SIZE}\">\n\
         <rect x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"{ground}\" stroke=\"#808080\" \
         stroke-opacity=\".5\"/>\n",
        width - 1,
        height - 1
    );
    // Edges on whole pixels, or else a picture of half blocks has seams.
    svg.push_str("<g shape-rendering=\"crispEdges\">\n");
    for (colour, path) in &paths.fills {
        let _ = writeln!(svg, "<path fill=\"{}\" d=\"{path}\"/>", hex(*colour));
    }
    svg.push_str("</g>\n");
    for (paths, attributes) in [
        (&paths.lines, ""),
        (&paths.heavy_lines, " stroke-width=\"2.4\""),
        (&paths.dots, " stroke-width=\"2.6\" stroke-linecap=\"round\""),
    ] {
        for (colour, path) in paths {
            let _ =
                writeln!(svg, "<path fill=\"none\" stroke=\"{}\"{attributes} d=\"{path}\"/>", hex(*colour));
        }
    }
    svg.push_str(&paths.letters);
    svg.push_str("</svg>\n");
    svg
}

impl Paths {
    /// All of a cell but its letters.
    fn cell(&mut self, cell: &vt100::Cell, (x, y): (u32, u32), palette: &Palette) {
        let (front, back) = palette.colours(cell);
        if back != palette.background {
            rectangle(self.fills.entry(back).or_default(), (x, y), CELL);
        }
        if cell.underline() {
            let _ = write!(self.lines.entry(front).or_default(), "M{x} {}h{}", y + CELL.1 - 2, CELL.0);
        }
        let Some(symbol) = drawn(cell.contents()) else { return };
        match symbol {
            Symbol::Blocks(blocks) => {
                for (left, top, width, height) in blocks {
                    rectangle(self.fills.entry(front).or_default(), (x + left, y + top), (width, height));
                }
            }
            Symbol::Shade(share) => {
                rectangle(self.fills.entry(mixed(front, back, share)).or_default(), (x, y), CELL);
            }
            Symbol::Braille(dots) => {
                let path = self.dots.entry(front).or_default();
                for dot in (0..8).filter(|dot| dots & 1 << dot != 0) {
                    let (column, row) = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)][dot];
                    let _ = write!(path, "M{} {}h0", x + 2 + column * 4, y + 2 + row * 4);
                }
            }
            Symbol::Line(line) => {
                let _ = write!(self.lines.entry(front).or_default(), "M{x} {y}{line}");
            }
            Symbol::HeavyLine(line) => {
                let _ = write!(self.heavy_lines.entry(front).or_default(), "M{x} {y}{line}");
            }
        }
    }

    /// The letters of a row, word by word, each stretched to its cells: fonts differ in width, and not every one that shows
    /// this is monospaced.
    fn letters_of_row(&mut self, screen: &vt100::Screen, row: u16, palette: &Palette) {
        let (_, columns) = screen.size();
        let mut words: Vec<Word> = Vec::new();
        for column in 0..columns {
            let Some(cell) = screen.cell(row, column) else { continue };
            if cell.contents().trim().is_empty() || drawn(cell.contents()).is_some() {
                continue;
            }
            let style = (palette.colours(cell).0, cell.bold());
            let end = column + if cell.is_wide() { 2 } else { 1 };
            match words.last_mut() {
                Some(word) if word.style == style && word.end == column => {
                    word.text.push_str(cell.contents());
                    word.end = end;
                }
                _ => words.push(Word { style, start: column, end, text: cell.contents().into() }),
            }
        }
        for Word { style: (colour, bold), start, end, text } in words {
            let weight = if bold { " font-weight=\"bold\"" } else { "" };
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let (x, y) = corner(start, row);
            let width = u32::from(end - start) * CELL.0;
            let _ = writeln!(
                self.letters,
                "<text x=\"{x}\" y=\"{}\" fill=\"{}\"{weight} textLength=\"{width}\">{text}</text>",
                y + 12,
                hex(colour)
            );
        }
    }
}

/// Neighbouring letters of one style.
struct Word {
    /// Colour, and whether it is bold.
    style: (Rgb, bool),
    start: u16,
    end: u16,
    text: String,
}

/// A symbol that is drawn and not written.
enum Symbol {
    /// Left, top, width, height within the cell.
    Blocks(Vec<(u32, u32, u32, u32)>),
    /// The whole cell in a mixture with what is behind it.
    Shade(f64),
    /// Bits as in Unicode.
    Braille(u32),
    /// What follows a move to the cell's corner in a path.
    Line(&'static str),
    HeavyLine(&'static str),
}

fn drawn(contents: &str) -> Option<Symbol> {
    let mut letters = contents.chars();
    let (Some(letter), None) = (letters.next(), letters.next()) else { return None };
    let (width, height) = CELL;
    let quadrants = |bits: u32| {
        let corners = [(0, 0), (width / 2, 0), (0, height / 2), (width / 2, height / 2)];
        let corners = corners.into_iter().enumerate().filter(|(bit, _)| bits & 1 << bit != 0);
        Symbol::Blocks(corners.map(|(_, (x, y))| (x, y, width / 2, height / 2)).collect())
    };
    Some(match letter {
        '\u{2800}'..='\u{28ff}' => Symbol::Braille(letter as u32 - 0x2800),
        '▀' => Symbol::Blocks(vec![(0, 0, width, height / 2)]),
        // From one eighth at the bottom to the full block.
        '▁'..='█' => {
            let eighths = letter as u32 - 0x2580;
            Symbol::Blocks(vec![(0, height - eighths * 2, width, eighths * 2)])
        }
        // From seven eighths at the left to one.
        '▉'..='▏' => Symbol::Blocks(vec![(0, 0, 8 - (letter as u32 - 0x2588), height)]),
        '▐' => Symbol::Blocks(vec![(width / 2, 0, width / 2, height)]),
        '░' => Symbol::Shade(0.25),
        '▒' => Symbol::Shade(0.5),
        '▓' => Symbol::Shade(0.75),
        '▔' => Symbol::Blocks(vec![(0, 0, width, 2)]),
        '▕' => Symbol::Blocks(vec![(7, 0, 1, height)]),
        '▖' => quadrants(0b0100),
        '▗' => quadrants(0b1000),
        '▘' => quadrants(0b0001),
        '▙' => quadrants(0b1101),
        '▚' => quadrants(0b1001),
        '▛' => quadrants(0b0111),
        '▜' => quadrants(0b1011),
        '▝' => quadrants(0b0010),
        '▞' => quadrants(0b0110),
        '▟' => quadrants(0b1110),
        '─' => Symbol::Line("m0 8h8"),
        '│' => Symbol::Line("m4 0v16"),
        '╭' => Symbol::Line("m4 16v-4q0-4 4-4"),
        '╮' => Symbol::Line("m0 8q4 0 4 4v4"),
        '╰' => Symbol::Line("m4 0v4q0 4 4 4"),
        '╯' => Symbol::Line("m4 0v4q0 4-4 4"),
        '┌' => Symbol::Line("m8 8h-4v8"),
        '┐' => Symbol::Line("m0 8h4v8"),
        '└' => Symbol::Line("m4 0v8h4"),
        '┘' => Symbol::Line("m4 0v8h-4"),
        '├' => Symbol::Line("m4 0v16m0-8h4"),
        '┤' => Symbol::Line("m4 0v16m0-8h-4"),
        '┬' => Symbol::Line("m0 8h8m-4 0v8"),
        '┴' => Symbol::Line("m0 8h8m-4 0v-8"),
        '┼' => Symbol::Line("m0 8h8m-4-8v16"),
        '╌' | '┄' => Symbol::Line("m1 8h2m2 0h2"),
        '━' => Symbol::HeavyLine("m0 8h8"),
        '┃' => Symbol::HeavyLine("m4 0v16"),
        _ => return None,
    })
}

fn rectangle(path: &mut String, (x, y): (u32, u32), (width, height): (u32, u32)) {
    // One that goes on where the last one ended is the same one.
    let end = format!("v{height}h-");
    let last = path.rfind('M').map(|start| path[start..].to_string());
    if let Some(grown) = last.and_then(|last| grown(&last, (x, y), width, &end)) {
        path.truncate(path.rfind('M').unwrap_or(0));
        path.push_str(&grown);
        return;
    }
    let _ = write!(path, "M{x} {y}h{width}{end}{width}z");
}

/// The rectangle `last`, `M{x} {y}h{width}{end}{width}z`, with `width` more where it ends at `x` in the same row.
fn grown(last: &str, (x, y): (u32, u32), width: u32, end: &str) -> Option<String> {
    let (left, rest) = last.strip_prefix('M')?.split_once(' ')?;
    let (top, rest) = rest.split_once('h')?;
    let (before, _) = rest.split_once(end)?;
    let (left, top, before): (u32, u32, u32) = (left.parse().ok()?, top.parse().ok()?, before.parse().ok()?);
    let whole = before + width;
    (top == y && left + before == x).then(|| format!("M{left} {top}h{whole}{end}{whole}z"))
}

fn mixed(front: Rgb, back: Rgb, share: f64) -> Rgb {
    let part =
        |front: u8, back: u8| (f64::from(front) * share + f64::from(back) * (1.0 - share)).round() as u8;
    (part(front.0, back.0), part(front.1, back.1), part(front.2, back.2))
}

fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// The top left corner of a cell.
fn corner(column: u16, row: u16) -> (u32, u32) {
    (MARGIN + u32::from(column) * CELL.0, MARGIN + u32::from(row) * CELL.1)
}
