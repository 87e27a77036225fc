//! Terminals of every size, and terminals that change it.

use super::runs::{Runs, braille};
use super::screen::{QUIET, Screen};
use super::wire;

const SIZES: [(u16, u16); 4] = [(300, 100), (60, 16), (220, 60), (80, 24)];
const TOO_SMALL: (u16, u16) = (20, 5);

/// A step of the tour through the screens: its keys, and what is shown and not shown after them.
type Step = (&'static str, &'static str, &'static str);

/// Every screen, one after the other.
const TOUR: &[Step] = &[
    ("", "3 runs, 0 running", NONE),
    ("?", "keys of the runs", NONE),
    ("\x1b", "3 runs, 0 running", "keys of the runs"),
    ("/", "\n /", "leave"),
    ("\x1b", "leave", "\n /"),
    ("n", "new run", NONE),
    ("\x1b", "3 runs, 0 running", NONE),
    ("D", "Delete 20260115", NONE),
    ("n", "3 runs, 0 running", "Delete 20260115"),
    ("c", ": p ", NONE),
    ("\t", ": p ", NONE),
    ("q", "3 runs, 0 running", NONE),
    ("\r", "1 charts", "3 runs"),
    ("\r", "1 charts", NONE),
    ("\r", "1 charts", NONE),
    ("?", "keys of a run", NONE),
    ("\x1b", "1 charts", "keys of a run"),
    ("2", "180 pictures", NONE),
    ("\r", "row 1, line 2", NONE),
    ("\r", "has no model.safetensors", NONE),
    ("?", "keys of the explanation", NONE),
    ("\x1b", "has no model.safetensors", NONE),
    ("\x1b", "row 1, line 2", NONE),
    ("\x1b", "180 pictures", NONE),
    ("3", "macro F1", NONE),
    ("v", "row %", NONE),
    ("m", "this run has no", NONE),
    ("m", "row %", "this run has no"),
    ("5", "arch = ", NONE),
    ("6", "finished: scores", "arch = "),
    ("1", "loss", NONE),
    ("t", "this run keeps no timeline", NONE),
    ("?", "keys of the timeline", NONE),
    ("\x1b", "this run keeps no timeline", NONE),
    ("t", "loss", "this run keeps no timeline"),
    ("q", "3 runs, 0 running", "1 charts"),
    ("S", "0 of 4 ended", NONE),
    ("j", "0 of 4 ended", NONE),
    ("o", "0 of 4 ended", NONE),
    ("?", "keys of the search", NONE),
    ("\x1b", "0 of 4 ended", "keys of the search"),
    ("p", "write its config as", NONE),
    ("\x1b", "0 of 4 ended", "write its config as"),
    ("S", "1 search, 0 running", NONE),
    ("?", "keys of the searches", NONE),
    ("\x1b", "1 search, 0 running", "keys of the searches"),
    ("q", "0 of 4 ended", NONE),
    ("q", "3 runs, 0 running", NONE),
];
/// Nothing that any screen shows.
const NONE: &str = "\u{0}";

fn begin(runs: &Runs, size: (u16, u16)) -> Screen {
    let mut screen = Screen::start(&runs.path, size, &[]);
    screen.until("the curves", |text| text.contains("3 runs") && braille(text) > 10);
    screen
}

fn go(screen: &mut Screen, (keys, shown, hidden): Step) {
    screen.press(keys);
    screen.until(&format!("{shown:?} after {keys:?}"), |text| text.contains(shown) && !text.contains(hidden));
    screen.settle(QUIET);
}

/// What each screen of the tour shows in a terminal that had this size from the start.
fn fresh(runs: &Runs, size: (u16, u16)) -> Vec<Vec<String>> {
    let mut screen = begin(runs, size);
    let seen = TOUR.iter().map(|step| {
        go(&mut screen, *step);
        screen.rows()
    });
    let seen = seen.collect();
    wire::is_clean(&screen.raw);
    seen
}

#[test]
fn a_terminal_that_changed_its_size_shows_what_one_of_that_size_shows() {
    let runs = Runs::real();
    runs.add_search("20260114-090000-tiny-00aa", "tiny");
    let fresh: Vec<_> = std::thread::scope(|scope| {
        let threads = SIZES.map(|size| {
            let runs = &runs;
            scope.spawn(move || fresh(runs, size))
        });
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut screen = begin(&runs, SIZES[0]);
    for (place, step) in TOUR.iter().enumerate() {
        go(&mut screen, *step);
        for (size, fresh) in SIZES.iter().zip(&fresh) {
            screen.resize(TOO_SMALL.0, TOO_SMALL.1);
            screen.until("a word on the size", |text| {
                text.trim() == "20 x 5 is too small\nmien needs 60 x 16\nCtrl-c leaves"
            });
            screen.resize(size.0, size.1);
            let expected = fresh[place].join("\n");
            let mut seen = String::new();
            for _ in 0..20 {
                screen.settle(QUIET / 4);
                seen = screen.rows().join("\n");
                if seen == expected {
                    break;
                }
            }
            assert_eq!(seen, expected, "step {place} ({step:?}) at {size:?}");
        }
        screen.resize(SIZES[0].0, SIZES[0].1);
        screen.settle(QUIET / 4);
    }
    wire::is_clean(&screen.raw);
}

#[test]
fn a_terminal_that_is_too_small_from_the_start_says_so_and_can_be_left() {
    let runs = Runs::real();
    let mut screen = Screen::start(&runs.path, TOO_SMALL, &[]);
    screen.shows("20 x 5 is too small");
    screen.resize(80, 24);
    screen.shows("3 runs, 0 running");
    // A frame for the old size that is still on its way would scroll, which the emulator of the tests cannot in one row.
    screen.settle(QUIET);
    screen.resize(3, 2);
    screen.settle(QUIET);
    screen.press("\x03");
    assert_eq!(screen.ends(), 0);
}

/// It may have been smaller in between, and has lost then what did not fit.
#[test]
fn a_terminal_that_has_its_old_size_again_is_drawn_anew() {
    let runs = Runs::real();
    let mut screen = begin(&runs, (80, 24));
    screen.settle(QUIET);
    let before = screen.rows();
    screen.resize(30, 24);
    screen.resize(80, 24);
    screen.scribble("\x1b[2J\x1b[5;5Hwhat the terminal made of it");
    screen.signal(rustix::process::Signal::WINCH);
    screen.hides("what the terminal made of it");
    screen.settle(QUIET);
    assert_eq!(screen.rows(), before);
}
