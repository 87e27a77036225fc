//! What came of searches, told of folders that no supervisor and no trainer has written.

use crate::folder::{document, mien, refusal};
use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

const ID: &str = "20260301-120000-tiny-00ff";

/// A folder of runs with a search of two batch sizes, each with two seeds.
struct Searches(tempfile::TempDir);

impl Searches {
    fn new() -> Self {
        let searches = Self(tempfile::tempdir().unwrap());
        searches.add(ID, "valid/accuracy", &json!({ "state": "finished" }));
        searches
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The file that a search of [`Self::add`] was begun from.
    fn file(&self, id: &str) -> PathBuf {
        self.path().join(format!("{id}.toml"))
    }

    fn add(&self, id: &str, metric: &str, record: &Value) -> PathBuf {
        let folder = self.path().join("searches").join(id);
        fs::create_dir_all(&folder).unwrap();
        let file = format!(
            "name = \"tiny\"\nbase = \"base.toml\"\nmetric = \"{metric}\"\nseeds = [42, 43]\n[axes]\n\"train.batch_size\" = [8, 16]\n"
        );
        fs::write(folder.join("search.toml"), file).unwrap();
        fs::write(folder.join("base.toml"), "name = \"base\"\n[data]\nroot = \"/faces\"\n").unwrap();
        let line = |number: u64, seed: u64, size: u64| {
            json!({ "number": number, "seed": seed, "set": { "train.batch_size": size } }).to_string() + "\n"
        };
        let plan = [line(1, 42, 8), line(2, 42, 16), line(3, 43, 8), line(4, 43, 16)].concat();
        fs::write(folder.join("plan.jsonl"), plan).unwrap();
        let mut whole = json!({ "version": 1, "file": self.file(id), "heartbeat": 1 });
        whole.as_object_mut().unwrap().extend(record.as_object().unwrap().clone());
        fs::write(folder.join("state.json"), whole.to_string()).unwrap();
        folder
    }

    fn run(&self, number: u64, status: &Value) {
        let folder = self.path().join(run_id(number));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("status.json"), status.to_string()).unwrap();
    }

    fn finished(&self, number: u64, accuracy: f64) {
        let status = json!({
            "state": "finished", "epoch": 3, "epochs": 3, "step": 9, "steps": 9, "heartbeat": 1, "search": ID,
            "valid_accuracy": accuracy, "test_accuracy": 0.25, "trained_seconds": 60,
        });
        self.run(number, &status);
    }

    fn mien(&self, arguments: &[&str]) -> Command {
        let mut command = mien();
        command.arg("--runs").arg(self.path()).arg("search").args(arguments);
        command
    }
}

fn run_id(number: u64) -> String {
    format!("20260301-120000-tiny-{number:03}-00ff")
}

#[test]
fn without_searches_the_list_says_what_begins_one() {
    let empty = tempfile::tempdir().unwrap();
    let command = |arguments: &[&str]| {
        let mut command = mien();
        command.arg("--runs").arg(empty.path()).arg("search").args(arguments);
        command
    };
    command(&[]).assert().success().stdout("").stderr(contains("mien search FILE begins one"));
    assert_eq!(document(&mut command(&["--json"])), json!([]));
}

#[test]
fn searches_are_listed_newest_first_also_those_that_cannot_be_read() {
    let searches = Searches::new();
    searches.finished(1, 0.5);
    let torn = "20260401-000000-torn-0001";
    fs::write(searches.add(torn, "valid/accuracy", &json!({})).join("plan.jsonl"), "{\"number\":7}\n")
        .unwrap();
    let lost = json!({ "state": "running", "host": "elsewhere", "pid": 7 });
    searches.add("20260201-000000-gone-0002", "valid/accuracy", &lost);
    let list = document(&mut searches.mien(&["--json"]));
    let seen: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|search| (search["id"].as_str().unwrap(), search["state"].as_str().unwrap()))
        .collect();
    assert_eq!(seen, [(torn, "lost"), (ID, "finished"), ("20260201-000000-gone-0002", "lost")]);
    assert!(list[0]["problem"].as_str().unwrap().contains("plan.jsonl: line 1"), "{list}");
    let form = |field: &str| list[1][field].clone();
    assert_eq!(
        (form("name"), form("engine"), form("sampler")),
        (json!("tiny"), json!("local"), json!("grid"))
    );
    assert_eq!((form("runs"), form("finished"), form("running")), (json!(4), json!(1), json!(0)));
    assert_eq!(
        (form("failed"), form("best"), form("metric")),
        (json!(0), json!(0.5), json!("valid/accuracy"))
    );
    assert_eq!(form("seconds_left"), Value::Null);
    let words = searches.mien(&[]).assert().success();
    words.stdout(contains("1/4").and(contains("50.0 %")).and(contains("plan.jsonl: line 1")));
}

#[test]
fn what_came_of_a_search_is_told_best_first_with_its_failures() {
    let searches = Searches::new();
    for (number, accuracy) in [(1, 0.7), (2, 0.8), (4, 0.84)] {
        searches.finished(number, accuracy);
    }
    searches.run(3, &json!({ "state": "failed", "heartbeat": 1, "error": "no \u{1b}[2J memory" }));
    let file = searches.file(ID);
    for selector in ["tiny", "latest", ID, file.to_str().unwrap()] {
        let shown = document(&mut searches.mien(&[selector, "--show", "--json"]));
        assert_eq!((&shown["id"], &shown["state"]), (&json!(ID), &json!("finished")));
        assert_eq!((&shown["counts"]["finished"], &shown["counts"]["failed"]), (&json!(3), &json!(1)));
        let best = &shown["rows"][0];
        assert_eq!((&best["set"], &best["complete"]), (&json!({ "train.batch_size": 16 }), &json!(true)));
        assert!((best["mean"].as_f64().unwrap() - 0.82).abs() < 1e-9);
        assert!((best["interval"][0].as_f64().unwrap() - 0.565876).abs() < 1e-5, "t(1) is 12.7062: {best}");
        let seed = &best["seeds"][1];
        assert_eq!(
            (&seed["seed"], &seed["run"], &seed["value"]),
            (&json!(43), &json!(run_id(4)), &json!(0.84))
        );
        assert_eq!((&seed["state"], &seed["test_accuracy"]), (&json!("finished"), &json!(0.25)));
        assert_eq!(seed["reason"], Value::Null);
        assert_eq!(shown["rows"][1]["seeds"][1]["reason"], "no [2J memory");
    }
    let output = searches.mien(&["latest", "--show"]).assert().success().get_output().stdout.clone();
    let words = String::from_utf8(output).unwrap();
    let line =
        |with: &str| words.lines().find(|line| line.contains(with)).unwrap_or_else(|| panic!("{words}"));
    assert!(line("runs ").ends_with("4: 3 finished, 1 failed"), "{words}");
    let best: Vec<_> = line("82.0 %").split_whitespace().collect();
    assert_eq!(best.join(" "), "1 82.0 % 56.6 to 100.0 % 2/2 25.0 % finished 16");
    assert!(words.find("82.0 %") < words.find("70.0 %"), "{words}");
    assert!(line("70.0 %").contains("1/2") && line("70.0 %").contains("1 finished, 1 failed"), "{words}");
    assert_eq!(line("run 3 "), "run 3 (seed 43) failed: no [2J memory");
}

#[test]
fn a_search_by_loss_has_its_smallest_first() {
    let searches = Searches::new();
    searches.add(ID, "valid/loss", &json!({ "state": "stopped" }));
    for (number, loss) in [(1, 0.5), (2, 1.5), (3, 0.5), (4, 1.5)] {
        let status =
            json!({ "state": "finished", "heartbeat": 1, "valid_accuracy": 0.9, "valid_loss": loss });
        searches.run(number, &status);
    }
    let shown = document(&mut searches.mien(&[ID, "--show", "--json"]));
    assert_eq!((&shown["best"], &shown["rows"][0]["interval"]), (&json!(0.5), &json!([0.5, 0.5])));
    searches.mien(&[ID, "--show"]).assert().success().stdout(contains("0.5000 to 0.5000"));
}

#[test]
fn the_best_point_becomes_a_config_that_is_trained_as_any_other() {
    let searches = Searches::new();
    let to = searches.path().join("best.toml");
    let promote = || searches.mien(&["tiny", "--promote", to.to_str().unwrap()]);
    searches.finished(1, 0.7);
    let early = refusal(&mut promote(), 2);
    assert!(early.contains(ID) && early.contains("every seed"), "{early}");
    assert!(!to.exists());
    for (number, accuracy) in [(2, 0.8), (3, 0.7), (4, 0.84)] {
        searches.finished(number, accuracy);
    }
    let said = format!("mien train {}", to.display());
    promote().assert().success().stdout(contains(said).and(contains("82.0 %, the mean of 2 seeds")));
    let text = fs::read_to_string(&to).unwrap();
    assert!(text.starts_with(&format!("# The best of the 2 points of the search {ID}")), "{text}");
    assert!(text.contains("batch_size = 16  # searched") && text.contains("root = \"/faces\""), "{text}");
    let again = refusal(&mut promote(), 2);
    assert!(again.contains("best.toml exists already"), "{again}");
    assert_eq!(fs::read_to_string(&to).unwrap(), text);

    let nowhere = refusal(&mut searches.mien(&["tiny", "--promote", "/nowhere/best.toml"]), 2);
    assert!(nowhere.contains("there is no folder /nowhere"), "{nowhere}");
    // Read whole before the data is looked for.
    let mut train = mien();
    train.arg("--runs").arg(searches.path()).arg("train").arg(&to);
    let refused = refusal(&mut train, 2);
    assert!(refused.contains("/faces"), "{refused}");
}

#[test]
fn a_search_that_is_not_there_is_a_wrong_command_line() {
    let searches = Searches::new();
    for act in [&["--show"][..], &["--promote", "x.toml"]] {
        let said = refusal(&mut searches.mien(&[&["nope"], act].concat()), 2);
        assert!(said.contains("'nope'") && said.contains(ID), "{said}");
    }
    let said = refusal(&mut searches.mien(&["--show"]), 2);
    assert!(said.contains("name a search"), "{said}");
}

#[test]
fn a_torn_folder_is_shown_as_far_as_it_goes() {
    let searches = Searches::new();
    searches.finished(1, 0.7);
    let folder = searches.path().join("searches").join(ID);
    for file in ["state.json", "search.toml", "base.toml"] {
        fs::write(folder.join(file), "\u{1b}[2J{").unwrap();
        let shown = document(&mut searches.mien(&[ID, "--show", "--json"]));
        let problem = shown["problem"].as_str().unwrap();
        assert!(!problem.is_empty() && !problem.contains('\u{1b}'), "{problem}");
        assert_eq!(shown["rows"].as_array().unwrap().len(), 2);
        assert_eq!(shown["best"], json!(0.7));
        searches.mien(&[ID, "--show"]).assert().success().stdout(contains("because"));
    }
}
