//! Files that are torn, huge, foreign, of a later version, or no files: one run suffers, and nothing else does.

use super::runs::{Runs, append_text, braille, replace};
use super::screen::{QUIET, Screen};
use super::wire;
use rustix::fs::{CWD, FileType, mknodat};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

const FILES: [&str; 6] =
    ["status.json", "config.toml", "metrics.jsonl", "notes.toml", "evaluation.json", "log.txt"];

fn pipe(path: &Path) {
    let _ = fs::remove_file(path);
    mknodat(CWD, path, FileType::Fifo, 0o600.into(), 0).unwrap();
}

/// Opens the chosen run, looks at each of its tabs, and goes back.
fn look_at_it(screen: &mut Screen) {
    for keys in ["\r", "2", "3", "5", "6", "1", "?", "q", "q"] {
        screen.press(keys);
        screen.settle(QUIET / 4);
    }
    screen.shows("0 running");
}

/// Starts on runs of which `bad` are spoiled, looks at all of them, and finds the good one as it is.
fn nothing_else_suffers(runs: &Runs, bad: usize) -> Screen {
    runs.add("20250101-000000-good-0001", "finished", 100);
    let mut screen = Screen::start(&runs.path, (120, 40), &[]);
    screen.shows(&format!("{} run", bad + 1));
    for _ in 0..bad {
        look_at_it(&mut screen);
        screen.press("j");
    }
    screen.press("G");
    screen.settle(QUIET);
    screen.press("\r");
    screen.until("the good run's curves", |text| braille(text) > 20 && text.contains("0.6667"));
    screen.press("q");
    screen.shows("0 running");
    screen
}

fn leaves(mut screen: Screen) {
    screen.press("\x03");
    assert_eq!(screen.ends(), 0, "{}", screen.text());
    wire::is_clean(&screen.raw);
}

#[test]
fn a_status_that_cannot_be_understood_is_listed_with_the_reason() {
    let deep = "[".repeat(100_000);
    let cases: Vec<(String, &str)> = vec![
        (String::new(), "it is empty"),
        ("{\"state\":\"run".into(), "EOF"),
        ("\u{0}\u{1}binary".into(), "expected value"),
        ("[1,2]".into(), "status.json"),
        ("{\"version\":7,\"state\":\"done\"}".into(), "later mien"),
        ("{\"state\":\"asleep\"}".into(), "no such state 'asleep'"),
        (format!("{{\"state\":{deep}"), "status.json"),
        (" ".repeat(5 << 20), "longer than 4 MiB"),
    ];
    let runs = Runs::new();
    for (i, (content, _)) in cases.iter().enumerate() {
        let folder = runs.add(&format!("2026011{i}-000000-bad-000{i}"), "finished", 10);
        replace(&folder.join("status.json"), content);
    }
    let mut screen = nothing_else_suffers(&runs, cases.len());
    screen.press("g");
    for (content, reason) in cases.iter().rev() {
        let what: String = content.chars().take(20).collect();
        screen.until(&format!("the reason {reason:?} for {what:?}"), |text| {
            text.contains("! unreadable") && text.contains(reason)
        });
        screen.press("j");
    }
    leaves(screen);
}

#[test]
fn what_stands_in_place_of_a_file_is_never_waited_for() {
    let runs = Runs::new();
    for (i, name) in FILES.iter().enumerate() {
        let path = runs.add(&format!("2026011{i}-000000-pipe-000{i}"), "finished", 10).join(name);
        pipe(&path);
        let path = runs.add(&format!("2026021{i}-000000-folder-000{i}"), "finished", 10).join(name);
        let _ = fs::remove_file(&path);
        fs::create_dir(&path).unwrap();
        let path = runs.add(&format!("2026031{i}-000000-loop-000{i}"), "finished", 10).join(name);
        let _ = fs::remove_file(&path);
        symlink(name, &path).unwrap();
        let path = runs.add(&format!("2026041{i}-000000-device-000{i}"), "finished", 10).join(name);
        let _ = fs::remove_file(&path);
        symlink("/dev/zero", &path).unwrap();
    }
    // The folder of runs in itself, a loop in place of a run, a pipe in place of a run, and links to nowhere.
    symlink(&runs.path, runs.path.join("itself")).unwrap();
    symlink("loop", runs.path.join("loop")).unwrap();
    pipe(&runs.path.join("pipe"));
    symlink("/nowhere", runs.path.join("nowhere")).unwrap();
    let screen = nothing_else_suffers(&runs, 4 * FILES.len() + 1);
    leaves(screen);
}

#[test]
fn torn_and_foreign_files_beside_a_good_status_spoil_only_what_they_hold() {
    let contents: [(&str, &[u8]); 8] = [
        ("empty", b""),
        ("torn", b"{\"test\":{\"accuracy\":0."),
        ("binary", b"\x00\xff\xfe\x1b[2J\x80\x80"),
        ("foreign", b"{\"version\":99,\"test\":[],\"rows\":{}}"),
        ("toml", b"title = 3\ntags = \"x\"\n[train]\nepochs = \"many\"\n[model]\narch = [1]\n"),
        ("lines", b"\n\n\n[]\n{}\nnull\n\"a\"\n{\"step\":1}\n{\"split\":\"train\"}\n{\"step\":-1,\"split\":\"train\",\"loss\":1}\n"),
        ("numbers", b"{\"step\":1e300,\"split\":\"train\",\"loss\":1e999}\n{\"step\":1,\"split\":\"train\",\"loss\":-0.0}\n"),
        ("twice", b"{\"test\":1,\"test\":{\"test\":{}}}"),
    ];
    let runs = Runs::new();
    for (i, (what, content)) in contents.iter().enumerate() {
        let folder = runs.add(&format!("2026011{i}-000000-{what}-000{i}"), "finished", 10);
        for name in &FILES[1..] {
            replace(&folder.join(name), content);
        }
        fs::create_dir(folder.join("scores")).unwrap();
        for split in ["test", "valid"] {
            fs::write(folder.join(format!("scores/{split}.csv")), content).unwrap();
        }
    }
    let mut screen = nothing_else_suffers(&runs, contents.len());
    assert!(!screen.text().contains("unreadable"), "{}", screen.text());
    screen.settle(QUIET);
    leaves(screen);
}

#[test]
fn numbers_at_the_ends_of_what_can_be_written_are_shown() {
    let runs = Runs::new();
    let huge = format!(
        "{{\"state\":\"running\",\"epoch\":{max},\"epochs\":{max},\"step\":{max},\"steps\":1,\"heartbeat\":1e300,\"host\":\"elsewhere\",\"images_per_second\":1e308,\"eta_seconds\":1e300,\"valid_accuracy\":1e308,\"test_accuracy\":-1e308}}",
        max = u64::MAX
    );
    replace(&runs.add("20260101-000000-huge-0001", "running", 10).join("status.json"), huge);
    let small = "{\"state\":\"finished\",\"epoch\":0,\"epochs\":0,\"step\":5,\"steps\":0,\"heartbeat\":-1e300,\"images_per_second\":-1,\"eta_seconds\":-1e300,\"valid_accuracy\":-0.0}";
    replace(&runs.add("99991231-235959-small-0002", "finished", 10).join("status.json"), small);
    let folder = runs.add("20260103-000000-curves-0003", "finished", 0);
    let values = ["1e308", "-1e308", "0", "1e-308", "null", "5e-324", "-0.0", "1e308"];
    for (i, value) in values.iter().enumerate() {
        let step = (8_999_999_999_999_990u64 / 7) * i as u64;
        let row = format!(
            "{{\"step\":{step},\"epoch\":4294967295,\"time\":{value},\"split\":\"train\",\"loss\":{value},\"accuracy\":{value},\"const\":1e308}}\n"
        );
        append_text(&folder, &row);
    }
    runs.add("20250101-000000-good-0001", "finished", 100);
    let mut screen = Screen::start(&runs.path, (120, 40), &[]);
    screen.shows("4 runs");
    for _ in 0..4 {
        for keys in
            ["\r", "L", "X", "]", "X", "+", "+", "l", "h", "X", "-", "]", "[", "L", "\r", "L", "\r", "q"]
        {
            screen.press(keys);
            screen.settle(QUIET / 8);
        }
        screen.press("j");
        screen.settle(QUIET / 4);
    }
    screen.shows("4 runs");
    assert!(!screen.text().contains("failed:"), "{}", screen.text());
    leaves(screen);
}

#[test]
fn a_metrics_file_and_a_log_of_gigabytes_are_looked_at_in_little_memory() {
    let runs = Runs::new();
    // Zeros without an end of a line: a file that was only allocated, or is none.
    let folder = runs.add("20260101-000000-sparse-0001", "finished", 10);
    File::options().write(true).open(folder.join("metrics.jsonl")).unwrap().set_len(2 << 30).unwrap();
    File::options().write(true).open(folder.join("log.txt")).unwrap().set_len(1 << 30).unwrap();
    for name in ["config.toml", "notes.toml", "evaluation.json"] {
        File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(name))
            .unwrap()
            .set_len(1 << 30)
            .unwrap();
    }
    let folder = runs.add("20260102-000000-line-0002", "finished", 10);
    let line = vec![b'x'; 100 << 20];
    append_text(&folder, "{\"");
    fs::OpenOptions::new()
        .append(true)
        .open(folder.join("metrics.jsonl"))
        .map(|mut file| {
            use std::io::Write;
            file.write_all(&line).unwrap();
        })
        .unwrap();
    append_text(&folder, "\":1}\n{\"step\":11,\"split\":\"train\",\"loss\":0.0625}\n");
    fs::write(folder.join("log.txt"), &line).unwrap();
    drop(line);
    let folder = runs.add("20260103-000000-status-0003", "finished", 10);
    File::options().write(true).open(folder.join("status.json")).unwrap().set_len(2 << 30).unwrap();
    let mut screen = nothing_else_suffers(&runs, 3);
    screen.press("g");
    screen.shows("longer than 4 MiB");
    screen.press("j\r");
    screen.shows("0.0625");
    let most = screen.most_memory();
    println!("{} MB at most", most >> 20);
    assert!(most < 250 << 20, "{} MB", most >> 20);
    leaves(screen);
}

#[test]
fn a_row_of_very_many_metrics_does_not_stop_the_dashboard() {
    let runs = Runs::new();
    let folder = runs.add("20260101-000000-many-0001", "finished", 10);
    for row in 0..20 {
        let keys: String = (0..50_000).map(|key| format!(",\"{row}k{key}\":1")).collect();
        append_text(&folder, &format!("{{\"step\":{},\"split\":\"train\"{keys}}}\n", 20 + row));
    }
    let mut screen = nothing_else_suffers(&runs, 1);
    screen.press("g\r");
    screen.shows("1 charts");
    screen.press("G");
    screen.settle(QUIET);
    screen.press("?");
    screen.shows("keys of a run");
    screen.press("q");
    screen.hides("keys of a run");
    assert!(screen.most_memory() < 400 << 20, "{} MB", screen.most_memory() >> 20);
    leaves(screen);
}

#[test]
fn files_that_may_not_be_read_are_told_about() {
    let runs = Runs::new();
    let folder = runs.add("20260101-000000-closed-0001", "finished", 10);
    for name in FILES {
        let path = folder.join(name);
        if path.exists() {
            fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
        }
    }
    // For root there are no such files.
    if File::open(folder.join("status.json")).is_ok() {
        return;
    }
    let mut screen = nothing_else_suffers(&runs, 1);
    screen.press("g");
    screen.shows("Permission denied");
    leaves(screen);
}
