//! Runs of a search that end themselves.

use crate::folder::{Workplace, document, status};
use mien::config;
use mien::run::{Halving, RunFolder, State, Status, Trial};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SEARCH: &str = "20260101-000000-s-0001";

/// The folder of a search, empty but for what its runs write, and runs that are compared after 1, `eta`, ... epochs by
/// their validation loss.
struct Search {
    place: Workplace,
    eta: u32,
}

impl Search {
    fn new(eta: u32) -> Self {
        let place = Workplace::new();
        fs::create_dir_all(place.runs().join("searches").join(SEARCH)).unwrap();
        Self { place, eta }
    }

    /// A run of the search, queued.
    fn run(&self, number: u64, sets: &[&str]) -> PathBuf {
        let sets = [sets, &["train.early_stopping.metric=valid/loss"]].concat();
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        let config = config::from_file(&self.place.config, &sets).unwrap();
        let metric = config::MonitoredMetric::ValidLoss;
        let halving = Some(Halving { eta: self.eta, min_epochs: 1, metric });
        let trial = Trial { search: SEARCH.into(), number, halving };
        let status = Status { search: Some(SEARCH.into()), ..Status::new(State::Queued) };
        let id = format!("20260101-000000-s-{number:03}-0001");
        let run = RunFolder::create_trial(&self.place.runs(), &id, &status, &config, &trial).unwrap();
        run.unwrap().path().into()
    }

    fn train(&self, run: &Path) -> Value {
        document(&mut self.place.mien(&["train", "--json", "--resume", run.to_str().unwrap()]))
    }

    fn start(&self, run: &Path) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mien"));
        command.arg("--runs").arg(self.place.runs()).args(["train", "--resume"]).arg(run);
        command.env_remove("SLURM_JOB_ID").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn mark(&self, epochs: usize, number: u64) -> PathBuf {
        let searches = self.place.runs().join("searches").join(SEARCH);
        searches.join("rungs").join(epochs.to_string()).join(number.to_string())
    }

    fn value(&self, epochs: usize, number: u64) -> f64 {
        let mark: Value = serde_json::from_slice(&fs::read(self.mark(epochs, number)).unwrap()).unwrap();
        mark["value"].as_f64().unwrap()
    }
}

fn log(run: &Path) -> String {
    fs::read_to_string(run.join("log.txt")).unwrap()
}

#[test]
fn the_worst_of_three_ends_after_the_first_rung_with_all_that_an_end_has() {
    let search = Search::new(3);
    let runs = [
        search.run(1, &["train.epochs=2"]),
        search.run(2, &["train.epochs=2", "train.learning_rate=0.02"]),
        search.run(3, &["train.epochs=2", "train.learning_rate=1e-9"]),
    ];
    let reports: Vec<Value> = runs.iter().map(|run| search.train(run)).collect();
    let epochs: Vec<_> = reports.iter().map(|report| report["epoch"].as_u64().unwrap()).collect();
    assert_eq!(epochs, [2, 2, 1], "{}", log(&runs[2]));
    let values = [1, 2, 3].map(|number| search.value(1, number));
    assert!(values[2] > values[0].max(values[1]), "{values:?}");

    let halved = status(&runs[2]);
    assert_eq!((halved["state"].as_str(), halved["halved"].as_u64()), (Some("finished"), Some(1)));
    assert_eq!(halved["valid_loss"].as_f64(), Some(search.value(1, 3)));
    assert_eq!(halved["test_accuracy"], reports[2]["test_accuracy"]);
    for file in ["model.safetensors", "evaluation.json", "scores/test.csv"] {
        assert!(runs[2].join(file).is_file(), "{file}");
    }
    assert!(log(&runs[2]).contains("is number 3 of the 3 runs that came so far"), "{}", log(&runs[2]));
    for run in &runs[..2] {
        assert_eq!(status(run)["halved"], Value::Null);
        assert!(log(run).contains("goes on after epoch 1"), "{}", log(run));
    }
    assert!(!search.mark(2, 1).exists(), "after the last epoch there is nothing to compare");
}

#[test]
fn a_run_that_is_resumed_is_not_judged_by_siblings_that_came_later() {
    let search = Search::new(2);
    let run = search.run(9, &["train.epochs=20", "train.checkpoint_minutes=1e-9"]);
    let mut trainer = search.start(&run);
    let deadline = Instant::now() + Duration::from_secs(60);
    // In the second epoch of seven steps, or later.
    while status(&run)["step"].as_u64().unwrap_or(0) < 10 {
        assert!(Instant::now() < deadline, "the trainer did not get to step 10");
        std::thread::sleep(Duration::from_millis(2));
    }
    trainer.kill().unwrap();
    trainer.wait().unwrap();
    let killed = status(&run);
    assert!(killed["valid_loss"].is_f64(), "{killed}");
    let mark = fs::read(search.mark(1, 9)).unwrap();
    for number in 1..9 {
        fs::write(search.mark(1, number), "{\"value\":0.0}").unwrap();
    }

    let report = search.train(&run);
    assert_eq!(report["epoch"], 20, "{}", log(&run));
    assert_eq!(fs::read(search.mark(1, 9)).unwrap(), mark);
    assert_eq!(log(&run).matches("goes on after epoch 1:").count(), 1, "{}", log(&run));
    assert_eq!(log(&run).matches("goes on after epoch 16:").count(), 1, "{}", log(&run));
    let ended = status(&run);
    assert!(ended["valid_loss"].as_f64() <= killed["valid_loss"].as_f64(), "{ended}");
    assert_eq!(ended["halved"], Value::Null);
}

#[test]
fn a_run_whose_search_is_gone_is_trained_to_its_end() {
    let search = Search::new(2);
    let run = search.run(1, &["train.epochs=2"]);
    let searches = search.place.runs().join("searches");
    fs::remove_dir_all(&searches).unwrap();
    assert_eq!(search.train(&run)["epoch"], 2);
    assert!(log(&run).contains("not compared after epoch 1"), "{}", log(&run));
    assert!(!searches.exists());
}
