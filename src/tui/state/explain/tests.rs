use super::*;
use crate::data::{PIXELS, SIDE};
use crate::evaluate::{RowCounts, ScoreLine, ScoreRow};
use crate::explain::HeatMap;
use crate::tui::keys::Place;
use crate::tui::message::{Export, Message};
use crate::tui::state::scores::{self, Seen as Table};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

mod answers;

use answers::{found, row};

const ROWS: usize = 40;

/// A dashboard with two runs; what is asked for is taken down.
pub(crate) struct Scene {
    folder: tempfile::TempDir,
    pub state: State,
    scores: Vec<scores::Look>,
    asked: Vec<Order>,
    others: Vec<Effect>,
}

impl Scene {
    pub fn new(size: (u16, u16)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = State::new("runs", size);
        let mut scene = Self { folder, state, scores: Vec::new(), asked: Vec::new(), others: Vec::new() };
        let runs = ["a", "b"].map(|name| scene.entry(name)).to_vec();
        scene.update(Message::Runs(Ok(runs)));
        scene
    }

    /// At the explanation of the first picture, which is not answered yet.
    pub fn opened(size: (u16, u16)) -> Self {
        let mut scene = Self::new(size);
        scene.press("\n4");
        scene.fill(ROWS);
        scene
    }

    fn entry(&self, name: &str) -> RunEntry {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("status.json"), "{}").unwrap();
        let summary = crate::run::RunSummary::read(&RunFolder::open(&path).unwrap());
        RunEntry { state: RunState::Finished, reason: None, name: name.into(), ..RunEntry::from(summary) }
    }

    pub fn update(&mut self, message: Message) -> bool {
        let effects = self.state.update(message);
        for effect in effects.effects {
            match effect {
                Effect::Scores(scores::Order::Show(look)) => self.scores.push(look),
                Effect::Explain(order) => self.asked.push(order),
                other => self.others.push(other),
            }
        }
        effects.draw
    }

    pub fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\x1b' => KeyCode::Esc,
                '<' => KeyCode::Left,
                '>' => KeyCode::Right,
                '_' => KeyCode::PageDown,
                key => KeyCode::Char(key),
            };
            self.update(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }

    /// Answers for the table of scores with so many rows, until nothing more is asked for.
    pub fn fill(&mut self, rows: usize) {
        let mut answered = 0;
        while answered < self.scores.len() {
            answered = self.scores.len();
            let look = self.scores[answered - 1].clone();
            let places = look.places.start..look.places.end.min(rows);
            self.answer_scores(look, rows, places.start, places.map(row).collect());
        }
    }

    fn answer_scores(&mut self, look: scores::Look, count: usize, first: usize, rows: Vec<scores::Row>) {
        let counts = RowCounts { rows: count, shown: count, labelled: count, wrong: count, unreadable: 0 };
        let seen = Table { counts, progress: 1.0, is_complete: true, first, rows };
        let split = look.split.clone().unwrap_or("test".into());
        let (splits, look) = (vec!["test".into(), "valid".into()], Box::new(look));
        let report = scores::Report { look, splits, split, seen: Ok(seen), anew: false };
        self.update(Message::Scores(report));
    }

    /// The row at this place turns out to be torn.
    pub fn unreadable(&mut self, place: usize) {
        let look = self.scores.last().unwrap().clone();
        let content = Err(crate::evaluate::Unreadable { text: "torn".into(), reason: "it is torn".into() });
        let mut rows: Vec<_> = (0..ROWS).map(row).collect();
        rows[place].line.content = content;
        self.answer_scores(look, ROWS, 0, rows);
    }

    /// What is wanted now.
    fn request(&self) -> Box<Request> {
        match self.asked.last() {
            Some(Order::Look(request)) => request.clone(),
            other => panic!("{other:?}"),
        }
    }

    pub fn answer(&mut self) -> bool {
        let request = self.request();
        let found = found(&request);
        self.answer_to(request, Ok(Box::new(found)))
    }

    pub fn answer_to(&mut self, request: Box<Request>, found: Result<Box<Found>, String>) -> bool {
        self.update(Message::Explain(Report::Found(request, found)))
    }

    pub fn refuse(&mut self, sentence: &str) {
        self.answer_to(self.request(), Err(sentence.into()));
    }

    pub fn without_evidence(&mut self) {
        let request = self.request();
        let mut found = found(&request);
        found.explanation.map = HeatMap::new(4, vec![-1.0; 16]);
        found.energy.0 = None;
        self.answer_to(request, Ok(Box::new(found)));
    }

    pub fn busy(&mut self, words: &str) -> bool {
        self.update(Message::Explain(Report::Busy(self.request(), words.into())))
    }

    fn view(&self) -> View<'_> {
        self.state.explain.view(&self.state.current().unwrap().folder)
    }

    /// The place of the picture that is shown, and whether its maps are.
    fn shown(&self) -> (usize, bool) {
        let view = self.view();
        (view.subject.unwrap().place, view.answer.is_some())
    }
}

#[test]
fn the_digit_leads_to_the_first_picture_where_none_was_chosen() {
    let mut scene = Scene::new((80, 24));
    scene.press("\n4");
    assert_eq!((scene.state.place(), scene.asked.len()), (Place::Explain, 0));
    scene.fill(ROWS);
    let request = scene.request();
    assert_eq!((request.key.path.as_str(), request.truth), ("test/fear/00000.png", Some(Emotion::Fear)));
    assert_eq!((request.wish.request(), request.panel), (explain::Request::default(), Panel::Maps));
    assert_eq!(scene.asked.len(), 1, "once is enough");
}

#[test]
fn it_is_about_the_picture_that_was_chosen_and_leads_back_to_it() {
    let mut scene = Scene::new((80, 24));
    scene.press("\n2");
    scene.fill(ROWS);
    scene.press("jj\n\n");
    assert_eq!((scene.state.tab, scene.request().key.path.as_str()), (Tab::Explain, "test/fear/00002.png"));
    scene.press(">>");
    assert_eq!(scene.request().key.path, "test/fear/00004.png");
    scene.press("<");
    for (keys, tab, is_large) in [("\x1b", Tab::Scores, true), ("4\x1b", Tab::Scores, true)] {
        scene.press(keys);
        assert_eq!((scene.state.tab, scene.state.scores.is_large), (tab, is_large), "{keys}");
    }
    assert_eq!(scene.state.scores.position(), 3, "the next pictures are those of the table");
    scene.press("\x1b14\x1b");
    assert_eq!((scene.state.screen, scene.state.tab), (Screen::Run, Tab::Charts));
    scene.press("\x1b");
    assert_eq!(scene.state.screen, Screen::Runs);
    scene.press("\n4q");
    assert_eq!(scene.state.screen, Screen::Runs, "q leads to the runs from everywhere in a run");
}

#[test]
fn a_method_that_the_network_has_no_head_for_is_passed_over() {
    let mut scene = Scene::opened((80, 24));
    scene.answer();
    let mut seen = Vec::new();
    for key in ["m"; 9].into_iter().chain(["M"; 9]) {
        scene.press(key);
        seen.push(scene.request().wish.method.0);
        scene.answer();
    }
    assert!(!seen.contains(&Method::Cam), "{seen:?}");
    assert_eq!((seen[8], seen[17]), (Method::GradCam, Method::GradCam), "round and back again");
}

#[test]
fn cam_has_a_layer_of_its_own_whichever_was_looked_at_before() {
    let wish = Wish { method: Choice(Method::Cam), layer: Some("relu3".into()), ..Wish::default() };
    assert_eq!(wish.request().layer, None);
}

#[test]
fn a_row_that_cannot_be_read_does_not_show_the_picture_before() {
    let mut scene = Scene::opened((80, 24));
    scene.answer();
    scene.unreadable(1);
    scene.press(">");
    assert!(scene.view().subject.is_none(), "{:?}", scene.view());
    scene.press(">");
    assert_eq!(scene.request().key.path, "test/fear/00002.png");
    scene.answer();
    assert_eq!(scene.shown(), (2, true));
    scene.press("s");
    scene.fill(0);
    assert!(scene.view().subject.is_none(), "there is no picture in the other split");
}

#[test]
fn what_is_no_longer_looked_at_is_given_up() {
    let mut scene = Scene::opened((80, 24));
    let request = scene.request();
    scene.press("1");
    assert_eq!(scene.asked.last(), Some(&Order::Nothing));
    let late = found(&request);
    assert!(!scene.answer_to(request.clone(), Ok(Box::new(late))), "nobody waits for it");
    scene.press("4");
    assert_eq!(scene.request(), request);
    scene.answer();
    let before = scene.asked.len();
    scene.press("1");
    assert_eq!(scene.asked.len(), before, "there is nothing to give up");
}

#[test]
fn keys_change_what_is_asked() {
    let mut scene = Scene::opened((80, 24));
    scene.answer();
    type Is = fn(&Request) -> bool;
    let steps: [(&str, Is); 14] = [
        ("m", |it| it.wish.method.0 == Method::GradCamPlusPlus),
        ("M", |it| it.wish.method.0 == Method::GradCam),
        ("[", |it| it.wish.layer.as_deref() == Some("conv5")),
        ("[[", |it| it.wish.layer.as_deref() == Some("relu3")),
        ("]", |it| it.wish.layer.as_deref() == Some("conv5")),
        ("t", |it| it.wish.target == Target::Truth),
        ("t", |it| it.wish.target == Target::Class(Emotion::Happiness)),
        ("T", |it| it.wish.target == Target::Truth),
        ("+", |it| it.shades.percent == 60),
        ("---", |it| it.shades.percent == 30),
        ("c", |it| it.shades.colours == ColourMap::Viridis),
        ("S", |it| it.shades.signed),
        ("f", |it| it.wish.mirror && it.wish.request().flip),
        ("v", |it| it.panel == Panel::Curves),
    ];
    for (keys, is) in steps {
        scene.press(keys);
        assert!(is(&scene.request()), "{keys}: {:?}", scene.request());
        scene.answer();
    }
    scene.press("----------");
    assert_eq!(scene.request().shades.percent, 0);
}

#[test]
fn why_not_another_class_is_finer_cam_and_leads_back_to_the_method_before() {
    let mut scene = Scene::opened((80, 24));
    scene.answer();
    scene.press("mw");
    let rival = |scene: &Scene| {
        let wish = scene.request().wish;
        (wish.method.0, wish.versus)
    };
    assert_eq!(rival(&scene), (Method::FinerCam, Versus::RunnerUp));
    let mut seen = Vec::new();
    for _ in 0..5 {
        scene.press("w");
        seen.push(rival(&scene).1);
    }
    assert!(!seen.contains(&Versus::Class(Emotion::Sadness)), "it is what is asked about");
    assert!(seen.contains(&Versus::Class(Emotion::Fear)));
    scene.press("w");
    assert_eq!(rival(&scene).0, Method::GradCamPlusPlus);
    scene.press("W");
    assert_eq!(rival(&scene), (Method::FinerCam, seen[4]));
    // To the class that stands against it.
    let Versus::Class(last) = seen[4] else { panic!("{seen:?}") };
    while scene.request().wish.target != Target::Class(last) {
        scene.press("t");
    }
    assert_eq!(rival(&scene).1, Versus::RunnerUp, "a class is not held against itself");
}

#[test]
fn of_several_keys_only_the_last_one_is_answered() {
    let mut scene = Scene::opened((80, 24));
    let first = scene.request();
    scene.press(">m");
    let early = found(&first);
    assert!(!scene.answer_to(first.clone(), Ok(Box::new(early))));
    assert!(!scene.update(Message::Explain(Report::Busy(first, "computing occlusion".into()))));
    assert_eq!(scene.shown(), (1, false));
    assert!(scene.answer());
    assert_eq!(scene.shown(), (1, true));
}

#[test]
fn the_picture_before_stays_until_the_next_is_there_or_takes_long() {
    let mut scene = Scene::opened((80, 24));
    scene.answer();
    scene.press(">");
    assert_eq!(scene.shown(), (0, true));
    assert!(scene.busy("reading the weights"));
    assert_eq!((scene.shown(), scene.view().busy), ((1, false), Some("reading the weights")));
    scene.answer();
    assert_eq!((scene.shown(), scene.view().busy), ((1, true), None));
    // Another question about the same picture.
    scene.press("m");
    scene.busy("computing");
    assert_eq!((scene.shown(), scene.view().busy), ((1, true), Some("computing")));
}

#[test]
fn a_picture_of_which_nothing_changed_is_the_one_that_the_terminal_has() {
    let mut scene = Scene::opened((80, 24));
    scene.answer();
    let versions = |scene: &Scene| {
        let Some((_, Ok(answer))) = scene.view().answer else { panic!() };
        let Shown::Maps(seen) = &answer.shown else { panic!("{answer:?}") };
        seen.each_ref().map(|seen| seen.version)
    };
    let [face, heat, overlay] = versions(&scene);
    scene.press("+");
    scene.answer();
    let more = versions(&scene);
    assert_eq!((more[0], more[1], more[2] == overlay), (face, heat, false));
    scene.press("-");
    scene.answer();
    assert_eq!(versions(&scene), [face, heat, overlay], "as it was before");
}

#[test]
fn a_row_that_cannot_be_read_and_an_empty_table_are_not_shown_as_the_picture_before() {
    let mut scene = Scene::opened((80, 24));
    scene.answer();
    scene.press("m");
    let given_up = scene.asked.len();
    let look = Box::new(scene.scores.last().unwrap().clone());
    let mut told = |rows: Vec<scores::Row>| {
        let shown = rows.len();
        let counts = RowCounts { rows: ROWS, shown, labelled: shown, wrong: shown, unreadable: shown };
        let seen = Table { counts, progress: 1.0, is_complete: true, first: 0, rows };
        let (splits, split) = (vec!["test".into()], "test".into());
        let report = scores::Report { look: look.clone(), splits, split, seen: Ok(seen), anew: true };
        scene.update(Message::Scores(report));
        let view = scene.view();
        assert!(view.subject.is_none() && view.answer.is_none());
        scene.asked.len()
    };
    let unreadable = crate::evaluate::Unreadable { text: "a,b".into(), reason: "two fields".into() };
    let line = ScoreLine { line: 2, content: Err(unreadable) };
    assert_eq!(told(vec![scores::Row { name: "a,b".into(), line }]), given_up + 1);
    assert_eq!(told(Vec::new()), given_up + 1, "once is enough");
    assert!(matches!(scene.asked.last(), Some(Order::Nothing)));
}

#[test]
fn a_layer_that_one_network_has_is_not_asked_of_another() {
    let mut scene = Scene::opened((80, 24));
    scene.answer();
    scene.press("[");
    assert!(scene.request().wish.layer.is_some());
    scene.press("m\x1b\x1bj\n4");
    scene.fill(ROWS);
    let request = scene.request();
    assert!(request.key.run.path().ends_with("b"));
    assert_eq!((request.wish.layer, request.wish.method.0), (None, Method::GradCamPlusPlus));
}

#[test]
fn methods_of_pixels_say_that_they_have_no_layer() {
    let mut scene = Scene::opened((80, 24));
    scene.answer();
    while scene.request().wish.method.0 != Method::Occlusion {
        scene.press("m");
    }
    scene.answer();
    scene.press("]");
    let notice = scene.state.notice.as_ref().unwrap();
    assert!(notice.text.contains("pixels"), "{}", notice.text);
}

#[test]
fn channels_are_paged_and_end_with_the_last() {
    let mut scene = Scene::opened((80, 24));
    scene.press("vv");
    scene.answer();
    let page = |scene: &Scene| match scene.request().panel {
        Panel::Activations { page } => page,
        other => panic!("{other:?}"),
    };
    for expected in [1, 2, 2] {
        scene.press("_");
        scene.answer();
        assert_eq!(page(&scene), expected);
    }
    scene.press("v");
    scene.answer();
    let wanted = scene.state.explain.pictures();
    assert_eq!(wanted.len(), 8, "the pictures that are alike are read");
    scene.press("v");
    assert_eq!(scene.request().panel, Panel::Maps);
}

#[test]
fn weights_that_have_changed_are_asked_anew() {
    let mut scene = Scene::opened((80, 24));
    scene.answer();
    let before = scene.asked.len();
    let mut runs = ["a", "b"].map(|name| scene.entry(name));
    scene.update(Message::Runs(Ok(runs.to_vec())));
    assert_eq!(scene.asked.len(), before);
    runs[0].valid_accuracy = Some(0.9);
    scene.update(Message::Runs(Ok(runs.to_vec())));
    assert_eq!(scene.asked.len(), before + 1);
}

#[test]
fn what_is_shown_is_what_is_written() {
    let mut scene = Scene::opened((80, 24));
    scene.press("E");
    assert!(!scene.others.iter().any(|effect| matches!(effect, Effect::Export(_))), "there is nothing yet");
    scene.answer();
    scene.press("E");
    let Some(Effect::Export(Export::Pictures { stem, pictures, .. })) = scene.others.last() else {
        panic!("{:?}", scene.others)
    };
    assert_eq!((stem.as_str(), pictures.len()), ("explain-test-2-grad-cam-relu5", 3));
}
