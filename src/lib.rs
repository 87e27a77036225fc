//! mien trains facial-emotion networks on CUDA and shows everything about them in a terminal.
//!
//! Each room may use the rooms above it, never those below.

/// The six classes, their order, names and colours.
pub mod emotion;
/// Pictures: manifests, packing, splits, augmentation, drawn faces.
pub mod data;
/// Networks: named stages, the zoo, parameter counts, weights in and out.
pub mod model;
/// What this machine can train on.
pub mod device;
/// What a run is made from, as plain data.
pub mod config;
/// Scores, confusion, metrics, intervals.
pub mod evaluate;
/// Where a network looks: attribution methods, their faithfulness, maps as pictures.
pub mod explain;
/// A run's folder: written, read, watched; processes started, stopped, resumed.
pub mod run;
/// Samples of GPUs, CPU, memory, disk; whose processes.
pub mod monitor;
/// Recipe, trainer, schedule, early stopping, checkpoints.
pub mod train;
/// Searches over hyper-parameters: spaces, samplers, plans, and the engines that run them.
pub mod search;
/// The dashboard.
pub mod tui;
/// One file per command.
pub mod cli;
