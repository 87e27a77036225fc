//! Searches on this machine: detached, killed, resumed, stopped.

use crate::folder::{Workplace, document, refusal, status};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A search of runs that are tiny, on two slots of the CPU.
struct Searched {
    place: Workplace,
    file: PathBuf,
}

const LONG: &str = "epochs = 20\ncheckpoint_minutes = 1e-9";

impl Searched {
    /// `train` are lines of the base's `[train]` in place of its epochs.
    fn new(train: &str, rates: &str, retries: u32) -> Self {
        let place = Workplace::new();
        let text = fs::read_to_string(&place.config).unwrap();
        fs::write(&place.config, text.replace("epochs = 10", train)).unwrap();
        let searched = Self { file: place.folder.path().join("tiny.toml"), place };
        searched.write(rates, retries);
        searched
    }

    fn write(&self, rates: &str, retries: u32) {
        let text = format!(
            "name = \"tiny\"\nbase = \"test.toml\"\nretries = {retries}\n[axes]\n\"train.learning_rate\" = {rates}\n\
             [engine.local]\nslots = [\"cpu\", \"cpu\"]\n"
        );
        fs::write(&self.file, text).unwrap();
    }

    fn mien(&self, arguments: &[&str]) -> assert_cmd::Command {
        let mut command = self.place.mien(&["search"]);
        command.arg(&self.file).args(arguments);
        command
    }

    fn folder(&self) -> PathBuf {
        let searches = fs::read_dir(self.place.runs().join("searches")).unwrap().flatten();
        let is_search = |path: &PathBuf| path.join("plan.jsonl").is_file();
        searches.map(|entry| entry.path()).filter(is_search).max().unwrap()
    }

    fn record(&self) -> Value {
        let text = fs::read_to_string(self.folder().join("state.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn supervisor(&self) -> u32 {
        self.record()["pid"].as_u64().unwrap() as u32
    }

    fn runs(&self) -> Vec<PathBuf> {
        let folders = self.place.run_folders().into_iter();
        folders.filter(|run| run.file_name().is_some_and(|name| name != "searches")).collect()
    }

    fn states(&self) -> Vec<String> {
        self.runs().iter().map(|run| status(run)["state"].as_str().unwrap_or("unreadable").into()).collect()
    }

    fn wait_for_state(&self, state: &str) {
        until(&format!("the search to be {state}"), self, || self.record()["state"] == state);
    }

    /// Waits until two runs have done some steps.
    fn wait_for_two(&self) -> Vec<PathBuf> {
        let going = || {
            let runs = self.runs().into_iter();
            runs.filter(|run| status(run)["state"] == "running" && status(run)["step"].as_u64() > Some(2))
                .collect()
        };
        let mut seen: Vec<PathBuf> = Vec::new();
        until("two runs to go on", self, || {
            seen = going();
            seen.len() == 2
        });
        seen
    }
}

/// What goes on by itself would go on behind a test that failed.
impl Drop for Searched {
    fn drop(&mut self) {
        let _ = self.mien(&["--stop"]).output();
    }
}

fn until(what: &str, searched: &Searched, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(240);
    while !holds() {
        let log = || fs::read_to_string(searched.folder().join("log.txt")).unwrap_or_default();
        assert!(Instant::now() < deadline, "waited for {what}: {:?}\n{}", searched.states(), log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn kill(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
    let gone = || !fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
    let deadline = Instant::now() + Duration::from_secs(60);
    while !gone() {
        assert!(Instant::now() < deadline, "process {pid} lives on");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// How often a trainer has begun on a run: each says so in its log.
fn begun(run: &Path) -> usize {
    let log = fs::read_to_string(run.join("log.txt")).unwrap();
    log.lines().filter(|line| line.contains("to test; from step")).count()
}

#[test]
fn a_search_goes_on_by_itself_until_every_run_is_finished() {
    let searched = Searched::new("epochs = 2", "[0.01, 0.005, 0.002, 0.001]", 1);
    let begin = document(&mut searched.mien(&["--json"]));
    assert_eq!((&begin["runs"], &begin["engine"]), (&Value::from(4), &Value::from("local")), "{begin}");
    assert_eq!(begin["search"].as_str(), searched.folder().file_name().unwrap().to_str());
    assert!(["running", "finished"].contains(&begin["state"].as_str().unwrap()), "{begin}");
    let watched = searched.mien(&["--watch"]).assert().success().get_output().clone();
    let said = String::from_utf8(watched.stdout).unwrap();
    assert!(said.contains("finished, 4 of 4 runs ended"), "{said}");
    assert_eq!(searched.states(), ["finished"; 4]);
    assert_eq!(searched.record()["state"], "finished");
    for (run, rate) in searched.runs().iter().zip([0.01, 0.005, 0.002, 0.001]) {
        let config = mien::config::complete(&run.join("config.toml")).unwrap();
        assert_eq!(config.train.learning_rate, rate);
        assert!(fs::read_to_string(run.join("trial.json")).unwrap().contains("tiny"));
        assert_eq!(begun(run), 1, "{}", run.display());
    }

    let said = refusal(&mut searched.mien(&[]), 2);
    assert!(said.contains("--resume") && said.contains("--new"), "{said}");
    let resumed = searched.mien(&["--resume"]).assert().success().get_output().clone();
    assert!(String::from_utf8(resumed.stdout).unwrap().contains("nothing is left"));
    assert!(!searched.folder().join("supervisor.pid").exists());
}

#[test]
fn a_file_that_is_watched_is_begun_first_and_followed_to_its_end() {
    let searched = Searched::new("epochs = 1", "[0.01, 0.005]", 0);
    let said = refusal(&mut searched.mien(&["--show"]), 2);
    assert!(said.contains("no search was begun") && said.contains("tiny.toml begins one"), "{said}");
    let ended = document(&mut searched.mien(&["--watch", "--json"]));
    assert_eq!((ended["state"].as_str(), ended["finished"].as_u64()), (Some("finished"), Some(2)));
    // Followed again, it is not begun again.
    assert_eq!(document(&mut searched.mien(&["--watch", "--json"]))["id"], ended["id"]);

    searched.mien(&["--new", "--watch"]).assert().success();
    assert_eq!(searched.runs().len(), 4);
    let said = refusal(&mut searched.place.mien(&["search", "tiny", "--show"]), 2);
    assert!(said.contains("could be any of these searches"), "{said}");
}

#[test]
fn a_search_survives_the_end_of_the_terminal_that_began_it() {
    let searched = Searched::new("epochs = 3", "[0.01, 0.005]", 1);
    let pty = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_mien"));
    command.arg("--runs");
    command.arg(searched.place.runs());
    command.arg("search");
    command.arg(&searched.file);
    let mut starter = pty.slave.spawn_command(command).unwrap();
    let mut reader = pty.master.try_clone_reader().unwrap();
    let said = std::thread::spawn(move || {
        let mut said = Vec::new();
        let _ = std::io::Read::read_to_end(&mut reader, &mut said);
        String::from_utf8_lossy(&said).into_owned()
    });
    assert!(starter.wait().unwrap().success());
    drop(pty);
    let said = said.join().unwrap();
    assert!(said.contains("2 runs on cpu, cpu") && said.contains("--watch"), "{said}");
    searched.wait_for_state("finished");
    assert_eq!(searched.states(), ["finished"; 2]);
}

#[test]
fn a_killed_supervisor_and_a_killed_run_cost_no_more_than_the_last_checkpoint() {
    let searched = Searched::new(LONG, "[0.01, 0.005, 0.002, 0.001]", 1);
    searched.mien(&[]).assert().success();
    let two = searched.wait_for_two();
    let supervisor = searched.supervisor();
    kill(supervisor);
    kill(status(&two[0])["pid"].as_u64().unwrap() as u32);
    let reached = status(&two[0])["step"].as_u64().unwrap();
    let lives = status(&two[1])["pid"].clone();

    searched.mien(&["--resume"]).assert().success();
    assert_ne!(searched.supervisor(), supervisor);
    let said = refusal(&mut searched.mien(&["--resume"]), 1);
    assert!(said.contains("supervised") && said.contains(&searched.supervisor().to_string()), "{said}");
    assert_eq!(status(&two[1])["pid"], lives, "the run that lives is left alone");
    searched.wait_for_state("finished");
    assert_eq!(searched.states(), ["finished"; 4]);
    for run in searched.runs() {
        let expected = if run == two[0] { 2 } else { 1 };
        assert_eq!(begun(&run), expected, "{}", run.display());
    }
    let log = fs::read_to_string(two[0].join("log.txt")).unwrap();
    assert!(
        reached > 2 && log.matches("from step 0 of").count() == 1,
        "it goes on from its checkpoint: {log}"
    );
}

#[test]
fn a_supervisor_that_is_asked_to_end_says_so_and_leaves_its_runs_to_themselves() {
    let searched = Searched::new(LONG, "[0.01, 0.005, 0.002]", 1);
    searched.mien(&[]).assert().success();
    let two = searched.wait_for_two();
    let begun_by: Vec<_> = two.iter().map(|run| status(run)["pid"].clone()).collect();
    let supervisor = searched.supervisor();
    assert!(Command::new("kill").arg(supervisor.to_string()).status().unwrap().success());
    until("the supervisor to say why", &searched, || searched.record()["problem"].is_string());
    let log = fs::read_to_string(searched.folder().join("log.txt")).unwrap();
    assert!(log.contains("ended by a signal") && log.contains("--resume goes on"), "{log}");
    let said = document(&mut searched.mien(&["--show", "--json"]));
    assert!(said["problem"].as_str().unwrap().contains("ended by a signal"), "{said}");
    let left: Vec<_> = two.iter().map(|run| status(run)["pid"].clone()).collect();
    assert_eq!(begun_by, left);

    until("the supervisor to be gone", &searched, || {
        searched.mien(&["--resume"]).output().unwrap().status.success()
    });
    searched.wait_for_state("finished");
    assert_eq!(
        (searched.states(), searched.record()["problem"].clone()),
        (vec!["finished".into(); 3], Value::Null)
    );
}

#[test]
fn a_stopped_search_keeps_its_checkpoints_and_goes_on_with_what_its_file_has_come_to_hold() {
    let searched = Searched::new(LONG, "[0.01, 0.005, 0.002]", 1);
    searched.mien(&[]).assert().success();
    searched.wait_for_two();
    searched.mien(&["--throttle", "1"]).assert().success();
    until("the throttle to be set", &searched, || searched.record()["throttle"] == 1);
    searched.mien(&["--stop"]).assert().success();
    assert_eq!(searched.record()["state"], "stopped");
    assert_eq!(searched.states(), ["stopped"; 2]);
    let said = refusal(&mut searched.mien(&["--stop"]), 2);
    assert!(said.contains("stopped"), "{said}");

    assert_eq!(document(&mut searched.mien(&["--throttle", "2", "--json"]))["throttle"], 2);
    assert_eq!(searched.record()["throttle"], 2);
    searched.write("[0.01, 0.005, 0.002, 0.001]", 1);
    let resumed = searched.mien(&["--resume"]).assert().success().get_output().clone();
    let said = String::from_utf8(resumed.stdout).unwrap();
    assert!(said.contains("4 of its runs are left, 1 of them new"), "{said}");
    searched.wait_for_state("finished");
    assert_eq!(searched.states(), ["finished"; 4]);

    // Runs of another base would not be comparable.
    let text = fs::read_to_string(&searched.place.config).unwrap();
    fs::write(&searched.place.config, text.replace("width = 4", "width = 8")).unwrap();
    let said = refusal(&mut searched.mien(&["--resume"]), 2);
    assert!(said.contains("base config") && said.contains("--new"), "{said}");
    fs::write(&searched.place.config, text).unwrap();

    // A number must not come to another point.
    let plan = searched.folder().join("plan.jsonl");
    let lines = fs::read_to_string(&plan).unwrap();
    fs::write(&plan, lines.split_inclusive('\n').take(3).collect::<String>()).unwrap();
    let said = refusal(&mut searched.mien(&["--resume"]), 2);
    assert!(said.contains("plan.jsonl") && said.contains("run 4"), "{said}");
}

#[test]
fn a_run_that_fails_is_begun_again_so_often_and_then_shown_failed() {
    let searched = Searched::new("epochs = 2", "[0.01, 1e30]", 2);
    searched.mien(&[]).assert().success();
    searched.wait_for_state("finished");
    assert_eq!(searched.states(), ["finished", "failed"]);
    assert_eq!(searched.record()["retried"]["2"], 2);
    let log = fs::read_to_string(searched.folder().join("log.txt")).unwrap();
    assert!(log.contains("run 2: failed (the loss is not finite"), "{log}");
    assert_eq!(log.matches("run 2: failed").count(), 3, "{log}");
}

#[test]
fn what_cannot_be_trained_is_refused_and_leaves_nothing() {
    let searched = Searched::new("epochs = 2", "[0.01]", 0);
    let text = fs::read_to_string(&searched.file).unwrap();
    let refused = |text: String, arguments: &[&str], words: &[&str]| {
        fs::write(&searched.file, text).unwrap();
        let said = refusal(&mut searched.mien(arguments), 2);
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
        let searches = fs::read_dir(searched.place.runs().join("searches")).into_iter().flatten().flatten();
        let begun: Vec<_> = searches.filter(|entry| entry.path().is_dir()).collect();
        assert!(begun.is_empty() && searched.runs().is_empty(), "{begun:?}");
    };
    refused(text.clone(), &["--max-runs", "0"], &["1 runs", "--max-runs 1"]);
    refused(text.replace("\"cpu\", \"cpu\"", "\"cuda:99\""), &[], &["cuda:99"]);
    let config = fs::read_to_string(&searched.place.config).unwrap();
    fs::write(&searched.place.config, config.replace("faces", "nowhere")).unwrap();
    refused(text, &[], &["nowhere"]);
    fs::write(&searched.place.config, config).unwrap();
    fs::write(&searched.file, "name = \"tiny\"").unwrap();
}
