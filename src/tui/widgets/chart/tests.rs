use super::*;
use crate::tui::theme::Depth;

const THEME: Theme = Theme::new(Depth::Palette, true);

fn manner(end: f64) -> Manner {
    Manner { window: Window { start: 0.0, end }, smoothing: 0.0, log_y: false }
}

fn curve<'a>(slot: usize, steps: &'a [u64], values: &'a [f64]) -> Curve<'a> {
    Curve {
        name: ["train", "valid", "test"][slot],
        slot,
        abscissa: Abscissa::Steps(steps),
        values,
        revision: slot as u64,
    }
}

fn draw(curves: &[Curve], manner: Manner, theme: &Theme, size: (u16, u16), memory: &mut Memory) -> Buffer {
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buffer = Buffer::empty(area);
    chart(curves, manner, theme).draw(area, &mut buffer, memory);
    buffer
}

fn chart<'a>(curves: &'a [Curve<'a>], manner: Manner, theme: &'a Theme) -> Chart<'a> {
    let (unit, cursor) = (Unit::Number, None);
    Chart { title: "loss", curves, manner, ends: ["0", "end"], unit, cursor, focused: false, theme }
}

/// A chart with the cursor at `x`.
fn draw_at(x: f64, curves: &[Curve], manner: Manner, size: (u16, u16), memory: &mut Memory) -> Buffer {
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buffer = Buffer::empty(area);
    Chart { cursor: Some(x), ..chart(curves, manner, &THEME) }.draw(area, &mut buffer, memory);
    buffer
}

fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let rows = buffer.content.chunks(width);
    let rows =
        rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_string());
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn two_curves_with_their_legend() {
    let steps: Vec<u64> = (0..=30).collect();
    let train: Vec<f64> = steps.iter().map(|s| 2.0 * (-(*s as f64) / 10.0).exp() + 0.1).collect();
    let some: Vec<u64> = vec![10, 20, 30];
    let curves = [curve(0, &steps, &train), curve(1, &some, &[1.0, 0.6, 0.5])];
    insta::assert_snapshot!(text(&draw(&curves, manner(32.0), &THEME, (48, 9), &mut Memory::default())));
    let ascii = Theme::new(Depth::Mono, false);
    insta::assert_snapshot!(text(&draw(&curves, manner(32.0), &ascii, (48, 9), &mut Memory::default())));
}

#[test]
fn a_single_point_is_seen() {
    let buffer = draw(&[curve(0, &[5], &[1.0])], manner(16.0), &THEME, (40, 9), &mut Memory::default());
    let plot: String = text(&buffer).lines().skip(1).collect();
    assert_eq!(plot.matches('●').count(), 1);
}

#[test]
fn a_spike_between_50_000_points_reaches_the_top() {
    let steps: Vec<u64> = (0..50_000).collect();
    let mut values = vec![1.0; 50_000];
    values[24_999] = 10.0;
    let buffer =
        draw(&[curve(0, &steps, &values)], manner(65_536.0), &THEME, (60, 12), &mut Memory::default());
    let top = text(&buffer).lines().nth(1).unwrap().to_string();
    assert!(top.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "{top}");
}

#[test]
fn no_line_crosses_missing_values() {
    let steps: Vec<u64> = (0..=15).collect();
    let mut values = vec![1.0; 16];
    values[15] = 2.0;
    values[5..10].fill(f64::NAN);
    let buffer = draw(&[curve(0, &steps, &values)], manner(15.0), &THEME, (39, 6), &mut Memory::default());
    let drawn = text(&buffer);
    let bottom: Vec<char> = drawn.lines().nth(4).unwrap().chars().skip(7).collect();
    assert!(bottom[8] != ' ' && bottom[13..19].iter().all(|c| *c == ' ') && bottom[23] != ' ', "{drawn}");
}

#[test]
fn lines_end_at_the_edges_of_a_window() {
    let zoomed = Manner { window: Window { start: 4.0, end: 6.0 }, ..manner(16.0) };
    let curves = [curve(0, &[0, 5, 10], &[0.0, 5.0, 10.0])];
    let buffer = draw(&curves, zoomed, &THEME, (47, 12), &mut Memory::default());
    for y in 1..11 {
        assert_eq!(buffer.content[y * 47].symbol().trim(), "", "left of the axis");
    }
    let drawn = text(&buffer);
    let dots = |row: &str| row.chars().skip(7).any(|c| ('\u{2801}'..='\u{28ff}').contains(&c));
    assert!(drawn.lines().skip(1).take(10).filter(|row| dots(row)).count() >= 3, "{drawn}");
}

#[test]
fn a_new_point_changes_few_cells() {
    let steps: Vec<u64> = (0..40_000).collect();
    let values: Vec<f64> = steps.iter().map(|s| 2.0 / (1.0 + *s as f64 / 3_000.0)).collect();
    let mut memory = Memory::default();
    let before = draw(
        &[curve(0, &steps[..39_999], &values[..39_999])],
        manner(65_536.0),
        &THEME,
        (60, 14),
        &mut memory,
    );
    let after = draw(&[curve(0, &steps, &values)], manner(65_536.0), &THEME, (60, 14), &mut memory);
    assert!(before.diff(&after).len() <= 3);
}

#[test]
fn the_memory_gives_the_same_picture_as_a_fresh_drawing() {
    let steps: Vec<u64> = (0..900).collect();
    let values: Vec<f64> = steps.iter().map(|s| ((s * s) as f64).sin()).collect();
    let smooth = Manner { smoothing: 0.8, ..manner(1024.0) };
    let mut memory = Memory::default();
    for end in [1, 300, 899] {
        draw(&[curve(0, &steps[..end], &values[..end])], smooth, &THEME, (60, 14), &mut memory);
    }
    let curves = [curve(0, &steps, &values)];
    let remembered = draw(&curves, smooth, &THEME, (60, 14), &mut memory);
    assert_eq!(remembered, draw(&curves, smooth, &THEME, (60, 14), &mut Memory::default()));
}

#[test]
fn no_size_and_no_value_panics() {
    let steps: Vec<u64> = (0..6).collect();
    let values = [f64::MAX, f64::MIN, f64::INFINITY, f64::NAN, 0.0, 1e-308];
    for (width, height) in [(0, 0), (1, 1), (9, 3), (10, 3), (11, 4), (80, 3), (12, 60)] {
        for log_y in [false, true] {
            for end in [5.0, 1e-300, 1e300] {
                let manner = Manner { log_y, smoothing: 0.5, ..manner(end) };
                let curves = [curve(0, &steps, &values), curve(1, &[], &[])];
                draw(&curves, manner, &THEME, (width, height), &mut Memory::default());
            }
        }
    }
}

fn heading(buffer: &Buffer) -> String {
    text(buffer).lines().next().unwrap_or_default().trim_end().to_string()
}

#[test]
fn the_cursor_tells_the_values_at_its_place_or_before_and_marks_them() {
    let steps: Vec<u64> = (0..=30).collect();
    let train: Vec<f64> = steps.iter().map(|s| *s as f64 / 10.0).collect();
    let curves = [curve(0, &steps, &train), curve(1, &[10, 20], &[1.5, 2.5])];
    let at = |x| draw_at(x, &curves, manner(32.0), (60, 12), &mut Memory::default());
    assert!(heading(&at(17.6)).ends_with("● train 1.7000  ◆ valid 1.5000"), "{}", heading(&at(17.6)));
    assert!(heading(&at(5.0)).ends_with("● train 0.5000  ◆ valid      -"), "{}", heading(&at(5.0)));
    let drawn = text(&at(17.0));
    assert_eq!(drawn.lines().skip(1).flat_map(str::chars).filter(|c| *c == '●').count(), 1, "{drawn}");
    let column: Vec<usize> =
        drawn.lines().skip(1).filter_map(|l| l.chars().skip(8).position(|c| "│┴".contains(c))).collect();
    assert!(column.len() >= 8 && column.iter().all(|x| *x == column[0]), "{drawn}");
    let away = text(&at(40.0));
    assert!(!away.chars().any(|c| c == '┴'), "a cursor beyond the window has no line\n{away}");
}

#[test]
fn with_smoothing_the_cursor_tells_the_raw_and_the_smoothed_value() {
    let steps: Vec<u64> = (0..2000).collect();
    let values: Vec<f64> = steps.iter().map(|s| if s % 2 == 0 { 1.0 } else { 3.0 }).collect();
    let smooth = Manner { smoothing: 0.99, ..manner(2048.0) };
    let curves = [curve(0, &steps, &values)];
    let drawn = draw_at(1500.0, &curves, smooth, (60, 12), &mut Memory::default());
    assert!(heading(&drawn).ends_with("● train 1.0000 ~1.9950"), "{}", heading(&drawn));
    let narrow = draw_at(1500.0, &curves, smooth, (25, 12), &mut Memory::default());
    assert!(
        heading(&narrow).ends_with("●  1.0000 ~1.9950") || heading(&narrow).ends_with("● 1.0000 ~1.9950"),
        "{}",
        heading(&narrow)
    );
}

#[test]
fn a_value_that_is_no_number_has_a_dash_and_no_marker() {
    let curves = [curve(0, &[0, 1, 2], &[1.0, f64::NAN, 2.0])];
    for log_y in [false, true] {
        let manner = Manner { log_y, smoothing: 0.6, ..manner(2.0) };
        let drawn = draw_at(1.0, &curves, manner, (60, 12), &mut Memory::default());
        assert!(heading(&drawn).contains("train      -"), "{}", heading(&drawn));
        assert!(!text(&drawn).lines().skip(1).any(|line| line.contains('●')));
    }
    let negative = [curve(0, &[0, 1], &[-1.0, 2.0])];
    let log = Manner { log_y: true, ..manner(2.0) };
    let drawn = draw_at(0.0, &negative, log, (60, 12), &mut Memory::default());
    assert!(heading(&drawn).contains("-1.000"), "{}", heading(&drawn));
}

#[test]
fn a_long_title_gives_way_to_the_values() {
    let curves = [curve(0, &[0, 1], &[1.0, 2.0])];
    let chart = Chart {
        title: "a_very_long_name_of_a_metric_that_someone_logged",
        ..chart(&curves, manner(2.0), &THEME)
    };
    let area = Rect::new(0, 0, 40, 9);
    let mut buffer = Buffer::empty(area);
    chart.draw(area, &mut buffer, &mut Memory::default());
    assert!(heading(&buffer).contains("…") && heading(&buffer).ends_with("2.0000"), "{}", heading(&buffer));
}

#[test]
fn moving_the_cursor_changes_two_columns_and_the_heading() {
    let steps: Vec<u64> = (0..1000).collect();
    let values: Vec<f64> = steps.iter().map(|s| (*s as f64 / 50.0).sin()).collect();
    let curves = [curve(0, &steps, &values)];
    let mut memory = Memory::default();
    let mut at = |x| draw_at(x, &curves, manner(1000.0), (60, 12), &mut memory);
    let (before, after) = (at(500.0), at(520.0));
    let columns: std::collections::BTreeSet<u16> =
        before.diff(&after).iter().filter(|(_, y, _)| *y > 0).map(|(x, ..)| *x).collect();
    assert!(columns.len() <= 2, "{columns:?}");
}

#[test]
fn labels_that_would_be_the_same_tell_the_difference() {
    let labels = |values: &[f64], unit| {
        let curves = [curve(0, &[0, 1, 2], values)];
        let area = Rect::new(0, 0, 40, 12);
        let mut buffer = Buffer::empty(area);
        Chart { unit, ..chart(&curves, manner(2.0), &THEME) }.draw(area, &mut buffer, &mut Memory::default());
        let drawn = text(&buffer);
        drawn.lines().filter_map(|line| Some(line.split_once('┤')?.0.trim().to_string())).collect::<Vec<_>>()
    };
    assert_eq!(labels(&[1_000_000.0, 1_000_020.0, 1_000_050.0], Unit::Number), ["+50", "+25", "1e6"]);
    assert_eq!(labels(&[1200.0, 1230.0, 1250.0], Unit::Bytes), ["+82B", "+41B", "1.2KiB"]);
    assert_eq!(labels(&[0.0, 1.0, 2.0], Unit::Number), ["2", "1", "0"]);
}
