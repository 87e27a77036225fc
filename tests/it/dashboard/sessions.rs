//! What a person does at the keyboard, from the first screen to the last.

use super::runs::{Runs, append, braille, replace};
use super::screen::{QUIET, Screen};
use crate::folder::Workplace;
use std::fs;

#[test]
fn the_runs_are_shown_with_the_curves_of_the_newest_and_q_leaves() {
    let runs = Runs::new();
    runs.add("20260101-000000-older-0001", "finished", 100);
    runs.add("20260301-000000-newer-0002", "running", 100);
    let mut screen = Screen::start(&runs.path, (120, 40), &[]);
    screen.until("the curves", |text| text.contains("newer") && text.contains("older") && braille(text) > 20);
    let text = screen.text();
    assert!(
        text.find("newer") < text.find("older") && text.contains("running") && text.contains("2/8"),
        "{text}"
    );
    assert!(!screen.is_given_back() && !screen.is_cooked());
    screen.press("q");
    assert_eq!(screen.ends(), 0);
    assert!(screen.is_given_back() && screen.is_cooked());
}

#[test]
fn a_run_is_opened_and_followed_while_another_process_writes_it() {
    let runs = Runs::new();
    let folder = runs.add("20260301-000000-live-0002", "running", 100);
    let mut screen = Screen::start(&runs.path, (100, 30), &[]);
    screen.until("the curves", |text| braille(text) > 20);
    screen.press("\r");
    screen.shows("1 charts");
    screen.shows("0.6667");
    append(&folder, 101..=300);
    screen.shows("0.2857");
    fs::write(folder.join("log.txt"), "epoch 1 done\nepoch 2 \x1b[31mdone\n").unwrap();
    screen.press("6");
    screen.shows("epoch 2 [31mdone");
    screen.press("5");
    screen.shows("arch = \"gimefive\"");
    let status = fs::read_to_string(folder.join("status.json")).unwrap().replace("running", "finished");
    replace(&folder.join("status.json"), status);
    screen.shows("finished");
    screen.press("q");
    screen.shows("1 run, 0 running");
    screen.press("q");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn values_at_a_place_and_a_search_in_the_log() {
    let runs = Runs::new();
    let folder = runs.add("20260301-000000-a-0002", "finished", 100);
    let log: String = (0..20_000).map(|line| format!("line {line} of what was said\n")).collect();
    fs::write(folder.join("log.txt"), log).unwrap();
    let mut screen = Screen::start(&runs.path, (100, 30), &[]);
    screen.until("the curves", |text| braille(text) > 20);
    screen.press("\r");
    screen.shows("1 charts");
    screen.press("v");
    screen.shows("step 100");
    screen.press("gl");
    screen.shows("step 2 ");
    screen.shows("1.9231");
    screen.press("\x1b");
    screen.until("no cursor", |text| !text.contains("step 2 "));
    screen.press("6");
    screen.shows("line 19999");
    screen.press("/");
    screen.press("LINE 77 ");
    screen.press("\r");
    screen.shows("0 lines with");
    screen.press("/line 77 \r");
    screen.shows("1 of 1 line with \"line 77 \"");
    screen.shows("line 80 of");
    screen.press("G");
    screen.shows("line 19999");
    screen.press("qq");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn a_first_start_says_what_to_do_next() {
    let runs = Runs::new();
    let mut screen = Screen::start(&runs.path.join("none"), (80, 24), &[]);
    screen.shows("mien demo");
    screen.press("n");
    screen.shows("new run");
    screen.press("/no/such.toml\r");
    screen.shows("cannot read the config /no/such.toml");
    screen.press("\x1b");
    screen.shows("mien demo");
    screen.press("q");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn a_new_run_whose_pictures_are_not_there_is_refused_in_the_form_and_leaves_none() {
    let runs = Runs::new();
    let config = runs.path.join("a.toml");
    fs::write(&config, "[data]\nroot = \"/no/faces\"\n").unwrap();
    let there = runs.path.join("runs");
    let mut screen = Screen::start(&there, (120, 30), &[]);
    screen.shows("mien demo");
    screen.press("n");
    screen.shows("new run");
    screen.press(&format!("{}\r", config.display()));
    screen.shows("holds no manifest.csv");
    screen.press("s");
    screen.until("the refusal at the field", |text| {
        text.lines().nth(1).is_some_and(|line| line.contains("holds no manifest.csv"))
            && text.contains("▌ root")
    });
    assert!(!there.exists());
}

#[test]
fn a_run_is_launched_from_the_form_with_its_changes_and_then_opened() {
    let place = Workplace::new();
    let mut screen = Screen::start(&place.runs(), (120, 40), &[]);
    screen.shows("mien demo");
    screen.press("n");
    screen.shows("test.toml");
    screen.press("test.toml\r");
    screen.shows("steps an epoch");
    screen.press("/train.epochs\r\r");
    screen.press("\x15nine");
    screen.shows("it must be a whole number");
    screen.press("\x152\r\x1b");
    screen.shows("--set train.epochs=2 ");
    // Escape and a key that come at once are that key with Alt.
    screen.settle(QUIET);
    screen.press("/seed\r\r\x157\r");
    screen.shows("--set train.seed=7 ");
    screen.press("s");
    screen.shows("1 charts");
    screen.shows("finished");
    let run = &place.run_folders()[0];
    let config = fs::read_to_string(run.join("config.toml")).unwrap();
    assert!(config.contains("epochs = 2\n") && config.contains("seed = 7\n"), "{config}");
    // A copy of it begins with what it was made from.
    screen.press("e");
    screen.until("its form", |text| text.contains("config file") && text.contains("new run"));
    screen.press("/train.epochs\r");
    screen.until("its epochs", |text| {
        text.contains("epochs") && text.contains(" 2  ") && !text.contains("--set")
    });
    for key in ["\x1b", "\x1b", "i"] {
        screen.press(key);
        screen.settle(QUIET);
    }
    screen.until("the machine", |text| text.contains("CPU") && text.contains("size of each run's folder"));
}

#[test]
fn deleting_asks_and_removes_the_folder() {
    let runs = Runs::new();
    let folder = runs.add("20260301-000000-a-0002", "finished", 10);
    runs.add("20260201-000000-b-0001", "finished", 10);
    let mut screen = Screen::start(&runs.path, (100, 30), &[]);
    screen.shows("2 runs");
    screen.press("D");
    screen.shows("really?");
    screen.press("n");
    screen.until("no question", |text| !text.contains("really?"));
    assert!(folder.exists());
    screen.press("D");
    screen.shows("Delete 20260301-000000-a-0002");
    screen.press("y");
    screen.shows("1 run,");
    assert!(!folder.exists());
}

#[test]
fn without_a_terminal_a_sentence_says_what_to_do() {
    let runs = Runs::new();
    let mut command = assert_cmd::Command::cargo_bin("mien").unwrap();
    let refused = command.args(["--runs".as_ref(), runs.path.as_os_str()]).assert().code(2);
    refused.stderr(predicates::str::contains(
        "the dashboard needs a terminal; mien runs list shows the same as text",
    ));
}

#[test]
fn every_tab_and_overlay_of_a_run_opens_and_leads_back() {
    let runs = Runs::new();
    runs.add("20260301-000000-a-0002", "finished", 100);
    let mut screen = Screen::start(&runs.path, (80, 24), &[("NO_COLOR", "1")]);
    screen.until("the curves", |text| braille(text) > 20);
    screen.press("?");
    screen.shows("keys of the runs");
    screen.press("\x1b");
    screen.until("the list", |text| !text.contains("keys of the runs") && text.contains("finished"));
    screen.press("\r");
    screen.shows("1 charts");
    screen.until("the curves", |text| braille(text) > 20);
    screen.press("?");
    screen.shows("keys of a run");
    screen.press("q");
    screen.hides("keys of a run");
    screen.press("5");
    screen.shows("arch = \"gimefive\"");
    screen.press("6");
    screen.shows("epoch 1 done");
    screen.press("1");
    screen.until("the curves", |text| braille(text) > 20);
    screen.press("q");
    screen.shows("1 run, 0 running");
    screen.press("q");
    assert_eq!(screen.ends(), 0);
    assert!(screen.is_given_back() && screen.is_cooked());
    let raw = String::from_utf8_lossy(&screen.raw).into_owned();
    assert!(!raw.contains("38;5;") && !raw.contains("38;2;"), "NO_COLOR was not heeded");
}

#[test]
fn keys_typed_before_the_first_frame_are_not_lost() {
    let runs = Runs::new();
    runs.add("20260301-000000-a-0002", "finished", 10);
    // It never answers what a program asks it, as many a terminal does.
    let mut screen = Screen::start(&runs.path, (80, 24), &[]);
    screen.press("?");
    screen.shows("keys of the runs");
    screen.press("qq");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn keys_typed_at_once_are_all_done_in_order() {
    let runs = Runs::new();
    runs.add("20260301-000000-a-0002", "finished", 10);
    let mut screen = Screen::start(&runs.path, (80, 24), &[]);
    screen.shows("finished");
    // Opens the run, its log, its config, the help; closes it; back; filters; and again to the first screen's help.
    screen.press("\r65?qq/nothing\u{15}\r?");
    screen.shows("keys of the runs");
    screen.settle(QUIET);
    screen.press("q");
    screen.hides("keys of the runs");
    assert!(screen.text().contains("1 run, 0 running"), "{}", screen.text());
}
