//! What is measured over all classes.

use crate::evaluate::{Evaluation, Interval};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The overall metrics: with room a line each, else in two lines.
pub(super) fn metrics(buffer: &mut Buffer, area: Rect, evaluation: &Evaluation, theme: &Theme) {
    let intervals = &evaluation.intervals;
    let metrics = [
        ("accuracy", evaluation.accuracy, intervals.accuracy),
        ("balanced accuracy", evaluation.balanced_accuracy, intervals.balanced_accuracy),
        ("macro F1", evaluation.macro_f1, intervals.macro_f1),
    ];
    let percent = |value: Option<f64>| value.map_or("-".into(), text::percent);
    let number = |value: Option<f64>| value.map_or("-".into(), |value| format!("{value:.3}"));
    let (ece, nll) = (percent(evaluation.ece), number(evaluation.nll));
    let line = |y: u16| Rect { y: area.y + y, height: 1, ..area };
    if area.height >= 6 {
        for ((name, value, interval), y) in metrics.into_iter().zip(1..) {
            let between = interval.map_or(String::new(), |Interval(low, high)| {
                format!("95 %: {:.1} to {:.1}", low * 100.0, high * 100.0)
            });
            let row = line(y);
            let words = format!("{name:<20}{:>8}   ", percent(value));
            text::put(buffer, (row.x, row.y), row.width, &words, theme.style(Role::Text), theme);
            let x = row.x + words.len() as u16;
            text::put(buffer, (x, row.y), row.width, &between, theme.style(Role::Quiet), theme);
        }
        let brier = number(evaluation.brier);
        let words = format!("{:<20}{ece:>8}   NLL {nll}, Brier {brier}", "ECE");
        text::put(buffer, (area.x, area.y + 4), area.width, &words, theme.style(Role::Text), theme);
        return;
    }
    let words = metrics.map(|(name, value, interval)| {
        let name = name.trim_end_matches(" accuracy");
        let between = interval
            .map_or(String::new(), |Interval(low, high)| format!(" {:.1}-{:.1}", low * 100.0, high * 100.0));
        (format!("{name} {}{between}", percent(value)), Role::Text)
    });
    let [accuracy, balanced, f1] = words;
    let rest = [f1, (format!("ECE {ece}"), Role::Text), (format!("NLL {nll}"), Role::Text)];
    let top = u16::from(area.height >= 4);
    let words = [accuracy, balanced, ("intervals of 95 %".into(), Role::Quiet)];
    text::put_words(buffer, line(top), &words, theme);
    text::put_words(buffer, line(top + 1), &rest, theme);
}
