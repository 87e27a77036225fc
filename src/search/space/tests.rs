use super::*;
use std::fs;

/// A file `search.toml` beside `base.toml`, read.
fn read_over(base: &str, text: &str) -> Result<Search, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("base.toml"), base).unwrap();
    let path = folder.path().join("search.toml");
    fs::write(&path, format!("base = \"base.toml\"\n{text}")).unwrap();
    Search::from_file(&path).map_err(|error| error.to_string())
}

const BASE: &str = "[model]\narch = \"plain\"\n[data]\nroot = \"/faces\"\n";

fn read(text: &str) -> Result<Search, String> {
    read_over(BASE, text)
}

/// Each run in one line.
fn runs(search: &Search) -> Vec<String> {
    let told = |run: PlannedRun| {
        let set: Vec<String> = run.set.iter().map(|(field, value)| format!("{field}={value}")).collect();
        format!("{} {} {}", run.number, run.seed, set.join(" "))
    };
    search.runs().map(told).collect()
}

#[test]
fn a_grid_takes_every_point_in_the_order_of_the_file_the_first_axis_slowest_and_each_seed_anew() {
    let text = "seeds = [7, 3]\n[axes]\n\"train.learning_rate\" = [1e-2, 1]\n\"train.batch_size\" = [8, 4]\n";
    let search = read(text).unwrap();
    assert_eq!(search.count(), 8);
    let expected = [
        "1 7 train.learning_rate=0.01 train.batch_size=8",
        "2 7 train.learning_rate=0.01 train.batch_size=4",
        "3 7 train.learning_rate=1.0 train.batch_size=8",
        "4 7 train.learning_rate=1.0 train.batch_size=4",
        "5 3 train.learning_rate=0.01 train.batch_size=8",
    ];
    assert_eq!(runs(&search)[..5], expected);
    assert_eq!(runs(&search).len(), 8);
}
