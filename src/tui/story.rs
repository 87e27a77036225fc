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

mod monkey;
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

#[tokio::test]
async fn the_confusion_as_counts_and_as_shares() {
    snapshots(&[
        ("jj\n3", "macro F1", "confusion_counts"),
        ("v", "row % (recall)", "confusion_rows"),
        ("vllll", "column % (precision)", "confusion_columns"),
        ("s", "of 15", "confusion_valid"),
    ])
    .await;
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
async fn the_mean_maps_of_a_confusion_are_made_shown_and_kept() {
    for size in SIZES {
        let mut story = Story::begin(size).await;
        story.press("jj");
        let run = story.state.current().unwrap().folder.clone();
        story.press("\n3m");
        story.shows("this run has no").await;
        story.press("m");
        give_faces_and_weights(&run);
        for (keys, text, name) in [
            ("m", "mean maps for the predicted class", "atlas"),
            (".", "pictures have changed since", "atlas_mistake"),
            ("M", "mean maps for the true class", "atlas_true"),
        ] {
            story.press(keys);
            story.shows(text).await;
            let picture = story.picture();
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture);
        }
        story.press("E");
        story.shows("wrote ").await;
        assert!(run.path().join("atlas-test-true.png").is_file());
        // Without weights only what is kept could be shown, and nobody can say whose it is.
        fs::remove_file(run.model()).unwrap();
        story.press("M");
        story.shows("this run has no").await;
        story.press("m");
        story.shows("macro F1").await;
    }
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

/// The smallest terminal, without colours and with nothing but ASCII.
#[tokio::test]
async fn confusion_and_comparison_on_the_smallest_terminal() {
    const POOR: Theme = Theme::new(Depth::Mono, false);
    let mut story = Story::begin((60, 16)).await;
    story.press("jj\n3>>>>");
    story.shows("happ -> disg: 19").await;
    let confusion = story.picture_in(&POOR);
    give_faces_and_weights(&story.state.current().unwrap().folder.clone());
    story.press("m");
    story.shows("for the predicted class").await;
    story.press(".");
    let maps = story.picture_in(&POOR);
    let off = super::graphics::Abilities::from_environment(super::settings::Images::Off, |_| None);
    let before = std::mem::replace(&mut story.state.pictures.abilities, off);
    let words = story.picture_in(&POOR);
    story.state.pictures.abilities = before;
    story.press("m");
    story.press("\x1bkc\t");
    story.shows("27 broken").await;
    let compare = story.picture_in(&POOR);
    assert!([&confusion, &maps, &compare].iter().all(|shown| shown.is_ascii()), "{confusion}{maps}{compare}");
    insta::assert_snapshot!("atlas_60x16", maps);
    insta::assert_snapshot!("atlas_without_pictures_60x16", words);
    insta::assert_snapshot!("confusion_60x16", confusion);
    insta::assert_snapshot!("compare_60x16", compare);
}

#[tokio::test]
async fn an_export_stands_in_the_runs_folder_and_reads_back() {
    use crate::evaluate::{CHART_SIZE, Change};
    let mut story = Story::begin((120, 40)).await;
    let runs = story.folder.path().join("runs");
    story.press("jj\n3");
    story.shows("macro F1").await;
    story.press("E");
    story.shows("confusion-test.png beside it").await;
    let run = runs.join("20260114-181502-faces-1a2b");
    let mut table = csv::Reader::from_path(run.join("confusion-test.csv")).unwrap();
    let first = table.records().next().unwrap().unwrap();
    assert_eq!(first, vec!["happiness", "10", "0", "0", "1", "19", "0"]);
    let chart = image::open(run.join("confusion-test.png")).unwrap();
    assert_eq!((chart.width(), chart.height()), CHART_SIZE);

    story.press("\x1bkc\t");
    story.shows("27 broken").await;
    story.press("E");
    story.shows("wrote 27 pictures").await;
    let name = format!("compare-test-{}-20260114-181502-faces-1a2b.csv", Change::Broken.name());
    let mut list = csv::Reader::from_path(runs.join("20260115-090730-faces-slow-3c4d").join(name)).unwrap();
    let rows: Vec<csv::StringRecord> = list.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 27);
    assert!(rows.iter().all(|row| row[1] == row[2] && row[1] != row[4]), "A is right and B wrong");
}

#[tokio::test]
async fn without_an_evaluation_the_scores_are_counted_and_without_both_it_is_said() {
    let mut story = Story::begin((80, 24)).await;
    let run = story.folder.path().join("runs/20260114-181502-faces-1a2b");
    fs::remove_file(run.join("evaluation.json")).unwrap();
    story.press("jj\n3");
    story.shows("counted from scores/test.csv").await;
    story.shows("accuracy 80.0 % 74.4-85.6").await;
    story.press("K");
    story.shows("has no checkpoint").await;
    fs::remove_dir_all(run.join("scores")).unwrap();
    story.press("K");
    story.shows("is not evaluated yet").await;
    fs::write(run.join("evaluation.json"), "{\"test\":").unwrap();
    story.press("23");
    story.shows("anew").await;
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

/// From a cell of the confusion over its pictures to one of them, and to what speaks for and against it.
#[tokio::test]
async fn from_a_confusion_to_why_one_picture_is_taken_for_another_class() {
    for size in [(60, 16), (80, 24), (120, 40)] {
        let mut story = Story::begin(size).await;
        story.press("jj");
        let run = story.state.current().unwrap().folder.clone();
        story.press("\n3>>>>");
        story.shows("1 charts").await;
        story.shows("19").await;
        story.press("\n");
        story.shows("19 with truth:happiness").await;
        story.press("\n\n");
        story.shows("has no model.safetensors").await;
        give_untrained_weights(&run);
        story.press("\x1b\n");
        story.shows("there is no such file").await;
        give_pictures(&run);
        story.press("\x1b\n");
        story.shows("grad-cam · relu4").await;
        assert!(story.picture().contains("happiness taken for disgust"), "{}", story.picture());
        story.press(">");
        story.shows("2/19").await;
        for (keys, text) in [
            ("w", "why"),
            ("W[", "bn4"),
            ("[[", "block3"),
            ("v", "insertion"),
            ("v", "channels 1 to 32"),
            ("v", "manifest.csv"),
            ("vt", "for happiness"),
        ] {
            story.press(keys);
            story.shows(text).await;
        }
        story.press("E");
        story.shows("wrote").await;
        let png = fs::read_dir(run.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names: Vec<String> = png.map(|name| name.to_string_lossy().into_owned()).collect();
        assert!(
            names.iter().any(|name| name.starts_with("explain-test-") && name.ends_with(".png")),
            "{names:?}"
        );
        story.press("\x1b");
        story.shows("row 2, line").await;
        story.press("\x1b\x1b");
        story.shows("macro F1").await;
    }
}

/// A picture whose file is gone, and pictures that are like it: from the pack.
#[tokio::test]
async fn pictures_like_one_are_those_that_it_was_trained_on() {
    let mut story = Story::begin((120, 40)).await;
    story.press("jj");
    let run = story.state.current().unwrap().folder.clone();
    let root = run.path().join("faces");
    crate::data::drawn::write_set(&root, 6, 7, &mut |_, _| {}).unwrap();
    let config = fs::read_to_string(run.config()).unwrap();
    fs::write(run.config(), config.replace("root = \"faces\"", &format!("root = {root:?}"))).unwrap();
    give_untrained_weights(&run);
    let set = crate::data::Dataset::open(&root).unwrap();
    let test = set.indices(crate::data::Split::Test);
    let path = set.entry(test[0]).path.clone();
    let row = crate::evaluate::ScoreRow {
        path: path.to_str().unwrap().into(),
        scores: [0.1, 0.2, 0.3, 0.25, 0.05, 0.1],
        label: Some(set.label(test[0])),
    };
    let scores = crate::evaluate::Scores { rows: vec![row] };
    crate::evaluate::write_scores(&run.scores("test"), &scores, crate::evaluate::Decimals::Full).unwrap();
    story.press("\n4");
    story.shows("grad-cam").await;
    story.press("vvv");
    story.shows("training pictures most like this one").await;
    fs::remove_file(root.join(&path)).unwrap();
    story.press("vm");
    story.shows("grad-cam++ · relu4").await;
}

/// Takes in what the tasks send until the chosen picture is there, if it has a place.
async fn with_picture(story: &mut Story) {
    loop {
        let scores = &story.state.scores;
        let chosen = scores.picture(scores.position());
        let has_place = screens::scores::shows_picture(story.state.size, scores.is_large);
        let Some(key) = chosen.filter(|_| has_place) else { return };
        if story.state.pictures.find(&key).is_some() {
            return;
        }
        let message = tokio::time::timeout(PATIENCE, story.messages.recv()).await.unwrap().unwrap();
        story.tell(message);
    }
}

#[tokio::test]
async fn from_the_table_of_scores_to_one_picture() {
    for size in SIZES {
        let mut story = Story::begin(size).await;
        story.press("jj");
        give_pictures(&story.state.current().unwrap().folder.clone());
        for (keys, text, name) in [
            ("\n2", "180 pictures", "scores"),
            ("w", "only the wrong ones", "scores_wrong"),
            ("/ truth:h pred:disg\n", "19 with wrong truth:h pred:disg", "scores_filtered"),
            ("o", "↓", "scores_sorted"),
            ("\n", "row 1, line", "scores_picture"),
            ("\x1b\x1bs", "72 pictures", "scores_valid"),
        ] {
            story.press(keys);
            story.shows(text).await;
            with_picture(&mut story).await;
            let picture = story.picture();
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture);
        }
    }
}

#[tokio::test]
async fn scores_that_come_change_and_go_while_they_are_shown_are_told() {
    let mut story = Story::begin((100, 30)).await;
    let run = story.state.current().unwrap().folder.clone();
    let (path, kept) = (run.scores("test"), run.path().join("kept.csv"));
    fs::rename(&path, &kept).unwrap();
    fs::remove_file(run.scores("valid")).unwrap();
    story.press("\n2");
    story.shows("this run has no scores yet").await;
    fs::rename(&kept, &path).unwrap();
    story.shows("180 pictures").await;
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.clone() + "torn,0.1\n").unwrap();
    story.shows("test.csv has changed and is read anew").await;
    story.shows("1 unreadable").await;
    story.press("G");
    story.shows("line 182: it has 2 fields, the first").await;
    fs::write(&path, "what,ever\n1,2\n").unwrap();
    story.shows("line 1: there is no column 'filepath'").await;
    fs::write(&path, "").unwrap();
    story.shows("it is empty").await;
    fs::write(&path, text).unwrap();
    story.shows("180 pictures").await;
}

#[tokio::test]
async fn hostile_names_stay_in_their_column_and_reach_no_terminal() {
    let mut story = Story::begin((120, 40)).await;
    let run = story.state.current().unwrap().folder.clone();
    let names = [
        "\x1b[2J\x1b]0;title\x07.png".to_string(),
        "abc\u{202e}gnp.exe\u{2066}".into(),
        format!("{}end-of-it.png", "long/".repeat(800)),
        "表情認識".repeat(20),
        "e\u{301}".repeat(4000),
        "שלום עולם.png".into(),
        "a, \"quoted\"\nname\r\n.png".into(),
    ];
    let row = |path: &String| crate::evaluate::ScoreRow {
        path: path.clone(),
        scores: [0.1, 0.2, 0.3, 0.25, 0.05, 0.1],
        label: Some(crate::emotion::Emotion::Fear),
    };
    let scores = crate::evaluate::Scores { rows: names.iter().map(row).collect() };
    crate::evaluate::write_scores(&run.scores("test"), &scores, crate::evaluate::Decimals::Full).unwrap();
    story.press("\n2");
    story.shows("7 pictures").await;
    for keys in ["", "j", "j", "j", "j", "j", "j", "\n", "^"] {
        story.press(keys);
        let picture = story.picture();
        assert!(!picture.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{picture}");
        for line in picture.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= 120, "{line}");
        }
        if !story.state.scores.is_large {
            assert_eq!(picture.matches("fear      sadness").count(), 7, "{picture}");
        }
    }
}
