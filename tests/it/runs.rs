//! `mien runs` on folders that no trainer of this program has written.

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

const OLD: &str = "20260101-000000-old-0001";
const NEW: &str = "20260301-120000-new-0002";

struct Runs(tempfile::TempDir);

impl Runs {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn add(&self, id: &str, status: &str) -> PathBuf {
        let folder = self.path().join(id);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("status.json"), status).unwrap();
        folder
    }

    fn mien(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("mien").unwrap();
        command
            .env_remove("MIEN_RUNS")
            .timeout(Duration::from_secs(60))
            .arg("runs")
            .args(arguments)
            .arg("--runs")
            .arg(self.path());
        command
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.mien(arguments).assert().success().get_output().stdout.clone();
        let text = String::from_utf8(output).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "one document on one line: {text}");
        serde_json::from_str(&text).unwrap()
    }
}

fn finished() -> &'static str {
    r#"{"state":"finished","epoch":3,"step":30,"steps":30,"heartbeat":1}"#
}

#[test]
fn the_list_is_one_document_newest_first_with_every_kind_of_run() {
    let runs = Runs::new();
    let old = runs.add(OLD, finished());
    fs::write(old.join("config.toml"), "name = \"x\"\n[data]\nroot = \"/d\"\n[train]\ndevice = \"cuda:2\"\n")
        .unwrap();
    let rows = [0.5, 0.75, 0.7].iter().enumerate();
    let rows: String = rows
        .map(|(step, accuracy)| {
            format!("{{\"seq\":{step},\"time\":1,\"epoch\":1,\"step\":{step},\"split\":\"valid\",\"accuracy\":{accuracy}}}\n")
        })
        .collect();
    fs::write(old.join("metrics.jsonl"), rows + "{\"torn").unwrap();
    fs::write(old.join("evaluation.json"), r#"{"test":{"accuracy":0.5}}"#).unwrap();
    runs.add(NEW, r#"{"state":"running","epoch":2,"step":9,"steps":30,"heartbeat":1,"search":"s1"}"#);
    runs.add("20260201-000000-torn-0003", "{\"state\":");
    runs.add("20260202-000000-future-0004", "{\"version\":99,\"state\":\"x\"}");
    runs.add("searches", finished());
    let list = runs.json(&["list", "--json"]);
    let seen: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|run| (run["name"].as_str().unwrap(), run["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        seen,
        [("new", "lost"), ("future", "unreadable"), ("torn", "unreadable"), ("old", "finished")],
        "no heartbeat since 1970 and no process: lost"
    );
    let old = &list[3];
    assert_eq!((&old["id"], &old["epoch"], &old["step"]), (&OLD.into(), &3.into(), &30.into()));
    assert_eq!((&old["device"], &old["valid_accuracy"]), (&"cuda:2".into(), &0.75.into()));
    assert_eq!(old["test_accuracy"], 0.5);
    assert_eq!(list[0]["search"], "s1");
    runs.mien(&["list"]).assert().success().stdout(contains("unreadable").and(contains("later mien")));
}

#[test]
fn a_folder_without_runs_lists_none() {
    let runs = Runs::new();
    assert_eq!(runs.json(&["list", "--json"]), serde_json::json!([]));
    runs.mien(&["list"]).assert().success().stdout("").stderr(contains("no runs"));
}

#[test]
fn show_tells_everything_and_the_log_is_safe_to_print() {
    let runs = Runs::new();
    let folder = runs.add(
        OLD,
        r#"{"state":"failed","epoch":1,"step":4,"steps":8,"heartbeat":1,"error":"no \u001b[2J memory"}"#,
    );
    fs::write(folder.join("metrics.jsonl"), "{\"step\":4,\"split\":\"train\",\"loss\":1.5}\nnoise\n")
        .unwrap();
    fs::write(folder.join("log.txt"), "begin\n\x1b[31mred\u{202e}\nend\n").unwrap();
    let shown = runs.json(&["show", "old", "--json"]);
    assert_eq!((&shown["state"], &shown["metrics"]["train/loss"]["last"]), (&"failed".into(), &1.5.into()));
    assert_eq!(shown["skipped_lines"], 1);
    let words = runs.mien(&["show", "latest"]).assert().success();
    words.stdout(contains("failed").and(contains("no [2J memory")).and(contains("train/loss")));
    runs.mien(&["log", OLD]).assert().success().stdout("begin\n[31mred\nend\n");
    // The run has ended: following it ends too.
    runs.mien(&["log", "-f", OLD]).assert().success().stdout(contains("end\n")).stderr(contains("failed"));
}

#[test]
fn a_selector_that_means_no_run_or_several_is_a_wrong_command_line() {
    let runs = Runs::new();
    runs.add(OLD, finished());
    runs.add(NEW, finished());
    runs.mien(&["show", "nope"]).assert().code(2).stderr(contains("'nope'").and(contains(OLD)));
    runs.mien(&["show", "2026"]).assert().code(2).stderr(contains(OLD).and(contains(NEW)));
    runs.mien(&["remove", "--yes", ""]).assert().code(2);
    runs.mien(&["remove", "--yes", OLD, "nope"]).assert().code(2);
    assert!(runs.path().join(OLD).exists(), "nothing is done where one of the runs is not there");
}

#[test]
fn without_a_terminal_removing_needs_yes() {
    let runs = Runs::new();
    let folder = runs.add(OLD, finished());
    runs.mien(&["remove", OLD]).assert().code(2).stderr(contains("--yes"));
    assert!(folder.exists());
    runs.mien(&["remove", "--yes", OLD, OLD]).assert().success().stdout(contains("removed"));
    assert_eq!(fs::read_dir(runs.path()).unwrap().count(), 0);
}

#[test]
fn what_was_done_to_runs_is_one_document_for_programs() {
    let runs = Runs::new();
    for id in [OLD, NEW] {
        runs.add(id, finished());
    }
    let refused = runs.mien(&["stop", "--json", OLD]).assert().code(1).stdout("[]\n");
    refused.stderr(contains("it is finished"));
    let removed = runs.json(&["remove", "--yes", "--json", OLD, NEW]);
    assert_eq!(
        removed,
        serde_json::json!([{ "id": OLD, "state": "removed" }, { "id": NEW, "state": "removed" }])
    );
}

#[test]
fn on_a_terminal_removing_asks() {
    let runs = Runs::new();
    let folder = runs.add(OLD, finished());
    for (answer, stays) in [("\n", true), ("n\n", true), ("y\n", false)] {
        let pty = portable_pty::native_pty_system().openpty(portable_pty::PtySize::default()).unwrap();
        let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_mien"));
        command.args(["runs", "remove", OLD, "--runs"]);
        command.arg(runs.path());
        let mut child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let said = std::thread::spawn(move || {
            let mut said = Vec::new();
            // A terminal whose other side has gone is an error to read, and its end.
            let _ = std::io::Read::read_to_end(&mut reader, &mut said);
            String::from_utf8_lossy(&said).into_owned()
        });
        std::io::Write::write_all(&mut pty.master.take_writer().unwrap(), answer.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        let said = said.join().unwrap();
        assert!(said.contains("Remove this run"), "{said}");
        assert_eq!(folder.exists(), stays, "{answer:?}");
    }
}

#[test]
fn what_a_runs_state_does_not_allow_is_refused_with_a_sentence() {
    let runs = Runs::new();
    runs.add(OLD, finished());
    runs.add(NEW, "{\"state\":");
    runs.mien(&["stop", OLD]).assert().code(1).stderr(contains("is not running, it is finished"));
    runs.mien(&["resume", OLD]).assert().code(2).stderr(contains("no step is left"));
    runs.mien(&["resume", "--detach", NEW]).assert().code(2).stderr(contains("cannot be resumed"));
    let both = runs.mien(&["stop", OLD, NEW]).assert().code(1);
    both.stderr(contains(OLD).and(contains(NEW)));
}

#[test]
fn a_detached_trainer_that_cannot_begin_is_told_at_once() {
    let runs = Runs::new();
    let folder = runs.add(OLD, r#"{"state":"stopped","epoch":1,"step":4,"steps":8,"heartbeat":1}"#);
    fs::write(folder.join("config.toml"), "this is no config").unwrap();
    runs.mien(&["resume", "--detach", OLD]).assert().code(1).stderr(contains("ended at once"));
    assert_eq!(runs.json(&["list", "--json"])[0]["state"], "failed");
    assert!(fs::metadata(folder.join("log.txt")).unwrap().len() > 0, "the log says why");
}

/// A process that lives for a minute at most, and no longer than its test.
struct Sleeper(Child);

impl Sleeper {
    fn new() -> Self {
        let mut command = std::process::Command::new("sleep");
        command.arg("60").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_live_process_is_stopped_by_a_signal_and_its_run_not_removed() {
    let runs = Runs::new();
    let mut sleeper = Sleeper::new();
    let child = &mut sleeper.0;
    let read = |path: &str| fs::read_to_string(path).unwrap().trim().to_string();
    let stat = read(&format!("/proc/{}/stat", child.id()));
    let start: u64 = stat.rsplit(')').next().unwrap().split_whitespace().nth(19).unwrap().parse().unwrap();
    let status = serde_json::json!({
        "state": "running", "pid": child.id(), "process_start": start,
        "boot_id": read("/proc/sys/kernel/random/boot_id"), "host": read("/proc/sys/kernel/hostname"),
        "epoch": 1, "step": 1, "steps": 2, "heartbeat": 1,
    });
    let folder = runs.add(OLD, &status.to_string());
    assert_eq!(runs.json(&["list", "--json"])[0]["state"], "running", "however old its heartbeat");
    runs.mien(&["remove", "--yes", OLD]).assert().code(1).stderr(contains("stop it first"));
    assert!(folder.exists());
    runs.mien(&["stop", OLD]).assert().success().stdout(contains(child.id().to_string()));
    let ended = child.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(15));
    assert_eq!(runs.json(&["list", "--json"])[0]["state"], "lost");
}

fn trained_runs(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("mien").unwrap();
    command
        .env_remove("MIEN_RUNS")
        .timeout(Duration::from_secs(60))
        .args(["runs", "compare"])
        .args(arguments);
    command.arg("--runs").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runs"));
    command
}

#[test]
fn two_runs_are_compared_in_words_and_as_a_document() {
    let words = trained_runs(&["1a2b", "3c4d"]).assert().success();
    words.stdout(contains("A is better: p = 0.002").and(contains("test: 180 pictures in both")));
    let output = trained_runs(&["1a2b", "3c4d", "--json"]).assert().success().get_output().stdout.clone();
    let text = String::from_utf8(output).unwrap();
    assert_eq!(text.matches('\n').count(), 1, "one document on one line: {text}");
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&document["count"], &document["better"]), (&180.into(), &"a".into()));
    assert_eq!((&document["mcnemar"]["fixed"], &document["mcnemar"]["broken"]), (&8.into(), &27.into()));
    assert_eq!(
        (&document["accuracy"]["a"], &document["a"]),
        (&0.8.into(), &"20260114-181502-faces-1a2b".into())
    );
    let itself = trained_runs(&["1a2b", "1a2b", "--split", "valid"]).assert().success();
    itself.stdout(contains("both are right about the very same pictures"));
}

#[test]
fn runs_without_scores_of_the_split_are_refused_with_what_to_do() {
    let refused = trained_runs(&["1a2b", "3c4d", "--split", "train"]).assert().code(2).stdout("");
    refused.stderr(contains("mien evaluate 20260114-181502-faces-1a2b --split train"));
    trained_runs(&["1a2b", "nowhere"]).assert().code(2);
}
