//! `mien search FILE --dry-run`: what a search would do, told without data and without doing it.

use crate::folder::mien;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder with a base, a file of a search and runs.
struct Place {
    folder: TempDir,
}

const BASE: &str = "[model]\narch = \"plain\"\ndepth = 4\nwidth = 16\nfc_depth = 1\nconv_dropout = 0.0\n\
                    [data]\nroot = \"/nowhere/faces\"\n[train]\nbatch_size = 32\nepochs = 10\n";

impl Place {
    fn with(text: &str) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(place.path("base.toml"), BASE).unwrap();
        fs::write(place.path("s.toml"), format!("base = \"base.toml\"\n{text}")).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn dry_run(&self, arguments: &[&str]) -> assert_cmd::assert::Assert {
        let mut mien = mien();
        mien.arg("--runs").arg(self.path("runs")).arg("search").arg(self.path("s.toml")).arg("--dry-run");
        mien.args(arguments).assert()
    }

    fn document(&self, arguments: &[&str]) -> Value {
        let output = self.dry_run(&[&["--json"], arguments].concat()).success().get_output().clone();
        assert_eq!(
            output.stdout.iter().filter(|byte| **byte == b'\n').count(),
            1,
            "one document on one line"
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn text(&self) -> String {
        String::from_utf8(self.dry_run(&[]).success().get_output().stdout.clone()).unwrap()
    }

    /// The sentence on stderr.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.dry_run(arguments).code(2).get_output().clone();
        assert!(output.stdout.is_empty());
        assert!(!self.path("runs").exists(), "nothing was begun");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Puts one of the trained runs there whose files stand in `tests/runs`: 10 epochs of 20 steps of 32 pictures.
    fn with_a_trained_run(&self) {
        let run = format!("{}/tests/runs/20260114-181502-faces-1a2b", env!("CARGO_MANIFEST_DIR"));
        let to = self.path("runs/20260114-181502-faces-1a2b");
        fs::create_dir_all(&to).unwrap();
        for file in ["status.json", "metrics.jsonl", "config.toml"] {
            let text = fs::read_to_string(format!("{run}/{file}")).unwrap();
            fs::write(to.join(file), text.replace("root = \"faces\"", "root = \"/nowhere/faces\"")).unwrap();
        }
    }
}

#[test]
fn the_document_has_the_count_the_axes_and_the_first_runs() {
    let place = Place::with(
        "seeds = [1, 2]\n[axes]\n\"train.optimizer\" = [\"sgd\", \"adam\"]\n\
         \"train.learning_rate\" = { min = 0.01, max = 1, scale = \"log\", points = 3 }\n",
    );
    let document = place.document(&[]);
    assert_eq!(document["runs"], 12);
    assert_eq!((&document["points"], &document["seeds"]), (&json!(6), &json!([1, 2])));
    let range = json!({ "min": 0.01, "max": 1.0, "scale": "log", "points": 3 });
    assert_eq!(document["axes"], json!({ "train.optimizer": ["sgd", "adam"], "train.learning_rate": range }));
    let second =
        json!({ "number": 2, "seed": 1, "set": { "train.optimizer": "sgd", "train.learning_rate": 0.1 } });
    assert_eq!(document["first"][1], second);
    assert_eq!(document["seconds_estimate"], Value::Null);
    assert!(!place.path("runs").exists(), "nothing was begun");
}

#[test]
fn the_text_tells_the_same_in_words() {
    let text = Place::with(
        "seeds = [1, 2]\n[axes]\n\"train.optimizer\" = [\"sgd\", \"adam\"]\n\"train.epochs\" = [3]\n\
         \"train.momentum\" = [0.5, 0.9]\n[[conditions]]\nwhen = { train.optimizer = \"adam\" }\n\
         skip = [\"train.momentum\"]\n",
    )
    .text();
    assert!(text.starts_with("s: 6 runs: 3 points of a grid, 2 seeds\n"), "{text}");
    for line in [
        "  train.optimizer  sgd, adam",
        "  train.epochs     3",
        "  seeds            1, 2",
        "  run  seed  optimizer  momentum",
        "  2    1     sgd        0.9",
        "  3    1     adam       -",
        "  and 1 more",
        "no estimate of the time: there is no earlier run here of each of these networks, or nothing tells how many pictures there are",
    ] {
        assert!(text.lines().any(|there| there == line), "{line}:\n{text}");
    }
}

#[test]
fn columns_of_fields_that_end_alike_have_their_whole_names() {
    let text = Place::with(
        "[axes]\n\"augment.rotate.probability\" = [0, 0.2]\n\"augment.crop.probability\" = [0, 0.2]\n\
         \"train.epochs\" = [1, 2]\n",
    )
    .text();
    assert!(
        text.contains("  run  seed  augment.rotate.probability  augment.crop.probability  epochs\n"),
        "{text}"
    );
}

#[test]
fn earlier_runs_of_the_network_tell_how_long_it_will_take() {
    let place = Place::with("[axes]\n\"train.learning_rate\" = [0.1, 0.2]\n\"train.epochs\" = [10, 20]\n");
    place.with_a_trained_run();
    let seconds = place.document(&[])["seconds_estimate"].as_f64().unwrap();
    // That run took about a minute for its ten epochs; these are sixty.
    assert!((200.0..600.0).contains(&seconds), "{seconds}");
    let text = place.text();
    assert!(text.contains("\nabout ") && text.contains(" min, one run at a time, as earlier runs"), "{text}");
}

#[test]
fn a_space_that_is_drawn_whole_before_its_trials_are_says_so() {
    let text = Place::with("sampler = \"asha\"\ntrials = 9\n[axes]\n\"train.epochs\" = [1, 2]\n").text();
    assert!(text.contains("s: 2 runs: 2 points at random, one in 3 goes on after 2 epochs"), "{text}");
    assert!(text.contains("the space has no more points, though trials = 9"), "{text}");
}

#[test]
fn the_papers_spaces_have_the_papers_counts() {
    for (name, runs) in [("preliminary", 144), ("final", 62_208)] {
        let file = format!("{}/configs/searches/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let folder = tempfile::tempdir().unwrap();
        let mut mien = mien();
        let output =
            mien.current_dir(folder.path()).args(["search", &file, "--dry-run", "--json"]).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["runs"], runs);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was written");
    }
}

#[test]
fn more_runs_than_are_allowed_are_refused_with_what_allows_them() {
    let place = Place::with(
        "[axes]\n\"train.epochs\" = { min = 1, max = 1000, points = 1000 }\n\
         \"train.log_steps\" = { min = 1, max = 101, points = 101 }\n",
    );
    let refused = place.refused(&[]);
    assert!(refused.contains("s.toml: these are 101,000 runs, more than 100,000"), "{refused}");
    assert!(refused.contains("--max-runs 101000"), "{refused}");
    assert_eq!(place.document(&["--max-runs", "101000"])["runs"], 101_000);
    assert!(place.refused(&["--max-runs", "7"]).contains("more than 7:"));
}

#[test]
fn what_is_wrong_with_a_file_is_one_sentence_with_the_file_the_line_and_the_cure() {
    for (text, sentence) in [
        (
            "[axes]\n\"train.lerning_rate\" = [1]\n",
            "line 3: no config has a field 'train.lerning_rate'; did you mean 'train.learning_rate'?",
        ),
        (
            "[axes]\n\"train.batch_size\" = [8, 1]\n",
            "line 3: the axis 'train.batch_size' cannot be 1: it must be 2 to 8192 (BatchNorm needs two)",
        ),
        (
            "[axes]\n\"train.epochs\" = []\n",
            "line 3: the axis 'train.epochs' has no values: a space without points has no runs; give it some, or take it out",
        ),
        (
            "sampler = \"random\"\ntrials = 0\n[axes]\n\"train.epochs\" = [1]\n",
            "line 3: trials = 0 is not possible: it must be 1 to 1000000000",
        ),
    ] {
        let place = Place::with(text);
        let refused = place.refused(&[]);
        let expected = format!("{}, {sentence}\n", place.path("s.toml").display());
        assert!(refused.ends_with(&expected), "{refused}\n{expected}");
        assert_eq!(refused.trim_end().lines().count(), 1, "{refused}");
    }
    let place = Place::with("");
    fs::remove_file(place.path("s.toml")).unwrap();
    let refused = place.refused(&[]);
    assert!(
        refused.contains("cannot read ") && refused.contains("configs/searches/preliminary.toml"),
        "{refused}"
    );
}
