//! `mien explain` on small untrained networks and pictures of nothing.

mod in_terminal;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use burn::prelude::Device;
use mien::data::Photo;
use mien::emotion::Emotion;
use mien::explain::{Explainer, Method, Picture, Request, Target};
use mien::model::{self, Architecture, Network};
use mien::run::{RunFolder, State, Status};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A run of a network whose head is one linear layer, a ResNet's weights, and pictures.
struct Place {
    folder: tempfile::TempDir,
    run: RunFolder,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runs = folder.path().join("runs");
        let run = RunFolder::create_with(&runs, "small", &Status::new(State::Finished), None).unwrap();
        let faces = folder.path().join("faces");
        fs::create_dir(&faces).unwrap();
        let config = format!(
            "name = \"small\"\n[model]\narch = \"plain\"\ndepth = 2\nwidth = 4\nfc_depth = 1\n[data]\nroot = {:?}\n",
            faces.to_str().unwrap()
        );
        fs::write(run.config(), config).unwrap();
        let place = Self { folder, run };
        save(&plain(1), &place.run.model());
        save(
            &Architecture { arch: "resnet18".into(), width: Some(4), ..Architecture::default() },
            &place.at("resnet.safetensors"),
        );
        for (number, name) in ["1_0.png", "2_3.png", "plain.png", "listed.png"].into_iter().enumerate() {
            let level = |x: u32, y: u32| [((x * (number as u32 + 2) + y * y / 7) % 256) as u8];
            let picture = image::GrayImage::from_fn(64, 64, |x, y| image::Luma(level(x, y)));
            picture.save(place.at("faces").join(name)).unwrap();
        }
        fs::write(place.at("faces/manifest.csv"), "path,label,split\nlisted.png,disgust,test\n").unwrap();
        place
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn mien(&self, arguments: &[&str]) -> Assert {
        let mut command = Command::cargo_bin("mien").unwrap();
        command.args(["--runs", "runs", "explain"]).args(arguments).current_dir(self.folder.path()).assert()
    }

    fn documents(&self, arguments: &[&str]) -> Vec<Value> {
        let done = self.mien(&[arguments, &["--json", "--device", "cpu"]].concat()).success();
        let text = stdout(&done);
        assert_eq!(text.lines().count(), 1, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The command is refused before any work, with a sentence that has these words.
    fn refuses(&self, arguments: &[&str], words: &[&str]) {
        let said = stderr(&self.mien(arguments).code(2));
        assert!(words.iter().all(|word| said.contains(word)), "{arguments:?}: {said}");
    }
}

fn plain(fc_depth: usize) -> Architecture {
    let (depth, width) = (Some(2), Some(4));
    Architecture { arch: "plain".into(), depth, width, fc_depth: Some(fc_depth), ..Architecture::default() }
}

fn save(architecture: &Architecture, path: &Path) {
    let network = Network::new(architecture, 5, &Device::flex()).unwrap();
    model::save(&network, architecture, path).unwrap();
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn numbers(map: &Value) -> Vec<Vec<f64>> {
    let row = |row: &Value| row.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
    map.as_array().unwrap().iter().map(row).collect()
}

fn class_activation() -> impl Iterator<Item = Method> {
    Method::ALL.into_iter().filter(|method| method.is_of_layer() && *method != Method::Cam)
}

#[test]
fn every_class_activation_method_gives_maps_of_the_nested_layer_that_is_asked_for() {
    let place = Place::new();
    for method in class_activation() {
        let documents = place.documents(&[
            "--weights",
            "resnet.safetensors",
            "faces",
            "--method",
            method.name(),
            "--layer",
            "layer2.0.conv1",
        ]);
        assert_eq!(documents.len(), 4);
        for document in documents {
            assert_eq!(document["method"], method.name());
            assert_eq!(document["layer"], "layer2.0.conv1");
            assert_eq!(document["class"], document["prediction"], "what is predicted is asked about");
            assert_eq!(document.get("versus").is_some(), method == Method::FinerCam);
            let map = numbers(&document["map"]);
            assert!(map.len() == 16 && map.iter().all(|row| row.len() == 16), "{method}");
            let values: Vec<f64> = map.concat();
            assert!(values.iter().all(|value| (0.0..=1.0).contains(value)), "{method}");
            let highest = values.iter().copied().fold(0.0, f64::max);
            assert_eq!(highest == 0.0, document["zero"].as_bool().unwrap(), "{method}");
            let scores = document["scores"].as_object().unwrap();
            let sum: f64 = Emotion::ALL.iter().map(|emotion| scores[emotion.name()].as_f64().unwrap()).sum();
            assert!(scores.len() == 6 && (sum - 1.0).abs() < 1e-5);
        }
    }
}

#[test]
fn a_document_holds_the_map_that_the_library_gives() {
    let place = Place::new();
    let found = place.documents(&["latest", "faces/1_0.png", "--class", "fear", "--signed"]);
    let (network, architecture) = model::load(&place.run.model(), None, &Device::flex()).unwrap();
    let explainer = Explainer::new(&architecture.arch, &network, &Device::flex());
    let pixels = mien::data::read_picture(&place.at("faces/1_0.png")).unwrap();
    let request = Request { target: Target::Class(Emotion::Fear), ..Request::default() };
    let explanation = &explainer.explain(&[Picture { pixels: &pixels, truth: None }], &request).unwrap()[0];
    let map = numbers(&found[0]["map"]).concat();
    let expected = explanation.map.signed();
    assert_eq!(map.len(), expected.values().len());
    assert!(map.iter().zip(expected.values()).all(|(a, b)| (a - f64::from(*b)).abs() < 1e-6));
    assert!(map.iter().any(|value| value.abs() == 1.0));
    assert_eq!(
        (&found[0]["path"], &found[0]["truth"]),
        (&Value::from("faces/1_0.png"), &Value::from("happiness"))
    );
    assert_eq!(found[0]["layer"], explainer.network().last_relu());
}

#[test]
fn the_truth_is_in_a_pictures_name_or_in_the_runs_manifest() {
    let place = Place::new();
    let asked = place.documents(&["latest", "faces/2_3.png", "faces/listed.png", "--class", "true"]);
    assert_eq!((&asked[0]["class"], &asked[1]["class"]), (&Value::from("anger"), &Value::from("disgust")));
    place.refuses(
        &["latest", "faces/1_0.png", "faces/plain.png", "--class", "true"],
        &["faces/plain.png", "is not known"],
    );
    let unknown = place.documents(&["latest", "faces/plain.png"]);
    assert!(unknown[0].get("truth").is_none_or(Value::is_null));
}

#[test]
fn versus_means_finer_cam_and_leaves_out_a_picture_of_that_very_class() {
    let place = Place::new();
    let predicted =
        place.documents(&["latest", "faces/1_0.png"])[0]["prediction"].as_str().unwrap().to_string();
    let other = Emotion::ALL.into_iter().find(|emotion| emotion.name() != predicted).unwrap();
    let found = place.documents(&["latest", "faces/1_0.png", "--versus", other.name(), "--flip"]);
    assert_eq!(
        (&found[0]["method"], &found[0]["versus"]),
        (&Value::from("finer-cam"), &Value::from(other.name()))
    );
    let failed = place.mien(&["latest", "faces/1_0.png", "--versus", &predicted, "--device", "cpu"]).code(1);
    assert!(stderr(&failed).contains(&format!("{predicted} against itself says nothing")));
}

#[test]
fn lines_and_no_escape_go_to_what_is_no_terminal() {
    let place = Place::new();
    let done = place.mien(&["latest", "faces/1_0.png", "faces/plain.png", "--device", "cpu"]).success();
    let text = stdout(&done);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[0].starts_with("faces/1_0.png: ")
            && lines[0].contains(" % (truth happiness); grad-cam at relu2 for ")
    );
    assert!(!lines[1].contains("truth") && !text.contains('\x1b'), "{text}");
}

#[test]
fn a_map_without_positive_evidence_is_said_to_be_one() {
    let place = Place::new();
    // Behind a ReLU, a class all of whose weights are negative has no evidence anywhere.
    let maps =
        |arguments: &[&str]| place.documents(&[&["latest", "faces", "--method", "cam"], arguments].concat());
    let (path, class) = Emotion::ALL
        .iter()
        .flat_map(|class| maps(&["--class", class.name()]))
        .find(|document| document["zero"] == true)
        .map(|document| (document["path"].as_str().unwrap().to_string(), document["class"].clone()))
        .expect("an untrained network's weights for some class are negative");
    let arguments =
        ["latest", &path, "--method", "cam", "--class", class.as_str().unwrap(), "--device", "cpu"];
    assert!(stdout(&place.mien(&arguments).success()).trim_end().ends_with(": no positive evidence"));
}

#[test]
fn panels_and_channels_are_written_and_nothing_of_others_is_overwritten() {
    let place = Place::new();
    fs::create_dir_all(place.at("more")).unwrap();
    fs::copy(place.at("faces/2_3.png"), place.at("more/1_0.png")).unwrap();
    fs::create_dir(place.at("out")).unwrap();
    fs::write(place.at("out/1_0-layer-cam.png"), "mine").unwrap();
    let arguments = [
        "latest",
        "faces/1_0.png",
        "more/1_0.png",
        "--method",
        "layer-cam",
        "--layer",
        "bn2",
        "--out",
        "out",
        "--activations",
        "--device",
        "cpu",
    ];
    for _ in 0..2 {
        let said = stderr(&place.mien(&arguments).success());
        assert!(said.contains("wrote 4 pictures into out; 2 got a number"), "{said}");
        let mut names: Vec<String> = fs::read_dir(place.at("out"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let expected = [
            "1_0-bn2-activations-2.png",
            "1_0-bn2-activations.png",
            "1_0-layer-cam-2.png",
            "1_0-layer-cam-3.png",
            "1_0-layer-cam.png",
        ];
        assert_eq!(names, expected);
    }
    assert_eq!(fs::read_to_string(place.at("out/1_0-layer-cam.png")).unwrap(), "mine");
    let read = |name: &str| Photo::read(&place.at("out").join(name), 4096).unwrap();
    let (first, second) = (read("1_0-layer-cam-2.png"), read("1_0-layer-cam-3.png"));
    assert_eq!((first.width(), first.height()), (3 * 256 + 2 * 8, 256));
    assert_ne!(first, second);
    // The first panel is the picture as the network sees it, four pixels for one.
    let pixels = mien::data::read_picture(&place.at("faces/1_0.png")).unwrap();
    assert!((0..64).all(|i| first.rgb(4 * i + 1, 4 * i + 2) == [pixels[65 * i]; 3]));
    assert_eq!(first.rgb(258, 10), [255; 3], "the gap is white");
    let channels = read("1_0-bn2-activations.png");
    assert_eq!((channels.width(), channels.height()), (3 * 33 - 1, 3 * 33 - 1), "8 channels of 32 x 32");
    let named = [
        "latest",
        "faces/1_0.png",
        "--versus",
        "anger",
        "--class",
        "fear",
        "--out",
        "new/deep",
        "--device",
        "cpu",
    ];
    place.mien(&named).success();
    assert!(place.at("new/deep/1_0-finer-cam-fear-not-anger.png").is_file());
}

#[test]
fn the_layers_are_listed_with_their_sizes() {
    let place = Place::new();
    let text = stdout(&place.mien(&["latest", "--layers", "--device", "cpu"]).success());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>().join(" "), "conv1 4 x 64 x 64");
    assert!(
        lines.iter().any(|line| line.starts_with("relu2 ") && line.ends_with("8 x 32 x 32  default")),
        "{text}"
    );
    let relu2 =
        serde_json::json!({ "layer": "relu2", "channels": 8, "height": 32, "width": 32, "default": true });
    assert!(place.documents(&["latest", "--layers"]).contains(&relu2));
    let help = ["--weights", "resnet.safetensors", "--layer", "help", "--device", "cpu"];
    assert!(stdout(&place.mien(&help).success()).contains("layer2.0.shortcut.0     8 x 16 x 16"));
}

#[test]
fn what_cannot_be_meant_is_refused_before_any_work() {
    let place = Place::new();
    let face = "faces/1_0.png";
    place.refuses(&["latest", face, "--method", "gradcam"], &["grad-cam++", "similar", "'grad-cam'"]);
    place.refuses(
        &["latest", face, "--layer", "rely2"],
        &["no layer 'rely2', did you mean 'relu2'?", "conv1, bn1"],
    );
    place.refuses(&["latest", face, "--layer", "fc1"], &["'fc1' has no height and width"]);
    place.refuses(
        &["latest", face, "--method", "cam", "--layer", "conv1"],
        &["cam is defined on 'block2' alone"],
    );
    save(&plain(2), &place.at("deep.safetensors"));
    place.refuses(&["--weights", "deep.safetensors", face, "--method", "cam"], &["global average pooling"]);
    place.refuses(
        &["latest", face, "--class", "neutral"],
        &["happiness, surprise, sadness, anger, disgust, fear"],
    );
    place.refuses(&["latest", face, "--versus", "neutral"], &["happiness, surprise"]);
    place.refuses(&["latest", face, "--class", "fear", "--versus", "fear"], &["fear against itself"]);
    place.refuses(
        &["latest", face, "--method", "grad-cam", "--versus", "fear"],
        &["--versus belongs to --method finer-cam"],
    );
    place.refuses(&["latest", face, "--steps", "9"], &["--steps belongs to --method integrated-gradients"]);
    place.refuses(
        &["latest", face, "--method", "occlusion", "--layer", "relu1"],
        &["occlusion looks at the picture's pixels"],
    );
    place.refuses(&["latest", face, "--method", "occlusion", "--stride", "9"], &["leaves gaps", "8 pixels"]);
    for opacity in ["1.5", "NaN", "half"] {
        place.refuses(&["latest", face, "--opacity", opacity], &["must be a number from 0 to 1"]);
    }
    place.refuses(&["latest", face, "--opacity", "-1"], &["must be a number from 0 to 1"]);
    place.refuses(&["latest", face, "--versus", "fear", "--alpha", "-1"], &["a number from 0 to 100"]);
    place.refuses(&["latest", face, "--method", "smooth-grad", "--noise", "-1"], &["from 0 to 1"]);
    place.refuses(&["latest", face, "--colours", "hot"], &["jet, viridis, turbo"]);
    place.refuses(&["latest"], &["name the pictures or folders"]);
    place.refuses(&[], &["name a run"]);
    place.refuses(&["latest", "nowhere.png"], &["nowhere.png"]);
    place.refuses(&["latest", "runs"], &["no png, jpg or jpeg in runs"]);
    place.refuses(&["latest", face, "--activations"], &["--out"]);
    place.refuses(&["latest", face, "--out", face], &["faces/1_0.png cannot be a folder"]);
    place.refuses(&["--weights", "none.pth", face], &["none.pth"]);
}

#[test]
fn a_picture_that_cannot_be_read_is_named_and_the_others_are_explained() {
    let place = Place::new();
    fs::write(place.at("faces/3_broken.jpg"), "no picture").unwrap();
    let failed = place.mien(&["latest", "faces", "--json", "--device", "cpu"]).code(1);
    let documents: Vec<Value> = serde_json::from_str(&stdout(&failed)).unwrap();
    assert_eq!(documents.len(), 4);
    let said = stderr(&failed);
    assert!(
        said.contains("faces/3_broken.jpg: ") && said.contains("1 of 5 pictures was not explained"),
        "{said}"
    );
}
