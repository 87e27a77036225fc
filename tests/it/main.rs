//! One binary for all tests that drive mien from outside, so that there is one link.

mod command_line;
mod configs;
mod dashboard;
mod data;
mod demo;
mod devices;
mod evaluate;
mod explain;
mod faithfulness;
mod folder;
mod models;
mod runs;
mod search;
mod train;
