//! Parses and hands over.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Where Burn itself needs a device and none is named (loading an optimizer's state), it would take CUDA as
    // soon as that is compiled in, and panic without a driver. The state moves to the right device at its first use.
    // SAFETY: nothing has started a thread yet, so nobody reads the environment at the same time.
    unsafe { std::env::set_var("BURN_DEVICE", "flex") };
    mien::cli::main()
}
