//! Two runs on the pictures that both scored.

use super::confusion::{chosen, in_order, scored_splits};
use super::slot::Desk;
use crate::config::{self, Difference};
use crate::evaluate::{self, EvaluateError};
use crate::run::{RunFolder, printable};
use crate::tui::message::Message;
use crate::tui::state::compare::{Found, MOST_ROWS, Order, Report, Request};

/// Does an order.
pub(super) fn work(order: Order, desk: &Desk<Order>) {
    let Order::Look(request) = order else { return };
    if let Some(found) = look(&request, desk).transpose() {
        let found = found.map(Box::new).map_err(|sentence| printable(&sentence).into_owned());
        desk.send(Message::Compare(Report { request, found }));
    }
}

/// None where it was given up.
fn look(request: &Request, desk: &Desk<Order>) -> Result<Option<Found>, String> {
    let [a, b] = &request.runs;
    let theirs = scored_splits(b);
    let splits = scored_splits(a);
    let splits = in_order(splits.iter().filter(|split| theirs.contains(split)));
    let Some(split) = chosen(&splits, request.split.as_deref()) else {
        return Err(format!(
            "there is no split that both runs have scores of: mien evaluate {} and mien evaluate {} write them",
            a.id(),
            b.id()
        ));
    };
    let files = [a.scores(&split), b.scores(&split)];
    let wanted = || !desk.is_abandoned();
    match evaluate::compare([&files[0], &files[1]], MOST_ROWS, &wanted) {
        Ok((comparison, changed)) => {
            let differences = differences(a, b);
            Ok(Some(Found { splits, split, comparison, changed, differences }))
        }
        Err(EvaluateError::GivenUp) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// What differs in how the two were trained, or why it cannot be said.
fn differences(a: &RunFolder, b: &RunFolder) -> Result<Vec<Difference>, String> {
    let sentence = |error: config::ConfigError| printable(&error.to_string()).into_owned();
    let read = |run: &RunFolder| config::complete(&run.config());
    let (a, b) = (read(a).map_err(sentence)?, read(b).map_err(sentence)?);
    let shown = |value: Option<String>| value.map(|value| printable(&value).into_owned());
    let found = config::difference(&a, &b).map_err(sentence)?;
    Ok(found
        .into_iter()
        .map(|row| Difference {
            field: printable(&row.field).into_owned(),
            this: shown(row.this),
            other: shown(row.other),
        })
        .collect())
}
