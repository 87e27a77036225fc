//! Every config that ships can be trained.

use mien::config;
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
