use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;

fn mien(arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("mien").unwrap().arg("models").args(arguments).assert()
}

fn json(arguments: &[&str]) -> Value {
    let output = mien(arguments).success().get_output().stdout.clone();
    let text = String::from_utf8(output).unwrap();
    assert_eq!(text.matches('\n').count(), 1, "one document on one line");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_list_shows_every_network_with_its_count() {
    mien(&[])
        .success()
        .stdout(predicate::str::contains("10,478,086").and(predicate::str::contains("95,051,014")))
        .stdout(predicate::str::contains("facenet10").and(predicate::str::contains("resnet34")));
}

#[test]
fn json_has_the_promised_fields() {
    let list = json(&["--json"]);
    let resnet = list.as_array().unwrap().iter().find(|it| it["name"] == "resnet18").unwrap();
    assert_eq!(resnet["parameters"], 11_179_590);
    assert_eq!(resnet["input"], serde_json::json!([3, 64, 64]));
    assert!(resnet["macs"].as_u64().unwrap() > 100_000_000);
}

#[test]
fn one_network_shows_its_layers() {
    let conv5 = predicate::function(|text: &str| {
        let line = text.lines().find(|line| line.starts_with("conv5")).unwrap_or_default();
        ["conv 3x3", "1024 x 4 x 4", "4,719,616", "75,497,472"].iter().all(|cell| line.contains(cell))
    });
    mien(&["gimefive"]).success().stdout(conv5);
    let one = json(&["vgg", "--json"]);
    let layers = one[0]["layers"].as_array().unwrap();
    let sum: u64 = layers.iter().map(|layer| layer["parameters"].as_u64().unwrap()).sum();
    assert_eq!((one[0]["parameters"].as_u64(), sum), (Some(72_460_742), 72_460_742));
}

#[test]
fn an_unknown_network_is_refused_with_the_nearest_name() {
    mien(&["resnet81"]).code(2).stdout("").stderr(predicate::str::contains("did you mean 'resnet18'?"));
}
