//! The dashboard as a person meets it: the real program in a terminal.

mod screen;
mod sessions;
mod settings;
