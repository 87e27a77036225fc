//! Each command as a user meets it.

mod data;
mod words;
