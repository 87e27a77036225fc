use super::*;
use crate::run::{LogTail, MetricsReader, RunFolder, State as RunState};
use crate::tui::message::{Message, RunEntry};
use crate::tui::output::Output;
use crate::tui::theme::Depth;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use std::fmt::Write;
use std::fs::OpenOptions;

mod run;

const THEME: Theme = Theme::new(Depth::Palette, true);
const NOW: f64 = 1_800_000_000.0;

/// A dashboard with runs in every state, the first of them being trained.
struct Scene {
    folder: tempfile::TempDir,
    reader: MetricsReader,
    state: State,
}

impl Scene {
    fn new(size: (u16, u16)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut state = State::new("runs", size);
        state.update(Message::Clock(NOW));
        let mut entries = vec![
            entry(&folder, "gimefive-rafdb", RunState::Running),
            entry(&folder, "vgg16-cosine", RunState::Finished),
            entry(&folder, "preliminary-017", RunState::Queued),
            entry(&folder, "resnet18", RunState::Failed),
            entry(&folder, "night-run", RunState::Lost),
            entry(&folder, "slurm-4711", RunState::Preempted),
            entry(&folder, "first-try", RunState::Stopped),
        ];
        for (i, run) in entries.iter_mut().enumerate() {
            run.created = Some(NOW - 700.0 * 9f64.powi(i as i32));
        }
        entries[0].images_per_second = Some(312.4);
        entries[0].eta_seconds = Some(4400.0);
        entries[1].test_accuracy = Some(0.7821);
        entries[2].search = Some("preliminary".into());
        entries[3].reason = Some("the loss is not a number since step 120".into());
        entries[4].reason = Some("its process 4711 is gone without having said why".into());
        let reader = MetricsReader::new(&entries[0].folder);
        state.update(Message::Runs(Ok(entries)));
        let mut scene = Self { folder, reader, state };
        scene.write(1..=1200, &["loss", "accuracy"]);
        scene.log((1..9).map(|i| format!("epoch {i} done\n")).collect());
        scene.state.update(Message::Config(1, vec!["name = \"gimefive-rafdb\"".into()]));
        scene.state.update(Message::CaughtUp(1));
        scene
    }

    /// Writes rows to the metrics of the first run and has the state take them in.
    fn write(&mut self, rows: std::ops::RangeInclusive<u64>, keys: &[&str]) {
        let path = self.folder.path().join("gimefive-rafdb/metrics.jsonl");
        let mut text = String::new();
        for step in rows {
            let place =
                format!("\"time\":{},\"epoch\":{},\"step\":{step}", NOW + step as f64, step / 100 + 1);
            let falling = (-(step as f64) / 400.0).exp();
            let noise = ((step * 7919) % 101) as f64 / 1000.0;
            write!(text, "{{{place},\"split\":\"train\"").unwrap();
            for (i, key) in keys.iter().enumerate() {
                let value =
                    if i % 2 == 0 { 1.7 * falling + 0.2 + noise } else { 0.9 - 0.7 * falling - noise };
                write!(text, ",\"{key}\":{value:.5}").unwrap();
            }
            text += "}\n";
            if step % 100 == 0 {
                let values = [1.6 * falling + 0.45, 0.8 - 0.6 * falling];
                write!(text, "{{{place},\"split\":\"valid\"").unwrap();
                for (key, value) in keys.iter().zip(values) {
                    write!(text, ",\"{key}\":{value:.5}").unwrap();
                }
                text += "}\n";
            }
        }
        let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
        std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        while let Some(slice) = self.reader.read(1 << 20).unwrap() {
            self.state.update(Message::Metrics(1, Box::new(slice)));
        }
    }

    /// Writes the log of the first run and has the state take it in.
    fn log(&mut self, text: String) {
        let run = RunFolder::open(&self.folder.path().join("gimefive-rafdb")).unwrap();
        std::fs::write(run.log(), text).unwrap();
        let piece = LogTail::new(&run).poll().unwrap().unwrap();
        self.state.update(Message::Log(1, piece));
    }

    fn press(&mut self, text: &str) {
        for c in text.chars() {
            let code = if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
            self.state.update(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }

    fn picture(&self, theme: &Theme) -> String {
        picture(&self.state, theme)
    }
}

fn entry(folder: &tempfile::TempDir, name: &str, state: RunState) -> RunEntry {
    let path = folder.path().join(name);
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("status.json"), "{}").unwrap();
    RunEntry {
        folder: RunFolder::open(&path).unwrap(),
        id: format!("20270115-080000-{name}-00ff"),
        name: name.into(),
        state,
        reason: None,
        arch: "gimefive".into(),
        device: "cuda:0".into(),
        search: None,
        host: String::new(),
        tags: Vec::new(),
        note: String::new(),
        notes_problem: None,
        epoch: 13,
        epochs: 80,
        step: 1200,
        steps: 8000,
        images_per_second: None,
        eta_seconds: None,
        heartbeat: NOW - 3.0,
        created: None,
        valid_accuracy: Some(0.6134),
        test_accuracy: None,
    }
}

fn picture(state: &State, theme: &Theme) -> String {
    let (width, height) = state.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, state, theme, &mut Memories::new())).unwrap();
    lines(terminal.backend().buffer())
}

/// A terminal that counts what a frame costs.
struct Counted {
    terminal: Terminal<Output<Vec<u8>>>,
    memories: Memories,
}

impl Counted {
    fn new((width, height): (u16, u16)) -> Self {
        let output = Output::new(Vec::new(), Size { width, height });
        Self { terminal: Terminal::new(output).unwrap(), memories: Memories::new() }
    }

    fn bytes(&mut self, state: &State) -> u64 {
        let before = self.terminal.backend().written();
        self.terminal.draw(|frame| draw(frame, state, &THEME, &mut self.memories)).unwrap();
        self.terminal.backend().written() - before
    }
}

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (220, 60)];

#[test]
fn the_runs() {
    for size in SIZES {
        let name = format!("runs_{}x{}", size.0, size.1);
        insta::assert_snapshot!(name, Scene::new(size).picture(&THEME));
    }
}

#[test]
fn a_run() {
    for size in SIZES {
        let mut scene = Scene::new(size);
        scene.press("\n");
        insta::assert_snapshot!(format!("run_{}x{}", size.0, size.1), scene.picture(&THEME));
    }
}

#[test]
fn a_run_smoothed_on_a_log_axis_over_epochs_in_ascii() {
    let mut scene = Scene::new((100, 30));
    scene.press("\n]]]LX");
    let ascii = Theme::new(Depth::Mono, false);
    let picture = scene.picture(&ascii);
    assert!(picture.is_ascii());
    insta::assert_snapshot!(picture);
}

#[test]
fn what_is_open_over_the_runs() {
    for (name, keys) in [("help", "?"), ("question", "x"), ("filter", "/fin"), ("none", "/zzz\n")] {
        let mut scene = Scene::new((80, 24));
        scene.press(keys);
        insta::assert_snapshot!(format!("open_{name}"), scene.picture(&THEME));
    }
}

#[test]
fn the_help_of_a_run_holds_all_its_keys_at_80x24() {
    let mut scene = Scene::new((80, 24));
    scene.press("\n?");
    let picture = scene.picture(&THEME);
    for binding in scene.state.keys.bindings(crate::tui::keys::Place::Charts) {
        let about: String = binding.about.chars().take(20).collect();
        assert!(picture.contains(&about), "{about} is missing in\n{picture}");
    }
}

#[test]
fn other_tabs_and_the_first_start() {
    let mut scene = Scene::new((80, 24));
    scene.press("\n6");
    assert!(scene.picture(&THEME).contains("\n epoch 8 done\n"));
    scene.press("5");
    assert!(scene.picture(&THEME).contains("\n name = \"gimefive-rafdb\"\n"));
    let mut state = State::new("runs", (80, 24));
    assert!(!picture(&state, &THEME).contains("mien demo"), "nothing is claimed before the list is there");
    state.update(Message::Runs(Ok(Vec::new())));
    insta::assert_snapshot!("first_start", picture(&state, &THEME));
}

#[test]
fn a_sentence_that_is_longer_than_a_row_can_be_read_in_full() {
    let long = "/home/someone/.config/mien/keys.toml, line 3: there is no action 'delte' in [runs]; did you mean \
                'delete'?; line 7: 'x' is 'stop' in [charts]: give 'stop' another key, or none with []";
    for size in [(80, 24), (60, 16)] {
        let mut scene = Scene::new(size);
        let hints = scene.picture(&THEME);
        scene.state.update(Message::Problem(long.into()));
        let picture = scene.picture(&THEME);
        let told: Vec<&str> = picture.lines().map(str::trim).collect();
        let whole: String = told.concat().replace(' ', "");
        assert!(whole.contains(&long.replace(' ', "")), "{size:?}\n{picture}");
        scene.press("Z");
        assert_eq!(scene.picture(&THEME), hints, "the next key takes it away");
        scene.state.update(Message::Problem("n ".repeat(4000)));
        assert!(scene.picture(&THEME).contains("gimefive-rafdb"), "it leaves the most to the screen");
    }
    let mut scene = Scene::new((80, 24));
    scene.state.update(Message::Problem(long.into()));
    insta::assert_snapshot!("open_notice", scene.picture(&THEME));
}

#[test]
fn footer_and_help_show_the_keys_of_the_user() {
    let mut scene = Scene::new((80, 24));
    let file = "[everywhere]\nhelp = ['ctrl-h', 'f1']\n[runs]\nfilter = 'alt-f'\nmark = []\n";
    let file = toml::de::DeTable::parse(file).unwrap();
    scene.state.keys = crate::tui::keys::lay_over(file.get_ref()).0;
    let picture = scene.picture(&THEME);
    let footer = picture.lines().last().unwrap();
    assert!(footer.contains("Ctrl-h help") && footer.contains("Alt-f filter"), "{footer}");
    assert!(!footer.contains("mark") && !footer.contains("F1"), "{footer}");
    let key = KeyEvent::new(KeyCode::Char('h'), KeyModifiers::CONTROL);
    scene.state.update(Message::Key(key));
    let picture = scene.picture(&THEME);
    assert!(picture.contains("Ctrl-h F1") && picture.contains("Alt-f"), "{picture}");
    assert!(!picture.contains("mark the run"), "{picture}");
}

#[test]
fn the_help_scrolls_on_the_smallest_terminal() {
    let mut scene = Scene::new((60, 16));
    scene.press("\n?");
    insta::assert_snapshot!("help_60x16", scene.picture(&THEME));
    scene.press("G");
    let picture = scene.picture(&THEME);
    assert!(
        picture.contains("leave at once; runs go on") && !picture.contains("show one chart"),
        "{picture}"
    );
}

#[test]
fn a_small_terminal_says_so_and_no_size_panics() {
    let mut scene = Scene::new((40, 10));
    assert!(scene.picture(&THEME).contains("40 x 10 is too small"));
    for keys in ["", "?", "n", "x", "\n", "?", "6", "/a\n", "h", "5", "/a\n", "v", "1v", "h", "++", "\n"] {
        scene.press(keys);
        for (width, height) in
            [(1, 1), (59, 16), (60, 15), (60, 16), (61, 17), (149, 16), (150, 16), (300, 100)]
        {
            scene.state.update(Message::Resized(width, height));
            scene.picture(&THEME);
        }
    }
}

#[test]
fn marks_are_seen_without_colours_at_every_size() {
    let ascii = Theme::new(Depth::Mono, false);
    for size in [(60, 16), (100, 30), (150, 16), (300, 100)] {
        let mut scene = Scene::new(size);
        scene.press(" j jj");
        let read_for = |state: &mut State, request| {
            let mut reader = MetricsReader::new(&state.list.entries()[0].folder);
            while let Some(slice) = reader.read(1 << 20).unwrap() {
                state.update(Message::Metrics(request, Box::new(slice)));
            }
        };
        // The first request is for the chosen run, the second for the marked one.
        read_for(&mut scene.state, 2);
        let picture = scene.picture(&ascii);
        assert!(picture.is_ascii());
        for shown in ["\n o> running", "\n x", " o gimefive-rafdb  x vgg16-cosine", "valid/loss"] {
            assert!(picture.contains(shown), "{shown:?} at {size:?}:\n{picture}");
        }
        scene.press("g");
        let request = scene.state.followed.as_ref().unwrap().request;
        read_for(&mut scene.state, request);
        scene.press("\n");
        assert!(scene.picture(&ascii).contains("o gimefive-rafdb  x vgg16-cosine"));
    }
}

#[test]
fn names_of_every_kind_stay_in_their_column() {
    let mut scene = Scene::new((100, 30));
    let names = [
        "表情認識".repeat(1000),
        "e\u{301}".repeat(4000),
        "שלום עולם".into(),
        "🙂🙃".repeat(40),
        "a b\u{a0}c".into(),
    ];
    let mut entries: Vec<RunEntry> = Vec::new();
    for (i, name) in names.iter().enumerate() {
        let mut run = entry(&scene.folder, &format!("run{i}"), RunState::Finished);
        (run.name, run.id, run.arch, run.device) = (name.clone(), name.clone(), name.clone(), name.clone());
        run.reason = Some(name.clone());
        entries.push(run);
    }
    scene.state.update(Message::Runs(Ok(entries)));
    for keys in ["", "\n", "qD", "n"] {
        scene.press(keys);
        let picture = scene.picture(&THEME);
        for line in picture.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= 100, "{line}");
        }
        if keys.is_empty() {
            assert_eq!(picture.matches("13/80").count(), 5, "every row has its epoch\n{picture}");
        }
    }
}

#[test]
fn an_unchanged_screen_costs_nothing() {
    for keys in ["", "\n"] {
        let mut scene = Scene::new((220, 60));
        scene.press(keys);
        let mut counted = Counted::new((220, 60));
        assert!(counted.bytes(&scene.state) > 1000);
        assert_eq!(counted.bytes(&scene.state), 0);
        scene.state.update(Message::Clock(NOW + 1.0));
        assert_eq!(counted.bytes(&scene.state), 0);
    }
}

#[test]
fn a_step_of_four_charts_costs_less_than_300_bytes() {
    let mut scene = Scene::new((220, 60));
    let keys = ["loss", "accuracy", "third", "fourth"];
    scene.write(1201..=1300, &keys);
    scene.press("\n");
    let mut counted = Counted::new((220, 60));
    counted.bytes(&scene.state);
    let costs: Vec<u64> = (1301..1400)
        .map(|step| {
            scene.write(step..=step, &keys);
            counted.bytes(&scene.state)
        })
        .collect();
    let mean = costs.iter().sum::<u64>() / costs.len() as u64;
    assert!(mean <= 300, "{mean} bytes a step: {costs:?}");
}

#[test]
fn opening_twenty_long_charts_costs_less_than_40_kilobytes() {
    let mut scene = Scene::new((220, 60));
    let keys: Vec<String> = (0..18).map(|i| format!("metric{i:02}")).collect();
    let keys: Vec<&str> = ["loss", "accuracy"].into_iter().chain(keys.iter().map(String::as_str)).collect();
    scene.write(1201..=8000, &keys);
    let mut counted = Counted::new((220, 60));
    let list = counted.bytes(&scene.state);
    scene.press("\n");
    let run = counted.bytes(&scene.state);
    assert!(list + run <= 40_000, "{list} + {run}");
}

#[test]
fn help_costs_less_than_6_kilobytes_each_way() {
    for (keys, size) in [("", (220, 60)), ("\n", (220, 60)), ("\n", (120, 40))] {
        let mut scene = Scene::new(size);
        let names: Vec<String> = (0..18).map(|i| format!("metric{i:02}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        scene.write(1201..=4000, &names);
        scene.press(keys);
        let mut counted = Counted::new(size);
        counted.bytes(&scene.state);
        scene.press("?");
        let open = counted.bytes(&scene.state);
        scene.press("?");
        let close = counted.bytes(&scene.state);
        assert!((500..=6000).contains(&open) && (500..=6000).contains(&close), "{open} {close}");
    }
}

#[test]
fn moving_in_the_list_repaints_two_rows_and_the_details() {
    let mut scene = Scene::new((80, 24));
    let mut counted = Counted::new((80, 24));
    scene.press("jj");
    counted.bytes(&scene.state);
    scene.press("j");
    let cost = counted.bytes(&scene.state);
    assert!(cost < 500, "{cost}");
}
