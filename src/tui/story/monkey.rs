//! A monkey at the keyboard: whatever comes in whatever order, at whatever size, the dashboard draws and goes on.

use super::*;
use crate::run::State as RunState;
use crate::tui::graphics::{Answer, Gallery};
use crate::tui::keys::Place;
use crate::tui::message::RunEntry;
use crate::tui::output::Output;
use crate::tui::state::Screen;
use crate::tui::state::atlas::AtlasShown;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use std::collections::VecDeque;

/// Steps that it takes from each start.
const ROUND: usize = 100;
const STEPS: usize = ROUND * STARTS.len();
const STARTS: [&str; 18] = [
    "jj\n2",
    "jj\n3",
    "/1a2b\n\n3m",
    "/1a2b\n\n4",
    "/1a2b\n\n1t",
    "/1a2b\n\n2\n\n",
    "j\n5",
    "\n6",
    "jc",
    "i",
    "je",
    "jegj\n",
    "n",
    "Sv",
    "SSnconfigs/searches/tiny.toml\n",
    "jjD",
    "jj\n2/w",
    "j ?",
];
/// Steps back that a failure tells of.
const TOLD: usize = 40;
/// All that is bound, what is typed most often several times, and letters of other scripts.
const KEYS: &str = "4mMtTWSf\n\n\n\n\x1b\x1b\x1b\t\t\tjjjjjkkkhhlllljlGg1122335566///nnecoOiSSpVVv+-=<>[]LXwwCsss.::K?uRtN   xrDy'\"~0é表\u{301}";
const CODES: [KeyCode; 13] = [
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::BackTab,
    KeyCode::Backspace,
    KeyCode::Delete,
    KeyCode::F(1),
    KeyCode::Insert,
];

/// The same throws each time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as usize % n
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn size(&mut self) -> (u16, u16) {
        match self.below(4) {
            0 => (1 + self.below(300) as u16, 1 + self.below(100) as u16),
            1 => (58 + self.below(30) as u16, 14 + self.below(12) as u16),
            _ => (60 + self.below(100) as u16, 16 + self.below(40) as u16),
        }
    }
}

/// What was done, told where it led to a panic.
#[derive(Default)]
struct Done(VecDeque<String>);

impl Done {
    fn add(&mut self, what: String) {
        self.0.push_back(what);
        self.0.drain(..self.0.len().saturating_sub(TOLD));
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("after {:#?}", self.0);
        }
    }
}

/// The same runs as they may be a moment later: some gone, some in another state.
fn later(all: &[RunEntry], dice: &mut Dice) -> Vec<RunEntry> {
    const STATES: [RunState; 5] =
        [RunState::Running, RunState::Finished, RunState::Lost, RunState::Queued, RunState::Failed];
    let mut runs = all.to_vec();
    runs.retain(|_| dice.below(8) > 0);
    for run in &mut runs {
        if dice.below(3) == 0 {
            run.state = dice.one_of(&STATES);
            (run.epoch, run.epochs) = (dice.below(20) as u64, dice.below(20) as u64);
            (run.step, run.steps) = (dice.below(500) as u64, dice.below(500) as u64);
            run.eta_seconds = dice.one_of(&[None, Some(0.0), Some(1e9), Some(f64::NAN)]);
        }
    }
    runs
}

/// Has the files of a run change while they are shown.
fn change_files(run: &Path, dice: &mut Dice) {
    let append = |name: &str, text: &str| {
        let file = fs::OpenOptions::new().append(true).create(true).open(run.join(name));
        std::io::Write::write_all(&mut file.unwrap(), text.as_bytes()).unwrap();
    };
    let number = dice.one_of(&["0", "-3", "1e300", "-1e300", "1e-300", "null", "12345678901234567890"]);
    let step = 150 + dice.below(200);
    match dice.below(7) {
        0 | 1 => append(
            "metrics.jsonl",
            &format!(
                "{{\"seq\":1,\"time\":1e9,\"epoch\":9,\"step\":{step},\"split\":\"train\",\"loss\":{number},\"表\":1}}\n"
            ),
        ),
        2 => append("log.txt", &format!("{number} 表情 \u{1b}[2J e\u{301}\n").repeat(1 + dice.below(80))),
        3 => fs::write(run.join("log.txt"), "begun anew\n").unwrap(),
        4 => append("scores/test.csv", &format!("test/表.png,{number}\n")),
        5 => fs::write(run.join("evaluation.json"), "{").unwrap(),
        _ => append("config.toml", "# 表\n"),
    }
}

/// A terminal that draws what is sent to it.
struct Seen {
    screen: Terminal<Output<Vec<u8>>>,
    gallery: Gallery,
    parser: vt100::Parser,
}

impl Seen {
    fn new((width, height): (u16, u16)) -> Self {
        let output = Output::new(Vec::new(), Size { width, height });
        Self {
            screen: Terminal::new(output).unwrap(),
            gallery: Gallery::new(),
            parser: vt100::Parser::new(height, width, 0),
        }
    }

    fn resize(&mut self, (width, height): (u16, u16)) {
        self.screen.backend_mut().resize(Size { width, height });
        self.screen.resize(Rect::new(0, 0, width, height)).unwrap();
        self.parser.screen_mut().set_size(height, width);
    }

    /// Draws a frame, and fails where the terminal shows something else.
    fn frame(&mut self, story: &mut Story) -> Buffer {
        let Story { state, memories, .. } = story;
        let mut drawn = Buffer::default();
        let draw = |frame: &mut ratatui::Frame, memories: &mut Memories| {
            screens::draw(frame, state, &THEME, memories);
            drawn.clone_from(frame.buffer_mut());
        };
        self.gallery.draw(&mut self.screen, &state.pictures.abilities, memories, draw).unwrap();
        if let Some(order) = state.pictures.ask_encoding(&memories.placements) {
            story.tasks.carry_out(order);
        }
        self.parser.process(&self.screen.backend_mut().take_written());
        let shown = self.parser.screen();
        let rows: Vec<String> =
            shown.rows(0, shown.size().1).map(|row| row.trim_end().to_string() + "\n").collect();
        assert_eq!(rows.concat(), screens::lines(&drawn), "the terminal shows something else than was drawn");
        drawn
    }
}

impl Story {
    /// As [`Story::tell`], but starts, stops and deletes nothing. Whether there is something new to see.
    fn dare(&mut self, message: Message) -> bool {
        let effects = self.state.update(message);
        for effect in effects.effects {
            match effect {
                Effect::Start { .. } | Effect::Stop(_) | Effect::Resume(_) | Effect::Remove(_) => {}
                Effect::StopSeveral(_) | Effect::RemoveSeveral(_) | Effect::ActOnSearch(..) => {}
                Effect::BeginSearch(_) => {}
                Effect::Leave | Effect::Suspend | Effect::Ring(_) => {}
                order => self.tasks.carry_out(order),
            }
        }
        effects.draw
    }
}

fn code(key: char) -> KeyCode {
    match key {
        '\n' => KeyCode::Enter,
        '\x1b' => KeyCode::Esc,
        '\t' => KeyCode::Tab,
        key => KeyCode::Char(key),
    }
}

fn key(dice: &mut Dice, characters: &[char]) -> KeyEvent {
    let code = match dice.below(8) {
        0 => dice.one_of(&CODES),
        _ => code(dice.one_of(characters)),
    };
    KeyEvent::new(
        code,
        dice.one_of(&[[KeyModifiers::NONE; 29].as_slice(), &[KeyModifiers::CONTROL]].concat()),
    )
}

fn mouse(dice: &mut Dice, (columns, rows): (u16, u16)) -> MouseEvent {
    let left = MouseEventKind::Down(MouseButton::Left);
    let kind = dice.one_of(&[left, left, left, MouseEventKind::ScrollUp, MouseEventKind::ScrollDown]);
    // Some are told of places that the screen does not have any more.
    let (column, row) =
        (dice.below(usize::from(columns) + 2) as u16, dice.below(usize::from(rows) + 2) as u16);
    MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }
}

fn answer(dice: &mut Dice) -> Answer {
    dice.one_of(&[
        Answer::Kitty(true),
        Answer::Kitty(false),
        Answer::Attributes(vec![62, 4]),
        Answer::Attributes(vec![62]),
        Answer::CellSize(1, 200),
        Answer::CellSize(200, 1),
        Answer::CellSize(10, 20),
    ])
}

/// What the screen explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Explained {
    Picture,
    Cells,
    Epochs,
    /// A sentence says why not.
    Nothing,
    NotYet,
}

/// None on screens that explain nothing.
fn explained_by(state: &State) -> Option<Explained> {
    let run = &state.current()?.folder;
    let (found, not) = (state.found_confusion(), Explained::NotYet);
    match state.place() {
        Place::Explain => Some(match state.explain.view(run).answer {
            Some((_, answer)) => {
                if answer.is_ok() {
                    Explained::Picture
                } else {
                    Explained::Nothing
                }
            }
            None => not,
        }),
        Place::Confusion if state.atlas.is_open => Some(match found.map(|found| state.atlas_of(found)) {
            Some(AtlasShown::Made(_)) => Explained::Cells,
            Some(AtlasShown::Refused(_)) => Explained::Nothing,
            _ => not,
        }),
        Place::Timeline => Some(match state.timeline.shown(run) {
            Some(Ok(Some(_))) => Explained::Epochs,
            Some(_) => Explained::Nothing,
            None => not,
        }),
        _ => None,
    }
}

#[tokio::test]
async fn whatever_comes_at_whatever_size_is_drawn_as_it_is_and_only_when_told() {
    let mut story = Story::begin((120, 40)).await;
    timeline::kept(&story, 5);
    searches::kept(&story);
    let mut seen = Seen::new((120, 40));
    let all = story.state.list.entries().to_vec();
    give_pictures(&all[0].folder);
    give_faces_and_weights(&all[2].folder);
    give_pictures(&all[2].folder);
    let characters: Vec<char> = KEYS.chars().collect();
    let (mut dice, mut done) = (Dice(7), Done::default());
    let (mut before, mut places) = (seen.frame(&mut story), Vec::new());
    let mut explained = Vec::new();
    for step in 0..STEPS {
        if step % ROUND == 0 {
            let size = (100, 30);
            story.dare(Message::Resized(size.0, size.1));
            story.dare(Message::Runs(Ok(all.clone())));
            for key in ("\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1bqqqqg".to_owned()
                + STARTS[step / ROUND % STARTS.len()])
            .chars()
            {
                story.dare(Message::Key(KeyEvent::new(code(key), KeyModifiers::NONE)));
                story
                    .until("the searches", |state| {
                        state.screen != Screen::Searches || !state.searches.is_awaited()
                    })
                    .await;
                story.until("the form", |state| !state.launch.is_opening()).await;
                story.until("the new search", |state| state.new_search.opening().is_none()).await;
                places.push(story.state.place());
            }
            story.until("what is explained", |state| explained_by(state) != Some(Explained::NotYet)).await;
            explained.extend(explained_by(&story.state));
            seen.resize(size);
            before = seen.frame(&mut story);
        }
        let messages = match dice.below(100) {
            0..80 => vec![Message::Key(key(&mut dice, &characters))],
            80..87 => vec![Message::Mouse(mouse(&mut dice, story.state.size))],
            87..90 => {
                let size = dice.size();
                seen.resize(size);
                vec![Message::Resized(size.0, size.1)]
            }
            90..93 => vec![Message::Runs(Ok(later(&all, &mut dice)))],
            93 => vec![Message::Clock(MORNING + dice.below(100_000) as f64)],
            94 => vec![Message::Answer(answer(&mut dice))],
            95 => {
                change_files(dice.one_of(&all).folder.path(), &mut dice);
                Vec::new()
            }
            // What was asked for comes now and then, all at once.
            _ => {
                tokio::time::sleep(Duration::from_millis(1)).await;
                std::iter::from_fn(|| story.messages.try_recv().ok()).collect()
            }
        };
        for message in messages {
            let said: String = format!("{step}: {message:?}").chars().take(120).collect();
            done.add(said.clone());
            let is_told = story.dare(message);
            let now = seen.frame(&mut story);
            assert!(is_told || now == before, "{said}: nobody was told of what it changes");
            before = now;
            assert!(
                story.state.screen != Screen::Run || story.state.current().is_some(),
                "{said}: a screen about no run"
            );
        }
    }
    let missed: Vec<Place> = Place::ALL.into_iter().filter(|place| !places.contains(place)).collect();
    assert!(missed.is_empty(), "it was never in {missed:?}");
    let all = [Explained::Picture, Explained::Cells, Explained::Epochs];
    assert!(all.iter().all(|what| explained.contains(what)), "it has only seen {explained:?}");
}
