//! Every config that ships can be trained.

use mien::config;
use mien::search::Search;
use std::path::{Path, PathBuf};

fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect()
}

#[test]
fn every_config_that_ships_loads_names_a_network_that_exists_and_is_called_after_its_file() {
    let configs = shipped();
    assert!(configs.len() >= 22, "the paper's runs and the demo: {configs:?}");
    for path in configs {
        let config = config::from_file(&path, &[]).unwrap();
        assert_eq!(config.name, path.file_stem().unwrap().to_str().unwrap());
        mien::model::summary(&config.model).unwrap();
    }
}

#[test]
fn every_search_that_ships_is_called_after_its_file_and_has_the_runs_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/searches");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut counts: Vec<(String, u64)> = files
        .map(|path| {
            let search = Search::from_file(&path).unwrap();
            assert_eq!(search.name, path.file_stem().unwrap().to_str().unwrap());
            (search.name.clone(), search.count())
        })
        .collect();
    counts.sort();
    let expected = [("asha", 120), ("final", 62_208), ("preliminary", 144), ("tiny", 6)];
    assert_eq!(counts, expected.map(|(name, count)| (name.to_string(), count)));
}

/// Each run of it is made ready by its engine as it stands here.
#[test]
fn every_run_of_the_papers_first_grid_and_of_our_draws_is_a_config() {
    for name in ["preliminary", "asha"] {
        let path = format!("{}/configs/searches/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let search = Search::from_file(Path::new(&path)).unwrap();
        for run in search.runs() {
            let config = run.config(&search.name, &search.base, search.metric).unwrap();
            assert_eq!(config.train.seed, 42);
        }
    }
}
