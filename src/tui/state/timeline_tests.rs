use super::*;
use crate::run::State as RunState;
use crate::tui::message::{Message, RunEntry};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A dashboard whose first run is open.
struct Open {
    _folder: tempfile::TempDir,
    state: State,
    effects: Vec<Effect>,
}

impl Open {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let entries = ["a", "b"].map(|name| {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            std::fs::write(path.join("status.json"), "{}").unwrap();
            let mut entry = RunEntry::from(crate::run::RunSummary::read(&RunFolder::open(&path).unwrap()));
            entry.state = RunState::Running;
            entry
        });
        let mut state = State::new("runs", (80, 24));
        state.update(Message::Runs(Ok(entries.to_vec())));
        let mut open = Self { _folder: folder, state, effects: Vec::new() };
        open.press("\n");
        open
    }

    fn press(&mut self, keys: &str) {
        self.effects.clear();
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\x1b' => KeyCode::Esc,
                key => KeyCode::Char(key),
            };
            let key = KeyEvent::new(code, KeyModifiers::NONE);
            self.effects.extend(self.state.update(Message::Key(key)).effects);
        }
    }

    fn asked(&self) -> Option<Order> {
        self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Timeline(order) => Some(order.clone()),
            _ => None,
        })
    }

    fn request(&self) -> Request {
        match self.asked() {
            Some(Order::Look { request, .. }) => request,
            other => panic!("{other:?}"),
        }
    }

    /// Answers what was asked last; whether the screen changes.
    fn answer(&mut self, epochs: u32, level: impl Fn(usize) -> u8) -> bool {
        let request = self.state.timeline.asked.clone().unwrap();
        let epoch = request.epoch.unwrap_or(epochs);
        let shown = (0..request.count.min(12)).map(|place| ShownProbe {
            path: "a.png".into(),
            truth: Emotion::Anger,
            prediction: Emotion::Fear,
            probability: 0.25,
            energy: None,
            overlay: Some((Photo::from_rgb(1, &[level(place); 3]).unwrap(), vec![1, 2, 3])),
        });
        let found = Found {
            epochs: (1..=epochs).collect(),
            epoch: Some(epoch),
            probes: 12,
            first: request.first,
            shown: shown.collect(),
            ..Found::default()
        };
        self.state.update(Message::Timeline(Report { request, found: Ok(Some(found)) })).draw
    }

    fn versions(&self) -> Vec<u32> {
        let kept = self.state.timeline.kept().unwrap();
        kept.seen.iter().flatten().map(|seen| seen.version).collect()
    }
}

#[test]
fn keys_go_along_the_epochs_and_the_newest_is_followed() {
    let mut open = Open::new();
    open.press("t");
    assert_eq!((open.request().epoch, open.request().count), (None, 12));
    assert!(open.answer(40, |_| 1));
    for (keys, epoch) in
        [("h", Some(39)), ("hh", Some(37)), ("<", Some(33)), (">l", Some(38)), ("g", Some(1)), ("h", Some(1))]
    {
        open.press(keys);
        open.answer(40, |_| 1);
        assert_eq!(open.state.timeline.epoch, epoch, "{keys}");
    }
    for keys in ["G", "hl", "h>", "l"] {
        open.press(keys);
        assert_eq!(open.state.timeline.epoch, None, "{keys}: whichever is the newest");
    }
}

#[test]
fn only_pictures_that_have_changed_are_sent_again_and_an_equal_answer_draws_nothing() {
    let mut open = Open::new();
    open.press("t");
    assert!(open.answer(3, |place| place as u8));
    let before = open.versions();
    assert!(!open.answer(3, |place| place as u8), "looked at again");
    assert!(open.answer(4, |place| if place == 5 { 99 } else { place as u8 }));
    let now = open.versions();
    let differ: Vec<usize> = (0..12).filter(|place| before[*place] != now[*place]).collect();
    assert_eq!(differ, [5]);
}

#[test]
fn what_is_not_looked_at_is_not_asked_for() {
    let mut open = Open::new();
    assert_eq!(open.asked(), None);
    open.press("t");
    assert!(matches!(open.asked(), Some(Order::Look { .. })));
    open.press("6");
    assert_eq!(open.asked(), Some(Order::Nothing));
    open.press("1");
    assert!(matches!(open.asked(), Some(Order::Look { .. })), "it is still open");
    open.press("\x1b");
    assert_eq!((open.asked(), open.state.screen), (Some(Order::Nothing), Screen::Run));
    open.press("t");
    let late = Report { request: Request { first: 7, ..open.request() }, found: Ok(None) };
    assert!(!open.state.update(Message::Timeline(late)).draw);
}

#[test]
fn another_run_begins_with_its_charts() {
    let mut open = Open::new();
    open.press("t");
    open.answer(9, |_| 1);
    open.press("hq");
    assert_eq!(open.asked(), Some(Order::Nothing));
    open.press("j\n");
    assert!(!open.state.timeline.is_open() && open.state.timeline.epoch.is_none());
}

#[test]
fn probes_turn_by_pages_where_there_is_no_room_for_all() {
    let mut open = Open::new();
    open.state.update(Message::Resized(60, 16));
    open.press("t");
    open.answer(2, |_| 1);
    open.press("h");
    assert_eq!((open.request().first, open.request().count), (0, 6));
    open.answer(2, |_| 1);
    open.press("j");
    assert_eq!(open.request().first, 6);
    open.answer(2, |_| 1);
    open.press("j");
    assert_eq!(open.asked(), None, "that was the last page");
    open.press("k");
    assert_eq!(open.request().first, 0);
    let effects = open.state.update(Message::Resized(80, 24)).effects;
    assert!(
        effects
            .iter()
            .any(|it| matches!(it, Effect::Timeline(Order::Look { request, .. }) if request.count == 12))
    );
}

#[test]
fn fewer_probes_than_before_are_shown_from_the_first() {
    let mut open = Open::new();
    open.state.update(Message::Resized(60, 16));
    open.press("t");
    open.answer(2, |_| 1);
    open.press("j");
    let request = open.request();
    assert_eq!(request.first, 6);
    let found = Found { epochs: vec![1], epoch: Some(1), probes: 6, first: 6, ..Found::default() };
    let report = Report { request, found: Ok(Some(found)) };
    open.effects = open.state.update(Message::Timeline(report)).effects;
    assert_eq!(open.request().first, 0);
}
