use crate::folder::{mien, status};
use predicates::prelude::*;
use predicates::str::contains;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn a_demo_stopped_by_ctrl_c_says_so_and_leaves_a_run_to_go_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mien"));
    command.arg("--runs").arg(&runs).args(["demo", "--headless", "--json"]);
    command.env("XDG_CACHE_HOME", folder.path()).env_remove("SLURM_JOB_ID");
    let demo = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    wait_for_a_step(&runs);
    kill_process(Pid::from_child(&demo), Signal::INT).unwrap();
    let ended = demo.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    let document: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(document["state"], "stopped");
    assert!(document["test_accuracy"].is_null());
    assert!(runs.join(document["run"].as_str().unwrap()).join("checkpoints").is_dir());
}

fn wait_for_a_step(runs: &Path) {
    let deadline = Instant::now() + Duration::from_secs(120);
    let begun = || {
        let folders = fs::read_dir(runs).into_iter().flatten().flatten();
        folders.map(|folder| status(&folder.path())).any(|status| status["step"].as_u64() > Some(0))
    };
    while !begun() {
        assert!(Instant::now() < deadline, "the demo did not begin");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn without_a_terminal_the_demo_names_the_way_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let refused = mien().arg("--runs").arg(folder.path().join("runs")).arg("demo").assert().code(2);
    refused.stdout("").stderr(contains("mien demo --headless").and(contains("terminal")));
    assert!(!folder.path().join("runs").exists());
}
