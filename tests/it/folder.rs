//! A folder with drawn faces, a config for them and runs.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// Draws the faces once for all tests: 6 x 12 to train, 6 x 3 to test.
pub fn faces() -> &'static Path {
    static FACES: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    &FACES
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let faces = folder.path().join("faces");
            let drawn = ["data", "synth", "--per-class", "12", "--seed", "1", "--out"];
            mien().args(drawn).arg(&faces).assert().success();
            (folder, faces)
        })
        .1
}

pub fn mien() -> Command {
    let mut command = Command::cargo_bin("mien").unwrap();
    // What a user has set must not decide a test.
    command.env_remove("MIEN_RUNS").env_remove("SLURM_JOB_ID").env("NO_COLOR", "1");
    command
}

pub struct Workplace {
    pub folder: TempDir,
    pub config: PathBuf,
}

/// A network with dropout, small enough for a test, and training pictures that are augmented: whatever chance
/// decides is in play.
const CONFIG: &str = r#"
name = "test"
[model]
arch = "plain"
depth = 2
width = 4
conv_dropout = [0.2, 0.2]
[train]
learning_rate = 0.01
batch_size = 8
epochs = 10
log_steps = 2
device = "cpu"
early_stopping = { enabled = false }
[augment]
rotate = { probability = 0.5, degrees = 10 }
[data]
valid = { fraction = 0.2 }
"#;

impl Workplace {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("test.toml");
        fs::write(&config, format!("{CONFIG}root = {:?}\n", faces())).unwrap();
        Self { folder, config }
    }

    pub fn runs(&self) -> PathBuf {
        self.folder.path().join("runs")
    }

    /// `mien --runs .. <arguments>`.
    pub fn mien(&self, arguments: &[&str]) -> Command {
        let mut command = mien();
        command.arg("--runs").arg(self.runs()).args(arguments);
        command
    }

    /// `mien train <config> <arguments>`.
    pub fn train(&self, arguments: &[&str]) -> Command {
        let mut command = self.mien(&["train"]);
        command.arg(&self.config).args(arguments);
        command
    }

    pub fn run_folders(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.runs()).into_iter().flatten().flatten();
        let mut folders: Vec<PathBuf> = entries.map(|e| e.path()).filter(|p| p.is_dir()).collect();
        folders.sort();
        folders
    }

    pub fn only_run(&self) -> PathBuf {
        let folders = self.run_folders();
        assert_eq!(folders.len(), 1, "{folders:?}");
        folders[0].clone()
    }
}

/// The one document a command with `--json` prints.
pub fn document(command: &mut Command) -> Value {
    let output = command.assert().success().get_output().clone();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// What a command that must fail with this exit code says, in one line.
pub fn refusal(command: &mut Command, code: i32) -> String {
    let output = command.assert().code(code).get_output().clone();
    let text = String::from_utf8(output.stderr).unwrap();
    let said: Vec<&str> = text.lines().filter(|line| line.starts_with("mien: ")).collect();
    assert_eq!(said.len(), 1, "{text}");
    assert!(!text.contains("panicked"), "{text}");
    said[0].into()
}

/// The run's status file.
pub fn status(run: &Path) -> Value {
    let text = fs::read_to_string(run.join("status.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}
