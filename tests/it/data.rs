use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

fn mien(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("mien").unwrap();
    command.arg("data").args(arguments);
    command
}

fn json(arguments: &[&str]) -> Value {
    let output = mien(arguments).assert().success().get_output().stdout.clone();
    let text = String::from_utf8(output).unwrap();
    assert_eq!(text.lines().count(), 1, "one line, one document: {text}");
    serde_json::from_str(&text).unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    String::from_utf8(mien(arguments).assert().success().get_output().stdout.clone()).unwrap()
}

/// The sentence with which the command line was refused.
fn refusal(arguments: &[&str]) -> String {
    let assert = mien(arguments).assert().code(2);
    assert!(assert.get_output().stdout.is_empty());
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_drawn_set_can_be_counted_and_imported_as_class_folders() {
    let folder = tempfile::tempdir().unwrap();
    let (drawn, imported) = (folder.path().join("drawn"), folder.path().join("imported"));
    let said = stdout(&["synth", "--out", text(&drawn), "--per-class", "8", "--seed", "3"]);
    assert!(said.contains("drew 48 faces to train on and 12 to test with"), "{said}");

    let stats = json(&["stats", text(&drawn), "--json"]);
    assert_eq!(stats["total"], 60);
    assert_eq!(stats["splits"]["train"]["happiness"], 8);
    assert_eq!(stats["splits"]["test"]["fear"], 2);
    let table = stdout(&["stats", text(&drawn)]);
    assert!(table.contains("surprise") && table.contains("█"), "{table}");

    std::fs::write(drawn.join("train/fear/broken.jpg"), "no picture").unwrap();
    std::fs::create_dir(drawn.join("train/neutral")).unwrap();
    std::fs::copy(drawn.join("train/fear/00000.png"), drawn.join("train/neutral/a.png")).unwrap();
    let import = json(&["import", text(&drawn), "--out", text(&imported), "--json"]);
    assert_eq!(import["imported"], 60);
    assert_eq!(import["splits"]["test"]["anger"], 2);
    let skipped: Vec<(&str, &str)> = import["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|skipped| {
            let path = skipped["path"].as_str().unwrap();
            (path.rsplit('/').next().unwrap(), skipped["reason"].as_str().unwrap())
        })
        .collect();
    assert_eq!(skipped, [("a.png", "unknown label 'neutral'"), ("broken.jpg", "neither a JPG nor a PNG")]);
    // The same pictures in the same splits, in the order of names instead of classes.
    assert_eq!(json(&["stats", text(&imported), "--json"])["splits"], stats["splits"]);
}

#[test]
fn what_cannot_be_meant_is_refused_with_a_sentence_and_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    let out = folder.path().join("out");
    std::fs::create_dir(&empty).unwrap();
    assert!(refusal(&["stats", text(&empty)]).contains("holds no manifest.csv: make one with"));
    assert!(refusal(&["import", text(&empty), "--out", text(&out)]).contains("holds no JPG or PNG"));
    assert!(refusal(&["import", "/no/such/folder", "--out", text(&out)]).contains("/no/such/folder"));
    refusal(&["synth", "--out", text(&out), "--per-class", "0"]);
    assert!(!out.exists());

    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("thesis.tex"), "mine").unwrap();
    assert!(refusal(&["synth", "--out", text(&out)]).contains("is not empty"));
}

#[test]
fn a_bad_row_of_a_manifest_is_named_with_its_line_and_exit_code_1() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("manifest.csv"), "path,label,split\na.jpg,bored,train\n").unwrap();
    let assert = mien(&["stats", text(folder.path())]).assert().code(1);
    let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert!(said.contains("manifest.csv, line 2: unknown label 'bored'"), "{said}");
}
