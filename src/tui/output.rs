//! What goes to the terminal: a ratatui backend that spends few bytes, for slow lines. A frame is collected
//! whole and written once, between the marks of a synchronized update; a frame that changes nothing is not
//! written at all.

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};
use std::io::{self, Write};

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
/// Erasing costs about nine bytes with the move behind it; a shorter run of blanks is cheaper as spaces.
const ERASE_FROM: u16 = 10;

/// A backend over `writer`. Unlike crossterm's it remembers the pen and the cursor between frames, so that one
/// changed digit costs a move and a digit.
pub(crate) struct Output<W: Write> {
    writer: W,
    frame: Vec<u8>,
    pen: Pen,
    cursor: Option<(u16, u16)>,
    cursor_shown: bool,
    size: Size,
    written: u64,
    /// The frame is not whole yet.
    held: bool,
    cleared: bool,
}

#[derive(Clone, Copy, PartialEq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

impl<W: Write> Output<W> {
    /// Writes to `writer`. The `size` is that of the state's last word, not the terminal's: what is drawn fits what it is
    /// drawn into, also while a new size is on its way.
    pub(crate) fn new(writer: W, size: Size) -> Self {
        Self {
            writer,
            frame: Vec::new(),
            pen: PLAIN,
            cursor: None,
            cursor_shown: true,
            size,
            written: 0,
            held: false,
            cleared: false,
        }
    }

    /// Bytes written so far.
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests' count of bytes"))]
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Forgets pen and cursor: something else wrote to the terminal.
    pub(crate) fn forget(&mut self) {
        self.frame.clear();
        self.frame.extend_from_slice(b"\x1b[0m\x1b[?25l");
        self.pen = PLAIN;
        self.cursor = None;
        self.cursor_shown = false;
    }

    /// The terminal has this size now, and its cursor may be anywhere.
    pub(crate) fn resize(&mut self, size: Size) {
        self.size = size;
        self.cursor = None;
    }

    /// Writes what is no cell and moves nothing, as a bell or a question, at once.
    pub(crate) fn outside(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written += bytes.len() as u64;
        self.writer.write_all(bytes)?;
        self.writer.flush()
    }

    /// Keeps what is drawn until [`Output::send`], so that more can be added to the frame.
    pub(crate) fn hold(&mut self) {
        self.held = true;
    }

    /// Adds bytes to the frame that draw something else than cells and may leave the cursor anywhere.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.frame.extend_from_slice(b"\x1b7");
            self.frame.extend_from_slice(bytes);
            self.frame.extend_from_slice(b"\x1b8");
        }
    }

    /// Whether the screen was cleared since this was asked last.
    pub(crate) fn was_cleared(&mut self) -> bool {
        std::mem::take(&mut self.cleared)
    }

    /// Writes the frame, if there is anything in it.
    pub(crate) fn send(&mut self) -> io::Result<()> {
        self.held = false;
        if self.frame.is_empty() {
            return Ok(());
        }
        let mut whole = Vec::with_capacity(BEGIN.len() + self.frame.len() + END.len());
        whole.extend_from_slice(BEGIN);
        whole.append(&mut self.frame);
        whole.extend_from_slice(END);
        self.written += whole.len() as u64;
        self.writer.write_all(&whole)?;
        self.writer.flush()
    }

    fn go(&mut self, x: u16, y: u16) -> io::Result<()> {
        match self.cursor {
            Some(at) if at == (x, y) => {}
            Some((cx, cy)) if cy == y && x > cx => match x - cx {
                1 => self.frame.extend_from_slice(b"\x1b[C"),
                n => write!(self.frame, "\x1b[{n}C")?,
            },
            Some((_, cy)) if x == 0 && y == cy + 1 => self.frame.extend_from_slice(b"\r\n"),
            _ => write!(self.frame, "\x1b[{};{}H", y + 1, x + 1)?,
        }
        self.cursor = Some((x, y));
        Ok(())
    }

    fn set_pen(&mut self, pen: Pen) -> io::Result<()> {
        if pen == self.pen {
            return Ok(());
        }
        let mut codes: Vec<u8> = Vec::with_capacity(24);
        if !(self.pen.modifier - pen.modifier).is_empty() {
            codes.extend_from_slice(b"0;");
            self.pen = PLAIN;
        }
        for (modifier, code) in [
            (Modifier::BOLD, "1;"),
            (Modifier::DIM, "2;"),
            (Modifier::ITALIC, "3;"),
            (Modifier::UNDERLINED, "4;"),
            (Modifier::REVERSED, "7;"),
            (Modifier::CROSSED_OUT, "9;"),
        ] {
            if (pen.modifier - self.pen.modifier).contains(modifier) {
                codes.extend_from_slice(code.as_bytes());
            }
        }
        if pen.fg != self.pen.fg {
            colour(&mut codes, pen.fg, 30)?;
        }
        if pen.bg != self.pen.bg {
            colour(&mut codes, pen.bg, 40)?;
        }
        self.pen = pen;
        if codes.pop().is_some() {
            self.frame.extend_from_slice(b"\x1b[");
            self.frame.extend_from_slice(&codes);
            self.frame.push(b'm');
        }
        Ok(())
    }

    fn blanks(&mut self, run: Blanks, columns: u16) -> io::Result<()> {
        let Blanks { x, y, count } = run;
        self.go(x, y)?;
        // The foreground of a blank is not seen, so only what is seen is changed.
        self.set_pen(Pen { fg: self.pen.fg, ..PLAIN })?;
        if x + count >= columns && count > 3 {
            self.frame.extend_from_slice(b"\x1b[K");
        } else if count >= ERASE_FROM {
            write!(self.frame, "\x1b[{count}X")?;
        } else {
            self.frame.resize(self.frame.len() + usize::from(count), b' ');
            self.advance(count, columns);
        }
        Ok(())
    }

    /// After the last column terminals differ in where the cursor is, so it is unknown then.
    fn advance(&mut self, cells: u16, columns: u16) {
        self.cursor = self.cursor.map(|(x, y)| (x + cells, y)).filter(|(x, _)| *x < columns);
    }
}

/// Blank cells in one row that wait to be written together.
#[derive(Clone, Copy)]
struct Blanks {
    x: u16,
    y: u16,
    count: u16,
}

/// A part of a picture that only terminals draw that know how wide it is.
fn is_placeholder(cell: &Cell) -> bool {
    cell.symbol().starts_with('\u{10eeee}')
}

fn is_blank(cell: &Cell) -> bool {
    let seen = Modifier::REVERSED | Modifier::UNDERLINED | Modifier::CROSSED_OUT;
    cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(seen)
}

fn colour(codes: &mut Vec<u8>, colour: Color, base: u8) -> io::Result<()> {
    let named = |n: u8| if n < 8 { base + n } else { base + 60 + n - 8 };
    let n = match colour {
        Color::Reset => return write!(codes, "{};", base + 9),
        Color::Rgb(r, g, b) => return write!(codes, "{};2;{r};{g};{b};", base + 8),
        Color::Indexed(n) if n > 15 => return write!(codes, "{};5;{n};", base + 8),
        Color::Indexed(n) => n,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    write!(codes, "{};", named(n))
}

impl<W: Write> Backend for Output<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let columns = self.size.width;
        let mut waiting: Option<Blanks> = None;
        for (x, y, cell) in content {
            if is_blank(cell) {
                match &mut waiting {
                    Some(run) if run.y == y && run.x + run.count == x => run.count += 1,
                    _ => {
                        if let Some(run) = waiting.replace(Blanks { x, y, count: 1 }) {
                            self.blanks(run, columns)?;
                        }
                    }
                }
                continue;
            }
            if let Some(run) = waiting.take() {
                self.blanks(run, columns)?;
            }
            self.go(x, y)?;
            self.set_pen(Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier })?;
            self.frame.extend_from_slice(cell.symbol().as_bytes());
            match unicode_width::UnicodeWidthStr::width(cell.symbol()) {
                1 if cell.symbol().len() <= 3 || is_placeholder(cell) => self.advance(1, columns),
                // Terminals disagree on the width of some clusters; the next cell names its place.
                _ => self.cursor = None,
            }
        }
        if let Some(run) = waiting {
            self.blanks(run, columns)?;
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.cursor_shown {
            self.frame.extend_from_slice(b"\x1b[?25l");
            self.cursor_shown = false;
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if !self.cursor_shown {
            self.frame.extend_from_slice(b"\x1b[?25h");
            self.cursor_shown = true;
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor.map_or(Position::ORIGIN, |(x, y)| Position { x, y }))
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        if self.cursor != Some((x, y)) {
            // Absolute, since a shown cursor has to be right even where the remembered one is not.
            write!(self.frame, "\x1b[{};{}H", y + 1, x + 1)?;
            self.cursor = Some((x, y));
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.cleared = true;
        self.set_pen(PLAIN)?;
        self.frame.extend_from_slice(b"\x1b[2J");
        Ok(())
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.cleared |= clear_type == ClearType::All;
        self.set_pen(PLAIN)?;
        self.frame.extend_from_slice(match clear_type {
            ClearType::All => b"\x1b[2J".as_slice(),
            ClearType::AfterCursor => b"\x1b[J",
            ClearType::BeforeCursor => b"\x1b[1J",
            ClearType::CurrentLine => b"\x1b[2K",
            ClearType::UntilNewLine => b"\x1b[K",
        });
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.held { Ok(()) } else { self.send() }
    }
}

#[cfg(test)]
impl Output<Vec<u8>> {
    /// What was written since this was asked last.
    pub(crate) fn take_written(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.writer)
    }
}

#[cfg(test)]
#[path = "output_tests.rs"]
mod tests;
