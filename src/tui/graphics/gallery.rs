//! The pictures that hang on the screen: what is sent with a frame so that the terminal shows those of the frame.

use super::abilities::{Abilities, Protocol};
use super::iterm2;
use super::kitty::Kitty;
use super::place::{Placement, Way};
use crate::tui::output::Output;
use crate::tui::screens::Memories;
use ratatui::Frame;
use ratatui::layout::Rect;
use std::io::{self, Write};

/// What the terminal has and shows.
#[derive(Debug)]
pub(crate) struct Gallery {
    protocol: Protocol,
    in_tmux: bool,
    kitty: Kitty,
    /// Pictures that are pixels among the cells, by their version: writing to the cells removes them.
    painted: Vec<(u32, Rect)>,
}

impl Gallery {
    pub fn new() -> Self {
        Self { protocol: Protocol::Blocks, in_tmux: false, kitty: Kitty::new(false), painted: Vec::new() }
    }

    /// Draws a frame of cells, and with it the pictures that stand among them, in one write.
    pub fn draw<W: Write>(
        &mut self,
        screen: &mut ratatui::Terminal<Output<W>>,
        abilities: &Abilities,
        memories: &mut Memories,
        draw: impl FnOnce(&mut Frame, &mut Memories),
    ) -> io::Result<()> {
        screen.backend_mut().hold();
        screen.draw(|frame| draw(frame, memories))?;
        let output = screen.backend_mut();
        if output.was_cleared() {
            output.add(&self.forget());
        }
        output.add(&self.frame(&memories.placements, abilities));
        output.send()
    }

    /// What makes the terminal show these pictures and no others, once the cells of the frame are written. Leaves the
    /// cursor anywhere.
    fn frame(&mut self, placements: &[Placement], abilities: &Abilities) -> Vec<u8> {
        let mut out = Vec::new();
        if (abilities.protocol(), abilities.is_in_tmux()) != (self.protocol, self.in_tmux) {
            self.kitty.free(&mut out);
            (self.protocol, self.in_tmux) = (abilities.protocol(), abilities.is_in_tmux());
            self.kitty = Kitty::new(self.in_tmux);
        }
        let drawn: Vec<&Placement> = placements.iter().filter(|p| !matches!(p.way, Way::Blocks)).collect();
        if self.protocol == Protocol::Kitty {
            self.kitty.frame(&drawn, &mut out);
        } else {
            self.paint(&drawn, &mut out);
        }
        out
    }

    fn paint(&mut self, placements: &[&Placement], out: &mut Vec<u8>) {
        let before = std::mem::take(&mut self.painted);
        for placement in placements {
            let painted = (placement.seen.version, placement.area);
            self.painted.push(painted);
            if before.contains(&painted) {
                continue;
            }
            let _ = write!(out, "\x1b[{};{}H", placement.area.y + 1, placement.area.x + 1);
            match &placement.way {
                Way::Encoded(bytes) => out.extend_from_slice(bytes),
                _ => out.extend_from_slice(&iterm2::picture(placement, self.in_tmux)),
            }
        }
    }

    /// The screen was cleared: nothing is shown any more, and what was sent may be gone. What is still there is freed.
    pub fn forget(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        self.kitty.free(&mut out);
        self.painted.clear();
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Photo;
    use crate::tui::settings::Images;
    use crate::tui::state::pictures::Seen;
    use std::sync::Arc;

    fn abilities(images: Images) -> Abilities {
        Abilities::from_environment(images, |_| None)
    }

    fn placement(version: u32, way: Way) -> Placement {
        let photo = Photo::from_grey(&[9; 64 * 64]);
        let png = photo.png();
        Placement { area: Rect::new(4, 2, 28, 14), seen: Arc::new(Seen { version, photo, png }), way }
    }

    #[test]
    fn painted_pictures_are_sent_when_they_change_or_the_screen_was_cleared() {
        let sixel = abilities(Images::Sixel);
        let mut gallery = Gallery::new();
        let encoded = placement(1, Way::Encoded(Arc::new(b"\x1bPq~\x1b\\".to_vec())));
        let waits = placement(1, Way::Blocks);
        assert!(gallery.frame(std::slice::from_ref(&waits), &sixel).is_empty());
        let shown = gallery.frame(std::slice::from_ref(&encoded), &sixel);
        assert_eq!(shown, b"\x1b[3;5H\x1bPq~\x1b\\");
        assert!(gallery.frame(std::slice::from_ref(&encoded), &sixel).is_empty());
        assert!(gallery.frame(&[], &sixel).is_empty(), "the cells wipe it away");
        assert_eq!(gallery.frame(std::slice::from_ref(&encoded), &sixel), shown);
        gallery.forget();
        assert_eq!(gallery.frame(std::slice::from_ref(&encoded), &sixel), shown);
    }

    #[test]
    fn iterm2_scales_the_small_picture_itself() {
        let mut gallery = Gallery::new();
        let shown = gallery.frame(&[placement(1, Way::Png)], &abilities(Images::Iterm2));
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.starts_with("\x1b[3;5H\x1b]1337;File=inline=1;size="), "{shown:?}");
        assert!(shown.contains(";width=28;height=14;") && shown.ends_with('\x07') && shown.len() < 1000);
    }

    #[test]
    fn what_was_sent_in_one_way_is_freed_when_another_is_taken() {
        let mut gallery = Gallery::new();
        let picture = placement(1, Way::Png);
        assert!(!gallery.frame(std::slice::from_ref(&picture), &abilities(Images::Kitty)).is_empty());
        let freed = gallery.frame(&[], &abilities(Images::Blocks));
        assert!(String::from_utf8(freed).unwrap().contains("a=d,d=I"));
        assert!(gallery.forget().is_empty());
    }
}
