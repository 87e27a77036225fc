//! Each command as a user meets it.

mod runs;
mod words;
