//! What is measured of two runs, side by side.

use super::Layout;
use crate::emotion::Emotion;
use crate::evaluate::{Comparison, Interval, PairedMetric};
use crate::tui::state::compare::{Compare, Found};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The three metrics of both, with their intervals as far as there is room.
pub(super) fn metrics(
    buffer: &mut Buffer,
    area: Rect,
    layout: &Layout,
    comparison: &Comparison,
    theme: &Theme,
) {
    let wide = area.width >= 88;
    let intervals = area.width >= 68;
    let name = if wide { 19 } else { 10 };
    let value: u16 = if intervals { 20 } else { 9 };
    let x = area.x + 1;
    let at = |column: u16| x + name + value * column;
    let (text_style, quiet) = (theme.style(Role::Text), theme.style(Role::Quiet));
    if layout.head.is_some() {
        let heads = ["A", "B", "B - A"].into_iter().zip(0..);
        for (head, column) in heads {
            let head = if intervals && column < 2 { format!("{head}       95 %") } else { head.into() };
            text::put(buffer, (at(column) + 1, layout.metrics - 1), value, &head, quiet, theme);
        }
    }
    for ((label, metric), y) in comparison.metrics().into_iter().zip(layout.metrics..) {
        let label = if wide { label } else { label.trim_end_matches(" accuracy") };
        text::put(buffer, (x, y), name, label, text_style, theme);
        let PairedMetric { a, a_interval, b, b_interval, difference, difference_interval } = metric;
        for (value, interval, column) in [(a, a_interval, 0), (b, b_interval, 1)] {
            let percent = value.map_or("-".into(), text::percent);
            text::put_right(buffer, (at(column), y), 7, &percent, text_style, theme);
            if let (Some(Interval(low, high)), true) = (interval, intervals) {
                let between = format!("{:.1}-{:.1}", low * 100.0, high * 100.0);
                text::put(buffer, (at(column) + 8, y), 11, &between, quiet, theme);
            }
        }
        let points = |share: f64| format!("{:+.1}", share * 100.0);
        let words = difference.map_or("-".into(), points);
        text::put_right(buffer, (at(2), y), 6, &words, theme.style(Role::Strong), theme);
        if let Some(Interval(low, high)) = difference_interval {
            let between = format!("95 %: {} to {}", points(low), points(high));
            let room = area.right().saturating_sub(at(2) + 8);
            let between = if room < 22 { between.replace("95 %: ", "") } else { between };
            text::put(buffer, (at(2) + 8, y), room, &between, quiet, theme);
        }
    }
}

/// Recall and F1 of every class of both runs, a row each below a head.
pub(super) fn classes(buffer: &mut Buffer, area: Rect, comparison: &Comparison, theme: &Theme) {
    const HEADS: [&str; 6] = ["recall A", "B", "B - A", "F1 A", "B", "B - A"];
    const WIDTH: u16 = 8;
    let quiet = theme.style(Role::Quiet);
    let at = |column: usize| area.x + 9 + WIDTH * column as u16;
    for (column, head) in HEADS.into_iter().enumerate() {
        text::put_right(buffer, (at(column), area.y), WIDTH, head, quiet, theme);
    }
    let [a, b] = &comparison.confusions;
    for (emotion, y) in Emotion::ALL.into_iter().zip(area.y + 1..area.bottom()) {
        text::put(buffer, (area.x, y), 9, emotion.name(), theme.style(Role::Text), theme);
        let pairs = [[a.recall(emotion), b.recall(emotion)], [a.f1(emotion), b.f1(emotion)]];
        for (i, [of_a, of_b]) in pairs.into_iter().enumerate() {
            let share =
                |value: Option<f64>| value.map_or("-".into(), |value| format!("{:.1}", value * 100.0));
            let difference = of_a.zip(of_b).map(|(a, b)| b - a);
            let points = difference.map_or("-".into(), |share| format!("{:+.1}", share * 100.0));
            let role = match difference {
                Some(by) if by > 0.0 => Role::Good,
                Some(by) if by < 0.0 => Role::Bad,
                _ => Role::Quiet,
            };
            for (j, (words, role)) in
                [(share(of_a), Role::Text), (share(of_b), Role::Text), (points, role)].into_iter().enumerate()
            {
                text::put_right(buffer, (at(3 * i + j), y), WIDTH, &words, theme.style(role), theme);
            }
        }
    }
}

/// What differs in the configs; what tells runs apart anyway is quiet.
pub(super) fn config(
    buffer: &mut Buffer,
    (head, area): (Option<u16>, Rect),
    found: &Found,
    compare: &Compare,
    theme: &Theme,
) {
    let differences = match &found.differences {
        Ok(differences) => differences,
        Err(why) => return text::put_wrapped(buffer, area, why, Role::Text, theme),
    };
    if differences.is_empty() {
        let words = "the two runs have the same config";
        text::put(buffer, (area.x, area.y), area.width, words, theme.style(Role::Quiet), theme);
    }
    let name = (area.width / 2).min(32);
    let value = (area.width - name) / 2;
    let at = |column: u16| area.x + 1 + name + value * column;
    if let Some(y) = head.filter(|_| !differences.is_empty()) {
        for (x, words) in [(area.x + 1, "field"), (at(0), "A"), (at(1), "B")] {
            text::put(buffer, (x, y), 6, words, theme.style(Role::Quiet), theme);
        }
    }
    for ((i, row), y) in differences.iter().enumerate().skip(compare.top).zip(area.y..area.bottom()) {
        if i == compare.chosen {
            text::put(buffer, (area.x - 1, y), 1, theme.symbols.chosen, theme.style(Role::Accent), theme);
        }
        let style = theme.style(if row.is_identity() { Role::Quiet } else { Role::Text });
        text::put(buffer, (area.x + 1, y), name - 1, &row.field, style, theme);
        for (x, shown) in [(at(0), &row.this), (at(1), &row.other)] {
            text::put(buffer, (x, y), value - 1, shown.as_deref().unwrap_or("-"), style, theme);
        }
    }
}
