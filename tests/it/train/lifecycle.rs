use crate::folder::{Workplace, document, refusal, status};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Epochs of runs that something is done to while they go on: enough that it is done in time on a slow machine.
const EPOCHS: &str = "train.epochs=40";

/// A trainer in the background that checkpoints after every step.
fn start(place: &Workplace) -> Child {
    start_with(place, &[])
}

fn start_with(place: &Workplace, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_mien"))
        .arg("--runs")
        .arg(place.runs())
        .arg("train")
        .arg(&place.config)
        .args(["--set", "train.checkpoint_minutes=1e-9", "--set", EPOCHS])
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until the run's status counts this many steps.
fn wait_for_step(place: &Workplace, step: u64) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        let reached = place.run_folders().first().map(|run| status(run)["step"].as_u64().unwrap_or(0));
        if reached.is_some_and(|reached| reached >= step) {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("the trainer did not get to step {step}");
}

fn evaluation(run: &Path) -> String {
    fs::read_to_string(run.join("evaluation.json")).unwrap()
}

fn state(place: &Workplace) -> String {
    let list = document(&mut place.mien(&["runs", "list", "--json"]));
    list[0]["state"].as_str().unwrap().into()
}

#[test]
fn a_run_writes_all_that_its_folder_promises() {
    let place = Workplace::new();
    let report =
        document(&mut place.train(&["--set", "train.epochs=2", "--set", "train.test=epoch", "--json"]));
    assert_eq!((report["state"].as_str(), report["epoch"].as_u64()), (Some("finished"), Some(2)));
    assert!(report["test_accuracy"].is_f64() && report["images_per_second"].is_f64(), "{report}");
    let run = place.only_run();
    assert_eq!(run.file_name().unwrap().to_str(), report["run"].as_str());
    for file in ["config.toml", "log.txt", "model.safetensors", "scores/valid.csv", "scores/test.csv"] {
        assert!(run.join(file).is_file(), "{file}");
    }
    let evaluation: Value = serde_json::from_str(&evaluation(&run)).unwrap();
    assert_eq!(evaluation["test"]["count"], 18);
    assert_eq!(evaluation["test"]["accuracy"], report["test_accuracy"]);
    let metrics = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let rows: Vec<Value> = metrics.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |split: &str| rows.iter().filter(|row| row["split"] == split).count();
    // 58 or so pictures to train on make 7 batches of 8: four rows of at most two steps an epoch.
    assert_eq!((of("train"), of("valid"), of("test")), (8, 2, 2));
    let measured = |row: &&Value| row["split"] != "system";
    assert!(rows.iter().filter(measured).all(|row| row["loss"].as_f64().is_some_and(f64::is_finite)));
    let events = fs::read_dir(&run).unwrap().flatten();
    assert_eq!(
        events.filter(|e| e.file_name().to_string_lossy().starts_with("events.out.tfevents.")).count(),
        1
    );
    let checkpoints: Vec<_> = fs::read_dir(run.join("checkpoints")).unwrap().flatten().collect();
    assert_eq!(checkpoints.len(), 1);
    assert!(!checkpoints[0].path().join("optimizer.bpk").exists(), "a finished run drops optimizer state");
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let run = |seed: &str| {
        let place = Workplace::new();
        place.train(&["--set", "train.epochs=1", "--set", seed]).assert().success();
        evaluation(&place.only_run())
    };
    let first = run("train.seed=1");
    assert_eq!(first, run("train.seed=1"));
    assert_ne!(first, run("train.seed=2"));
}

#[test]
fn a_run_has_the_same_weights_to_the_last_bit_with_probes_and_without() {
    let run = |explain: &[&str]| {
        let place = Workplace::new();
        let dropout =
            ["--set", "train.epochs=3", "--set", "model.fc_dropout=0.5", "--set", "model.conv_dropout=0.2"];
        place.train(&[&dropout, explain].concat()).assert().success();
        let run = place.only_run();
        let metrics = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
        let rows = metrics.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let losses: Vec<Value> =
            rows.filter(|row| row["split"] != "system").map(|row| row["loss"].clone()).collect();
        let has_timeline = run.join("timeline/maps.jsonl").is_file();
        (fs::read(run.join("model.safetensors")).unwrap(), losses, has_timeline)
    };
    let without = run(&["--set", "explain.probes=0", "--set", "explain.energy=false"]);
    let with = run(&[]);
    let early = run(&["--set", "explain.layer=relu1", "--set", "explain.method=layer-cam"]);
    for other in [&with, &early] {
        assert!(without.0 == other.0, "the best weights");
        assert_eq!(without.1, other.1, "the loss of every step and epoch");
    }
    assert_eq!([without.2, with.2, early.2], [false, true, true]);
}

#[test]
fn a_killed_run_is_lost_and_resumed_ends_as_the_uninterrupted_one() {
    let whole = Workplace::new();
    whole.train(&["--set", EPOCHS]).assert().success();

    let place = Workplace::new();
    let mut trainer = start(&place);
    wait_for_step(&place, 10); // in the second epoch of seven steps, or later
    trainer.kill().unwrap();
    trainer.wait().unwrap();
    assert_eq!(state(&place), "lost");
    let step = status(&place.only_run())["step"].as_u64().unwrap();
    assert!(step < 273, "it was killed too late to show anything: step {step}");

    let report = document(&mut place.mien(&["train", "--resume", "latest", "--json"]));
    assert_eq!(report["state"], "finished");
    assert_eq!(evaluation(&place.only_run()), evaluation(&whole.only_run()));
    let file = |place: &Workplace, name: &str| fs::read(place.only_run().join(name)).unwrap();
    assert_eq!(file(&place, "scores/test.csv"), file(&whole, "scores/test.csv"));
    assert_eq!(file(&place, "model.safetensors"), file(&whole, "model.safetensors"));
}

#[test]
fn a_closed_terminal_stops_a_run_as_a_request_does() {
    let place = Workplace::new();
    let mut trainer = start(&place);
    wait_for_step(&place, 4);
    let hang_up = format!("kill -HUP {}", trainer.id());
    assert!(Command::new("sh").args(["-c", &hang_up]).status().unwrap().success());
    assert_eq!(trainer.wait().unwrap().code(), Some(0));
    // These tests may themselves run under nohup, which the trainer then inherits and obeys.
    let ignored = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = ignored.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap().trim();
    let under_nohup = u64::from_str_radix(ignored, 16).unwrap() & 1 != 0;
    assert_eq!(state(&place), if under_nohup { "finished" } else { "stopped" });
}

#[test]
fn a_trainer_whose_folder_is_removed_ends_and_does_not_bring_it_back() {
    let place = Workplace::new();
    let mut trainer = start(&place);
    wait_for_step(&place, 4);
    // Until it is gone: the trainer may write between two removals.
    while place.run_folders().first().is_some_and(|run| fs::remove_dir_all(run).is_err() || run.exists()) {}
    assert_eq!(trainer.wait().unwrap().code(), Some(1));
    assert_eq!(place.run_folders(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_stopped_run_ends_with_exit_code_0_and_goes_on_from_its_step() {
    let whole = Workplace::new();
    whole.train(&["--set", EPOCHS]).assert().success();

    let place = Workplace::new();
    let mut trainer = start(&place);
    wait_for_step(&place, 4);
    place.mien(&["runs", "stop", "latest"]).assert().success();
    assert_eq!(trainer.wait().unwrap().code(), Some(0));
    assert_eq!(state(&place), "stopped");

    place.mien(&["train", "--resume", "latest"]).assert().success();
    assert_eq!(state(&place), "finished");
    assert_eq!(evaluation(&place.only_run()), evaluation(&whole.only_run()));
}

#[test]
fn a_second_trainer_on_a_run_is_refused_and_the_first_goes_on() {
    let place = Workplace::new();
    let mut trainer = start(&place);
    wait_for_step(&place, 2);
    let said = refusal(&mut place.mien(&["train", "--resume", "latest"]), 2);
    assert!(said.contains("running"), "{said}");
    assert_eq!(state(&place), "running");
    place.mien(&["runs", "stop", "latest"]).assert().success();
    assert_eq!(trainer.wait().unwrap().code(), Some(0));
    assert_eq!(state(&place), "stopped");
}

#[test]
fn a_detached_run_survives_its_starter_and_is_seen_from_outside() {
    let place = Workplace::new();
    let started = document(&mut place.train(&["--detach", "--json", "--set", "train.epochs=1"]));
    let deadline = Instant::now() + Duration::from_secs(60);
    while state(&place) != "finished" {
        assert!(Instant::now() < deadline, "still {}", state(&place));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(place.only_run().file_name().unwrap().to_str(), started["run"].as_str());
}

#[test]
fn a_finished_run_has_nothing_to_resume() {
    let place = Workplace::new();
    place.train(&["--set", "train.epochs=1"]).assert().success();
    let said = refusal(&mut place.mien(&["train", "--resume", "latest"]), 2);
    assert!(said.contains("finished") && said.contains("new run"), "{said}");
}

#[test]
fn a_run_in_bf16_trains_and_is_another_one() {
    let run = |precision: &str| {
        let place = Workplace::new();
        place.train(&["--set", "train.epochs=1", "--set", precision]).assert().success();
        fs::read(place.only_run().join("model.safetensors")).unwrap()
    };
    assert_ne!(run("train.precision=bf16"), run("train.precision=f32"));
}

#[test]
fn a_run_may_begin_with_the_weights_of_another() {
    let place = Workplace::new();
    place.train(&["--set", "train.epochs=1"]).assert().success();
    let weights = place.only_run().join("model.safetensors");
    place.train(&["--set", "train.epochs=1", "--init", weights.to_str().unwrap()]).assert().success();
    assert_eq!(place.run_folders().len(), 2);
}

#[test]
fn first_weights_are_not_needed_once_there_is_a_checkpoint() {
    let place = Workplace::new();
    place.train(&["--set", "train.epochs=1"]).assert().success();
    let weights = place.folder.path().join("first.safetensors");
    fs::rename(place.only_run().join("model.safetensors"), &weights).unwrap();
    fs::remove_dir_all(place.only_run()).unwrap();

    let mut trainer = start_with(&place, &["--init", weights.to_str().unwrap()]);
    wait_for_step(&place, 4);
    trainer.kill().unwrap();
    trainer.wait().unwrap();
    fs::remove_file(&weights).unwrap();
    place.mien(&["train", "--resume", "latest"]).assert().success();
    assert_eq!(state(&place), "finished");
}

#[test]
fn another_batch_size_is_not_taken_for_the_same_steps() {
    let place = Workplace::new();
    let mut trainer = start(&place);
    wait_for_step(&place, 4);
    trainer.kill().unwrap();
    trainer.wait().unwrap();
    let config = place.only_run().join("config.toml");
    let text = fs::read_to_string(&config).unwrap().replace("batch_size = 8", "batch_size = 16");
    fs::write(&config, text).unwrap();
    let said = refusal(&mut place.mien(&["train", "--resume", "latest"]), 1);
    assert!(said.contains("7 steps an epoch") && said.contains("train.batch_size"), "{said}");
    assert_eq!(state(&place), "failed");
}

#[test]
fn a_run_knows_what_it_was_made_from() {
    let place = Workplace::new();
    place.train(&["--set", "train.epochs=1"]).assert().success();
    let config = mien::config::complete(&place.only_run().join("config.toml")).unwrap();
    let provenance = config.provenance.unwrap();
    assert_eq!((provenance.device.as_str(), provenance.data_fingerprint.len()), ("cpu", 64));
    assert!(provenance.program.starts_with("mien ") && provenance.threads > 0, "{provenance:?}");
}
