//! What runs beside the loop and sends it messages: keys, the list of runs, the run that is looked at, and what was
//! ordered. Files are read on threads where waiting is allowed.

mod follow;
mod input;
mod orders;
mod watch;

pub(super) use follow::{Wish, follow};
pub(super) use input::input;
pub(super) use orders::carry_out;
pub(super) use watch::watch;
