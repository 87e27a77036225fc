//! Runs that come, go and grow while they are looked at.

use super::runs::{Runs, append, append_text, braille, replace, status};
use super::screen::{QUIET, Screen};
use super::wire;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn opened(runs: &Runs) -> Screen {
    let mut screen = Screen::start(&runs.path, (100, 30), &[]);
    screen.until("the curves", |text| braille(text) > 20);
    screen.press("\r");
    screen.shows("1 charts");
    screen
}

#[test]
fn a_run_that_is_deleted_while_it_is_looked_at_leads_back_to_the_others() {
    let runs = Runs::new();
    runs.add("20260101-000000-a-0001", "finished", 100);
    for keys in ["1", "5", "6", "?", "\r"] {
        let folder = runs.add("20260301-000000-b-0002", "running", 100);
        let mut screen = opened(&runs);
        screen.press(keys);
        screen.settle(QUIET);
        fs::remove_dir_all(&folder).unwrap();
        screen.shows("the run's folder is gone");
        screen.shows("1 run, 0 running");
        screen.press("\x1b");
        screen.hides("keys of the runs");
        screen.settle(QUIET);
        screen.press("j");
        screen.hides("the run's folder is gone");
        screen.until("the other run's curves", |text| braille(text) > 20);
        screen.press("q");
        assert_eq!(screen.ends(), 0);
    }
}

#[test]
fn a_run_that_becomes_a_file_is_gone() {
    let runs = Runs::new();
    let folder = runs.add("20260301-000000-b-0002", "running", 100);
    let mut screen = opened(&runs);
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "no folder").unwrap();
    screen.shows("mien demo");
    fs::remove_file(&folder).unwrap();
    runs.add("20260301-000000-b-0002", "running", 100);
    screen.shows("1 run, 1 running");
    screen.press("q");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn the_folder_of_runs_may_go_come_back_and_be_a_file() {
    let runs = Runs::new();
    runs.add("20260301-000000-b-0002", "finished", 100);
    let mut screen = opened(&runs);
    let away = runs.around().join("away");
    fs::rename(&runs.path, &away).unwrap();
    screen.shows("mien demo");
    fs::rename(&away, &runs.path).unwrap();
    screen.shows("1 run, 0 running");
    fs::rename(&runs.path, &away).unwrap();
    fs::write(&runs.path, "no folder").unwrap();
    screen.shows("cannot read");
    fs::remove_file(&runs.path).unwrap();
    fs::rename(&away, &runs.path).unwrap();
    screen.press("j");
    screen.shows("1 run, 0 running");
    screen.press("\r");
    screen.until("the curves", |text| braille(text) > 20);
    screen.press("qq");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn runs_that_cannot_be_listed_are_told_about() {
    let runs = Runs::new();
    let file = runs.around().join("file");
    fs::write(&file, "no folder").unwrap();
    let mut screen = Screen::start(&file, (100, 30), &[]);
    screen.shows("cannot read");
    screen.shows("file");
    screen.press("q");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn a_thousand_runs_that_appear_at_once_are_listed_and_go_again() {
    let runs = Runs::new();
    runs.add("20260301-000000-b-0002", "finished", 100);
    let mut screen = Screen::start(&runs.path, (100, 30), &[]);
    screen.shows("1 run, 0 running");
    let ids = || (0..1000).map(|i| runs.path.join(format!("20260201-000000-many-{i:04x}")));
    for folder in ids() {
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("status.json"), status("finished", 100)).unwrap();
    }
    screen.shows("1001 runs, 0 running");
    screen.press("G");
    screen.press("g");
    for folder in ids() {
        fs::remove_dir_all(folder).unwrap();
    }
    screen.shows("1 run, 0 running");
    screen.until("the curves", |text| braille(text) > 20);
}

struct AtTheEnd<'a>(&'a AtomicBool);

impl Drop for AtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn keys_are_answered_while_ten_thousand_rows_a_second_come_and_neither_line_nor_memory_fill() {
    let runs = Runs::new();
    let folder = runs.add("20260301-000000-a-0002", "running", 1000);
    let mut screen = Screen::start(&runs.path, (220, 60), &[("SSH_CONNECTION", "1 2 3 4")]);
    screen.until("the curves", |text| braille(text) > 20);
    screen.press("\r");
    screen.shows("1 charts");
    let (memory, sent, begin) = (screen.most_memory(), screen.raw.len(), Instant::now());
    let (over, rows) = (AtomicBool::new(false), AtomicU64::new(1000));
    let mut keys = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let step = rows.fetch_add(1000, Ordering::Relaxed);
                append(&folder, step + 1..=step + 1000);
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        // Also when a key is not answered, or the writer would be waited for.
        let _over = AtTheEnd(&over);
        while rows.load(Ordering::Relaxed) < 30_000 {
            for (key, shown) in [
                ("?", "keys of a run"),
                ("q", "1 charts"),
                ("5", "arch = "),
                ("6", "epoch 1 done"),
                ("1", "accuracy"),
            ] {
                screen.press(key);
                screen.shows(shown);
                keys += 1;
            }
        }
    });
    let rows = rows.into_inner();
    append_text(&folder, &format!("{{\"step\":{},\"split\":\"train\",\"loss\":0.4321}}\n", rows + 1));
    // All has been read.
    screen.shows("0.4321");
    let most = f64::from(keys) + 6.0 + 10.0 * begin.elapsed().as_secs_f64();
    let frames = wire::frames(&screen.raw[sent..]);
    assert!((frames as f64) < most, "{frames} frames, {most} at most");
    let each = (screen.raw.len() - sent) / frames;
    assert!(each < 220 * 60, "{each} bytes a frame");
    let grown = screen.most_memory() - memory;
    assert!(grown < 100 << 20, "{} MB more for {rows} rows", grown >> 20);
}

#[test]
fn a_run_that_is_written_anew_is_shown_anew() {
    let runs = Runs::new();
    let folder = runs.add("20260301-000000-a-0002", "running", 300);
    let mut screen = opened(&runs);
    screen.shows("0.2857");
    // A resume from step 100: the rows from there on are dropped.
    append(&folder, 101..=102);
    screen.shows("0.6579");
    replace(&folder.join("metrics.jsonl"), "{\"step\":1,\"split\":\"train\",\"loss\":7.25}\n");
    screen.shows("7.25");
    fs::remove_file(folder.join("metrics.jsonl")).unwrap();
    screen.shows("no metrics");
}
