//! Pictures for terminals: what a terminal can, pictures as text, and one driver for each way of sending them.

mod abilities;
mod blocks;
mod gallery;
mod iterm2;
mod kitty;
mod place;
mod sixel;
mod tmux;

pub use abilities::{Abilities, Answer, Protocol};
pub use place::{Placement, Way};

pub(crate) use blocks::draw as draw_blocks;
pub(crate) use gallery::Gallery;
pub(crate) use kitty::draw_placeholders;
pub(crate) use place::{is_covered, mark, middle, uncover};
pub(crate) use sixel::encode as encode_sixel;
