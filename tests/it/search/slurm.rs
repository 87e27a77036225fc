//! Searches on Slurm: on a real one of one node, where it is installed, and with commands that only pretend.

mod cluster;

use crate::folder::{Workplace, document, refusal, status};
use cluster::{Cluster, wait_for};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// 12 runs of one length, so that the steps of one are those of every other.
const AXES: &str = "[axes]\n\"train.learning_rate\" = [0.01, 0.008, 0.006, 0.004, 0.003, 0.002]\n\
                    \"train.weight_decay\" = [0.0, 0.001]\n";

struct Scene {
    place: Workplace,
    cluster: Cluster,
    search: PathBuf,
}

impl Scene {
    fn new(cluster: Cluster, epochs: usize) -> Self {
        let place = Workplace::new();
        let config = fs::read_to_string(&place.config).unwrap();
        let config = config.replace("epochs = 10", &format!("epochs = {epochs}\ncheckpoint_minutes = 1e-9"));
        fs::write(&place.config, config).unwrap();
        let scene = Self { search: place.folder.path().join("tiny.toml"), place, cluster };
        scene.write_search("[\"--gres=gpu:1\", \"--cpus-per-task=1\", \"--time=30\"]");
        scene
    }

    fn write_search(&self, sbatch: &str) {
        let search = format!(
            "name = \"tiny\"\nbase = \"test.toml\"\nretries = 2\n{AXES}\
             [engine.slurm]\nthrottle = 2\npoll_seconds = 0.3\nsetup = \"export FROM_SETUP=yes\"\nsbatch = {sbatch}\n"
        );
        fs::write(&self.search, search).unwrap();
    }

    fn mien(&self, arguments: &[&str]) -> assert_cmd::Command {
        let mut command = self.place.mien(arguments);
        command.env("SLURM_CONF", self.cluster.config());
        // What another job of Slurm's leaves in the environment must not matter.
        command.env("SQUEUE_FORMAT", "%j").env("SBATCH_ARRAY_INX", "7").env("SLURM_ARRAY_TASK_ID", "9");
        command
    }

    fn begin(&self) -> PathBuf {
        let begun = document(self.mien(&["search", "--json"]).arg(&self.search));
        assert_eq!((begun["runs"].as_u64(), begun["engine"].as_str()), (Some(12), Some("slurm")), "{begun}");
        self.place.runs().join("searches").join(begun["search"].as_str().unwrap())
    }

    /// The folder of a run of the only search.
    fn run(&self, number: u64) -> PathBuf {
        let name = format!("-tiny-{number:03}-");
        let folders = self.place.run_folders();
        let found = folders.into_iter().find(|folder| folder.to_str().unwrap().contains(&name));
        found.unwrap_or_else(|| self.place.runs().join(format!("no run {number}")))
    }

    fn state(&self, number: u64) -> String {
        let list = document(&mut self.mien(&["runs", "list", "--json"]));
        let id = self.run(number).file_name().unwrap().to_str().unwrap().to_string();
        let run = list.as_array().unwrap().iter().find(|run| run["id"] == id.as_str());
        run.map_or("none".into(), |run| run["state"].as_str().unwrap().into())
    }

    fn wait_for_step(&self, number: u64, step: u64) {
        wait_for(&format!("step {step} of run {number}"), || {
            self.keep_watch();
            status(&self.run(number))["step"].as_u64().unwrap_or(0) >= step
        });
    }

    /// No more than the throttle allows.
    fn keep_watch(&self) {
        let running = self.cluster.tasks("RUNNING");
        assert!(running.len() <= 2, "{running:?}");
    }

    /// Slurm lets a requeued job wait for two minutes; not here.
    fn hurry(&self, task: &str) {
        wait_for(&format!("{task} to be in the queue again"), || {
            self.keep_watch();
            self.cluster.tasks("PENDING").contains(&task.to_string())
        });
        self.cluster.run("scontrol", &["update", &format!("JobId={task}"), "StartTime=now"]);
    }
}

fn record(search: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(search.join("state.json")).unwrap()).unwrap()
}

fn array(search: &Path) -> String {
    record(search)["arrays"][0]["job"].as_str().unwrap().into()
}

fn kill(signal: &str, process: &Value) {
    let done = Command::new("kill").args([signal, &process.to_string()]).status().unwrap();
    assert!(done.success(), "kill {signal} {process}");
}

/// The steps of a run's rows, as a reader counts them after resumes.
fn steps(run: &Path) -> Vec<u64> {
    let text = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let mut steps: Vec<u64> = Vec::new();
    for row in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        if row["split"] == "train" {
            let step = row["step"].as_u64().unwrap();
            steps.retain(|&before| before < step);
            steps.push(step);
        }
    }
    steps
}

#[test]
fn twelve_runs_on_slurm_survive_all_that_happens_to_them() {
    let Some(cluster) = Cluster::start() else { return };
    let mut scene = Scene::new(cluster, 20);
    let search = scene.begin();
    let job = array(&search);
    let task = |number: u64| format!("{job}_{number}");
    let update = |scene: &Scene, number: u64, change: &str| {
        scene.cluster.run("scontrol", &["update", &format!("JobId={}", task(number)), change]);
    };
    let throttle = |scene: &Scene, most: &str| {
        scene.mien(&["search", "latest", "--throttle", most]).assert().success();
        let expected = format!("ArrayTaskThrottle={most} ");
        wait_for(&expected, || scene.cluster.run("scontrol", &["show", "job", &job]).contains(&expected));
    };

    // One is killed, one has to make room for another job.
    scene.wait_for_step(1, 10);
    kill("-KILL", &status(&scene.run(1))["pid"]);
    scene.wait_for_step(2, 10);
    assert_eq!(status(&scene.run(2))["job"], task(2).as_str());
    scene.cluster.run("scontrol", &["requeue", &task(2)]);

    // One gets to its time limit: it is made to wait for the signal, which Slurm sends within half a minute.
    scene.wait_for_step(3, 10);
    let process = status(&scene.run(3))["pid"].clone();
    kill("-STOP", &process);
    update(&scene, 3, "TimeLimit=1");

    // One is stopped, one is taken out of the queue, and fewer go on at once.
    scene.wait_for_step(4, 10);
    scene.mien(&["runs", "stop"]).arg(scene.run(4)).assert().success();
    scene.cluster.run("scancel", &[&task(12)]);
    throttle(&scene, "1");
    wait_for("run 4 to be stopped", || scene.state(4) == "stopped");
    wait_for("the cancelled run", || record(&search)["cancelled"] == serde_json::json!([12]));

    let said = |number: u64| fs::read_to_string(scene.run(number).join("log.txt")).unwrap_or_default();
    let signals = || fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    wait_for("the end of its time", || {
        // Most versions of Slurm wake a process that they signal.
        if signals().lines().any(|line| line == "ShdPnd:\t0000000000000800") {
            kill("-CONT", &process);
        }
        said(3).contains("the time of job")
    });
    scene.hurry(&task(3));
    update(&scene, 3, "TimeLimit=30");
    scene.hurry(&task(2));
    throttle(&scene, "2");
    assert!(said(2).contains("preempted") && said(3).contains("preempted"), "{}", said(2));
    assert!(said(3).contains(&format!("the time of job {} is over", task(3))), "{}", said(3));
    assert!(log(&search).contains("run 1: failed (Slurm ended job"), "{}", log(&search));

    // The supervisor is killed, the queue forgets all that is in it, and the search goes on with everything that is left.
    kill("-KILL", &record(&search)["pid"]);
    scene.cluster.forget_everything();
    let resumed = document(&mut scene.mien(&["search", "latest", "--resume", "--json"]));
    assert_eq!(resumed["runs"], 12, "{resumed}");
    wait_for("the search to end", || {
        scene.keep_watch();
        !["planned", "running"].map(Value::from).contains(&record(&search)["state"])
    });

    assert_eq!(record(&search)["state"], "finished", "{}", log(&search));
    assert_eq!(scene.place.run_folders().len(), 12 + 1, "beside the folder of searches");
    let whole = steps(&scene.run(12));
    for number in 1..=12 {
        let run = scene.run(number);
        assert_eq!(scene.state(number), "finished", "run {number}: {}", log(&search));
        assert_eq!(status(&run)["step"], status(&run)["steps"], "run {number}");
        let found = steps(&run);
        assert_eq!(found.last(), whole.last(), "run {number}");
        assert!(found.windows(2).all(|pair| pair[1] - pair[0] <= 2), "run {number}: {found:?}");
        assert!(run.join("evaluation.json").is_file(), "run {number}");
    }
}

#[test]
fn a_search_on_slurm_is_refused_in_slurm_s_words_and_stopped_with_checkpoints() {
    let Some(cluster) = Cluster::start() else { return };
    let scene = Scene::new(cluster, 2000);
    scene.write_search("[\"--partition=nowhere\"]");
    let said = refusal(scene.mien(&["search"]).arg(&scene.search), 1);
    assert!(said.contains("invalid partition specified: nowhere"), "{said}");
    assert_eq!(searches(&scene.place), Vec::<PathBuf>::new());

    scene.write_search("[\"--gres=gpu:1\", \"--comment='two words'\"]");
    let search = scene.begin();
    scene.wait_for_step(1, 10);
    scene.mien(&["search", "latest", "--stop"]).assert().success();
    assert_eq!(record(&search)["state"], "stopped", "{}", log(&search));
    wait_for("an empty queue", || scene.cluster.tasks("PENDING,RUNNING,COMPLETING").is_empty());
    let runs: Vec<_> =
        scene.place.run_folders().into_iter().filter(|run| run.join("status.json").exists()).collect();
    assert!((1..=3).contains(&runs.len()), "{runs:?}");
    for run in &runs {
        assert_eq!(status(run)["state"], "stopped", "{run:?}");
    }
    let checkpoints = fs::read_dir(scene.run(1).join("checkpoints")).unwrap();
    assert!(checkpoints.count() > 0);
}

#[test]
fn a_machine_without_slurm_begins_no_search_and_says_what_is_missing() {
    let place = Workplace::new();
    let search = place.folder.path().join("s.toml");
    fs::write(&search, format!("base = \"test.toml\"\n{AXES}[engine.slurm]\n")).unwrap();
    let nothing = tempfile::tempdir().unwrap();
    let said = refusal(place.mien(&["search"]).arg(&search).env("PATH", nothing.path()), 2);
    assert!(said.contains("sbatch is not there") && said.contains("--engine local"), "{said}");
    assert_eq!(searches(&place), Vec::<PathBuf>::new());
}

#[test]
fn an_sbatch_that_refuses_is_heard_and_nothing_is_left_behind() {
    let place = Workplace::new();
    let search = place.folder.path().join("s.toml");
    let commands = tempfile::tempdir().unwrap();
    let sbatch = commands.path().join("sbatch");
    fs::write(&search, format!("base = \"test.toml\"\n{AXES}[engine.slurm]\n")).unwrap();
    for (script, expected) in [
        (
            "printf 'sbatch: error: \\033[31mno account\\nmore\\n' >&2; exit 1",
            "sbatch refuses: sbatch: error: [31mno account; more",
        ),
        ("exit 3", "sbatch refuses: it gave no reason"),
        ("echo Submitted batch job", "which is no job's id"),
    ] {
        fs::write(&sbatch, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&sbatch, fs::Permissions::from_mode(0o755)).unwrap();
        let said = refusal(place.mien(&["search"]).arg(&search).env("PATH", commands.path()), 1);
        assert!(said.contains(expected), "{said}");
        assert_eq!(searches(&place), Vec::<PathBuf>::new());
    }
    fs::write(&search, format!("base = \"test.toml\"\n{AXES}[engine.slurm]\nsbatch = [\"--array=1-3\"]\n"))
        .unwrap();
    let said = refusal(place.mien(&["search"]).arg(&search), 2);
    assert!(said.contains("'--array=1-3' is mien's own to say"), "{said}");
    assert_eq!(searches(&place), Vec::<PathBuf>::new());
}

/// The folders of searches.
fn searches(place: &Workplace) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.runs().join("searches")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

fn log(search: &Path) -> String {
    fs::read_to_string(search.join("log.txt")).unwrap_or_default()
}
