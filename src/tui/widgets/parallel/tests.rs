use super::*;
use crate::search::Values;
use crate::tui::output::Output;
use crate::tui::screens::lines as text_of;
use ratatui::Terminal;
use ratatui::layout::Size;
use toml::Value;

const COLOURS: Theme = Theme::new(Depth::Palette, true);
const MONO: Theme = Theme::new(Depth::Mono, true);
const ASCII: Theme = Theme::new(Depth::Mono, false);

fn row(point: Vec<Option<Value>>, mean: Option<f64>) -> TrialRow {
    TrialRow { point, runs: Vec::new(), mean, interval: None, is_complete: true }
}

fn list(field: &str, values: &[Value]) -> Axis {
    Axis { field: field.into(), values: Values::List(values.to_vec()) }
}

fn range(field: &str, min: f64, max: f64, is_log: bool) -> Axis {
    Axis { field: field.into(), values: Values::Range { min, max, is_log, is_whole: false, points: None } }
}

/// The next of a row of numbers that look like chance.
fn chance(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1u64 << 53) as f64
}

/// A search of eleven axes of every kind, best first.
fn search(points: usize) -> (Vec<Axis>, Vec<TrialRow>) {
    let words = |words: &[&str]| words.iter().map(|word| Value::String((*word).into())).collect::<Vec<_>>();
    let axes = vec![
        range("train.learning_rate", 1e-4, 1e-1, true),
        list("train.batch_size", &[8, 16, 32, 64].map(Value::Integer)),
        list("train.optimizer", &words(&["sgd", "adam", "adamw"])),
        list("model.batch_norm", &[false, true].map(Value::Boolean)),
        list("train.early_stopping.patience", &[5, 10, 15].map(Value::Integer)),
        range("model.fc_dropout", 0.0, 0.8, false),
        list("model.depth", &[4, 5, 6].map(Value::Integer)),
        list("augment.flip", &[0.0, 0.5].map(Value::Float)),
        range("train.weight_decay", 1e-6, 1e-2, true),
        list("train.momentum", &[0.8, 0.9, 0.95].map(Value::Float)),
        list("model.width", &[32, 64].map(Value::Integer)),
    ];
    let mut seed = 7;
    let mut rows: Vec<TrialRow> = (0..points)
        .map(|i| {
            let shares: Vec<f64> = axes.iter().map(|_| chance(&mut seed)).collect();
            let value = |(axis, share): (&Axis, &f64)| match &axis.values {
                Values::List(list) => list[(share * list.len() as f64) as usize].clone(),
                Values::Range { min, max, is_log: true, .. } => {
                    Value::Float(10f64.powf(min.log10() + share * (max.log10() - min.log10())))
                }
                Values::Range { min, max, .. } => Value::Float(min + share * (max - min)),
            };
            let mut point: Vec<_> = axes.iter().zip(&shares).map(value).map(Some).collect();
            if i % 5 == 0 {
                point[4] = None;
            }
            row(point, Some(0.8 - 0.3 * (shares[0] - 0.6).abs() - 0.1 * shares[1]))
        })
        .collect();
    rows.sort_by(|a, b| b.mean.partial_cmp(&a.mean).unwrap());
    (axes, rows)
}

fn draw_on(area: Rect, parallel: &Parallel) -> Buffer {
    let mut buffer = Buffer::empty(area);
    parallel.draw(area, &mut buffer);
    buffer
}

fn parallel<'a>(
    (axes, rows): &'a (Vec<Axis>, Vec<TrialRow>),
    order: &'a [usize],
    chosen: Option<usize>,
    theme: &'a Theme,
) -> Parallel<'a> {
    Parallel { axes, order, rows, metric: MonitoredMetric::ValidAccuracy, chosen, theme }
}

const ALL: [usize; 11] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

#[test]
fn points_over_their_axes() {
    let search = search(60);
    for (width, height) in [(80, 14), (120, 20), (220, 30)] {
        let area = Rect::new(0, 0, width, height);
        let picture = text_of(&draw_on(area, &parallel(&search, &ALL, Some(3), &COLOURS)));
        insta::assert_snapshot!(format!("parallel_{width}x{height}"), picture);
    }
    let area = Rect::new(0, 0, 100, 16);
    let picture = text_of(&draw_on(area, &parallel(&search, &ALL, Some(3), &ASCII)));
    assert!(picture.is_ascii(), "{picture}");
    insta::assert_snapshot!("parallel_ascii", picture);
}

/// The one line of a search of one point goes from tick to tick.
#[test]
fn the_line_of_a_point_passes_its_ticks() {
    let axes = vec![
        list("a", &[1, 2, 3].map(Value::Integer)),
        list("b", &[1, 2, 3].map(Value::Integer)),
        range("c", 0.0, 10.0, false),
    ];
    let area = Rect::new(0, 0, 80, 12);
    let plot = 1..11u16;
    let last = f64::from(plot.end - 1 - plot.start);
    for (values, heights) in
        [([1, 2, 10], [0.0, 0.5, 1.0]), ([3, 3, 0], [1.0, 1.0, 0.0]), ([2, 1, 5], [0.5, 0.0, 0.5])]
    {
        let rows = vec![row(values.map(|x| Some(Value::Integer(x))).to_vec(), Some(0.5))];
        let search = (axes.clone(), rows);
        let parallel = parallel(&search, &[0, 1, 2], None, &COLOURS);
        let buffer = draw_on(area, &parallel);
        let lines = parallel.lines(area, &parallel.drawn());
        for (line, height) in lines.iter().zip(heights).skip(1) {
            let y = plot.start as f64 + (1.0 - height) * last;
            // The cell before the axis is free of labels.
            let cells = [y.floor(), y.ceil()].map(|y| buffer[(line.x - 1, y as u16)].symbol().to_string());
            let is_dots = |cell: &String| cell.chars().all(|c| ('\u{2801}'..='\u{28ff}').contains(&c));
            assert!(cells.iter().any(is_dots), "{values:?} at {}:\n{}", line.x, text_of(&buffer));
        }
        // And nowhere else: a column before an axis holds one point's line only.
        let x = lines[2].x - 1;
        let filled = plot.clone().filter(|y| buffer[(x, *y)].symbol() != " ").count();
        assert!(filled <= 2, "{}", text_of(&buffer));
    }
}

#[test]
fn the_best_lies_on_top_and_the_chosen_one_on_all() {
    let axes = vec![list("a", &[1, 2].map(Value::Integer))];
    let mean = |i: usize| Some(1.0 - i as f64 / 10.0);
    let rows = (0..5).map(|i| row(vec![Some(Value::Integer(1 + i as i64 % 2))], mean(i))).collect();
    let search = (axes, rows);
    let area = Rect::new(0, 0, 60, 12);
    let styles = |chosen| {
        let buffer = draw_on(area, &parallel(&search, &[0], chosen, &COLOURS));
        let cells = buffer
            .content()
            .iter()
            .filter(|cell| ('\u{2801}'..='\u{28ff}').contains(&cell.symbol().chars().next().unwrap()));
        cells.map(|cell| cell.style()).collect::<Vec<_>>()
    };
    let style = |rank| COLOURS.style(Role::Rank(rank)).fg;
    let plain = styles(None);
    for rank in [0, 1, 2] {
        assert!(plain.iter().any(|cell| cell.fg == style(rank)), "{rank} is seen");
    }
    let bold = ratatui::style::Modifier::BOLD;
    assert!(plain.iter().all(|cell| !cell.add_modifier.contains(bold)));
    let chosen = styles(Some(4));
    assert!(chosen.iter().filter(|cell| cell.add_modifier.contains(bold)).count() >= 20);
}

#[test]
fn points_of_one_value_look_alike() {
    let axes = vec![list("a", &[1, 2, 3].map(Value::Integer))];
    let rows = (0..9).map(|i| row(vec![Some(Value::Integer(1 + i % 3))], Some(0.5))).collect();
    let search = (axes, rows);
    let parallel = parallel(&search, &[0], None, &COLOURS);
    assert_eq!(parallel.pens(&parallel.drawn()), [0; 9]);
    let picture = text_of(&draw_on(Rect::new(0, 0, 60, 12), &parallel));
    assert!(picture.contains("├50.0 %") && picture.contains("9 points"), "{picture}");
}

#[test]
fn of_a_thousand_points_the_best_are_drawn_and_the_caption_says_so() {
    let search = search(1000);
    let picture = |width, chosen| {
        text_of(&draw_on(Rect::new(0, 0, width, 20), &parallel(&search, &ALL, chosen, &COLOURS)))
    };
    let wide = picture(220, None);
    assert!(wide.contains("the best 200 of 1,000 points") && !wide.contains("no room"), "{wide}");
    let narrow = picture(80, None);
    assert!(narrow.contains("6 axes have no room"), "{narrow}");
    // One far down is drawn where it is chosen.
    assert_ne!(picture(220, Some(900)), wide);
    let mono = text_of(&draw_on(Rect::new(0, 0, 120, 20), &parallel(&search, &ALL, None, &MONO)));
    assert!(mono.contains("the best 10 are strong"), "{mono}");
}

#[test]
fn points_without_a_value_are_counted() {
    let mut search = search(4);
    for i in 1..4 {
        search.1[i].mean = [None, Some(f64::NAN), Some(f64::INFINITY)][i - 1];
    }
    let area = Rect::new(0, 0, 100, 14);
    let picture = text_of(&draw_on(area, &parallel(&search, &ALL, Some(1), &COLOURS)));
    assert!(picture.contains("1 point, 3 without a value"), "{picture}");
    search.1[0].mean = None;
    let picture = text_of(&draw_on(area, &parallel(&search, &ALL, Some(1), &COLOURS)));
    assert!(picture.contains("no point has a value yet"), "{picture}");
}

#[test]
fn no_size_and_no_search_panics() {
    let hostile = |i: usize| {
        let text = ["a\u{1b}[2J", "表情".repeat(300).as_str(), "\u{202e}x", ""][i % 4].to_string();
        (list(&text, &[Value::String(text.clone()), Value::Float(f64::NAN)]), Value::String(text))
    };
    let (axes, values): (Vec<_>, Vec<_>) = (0..4).map(hostile).unzip();
    let odd = row(values.into_iter().map(Some).collect(), Some(0.1));
    let searches = [
        search(30),
        (Vec::new(), Vec::new()),
        (Vec::new(), vec![row(Vec::new(), Some(0.5))]),
        (vec![list("a", &[])], vec![row(vec![None], Some(0.5))]),
        (
            vec![range("a", f64::NAN, 1.0, true), range("b", 2.0, 1.0, false)],
            vec![row(vec![], Some(1.0)), row(vec![None, Some(Value::Integer(i64::MAX))], None)],
        ),
        (axes, vec![odd]),
    ];
    for search in &searches {
        for theme in [&COLOURS, &ASCII] {
            for width in (0..40).chain([79, 80, 120, 220]) {
                for height in [0, 1, 2, 3, 4, 5, 9, 30] {
                    for chosen in [None, Some(0), Some(99)] {
                        let area = Rect::new(3, 2, width, height);
                        let mut buffer = Buffer::empty(Rect::new(0, 0, 130, 30));
                        parallel(search, &ALL, chosen, theme).draw(area, &mut buffer);
                        let picture = text_of(&buffer);
                        assert!(!picture.contains('\u{1b}') && !picture.contains('\u{202e}'));
                    }
                }
            }
        }
    }
}

/// Only cells under the line that was chosen, and under the one that is, are sent again.
#[test]
fn another_chosen_point_costs_a_part_of_the_pane() {
    let search = search(1000);
    let (width, height) = (160, 40);
    let output = Output::new(Vec::new(), Size { width, height });
    let mut terminal = Terminal::new(output).unwrap();
    let mut bytes = |chosen| {
        let before = terminal.backend().written();
        let draw = |frame: &mut ratatui::Frame| {
            parallel(&search, &ALL, chosen, &COLOURS).draw(frame.area(), frame.buffer_mut());
        };
        terminal.draw(draw).unwrap();
        terminal.backend().written() - before
    };
    let whole = bytes(Some(0));
    assert_eq!(bytes(Some(0)), 0);
    let moves: Vec<u64> = (1..40).map(|i| bytes(Some(i))).collect();
    let mean = moves.iter().sum::<u64>() / moves.len() as u64;
    println!("whole {whole}, mean of a move {mean}");
    assert!(whole < 40_000 && mean < whole / 3, "{whole}, then {moves:?}");
}

/// What is written over a dim line is not dim itself.
#[test]
fn a_label_looks_the_same_whatever_lines_run_below_it() {
    let search = search(200);
    let parallel = parallel(&search, &ALL, Some(3), &MONO);
    let buffer = draw_on(Rect::new(0, 0, 120, 14), &parallel);
    let is_both = |cell: &&ratatui::buffer::Cell| {
        cell.modifier.contains(ratatui::style::Modifier::BOLD | ratatui::style::Modifier::DIM)
    };
    let both: String = buffer.content.iter().filter(is_both).map(|cell| cell.symbol()).collect();
    assert_eq!(both, "");
}
