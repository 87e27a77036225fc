//! Searches, from folders as a supervisor leaves them.

use super::*;
use crate::config::RunConfig;
use crate::run::{ProcessIdentity, State as RunState, Status};
use crate::search::{Plan, PlannedRun, Record, SearchFolder, SearchState};
use crate::tui::state::Overlay;
use toml::Value;

const FILE: &str = "name = \"tiny\"\nbase = \"base.toml\"\nretries = 0\nseeds = [42, 43]\n[axes]\n\
                    \"train.learning_rate\" = [0.01, 0.001]\n\"train.batch_size\" = [16, 32]\n";

/// A search that goes on: of 8 runs two have ended well, and one has failed.
pub(super) fn kept(story: &Story) -> SearchFolder {
    let record = Record {
        state: SearchState::Running,
        process: ProcessIdentity::current(),
        ..Record::new("/elsewhere/tiny.toml".into())
    };
    let mut base = RunConfig { name: "base".into(), ..RunConfig::default() };
    base.data.root = "/elsewhere/faces".into();
    let fill = |folder: &SearchFolder| Plan::append(folder, &plan());
    let runs = story.folder.path().join("runs");
    let folder = SearchFolder::create(&runs, "tiny", FILE, &base, &record, fill).unwrap();
    for (number, accuracy) in [(1, 0.61), (2, 0.72)] {
        ended(&folder, number, accuracy);
    }
    let error = Some("the loss is not a number since step 120".into());
    write(&folder, 3, &Status { error, ..Status::new(RunState::Failed) });
    folder
}

fn plan() -> Vec<PlannedRun> {
    let point = |rate: f64, size: i64| {
        vec![
            ("train.learning_rate".into(), Value::Float(rate)),
            ("train.batch_size".into(), Value::Integer(size)),
        ]
    };
    let points = [(0.01, 16), (0.01, 32), (0.001, 16), (0.001, 32)];
    let seeds = [42, 43].into_iter().flat_map(|seed| points.map(|(rate, size)| (seed, point(rate, size))));
    (1..).zip(seeds).map(|(number, (seed, set))| PlannedRun { number, seed, set }).collect()
}

fn write(folder: &SearchFolder, number: u64, status: &Status) {
    let run = folder.run(number);
    fs::create_dir_all(run.path()).unwrap();
    Status { search: Some(folder.id()), ..status.clone() }.write(&run).unwrap();
}

fn ended(folder: &SearchFolder, number: u64, accuracy: f64) {
    let status = Status { valid_accuracy: Some(accuracy), ..Status::new(RunState::Finished) };
    write(folder, number, &status);
}

#[tokio::test]
async fn a_search_is_followed_as_its_runs_end_and_its_points_lead_to_them() {
    let mut story = Story::begin((120, 40)).await;
    let folder = kept(&story);
    story.shows("6 runs").await;
    story.press("S");
    story.shows("3 of 8 ended").await;
    story.shows("72.0 %").await;
    let picture = story.picture();
    for said in
        ["tiny", "running", "2 finished", "1 failed", "5 waiting", "72.0 %", "61.0 %", "learning_rate"]
    {
        assert!(picture.contains(said), "{said} in\n{picture}");
    }
    ended(&folder, 6, 0.74);
    story.shows("4 of 8 ended").await;
    story.shows("73.0 %").await;

    story.press("\n");
    story.shows("1 charts").await;
    assert_eq!(story.state.current().unwrap().folder.id(), folder.run_id(6), "the best of the point's runs");
    story.press("S");
    story.shows("4 of 8 ended").await;
    story.press("q");
    story.shows("runs, ").await;
}

#[tokio::test]
async fn the_best_point_becomes_a_config_and_a_search_without_a_supervisor_is_stopped() {
    let mut story = Story::begin((120, 40)).await;
    let folder = kept(&story);
    story.press("S");
    story.shows("3 of 8 ended").await;
    story.shows("72.0 %").await;
    let to = story.folder.path().join("mine/best.toml");
    story.press(&format!("p\u{15}{}\n", to.display()));
    story.shows("is written").await;
    let config = crate::config::from_file(&to, &[]).unwrap();
    assert_eq!((config.train.learning_rate, config.train.batch_size), (0.01, 32));
    story.press(&format!("p\u{15}{}\n", to.display()));
    let is_refused = |state: &crate::tui::state::State| matches!(&state.overlay, Some(Overlay::Prompt(prompt)) if prompt.error.is_some());
    story.until("a refusal in the line", is_refused).await;
    story.press("\u{1b}xn");
    assert!(!folder.stop_request().exists(), "nobody said yes");
    fs::remove_file(folder.path().join("plan.jsonl")).unwrap();
    story.shows("plan.jsonl").await;
    fs::remove_dir_all(folder.path()).unwrap();
    story.shows("removed or moved").await;
}
