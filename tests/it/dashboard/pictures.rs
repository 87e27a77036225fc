//! What the terminal can is asked within the loop: answers are no keys, keys are no answers, and nothing waits.

use super::screen::Screen;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const KITTY: &str = "\x1b_Gi=31;OK\x1b\\";
const REST: &str = "\x1bP>|some terminal 1.0\x1b\\\x1b[6;20;10t\x1b[?62;4;22c\x1b[0n";
const SIZE: (u16, u16) = (100, 30);

/// A folder with one run that was made elsewhere.
fn runs() -> (tempfile::TempDir, PathBuf) {
    let keep = tempfile::tempdir().unwrap();
    let path = keep.path().join("runs");
    let run = path.join("20260301-000000-small-0002");
    fs::create_dir_all(&run).unwrap();
    fs::write(run.join("status.json"), "{\"version\":1,\"state\":\"finished\",\"epoch\":2,\"step\":9}")
        .unwrap();
    fs::write(run.join("config.toml"), "name = \"small\"\n[data]\nroot = \"/faces\"\n").unwrap();
    (keep, path)
}

/// Waits until the dashboard has written these bytes, whether they are seen or not.
fn writes(screen: &mut Screen, bytes: &str) {
    let begin = Instant::now();
    while count(&screen.raw, bytes) == 0 {
        assert!(begin.elapsed() < Duration::from_secs(30), "{bytes:?} was never written:\n{}", screen.text());
        screen.settle(Duration::from_millis(20));
    }
}

/// Waits until these bytes have come so often since `from`, and fails where they come once more.
fn come(screen: &mut Screen, from: usize, bytes: &str, times: usize) {
    let begin = Instant::now();
    while count(&screen.raw[from..], bytes) < times && begin.elapsed() < Duration::from_secs(30) {
        screen.settle(Duration::from_millis(20));
    }
    screen.settle(Duration::from_millis(300));
    assert_eq!(count(&screen.raw[from..], bytes), times, "{bytes:?}:\n{}", screen.text());
}

fn count(raw: &[u8], what: &str) -> usize {
    String::from_utf8_lossy(raw).matches(what).count()
}

#[test]
fn a_silent_terminal_loses_no_key_and_waits_for_nothing() {
    let (_keep, runs) = runs();
    let mut screen = Screen::start(&runs, SIZE, &[]);
    // Typed before anything is there to see.
    screen.press("?");
    screen.shows("keys of the runs");
    screen.press("\x1b");
    screen.until("the list", |text| text.contains("finished") && !text.contains("keys of the runs"));
    screen.press("\x1b[B\r");
    screen.shows("1 charts");
    screen.press("qq");
    assert_eq!(screen.ends(), 0);
    assert!(screen.is_given_back());
}

#[test]
fn answers_between_keys_are_no_keys_however_they_are_torn() {
    let (_keep, runs) = runs();
    let mut screen = Screen::start(&runs, SIZE, &[]);
    writes(&mut screen, "\x1b[5n");
    screen.shows("finished");
    screen.settle(Duration::from_millis(300));
    let before = screen.text();
    let answers = format!("{KITTY}{REST}");
    // An `i` that is taken for a key opens another screen, an `n` a form, a `P` or a `>` nothing good.
    let parts = [
        "\x1b_Gi=3",
        "1;OK\x1b\\\x1bP>|some te",
        "rminal 1.0\x1b\\\x1b[6;2",
        "0;10t\x1b[?62;",
        "4;22c\x1b[0n",
    ];
    assert_eq!(parts.concat(), answers);
    for part in parts {
        screen.press(part);
        screen.settle(Duration::from_millis(30));
    }
    screen.settle(Duration::from_millis(400));
    assert_eq!(screen.text(), before);
    screen.press(&format!("?{answers}"));
    screen.shows("keys of the runs");
    screen.press(&format!("{answers}\x1b"));
    screen.until("the list", |text| !text.contains("keys of the runs"));
    screen.press(&format!("{answers}q"));
    assert_eq!(screen.ends(), 0);
}

#[test]
fn nobody_is_asked_where_no_picture_is_wanted_or_the_terminal_would_show_the_question() {
    let (_keep, runs) = runs();
    let cases: [(&[&str], &str); 3] =
        [(&["--images", "blocks"], "xterm-256color"), (&["--images", "off"], "xterm"), (&[], "linux")];
    for (arguments, term) in cases {
        let mut screen = Screen::start_with(arguments, &runs, SIZE, &[("TERM", term)]);
        screen.shows("finished");
        screen.press("q");
        assert_eq!(screen.ends(), 0);
        let raw = String::from_utf8_lossy(&screen.raw).into_owned();
        assert!(!raw.contains("\x1b_G") && !raw.contains("\x1b[c"), "{arguments:?} {term}: {raw:?}");
    }
}

#[test]
fn in_tmux_the_question_is_passed_through() {
    let (_keep, runs) = runs();
    let variables = [("TERM", "tmux-256color"), ("TMUX", "/tmp/tmux-0/default,1,0")];
    let mut screen = Screen::start(&runs, SIZE, &variables);
    writes(&mut screen, "\x1bPtmux;\x1b\x1b_Gi=31,");
    screen.shows("finished");
    screen.press("q");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn an_unknown_way_is_refused_with_the_known_ones() {
    let mut command = crate::folder::mien();
    let refused = command.args(["--images", "crayon"]).assert().code(2);
    refused.stderr(predicates::str::contains("auto, kitty, sixel, iterm2, blocks, off"));
}

/// A run with the scores of a few drawn faces.
fn scored() -> (tempfile::TempDir, PathBuf) {
    let (keep, runs) = runs();
    let run = runs.join("20260301-000000-small-0002");
    let faces = crate::folder::faces();
    fs::write(run.join("config.toml"), format!("name = \"small\"\n[data]\nroot = {faces:?}\n")).unwrap();
    fs::create_dir(run.join("scores")).unwrap();
    let mut table =
        "filepath,happiness,surprise,sadness,anger,disgust,fear,label,prediction,confidence\n".to_string();
    for path in ["test/happiness/00000.png", "test/happiness/00001.png", "test/happiness/none.png"] {
        table += &format!("{path},0.5,0.1,0.1,0.1,0.1,0.1,happiness,happiness,0.5\n");
    }
    fs::write(run.join("scores/test.csv"), table).unwrap();
    (keep, runs)
}

/// The dashboard in a terminal that gives these answers, on its way to the first picture.
fn at_the_picture(runs: &std::path::Path, answers: &str, variables: &[(&str, &str)]) -> Screen {
    let mut screen = Screen::start(runs, SIZE, variables);
    writes(&mut screen, "\x1b[5n");
    screen.press(answers);
    screen.shows("finished");
    screen.press("\r");
    screen.shows("1 charts");
    screen.press("2");
    screen.shows("row 1, line 2");
    screen
}

#[test]
fn a_terminal_like_kitty_gets_each_picture_once_and_keeps_none() {
    let (_keep, runs) = scored();
    let mut screen = at_the_picture(&runs, &format!("{KITTY}{REST}"), &[]);
    come(&mut screen, 0, "a=p,i=", 1);
    let before = screen.raw.len();
    assert_eq!(count(&screen.raw, "a=t,"), 1);
    assert!(!screen.text().contains('▀'));
    // To the next one and back.
    screen.press("j");
    screen.shows("row 2, line 3");
    come(&mut screen, before, "a=p,", 1);
    screen.press("k");
    screen.shows("row 1, line 2");
    come(&mut screen, before, "a=p,", 2);
    assert_eq!(count(&screen.raw, "a=t,"), 2, "the first one was there");
    // A help over the picture takes it down.
    let before = screen.raw.len();
    screen.press("?");
    screen.shows("keys of the scores");
    come(&mut screen, before, "a=d,d=i,", 1);
    screen.press("\x1b");
    screen.until("the table", |text| !text.contains("keys of the scores"));
    come(&mut screen, before, "a=p,", 1);
    assert_eq!(count(&screen.raw[before..], "a=t,"), 0);
    // Stopped and gone on, everything is sent anew.
    screen.press("\x1a");
    screen.is_stopped();
    screen.signal(rustix::process::Signal::CONT);
    screen.shows("row 1, line 2");
    come(&mut screen, before, "a=t,", 1);
    screen.press("qq");
    assert_eq!(screen.ends(), 0);
    let raw = String::from_utf8_lossy(&screen.raw).into_owned();
    assert_eq!(count(&screen.raw, "a=d,d=I,"), count(&screen.raw, "a=t,"), "all are freed");
    assert!(raw.rfind("a=d,d=I,") < raw.rfind("\x1b[?1049l"));
    assert!(raw.split("\x1b_G").skip(1).all(|part| part.find("\x1b\\").is_some_and(|end| end <= 4200)));
}

#[test]
fn a_terminal_with_sixels_gets_text_first_and_pixels_then() {
    let (_keep, runs) = scored();
    let mut screen = at_the_picture(&runs, "\x1b[6;20;10t\x1b[?62;4;22c\x1b[0n", &[]);
    writes(&mut screen, "\x1bP");
    screen.until("blanks below the picture", |text| !text.contains('▀'));
    screen.press("?");
    screen.shows("keys of the scores");
    screen.settle(Duration::from_millis(300));
    let before = screen.raw.len();
    screen.press("\x1b");
    screen.until("the table", |text| !text.contains("keys of the scores"));
    // It is painted again.
    come(&mut screen, before, "\x1bP", 1);
    assert_eq!(count(&screen.raw[before..], "▀"), 0, "it was encoded already");
    screen.press("qq");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn a_terminal_that_says_nothing_gets_text_and_a_missing_picture_is_a_sentence() {
    let (_keep, runs) = scored();
    let mut screen = at_the_picture(&runs, "", &[("COLORTERM", "truecolor")]);
    screen.until("half blocks", |text| text.contains("▀▀▀"));
    screen.press("G");
    screen.until("why", |text| text.contains("is no such file"));
    screen.press("k");
    screen.until("half blocks", |text| text.contains("▀▀▀"));
    assert_eq!(count(&screen.raw, "\x1b_G"), 1, "the question alone");
    screen.press("qq");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn in_tmux_the_picture_is_made_of_placeholders() {
    let (_keep, runs) = scored();
    let variables = [("TERM", "tmux-256color"), ("TMUX", "/tmp/tmux-0/default,1,0")];
    let mut screen = at_the_picture(&runs, KITTY, &variables);
    screen.until("placeholders", |text| text.matches('\u{10eeee}').count() > 50);
    writes(&mut screen, "\x1bPtmux;\x1b\x1b_Ga=p,U=1,");
    screen.press("qq");
    assert_eq!(screen.ends(), 0);
}
