//! `mien faithfulness` on a run that was made by hand: a small untrained network, pictures of nothing.

use super::evaluate::{Place, stderr, stdout, write_set};
use serde_json::Value;

fn document(place: &Place, arguments: &[&str]) -> Value {
    let text = stdout(&place.mien(&[arguments, &["--device", "cpu", "--json"]].concat()).success());
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_method_and_both_controls_have_every_metric_with_its_interval() {
    let place = Place::with_weights();
    let arguments = ["faithfulness", "latest", "--limit", "2", "--methods", "grad-cam,hires-cam"];
    let found = document(&place, &arguments);
    assert_eq!(found["run"].as_str().unwrap(), place.run.id());
    assert_eq!((found["split"].as_str(), found["count"].as_u64()), (Some("test"), Some(2)));
    assert_eq!(found["layer"].as_str(), Some("relu2"));
    let names = |key: &str, name: &str| -> Vec<String> {
        found[key].as_array().unwrap().iter().map(|of| of[name].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("methods", "method"), ["grad-cam", "hires-cam"]);
    assert_eq!(names("controls", "control"), ["random", "centred"]);
    for maps in found["methods"].as_array().unwrap().iter().chain(found["controls"].as_array().unwrap()) {
        let metrics = maps["metrics"].as_object().unwrap();
        let mut names: Vec<&String> = metrics.keys().collect();
        names.sort();
        assert_eq!(names, ["average_drop", "deletion", "increase", "insertion", "road"]);
        for metric in metrics.values() {
            let [low, mean, high] = ["low", "mean", "high"].map(|key| metric[key].as_f64().unwrap());
            assert!(low <= mean + 1e-12 && mean <= high + 1e-12, "{maps}");
        }
        assert!(maps["zero"].is_u64() && maps["energy"]["mouth"].is_object() | (maps["zero"] == 2), "{maps}");
    }
    let stages = found["sanity"][0]["stages"].as_array().unwrap();
    let names: Vec<&str> = stages.iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
    assert_eq!(names, ["fc1", "conv2", "conv1"]);
    assert!(stages.iter().all(|stage| stage["spearman"]["mean"].as_f64().unwrap().abs() <= 1.0));
    assert_eq!(document(&place, &arguments), found, "the same seed, the same figures");
}

#[test]
fn a_table_fits_a_hundred_columns_and_says_what_was_measured() {
    let place = Place::with_weights();
    write_set(&place.at("other"), 4);
    let weights = place.run.model();
    let weights = weights.to_str().unwrap();
    let text = stdout(
        &place
            .mien(&[
                "faithfulness",
                "--weights",
                weights,
                "--data",
                "other",
                "--limit",
                "1",
                "--device",
                "cpu",
            ])
            .success(),
    );
    assert!(text.starts_with("test: 1 of 6 pictures, 0 to 1 of each class"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    for said in ["deletion ↓", "ROAD ↑", "grad-cam++", "\ncam ", "(random)", "(centred)", "own", "conv1"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("occlusion") && !text.contains('\x1b'), "{text}");
    assert!(text.contains(" ±?") && !text.contains("±0.00"), "one picture has no interval: {text}");
    let best = |line: &&str| line.contains('*') && !line.starts_with('(') && !line.starts_with('*');
    assert!(text.lines().any(|line| best(&line)), "{text}");
}

#[test]
fn what_cannot_be_measured_is_refused_before_any_work() {
    let place = Place::with_weights();
    let refused = |arguments: &[&str]| {
        stderr(&place.mien(&[&["faithfulness"], arguments, &["--device", "cpu"]].concat()).code(2))
    };
    let said = refused(&["latest", "--methods", "grad-cam,gradcam"]);
    assert!(said.contains("gradcam") && said.contains("hires-cam") && said.contains("occlusion"), "{said}");
    let said = refused(&["latest", "--layer", "relu9"]);
    assert!(said.contains("no layer 'relu9'") && said.contains("relu2"), "{said}");
    let said = refused(&["latest", "--methods", "cam", "--layer", "relu1"]);
    assert!(said.contains("cam is defined on"), "{said}");
    let said = refused(&["latest", "--methods", "occlusion", "--layer", "relu1"]);
    assert!(said.contains("--layer"), "{said}");
    refused(&["latest", "--limit", "0"]);
    refused(&["nothing-like-it"]);
    refused(&[]);
    let weights = place.run.model();
    assert!(refused(&["--weights", weights.to_str().unwrap()]).contains("--data"));
    write_set(&place.at("other"), 4);
    let said = refused(&["latest", "--data", "other", "--split", "valid"]);
    assert!(said.contains("no valid picture"), "{said}");
    let said = refused(&["--weights", weights.to_str().unwrap(), "--data", "other", "--split", "valid"]);
    assert!(said.contains("no valid picture"), "{said}");
}
