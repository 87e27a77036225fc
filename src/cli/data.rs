use super::{Failure, Outcome};

/// Makes and looks at data sets.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: Arguments) -> Outcome {
    Err(Failure::failed("this command is not there yet"))
}
