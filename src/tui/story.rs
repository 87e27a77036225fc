//! The dashboard with everything but a terminal: real runs, the real tasks, keys in and pictures out. The runs are
//! those of `tests/runs`, so that every screen is seen as it is with files that mien itself wrote.

use super::message::{Effect, Message};
use super::screens::{self, Memories};
use super::state::State;
use super::tasks::Tasks;
use super::theme::{Depth, Theme};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc;

const THEME: Theme = Theme::new(Depth::Palette, true);
/// The morning after the runs: 2026-01-16, 08:00 UTC.
const MORNING: f64 = 1_768_550_400.0;
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (220, 60)];
/// Nothing that is waited for takes as long; a machine under load may be slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// A dashboard over a copy of the runs.
struct Story {
    _folder: tempfile::TempDir,
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
            _folder: folder,
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
            if !matches!(effect, Effect::Leave | Effect::Suspend | Effect::Repaint) {
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
                'v' if self.state.place() == super::keys::Place::Prompt => KeyCode::Char('v'),
                key => KeyCode::Char(key),
            };
            self.tell(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }

    /// Takes in what the tasks send until the screen shows `text`.
    async fn shows(&mut self, text: &str) {
        let shown = async {
            while !self.picture().contains(text) {
                let message = self.messages.recv().await.unwrap();
                self.tell(message);
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, shown).await.is_ok();
        assert!(in_time, "{text:?} never came:\n{}", self.picture());
    }

    fn picture(&mut self) -> String {
        let Self { screen, state, memories, .. } = self;
        screen.draw(|frame| screens::draw(frame, state, &THEME, memories)).unwrap();
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
