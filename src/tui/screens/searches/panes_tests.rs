//! The panes and the form as they are seen.

use crate::search::{EngineKind, SearchState};
use crate::tui::message::Message;
use crate::tui::output::Output;
use crate::tui::screens::{Memories, draw, lines};
use crate::tui::state::searches::Pane;
use crate::tui::state::searches::new::{Begun, Estimates, Page, Report};
use crate::tui::state::searches::panes::tests::{dashboard, importances, turn};
use crate::tui::state::searches::panes::{CurvesOrder, CurvesReport, ImportanceReport};
use crate::tui::state::{Screen, State};
use crate::tui::theme::{Depth, Theme};
use crate::tui::{message::Effect, message::Effects};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;

const THEME: Theme = Theme::new(Depth::Palette, true);
const ASCII: Theme = Theme::new(Depth::Mono, false);
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (220, 60)];

fn picture(state: &State, theme: &Theme) -> String {
    let (width, height) = state.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, state, theme, &mut Memories::new())).unwrap();
    lines(terminal.backend().buffer())
}

/// Answers what the state asks for, as the tasks would.
fn answer(state: &mut State, effects: Vec<Effect>) {
    for effect in effects {
        match effect {
            Effect::Importance(order) => {
                state.update(Message::Importance(ImportanceReport { order, found: Ok(Some(importances())) }));
            }
            Effect::BestCurves(CurvesOrder::Read { request, .. }) => {
                let curve = |run: usize| {
                    let value = |epoch: u32| {
                        0.8 - 0.02 * run as f64 - 0.5 * (-f64::from(epoch) / (2.0 + run as f64)).exp()
                    };
                    ((1..=10).collect(), (1..=10).map(value).collect())
                };
                let found = (0..request.runs.len()).map(curve).collect();
                state.update(Message::BestCurves(CurvesReport { request, found }));
            }
            _ => {}
        }
    }
}

fn press(state: &mut State, key: KeyCode) -> Effects {
    state.update(Message::Key(KeyEvent::from(key)))
}

fn page() -> Page {
    let axis = |name: &str, values: &str| (name.to_string(), values.to_string());
    Page {
        path: "configs/searches/preliminary.toml".into(),
        name: "preliminary".into(),
        network: "gimefive".into(),
        data: "data/rafdb".into(),
        sampler: "grid: every point".into(),
        metric: "valid/accuracy",
        points: 48,
        seeds: vec![1, 2, 3],
        runs: 144,
        axes: vec![
            axis("train.learning_rate", "0.01, 0.001, 0.0001"),
            axis("train.batch_size", "8, 16, 32, 64"),
            axis("train.early_stopping.enabled", "true, false"),
            axis("train.early_stopping.patience", "5, 15"),
        ],
        conditions: vec![
            "where train.early_stopping.enabled is false: without train.early_stopping.patience".into(),
        ],
        engine: EngineKind::Local,
        local: "slots: cuda:0, cuda:1".into(),
        slurm: "at most 4 at once; sbatch --partition=gpu --gres=gpu:1".into(),
        begun: None,
        estimates: Some(Estimates {
            slots: vec!["cuda:0".into(), "cuda:1".into()],
            local: Some(12_000.0),
            slurm: None,
        }),
    }
}

/// A dashboard at the form for a page.
fn form(size: (u16, u16), page: Page) -> (tempfile::TempDir, State) {
    let (keep, mut state, folder) = dashboard(size, 12);
    press(&mut state, KeyCode::Char('n'));
    assert_eq!(state.screen, Screen::NewSearch);
    state.update(Message::NewSearch(Report::Files(vec![
        "configs/searches/final.toml".into(),
        "configs/searches/preliminary.toml".into(),
    ])));
    state.update(Message::Key(KeyEvent::from(KeyCode::Char('p'))));
    let effects = press(&mut state, KeyCode::Enter).effects;
    let number = effects.into_iter().find_map(|effect| match effect {
        Effect::NewSearch(crate::tui::state::searches::new::Order::Open(number, _)) => Some(number),
        _ => None,
    });
    let begun = page.begun.map(|begun| Begun { folder, ..begun });
    let page = Page { begun, ..page };
    state.update(Message::NewSearch(Report::Opened(number.unwrap(), Ok(Box::new(page)))));
    (keep, state)
}

#[test]
fn the_panes_of_a_search() {
    for (pane, name) in
        [(Pane::Parallel, "parallel"), (Pane::Importance, "importance"), (Pane::Curves, "curves")]
    {
        for size in SIZES {
            let (_keep, mut state, _) = dashboard(size, 24);
            let effects = turn(&mut state, pane);
            answer(&mut state, effects);
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture(&state, &THEME));
            assert!(picture(&state, &ASCII).is_ascii());
        }
    }
}

#[test]
fn the_form_of_a_search() {
    for size in SIZES {
        let (_keep, state) = form(size, page());
        insta::assert_snapshot!(format!("form_{}x{}", size.0, size.1), picture(&state, &THEME));
        assert!(picture(&state, &ASCII).is_ascii());
    }
}

#[test]
fn a_file_that_was_begun_says_so() {
    for (state_of, words) in [
        (SearchState::Running, ", running: Enter shows it, s begins another one"),
        (SearchState::Lost, ", lost: Enter shows it, r goes on with it, s begins another one"),
        (SearchState::Finished, "r adds what the file has come to hold since"),
    ] {
        let (keep, probe, folder) = dashboard((80, 24), 1);
        drop((keep, probe));
        let begun = Some(Begun { folder, id: "20260115-220000-preliminary-1a2b".into(), state: state_of });
        let (_keep, state) = form((200, 40), Page { begun, ..page() });
        let picture = picture(&state, &THEME);
        assert!(picture.contains("begun already as 20260115-220000-preliminary-1a2b"), "{picture}");
        assert!(picture.contains(words) && picture.contains("Enter show it"), "{picture}");
        assert!(picture.contains("mien search configs/searches/preliminary.toml --new"), "{picture}");
    }
}

#[test]
fn panes_and_form_are_drawn_at_every_size() {
    let hostile = Page {
        name: "表情".repeat(500),
        axes: vec![("a".repeat(3000), "b".repeat(3000)); 20],
        conditions: vec!["c ".repeat(900)],
        seeds: (0..1000).collect(),
        estimates: None,
        ..page()
    };
    for points in [0, 24] {
        for pane in Pane::ALL {
            let (_keep, mut state, _) = dashboard((220, 60), points);
            let effects = turn(&mut state, pane);
            for answered in [false, true] {
                if answered {
                    answer(&mut state, effects.clone());
                }
                for size in [(60, 16), (80, 24), (160, 16), (120, 34), (230, 60)] {
                    state.update(Message::Resized(size.0, size.1));
                    for theme in [&THEME, &ASCII] {
                        picture(&state, theme);
                    }
                }
            }
        }
    }
    let (_keep, mut state) = form((80, 24), hostile);
    for key in ["jjG", "l", "gk"].join("").chars() {
        press(&mut state, KeyCode::Char(key));
        for size in [(60, 16), (230, 60)] {
            state.update(Message::Resized(size.0, size.1));
            picture(&state, &THEME);
        }
    }
}

#[test]
fn a_move_in_the_table_does_not_send_the_pane_again() {
    let (_keep, mut state, _) = dashboard((220, 60), 200);
    let effects = turn(&mut state, Pane::Parallel);
    answer(&mut state, effects);
    let output = Output::new(Vec::new(), Size { width: 220, height: 60 });
    let (mut terminal, mut memories) = (Terminal::new(output).unwrap(), Memories::new());
    let mut bytes = |state: &State| {
        let before = terminal.backend().written();
        terminal.draw(|frame| draw(frame, state, &THEME, &mut memories)).unwrap();
        terminal.backend().written() - before
    };
    let whole = bytes(&state);
    assert_eq!(bytes(&state), 0);
    let moves: Vec<u64> = (0..20)
        .map(|_| {
            press(&mut state, KeyCode::Char('j'));
            bytes(&state)
        })
        .collect();
    let mean = moves.iter().sum::<u64>() / moves.len() as u64;
    println!("whole {whole}, mean of a move {mean}");
    assert!(mean <= 5000 && mean < whole / 4, "{whole}, then {moves:?}");
}

#[test]
fn without_curves_or_enough_points_a_sentence_says_so() {
    let (_keep, mut state, _) = dashboard((80, 24), 3);
    let effects = turn(&mut state, Pane::Importance);
    assert!(picture(&state, &THEME).contains("working out which axis mattered"));
    for effect in effects {
        if let Effect::Importance(order) = effect {
            state.update(Message::Importance(ImportanceReport { order, found: Ok(None) }));
        }
    }
    let shown = picture(&state, &THEME);
    assert!(shown.contains("cannot be said yet: it takes"), "{shown}");
    turn(&mut state, Pane::Curves);
    assert!(picture(&state, &THEME).contains("no curves yet"));
}
