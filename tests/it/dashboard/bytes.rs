//! What the line is charged with: bytes, counted at the real program.

use super::runs::{Runs, append_text, braille};
use super::screen::{QUIET, Screen};
use super::wire;
use std::time::Duration;

const SIZE: (u16, u16) = (220, 60);
/// A slow line, as the program sees it.
const REMOTE: &[(&str, &str)] = &[("SSH_CONNECTION", "1 2 3 4"), ("COLORTERM", "truecolor")];

/// Bytes that came until the screen showed `text` and was quiet.
fn until(screen: &mut Screen, text: &str) -> usize {
    let before = screen.raw.len();
    screen.shows(text);
    screen.settle(QUIET);
    screen.raw.len() - before
}

#[test]
fn an_idle_dashboard_is_silent_in_every_screen() {
    let runs = Runs::new();
    runs.add("20260301-000000-a-0002", "finished", 100);
    runs.add_search("20260114-090000-tiny-00aa", "tiny");
    std::thread::scope(|scope| {
        for keys in ["", "\r", "\r6", "?", "n", "S", "SS"] {
            let runs = &runs;
            scope.spawn(move || {
                let mut screen = Screen::start(&runs.path, SIZE, REMOTE);
                screen.until("the curves", |text| braille(text) > 20);
                screen.press(keys);
                screen.settle(Duration::from_millis(1500));
                let (before, used) = (screen.raw.len(), screen.processor_seconds());
                // Longer than any of the program's clocks but the one of ages, which are days here.
                screen.settle(Duration::from_secs(5));
                let sent = String::from_utf8_lossy(&screen.raw[before..]).into_owned();
                assert!(sent.is_empty(), "after {keys:?}: {sent:?}");
                let used = screen.processor_seconds() - used;
                assert!(used < 1.0, "after {keys:?} it works for {used} of 5 s, for nothing");
            });
        }
    });
}

#[test]
fn the_help_costs_six_kilobytes_at_most_each_way_and_is_one_frame() {
    let runs = Runs::new();
    runs.add_long("20260301-000000-a-0002", 20, 500);
    let mut screen = Screen::start(&runs.path, SIZE, REMOTE);
    screen.until("the curves", |text| braille(text) > 20);
    for (keys, help) in [("", "keys of the runs"), ("\r", "keys of a run")] {
        screen.press(keys);
        screen.settle(QUIET);
        let before = screen.raw.len();
        screen.press("?");
        let opened = until(&mut screen, help);
        let frame = &screen.raw[before..];
        assert!(frame.starts_with(b"\x1b[?2026h") && frame.ends_with(b"\x1b[?2026l"), "not one frame");
        assert_eq!(wire::frames(frame), 1);
        let before = screen.raw.len();
        screen.press("\x1b");
        screen.hides(help);
        screen.settle(QUIET);
        let closed = screen.raw.len() - before;
        println!("{help}: {opened} bytes to open, {closed} to close");
        assert!(opened <= 6000 && closed <= 6000, "{help}: {opened} to open, {closed} to close");
    }
}

#[test]
fn four_live_charts_cost_three_hundred_bytes_an_update() {
    const UPDATES: u64 = 30;
    // The axis doubles at 1024 steps and then at 2048; a repaint so seldom is no charge on the line.
    const BEFORE: u64 = 1100;
    let runs = Runs::new();
    let folder = runs.add("20260301-000000-a-0002", "running", 0);
    // Measured values: a trend and noise, which differ from step to step.
    let row = |step: u64| {
        let noise = |i: u64| ((step * 7919 + i * 104_729) % 997) as f64 / 997.0;
        let trend = (-(step as f64) / 400.0).exp();
        format!(
            "{{\"seq\":{step},\"time\":{step},\"epoch\":1,\"step\":{step},\"split\":\"train\",\"loss\":{:.5},\"accuracy\":{:.5},\"learning_rate\":{:.6},\"images_per_second\":{:.2}}}\n",
            1.8 * trend + 0.2 * noise(0),
            1.0 - 0.8 * trend - 0.1 * noise(1),
            0.001 * trend,
            900.0 + 50.0 * noise(2),
        )
    };
    append_text(&folder, &(1..=BEFORE).map(row).collect::<String>());
    let mut screen = Screen::start(&runs.path, SIZE, REMOTE);
    screen.until("the curves", |text| braille(text) > 20);
    screen.press("\r");
    screen.shows("1 charts");
    screen.settle(Duration::from_millis(1500));
    let before = screen.raw.len();
    for step in BEFORE + 1..=BEFORE + UPDATES {
        let sent = screen.raw.len();
        append_text(&folder, &row(step));
        for _ in 0..100 {
            screen.settle(QUIET);
            if screen.raw.len() > sent {
                break;
            }
        }
        assert!(screen.raw.len() > sent, "step {step} was never shown");
    }
    let each = (screen.raw.len() - before) as u64 / UPDATES;
    println!("{each} bytes an update");
    assert!(each <= 300, "{each} bytes an update");
}

#[test]
fn a_long_run_is_opened_with_forty_kilobytes() {
    let runs = Runs::new();
    runs.add_long("20260301-000000-a-0002", 20, 50_000);
    let mut screen = Screen::start(&runs.path, SIZE, REMOTE);
    screen.shows("1 run, 0 running");
    screen.press("\r");
    // The last value of all, once everything has been read.
    screen.shows("0.123");
    screen.settle(2 * QUIET);
    println!("{} bytes from the start to all charts", screen.raw.len());
    assert!(screen.raw.len() <= 40_000, "{} bytes", screen.raw.len());
}
