use crate::config::{RunConfig, of_pictures};
use crate::device::{DeviceReport, cpu_report};
use crate::run::{RunFolder, RunSummary, State as RunState};
use crate::tui::message::{Effect, Message, RunEntry};
use crate::tui::screens::{self, Memories};
use crate::tui::state::State;
use crate::tui::state::launch::{Order, Parts, Refusal, Report};
use crate::tui::theme::{Depth, Theme};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::path::Path;

const THEME: Theme = Theme::new(Depth::Palette, true);
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (220, 60)];
const CONFIG: &str = include_str!("../../../../configs/gimefive-rafdb.toml");
const CLONED: &str = "tests/runs/20260114-181502-faces-1a2b";

/// A dashboard of a machine with two GPUs, one of them with a run; the answers come as the machine would give them.
struct Scene {
    state: State,
    text: &'static str,
}

impl Scene {
    fn new(size: (u16, u16)) -> Self {
        // From the crate's folder, so that no path in a picture is this machine's.
        let finished = RunEntry::from(RunSummary::read(&RunFolder::open(Path::new(CLONED)).unwrap()));
        let on_gpu = RunEntry {
            name: "night-run".into(),
            state: RunState::Running,
            device: "cuda:0".into(),
            ..finished.clone()
        };
        let mut state = State::new("runs", size);
        state.update(Message::Runs(Ok(vec![finished, on_gpu])));
        Self { state, text: CONFIG }
    }

    /// Types; `\n` is Enter, `<` Backspace. What is asked for is answered.
    fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '<' => KeyCode::Backspace,
                key => KeyCode::Char(key),
            };
            let key = Message::Key(KeyEvent::new(code, KeyModifiers::NONE));
            let mut asked = self.state.update(key).effects;
            while let Some(effect) = asked.pop() {
                let Some(answer) = self.answer(effect) else { continue };
                asked.extend(self.state.update(answer).effects);
            }
        }
    }

    fn answer(&self, effect: Effect) -> Option<Message> {
        let configs = ["demo", "gimefive-fer2013", "gimefive-rafdb", "resnet18-rafdb"];
        Some(match effect {
            Effect::ListConfigs => {
                Message::Configs(configs.map(|name| format!("configs/{name}.toml").into()).to_vec())
            }
            Effect::Launch(Order::Open(path)) => Message::Launch(Report::Opened(path, Ok(self.text.into()))),
            Effect::Launch(Order::Look(pictures)) => {
                let parts = Parts { train: 11_044, valid: 1227, test: 3068, skipped: 0 };
                Message::Launch(Report::Looked(pictures, Ok(Some(parts))))
            }
            Effect::Launch(Order::Devices) => Message::Launch(Report::Devices(devices())),
            _ => return None,
        })
    }

    /// Chooses a field by searching for it.
    fn choose(&mut self, field: &str) {
        self.press(&format!("/{field}\n/"));
        self.state.update(Message::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
        self.press("\n");
    }

    fn picture(&self, theme: &Theme) -> String {
        let mut terminal = Terminal::new(TestBackend::new(self.state.size.0, self.state.size.1)).unwrap();
        let mut memories = Memories::new();
        terminal.draw(|frame| screens::draw(frame, &self.state, theme, &mut memories)).unwrap();
        screens::lines(terminal.backend().buffer())
    }

    fn snapshot(&self, name: &str) {
        let size = self.state.size;
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), self.picture(&THEME));
    }
}

fn devices() -> Vec<DeviceReport> {
    let cpu = DeviceReport {
        name: "AMD EPYC 9554".into(),
        memory_total_bytes: Some(64 << 30),
        memory_free_bytes: Some(41 << 30),
        threads: Some(16),
        ..cpu_report()
    };
    let gpu = |i: u64, free: u64| DeviceReport {
        device: format!("cuda:{i}"),
        name: "NVIDIA H100 80GB HBM3".into(),
        memory_total_bytes: Some(80 << 30),
        memory_free_bytes: Some(free << 30),
        utilization: Some(97 * (1 - i as u32)),
        ..cpu.clone()
    };
    vec![gpu(0, 61), gpu(1, 79), cpu]
}

#[test]
fn a_config_is_chosen() {
    for size in SIZES {
        let mut scene = Scene::new(size);
        scene.press("nrafdb");
        scene.snapshot("choose");
    }
}

#[test]
fn why_a_config_cannot_be_is_told_in_full() {
    for size in [(60, 16), (80, 24), (120, 40)] {
        let mut scene = Scene::new(size);
        scene.text = "[train]\nepoch = 3\n";
        scene.press("ndemo\n");
        let picture = scene.picture(&THEME);
        let told: Vec<&str> = picture.split_whitespace().collect();
        let told = told.join(" ");
        assert!(told.contains("did you mean 'epochs'? Known are optimizer, learning_rate,"), "{picture}");
        assert!(told.contains("checkpoint_minutes, log_steps, seed, device"), "{picture}");
    }
}

#[test]
fn the_form_shows_changes_the_command_and_what_would_happen() {
    for size in SIZES {
        let mut scene = Scene::new(size);
        scene.press("ngimefive-raf\n");
        scene.choose("optimizer");
        scene.press("l");
        scene.choose("train.epochs");
        scene.press("\n<<20\n");
        scene.choose("train.device");
        scene.press("h");
        scene.snapshot("form");
    }
}

#[test]
fn errors_stand_beside_their_fields() {
    for size in SIZES {
        let mut scene = Scene::new(size);
        scene.press("ngimefive-raf\n");
        scene.choose("train.batch_size");
        scene.press("\n<<1\n");
        scene.choose("train.learning_rate");
        scene.press("\n<<<<<fast");
        scene.snapshot("form_with_errors");
    }
}

#[test]
fn a_clone_is_the_config_of_its_run() {
    for size in SIZES {
        let mut scene = Scene::new(size);
        scene.text = include_str!("../../../../tests/runs/20260114-181502-faces-1a2b/config.toml");
        scene.press("e");
        scene.choose("model.arch");
        scene.snapshot("clone");
    }
}

#[test]
fn the_form_holds_on_small_and_large_terminals_without_colours_and_in_ascii() {
    let ascii = Theme::new(Depth::Mono, false);
    for size in [(60, 16), (300, 100), (110, 16), (61, 99)] {
        let mut scene = Scene::new(size);
        scene.press("ngimefive-raf\n");
        scene.choose("augment.flip");
        scene.press("\n<<<7\ns");
        let picture = scene.picture(&ascii);
        assert!(picture.is_ascii(), "{picture}");
        for said in ["flip", "it must be a probab", "mien train", "nothing was started", "1 error"] {
            assert!(picture.contains(said), "{said} is missing at {size:?}:\n{picture}");
        }
        if size == (60, 16) {
            insta::assert_snapshot!("form_60x16_ascii", picture);
        }
    }
}

#[test]
fn a_refusal_is_told_at_the_top_and_beside_its_field() {
    let mut scene = Scene::new((120, 40));
    scene.press("ngimefive-raf\ns");
    assert!(scene.picture(&THEME).contains("starting"));
    let sentence = "/data/rafdb holds no manifest.csv: mien data import makes one".to_string();
    scene.state.update(Message::Started(Err(Refusal { field: Some("data.root"), sentence })));
    let picture = scene.picture(&THEME);
    assert!(picture.matches("holds no manifest.csv").count() >= 2, "{picture}");
    assert!(picture.contains("▌ root"), "{picture}");
}

#[test]
fn hostile_values_of_a_file_move_no_cursor() {
    let mut scene = Scene::new((120, 40));
    scene.text = "name = \"\\u001b[31mx\\u202e\"\n[data]\nroot = \"/a\\u001b]0;b\\u0007\"\n";
    scene.press("ndemo\n");
    scene.choose("data.root");
    scene.press("\n");
    let picture = scene.picture(&THEME);
    assert!(!picture.contains(['\u{1b}', '\u{7}', '\u{202e}']) && picture.contains("/a]0;b"), "{picture}");
}

#[test]
fn what_the_form_asks_of_pictures_is_a_config() {
    let config = RunConfig { name: "a".into(), ..RunConfig::default() };
    assert!(of_pictures(&config).unwrap().contains("batch_size = 16"));
}
