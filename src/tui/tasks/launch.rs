//! What the form for a new run wants to know: a config's text, whether its pictures are there, which devices there are.

use super::orders::{refusal, sentence};
use super::slot::Desk;
use crate::config;
use crate::data::read_text;
use crate::device;
use crate::train;
use crate::tui::message::Message;
use crate::tui::state::launch::{Parts, Refusal, Report};
use std::path::PathBuf;

pub(super) fn open(path: PathBuf, desk: &Desk<PathBuf>) {
    let text =
        read_text(&path).map_err(|source| sentence(config::ConfigError::Read { path: path.clone(), source }));
    desk.send(Message::Launch(Report::Opened(path, text)));
}

/// Pictures that are not packed yet are not packed for this: that may take long, and no one has ordered a run.
pub(super) fn look(pictures: String, desk: &Desk<String>) {
    let found = config::from_text(&pictures, "the form", "a", &[])
        .map_err(|error| Refusal { field: error.field().map(|field| field.key), sentence: sentence(error) })
        .and_then(|config| train::packed_pictures(&config).map_err(refusal));
    let parts = found.map(|found| {
        found.map(|(dataset, partition)| Parts {
            train: partition.train.len(),
            valid: partition.valid.len(),
            test: partition.test.len(),
            skipped: dataset.skipped().len(),
        })
    });
    desk.send(Message::Launch(Report::Looked(pictures, parts)));
}

pub(super) fn devices(_: (), desk: &Desk<()>) {
    desk.send(Message::Launch(Report::Devices(device::survey())));
}
