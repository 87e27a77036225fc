use super::{Failure, Outcome};

/// Draws a face set, trains a small network on it on this machine and shows it.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: Arguments, _runs: &std::path::Path) -> Outcome {
    Err(Failure::failed("this command is not there yet"))
}
