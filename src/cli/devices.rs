use super::{Failure, Outcome};

/// What can train here, and what is missing where CUDA cannot.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: Arguments) -> Outcome {
    Err(Failure::failed("this command is not there yet"))
}
