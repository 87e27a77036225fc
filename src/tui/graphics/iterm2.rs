//! iTerm2's inline pictures (iterm2.com/documentation-images.html): the PNG as it is, which the terminal scales to the
//! cells. ratatui-image would scale first and send the larger picture.

use super::place::Placement;
use super::tmux;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Draws the picture where the cursor is.
pub(super) fn picture(placement: &Placement, in_tmux: bool) -> Vec<u8> {
    let png = &placement.seen.png;
    let (columns, rows) = (placement.area.width, placement.area.height);
    let sequence = format!(
        "\x1b]1337;File=inline=1;size={};width={columns};height={rows};preserveAspectRatio=0;doNotMoveCursor=1:{}\x07",
        png.len(),
        BASE64_STANDARD.encode(png)
    );
    tmux::wrapped(sequence.as_bytes(), in_tmux)
}
