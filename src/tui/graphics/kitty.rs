//! Kitty's graphics protocol (sw.kovidgoyal.net/kitty/graphics-protocol): a picture is sent once, as a PNG that the
//! terminal scales, and placed and moved by its number. tmux knows nothing of pictures but passes them on; there the
//! place is text of its own, made of placeholders, which tmux moves and hides like any other.

use super::place::Placement;
use super::tmux;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use lru::LruCache;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use std::io::Write;

/// The longest part of a picture in one sequence.
const CHUNK: usize = 4096;
/// So many pictures stay in the terminal's memory.
const MOST_SENT: usize = 48;
/// Stands for a part of a picture, together with marks for the row, the column and the number.
const PLACEHOLDER: char = '\u{10eeee}';

/// What the terminal has and shows.
#[derive(Debug)]
pub(super) struct Kitty {
    in_tmux: bool,
    /// The numbers of the pictures that the terminal has, and in tmux the size in cells of their placeholders.
    sent: LruCache<u32, Option<(u16, u16)>>,
    shown: Vec<Shown>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Shown {
    picture: u32,
    /// Which of the places of this picture it is, from 1.
    place: u32,
    area: Rect,
}

impl Kitty {
    pub fn new(in_tmux: bool) -> Self {
        Self { in_tmux, sent: LruCache::unbounded(), shown: Vec::new() }
    }

    /// What makes the terminal show these pictures and no others.
    pub fn frame(&mut self, placements: &[&Placement], out: &mut Vec<u8>) {
        let mut shown: Vec<Shown> = Vec::with_capacity(placements.len());
        for placement in placements {
            let picture = number(placement.seen.version, self.in_tmux);
            let place = 1 + shown.iter().filter(|other| other.picture == picture).count() as u32;
            shown.push(Shown { picture, place, area: placement.area });
        }
        let before = std::mem::take(&mut self.shown);
        for gone in before.iter().filter(|before| !shown.iter().any(|now| is_same_place(before, now))) {
            // Placeholders go with their cells.
            if !self.in_tmux {
                self.say(out, &format!("a=d,d=i,i={},p={},q=2", gone.picture, gone.place), b"");
            }
        }
        for (placement, now) in placements.iter().zip(&shown) {
            if self.sent.get(&now.picture).is_none() {
                self.send(now.picture, &placement.seen.png, out);
            }
            if self.in_tmux {
                self.size_placeholders(now, out);
            } else if !before.contains(now) {
                let Rect { x, y, width, height } = now.area;
                let _ = write!(out, "\x1b[{};{}H", y + 1, x + 1);
                let Shown { picture, place, .. } = now;
                self.say(out, &format!("a=p,i={picture},p={place},c={width},r={height},C=1,q=2"), b"");
            }
        }
        self.shown = shown;
        self.free_oldest(out);
    }

    /// Frees all pictures.
    pub fn free(&mut self, out: &mut Vec<u8>) {
        while let Some((picture, _)) = self.sent.pop_lru() {
            self.say(out, &format!("a=d,d=I,i={picture},q=2"), b"");
        }
        self.shown.clear();
    }

    fn send(&mut self, picture: u32, png: &[u8], out: &mut Vec<u8>) {
        let text = BASE64_STANDARD.encode(png);
        let mut chunks = text.as_bytes().chunks(CHUNK).peekable();
        let mut keys = format!("a=t,f=100,i={picture},q=2,");
        while let Some(chunk) = chunks.next() {
            let more = u8::from(chunks.peek().is_some());
            self.say(out, &format!("{keys}m={more}"), chunk);
            keys = "q=2,".into();
        }
        self.sent.put(picture, None);
    }

    fn size_placeholders(&mut self, now: &Shown, out: &mut Vec<u8>) {
        let size = (now.area.width, now.area.height);
        if self.sent.peek(&now.picture) != Some(&Some(size)) {
            let (columns, rows) = size;
            self.say(out, &format!("a=p,U=1,i={},c={columns},r={rows},q=2", now.picture), b"");
            self.sent.put(now.picture, Some(size));
        }
    }

    fn free_oldest(&mut self, out: &mut Vec<u8>) {
        // Those of this frame were used last.
        while self.sent.len() > MOST_SENT.max(self.shown.len()) {
            if let Some((picture, _)) = self.sent.pop_lru() {
                self.say(out, &format!("a=d,d=I,i={picture},q=2"), b"");
            }
        }
    }

    fn say(&self, out: &mut Vec<u8>, keys: &str, payload: &[u8]) {
        let separator: &[u8] = if payload.is_empty() { b"" } else { b";" };
        let sequence = [b"\x1b_G", keys.as_bytes(), separator, payload, b"\x1b\\"].concat();
        out.extend_from_slice(&tmux::wrapped(&sequence, self.in_tmux));
    }
}

fn is_same_place(a: &Shown, b: &Shown) -> bool {
    (a.picture, a.place) == (b.picture, b.place)
}

/// A picture's number in the terminal. Other programs have theirs; the process's own number keeps them apart. In tmux the
/// number is a colour of the palette and a mark, since not every tmux hands on other colours.
fn number(version: u32, in_tmux: bool) -> u32 {
    const COLOURS: u32 = 240;
    let own = 1 + std::process::id() % 127;
    match in_tmux {
        true => own << 24 | (16 + version % COLOURS),
        false => own << 24 | (version & 0x00ff_ffff),
    }
}

/// Writes the placeholders of a picture; only the first of a row names its place, the others follow it.
pub(crate) fn draw_placeholders(buffer: &mut Buffer, area: Rect, version: u32) {
    let [own, .., colour] = number(version, true).to_be_bytes();
    for (row, y) in (area.top()..area.bottom()).enumerate() {
        let Some(mark) = MARKS.get(row) else { return };
        for x in area.left()..area.right() {
            let cell = &mut buffer[(x, y)];
            cell.reset();
            if x == area.left() {
                let first: String = [PLACEHOLDER, *mark, MARKS[0], MARKS[usize::from(own)]].iter().collect();
                cell.set_symbol(&first);
            } else {
                cell.set_char(PLACEHOLDER);
            }
            cell.set_fg(Color::Indexed(colour));
        }
    }
}

/// The marks that count rows and columns, in the protocol's order.
const MARKS: [char; 128] = [
    '\u{305}', '\u{30d}', '\u{30e}', '\u{310}', '\u{312}', '\u{33d}', '\u{33e}', '\u{33f}', '\u{346}',
    '\u{34a}', '\u{34b}', '\u{34c}', '\u{350}', '\u{351}', '\u{352}', '\u{357}', '\u{35b}', '\u{363}',
    '\u{364}', '\u{365}', '\u{366}', '\u{367}', '\u{368}', '\u{369}', '\u{36a}', '\u{36b}', '\u{36c}',
    '\u{36d}', '\u{36e}', '\u{36f}', '\u{483}', '\u{484}', '\u{485}', '\u{486}', '\u{487}', '\u{592}',
    '\u{593}', '\u{594}', '\u{595}', '\u{597}', '\u{598}', '\u{599}', '\u{59c}', '\u{59d}', '\u{59e}',
    '\u{59f}', '\u{5a0}', '\u{5a1}', '\u{5a8}', '\u{5a9}', '\u{5ab}', '\u{5ac}', '\u{5af}', '\u{5c4}',
    '\u{610}', '\u{611}', '\u{612}', '\u{613}', '\u{614}', '\u{615}', '\u{616}', '\u{617}', '\u{657}',
    '\u{658}', '\u{659}', '\u{65a}', '\u{65b}', '\u{65d}', '\u{65e}', '\u{6d6}', '\u{6d7}', '\u{6d8}',
    '\u{6d9}', '\u{6da}', '\u{6db}', '\u{6dc}', '\u{6df}', '\u{6e0}', '\u{6e1}', '\u{6e2}', '\u{6e4}',
    '\u{6e7}', '\u{6e8}', '\u{6eb}', '\u{6ec}', '\u{730}', '\u{732}', '\u{733}', '\u{735}', '\u{736}',
    '\u{73a}', '\u{73d}', '\u{73f}', '\u{740}', '\u{741}', '\u{743}', '\u{745}', '\u{747}', '\u{749}',
    '\u{74a}', '\u{7eb}', '\u{7ec}', '\u{7ed}', '\u{7ee}', '\u{7ef}', '\u{7f0}', '\u{7f1}', '\u{7f3}',
    '\u{816}', '\u{817}', '\u{818}', '\u{819}', '\u{81b}', '\u{81c}', '\u{81d}', '\u{81e}', '\u{81f}',
    '\u{820}', '\u{821}', '\u{822}', '\u{823}', '\u{825}', '\u{826}', '\u{827}', '\u{829}', '\u{82a}',
    '\u{82b}', '\u{82c}',
];

#[cfg(test)]
mod tests {
    use super::super::place::Way;
    use super::*;
    use crate::data::Photo;
    use crate::tui::state::pictures::Seen;
    use std::sync::Arc;

    fn placement(version: u32, area: Rect) -> Placement {
        let mut noise = u64::from(version);
        let mut sample = || {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (noise >> 56) as u8
        };
        let samples: Vec<u8> = (0..64 * 64 * 3).map(|_| sample()).collect();
        let photo = Photo::from_rgb(64, &samples).unwrap();
        let png = photo.png();
        Placement { area, seen: Arc::new(Seen { version, photo, png }), way: Way::Png }
    }

    fn frame(kitty: &mut Kitty, placements: &[&Placement]) -> String {
        let mut out = Vec::new();
        kitty.frame(placements, &mut out);
        String::from_utf8(out).unwrap()
    }

    /// The sequences with their payload's length instead of it.
    fn sequences(said: &str) -> Vec<String> {
        let inner = said.split("\x1b_G").skip(1).map(|text| text.split("\x1b\\").next().unwrap());
        inner
            .map(|text| {
                text.split_once(';').map_or(text.into(), |(keys, data)| format!("{keys};{}", data.len()))
            })
            .collect()
    }

    const AREA: Rect = Rect::new(4, 2, 28, 14);

    #[test]
    fn a_picture_is_sent_once_in_small_parts_and_shown_again_by_its_number() {
        let mut kitty = Kitty::new(false);
        let picture = placement(1, AREA);
        let first = frame(&mut kitty, &[&picture]);
        let parts = sequences(&first);
        let id = number(1, false);
        assert!(parts[0].starts_with(&format!("a=t,f=100,i={id},q=2,m=1;")), "{parts:?}");
        let sent = &parts[..parts.len() - 1];
        let lengths = sent.iter().map(|part| part.split(';').nth(1).unwrap().parse::<usize>().unwrap());
        assert!(lengths.clone().all(|length| length <= CHUNK) && sent.last().unwrap().contains("m=0"));
        assert_eq!(lengths.sum::<usize>(), picture.seen.png.len().div_ceil(3) * 4);
        assert_eq!(parts.last().unwrap(), &format!("a=p,i={id},p=1,c=28,r=14,C=1,q=2"));
        assert!(first.contains("\x1b[3;5H\x1b_Ga=p"));
        assert_eq!(frame(&mut kitty, &[&picture]), "", "nothing changed");

        assert_eq!(sequences(&frame(&mut kitty, &[])), [format!("a=d,d=i,i={id},p=1,q=2")]);
        let again = frame(&mut kitty, &[&picture]);
        assert!(sequences(&again).len() == 1 && again.len() < 100, "{again:?}");
        let moved = Placement { area: Rect { x: 9, ..AREA }, ..picture };
        let moving = frame(&mut kitty, &[&moved]);
        assert_eq!(sequences(&moving), [format!("a=p,i={id},p=1,c=28,r=14,C=1,q=2")]);
    }

    #[test]
    fn a_picture_at_two_places_is_sent_once() {
        let mut kitty = Kitty::new(false);
        let (left, right) = (placement(1, AREA), placement(1, Rect { x: 50, ..AREA }));
        let said = sequences(&frame(&mut kitty, &[&left, &right]));
        assert_eq!(said.iter().filter(|said| said.starts_with("a=t")).count(), 1);
        assert_eq!(said.iter().filter(|said| said.starts_with("a=p")).count(), 2);
        let said = sequences(&frame(&mut kitty, &[&left]));
        assert_eq!(said, [format!("a=d,d=i,i={},p=2,q=2", number(1, false))]);
    }

    #[test]
    fn the_terminal_keeps_no_more_than_some_and_none_in_the_end() {
        let mut kitty = Kitty::new(false);
        let mut said = String::new();
        for version in 0..60 {
            said += &frame(&mut kitty, &[&placement(version, AREA)]);
        }
        let freed = |said: &str| sequences(said).iter().filter(|said| said.starts_with("a=d,d=I")).count();
        assert_eq!(freed(&said), 60 - MOST_SENT);
        let mut end = Vec::new();
        kitty.free(&mut end);
        assert_eq!(freed(std::str::from_utf8(&end).unwrap()), MOST_SENT);
        assert!(sequences(&frame(&mut kitty, &[&placement(59, AREA)]))[0].starts_with("a=t"), "sent anew");
    }

    #[test]
    fn in_tmux_a_picture_is_text_that_refers_to_what_was_passed_through() {
        let mut kitty = Kitty::new(true);
        let picture = placement(300, AREA);
        let said = frame(&mut kitty, &[&picture]);
        let id = number(300, true);
        assert!(said.starts_with(&format!("\x1bPtmux;\x1b\x1b_Ga=t,f=100,i={id},")), "{said:?}");
        assert!(said.ends_with(&format!("a=p,U=1,i={id},c=28,r=14,q=2\x1b\x1b\\\x1b\\")));
        assert!(
            !said.replace("\x1b\x1b", "").replace("\x1bPtmux;", "").trim_matches('\x1b').contains("\x1b_")
        );
        assert_eq!(frame(&mut kitty, &[]), "");
        assert_eq!(frame(&mut kitty, &[&picture]), "");
        let smaller = Placement { area: Rect { width: 14, height: 7, ..AREA }, ..picture };
        assert!(frame(&mut kitty, &[&smaller]).contains("a=p,U=1"));

        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 20));
        draw_placeholders(&mut buffer, AREA, 300);
        let first: Vec<char> = buffer[(4, 3)].symbol().chars().collect();
        assert_eq!(first, [PLACEHOLDER, MARKS[1], MARKS[0], MARKS[(id >> 24) as usize]]);
        assert_eq!(buffer[(5, 3)].symbol().chars().collect::<Vec<_>>(), [PLACEHOLDER]);
        assert_eq!(buffer[(31, 15)].fg, Color::Indexed((id & 0xff) as u8));
        assert_eq!(buffer[(32, 15)].symbol(), " ");
    }
}
