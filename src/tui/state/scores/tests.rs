use super::*;
use crate::emotion::Emotion;
use crate::evaluate::ScoreRow;
use crate::run::State as RunState;
use crate::tui::keys::Place;
use crate::tui::message::{Message, RunEntry};
use crate::tui::output::Output;
use crate::tui::state::{Overlay, Screen};
use crate::tui::theme::{Depth, Theme};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

const ROWS: usize = 1000;

/// A dashboard with one run that is open at its scores.
struct Scene {
    _folder: tempfile::TempDir,
    state: State,
    asked: Vec<Order>,
}

impl Scene {
    fn new(size: (u16, u16)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = Self { state: State::new("runs", size), asked: Vec::new(), _folder: folder };
        let runs = ["a", "b"].map(|name| entry(scene._folder.path(), name)).to_vec();
        scene.update(Message::Runs(Ok(runs)));
        scene.press("\n");
        assert!(scene.asked.is_empty(), "nothing is read before it is to be seen");
        scene.press("2");
        scene
    }

    fn update(&mut self, message: Message) -> bool {
        let effects = self.state.update(message);
        self.asked.extend(effects.effects.into_iter().filter_map(|effect| match effect {
            Effect::Scores(order) => Some(order),
            _ => None,
        }));
        effects.draw
    }

    fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\x1b' => KeyCode::Esc,
                '<' if self.state.place() != Place::Prompt => KeyCode::PageUp,
                '>' if self.state.place() != Place::Prompt => KeyCode::PageDown,
                key => KeyCode::Char(key),
            };
            self.update(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }

    fn click(&mut self, column: u16, row: u16) {
        let kind = MouseEventKind::Down(MouseButton::Left);
        let modifiers = KeyModifiers::NONE;
        self.update(Message::Mouse(MouseEvent { kind, column, row, modifiers }));
    }

    /// The newest order.
    fn look(&self) -> &Look {
        match self.asked.last() {
            Some(Order::Show(look)) => look,
            other => panic!("{other:?}"),
        }
    }

    /// Answers the newest order over a table of so many rows.
    fn answer(&mut self, rows: usize) -> bool {
        let look = self.look().clone();
        self.answer_to(look, rows, true)
    }

    fn answer_to(&mut self, look: Look, rows: usize, is_complete: bool) -> bool {
        let places = look.places.start..look.places.end.min(rows);
        let seen = Seen {
            counts: RowCounts { rows, shown: rows, labelled: rows, wrong: 3, unreadable: 0 },
            progress: if is_complete { 1.0 } else { 0.25 },
            is_complete,
            first: places.start,
            rows: places.map(row).collect(),
        };
        let split = look.split.clone().unwrap_or("test".into());
        let splits = vec!["test".into(), "valid".into()];
        let look = Box::new(look);
        self.update(Message::Scores(Report { look, splits, split, seen: Ok(seen), anew: false }))
    }

    fn picture(&self) -> String {
        let (width, height) = self.state.size;
        let backend = ratatui::backend::TestBackend::new(width, height);
        let mut terminal = ratatui::Terminal::new(backend).unwrap();
        let theme = Theme::new(Depth::Mono, false);
        let mut memories = screens::Memories::new();
        terminal.draw(|frame| screens::draw(frame, &self.state, &theme, &mut memories)).unwrap();
        screens::lines(terminal.backend().buffer())
    }
}

fn entry(folder: &std::path::Path, name: &str) -> RunEntry {
    let path = folder.join(name);
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("status.json"), "{}").unwrap();
    let summary = crate::run::RunSummary::read(&RunFolder::open(&path).unwrap());
    RunEntry { state: RunState::Finished, ..RunEntry::from(summary) }
}

fn row(place: usize) -> Row {
    let name = format!("test/{place:04}.png");
    let scores = [0.1, 0.2, 0.4, 0.1, 0.1, 0.1];
    let content = Ok(ScoreRow { path: name.clone(), scores, label: Some(Emotion::Fear) });
    Row { name, line: ScoreLine { line: place as u64 + 2, content } }
}

#[test]
fn the_first_page_is_asked_for_alone_and_its_neighbours_after_it() {
    let mut scene = Scene::new((80, 24));
    let rows = screens::scores::rows((80, 24));
    assert_eq!((scene.asked.len(), scene.look().places.clone()), (1, 0..rows));
    assert!(scene.answer(ROWS));
    assert_eq!((scene.asked.len(), scene.look().places.clone()), (2, 0..3 * rows));
    assert!(scene.answer(ROWS));
    assert_eq!(scene.asked.len(), 2, "there is nothing more to ask for");
    assert!(!scene.answer(ROWS), "nothing is new");
}

#[test]
fn moving_about_finds_its_rows_here_and_asks_for_the_next_ones() {
    let mut scene = Scene::new((80, 24));
    let rows = screens::scores::rows((80, 24));
    scene.answer(ROWS);
    scene.answer(ROWS);
    for _ in 0..20 {
        scene.press(">");
        let top = scene.state.scores.top();
        assert!((top..top + rows).all(|place| scene.state.scores.row(place).is_some()), "{top}");
        scene.answer(ROWS);
    }
    let before = scene.asked.len();
    scene.press("jjj");
    assert!(scene.asked.len() - before <= 1, "most steps ask for nothing");
    scene.press("G");
    assert_eq!(scene.state.scores.position(), ROWS - 1);
    assert!(scene.look().places.contains(&(ROWS - 1)));
    scene.press("g");
    assert_eq!((scene.state.scores.position(), scene.state.scores.top()), (0, 0));
}

#[test]
fn what_answers_an_earlier_order_or_another_run_is_not_taken() {
    let mut scene = Scene::new((80, 24));
    let first = scene.look().clone();
    scene.press("o");
    assert!(!scene.answer_to(first.clone(), 5, true));
    assert_eq!(scene.state.scores.shown(), 0);
    scene.answer(ROWS);
    assert_eq!(scene.state.scores.shown(), ROWS);
    scene.press("qj\n2");
    assert_ne!(scene.look().run, first.run);
    assert_eq!(scene.state.scores.shown(), 0, "the rows of the run before are gone");
    assert_eq!(scene.look().arrangement.by, SortBy::Confidence, "but the order stays");
}

#[test]
fn what_cannot_be_seen_is_not_read_on() {
    let mut scene = Scene::new((80, 24));
    scene.answer(ROWS);
    scene.press("1");
    assert_eq!(scene.asked.last(), Some(&Order::Rest));
    let before = scene.asked.len();
    scene.press("]]");
    assert_eq!(scene.asked.len(), before);
    scene.press("2");
    assert!(matches!(scene.asked.last(), Some(Order::Show(_))));
}

#[test]
fn a_filter_works_while_it_is_typed_and_says_what_is_wrong() {
    let mut scene = Scene::new((80, 24));
    scene.answer(ROWS);
    scene.press("jjj/truth:an");
    assert_eq!(scene.state.scores.position(), 0);
    assert_eq!(scene.look().arrangement.query, Query::parse("truth:anger").unwrap());
    scene.press("ger conf>");
    let Some(Overlay::Prompt(prompt)) = &scene.state.overlay else { panic!("the line is open") };
    assert!(prompt.error.as_ref().unwrap().contains("conf is a number from 0 to 1"));
    assert_eq!(scene.look().arrangement.query, Query::parse("truth:anger").unwrap(), "what was right stays");
    scene.press("\n");
    assert!(matches!(scene.state.overlay, Some(Overlay::Prompt(_))), "it is not taken");
    scene.press("0.9\n");
    assert_eq!(
        (scene.state.scores.filter.as_str(), &scene.state.overlay.is_none()),
        ("truth:anger conf>0.9", &true)
    );
    scene.press("/ x\x1b");
    assert_eq!(scene.state.scores.filter.as_str(), "truth:anger conf>0.9", "Esc brings back what was before");
    scene.press("\x1b");
    assert_eq!((scene.state.scores.filter.as_str(), scene.state.screen), ("", Screen::Run));
    scene.press("\x1b");
    assert_eq!(scene.state.screen, Screen::Runs);
}

#[test]
fn only_wrong_is_a_word_of_the_filter() {
    let mut scene = Scene::new((80, 24));
    scene.press("w");
    assert_eq!(scene.state.scores.filter.as_str(), "wrong");
    scene.press("/ name:7 right\n");
    scene.press("w");
    assert_eq!(scene.state.scores.filter.as_str(), "name:7");
    scene.press("w");
    assert_eq!(scene.state.scores.filter.as_str(), "name:7 wrong");
    scene.press("w");
    assert_eq!(scene.state.scores.filter.as_str(), "name:7");
}

#[test]
fn sorting_goes_round_all_columns_and_turns_about() {
    let mut scene = Scene::new((120, 40));
    let mut seen = Vec::new();
    for _ in SortBy::ALL {
        let arrangement = scene.look().arrangement.clone();
        assert_eq!(arrangement.descending, arrangement.by.begins_high());
        seen.push(arrangement.by);
        scene.press("o");
    }
    assert_eq!(seen, SortBy::ALL);
    scene.press("oO");
    let arrangement = &scene.look().arrangement;
    assert_eq!((arrangement.by, arrangement.descending), (SortBy::Confidence, false));
}

#[test]
fn a_number_leads_to_its_row_and_others_are_refused() {
    let mut scene = Scene::new((80, 24));
    scene.answer(ROWS);
    scene.press(":512\n");
    assert_eq!(scene.state.scores.position(), 511);
    for text in ["0", "1001", "x", "", "99999999999999999999"] {
        scene.press(&format!(":{text}\n"));
        let Some(Overlay::Prompt(prompt)) = &scene.state.overlay else { panic!("the line is open") };
        assert_eq!(prompt.error.as_deref(), Some("rows are numbered from 1 to 1000"), "{text}");
        scene.press("\x1b");
    }
    scene.press(":1,000\n");
    assert_eq!(scene.state.scores.position(), 999);
}

#[test]
fn splits_go_round_and_begin_at_their_first_row() {
    let mut scene = Scene::new((80, 24));
    scene.answer(ROWS);
    scene.press("Gs");
    assert_eq!((scene.look().split.as_deref(), scene.look().places.start), (Some("valid"), 0));
    assert_eq!(scene.state.scores.split(), "valid");
    scene.answer(7);
    scene.press("s");
    assert_eq!(scene.look().split.as_deref(), Some("test"));
}

#[test]
fn a_cell_of_the_confusion_opens_its_pictures_and_the_way_out_leads_back() {
    let mut scene = Scene::new((80, 24));
    scene.press("3");
    scene.state.show_scores_of("valid", (Emotion::Anger, Emotion::Disgust), 31);
    scene.update(Message::Clock(1.0));
    let look = scene.look();
    assert_eq!(look.split.as_deref(), Some("valid"));
    assert_eq!(look.arrangement.query, Query::parse("truth:anger prediction:disgust").unwrap());
    assert_eq!((look.arrangement.by, look.arrangement.descending), (SortBy::Confidence, true));
    scene.answer(31);
    assert_eq!(scene.state.scores.other_count(), None);
    scene.answer(30);
    assert!(scene.picture().contains("the confusion counts 31"), "{}", scene.picture());
    scene.press("\n");
    assert!(scene.state.scores.is_large);
    scene.press("\x1b");
    assert_eq!((scene.state.scores.is_large, scene.state.tab), (false, Tab::Scores));
    scene.press("\x1b");
    assert_eq!((scene.state.tab, scene.state.scores.filter.as_str()), (Tab::Confusion, ""));
}

#[test]
fn enter_and_escape_open_and_close_the_picture_and_arrows_turn_its_pages() {
    let mut scene = Scene::new((80, 24));
    scene.press("\n");
    assert!(!scene.state.scores.is_large, "there is no row yet");
    scene.answer(ROWS);
    scene.press("\nl");
    assert_eq!((scene.state.scores.is_large, scene.state.scores.position()), (true, 1));
    scene.press("h\x1b");
    assert_eq!((scene.state.scores.is_large, scene.state.scores.position()), (false, 0));
    scene.press("l");
    assert_eq!(scene.state.scores.position(), 0);
}

#[test]
fn the_choice_stays_while_rows_are_added_and_moves_up_when_there_are_fewer() {
    let mut scene = Scene::new((80, 24));
    let look = scene.look().clone();
    scene.answer_to(look, 100, false);
    scene.press("G");
    assert_eq!(scene.state.scores.position(), 99);
    scene.answer(ROWS);
    assert_eq!(scene.state.scores.position(), 99);
    let look = scene.look().clone();
    scene.answer_to(look, 20, false);
    assert_eq!(scene.state.scores.position(), 99, "it may still come");
    scene.answer(20);
    assert_eq!(scene.state.scores.position(), 19);
}

#[test]
fn clicks_choose_open_and_sort() {
    let mut scene = Scene::new((120, 40));
    scene.answer(ROWS);
    scene.click(10, 9);
    assert_eq!(scene.state.scores.position(), 3);
    scene.click(10, 9);
    assert!(scene.state.scores.is_large);
    scene.click(10, 9);
    assert!(!scene.state.scores.is_large);
    scene.click(5, 5);
    assert_eq!(scene.look().arrangement.by, SortBy::Path);
    scene.click(5, 5);
    assert!(scene.look().arrangement.descending);
    scene.answer(2);
    let before = scene.state.scores.position();
    scene.click(10, 30);
    assert_eq!(scene.state.scores.position(), before, "there is no row");
}

#[test]
fn every_size_and_every_way_to_look_is_ascii_and_does_not_panic() {
    let mut scene = Scene::new((80, 24));
    for (width, height) in
        [(60, 16), (61, 17), (80, 24), (99, 35), (99, 60), (100, 16), (120, 40), (300, 100)]
    {
        scene.update(Message::Resized(width, height));
        for keys in ["", "C", "C", "w", "\n", "\n", "o", "O", "C"] {
            scene.press(keys);
            for rows in [0, 1, 1000] {
                scene.answer(rows);
                let picture = scene.picture();
                assert!(picture.is_ascii(), "{picture}");
                let place = scene.state.scores.position();
                if rows > 0 && scene.state.scores.row(place).is_some() {
                    let name = format!("{place:04}.png");
                    assert!(picture.contains(&name), "{width}x{height} {name}\n{picture}");
                }
            }
        }
    }
}

#[test]
fn the_picture_has_a_place_where_there_is_room() {
    for (size, keys, seen) in
        [((80, 24), "", false), ((80, 24), "\n", true), ((120, 40), "", true), ((80, 50), "", true)]
    {
        let mut scene = Scene::new(size);
        scene.answer(ROWS);
        scene.press(keys);
        assert_eq!(
            screens::scores::shows_picture(size, scene.state.scores.is_large),
            seen,
            "{size:?} {keys}"
        );
        assert_eq!(scene.state.scores.picture(0).unwrap().path, "test/0000.png");
    }
}

#[test]
fn that_the_file_is_still_read_is_told_until_it_is_all_there() {
    let mut scene = Scene::new((80, 24));
    let look = scene.look().clone();
    assert!(scene.answer_to(look.clone(), ROWS, false));
    let reading = scene.picture();
    assert!(reading.contains("reading 25 %"), "{reading}");
    assert!(scene.answer_to(look, ROWS, true));
    assert!(!scene.picture().contains("reading"));
}

#[test]
fn frames_cost_few_bytes() {
    let mut scene = Scene::new((120, 40));
    let size = ratatui::layout::Size { width: 120, height: 40 };
    let mut terminal = ratatui::Terminal::new(Output::new(Vec::new(), size)).unwrap();
    let mut memories = screens::Memories::new();
    let theme = Theme::new(Depth::Palette, true);
    let mut cost = |state: &State| {
        let before = terminal.backend().written();
        terminal.draw(|frame| screens::draw(frame, state, &theme, &mut memories)).unwrap();
        terminal.backend().written() - before
    };
    let look = scene.look().clone();
    scene.answer_to(look.clone(), 500, false);
    assert!(cost(&scene.state) < 12_000);
    assert_eq!(cost(&scene.state), 0);
    scene.answer_to(look, ROWS, true);
    let grown = cost(&scene.state);
    scene.press("jj");
    let stepped = cost(&scene.state);
    assert!(grown < 300 && stepped < 500, "{grown} {stepped}");
}
