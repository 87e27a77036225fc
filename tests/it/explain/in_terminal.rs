//! `mien explain` in a terminal: which way its pictures go, and how it is interrupted.

use super::Place;
use crate::dashboard::screen::Screen;
use std::fs;

impl Place {
    fn in_terminal(&self, arguments: &[&str], columns: u16, variables: &[(&str, &str)]) -> Screen {
        let arguments = [&["explain", "latest"], arguments, &["--device", "cpu"]].concat();
        Screen::start_with(&arguments, &self.at("runs"), (columns, 40), variables)
    }
}

#[test]
fn a_terminal_gets_half_blocks_below_each_line_and_is_asked_nothing() {
    let place = Place::new();
    let mut screen = place.in_terminal(&["faces/1_0.png"], 100, &[("COLORTERM", "truecolor")]);
    assert_eq!(screen.ends(), 0);
    let rows = screen.rows();
    assert!(rows[0].starts_with("faces/1_0.png: ") || rows[1].starts_with("faces/1_0.png: "), "{rows:?}");
    let panels: Vec<&String> = rows.iter().filter(|row| row.contains('▄')).collect();
    let three = ["▄".repeat(24), "▄".repeat(24), "▄".repeat(24)].join(" ");
    assert!(panels.len() == 12 && panels.iter().all(|row| **row == three), "{rows:?}");
    let raw = String::from_utf8_lossy(&screen.raw).into_owned();
    assert!(raw.contains("\x1b[38;2;"), "true colours, as the environment says");
    for question in ["\x1b[c", "\x1b[5n", "\x1b[6n", "\x1b_G", "\x1b]1337"] {
        assert!(!raw.contains(question), "{question:?}: {raw:?}");
    }
    // A narrow one has narrower panels.
    let mut narrow = place.in_terminal(&["faces/1_0.png"], 40, &[]);
    assert_eq!(narrow.ends(), 0);
    let row = narrow.text().lines().find(|row| row.contains('▄')).unwrap().to_string();
    assert_eq!(row, ["▄".repeat(12), "▄".repeat(12), "▄".repeat(12)].join(" "));
}

#[test]
fn pictures_go_the_way_that_the_environment_says() {
    let place = Place::new();
    let raw = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut screen = place.in_terminal(&[&["faces/1_0.png"], arguments].concat(), 100, variables);
        assert_eq!(screen.ends(), 0);
        String::from_utf8_lossy(&screen.raw).into_owned()
    };
    let kitty = raw(&[], &[("TERM", "xterm-kitty")]);
    assert!(kitty.contains("\x1b_Ga=T,f=100,c=74,r=12,q=2,m=") && !kitty.contains('▄'), "{kitty:?}");
    assert!(!kitty.contains("a=q") && !kitty.contains("\x1b[c"), "nothing is asked");
    let iterm2 = raw(&[], &[("TERM_PROGRAM", "iTerm.app")]);
    assert!(iterm2.contains("\x1b]1337;File=inline=1") && !iterm2.contains('▄'));
    for (arguments, variables) in [
        (&["--images", "blocks"][..], &[("TERM", "xterm-kitty")][..]),
        (
            &[],
            &[
                ("TERM", "tmux-256color"),
                ("TMUX", "/tmp/x,1,0"),
                ("KITTY_WINDOW_ID", "1"),
                ("LC_TERMINAL", "iTerm2"),
            ],
        ),
    ] {
        let raw = raw(arguments, variables);
        assert!(raw.contains('▄') && !raw.contains("\x1b_G") && !raw.contains("\x1b]1337"), "{variables:?}");
    }
    for (arguments, variables) in [
        (&["--images", "off"][..], &[][..]),
        (&[], &[("TERM", "dumb")]),
        (&[], &[("NO_COLOR", "1")]),
        (&["--json"], &[]),
    ] {
        let raw = raw(arguments, variables);
        assert!(raw.contains("faces/1_0.png") && !raw.contains('▄') && !raw.contains("\x1b_G"), "{raw:?}");
    }
}

#[test]
fn an_interrupt_ends_it_after_the_picture_at_hand() {
    let place = Place::new();
    let face = place.at("faces/1_0.png");
    for number in 0..300 {
        fs::copy(&face, place.at(&format!("faces/many_{number}.png"))).unwrap();
    }
    let mut screen = place.in_terminal(&["faces"], 100, &[]);
    screen.shows("faces/");
    // What it writes is not read, so that it cannot be done before it is interrupted.
    screen.stall();
    screen.press("\x03");
    screen.go_on();
    assert_eq!(screen.ends(), 1);
    screen.shows("pictures");
    assert!(String::from_utf8_lossy(&screen.raw).contains("mien: stopped after "), "{}", screen.text());
    assert!(screen.is_given_back() && screen.is_cooked());
}
