//! The whole story: from a run in the evening to the pictures that it gets wrong in the morning.

use super::runs::{Runs, braille};
use super::screen::{PATIENCE, QUIET, Screen};
use super::wire;
use crate::folder::{Workplace, faces, status};
use std::fs;
use std::time::{Duration, Instant};

const SIZE: (u16, u16) = (120, 40);

/// The runs of `tests/runs` and drawn faces where they look for them.
fn morning() -> Runs {
    let runs = Runs::real();
    for entry in fs::read_dir(&runs.path).unwrap().map(Result::unwrap) {
        let path = entry.path().join("config.toml");
        let config = fs::read_to_string(&path).unwrap();
        fs::write(&path, config.replace("root = \"faces\"", &format!("root = {:?}", faces()))).unwrap();
    }
    runs
}

#[test]
fn from_the_runs_by_the_confusion_to_the_pictures_of_one_cell_and_back() {
    let runs = morning();
    let mut screen = Screen::start(&runs.path, SIZE, &[("COLORTERM", "truecolor")]);
    screen.until("the curves", |text| text.contains("3 runs") && braille(text) > 20);
    screen.press("jj\r");
    screen.shows("20260114-181502-faces-1a2b");
    screen.press("3");
    screen.shows("10 of 30 pictures of happiness are recognised");
    // To where happiness is taken for disgust.
    screen.press("llll");
    screen.shows("19 of 30");
    screen.press("\r");
    screen.shows("19 with truth:happiness prediction:disgust");
    screen.shows("1/19");
    // The faces drawn for the tests are few: the second one is among them.
    screen.press("j");
    screen.shows("2/19");
    screen.press("\r");
    screen.until("the picture large", |text| {
        text.contains("test/happiness/00002.png") && text.matches('▀').count() > 300
    });
    screen.press("\x1b");
    screen.shows("19 with truth:happiness prediction:disgust");
    screen.settle(QUIET);
    screen.press("3");
    screen.shows("19 of 30");
    screen.press("q");
    screen.shows("3 runs, 0 running");
    screen.press("q");
    assert_eq!(screen.ends(), 0);
    wire::is_clean(&screen.raw);
}

#[test]
fn two_runs_are_compared_picture_by_picture() {
    let runs = morning();
    let mut screen = Screen::start(&runs.path, SIZE, &[]);
    screen.shows("3 runs");
    screen.press(" j c");
    screen.shows(": p ");
    screen.press("\t");
    screen.settle(QUIET);
    screen.press("q");
    screen.shows("3 runs");
    // The machine is looked at from everywhere.
    screen.press("i");
    screen.shows("size of each run's folder");
    screen.press("q");
    screen.shows("3 runs");
    screen.press("q");
    assert_eq!(screen.ends(), 0);
    wire::is_clean(&screen.raw);
}

#[test]
fn a_run_that_is_launched_goes_on_when_the_dashboard_is_left_and_is_there_the_next_day() {
    let place = Workplace::new();
    let config = fs::read_to_string(&place.config).unwrap().replace("epochs = 10", "epochs = 4");
    fs::write(&place.config, config).unwrap();
    let mut screen = Screen::start(&place.runs(), SIZE, &[]);
    screen.shows("mien demo");
    screen.press("n");
    screen.shows("test.toml");
    screen.press("test.toml\r");
    screen.shows("steps an epoch");
    screen.press("s");
    screen.shows("1 charts");
    // The laptop is closed.
    screen.hang_up();
    screen.ends();
    let run = place.only_run();
    let begin = Instant::now();
    while status(&run)["state"] != "finished" {
        assert!(begin.elapsed() < 4 * PATIENCE, "{}", status(&run));
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut screen = Screen::start(&place.runs(), SIZE, &[]);
    screen.until("the run", |text| text.contains("finished") && text.contains("4/4") && braille(text) > 20);
    screen.press("\r3");
    screen.shows("macro F1");
    screen.press("qq");
    assert_eq!(screen.ends(), 0);
    wire::is_clean(&screen.raw);
}
