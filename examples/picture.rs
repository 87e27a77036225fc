//! Takes a picture of the dashboard: starts mien in a terminal of its own, types keys, and writes the screen as SVG.
//!
//! `cargo run --release --example picture -- OUT.svg COLUMNSxROWS KEYS MIEN [ARGUMENTS..]`
//!
//! KEYS are typed one by one; `~` waits a second, `^` is Enter. Example, on the runs of this folder:
//! `picture docs/pictures/run.svg 110x34 '~^~' target/release/mien`.

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::error::Error;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const CELL: (f64, f64) = (8.4, 17.0);
const MARGIN: f64 = 14.0;
const FOREGROUND: &str = "#d4d4d8";
const BACKGROUND: &str = "#16181d";
/// The sixteen colours that a terminal gives by number.
const NAMED: [&str; 16] = [
    "#16181d", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#abb2bf", "#5c6370",
    "#ef8a92", "#b1d196", "#f0d399", "#82c2f5", "#d699e6", "#7fd0da", "#ffffff",
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, size, keys, program, rest @ ..] = arguments.as_slice() else {
        return Err("usage: picture OUT.svg COLUMNSxROWS KEYS MIEN [ARGUMENTS..]".into());
    };
    let (columns, rows) = size.split_once('x').ok_or("the size is COLUMNSxROWS")?;
    let screen = type_at(program, rest, keys, columns.parse()?, rows.parse()?)?;
    std::fs::write(out, svg(&screen))?;
    Ok(())
}

/// The screen after the last key.
fn type_at(
    program: &str,
    arguments: &[String],
    keys: &str,
    columns: u16,
    rows: u16,
) -> Result<vt100::Screen, Box<dyn Error>> {
    let pty =
        native_pty_system().openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })?;
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    command.env("TERM", "xterm-256color");
    command.env("COLORTERM", "truecolor");
    command.env("LANG", "C.UTF-8");
    command.env_remove("NO_COLOR");
    command.cwd(std::env::current_dir()?);
    let mut child = pty.slave.spawn_command(command)?;
    drop(pty.slave);
    let parser = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
    let mut reader = pty.master.try_clone_reader()?;
    let mut writer = pty.master.take_writer()?;
    let seen = parser.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            if let Ok(mut parser) = seen.lock() {
                parser.process(&buffer[..count]);
            }
        }
    });
    std::thread::sleep(Duration::from_millis(1500));
    for key in keys.chars() {
        match key {
            '~' => std::thread::sleep(Duration::from_secs(1)),
            '^' => writer.write_all(b"\r")?,
            key => writer.write_all(key.to_string().as_bytes())?,
        }
        writer.flush()?;
        std::thread::sleep(Duration::from_millis(150));
    }
    std::thread::sleep(Duration::from_millis(500));
    let screen = parser.lock().map_err(|_| "the reader failed")?.screen().clone();
    child.kill()?;
    Ok(screen)
}

fn svg(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (width, height) =
        (f64::from(columns) * CELL.0 + 2.0 * MARGIN, f64::from(rows) * CELL.1 + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"ui-monospace, \
         'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" \
         fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..rows {
        backgrounds(&mut svg, screen, row, columns);
        letters(&mut svg, screen, row, columns);
    }
    svg.push_str("</svg>\n");
    svg
}

fn backgrounds(svg: &mut String, screen: &vt100::Screen, row: u16, columns: u16) {
    let fill = |column| screen.cell(row, column).map_or(BACKGROUND.into(), |cell| colours(cell).1);
    for (from, to, fill) in spans(columns, fill) {
        if fill != BACKGROUND {
            let (x, y) = place(from, row);
            let width = f64::from(to - from) * CELL.0;
            let _ = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"{fill}\"/>",
                CELL.1
            );
        }
    }
}

fn letters(svg: &mut String, screen: &vt100::Screen, row: u16, columns: u16) {
    let style = |column| screen.cell(row, column).map(|cell| (colours(cell).0, cell.bold(), cell.dim()));
    for (from, to, style) in spans(columns, style) {
        let Some((fill, bold, dim)) = style else { continue };
        let cells: Vec<(u16, &str)> = (from..to)
            .filter_map(|column| Some((column, screen.cell(row, column)?.contents())))
            .filter(|(_, text)| !text.trim().is_empty())
            .collect();
        if cells.is_empty() {
            continue;
        }
        let weight = if bold { " font-weight=\"bold\"" } else { "" };
        let opacity = if dim { " opacity=\"0.6\"" } else { "" };
        // A place for each letter: fonts differ in width, and not every one that shows this is monospaced.
        let mut places = String::new();
        let mut text = String::new();
        for (column, letters) in cells {
            for _ in letters.chars() {
                let _ = write!(places, "{:.0} ", place(column, row).0);
            }
            text.push_str(letters);
        }
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let y = place(from, row).1 + CELL.1 * 0.76;
        let places = places.trim_end();
        let _ =
            writeln!(svg, "<text x=\"{places}\" y=\"{y:.0}\" fill=\"{fill}\"{weight}{opacity}>{text}</text>");
    }
}

/// Neighbouring columns with the same value, as from..to.
fn spans<T: PartialEq>(columns: u16, of: impl Fn(u16) -> T) -> Vec<(u16, u16, T)> {
    let mut spans: Vec<(u16, u16, T)> = Vec::new();
    for column in 0..columns {
        let value = of(column);
        match spans.last_mut() {
            Some((_, to, last)) if *last == value => *to = column + 1,
            _ => spans.push((column, column + 1, value)),
        }
    }
    spans
}

fn place(column: u16, row: u16) -> (f64, f64) {
    (MARGIN + f64::from(column) * CELL.0, MARGIN + f64::from(row) * CELL.1)
}

/// Foreground and background of a cell.
fn colours(cell: &vt100::Cell) -> (String, String) {
    let (front, back) = (colour(cell.fgcolor(), FOREGROUND), colour(cell.bgcolor(), BACKGROUND));
    if cell.inverse() { (back, front) } else { (front, back) }
}

fn colour(colour: vt100::Color, default: &str) -> String {
    match colour {
        vt100::Color::Default => default.into(),
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        vt100::Color::Idx(i @ 0..16) => NAMED[usize::from(i)].into(),
        vt100::Color::Idx(i @ 16..232) => {
            let level = |n: u8| if n == 0 { 0 } else { 55 + n * 40 };
            let i = i - 16;
            format!("#{:02x}{:02x}{:02x}", level(i / 36), level(i / 6 % 6), level(i % 6))
        }
        vt100::Color::Idx(i) => format!("#{0:02x}{0:02x}{0:02x}", 8 + (i - 232) * 10),
    }
}
