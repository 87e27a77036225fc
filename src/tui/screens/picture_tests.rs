use super::*;
use crate::data::{Photo, drawn};
use crate::run::RunFolder;
use crate::tui::graphics::{Abilities, Answer, Gallery};
use crate::tui::message::{Effect, Message};
use crate::tui::output::Output;
use crate::tui::settings::Images;
use crate::tui::state::pictures::{Order, Report};
use crate::tui::theme::Depth;
use crate::tui::widgets::panel;
use ratatui::Terminal;
use ratatui::layout::Size;

const SCREEN: Size = Size { width: 220, height: 60 };
const AREA: Rect = Rect { x: 100, y: 10, width: 28, height: 14 };
const TRUE: Theme = Theme::new(Depth::True, true);

/// A screen that shows one picture, with a frame around it and at times a box over it.
struct Wall {
    state: State,
    terminal: Terminal<Output<Vec<u8>>>,
    gallery: Gallery,
    memories: Memories,
    theme: Theme,
    run: RunFolder,
}

impl Wall {
    fn new(images: Images, variables: &[(&str, &str)], theme: Theme) -> Self {
        let mut state = State::new("runs", (SCREEN.width, SCREEN.height));
        state.pictures.abilities = Abilities::from_environment(images, |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string())
        });
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("status.json"), "{}").unwrap();
        Self {
            state,
            terminal: Terminal::new(Output::new(Vec::new(), SCREEN)).unwrap(),
            gallery: Gallery::new(),
            memories: Memories::new(),
            theme,
            run: RunFolder::open(folder.path()).unwrap(),
        }
    }

    fn key(&self, path: &str) -> PictureKey {
        PictureKey { run: self.run.clone(), path: path.into() }
    }

    fn has(&mut self, path: &str, photo: &Photo) {
        let (key, png) = (self.key(path), photo.png());
        self.state.update(Message::Pictures(Report::Read {
            key,
            stamp: None,
            result: Ok((photo.clone(), png)),
        }));
    }

    /// Draws a frame; the bytes that it costs.
    fn frame(&mut self, path: Option<&str>, in_the_way: Option<Rect>) -> Vec<u8> {
        let key = path.map(|path| self.key(path));
        let Self { state, terminal, gallery, memories, theme, .. } = self;
        let before = terminal.backend().written();
        let drawn = gallery.draw(terminal, &state.pictures.abilities, memories, |frame, memories| {
            memories.placements.clear();
            let buffer = frame.buffer_mut();
            buffer.set_string(AREA.x, AREA.y - 1, "test/anger/00007.png", ratatui::style::Style::new());
            if let Some(key) = &key {
                draw(buffer, AREA, key, state, theme, memories);
            }
            if let Some(area) = in_the_way {
                panel::panel(buffer, area, (area.width, area.height), "help", theme);
            }
            take_down_covered(buffer, memories);
        });
        drawn.unwrap();
        let written = terminal.backend().written() - before;
        let bytes = terminal.backend_mut().take_written();
        assert_eq!(bytes.len() as u64, written);
        bytes
    }

    fn shows(&self) -> String {
        crate::tui::screens::lines(&self.terminal_buffer())
    }

    fn terminal_buffer(&self) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, SCREEN.width, SCREEN.height));
        let mut memories = Memories::new();
        draw(&mut buffer, AREA, &self.key("a"), &self.state, &self.theme, &mut memories);
        buffer
    }
}

/// A face as networks see it, 64 x 64.
fn face() -> Photo {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("faces");
    drawn::write_set(&root, 4, 7, &mut |_, _| {}).unwrap();
    Photo::read(&root.join("train/anger/00001.png"), 128).unwrap()
}

/// The face under a heat map of the usual colours.
fn face_with_overlay() -> Photo {
    let face = face();
    let mut samples = Vec::new();
    for y in 0..face.height() {
        for x in 0..face.width() {
            let (dx, dy) = (x as f64 - 40.0, y as f64 - 26.0);
            let heat = (-(dx * dx + dy * dy) / 500.0).exp();
            let channel = |centre: f64| (1.5 - (4.0 * heat - centre).abs()).clamp(0.0, 1.0) * 255.0;
            for (channel, grey) in [3.0, 2.0, 1.0].map(channel).into_iter().zip(face.rgb(x, y)) {
                samples.push((0.6 * f64::from(grey) + 0.4 * channel) as u8);
            }
        }
    }
    Photo::from_rgb(face.width(), &samples).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_picture_with_overlay_as_text_is_at_most_15_kb_and_nothing_when_it_stays() {
    let overlay = face_with_overlay();
    for depth in [Depth::True, Depth::Palette, Depth::Sixteen, Depth::Mono] {
        let mut wall = Wall::new(Images::Blocks, &[], Theme::new(depth, true));
        wall.has("a", &overlay);
        wall.frame(None, None);
        let cost = wall.frame(Some("a"), None).len();
        assert!((400..=15_000).contains(&cost), "{depth:?}: {cost}");
        assert_eq!(wall.frame(Some("a"), None), b"");
    }
}

#[test]
fn by_kitty_a_picture_with_overlay_is_at_most_12_kb_and_shown_again_for_nearly_nothing() {
    for (variables, again_most) in [(&[][..], 1000), (&[("TMUX", "/tmp/tmux,1,0")], 2500)] {
        let mut wall = Wall::new(Images::Kitty, variables, TRUE);
        wall.has("a", &face_with_overlay());
        wall.has("b", &face());
        wall.frame(None, None);
        let cost = wall.frame(Some("a"), None).len();
        assert!((2000..=12_000).contains(&cost), "{variables:?}: {cost}");
        assert_eq!(wall.frame(Some("a"), None), b"");
        wall.frame(Some("b"), None);
        let again = wall.frame(Some("a"), None).len();
        assert!((20..=again_most).contains(&again), "{variables:?}: {again}");
        let gone = wall.frame(None, None).len();
        assert!(gone <= 1000, "{variables:?}: {gone}");
    }
}

#[test]
fn the_whole_frame_is_one_synchronized_update_with_the_picture_behind_the_cells() {
    let mut wall = Wall::new(Images::Kitty, &[], TRUE);
    wall.has("a", &face());
    let said = text(&wall.frame(Some("a"), None));
    assert!(said.starts_with("\x1b[?2026h") && said.ends_with("\x1b8\x1b[?2026l"), "{said:?}");
    assert_eq!(said.matches("\x1b[?2026h").count(), 1);
    let at = |what: &str| said.find(what).unwrap_or_else(|| panic!("no {what:?} in {said:?}"));
    assert!(at("00007.png") < at("\x1b7") && at("\x1b7") < at("a=t") && at("a=t") < at("a=p"));
}

#[test]
fn what_covers_a_picture_takes_it_down_and_gives_it_back() {
    let covers = [
        Rect::new(90, 5, 60, 30),
        Rect::new(110, 12, 9, 5),
        // Covers all of it with blanks but a corner.
        Rect::new(101, 11, 60, 30),
    ];
    for cover in covers {
        let mut wall = Wall::new(Images::Kitty, &[], TRUE);
        wall.has("a", &face());
        wall.frame(Some("a"), None);
        let covered = text(&wall.frame(Some("a"), Some(cover)));
        assert!(covered.contains("a=d,d=i") && !covered.contains("a=p"), "{covered:?}");
        let back = text(&wall.frame(Some("a"), None));
        assert!(back.contains("a=p") && !back.contains("a=t"), "{back:?}");
    }
    let mut wall = Wall::new(Images::Kitty, &[], TRUE);
    wall.has("a", &face());
    wall.frame(Some("a"), None);
    let beside = text(&wall.frame(Some("a"), Some(Rect::new(10, 5, 60, 30))));
    assert!(!beside.contains("\x1b_G"), "{beside:?}");
}

#[test]
fn pixels_are_wiped_away_by_the_cells_and_painted_again() {
    let mut wall = Wall::new(Images::Iterm2, &[], TRUE);
    wall.has("a", &face());
    let first = text(&wall.frame(Some("a"), None));
    assert!(first.contains("1337;File=inline=1"));
    // A box over a part of it: also the rest of its cells is written.
    let covered = text(&wall.frame(Some("a"), Some(Rect::new(110, 12, 9, 5))));
    for row in AREA.top()..AREA.bottom() {
        assert!(covered.contains(&format!("\x1b[{};{}H", row + 1, AREA.x + 1)), "row {row} in {covered:?}");
    }
    assert!(!covered.contains("1337;"));
    assert!(text(&wall.frame(Some("a"), None)).contains("1337;File=inline=1"));
    let gone = text(&wall.frame(None, None));
    assert_eq!(gone.matches("\x1b[28X").count(), 14, "{gone:?}");
}

#[test]
fn a_cleared_screen_is_sent_everything_anew() {
    let mut wall = Wall::new(Images::Kitty, &[], TRUE);
    wall.has("a", &face());
    wall.frame(Some("a"), None);
    wall.terminal.clear().unwrap();
    wall.terminal.backend_mut().take_written();
    let anew = text(&wall.frame(Some("a"), None));
    let at = |what: &str| anew.find(what).unwrap_or_else(|| panic!("no {what:?} in {anew:?}"));
    assert!(at("a=d,d=I") < at("a=t") && at("a=t") < at("a=p"));
}

#[test]
fn a_picture_is_text_until_it_is_encoded_or_the_terminal_has_answered() {
    let mut wall = Wall::new(Images::Auto, &[("TERM", "xterm-256color")], TRUE);
    wall.has("a", &face());
    assert!(text(&wall.frame(Some("a"), None)).contains('▀'));
    wall.state.update(Message::Answer(Answer::Attributes(vec![62, 4])));
    assert_eq!(wall.frame(Some("a"), None), b"", "nothing better is there yet");
    let order = wall.state.pictures.ask_encoding(&wall.memories.placements);
    let Some(Effect::Pictures(Order::Encode(encoding))) = order else { panic!("{order:?}") };
    assert_eq!(encoding.size, (28, 14));
    let sixels = b"\x1bPq~\x1b\\".to_vec();
    wall.state.update(Message::Pictures(Report::Encoded(encoding.made_for(), Some(sixels))));
    let better = text(&wall.frame(Some("a"), None));
    assert!(better.contains("\x1bPq~") && !better.contains('▀'), "{better:?}");
    wall.state.update(Message::Answer(Answer::Kitty(true)));
    assert!(text(&wall.frame(Some("a"), None)).contains("a=p"));
}

#[test]
fn a_sentence_takes_as_many_rows_as_it_needs_and_no_more_than_there_are() {
    let mut wall = Wall::new(Images::Auto, &[], Theme::new(Depth::Mono, false));
    let why = "/data/rafdb/test/anger/00007.png: there is no such file, and no 表情 either";
    let key = wall.key("a");
    wall.state.update(Message::Pictures(Report::Read { key, stamp: None, result: Err(why.into()) }));
    let shown = wall.shows();
    let lines: Vec<&str> = shown.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines, ["/data/rafdb/test/anger/00007", ".png: there is no such file,", "and no 表情 either"]);
    for (width, height) in [(1, 1), (3, 2), (0, 4), (28, 1)] {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 5));
        let area = Rect::new(2, 1, width, height);
        draw(&mut buffer, area, &wall.key("a"), &wall.state, &wall.theme, &mut Memories::new());
        let outside = |(x, y): (u16, u16)| !area.contains((x, y).into());
        assert!(
            (0..40)
                .flat_map(|x| (0..5).map(move |y| (x, y)))
                .filter(|at| outside(*at))
                .all(|at| buffer[at].symbol() == " ")
        );
    }
}

#[test]
fn without_pictures_which_are_not_read_then_the_name_stands_there() {
    let mut wall = Wall::new(Images::Off, &[], TRUE);
    assert!(wall.shows().contains("a (pictures are switched"));
    assert!(!text(&wall.frame(Some("a"), None)).contains('▀'));
}
