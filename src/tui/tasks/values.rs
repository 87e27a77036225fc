//! Configs and results of many runs, read side by side, a handful at a time.

use super::slot::Desk;
use crate::tui::message::Message;
use crate::tui::query::Values;
use crate::tui::state::values::{Order, Report};
use rayon::prelude::*;
use std::sync::Arc;

/// So many runs are told of at once: the list narrows while the others are read.
const AT_ONCE: usize = 128;

/// Reads what is ordered. It is never abandoned but at the end, as what is read once stays known.
pub(crate) fn read(order: Order, desk: &Desk<Order>) {
    for runs in order.runs.chunks(AT_ONCE) {
        let read =
            runs.par_iter().map(|(folder, as_of)| (folder.clone(), *as_of, Arc::new(Values::read(folder))));
        if !desk.send(Message::Values(Report::Read(read.collect()))) {
            return;
        }
    }
    desk.send(Message::Values(Report::Done));
}
