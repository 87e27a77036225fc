//! The charts of an open run: cursor, zoom, pages, the mouse.

use super::*;
use crate::tui::screens::charts::span;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

/// A finished run of 1000 steps with a row of training every tenth and a row of validation every hundredth, open.
fn opened(runs: &Runs, metrics: usize) -> State {
    let mut state = started(runs, &[("b", RunState::Finished)]);
    let entry = state.current().unwrap().clone();
    let mut text = String::new();
    for step in (10..=1000).step_by(10) {
        let place = format!("\"time\":{},\"epoch\":{},\"step\":{step}", 1000 + 6 * step, step / 100 + 1);
        let values: String = (0..metrics).map(|i| format!(",\"m{i:02}\":{}.5", step + i as u64)).collect();
        writeln!(text, "{{{place},\"split\":\"train\"{values}}}").unwrap();
        if step % 100 == 0 {
            writeln!(text, "{{{place},\"split\":\"valid\",\"m00\":{step}}}").unwrap();
        }
    }
    std::fs::write(entry.folder.metrics(), text).unwrap();
    let mut reader = MetricsReader::new(&entry.folder);
    while let Some(slice) = reader.read(1 << 20).unwrap() {
        state.update(Message::Metrics(1, Box::new(slice)));
    }
    press(&mut state, KeyCode::Enter);
    state
}

fn click(state: &mut State, (column, row): (u16, u16)) {
    let kind = MouseEventKind::Down(MouseButton::Left);
    state.update(Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

fn window(state: &State) -> (f64, f64) {
    let (entry, data) = (state.current().unwrap(), state.current_data().unwrap());
    let window = span(entry, data, &[], &state.view).window;
    (window.start, window.end)
}

#[test]
fn the_cursor_begins_at_the_newest_point_and_escape_ends_it() {
    let runs = Runs::new();
    let mut state = opened(&runs, 2);
    keys(&mut state, "v");
    assert_eq!(state.cursor, Some(1000.0));
    press(&mut state, KeyCode::Esc);
    assert_eq!((state.cursor, state.screen), (None, Screen::Run));
    keys(&mut state, "vv");
    assert_eq!(state.cursor, None);
}

#[test]
fn the_cursor_moves_by_a_point_where_these_are_apart_and_by_a_column_where_they_are_dense() {
    let runs = Runs::new();
    let mut state = opened(&runs, 1);
    keys(&mut state, "vh");
    assert_eq!(state.cursor, Some(990.0), "the point before");
    keys(&mut state, "hl");
    assert_eq!(state.cursor, Some(990.0));
    keys(&mut state, "ggl");
    assert_eq!(state.cursor, Some(20.0));
    keys(&mut state, "<h");
    assert_eq!(state.cursor, Some(10.0), "not before the first point");
    keys(&mut state, "G");
    press(&mut state, KeyCode::Right);
    assert_eq!(state.cursor, Some(1000.0), "not behind the last point");
    keys(&mut state, "<");
    let far = state.cursor.unwrap();
    assert!(far < 950.0 && far % 10.0 == 0.0, "{far}");
    press(&mut state, KeyCode::Char('>'));
    assert_eq!(state.cursor, Some(1000.0));
    state.update(Message::Resized(60, 16));
    for _ in 0..4 {
        keys(&mut state, "h");
    }
    let dense = state.cursor.unwrap();
    assert!(dense <= 960.0 && dense % 10.0 == 0.0, "{dense}");
}

#[test]
fn the_cursor_stays_at_its_point_when_the_axis_changes() {
    let runs = Runs::new();
    let mut state = opened(&runs, 1);
    keys(&mut state, "vhh");
    assert_eq!(cursor_words(&state), ["step 980", "epoch 10", "1:37:00"]);
    for cursor in [9.8, 5820.0, 980.0] {
        keys(&mut state, "X");
        assert!((state.cursor.unwrap() - cursor).abs() < 1e-9, "{:?}", state.cursor);
        assert_eq!(cursor_words(&state), ["step 980", "epoch 10", "1:37:00"]);
    }
}

#[test]
fn zoom_keeps_the_cursor_in_view_and_the_window_follows_it() {
    let runs = Runs::new();
    let mut state = opened(&runs, 1);
    keys(&mut state, "vg+++");
    assert_eq!(window(&state), (0.0, 125.0));
    for _ in 0..60 {
        keys(&mut state, "l");
        let ((start, end), x) = (window(&state), state.cursor.unwrap());
        assert!((start..=end).contains(&x), "{x} is not in {start}..{end}");
    }
    keys(&mut state, "G");
    assert_eq!(window(&state), (875.0, 1000.0));
    keys(&mut state, "g");
    assert_eq!(window(&state).0, 0.0);
}

#[test]
fn a_zoomed_axis_goes_to_its_ends_by_key() {
    let runs = Runs::new();
    let mut state = opened(&runs, 3);
    keys(&mut state, "++g");
    assert_eq!((window(&state), state.focus), ((0.0, 250.0), 0));
    keys(&mut state, ">");
    assert_eq!(window(&state), (250.0, 500.0));
    keys(&mut state, "G");
    assert_eq!(window(&state), (750.0, 1000.0));
    keys(&mut state, "--G");
    assert_eq!(state.focus, 2);
}

#[test]
fn a_cursor_without_points_breaks_nothing() {
    let runs = Runs::new();
    let mut state = started(&runs, &[("b", RunState::Running)]);
    press(&mut state, KeyCode::Enter);
    keys(&mut state, "vhlgG<>X+-");
    assert_eq!(state.cursor, None);
    assert!(cursor_words(&state).is_empty());
}

#[test]
fn after_a_resume_the_cursor_tells_what_is_left() {
    let runs = Runs::new();
    let mut state = opened(&runs, 1);
    keys(&mut state, "v");
    let folder = state.current().unwrap().folder.clone();
    let row = "{\"time\":9000,\"epoch\":6,\"step\":510,\"split\":\"train\",\"m00\":1}\n";
    let text = std::fs::read_to_string(folder.metrics()).unwrap() + row;
    std::fs::write(folder.metrics(), text.replace(",\"split\":\"valid\"", ",\"split\":\"other\"")).unwrap();
    let mut reader = MetricsReader::new(&folder);
    state.followed.as_mut().unwrap().metrics = Default::default();
    while let Some(slice) = reader.read(1 << 20).unwrap() {
        state.update(Message::Metrics(1, Box::new(slice)));
    }
    assert_eq!(cursor_words(&state)[0], "step 510");
    keys(&mut state, "h");
    assert_eq!(state.cursor, Some(510.0));
    keys(&mut state, "h");
    assert_eq!(state.cursor, Some(500.0));
}

#[test]
fn pages_turn_by_key() {
    let runs = Runs::new();
    let mut state = opened(&runs, 20);
    let on_page = screens::run::page(&state).unwrap().grid.on_page();
    assert!(on_page < 20);
    press(&mut state, KeyCode::PageDown);
    assert_eq!(screens::run::page(&state).unwrap().first, on_page);
    press(&mut state, KeyCode::PageUp);
    assert_eq!(screens::run::page(&state).unwrap().first, 0);
}

#[test]
fn a_click_gives_a_chart_the_focus_and_a_second_one_puts_the_cursor_there() {
    let runs = Runs::new();
    let mut state = opened(&runs, 4);
    let page = screens::run::page(&state).unwrap();
    let Rect { x, y, width, height } = page.grid.cell(page.area, 1);
    let middle = (x + 7 + (width - 7) / 2, y + height / 2);
    click(&mut state, middle);
    assert_eq!((state.focus, state.cursor), (1, None));
    click(&mut state, (x + 1, y));
    assert_eq!(state.cursor, None, "the heading is no place on the axis");
    click(&mut state, middle);
    let at = state.cursor.unwrap();
    assert!((450.0..=550.0).contains(&at) && at % 10.0 == 0.0, "{at}");
}

#[test]
fn another_run_has_no_cursor() {
    let runs = Runs::new();
    let mut state = opened(&runs, 1);
    keys(&mut state, "vq");
    let (b, a) = (runs.entry("b", RunState::Finished), runs.entry("a", RunState::Finished));
    state.update(Message::Runs(Ok(vec![b, a])));
    keys(&mut state, "j");
    assert_eq!(state.cursor, None);
}
