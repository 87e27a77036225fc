use super::{Failure, Outcome};

/// Six scores for each picture, as a CSV.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: Arguments, _runs: &std::path::Path) -> Outcome {
    Err(Failure::failed("this command is not there yet"))
}
