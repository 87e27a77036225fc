//! Signals, terminals that go away, and terminals that do not read.

use super::runs::{Runs, braille};
use super::screen::{PATIENCE, QUIET, Screen};
use super::wire;
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// The keys that lead to a screen of the only run, and what is shown there then.
const SCREENS: [(&str, &str); 4] =
    [("", "1 run, 0 running"), ("\r", "1 charts"), ("\r6", "epoch 1 done"), ("\r?", "keys of a run")];

fn started(size: (u16, u16)) -> (Runs, Screen) {
    let runs = Runs::new();
    runs.add("20260301-000000-a-0002", "finished", 100);
    let mut screen = Screen::start(&runs.path, size, &[]);
    screen.until("the curves", |text| braille(text) > 20);
    (runs, screen)
}

#[test]
fn signals_that_end_the_dashboard_give_the_terminal_back() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        for (keys, shown) in [SCREENS[0], SCREENS[3]] {
            let (_runs, mut screen) = started((80, 24));
            screen.press(keys);
            screen.shows(shown);
            screen.signal(signal);
            assert_ne!(screen.ends(), 0, "{signal:?}");
            assert!(screen.is_given_back() && screen.is_cooked(), "{signal:?}");
            wire::is_clean(&screen.raw);
        }
    }
}

#[test]
fn a_stopped_dashboard_gives_the_terminal_back_and_takes_it_again_in_every_screen() {
    for (keys, shown) in SCREENS {
        let (_runs, mut screen) = started((80, 24));
        screen.press(keys);
        screen.shows(shown);
        screen.settle(QUIET);
        let before = screen.rows();
        for by_key in [true, false] {
            if by_key {
                screen.press("\x1a");
            } else {
                screen.signal(Signal::TSTP);
            }
            screen.hides(shown);
            screen.is_stopped();
            assert!(screen.is_given_back() && screen.is_cooked());
            screen.signal(Signal::CONT);
            screen.shows(shown);
            screen.settle(QUIET);
            assert_eq!(screen.rows(), before);
            assert!(!screen.is_given_back() && !screen.is_cooked());
        }
        screen.press("\x03");
        assert_eq!(screen.ends(), 0);
        assert!(screen.is_given_back() && screen.is_cooked());
        wire::is_clean(&screen.raw);
    }
}

#[test]
fn a_dashboard_that_was_stopped_without_being_asked_draws_anew() {
    let (_runs, mut screen) = started((80, 24));
    screen.settle(QUIET);
    let before = screen.rows();
    screen.signal(Signal::STOP);
    screen.is_stopped();
    screen.scribble("\x1b[?1049l\x1b[2J$ vi\r\n~\r\n~\x1b[31m");
    screen.signal(Signal::CONT);
    screen.shows("1 run, 0 running");
    screen.settle(QUIET);
    assert_eq!(screen.rows(), before);
}

#[test]
fn a_terminal_that_hangs_up_ends_the_dashboard() {
    let (_runs, mut screen) = started((80, 24));
    screen.hang_up();
    screen.ends();
}

#[test]
fn a_terminal_that_does_not_read_keeps_nothing_waiting_and_gets_the_newest_frame_later() {
    let (runs, mut screen) = started((300, 100));
    let folder = runs.add("20260201-000000-b-0001", "finished", 10);
    screen.shows("2 runs");
    screen.stall();
    fill(&mut screen);
    // Keys still do their work, and so do the tasks.
    screen.press("jDy");
    let begin = Instant::now();
    while folder.exists() {
        assert!(begin.elapsed() < PATIENCE, "the order was never carried out");
        std::thread::sleep(Duration::from_millis(20));
    }
    runs.add("20260401-000000-c-0003", "running", 10);
    screen.go_on();
    screen.until("the newest list", |text| text.contains("2 runs, 1 running"));
    screen.settle(QUIET);
    let whole_frame = 300 * 100 * 3;
    assert!(screen.raw.len() < 4 * whole_frame, "{} bytes for what nobody saw", screen.raw.len());
    wire::is_clean(&screen.raw);
    screen.press("q");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn signals_end_a_dashboard_whose_terminal_does_not_read() {
    for signal in [Signal::TERM, Signal::HUP] {
        let (_runs, mut screen) = started((300, 100));
        screen.stall();
        fill(&mut screen);
        screen.signal(signal);
        screen.ends();
    }
}

/// Asks for more frames than fit into any buffer on the way.
fn fill(screen: &mut Screen) {
    for round in 0..200 {
        screen.resize(300, 99 + round % 2);
        screen.press("?");
        std::thread::sleep(Duration::from_millis(5));
    }
    screen.resize(300, 100);
}
