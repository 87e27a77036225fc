//! The dashboard with everything but a terminal: real runs, the real tasks, keys in and pictures out. The runs are
//! those of `tests/runs`, so that every screen is seen as it is with files that mien itself wrote.

use super::message::{Effect, Message};
use super::screens::{self, Memories};
use super::state::State;
use super::tasks::Tasks;
use super::theme::{Depth, Theme};
use crate::evaluate::read_scores;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc;

mod atlas;
mod confusion;
mod explain;
mod monkey;
mod scores;
mod searches;
mod timeline;

const THEME: Theme = Theme::new(Depth::Palette, true);
/// The morning after the runs: 2026-01-16, 08:00 UTC.
const MORNING: f64 = 1_768_550_400.0;
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (220, 60)];
/// Nothing that is waited for takes as long; a machine under load may be slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// A dashboard over a copy of the runs.
struct Story {
    folder: tempfile::TempDir,
    state: State,
    tasks: Tasks,
    messages: mpsc::Receiver<Message>,
    screen: Terminal<TestBackend>,
    memories: Memories,
}

impl Story {
    async fn begin(size: (u16, u16)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runs"), &folder.path().join("runs"));
        let (sender, messages) = mpsc::channel(64);
        let tasks = Tasks::spawn(&folder.path().join("runs"), &sender);
        let mut story = Self {
            folder,
            state: State::new("runs", size),
            tasks,
            messages,
            screen: Terminal::new(TestBackend::new(size.0, size.1)).unwrap(),
            memories: Memories::new(),
        };
        story.tell(Message::Clock(MORNING));
        story.shows("3 runs").await;
        story
    }

    fn tell(&mut self, message: Message) {
        for effect in self.state.update(message).effects {
            if !matches!(effect, Effect::Leave | Effect::Suspend | Effect::Ring(_)) {
                self.tasks.carry_out(effect);
            }
        }
    }

    /// Types; `\n` is Enter, `\x1b` Escape.
    fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\x1b' => KeyCode::Esc,
                '\t' => KeyCode::Tab,
                '>' => KeyCode::Right,
                '<' => KeyCode::Left,
                '^' => KeyCode::Up,
                // Ctrl-u.
                '\u{15}' => {
                    let erase = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
                    self.tell(Message::Key(erase));
                    continue;
                }
                'v' if self.state.place() == super::keys::Place::Prompt => KeyCode::Char('v'),
                key => KeyCode::Char(key),
            };
            self.tell(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }

    /// Takes in what the tasks send until the screen shows `text`.
    async fn shows(&mut self, text: &str) {
        let shown = async {
            while !self.picture().contains(text) || self.state.pictures.are_awaited() {
                let message = self.messages.recv().await.unwrap();
                self.tell(message);
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, shown).await.is_ok();
        assert!(in_time, "{text:?} never came:\n{}", self.picture());
    }

    /// The runs' pictures are nowhere, and not where the tests happen to be run.
    fn hide_the_pictures(&self) {
        for run in fs::read_dir(self.folder.path().join("runs")).unwrap().map(Result::unwrap) {
            let config = run.path().join("config.toml");
            if let Ok(text) = fs::read_to_string(&config) {
                fs::write(config, text.replace("root = \"faces\"", "root = \"/nowhere\"")).unwrap();
            }
        }
    }

    /// Takes in what the tasks send until `is_there`.
    async fn until(&mut self, what: &str, is_there: impl Fn(&State) -> bool) {
        let there = async {
            while !is_there(&self.state) {
                let message = self.messages.recv().await.unwrap();
                self.tell(message);
            }
        };
        assert!(tokio::time::timeout(PATIENCE, there).await.is_ok(), "{what} never came");
    }

    /// Takes in what the tasks send until it is known what has become of the compared picture.
    async fn looks_for_the_picture(&mut self) {
        let looked = |state: &State| {
            let key = state.compare.chosen_row().and_then(|row| state.compare.picture(row));
            key.is_none_or(|key| state.pictures.find(&key).is_some())
        };
        self.until("the picture's fate", looked).await;
    }

    /// Takes in what the tasks send until all curves are there.
    async fn follows_all(&mut self) {
        let curves = |state: &State| {
            state.current_data().is_some_and(|data| data.caught_up)
                && state.marks.iter().all(|mark| mark.data.caught_up)
        };
        self.until("all curves", curves).await;
    }

    fn picture(&mut self) -> String {
        self.picture_in(&THEME)
    }

    fn picture_in(&mut self, theme: &Theme) -> String {
        let Self { screen, state, memories, .. } = self;
        screen.draw(|frame| screens::draw(frame, state, theme, memories)).unwrap();
        screens::lines(screen.backend().buffer())
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The screens of the story at three sizes: the keys that lead there, what is waited for, the snapshot's name.
async fn snapshots(steps: &[(&str, &str, &str)]) {
    for size in SIZES {
        let mut story = Story::begin(size).await;
        for (keys, text, name) in steps {
            story.press(keys);
            story.shows(text).await;
            let picture = story.picture();
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture);
        }
    }
}

#[tokio::test]
async fn a_run_is_cloned_and_refused_where_its_pictures_are_not() {
    let mut story = Story::begin((120, 40)).await;
    story.press("je");
    story.shows("holds no manifest.csv").await;
    assert!(story.picture().contains("config file"), "{}", story.picture());
    story.press("s");
    story.shows("▌ root").await;
    story.press("\x1b");
    story.shows("3 runs").await;
}

#[tokio::test]
async fn the_machine_is_sampled_while_it_is_shown() {
    let mut story = Story::begin((120, 40)).await;
    story.press("i");
    story.shows("size of each run's folder").await;
    for text in ["CPU", "memory", "free; runs holds", "no run is being trained", "faces-1a2b"] {
        assert!(story.picture().contains(text), "{text}");
    }
    story.press("G\n");
    story.shows("1 charts").await;
    story.press("q");
    story.shows("3 runs").await;
}

#[tokio::test]
async fn from_the_runs_to_the_config_and_the_log() {
    snapshots(&[
        ("jj", "▌ ✓ finished    faces ", "runs"),
        ("\n6", "epoch 10:", "log"),
        ("5", "arch = \"plain\"", "config"),
        ("1", "images_per_second", "charts"),
    ])
    .await;
}

#[tokio::test]
async fn values_at_a_place_of_all_charts() {
    let steps = [
        ("jj\n6", "epoch 10:", None),
        ("1", "images_per_second", None),
        ("]]vhhhhhhhhhh", "step 1", Some("charts_cursor")),
        ("++", "zoom 4x", Some("charts_zoomed")),
    ];
    for size in SIZES {
        let mut story = Story::begin(size).await;
        for (keys, text, name) in steps {
            story.press(keys);
            story.shows(text).await;
            if let Some(name) = name {
                let picture = story.picture();
                insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture);
            }
        }
    }
}

#[tokio::test]
async fn what_differs_from_the_defaults_and_from_another_run_and_a_search_in_the_log() {
    snapshots(&[
        ("j\n5v", "train.learning_rate", "config_from_defaults"),
        ("v", "train.schedule ", "config_from_run"),
        ("6/valid loss\n", "1 of 10 lines", "log_search"),
        ("..", "3 of 10 lines", "log_third_match"),
    ])
    .await;
}

#[tokio::test]
async fn the_runs_sorted_filtered_and_compared_by_their_marked_curves() {
    let steps = [
        ("oo", "name▴", "runs_by_name"),
        ("/lr=0.004 faces", "2 of 3 runs", "runs_filtered"),
        ("\x1b gj ", "2 marked", "runs_marked"),
        ("G", "+ wide", "runs_beside_marked"),
        ("k\n", "◆ faces-slow", "charts_marked"),
    ];
    for size in SIZES {
        let mut story = Story::begin(size).await;
        for (keys, text, name) in steps {
            story.press(keys);
            story.shows(text).await;
            story.follows_all().await;
            let picture = story.picture();
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture);
        }
    }
}

#[tokio::test]
async fn a_title_and_tags_are_written_and_listed_at_once() {
    let mut story = Story::begin((120, 40)).await;
    story.press("jR\u{15}the best one\n");
    story.shows("the best one").await;
    story.press("tpaper, night,paper\n");
    story.shows("paper night").await;
    story.press("Nsame as in the paper\n");
    story.shows("same as in the paper").await;
    story.press("R\u{15}\n");
    story.shows("finished    faces-slow").await;
    let folder = story.state.list.chosen().unwrap().folder.clone();
    let notes = crate::run::Notes::read(&folder).unwrap();
    assert_eq!((notes.title.as_str(), notes.tags), ("", vec!["paper".into(), "night".into()]));

    fs::write(folder.notes(), "title = 3").unwrap();
    story.press("tlost?\n");
    story.shows("notes.toml").await;
    assert_eq!(fs::read_to_string(folder.notes()).unwrap(), "title = 3");
}

/// Gives a run drawn faces and weights that were not trained.
fn give_faces_and_weights(run: &crate::run::RunFolder) {
    let root = run.path().join("faces");
    crate::data::drawn::write_set(&root, 24, 7, &mut |_, _| {}).unwrap();
    let text = fs::read_to_string(run.config()).unwrap();
    fs::write(run.config(), text.replace("root = \"faces\"", &format!("root = {root:?}"))).unwrap();
    give_untrained_weights(run);
}

#[tokio::test]
async fn two_runs_beside_each_other() {
    for size in SIZES {
        let mut story = Story::begin(size).await;
        story.hide_the_pictures();
        for (keys, text, name) in [
            ("jc", ": p ", "compare_opened"),
            ("j", "picture", "compare"),
            ("\tG", "both wrong", "compare_broken"),
            ("\n", "A says", "compare_large"),
            ("\n\t\t", "recall A", "compare_classes"),
            ("\t", "train.learning_rate", "compare_config"),
        ] {
            story.press(keys);
            story.shows(text).await;
            story.looks_for_the_picture().await;
            let picture = story.picture();
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture);
        }
    }
}

/// Gives a run the pictures that its scores name, all alike: light at the right, dark below.
fn give_pictures(run: &crate::run::RunFolder) {
    let root = run.path().join("faces");
    let config = fs::read_to_string(run.config()).unwrap();
    fs::write(run.config(), config.replace("root = \"faces\"", &format!("root = {root:?}"))).unwrap();
    let photo = image::GrayImage::from_fn(8, 8, |x, y| image::Luma([(32 * x + 3 * (8 - y)) as u8]));
    for row in
        ["test", "valid"].map(|split| run.scores(split)).map(|path| read_scores(&path).unwrap().rows).concat()
    {
        let path = root.join(row.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        photo.save(path).unwrap();
    }
}

/// Gives a run the weights that an untrained network of its config has.
fn give_untrained_weights(run: &crate::run::RunFolder) {
    let model = crate::config::complete(&run.config()).unwrap().model;
    let network = crate::model::Network::new(&model, 3, &burn::prelude::Device::flex()).unwrap();
    crate::model::save(&network, &model, &run.model()).unwrap();
}
