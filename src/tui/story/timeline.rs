//! The timeline of a run, from the files that the trainer's writer leaves.

use super::*;
use crate::data::{PIXELS, SIDE};
use crate::emotion::{CLASSES, Emotion};
use crate::explain::{EpochMaps, HeatMap, Probe, ProbeMap, Probes, TimelineWriter};
use crate::tui::graphics::{Abilities, Gallery};
use crate::tui::output::Output;
use crate::tui::settings::Images;
use ratatui::layout::Size;
use std::path::PathBuf;

const PROBES: usize = 2 * CLASSES;

fn probes() -> Probes {
    let face = |i: usize, p: usize| {
        let (x, y) = (p % SIDE, p / SIDE);
        (60 + x * 2 + (y * (i + 7)) % 13 + (x * y * (i + 3)) % 17) as u8
    };
    let probe = |i: usize| Probe {
        path: format!("train/{}/{i:05}.png", Emotion::ALL[i % CLASSES]),
        label: Emotion::ALL[i % CLASSES],
        split: "valid".into(),
        pixels: (0..PIXELS).map(|p| face(i, p)).collect(),
    };
    Probes { method: "grad-cam".into(), layer: "relu5".into(), pictures: (0..PROBES).map(probe).collect() }
}

/// Maps that change with every epoch, as a network learns.
fn maps(epoch: u32) -> EpochMaps {
    let map = |i: usize| {
        let label = i % CLASSES;
        let is_right = i + (epoch as usize) > 9;
        let truth = if is_right { 0.5 + 0.04 * epoch as f32 } else { 0.1 };
        let mut scores = [(1.0 - truth) / 5.0; CLASSES];
        scores[label] = truth;
        let cell = |cell: usize| ((cell * 7 + i * 5 + epoch as usize * 3) % 11) as f32 - 3.0;
        ProbeMap {
            prediction: Emotion::ALL[if is_right { label } else { (label + 1) % CLASSES }],
            scores,
            energy: (i != 3).then_some(0.2 + 0.03 * f64::from(epoch)),
            map: HeatMap::new(4, (0..16).map(cell).collect()),
        }
    };
    EpochMaps { epoch, step: u64::from(epoch) * 20, maps: (0..PROBES).map(map).collect() }
}

fn run_of(story: &Story) -> PathBuf {
    let runs = fs::read_dir(story.folder.path().join("runs")).unwrap().map(|run| run.unwrap().path());
    runs.into_iter().find(|run| run.to_string_lossy().ends_with("faces-1a2b")).unwrap()
}

/// A run with a timeline of so many epochs.
pub(super) fn kept(story: &Story, epochs: u32) -> TimelineWriter {
    let mut writer = TimelineWriter::open(&run_of(story), &probes(), 0).unwrap();
    (1..=epochs).for_each(|epoch| writer.append(&maps(epoch)).unwrap());
    writer
}

#[tokio::test]
async fn where_the_network_looked_epoch_by_epoch() {
    for size in [(80, 24), (60, 16), (120, 40)] {
        let mut story = Story::begin(size).await;
        let mut writer = kept(&story, 8);
        story.press("jj\nt");
        story.shows("epoch 8, the newest").await;
        story.press("hhh");
        story.shows("epoch 5 of 8").await;
        let picture = story.picture();
        insta::assert_snapshot!(format!("timeline_{}x{}", size.0, size.1), picture);
        story.press("G");
        story.shows("epoch 8, the newest").await;
        writer.append(&maps(9)).unwrap();
        story.shows("epoch 9, the newest").await;
    }
}

#[tokio::test]
async fn the_timeline_in_words_where_pictures_are_off_and_in_ascii() {
    const POOR: Theme = Theme::new(Depth::Mono, false);
    let mut story = Story::begin((80, 24)).await;
    story.state.pictures.abilities = Abilities::from_environment(Images::Off, |_| None);
    kept(&story, 3);
    story.press("jj\nt");
    story.shows("epoch 3, the newest").await;
    let words = story.picture_in(&POOR);
    assert!(words.is_ascii(), "{words}");
    insta::assert_snapshot!("timeline_words", words);
}

#[tokio::test]
async fn a_run_without_a_timeline_says_so() {
    let mut story = Story::begin((80, 24)).await;
    story.press("jj\nt");
    story.shows("this run keeps no timeline").await;
    let run = run_of(&story);
    fs::create_dir(run.join("timeline")).unwrap();
    fs::write(run.join("timeline/probes.json"), "{\"version\":\"\u{1b}[2J\"}").unwrap();
    story.shows("probes.png").await;
    story.press("t");
    story.shows("images_per_second").await;
}

/// On a terminal that takes PNGs.
#[tokio::test]
async fn to_another_epoch_costs_at_most_15_kilobytes() {
    let mut story = Story::begin((80, 24)).await;
    story.state.pictures.abilities = Abilities::from_environment(Images::Kitty, |_| None);
    kept(&story, 8);
    let mut terminal = Terminal::new(Output::new(Vec::new(), Size { width: 80, height: 24 })).unwrap();
    let (mut gallery, mut memories) = (Gallery::new(), Memories::new());
    let mut cost = |state: &State| {
        let before = terminal.backend().written();
        let abilities = &state.pictures.abilities;
        gallery
            .draw(&mut terminal, abilities, &mut memories, |frame, memories| {
                screens::draw(frame, state, &THEME, memories);
            })
            .unwrap();
        terminal.backend().written() - before
    };
    story.press("jj\nt");
    story.shows("epoch 8, the newest").await;
    cost(&story.state);
    let mut costs = Vec::new();
    for epoch in (3..8).rev() {
        story.press("h");
        story.shows(&format!("epoch {epoch} of 8")).await;
        costs.push(cost(&story.state));
    }
    assert!(costs.iter().all(|cost| (3000..=15_000).contains(cost)), "{costs:?}");
}
