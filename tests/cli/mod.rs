//! Each command as a user meets it.

mod words;
