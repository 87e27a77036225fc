//! The dashboard as a person meets it: the real program in a terminal.

mod pictures;
mod screen;
mod sessions;
