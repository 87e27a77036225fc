//! Takes a picture of the dashboard: starts mien in a terminal of its own, types keys, and writes the screen as SVG.
//!
//! `cargo run --release --example picture -- [--light] OUT.svg COLUMNSxROWS KEYS MIEN [ARGUMENTS..]`
//!
//! KEYS are words: a key by its name (`enter`, `esc`, `tab`, `down`, `space`, `ctrl-x`), `until:TEXT` to wait until the
//! screen shows a text (`_` is a blank), `wait:SECONDS`; any other word is typed. Example, on the runs of this folder:
//! `picture run.svg 110x34 'until:3_runs j enter until:1_charts' target/release/mien`.
//!
//! `docs/pictures/make.sh` makes all pictures of the documents.

mod svg;
mod terminal;

use std::error::Error;
use svg::Palette;
use terminal::Terminal;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let light = arguments.first().is_some_and(|first| first == "--light");
    if light {
        arguments.remove(0);
    }
    let [out, size, keys, program, rest @ ..] = arguments.as_slice() else {
        return Err("usage: picture [--light] OUT.svg COLUMNSxROWS KEYS MIEN [ARGUMENTS..]".into());
    };
    let (columns, rows) = size.split_once('x').ok_or("the size is COLUMNSxROWS")?;
    let mut terminal = Terminal::start(program, rest, (columns.parse()?, rows.parse()?), light)?;
    for word in keys.split_whitespace() {
        terminal.type_word(word)?;
    }
    let palette = if light { Palette::LIGHT } else { Palette::DARK };
    std::fs::write(out, svg::draw(&terminal.screen()?, &palette))?;
    Ok(())
}
