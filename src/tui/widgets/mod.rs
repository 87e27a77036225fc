//! One file per widget.

pub mod chart;
pub mod footer;
pub mod panel;
pub mod parallel;
pub mod progress;
pub mod sparkline;
pub mod text;
