//! Each command as a user meets it.

mod devices;
mod evaluate;
mod runs;
mod words;
