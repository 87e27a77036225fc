//! What is read for the config and the log of a run beside their first lines: differences, further pieces, matches.

use super::slot::Desk;
use crate::config::{self, Difference, RunConfig};
use crate::run::{LogPiece, RunError, RunFolder, printable};
use crate::tui::message::Message;
use crate::tui::state::config::Other;
use crate::tui::state::log::Wanted;
use crate::tui::state::{config as config_tab, log, search};

/// Matches of a long log are sent whenever so many bytes of it have been searched.
const SENT_EVERY: u64 = 8 << 20;

pub(super) fn compare(order: config_tab::Order, desk: &Desk<config_tab::Order>) {
    let read = |folder: &RunFolder| config::complete(&folder.config()).map_err(|error| error.to_string());
    let found = || -> Result<Vec<Difference>, String> {
        let this = read(&order.folder)?;
        let other = match &order.other {
            Other::Defaults => RunConfig::default(),
            Other::Run(folder) => read(folder)?,
        };
        config::difference(&this, &other).map_err(|error| error.to_string())
    };
    let found = found().map(|rows| rows.into_iter().map(shown).collect());
    let found = found.map_err(|problem| printable(&problem.replace('\n', ", ")).into_owned());
    desk.send(Message::ConfigCompared(config_tab::Report { order, found }));
}

/// Values come from files that anyone may have written.
fn shown(row: Difference) -> Difference {
    let text = |text: String| printable(&text.replace(['\n', '\t'], " ")).into_owned();
    Difference { field: text(row.field), this: row.this.map(text), other: row.other.map(text) }
}

pub(super) fn piece(order: log::Order, desk: &Desk<log::Order>) {
    let folder = &order.folder;
    let piece = match order.piece {
        Wanted::Before(end) => LogPiece::before(folder, end),
        Wanted::From(begin) => LogPiece::from(folder, begin),
        Wanted::End => LogPiece::before(folder, u64::MAX),
    };
    desk.send(Message::LogPiece(log::Report { order, piece: piece.map_err(sentence) }));
}

/// Goes through the log from the order's place to its end, and tells of what it finds on the way.
pub(super) fn search(order: search::Order, desk: &Desk<search::Order>) {
    let (mut at, mut sent, mut lines) = (order.from, order.from, Vec::new());
    let mut found = 0;
    while !desk.is_abandoned() {
        let piece = match LogPiece::from(&order.folder, at) {
            Ok(piece) => piece,
            Err(error) => {
                desk.send(Message::Problem(sentence(error)));
                return;
            }
        };
        let matching = piece.lines.iter().filter(|line| order.needle.is_in(&line.text)).map(|line| line.at);
        let before = lines.len();
        lines.extend(matching);
        found += lines.len() - before;
        let is_last = piece.end >= piece.length || piece.lines.is_empty() || found >= search::MOST_FOUND;
        at = piece.end;
        if is_last || at - sent >= SENT_EVERY {
            sent = at;
            let lines = std::mem::take(&mut lines);
            let searched = if is_last { piece.next } else { at };
            let report = search::Report { order: order.clone(), lines, searched, is_last };
            if !desk.send(Message::LogFound(report)) || is_last {
                return;
            }
        }
    }
}

fn sentence(error: RunError) -> String {
    printable(&error.to_string().replace('\n', ", ")).into_owned()
}
