use super::*;
use crate::run::{RunFolder, State};

const NOW: f64 = 1_800_000_000.0;

/// A run's folder with a config and results, and how lists show it.
struct Run {
    _keep: tempfile::TempDir,
    entry: RunEntry,
    values: Values,
}

impl Run {
    fn new() -> Self {
        let keep = tempfile::tempdir().unwrap();
        let path = keep.path().join("20260115-213011-faces-wide-5e6f");
        std::fs::create_dir(&path).unwrap();
        let write = |name: &str, text: &str| std::fs::write(path.join(name), text).unwrap();
        write("status.json", "{}");
        write(
            "config.toml",
            "[model]\ndepth = 4\n[data]\nroot = \"/faces\"\n[train]\nlearning_rate = 0.004\noptimizer = \"adamw\"\n",
        );
        write("metrics.jsonl", "{\"step\":1,\"split\":\"valid\",\"loss\":1.25,\"accuracy\":0.5}\n");
        let folder = RunFolder::open(&path).unwrap();
        let values = Values::read(&folder);
        let entry = RunEntry {
            id: folder.id(),
            folder,
            name: "Wide with Dropout".into(),
            state: State::Lost,
            reason: Some("its process is gone".into()),
            arch: "plain".into(),
            device: "cuda:0".into(),
            search: None,
            host: "node7".into(),
            tags: vec!["night".into(), "paper".into()],
            note: "a longer run is worth it".into(),
            notes_problem: None,
            epoch: 6,
            epochs: 80,
            step: 12_000,
            steps: 0,
            images_per_second: Some(312.4),
            eta_seconds: None,
            heartbeat: NOW - 200.0,
            created: Some(NOW - 9000.0),
            valid_accuracy: Some(0.638_9),
            test_accuracy: None,
        };
        Self { _keep: keep, entry, values }
    }

    fn passes(&self, query: &str) -> bool {
        let query = Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
        query.passes(&self.entry, Some(&self.values), NOW, &mut Scratch::default())
    }

    /// All of these queries mean the run, or none does.
    fn all_pass(&self, passes: bool, queries: &[&str]) {
        for query in queries {
            assert_eq!(self.passes(query), passes, "{query}");
        }
    }
}

fn error(query: &str) -> String {
    Query::parse(query).unwrap_err()
}

#[test]
fn words_are_found_in_all_that_names_a_run_with_letters_left_out() {
    let run = Run::new();
    run.all_pass(
        true,
        &["", "  ", "wide", "DROPOUT", "drpt", "lost", "plain", "cuda:0", "night pap", "5e6f", "worth it"],
    );
    run.all_pass(false, &["widely", "finished", "wide finished", "cuda:1", "cdf", "wrth"]);
}

#[test]
fn no_digit_of_a_number_is_left_out() {
    let mut run = Run::new();
    run.entry.name = "vgg-run102-resnet18".into();
    run.all_pass(true, &["run102", "rn102", "run10"]);
    run.all_pass(false, &["run12", "vgg12", "r108"]);
}

#[test]
fn words_in_quotes_stand_there_as_they_are() {
    let run = Run::new();
    run.all_pass(true, &["\"wide with\"", "\"Wide with", "note:\"longer run\""]);
    run.all_pass(false, &["\"wide drop\"", "\"drpt\"", "note:\"longer walk\""]);
}

#[test]
fn every_operator_compares() {
    Run::new().all_pass(
        true,
        &[
            "epoch<7",
            "epoch<=6",
            "epoch>5",
            "epoch>=6",
            "epoch=6",
            "epoch==6",
            "epoch!=7",
            "epoch:6",
            "epoch < 7",
            "epoch >= 6 wide",
            "state=lost",
            "state!=finished",
            "state:os",
            "STATE=Lost",
        ],
    );
    Run::new().all_pass(
        false,
        &[
            "epoch<6",
            "epoch<=5",
            "epoch>6",
            "epoch>=7",
            "epoch=7",
            "epoch!=6",
            "epoch:7",
            "state=los",
            "state!=lost",
        ],
    );
}

#[test]
fn what_other_languages_have_is_understood_or_told_about() {
    let run = Run::new();
    run.all_pass(true, &["epoch>5 and state:lost", "wide AND epoch<7", "\"worth\" or", "or"]);
    run.all_pass(false, &["epoch>5 and state:finished"]);
    assert_eq!(error("state:lost or state:failed"), "there is no 'or': all of it must be true");
    assert_eq!(error("wide !state:lost"), "type state!=lost");
    assert!(Query::parse("state:lost \"or\" wide").is_ok(), "in quotes it is a word as others");
}

#[test]
fn numbers_have_the_units_that_they_are_shown_in() {
    let run = Run::new();
    run.all_pass(
        true,
        &["valid>63%", "valid>0.63", "valid>63", "valid=63.9%", "valid<64%", "valid<=63.9%", "step>=12k"],
    );
    run.all_pass(
        true,
        &["age>2h", "age<3h", "age=2h", "age>140min", "age<1d", "silence>3min", "images/s>300"],
    );
    run.all_pass(false, &["valid>64%", "valid>1%  valid<1%", "step<12k", "age<2h", "age=3h", "silence>1h"]);
}

#[test]
fn tags_are_equal_one_by_one() {
    let run = Run::new();
    run.all_pass(true, &["tag=night", "tags=paper", "tag:pap", "tag!=day"]);
    run.all_pass(false, &["tag=pap", "tag=\"night paper\"", "tag!=night"]);
}

#[test]
fn configs_are_asked_by_whole_names_their_ends_and_short_ones() {
    let run = Run::new();
    run.all_pass(
        true,
        &[
            "train.learning_rate<0.01",
            "learning_rate=4e-3",
            "lr=0.004",
            "lr>0.1%",
            "bs=16",
            "optimizer=AdamW",
            "optimizer:adam",
        ],
    );
    run.all_pass(
        true,
        &["depth=4", "early_stopping.enabled=true", "train.device=auto", "width!=3", "data:faces"],
    );
    run.all_pass(false, &["lr>0.01", "bs!=16", "optimizer=adam", "width=64", "width<100", "depth>4"]);
}

#[test]
fn results_are_asked_by_split_and_key() {
    let run = Run::new();
    run.all_pass(true, &["valid/loss<1.3", "loss=1.25", "valid/accuracy=50%"]);
    run.all_pass(false, &["train/loss<9", "loss>2", "test/macro_f1>0"]);
}

#[test]
fn what_is_not_known_is_not_true() {
    let run = Run::new();
    run.all_pass(false, &["test>0%", "test<=100%", "steps>0", "left<9d"]);
    run.all_pass(true, &["test!=50%", "search!=preliminary"]);
    for query in ["lr<1", "lr!=1", "loss>0"] {
        let query = Query::parse(query).unwrap();
        assert!(query.needs_values());
        assert!(!query.passes(&run.entry, None, NOW, &mut Scratch::default()), "nothing was read yet");
    }
    assert!(!Query::parse("valid>1 name:x").unwrap().needs_values());
}

#[test]
fn what_cannot_be_understood_is_said_with_the_nearest_name() {
    assert_eq!(error("lerning_rate<1"), "no such field 'lerning_rate'; did you mean 'learning_rate'?");
    assert_eq!(error("vaild>3"), "no such field 'vaild'; did you mean 'valid'?");
    assert!(error("qqq=1").contains("known are state"));
    assert!(error("probability>0").contains("augment.crop.probability"), "it may be several");
    assert_eq!(error("valid>abc"), "'abc' is not a number: type 80% or 0.8");
    assert_eq!(error("epoch=abc"), "'abc' is not a number");
    assert_eq!(error("lr<abc"), "'abc' is not a number");
    assert_eq!(error("age<2"), "'2' is not a time: type 45s, 30min, 2h, 3d or 1w");
    assert_eq!(error("state<lost"), "state is a text: state=lost, state!=lost or state:lost");
    assert!(error("lerning_rate<").contains("did you mean"), "told before the value is typed");
}

#[test]
fn a_condition_that_is_being_typed_hides_nothing_yet() {
    let query = Query::parse("wide lr<").unwrap();
    assert_eq!(query.unfinished(), Some("lr< needs a value"));
    let run = Run::new();
    assert!(query.passes(&run.entry, None, NOW, &mut Scratch::default()));
    assert!(Query::parse("lr<1").unwrap().unfinished().is_none());
}

#[test]
fn nothing_that_can_be_typed_panics() {
    let pieces =
        ["<", ">", "=", "!", ":", "\"", " ", "é", "表", "lr", "%", "9e999", "-", "/", ".", "valid/", "cuda:"];
    let run = Run::new();
    for a in pieces {
        for b in pieces {
            for c in pieces {
                if let Ok(query) = Query::parse(&format!("{a}{b}{c}")) {
                    query.passes(&run.entry, Some(&run.values), NOW, &mut Scratch::default());
                }
            }
        }
    }
}
