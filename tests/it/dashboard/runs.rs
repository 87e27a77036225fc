//! Runs to look at, by the contract and against it.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

pub struct Runs {
    keep: tempfile::TempDir,
    pub path: PathBuf,
}

impl Runs {
    pub fn new() -> Self {
        let keep = tempfile::tempdir().unwrap();
        let path = keep.path().join("runs");
        fs::create_dir(&path).unwrap();
        Self { keep, path }
    }

    /// A copy of three small runs that mien itself made.
    pub fn real() -> Self {
        let runs = Self::new();
        let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runs");
        for run in fs::read_dir(made).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
            copy(&run.path(), &runs.path.join(run.file_name()));
        }
        runs
    }

    /// The folder around the folder of runs.
    pub fn around(&self) -> &Path {
        self.keep.path()
    }

    /// A run by the contract, with metrics up to `steps`.
    pub fn add(&self, id: &str, state: &str, steps: u64) -> PathBuf {
        let folder = self.path.join(id);
        fs::create_dir(&folder).unwrap();
        let config = "name = \"small\"\n[model]\narch = \"gimefive\"\n[data]\nroot = \"/faces\"\n[train]\nepochs = 8\n";
        fs::write(folder.join("config.toml"), config).unwrap();
        fs::write(folder.join("log.txt"), "epoch 1 done\n").unwrap();
        append(&folder, 1..=steps);
        fs::write(folder.join("status.json"), status(state, steps)).unwrap();
        folder
    }

    /// A search of which nothing has begun and that was stopped: `text` stands in all its files where text may stand.
    pub fn add_search(&self, id: &str, text: &str) -> PathBuf {
        let folder = self.path.join("searches").join(id);
        fs::create_dir_all(&folder).unwrap();
        let quoted = serde_json::to_string(text).unwrap();
        let file = "name = \"tiny\"\nbase = \"base.toml\"\nseeds = [42, 43]\n[axes]\n\"train.learning_rate\" = [0.1, 0.01]\n";
        fs::write(folder.join("search.toml"), file).unwrap();
        fs::write(folder.join("base.toml"), "name = \"base\"\n[data]\nroot = \"/faces\"\n").unwrap();
        let run = |number: u64| {
            let (seed, rate) = (42 + number / 3, if number.is_multiple_of(2) { 0.01 } else { 0.1 });
            format!(
                "{{\"number\":{number},\"seed\":{seed},\"set\":{{\"train.learning_rate\":{rate},{quoted}:{quoted}}}}}\n"
            )
        };
        fs::write(folder.join("plan.jsonl"), (1..=4).map(run).collect::<String>()).unwrap();
        let record =
            format!("{{\"version\":1,\"state\":\"stopped\",\"file\":{quoted},\"problem\":{quoted}}}\n");
        fs::write(folder.join("state.json"), record).unwrap();
        folder
    }

    /// A finished run of `metrics` metrics and `steps` steps; its last loss is 0.12345.
    pub fn add_long(&self, id: &str, metrics: u64, steps: u64) -> PathBuf {
        let folder = self.add(id, "finished", 0);
        let mut text = String::new();
        for step in 1..=steps {
            let epoch = step * 50 / steps + 1;
            let time = 1_795_399_341 + step;
            write!(
                text,
                "{{\"seq\":{step},\"time\":{time}.25,\"epoch\":{epoch},\"step\":{step},\"split\":\"train\""
            )
            .unwrap();
            for metric in 0..metrics {
                let noise = ((step * 7919 + metric * 104_729) % 1000) as f64 / 5000.0;
                let value = 2.0 * (-(step as f64) / (9000.0 + 400.0 * metric as f64)).exp() + noise;
                match metric {
                    0 if step == steps => text.push_str(",\"loss\":0.12345"),
                    0 => write!(text, ",\"loss\":{value:.5}").unwrap(),
                    _ => write!(text, ",\"metric_{metric:02}\":{value:.5}").unwrap(),
                }
            }
            text.push_str("}\n");
        }
        fs::write(folder.join("metrics.jsonl"), text).unwrap();
        fs::write(folder.join("status.json"), status("finished", steps)).unwrap();
        folder
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The content of a status file of a run elsewhere, which has just given a sign of life.
pub fn status(state: &str, steps: u64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    format!(
        "{{\"version\":1,\"state\":\"{state}\",\"epoch\":2,\"step\":{steps},\"steps\":{},\"host\":\"elsewhere\",\"pid\":1,\"heartbeat\":{now}}}",
        steps.max(800)
    )
}

/// Adds rows to the run's metrics, as a trainer does.
pub fn append(folder: &Path, steps: RangeInclusive<u64>) {
    let mut text = String::new();
    for step in steps {
        let loss = 2.0 / (1.0 + step as f64 / 50.0);
        writeln!(
            text,
            "{{\"seq\":{step},\"time\":{step},\"epoch\":1,\"step\":{step},\"split\":\"train\",\"loss\":{loss:.5},\"accuracy\":0.5}}"
        )
        .unwrap();
    }
    append_text(folder, &text);
}

pub fn append_text(folder: &Path, text: &str) {
    let file = fs::OpenOptions::new().append(true).create(true).open(folder.join("metrics.jsonl"));
    file.unwrap().write_all(text.as_bytes()).unwrap();
}

/// Replaces a file of a run whole, as a trainer does.
pub fn replace(path: &Path, content: impl AsRef<[u8]>) {
    let new = path.with_extension("new");
    fs::write(&new, content).unwrap();
    fs::rename(new, path).unwrap();
}

/// Cells with a curve in them.
pub fn braille(text: &str) -> usize {
    text.chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count()
}
