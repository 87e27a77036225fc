//! Texts from files: what could drive a terminal never reaches it, and letters of every kind are measured right.

use super::runs::{Runs, append_text, replace, status};
use super::screen::{QUIET, Screen};
use super::wire;
use std::fs;
use std::path::Path;

/// What a text may hold to harm: sequences of every kind, each ended and not, and marks that reverse or hide.
const FOUL: &[&str] = &[
    "\u{1b}[2J\u{1b}[5m",
    "\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{1b}]0;title\u{1b}\\",
    "\u{1b}P1$q\u{1b}\\",
    "\u{1b}_Ga=T;AAAA\u{1b}\\",
    "\u{1b}c\u{1b}[6n\u{1b}#8",
    "\u{9b}2J\u{9d}0;x\u{9c}\u{90}q\u{85}",
    "\u{8}\u{8}\u{b}\u{c}\u{e}\u{f}\u{7f}",
    "\u{202e}dlrow\u{2066}\u{2069}\u{200b}\u{200f}\u{feff}",
    "\u{1b}[",
];

fn foul() -> String {
    FOUL.concat()
}

/// As a quoted text of JSON and of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted += &format!("\\u{:04x}", c as u32),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// A run whose every text is `text`, as far as files can hold it.
fn spoil(folder: &Path, text: &str) {
    let q = quoted(text);
    let extra =
        format!(",\"device\":{q},\"arch\":{q},\"search\":{q},\"job\":{q},\"error\":{q},\"epochs\":8}}");
    replace(&folder.join("status.json"), status("failed", 20).replace('}', &extra));
    let config =
        format!("name = {q}\n[model]\narch = {q}\n[data]\nroot = {q}\n# {}\n", text.replace('\n', " "));
    replace(&folder.join("config.toml"), config);
    replace(&folder.join("notes.toml"), format!("title = {q}\ntags = [{q}, \"b\"]\nnote = {q}\n"));
    replace(&folder.join("log.txt"), format!("{text}\nlast line {text}\n"));
    append_text(
        folder,
        &format!(
            "{{\"seq\":99,\"time\":1,\"epoch\":1,\"step\":99,\"split\":\"train\",{q}:1.5}}\n\
             {{\"seq\":99,\"time\":1,\"epoch\":1,\"step\":99,\"split\":{q},\"loss\":1.5}}\n"
        ),
    );
    fs::create_dir_all(folder.join("scores")).unwrap();
    let row = format!("\"{}\",0.5,0.1,0.1,0.1,0.1,0.1,anger,anger,0.5\n", text.replace('"', "\"\""));
    let head = "filepath,happiness,surprise,sadness,anger,disgust,fear,label,prediction,confidence\n";
    for split in ["test", "valid"] {
        fs::write(folder.join(format!("scores/{split}.csv")), format!("{head}{row}{row}")).unwrap();
    }
    fs::write(folder.join("evaluation.json"), format!("{{{q}:{{\"accuracy\":{q}}}}}")).unwrap();
    spoil_explanations(folder, &q);
}

/// One probe with a map, and atlases, whose texts are `q`; weights that are none.
fn spoil_explanations(folder: &Path, q: &str) {
    let timeline = folder.join("timeline");
    fs::create_dir_all(&timeline).unwrap();
    let probe = format!("{{\"path\":{q},\"label\":\"fear\",\"split\":{q}}}");
    let probes = format!("{{\"version\":1,\"method\":{q},\"layer\":{q},\"probes\":[{probe}]}}");
    replace(&timeline.join("probes.json"), probes);
    image::GrayImage::new(64, 64).save(timeline.join("probes.png")).unwrap();
    let line = |prediction: &str, map: &str| {
        let map =
            format!("{{\"prediction\":{prediction},\"scores\":[0,0,0,0,0,1],\"energy\":0.5,\"map\":{map}}}");
        format!("{{\"epoch\":1,\"step\":9,\"width\":2,\"maps\":[{map}]}}\n")
    };
    let lines = [line(q, "[1,2,3,4]"), line("\"fear\"", "[1,2,3,4]"), line("\"fear\"", q)];
    replace(&timeline.join("maps.jsonl"), lines.concat());
    for target in ["predicted", "true"] {
        let atlas = format!(
            "{{\"version\":1,\"split\":\"test\",\"method\":\"grad-cam\",\"layer\":{q},\"target\":\"{target}\",\
             \"origin\":{q},\"cells\":[{q}]}}"
        );
        replace(&folder.join(format!("atlas-test-grad-cam-{target}.json")), atlas);
    }
    replace(&folder.join("model.safetensors"), q);
}

/// Looks at all there is to see of every run.
fn look_at_everything(screen: &mut Screen, runs: usize) {
    for _ in 0..runs {
        for keys in [
            "\r", "2", "3", "m", "M", "4", "v", "1", "t", "h", "t", "5", "6", "?", "q", "1", "e", "\x1b",
            "q", "D", "n", "i", "q", "j",
        ] {
            screen.press(keys);
            screen.settle(QUIET / 4);
        }
    }
}

/// The texts of a timeline are there, and what they would do is not.
#[test]
fn a_timeline_is_shown_without_what_its_texts_hold() {
    let runs = Runs::new();
    let folder = runs.add("20260201-000000-all-0001", "finished", 20);
    spoil_explanations(&folder, &quoted(&format!("word{}word", foul())));
    for images in ["off", "blocks"] {
        let mut screen = Screen::start_with(&["--images", images], &runs.path, (120, 40), &[]);
        screen.shows("1 run");
        screen.press("\r");
        screen.shows("1 charts");
        screen.press("t");
        screen.until("the timeline", |text| text.contains("epoch 1, the newest") && text.contains("word"));
        screen.shows("1.00");
        screen.press("\x03");
        assert_eq!(screen.ends(), 0);
        wire::is_clean(&screen.raw);
    }
}

/// What a search's files hold is there, and what it would do is not.
#[test]
fn a_search_is_shown_without_what_its_texts_hold() {
    let runs = Runs::new();
    let text = format!("word{}word", foul());
    runs.add_search("20260114-090000-tiny-00aa", &text);
    // One whose file says nothing that could be understood: its plan alone has the texts.
    let broken = runs.add_search(&format!("20260115-090000-{}-00bb", FOUL[1].replace('/', "")), &text);
    fs::write(broken.join("search.toml"), format!("name = {}\n", quoted(&text))).unwrap();
    let run = runs.add("20260114-090000-tiny-001-00aa", "failed", 20);
    spoil(&run, &text);
    for size in [(80, 24), (220, 60)] {
        let mut screen = Screen::start(&runs.path, size, &[]);
        screen.shows("1 run");
        screen.press("S");
        screen.shows("2 searches");
        for keys in [
            "j", "k", "\r", "v", "V", "l", "o", "j", "p", "\x1b", "q", "q", "j", "\r", "v", "j", "v", "v",
            "v", "?",
        ] {
            screen.press(keys);
            screen.settle(QUIET / 4);
        }
        screen.press("\x03");
        assert_eq!(screen.ends(), 0);
        wire::is_clean(&screen.raw);
    }
}

#[test]
fn nothing_in_a_file_drives_the_terminal() {
    let runs = Runs::new();
    for (i, name) in FOUL.iter().filter(|name| !name.contains('\0')).enumerate() {
        spoil(
            &runs.add(
                &format!("2026011{i}-000000-{name}-000{i}", name = name.replace('/', "")),
                "finished",
                20,
            ),
            name,
        );
    }
    spoil(&runs.add("20260201-000000-all-0001", "finished", 20), &foul());
    for (i, content) in FOUL.iter().enumerate() {
        let folder = runs.path.join(format!("torn-{i}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("status.json"), format!("{{\"state\":{}}}", quoted(content))).unwrap();
    }
    let place = runs.around().join(format!("runs {}", foul().replace('/', "")));
    fs::rename(&runs.path, &place).unwrap();
    let mut screen = Screen::start(&place, (120, 40), &[]);
    screen.until("the list", |text| text.contains("unreadable") && text.contains("failed"));
    look_at_everything(&mut screen, FOUL.len() + 1);
    screen.press("Gk\r");
    screen.settle(QUIET);
    screen.press("q/");
    screen.settle(QUIET);
    screen.press(&"all".repeat(20));
    screen.settle(QUIET);
    screen.press("\x1b");
    screen.settle(QUIET);
    // What is typed or pasted is text, too.
    screen.press("/a\u{9b}b\u{202e}");
    screen.settle(QUIET);
    screen.press("\x03");
    assert_eq!(screen.ends(), 0);
    wire::is_clean(&screen.raw);
}

/// Letters that take no cell, one cell and two, that are written from the right, and very many of them.
const LETTERS: &[&str] = &["表情認識", "e\u{301}tude\u{308}", "שלום עולם", "مرحبا", "🙂👩‍👩‍👧", "क्षि", "n"];

#[test]
fn letters_of_every_script_are_shown_and_columns_stay_aligned() {
    let runs = Runs::new();
    for (i, letters) in LETTERS.iter().enumerate() {
        spoil(&runs.add(&format!("2026011{i}-000000-{letters}-000{i}"), "finished", 20), letters);
        let long: String = letters.chars().cycle().take(4000).collect();
        spoil(&runs.add(&format!("2026021{i}-000000-long-000{i}"), "finished", 20), &long);
    }
    runs.add("20260301-000000-plain-0001", "finished", 20);
    for size in [(60, 16), (120, 40), (220, 60)] {
        let mut screen = Screen::start(&runs.path, size, &[]);
        screen.until("the list", |text| text.contains("15 runs"));
        screen.settle(QUIET);
        let (_, head) = screen.find(" epoch ").unwrap();
        let end = head + " epoch".len() as u16;
        let mut seen = 0;
        for (row, text) in screen.rows().iter().enumerate() {
            let is_run = text.contains(" failed ") && text.contains("2/8");
            if is_run {
                let (at, column) = (screen.find_in(row as u16, "2/8").unwrap(), end - 3);
                assert_eq!(at, column, "row {row} at {size:?}:\n{}", screen.text());
                seen += 1;
            }
        }
        assert!(seen >= 4, "{seen} runs:\n{}", screen.text());
        look_at_everything(&mut screen, 3);
        screen.rows();
        screen.press("\x03");
        assert_eq!(screen.ends(), 0);
        wire::is_clean(&screen.raw);
    }
}
