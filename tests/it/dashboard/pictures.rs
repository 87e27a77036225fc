//! What the terminal can is asked within the loop: answers are no keys, keys are no answers, and nothing waits.

use super::screen::Screen;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

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
    screen.writes("\x1b[5n");
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
    screen.writes("\x1bPtmux;\x1b\x1b_Gi=31,");
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
