use assert_cmd::Command;
use serde_json::Value;

fn mien(arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("mien").unwrap().args(arguments).assert()
}

#[test]
fn json_lists_the_first_gpu_with_its_verdict_and_the_cpu_as_usable() {
    let output = mien(&["devices", "--json"]).success().get_output().stdout.clone();
    let text = String::from_utf8(output).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    let devices: Vec<Value> = serde_json::from_str(&text).unwrap();
    let [gpu, .., cpu] = devices.as_slice() else { panic!("{text}") };
    assert_eq!((gpu["device"].as_str(), cpu["device"].as_str()), (Some("cuda:0"), Some("cpu")));
    assert_eq!(gpu["usable"].as_bool().unwrap(), gpu["reason"].is_null());
    assert!(cpu["usable"].as_bool().unwrap() && !cpu["name"].as_str().unwrap().is_empty());
}

#[test]
fn the_table_has_the_cpu_and_no_codes_where_it_is_piped() {
    let output = mien(&["devices"]).success().get_output().stdout.clone();
    let text = String::from_utf8(output).unwrap();
    assert!(text.lines().any(|line| line.starts_with("cpu       usable")), "{text}");
    assert!(!text.contains('\x1b'));
}

#[test]
fn a_probe_answers_with_one_line_of_json_whatever_is_missing() {
    let output = mien(&["devices", "--probe", "cuda:0"]).success().get_output().stdout.clone();
    let answer: Value = serde_json::from_slice(&output).unwrap();
    assert!(answer["gpus"].is_array() && answer["missing"].is_array());
    mien(&["devices", "--probe", "cpu"]).code(2);
}
