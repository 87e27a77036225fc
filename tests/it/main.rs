//! One binary for all tests that drive mien from outside, so that there is one link.

mod configs;
mod folder;
mod train;
mod words;
