//! `mien search`, as a user drives it.

mod dry_run;
mod halving;
mod local;
mod show;
mod slurm;
