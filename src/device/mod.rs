//! What this machine can train on: probing, choosing, memory and use of each GPU.

mod choice;

pub use choice::DeviceChoice;
