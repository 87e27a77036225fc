use super::screen::Screen;
use crate::folder::Workplace;
use rustix::process::Signal;
use std::fmt::Write;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

struct Runs {
    _keep: tempfile::TempDir,
    path: PathBuf,
}

impl Runs {
    fn new() -> Self {
        let keep = tempfile::tempdir().unwrap();
        let path = keep.path().join("runs");
        fs::create_dir(&path).unwrap();
        Self { _keep: keep, path }
    }

    /// A run by the contract, with metrics up to `steps`.
    fn add(&self, id: &str, state: &str, steps: u64) -> PathBuf {
        let folder = self.path.join(id);
        fs::create_dir(&folder).unwrap();
        let config = "name = \"small\"\n[model]\narch = \"gimefive\"\n[data]\nroot = \"/faces\"\n[train]\nepochs = 8\n";
        fs::write(folder.join("config.toml"), config).unwrap();
        fs::write(folder.join("log.txt"), "epoch 1 done\n").unwrap();
        append(&folder, 1..=steps);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let status = format!(
            "{{\"version\":1,\"state\":\"{state}\",\"epoch\":2,\"step\":{steps},\"steps\":800,\"host\":\"elsewhere\",\"pid\":1,\"heartbeat\":{now}}}"
        );
        fs::write(folder.join("status.json"), status).unwrap();
        folder
    }
}

fn append(folder: &Path, steps: std::ops::RangeInclusive<u64>) {
    let mut text = String::new();
    for step in steps {
        let loss = 2.0 / (1.0 + step as f64 / 50.0);
        writeln!(
            text,
            "{{\"seq\":{step},\"time\":{step},\"epoch\":1,\"step\":{step},\"split\":\"train\",\"loss\":{loss:.5},\"accuracy\":0.5}}"
        )
        .unwrap();
    }
    let file = fs::OpenOptions::new().append(true).create(true).open(folder.join("metrics.jsonl"));
    file.unwrap().write_all(text.as_bytes()).unwrap();
}

fn braille(text: &str) -> usize {
    text.chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count()
}

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
    fs::write(folder.join("new"), status).unwrap();
    fs::rename(folder.join("new"), folder.join("status.json")).unwrap();
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
fn help_opens_and_closes() {
    let runs = Runs::new();
    runs.add("20260301-000000-a-0002", "finished", 100);
    let mut screen = Screen::start(&runs.path, (80, 24), &[("NO_COLOR", "1")]);
    screen.shows("finished");
    screen.press("?");
    screen.shows("keys of the runs");
    screen.press("\x1b");
    screen.until("the list", |text| !text.contains("keys of the runs") && text.contains("finished"));
    let raw = String::from_utf8_lossy(&screen.raw).into_owned();
    assert!(!raw.contains("38;5;") && !raw.contains("38;2;"), "NO_COLOR was not heeded");
}

#[test]
fn signals_that_end_the_dashboard_give_the_terminal_back() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let runs = Runs::new();
        runs.add("20260301-000000-a-0002", "finished", 10);
        let mut screen = Screen::start(&runs.path, (80, 24), &[]);
        screen.shows("finished");
        screen.signal(signal);
        assert_ne!(screen.ends(), 0, "{signal:?}");
        assert!(screen.is_given_back() && screen.is_cooked(), "{signal:?}");
    }
}

#[test]
fn a_stopped_dashboard_gives_the_terminal_back_and_takes_it_again() {
    let runs = Runs::new();
    runs.add("20260301-000000-a-0002", "finished", 10);
    let mut screen = Screen::start(&runs.path, (80, 24), &[]);
    screen.shows("finished");
    screen.press("\x1a");
    screen.until("the shell's screen", |text| !text.contains("finished"));
    assert!(screen.is_given_back());
    screen.is_stopped();
    screen.signal(Signal::CONT);
    screen.shows("finished");
    assert!(!screen.is_given_back());
    screen.press("q");
    assert_eq!(screen.ends(), 0);
    assert!(screen.is_given_back());
}

#[test]
fn a_terminal_of_another_size_is_drawn_anew() {
    let runs = Runs::new();
    runs.add("20260301-000000-a-0002", "finished", 10);
    let mut screen = Screen::start(&runs.path, (80, 24), &[]);
    screen.shows("finished");
    screen.resize(40, 10);
    screen.shows("40 x 10 is too small");
    screen.resize(160, 50);
    screen.until("the list", |text| text.contains("finished") && text.contains("device"));
}

#[test]
fn an_idle_dashboard_is_silent_and_a_lone_frame_is_one_update() {
    let runs = Runs::new();
    runs.add("20260301-000000-a-0002", "finished", 100);
    let mut screen = Screen::start(&runs.path, (120, 40), &[("SSH_CONNECTION", "1 2 3 4")]);
    screen.until("the curves", |text| braille(text) > 20);
    screen.settle(Duration::from_secs(2));
    let before = screen.raw.len();
    screen.settle(Duration::from_millis(1500));
    assert_eq!(screen.raw.len(), before);
    screen.press("?");
    screen.shows("keys of the runs");
    let frame = String::from_utf8_lossy(&screen.raw[before..]).into_owned();
    assert!(frame.starts_with("\x1b[?2026h") && frame.ends_with("\x1b[?2026l"), "{frame:?}");
    assert_eq!(frame.matches("\x1b[?2026h").count(), 1);
}

#[test]
fn hostile_names_and_files_do_not_reach_the_terminal() {
    let runs = Runs::new();
    for (i, name) in ["\x1b[2J\x1b]0;x\x07", "\u{202e}evil\u{200b}", "表情🙂e\u{301}"].iter().enumerate()
    {
        let folder = runs.add(&format!("2026010{}-000000-{name}-000{i}", i + 1), "finished", 20);
        let long = "n".repeat(4000);
        let config = format!(
            "name = \"{long}\\u001b[31m\"\n[model]\narch = \"\\u001b[5m{long}\"\n[data]\nroot = \"/x\"\n"
        );
        fs::write(folder.join("config.toml"), config).unwrap();
        let row = "{\"seq\":99,\"time\":1,\"epoch\":1,\"step\":99,\"split\":\"train\",\"\\u001b]0;pwned\\u0007\":1.5}\n";
        fs::write(folder.join("metrics.jsonl"), row).unwrap();
        fs::write(folder.join("log.txt"), "\x1b]0;log\x07\u{9b}2J\n").unwrap();
    }
    fs::create_dir(runs.path.join("torn")).unwrap();
    fs::write(runs.path.join("torn/status.json"), "{\"state\":\"run").unwrap();
    let mut screen = Screen::start(&runs.path, (120, 40), &[]);
    screen.until("the list", |text| text.contains("unreadable") && text.matches("finished").count() >= 3);
    for keys in ["j", "j", "j", "\r", "6", "5", "1"] {
        screen.press(keys);
        screen.settle(Duration::from_millis(400));
    }
    let raw = String::from_utf8_lossy(&screen.raw).into_owned();
    for forbidden in ["\x1b]", "\x07", "\u{9b}", "\u{202e}", "\u{200b}", "\x1b[31m", "\x1b[5m"] {
        assert!(!raw.contains(forbidden), "{forbidden:?} reached the terminal");
    }
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
    std::fs::write(&config, "[data]\nroot = \"/no/faces\"\n").unwrap();
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
    screen.press("\x152\r");
    screen.shows("--set train.epochs=2");
    // Escape and what follows at once would be another key.
    screen.press("\x1b");
    screen.shows("config file");
    screen.press("/seed\r\r\x157\r");
    screen.shows("--set train.seed=7");
    screen.press("s");
    screen.shows("1 charts");
    screen.shows("finished");
    let run = &place.run_folders()[0];
    let config = fs::read_to_string(run.join("config.toml")).unwrap();
    assert!(config.contains("epochs = 2\n") && config.contains("seed = 7\n"), "{config}");
    // A copy of it begins with what it was made from.
    screen.press("e");
    screen.shows("config file");
    let clone = |text: &str| {
        text.contains("default 80") && text.contains(&run.file_name().unwrap().to_string_lossy()[..20])
    };
    screen.until("the epochs of the run", clone);
    assert!(!screen.text().contains("--set"), "{}", screen.text());
    screen.press("\x1b");
    screen.shows("1 charts");
    screen.press("i");
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
