use super::output::print;
use super::{CommandLine, Outcome};
use clap::CommandFactory;

/// Prints a script that completes mien's commands in a shell.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    shell: clap_complete::Shell,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    // The generators panic where they cannot write.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut CommandLine::command(), "mien", &mut script);
    print(&String::from_utf8_lossy(&script))
}
