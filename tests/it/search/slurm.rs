//! Searches on Slurm: on a real one of one node, where it is installed, and with commands that only pretend.

mod cluster;

use crate::folder::{Workplace, document, refusal, status};
use cluster::{Cluster, wait_for};
use serde_json::Value;
use std::collections::BTreeSet;
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
    let mut scene = Scene::new(cluster, 40);
    let search = scene.begin();
    let job = array(&search);
    let task = |number: u64| format!("{job}_{number}");

    // One is killed, one has to make room for another job.
    scene.wait_for_step(1, 10);
    kill("-KILL", &status(&scene.run(1))["pid"]);
    scene.wait_for_step(2, 10);
    assert_eq!(status(&scene.run(2))["job"], task(2).as_str());
    scene.cluster.run("scontrol", &["requeue", &task(2)]);
    scene.hurry(&task(2));
    assert!(fs::read_to_string(scene.run(2).join("log.txt")).unwrap().contains("preempted"));

    // One gets to its time limit. It waits for the signal, which Slurm sends within half a minute.
    scene.wait_for_step(3, 10);
    let process = status(&scene.run(3))["pid"].clone();
    scene.cluster.run("scontrol", &["update", &format!("JobId={}", task(3)), "TimeLimit=1"]);
    kill("-STOP", &process);
    let signals = || fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    wait_for("Slurm's signal", || signals().lines().any(|line| line == "ShdPnd:\t0000000000000800"));
    kill("-CONT", &process);
    scene.hurry(&task(3));
    assert!(fs::read_to_string(scene.run(3).join("log.txt")).unwrap().contains("the time of job"));
    scene.cluster.run("scontrol", &["update", &format!("JobId={}", task(3)), "TimeLimit=30"]);

    // One is stopped, one is taken out of the queue.
    scene.cluster.run("scancel", &[&task(12)]);
    scene.wait_for_step(4, 10);
    scene.mien(&["runs", "stop"]).arg(scene.run(4)).assert().success();
    wait_for("run 4 to be stopped", || scene.state(4) == "stopped");

    // Fewer at once, while they go on.
    let most = || scene.cluster.run("scontrol", &["show", "job", &job]);
    scene.mien(&["search", "latest", "--throttle", "1"]).assert().success();
    wait_for("the throttle", || most().contains("ArrayTaskThrottle=1 "));
    scene.mien(&["search", "latest", "--throttle", "2"]).assert().success();
    wait_for("the throttle", || most().contains("ArrayTaskThrottle=2 "));

    // The supervisor is killed, and the queue forgets all that is in it.
    wait_for("the cancelled run", || record(&search)["cancelled"] == serde_json::json!([12]));
    kill("-KILL", &record(&search)["pid"]);
    scene.cluster.forget_everything();
    // What was cancelled in the queue would be begun, too: --resume means everything that is left.
    let before: BTreeSet<PathBuf> = scene.place.run_folders().into_iter().collect();
    document(&mut scene.mien(&["search", "latest", "--resume", "--json"]));
    wait_for("the search to finish", || {
        scene.keep_watch();
        record(&search)["state"] != "running" && record(&search)["state"] != "planned"
    });

    assert_eq!(record(&search)["state"], "finished", "{}", log(&search));
    let expected: Vec<u64> = steps(&scene.run(12));
    for number in 1..=12 {
        let run = scene.run(number);
        assert_eq!(scene.state(number), "finished", "run {number}: {}", log(&search));
        assert_eq!(status(&run)["step"], status(&run)["steps"], "run {number}");
        let found = steps(&run);
        assert_eq!(found.last(), expected.last(), "run {number}");
        assert!(found.windows(2).all(|pair| pair[1] - pair[0] <= 2), "run {number}: {found:?}");
        assert!(run.join("evaluation.json").is_file(), "run {number}");
    }
    let after: BTreeSet<PathBuf> = scene.place.run_folders().into_iter().collect();
    assert!(after.is_superset(&before));
    assert_eq!(after.iter().filter(|folder| folder.to_str().unwrap().contains("-tiny-")).count(), 12);
}

fn log(search: &Path) -> String {
    fs::read_to_string(search.join("log.txt")).unwrap_or_default()
}
