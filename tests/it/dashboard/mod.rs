//! The dashboard as a person meets it: the real program in a terminal.

mod bad_input;
mod bytes;
mod hostile;
mod live;
mod pictures;
mod resize;
mod runs;
pub mod screen;
mod sessions;
mod settings;
mod signals;
mod story;
mod wire;
