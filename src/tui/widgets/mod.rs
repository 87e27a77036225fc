//! One file per widget.

pub mod chart;
