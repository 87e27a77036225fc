//! Pictures in the dashboard. `cargo bench --bench pictures`.

use divan::Bencher;
use mien::data::{Photo, SIDE};
use mien::run::RunFolder;
use mien::tui::message::Message;
use mien::tui::screens::{Memories, picture};
use mien::tui::state::State;
use mien::tui::state::pictures::{PictureKey, Report};
use mien::tui::theme::{Depth, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::fs;

const AREA: Rect = Rect { x: 0, y: 0, width: 28, height: 14 };

fn main() {
    divan::main();
}

/// A picture of the size that networks see, in colours.
fn photo() -> Photo {
    let samples: Vec<u8> = (0..SIDE * SIDE)
        .flat_map(|i| {
            let (x, y) = (i % SIDE, i / SIDE);
            let noise = (i * 7919 % 23) as u8;
            [(x * 3) as u8 + noise, (y * 3) as u8 + noise, (x + y) as u8 + noise]
        })
        .collect();
    Photo::from_rgb(SIDE, &samples).expect("it has pixels")
}

/// What a picture costs between its file and the terminal's protocol, beside the loop.
#[divan::bench]
fn reading_and_encoding_a_picture(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("a.png");
    fs::write(&path, photo().png()).expect("a temporary folder can be written");
    bencher.bench_local(|| Photo::read(&path, 96).map(|photo| photo.png()));
}

/// What a frame pays for a picture as text.
#[divan::bench]
fn half_blocks_of_28_x_14_cells(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("status.json"), "{}").expect("a temporary folder can be written");
    let run = RunFolder::open(folder.path()).expect("it was just written");
    let key = PictureKey { run, path: "a.png".into() };
    let mut state = State::new("runs", (220, 60));
    let report = Report::Read { key: key.clone(), stamp: None, result: Ok((photo(), Vec::new())) };
    state.update(Message::Pictures(report));
    let (mut buffer, mut memories) = (Buffer::empty(AREA), Memories::new());
    bencher.bench_local(|| {
        memories.placements.clear();
        picture::draw(&mut buffer, AREA, &key, &state, &Theme::new(Depth::True, true), &mut memories);
    });
}
