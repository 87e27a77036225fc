//! What a user sets in the files of their configuration, and the mouse and the bell in a terminal.

use super::runs::Runs;
use super::screen::Screen;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of configuration with these files in mien's.
fn configuration(runs: &Runs, files: &[(&str, &str)]) -> PathBuf {
    let folder = runs.path.with_file_name("config");
    fs::create_dir_all(folder.join("mien")).unwrap();
    for (name, text) in files {
        fs::write(folder.join("mien").join(name), text).unwrap();
    }
    folder
}

fn set_state(folder: &Path, from: &str, to: &str) {
    let status = fs::read_to_string(folder.join("status.json")).unwrap().replace(from, to);
    fs::write(folder.join("new"), status).unwrap();
    fs::rename(folder.join("new"), folder.join("status.json")).unwrap();
}

#[test]
fn settings_and_keys_of_the_user_are_heeded() {
    let runs = Runs::new();
    runs.add("20260301-000000-a-0002", "finished", 100);
    let folder = configuration(
        &runs,
        &[
            ("config.toml", "mouse = false\ncolours = \"none\"\nsymbols = \"ascii\"\nx_axis = \"epoch\"\n"),
            ("keys.toml", "[runs]\nback = \"ctrl-q\"\n"),
        ],
    );
    let mut screen = Screen::start(&runs.path, (100, 30), &[("XDG_CONFIG_HOME", folder.to_str().unwrap())]);
    screen.until("the charts", |text| text.contains("epochs") && text.contains("Ctrl-q leave"));
    assert!(screen.text().is_ascii() && !screen.has_mouse(), "{}", screen.text());
    let raw = String::from_utf8_lossy(&screen.raw).into_owned();
    assert!(!raw.contains("38;5;") && !raw.contains("\x1b[?1000h"));
    screen.press("q");
    screen.press("\x11");
    assert_eq!(screen.ends(), 0);
    assert!(screen.is_given_back());
}

#[test]
fn a_broken_settings_file_is_told_and_keeps_nobody_from_the_runs() {
    let runs = Runs::new();
    runs.add("20260301-000000-a-0002", "finished", 100);
    let files = [("config.toml", "mouse = \"of\"\nbel = true\n"), ("keys.toml", "[runs\n")];
    let folder = configuration(&runs, &files);
    let mut screen = Screen::start(&runs.path, (80, 24), &[("XDG_CONFIG_HOME", folder.to_str().unwrap())]);
    screen.shows("finished");
    // A path may be long: its rows are put together again.
    let told = screen.text().lines().map(str::trim).collect::<String>().replace(' ', "");
    for part in
        ["mien/config.toml,line1:mouse:", "line2:nosuchfield'bel';didyoumean'bell'?", "mien/keys.toml,line1:"]
    {
        assert!(told.contains(part), "{part} is missing in\n{}", screen.text());
    }
    assert!(screen.has_mouse());
    screen.press("?");
    screen.until("the help alone", |text| text.contains("keys of the runs") && !text.contains("keys.toml"));
}

#[test]
fn the_wheel_moves_in_the_list_and_the_mouse_is_given_back() {
    let runs = Runs::new();
    for i in 0..6 {
        runs.add(&format!("2026030{}-000000-run{i}-0002", i + 1), "finished", 10);
    }
    let mut screen = Screen::start(&runs.path, (100, 30), &[]);
    screen.shows("6 runs");
    assert!(screen.has_mouse());
    screen.shows("20260306-000000-run5");
    screen.press("\x1b[<65;5;5M");
    screen.shows("20260303-000000-run2");
    screen.press("\x1b[<64;5;5M");
    screen.shows("20260306-000000-run5");
    screen.press("q");
    assert_eq!(screen.ends(), 0);
    assert!(screen.is_given_back());
}

#[test]
fn a_run_that_ends_rings_if_that_is_wanted() {
    for (wanted, variables, rung) in [
        ("bell = true\n", &[("TERM_PROGRAM", "WezTerm")][..], "\x07\x1b]9;mien: a is finished\x07"),
        ("bell = true\n", &[][..], "\x07"),
        ("", &[][..], ""),
    ] {
        let runs = Runs::new();
        let folder = runs.add("20260301-000000-a-0002", "running", 100);
        let home = configuration(&runs, &[("config.toml", wanted)]);
        let variables = [&[("XDG_CONFIG_HOME", home.to_str().unwrap())], variables].concat();
        let mut screen = Screen::start(&runs.path, (100, 30), &variables);
        screen.shows("running");
        set_state(&folder, "running", "finished");
        screen.until("the end", |text| text.contains("finished"));
        let raw = String::from_utf8_lossy(&screen.raw).into_owned();
        let start = raw.find('\x07').unwrap_or(raw.len());
        let end = raw.rfind('\x07').map_or(start, |end| end + 1);
        assert_eq!(&raw[start..end], rung);
    }
}
