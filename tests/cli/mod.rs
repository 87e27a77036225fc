//! Each command as a user meets it.

mod models;
mod words;
