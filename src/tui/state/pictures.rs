//! Pictures that screens show: asked for by key, decoded off the loop, kept while they may be shown again.

use super::State;
use crate::data::{Photo, Stamp};
use crate::run::RunFolder;
use crate::tui::graphics::{Abilities, Placement, Protocol, Way};
use crate::tui::message::Effect;
use lru::LruCache;
use std::sync::Arc;

/// Memory for decoded pictures: some hundreds of them.
const MOST_BYTES: usize = 24 << 20;
/// Memory for encoded ones, which are larger.
const MOST_ENCODED: usize = 16 << 20;
/// What a sentence or an entry takes, roughly.
const ENTRY: usize = 256;

/// A picture that a run scored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PictureKey {
    /// The run whose data it belongs to: relative paths are relative to its `data.root`.
    pub run: RunFolder,
    /// As the scores file has it, not made printable.
    pub path: String,
}

/// A picture that was read.
#[derive(Debug)]
pub struct Seen {
    /// Another one for each picture that was read.
    pub version: u32,
    pub photo: Photo,
    pub png: Vec<u8>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// These pictures, the most important first, each with the stamp of the file that is known already.
    Read(Vec<(PictureKey, Option<Stamp>)>),
    /// A picture as sixels for an area.
    Encode(Encoding),
}

/// A picture for so many columns and rows of cells of a size.
#[derive(Clone, Debug)]
pub struct Encoding {
    pub seen: Arc<Seen>,
    pub size: (u16, u16),
    pub cell: (u16, u16),
}

/// What an encoding was made from.
pub type EncodedFor = (u32, (u16, u16), (u16, u16));

impl Encoding {
    pub fn made_for(&self) -> EncodedFor {
        (self.seen.version, self.size, self.cell)
    }
}

impl PartialEq for Encoding {
    fn eq(&self, other: &Self) -> bool {
        self.made_for() == other.made_for()
    }
}

impl Eq for Encoding {}

/// What came of it.
#[derive(Debug)]
pub enum Report {
    /// A picture, or why it cannot be read, as a sentence.
    Read { key: PictureKey, stamp: Option<Stamp>, result: Result<(Photo, Vec<u8>), String> },
    /// Sixels; `None` where the picture cannot be encoded.
    Encoded(EncodedFor, Option<Vec<u8>>),
}

/// A picture that was asked for.
#[derive(Debug)]
struct Known {
    stamp: Option<Stamp>,
    result: Result<Arc<Seen>, String>,
}

/// The pictures that are there, and those that are wanted.
#[derive(Debug)]
pub struct Pictures {
    /// What the terminal can.
    pub abilities: Abilities,
    wanted: Vec<PictureKey>,
    /// The wanted ones have been asked for.
    asked: bool,
    known: LruCache<PictureKey, Known>,
    bytes: usize,
    versions: u32,
    encoded: LruCache<EncodedFor, Option<Arc<Vec<u8>>>>,
    encoded_bytes: usize,
    /// What is being encoded.
    encoding: Option<EncodedFor>,
}

impl Default for Pictures {
    fn default() -> Self {
        Self {
            abilities: Abilities::default(),
            wanted: Vec::new(),
            asked: true,
            known: LruCache::unbounded(),
            bytes: 0,
            versions: 0,
            encoded: LruCache::unbounded(),
            encoded_bytes: 0,
            encoding: None,
        }
    }
}

impl Pictures {
    /// Says which pictures are to be seen now, the most important first; they are asked for where they are not there
    /// yet, and what was wanted before and is no longer is abandoned.
    pub fn want(&mut self, keys: Vec<PictureKey>) {
        if keys != self.wanted {
            self.asked = false;
            self.wanted = keys;
        }
    }

    /// Has the files looked at again: one may have been replaced, or be there at last.
    pub(super) fn look_again(&mut self) {
        self.asked = false;
    }

    /// The picture, or why it cannot be read; `None` while it is on its way.
    pub fn find(&self, key: &PictureKey) -> Option<Result<&Arc<Seen>, &str>> {
        self.known.peek(key).map(|known| known.result.as_ref().map_err(String::as_str))
    }

    /// A picture that was made and not read, as an overlay is; kept by whoever shows it. `png` is the same picture's.
    pub fn made(&mut self, photo: Photo, png: Vec<u8>) -> Arc<Seen> {
        self.versions += 1;
        Arc::new(Seen { version: self.versions, photo, png })
    }

    /// Whether a picture that is wanted is still on its way.
    #[cfg(test)]
    pub(crate) fn are_awaited(&self) -> bool {
        self.wanted.iter().any(|key| !self.known.contains(key))
    }

    /// How the picture is shown over so many columns and rows; `None` where pictures are not shown.
    pub fn way(&self, seen: &Seen, size: (u16, u16)) -> Option<Way> {
        match self.abilities.protocol() {
            Protocol::Off => None,
            Protocol::Kitty if !seen.png.is_empty() && self.abilities.is_in_tmux() => Some(Way::Placeholders),
            Protocol::Kitty | Protocol::Iterm2 if !seen.png.is_empty() => Some(Way::Png),
            Protocol::Sixel => {
                let encoded = self.encoded.peek(&(seen.version, size, self.abilities.cell()));
                Some(encoded.cloned().flatten().map_or(Way::Blocks, Way::Encoded))
            }
            _ => Some(Way::Blocks),
        }
    }

    /// What is shown as text only because it is not encoded yet; one picture at a time.
    pub(crate) fn ask_encoding(&mut self, placements: &[Placement]) -> Option<Effect> {
        if self.abilities.protocol() != Protocol::Sixel {
            return None;
        }
        let cell = self.abilities.cell();
        let encoding = placements
            .iter()
            .filter(|placement| matches!(placement.way, Way::Blocks))
            .map(|Placement { seen, area, .. }| Encoding {
                seen: Arc::clone(seen),
                size: (area.width, area.height),
                cell,
            })
            .find(|encoding| !self.encoded.contains(&encoding.made_for()))?;
        let is_new = self.encoding.replace(encoding.made_for()) != Some(encoding.made_for());
        is_new.then_some(Effect::Pictures(Order::Encode(encoding)))
    }

    /// Whether the screen has another picture to show now.
    fn take_read(
        &mut self,
        key: PictureKey,
        stamp: Option<Stamp>,
        result: Result<(Photo, Vec<u8>), String>,
    ) -> bool {
        let before = self.known.peek(&key).map(|known| &known.result);
        let result = result.map(|(photo, png)| match before {
            // Nothing has to be sent again for a file that was only touched.
            Some(Ok(before)) if before.photo == photo => Arc::clone(before),
            _ => {
                self.versions += 1;
                Arc::new(Seen { version: self.versions, photo, png })
            }
        });
        let is_new = match (before, &result) {
            (Some(Ok(before)), Ok(now)) => !Arc::ptr_eq(before, now),
            (Some(Err(before)), Err(now)) => before != now,
            _ => true,
        };
        let is_wanted = self.wanted.contains(&key);
        self.keep(key, Known { stamp, result });
        is_new && is_wanted
    }

    fn keep(&mut self, key: PictureKey, known: Known) {
        self.bytes += bytes(&known);
        if let Some((_, before)) = self.known.push(key, known) {
            self.bytes -= bytes(&before);
        }
        while self.bytes > MOST_BYTES && self.known.len() > self.wanted.len().max(1) {
            let Some((_, oldest)) = self.known.pop_lru() else { break };
            self.bytes -= bytes(&oldest);
        }
    }

    fn take_encoded(&mut self, made_for: EncodedFor, sixels: Option<Vec<u8>>) -> bool {
        let length = |sixels: &Option<Arc<Vec<u8>>>| ENTRY + sixels.as_ref().map_or(0, |sixels| sixels.len());
        let sixels = sixels.map(Arc::new);
        self.encoded_bytes += length(&sixels);
        if let Some((_, before)) = self.encoded.push(made_for, sixels) {
            self.encoded_bytes -= length(&before);
        }
        while self.encoded_bytes > MOST_ENCODED && self.encoded.len() > 1 {
            let Some((_, oldest)) = self.encoded.pop_lru() else { break };
            self.encoded_bytes -= length(&oldest);
        }
        if self.encoding == Some(made_for) {
            self.encoding = None;
        }
        true
    }

    fn ask(&mut self) -> Option<Effect> {
        if std::mem::replace(&mut self.asked, true) || self.abilities.protocol() == Protocol::Off {
            return None;
        }
        // The most important one is used last, so that it stays longest.
        for key in self.wanted.iter().rev() {
            self.known.promote(key);
        }
        let with_stamp = |key: &PictureKey| (key.clone(), self.known.peek(key).and_then(|known| known.stamp));
        let wanted: Vec<_> = self.wanted.iter().map(with_stamp).collect();
        (!wanted.is_empty()).then_some(Effect::Pictures(Order::Read(wanted)))
    }
}

/// What a picture takes of the memory.
fn bytes(known: &Known) -> usize {
    ENTRY + known.result.as_ref().map_or(0, |seen| seen.photo.bytes() + seen.png.len())
}

impl State {
    pub(super) fn take_pictures(&mut self, report: Report) -> bool {
        match report {
            Report::Read { key, stamp, result } => self.pictures.take_read(key, stamp, result),
            Report::Encoded(made_for, sixels) => self.pictures.take_encoded(made_for, sixels),
        }
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_pictures(&mut self) -> Option<Effect> {
        self.pictures.ask()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::graphics::Answer;
    use crate::tui::message::Message;
    use ratatui::layout::Rect;

    fn key(name: &str) -> PictureKey {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("status.json"), "{}").unwrap();
        PictureKey { run: RunFolder::open(folder.path()).unwrap(), path: name.into() }
    }

    fn keys(names: std::ops::Range<u32>) -> Vec<PictureKey> {
        let run = key("").run;
        names.map(|name| PictureKey { run: run.clone(), path: name.to_string() }).collect()
    }

    fn read(key: &PictureKey, side: usize) -> Message {
        let photo = Photo::from_rgb(side, &vec![1; side * side * 3]).unwrap();
        Message::Pictures(Report::Read { key: key.clone(), stamp: None, result: Ok((photo, vec![0; 100])) })
    }

    fn asked(state: &mut State) -> Vec<String> {
        let Some(Effect::Pictures(Order::Read(wanted))) = state.ask_pictures() else { return Vec::new() };
        wanted.into_iter().map(|(key, _)| key.path).collect()
    }

    #[test]
    fn what_is_wanted_is_asked_for_once_in_its_order() {
        let mut state = State::new("runs", (80, 24));
        assert!(asked(&mut state).is_empty());
        let keys = keys(0..3);
        state.pictures.want(keys.clone());
        assert_eq!(asked(&mut state), ["0", "1", "2"]);
        state.pictures.want(keys.clone());
        assert!(asked(&mut state).is_empty());
        assert!(state.update(read(&keys[0], 4)).draw);
        assert!(state.pictures.find(&keys[0]).unwrap().is_ok() && state.pictures.find(&keys[1]).is_none());
        state.pictures.want(keys[1..2].to_vec());
        assert_eq!(asked(&mut state), ["1"]);
        // Nobody sees what comes late.
        assert!(!state.update(read(&keys[2], 4)).draw);
    }

    #[test]
    fn memory_is_bounded_and_what_was_seen_last_stays() {
        let mut state = State::new("runs", (80, 24));
        let keys = keys(0..200);
        for key in &keys {
            state.pictures.want(vec![key.clone(), keys[0].clone()]);
            state.ask_pictures();
            state.update(read(key, 256));
        }
        assert!(state.pictures.bytes <= MOST_BYTES);
        assert!(state.pictures.find(&keys[0]).is_some() && state.pictures.find(&keys[199]).is_some());
        assert!(state.pictures.find(&keys[1]).is_none());
        let counted: usize = state.pictures.known.iter().map(|(_, known)| bytes(known)).sum();
        assert_eq!(state.pictures.bytes, counted);
    }

    #[test]
    fn now_and_then_the_files_are_looked_at_again_and_only_another_picture_is_drawn() {
        let mut state = State::new("runs", (80, 24));
        let key = key("a");
        assert!(state.update(Message::Clock(1.0)).effects.is_empty());
        state.pictures.want(vec![key.clone()]);
        state.ask_pictures();
        assert!(state.update(read(&key, 4)).draw);
        let effects = state.update(Message::Clock(11.0)).effects;
        assert!(matches!(&effects[..], [Effect::Pictures(Order::Read(wanted))] if wanted.len() == 1));
        let version = state.pictures.find(&key).unwrap().unwrap().version;
        assert!(!state.update(read(&key, 4)).draw);
        assert_eq!(state.pictures.find(&key).unwrap().unwrap().version, version, "it is not sent again");
        assert!(state.update(read(&key, 5)).draw);
        assert_ne!(state.pictures.find(&key).unwrap().unwrap().version, version);
    }

    #[test]
    fn sixels_are_asked_for_once_and_used_when_they_are_there() {
        let mut state = State::new("runs", (80, 24));
        let key = key("a");
        state.pictures.want(vec![key.clone()]);
        state.update(read(&key, 64));
        state.update(Message::Answer(Answer::Attributes(vec![62, 4])));
        let seen = Arc::clone(state.pictures.find(&key).unwrap().unwrap());
        let way = state.pictures.way(&seen, (8, 4)).unwrap();
        assert!(matches!(way, Way::Blocks));
        let placement = Placement { area: Rect::new(0, 0, 8, 4), seen: Arc::clone(&seen), way };
        let order = state.pictures.ask_encoding(std::slice::from_ref(&placement));
        let Some(Effect::Pictures(Order::Encode(encoding))) = order else { panic!("{order:?}") };
        assert!(state.pictures.ask_encoding(std::slice::from_ref(&placement)).is_none());
        state.update(Message::Pictures(Report::Encoded(encoding.made_for(), Some(b"sixels".to_vec()))));
        assert!(matches!(state.pictures.way(&seen, (8, 4)), Some(Way::Encoded(_))));
        assert!(matches!(state.pictures.way(&seen, (9, 4)), Some(Way::Blocks)));
        // What cannot be encoded is not tried again.
        let other = Encoding { size: (9, 4), ..encoding };
        state.update(Message::Pictures(Report::Encoded(other.made_for(), None)));
        let placement = Placement { area: Rect::new(0, 0, 9, 4), ..placement };
        assert!(state.pictures.ask_encoding(&[placement]).is_none());
    }
}
