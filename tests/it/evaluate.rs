//! `mien evaluate` and `mien score` on a run that was made by hand: a small untrained network, pictures of nothing.

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use burn::prelude::Device;
use mien::model::{self, Architecture, Network};
use mien::run::{RunFolder, State, Status};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// So many train pictures of each class, and a quarter as many to test with; no two are equal.
pub(super) fn write_set(folder: &Path, per_class: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let mut manifest = String::from("path,label,split\n");
    for (class, emotion) in mien::emotion::Emotion::ALL.into_iter().enumerate() {
        for i in 0..per_class + per_class / 4 {
            let split = if i < per_class { "train" } else { "test" };
            let name = format!("{split}_{i}_{class}.png");
            let stripes = |x: u32, y: u32| [((x * (i as u32 + 1) + y * (class as u32 + 2) * 3) % 256) as u8];
            image::GrayImage::from_fn(64, 64, |x, y| image::Luma(stripes(x, y)))
                .save(folder.join(&name))
                .unwrap();
            manifest += &format!("{name},{emotion},{split}\n");
        }
    }
    std::fs::write(folder.join("manifest.csv"), manifest).unwrap();
}

pub(super) struct Place {
    folder: tempfile::TempDir,
    pub run: RunFolder,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("faces");
        write_set(&data, 8);
        let run = RunFolder::create_with(
            &folder.path().join("runs"),
            "hand-made",
            &Status::new(State::Queued),
            None,
        )
        .unwrap();
        let config = format!(
            "name = \"hand-made\"\n[model]\narch = \"plain\"\ndepth = 2\nwidth = 4\nfc_depth = 1\n\
             [data]\nroot = {:?}\nvalid = {{ fraction = 0.25 }}\n",
            data.to_str().unwrap()
        );
        std::fs::write(run.config(), config).unwrap();
        Self { folder, run }
    }

    pub fn with_weights() -> Self {
        let place = Self::new();
        let architecture = Architecture {
            arch: "plain".into(),
            depth: Some(2),
            width: Some(4),
            fc_depth: Some(1),
            ..Architecture::default()
        };
        let network = Network::new(&architecture, 5, &Device::flex()).unwrap();
        model::save(&network, &architecture, &place.run.model()).unwrap();
        place
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn mien(&self, arguments: &[&str]) -> Assert {
        let mut command = Command::cargo_bin("mien").unwrap();
        command.arg("--runs").arg(self.at("runs")).args(arguments).current_dir(self.folder.path()).assert()
    }
}

pub(super) fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

pub(super) fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn an_atlas_is_drawn_into_the_runs_folder_and_never_over_another_file() {
    let place = Place::with_weights();
    let evaluate = ["evaluate", "latest", "--atlas", "--device", "cpu"];
    let said = stderr(&place.mien(&evaluate).success());
    let chart = place.run.path().join("atlas-test.png");
    assert!(said.contains("atlas-test.png"), "{said}");
    let drawn = image::open(&chart).unwrap();
    assert_eq!((drawn.width(), drawn.height()), mien::explain::ATLAS_CHART_SIZE);
    let kept = json(&place.run.path().join("atlas-test-grad-cam-predicted.json"));
    let counts = kept["cells"].as_array().unwrap().iter().map(|cell| cell["pictures"].as_u64().unwrap());
    assert_eq!((counts.sum::<u64>(), kept["layer"].as_str()), (12, Some("relu2")));
    let matrix = &mien::evaluate::read_evaluations(&place.run.evaluation()).unwrap()["test"].confusion;
    for cell in kept["cells"].as_array().unwrap() {
        let of = |key: &str| mien::emotion::Emotion::parse(cell[key].as_str().unwrap()).unwrap();
        assert_eq!(cell["pictures"].as_u64(), Some(matrix.get(of("truth"), of("prediction"))));
    }

    std::fs::write(&chart, "mine").unwrap();
    place.mien(&evaluate).success();
    assert_eq!(std::fs::read_to_string(&chart).unwrap(), "mine");
    assert_eq!(image::open(place.run.path().join("atlas-test-2.png")).unwrap(), drawn, "from the kept atlas");
    place.mien(&["evaluate", "latest", "--atlas", "--data", "faces"]).failure().code(2);
}

#[test]
fn evaluating_a_run_prints_one_document_and_keeps_scores_and_evaluation() {
    let place = Place::with_weights();
    let text = stdout(&place.mien(&["evaluate", "latest", "--device", "cpu", "--json"]).success());
    assert_eq!(text.lines().count(), 1, "{text}");
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((document["split"].as_str(), document["count"].as_u64()), (Some("test"), Some(12)));
    let rows = document["confusion"].as_array().unwrap();
    assert!(
        rows.iter().all(|row| row.as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum::<u64>() == 2)
    );

    let scores = mien::evaluate::read_scores(&place.run.scores("test")).unwrap();
    let (probabilities, labels) = scores.labelled();
    assert_eq!(labels.len(), 12);
    let evaluation = mien::evaluate::evaluate(&probabilities, &labels);
    assert_eq!(evaluation.accuracy, document["accuracy"].as_f64());
    assert_eq!(mien::evaluate::read_evaluations(&place.run.evaluation()).unwrap()["test"], evaluation);

    // valid is a quarter of the 48 train pictures; the test split's evaluation stays.
    place.mien(&["evaluate", "hand-made", "--split", "valid", "--device", "cpu"]).success();
    let kept = json(&place.run.evaluation());
    assert_eq!((kept["valid"]["count"].as_u64(), kept["test"]["count"].as_u64()), (Some(12), Some(12)));
    let before = std::fs::read(place.run.evaluation()).unwrap();
    place.mien(&["evaluate", "hand-made", "--split", "valid", "--device", "cpu"]).success();
    assert_eq!(
        std::fs::read(place.run.evaluation()).unwrap(),
        before,
        "nothing but weights and data is in it"
    );
}

#[test]
fn other_data_is_measured_and_nothing_kept() {
    let place = Place::with_weights();
    write_set(&place.at("other"), 4);
    let arguments = ["evaluate", "latest", "--data", "other", "--split", "train", "--device", "cpu"];
    let text = stdout(&place.mien(&arguments).success());
    assert!(text.starts_with("train: 24 pictures\n"), "{text}");
    assert!(text.contains("truth\\said") && !text.contains('\x1b'), "{text}");
    assert!(!place.run.evaluation().exists() && !place.run.scores("train").exists());
    let empty = place.mien(&["evaluate", "latest", "--data", "other", "--split", "valid"]).code(2);
    assert!(stderr(&empty).contains("no valid picture"), "{}", stderr(&empty));
}

#[test]
fn what_is_missing_is_named_and_refused_before_any_work() {
    let place = Place::new();
    let no_weights = place.mien(&["evaluate", "latest"]).code(2);
    assert!(stderr(&no_weights).contains("has no model.safetensors yet"), "{}", stderr(&no_weights));
    place.mien(&["evaluate", "nothing-like-it"]).code(2);
    place.mien(&["evaluate", "latest", "--split", "tset"]).code(2);
    let place = Place::with_weights();
    let no_data = place.mien(&["evaluate", "latest", "--data", "runs"]).code(2);
    assert!(stderr(&no_data).contains("manifest.csv"), "{}", stderr(&no_data));
    let no_file = place.mien(&["score", "--weights", "none.safetensors", "faces", "--device", "cpu"]).code(2);
    assert!(stderr(&no_file).contains("none.safetensors"), "{}", stderr(&no_file));
    let weights = place.run.model();
    let arguments = ["score", "--weights", weights.to_str().unwrap(), "--arch", "resnet81", "faces"];
    assert!(stderr(&place.mien(&arguments).code(2)).contains("did you mean 'resnet18'?"));
}

#[test]
fn scoring_names_what_it_cannot_read_and_scores_the_rest() {
    let place = Place::with_weights();
    let folder = place.at("mixed");
    std::fs::create_dir(&folder).unwrap();
    let face = first_picture(&place.at("faces"));
    for name in ["10_3.png", "9_0.png", "plain.png"] {
        std::fs::copy(&face, folder.join(name)).unwrap();
    }
    std::fs::write(folder.join("broken_1.jpg"), "no picture").unwrap();
    let done =
        place.mien(&["score", "latest", "mixed", "--out", "out/scores.csv", "--device", "cpu"]).success();
    let said = stderr(&done);
    assert!(
        said.contains("mixed/broken_1.jpg: ") && said.contains("scored 3 pictures, 1 could not be read"),
        "{said}"
    );
    assert!(said.contains("of 2 with a label in their name"), "{said}");
    let scores = mien::evaluate::read_scores(&place.at("out/scores.csv")).unwrap();
    let names: Vec<&str> = scores.rows.iter().map(|row| row.path.as_str()).collect();
    assert_eq!(names, ["mixed/9_0.png", "mixed/10_3.png", "mixed/plain.png"]);
    assert_eq!(scores.rows[0].scores, scores.rows[1].scores, "one picture has one score");
}

#[test]
fn the_papers_form_goes_to_stdout_and_comes_from_a_weights_file() {
    let place = Place::with_weights();
    let face = first_picture(&place.at("faces"));
    let weights = place.run.model();
    let arguments = [
        "score",
        "--weights",
        weights.to_str().unwrap(),
        face.to_str().unwrap(),
        "--round",
        "2",
        "--device",
        "cpu",
    ];
    let text = stdout(&place.mien(&arguments).success());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "filepath,happiness,surprise,sadness,anger,disgust,fear");
    let numbers: Vec<&str> = lines[1].rsplit(',').take(6).collect();
    assert!(numbers.iter().all(|number| number.len() == 4 && number.as_bytes()[1] == b'.'), "{text}");
}

#[test]
fn scoring_nothing_is_refused_and_scoring_only_broken_pictures_fails() {
    let place = Place::with_weights();
    std::fs::create_dir(place.at("empty")).unwrap();
    assert!(
        stderr(&place.mien(&["score", "latest", "empty"]).code(2)).contains("no png, jpg or jpeg in empty")
    );
    assert!(stderr(&place.mien(&["score", "latest", "nowhere.jpg"]).code(2)).contains("nowhere.jpg"));
    place.mien(&["score", "latest"]).code(2);
    std::fs::write(place.at("broken.jpg"), "").unwrap();
    place.mien(&["score", "latest", "broken.jpg", "--out", "x.csv", "--device", "cpu"]).code(1);
    assert!(!place.at("x.csv").exists());
}

fn first_picture(faces: &Path) -> PathBuf {
    let (pictures, _) = mien::evaluate::pictures_under(&[faces.to_path_buf()]).unwrap();
    pictures[0].clone()
}
