use crate::data::printable;
use crate::search::{Overview, SearchState};
use crate::tui::message::Message;
use crate::tui::output::Output;
use crate::tui::screens::{self, Memories};
use crate::tui::state::State;
use crate::tui::state::searches::tests::{found, listed, made};
use crate::tui::theme::{Depth, Theme};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use toml::Value;

const THEME: Theme = Theme::new(Depth::Palette, true);
const ASCII: Theme = Theme::new(Depth::Mono, false);
const NOW: f64 = 1_800_000_000.0;
const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (220, 60)];

fn press(state: &mut State, keys: &str) {
    for key in keys.chars() {
        let code = if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) };
        state.update(Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }
}

/// The list of three searches.
fn list(size: (u16, u16)) -> State {
    let mut state = State::new("runs", size);
    state.update(Message::Clock(NOW));
    state.update(Message::Runs(Ok(Vec::new())));
    press(&mut state, "S");
    let (mut paused, mut done) = (made("final"), made("first-try"));
    paused.summary.state = SearchState::Paused;
    paused.summary.problem = Some("no space left on /data: free some, and it goes on by itself".into());
    paused.summary.created -= 90_000.0;
    done.summary.state = SearchState::Finished;
    done.summary.created -= 900_000.0;
    state.update(listed(&[&made("preliminary"), &paused, &done]));
    state
}

/// One search, opened from the list.
fn search(size: (u16, u16), overview: &Overview) -> State {
    let mut state = State::new("runs", size);
    state.update(Message::Clock(NOW));
    state.update(Message::Runs(Ok(Vec::new())));
    press(&mut state, "S");
    state.update(listed(&[overview]));
    state.update(found(overview));
    state
}

fn picture(state: &State, theme: &Theme) -> String {
    let mut terminal = Terminal::new(TestBackend::new(state.size.0, state.size.1)).unwrap();
    terminal.draw(|frame| screens::draw(frame, state, theme, &mut Memories::new())).unwrap();
    screens::lines(terminal.backend().buffer())
}

#[test]
fn the_list_of_searches() {
    for size in SIZES {
        let mut state = list(size);
        press(&mut state, "j");
        insta::assert_snapshot!(format!("list_{}x{}", size.0, size.1), picture(&state, &THEME));
    }
}

#[test]
fn a_search_with_its_best_points_first() {
    for size in SIZES {
        let mut state = search(size, &made("preliminary"));
        press(&mut state, "jj");
        insta::assert_snapshot!(format!("search_{}x{}", size.0, size.1), picture(&state, &THEME));
    }
}

#[test]
fn a_point_with_a_failed_run_on_a_small_terminal() {
    for size in [(60, 16), (80, 24)] {
        let overview = made("preliminary");
        let failed = overview.rows.iter().position(|row| row.runs.iter().any(|run| run.reason.is_some()));
        let mut state = search(size, &overview);
        press(&mut state, &"j".repeat(failed.unwrap()));
        press(&mut state, "v");
        let picture = picture(&state, &THEME);
        assert!(picture.contains("the loss is not a number since step 120"), "{picture}");
        insta::assert_snapshot!(format!("detail_{}x{}", size.0, size.1), picture);
    }
}

#[test]
fn a_search_says_all_in_words_without_colours_and_in_ascii() {
    let mut overview = made("preliminary");
    overview.summary.state = SearchState::Lost;
    overview.summary.problem =
        Some("its supervisor is gone without having said why; --resume goes on".into());
    let state = search((80, 24), &overview);
    let seen = picture(&state, &ASCII);
    assert!(seen.is_ascii(), "{seen}");
    for said in ["lost", "asha", "Slurm", "4 running", "1 failed", "1 halved", "supervisor is gone", "failed"]
    {
        assert!(seen.contains(said), "{said} in\n{seen}");
    }
    insta::assert_snapshot!("search_ascii", seen);
    insta::assert_snapshot!("list_ascii", picture(&list((80, 24)), &ASCII));
}

#[test]
fn without_searches_it_says_how_to_begin_one() {
    let mut state = State::new("runs", (80, 24));
    state.update(Message::Runs(Ok(Vec::new())));
    press(&mut state, "S");
    assert!(!picture(&state, &THEME).contains("no searches"), "nothing is claimed before it is looked for");
    state.update(listed(&[]));
    for (theme, name) in [(&THEME, "no_searches"), (&ASCII, "no_searches_ascii")] {
        insta::assert_snapshot!(name, picture(&state, theme));
    }
}

#[test]
fn the_help_of_a_search_holds_all_its_keys_at_80x24() {
    use crate::tui::keys::Place;
    for (mut state, place) in
        [(list((80, 24)), Place::Searches), (search((80, 24), &made("a")), Place::Search)]
    {
        press(&mut state, "?");
        let picture = picture(&state, &THEME);
        for binding in state.keys.bindings(place) {
            let about: String = binding.about.chars().take(20).collect();
            assert!(picture.contains(&about), "{about} is missing in\n{picture}");
        }
    }
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
        self.terminal.draw(|frame| screens::draw(frame, state, &THEME, &mut self.memories)).unwrap();
        self.terminal.backend().written() - before
    }
}

#[test]
fn an_epoch_of_one_run_costs_few_bytes_and_no_news_cost_none() {
    for size in [(120, 40), (220, 60)] {
        let mut overview = made("preliminary");
        let mut state = search(size, &overview);
        let mut counted = Counted::new(size);
        let whole = counted.bytes(&state);
        assert!((1000..=14_000).contains(&whole), "{whole} at {size:?}");
        state.update(found(&overview));
        assert_eq!(counted.bytes(&state), 0);
        let running = |overview: &mut Overview| {
            let mut runs = overview.rows.iter_mut().take(15).flat_map(|row| &mut row.runs);
            let run = runs.find(|run| run.state == Some(crate::run::State::Running)).unwrap();
            run.epoch += 1;
        };
        running(&mut overview);
        state.update(found(&overview));
        let cost = counted.bytes(&state);
        assert!((1..=80).contains(&cost), "{cost} at {size:?}");
        press(&mut state, "j");
        let cost = counted.bytes(&state);
        assert!((1..=1500).contains(&cost), "{cost} for a step at {size:?}");
    }
}

/// Texts of every script, and very many of them.
#[test]
fn texts_of_every_kind_stay_in_their_places() {
    for text in
        ["表情認識", "e\u{301}tude", "שלום", "🙂👩‍👩‍👧", "x", &"long ".repeat(900), &"\u{301}".repeat(4000)]
    {
        let mut overview = made("preliminary");
        let text = printable(text).into_owned();
        overview.axes[2].field = format!("train.{text}");
        (overview.summary.name, overview.summary.id) = (text.clone(), text.clone());
        overview.summary.problem = Some(text.clone());
        for row in &mut overview.rows {
            row.point[2] = Some(Value::String(text.clone()));
            row.runs[1].reason = Some(text.clone());
        }
        overview.rows[0].point[2] = None;
        for size in SIZES {
            let mut state = search(size, &overview);
            for keys in ["", "lll", "v", "q"] {
                press(&mut state, keys);
                let picture = picture(&state, &THEME);
                for line in picture.lines() {
                    assert!(unicode_width::UnicodeWidthStr::width(line) <= size.0.into(), "{line}");
                }
                let alone = format!("{} of 72 ended", overview.summary.counts.ended());
                assert!(keys == "q" || picture.contains(&alone), "{picture}");
            }
        }
    }
}

#[test]
fn there_is_room_for_points_from_the_smallest_terminal_to_a_large_one() {
    let overview = made("preliminary");
    for size in [(60, 16), (77, 33), (80, 24), (120, 40), (159, 60), (160, 16), (220, 60), (300, 100)] {
        let state = search(size, &overview);
        assert!(super::rows(size, &state.searches) >= 5, "{size:?}");
        let picture = picture(&state, &THEME);
        let has_pane = picture.contains("importance");
        assert_eq!(has_pane, super::has_room_for_both(size), "{size:?}\n{picture}");
        let head = picture.lines().nth(super::layout(size, &state.searches).table.y.into()).unwrap();
        assert!(head.contains('#') || head.contains("rank"), "{size:?}\n{picture}");
    }
}

#[test]
fn what_is_clicked_is_chosen() {
    let overview = made("preliminary");
    let mut state = search((120, 40), &overview);
    let table = super::layout(state.size, &state.searches).table;
    let panes = super::layout(state.size, &state.searches).panes;
    assert_eq!(super::at(state.size, &state.searches, (5, table.y + 3)), Some(super::Hit::Row(2)));
    assert_eq!(super::at(state.size, &state.searches, (5, 0)), None);
    let pane = super::at(state.size, &state.searches, (panes.x + 10, panes.y));
    assert_eq!(pane, Some(super::Hit::Pane(super::Pane::Parallel)));
    let head = super::at(state.size, &state.searches, (table.x + 5, table.y));
    assert_eq!(head, Some(super::Hit::Head(super::Column::Rank)));
    let event = |row| crossterm::event::MouseEvent {
        kind: crossterm::event::MouseEventKind::Down(crossterm::event::MouseButton::Left),
        column: 5,
        row,
        modifiers: KeyModifiers::NONE,
    };
    state.update(Message::Mouse(event(table.y + 3)));
    assert_eq!(state.searches.table.chosen(), 2);
}
