//! Parses and hands over.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Where Burn itself needs a device and none is named (loading an optimizer's state), it would take CUDA as
    // soon as that is compiled in, and panic without a driver. The state moves to the right device at its first use.
    // SAFETY: nothing has started a thread yet, so nobody reads the environment at the same time.
    unsafe {
        std::env::set_var("BURN_DEVICE", "flex");
        // Set but empty is as good as not set.
        if std::env::var_os("MIEN_RUNS").is_some_and(|runs| runs.is_empty()) {
            std::env::remove_var("MIEN_RUNS");
        }
        // Or else `cuda:0` may mean another card here than in the probe, whose order is nvidia-smi's.
        std::env::set_var(mien::device::GPU_ORDER.0, mien::device::GPU_ORDER.1);
    }
    mien::cli::main()
}
