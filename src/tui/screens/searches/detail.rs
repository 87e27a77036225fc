//! The chosen point: its values, and each of its runs.

use super::table::sign;
use crate::data::printable;
use crate::search::{Overview, RunSeen, TrialRow, interval_text, metric_name, metric_text, value_text};
use crate::tui::state::State;
use crate::tui::state::searches::{Standing, metric_words};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// From so many columns on the runs have all their columns.
const WIDE: u16 = 56;
/// Rows that the reason of a failed run may take.
const MOST_REASON: u16 = 3;

pub(super) fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let searches = &state.searches;
    let (Some(overview), Some(index), Some(row)) =
        (searches.overview(), searches.chosen_index(), searches.chosen_row())
    else {
        return;
    };
    let chosen = searches.chosen_run().map(|run| run.number);
    let mut rest = Rect { y: area.y, ..area };
    let line = |rest: &Rect| Rect { height: 1.min(rest.height), ..*rest };
    let heading = heading(overview, index, row);
    text::put_words(buffer, line(&rest), &heading, theme);
    skip(&mut rest, 1);
    // The runs come first where there is little room: they say what went wrong.
    let values = values(overview, row);
    let gaps = u16::from(rest.height >= 12);
    skip(&mut rest, gaps);
    draw_runs(buffer, &mut rest, overview, row, chosen, theme);
    skip(&mut rest, gaps);
    let longest = values.iter().map(|(field, _)| field.width()).max().unwrap_or(0);
    let width = u16::try_from(longest).unwrap_or(u16::MAX).min(rest.width * 3 / 5);
    for (field, value) in values {
        if rest.height == 0 {
            break;
        }
        text::put(buffer, (rest.x, rest.y), width, &field, theme.style(Role::Quiet), theme);
        let x = rest.x + width + 2;
        text::put(
            buffer,
            (x, rest.y),
            rest.right().saturating_sub(x),
            &value,
            theme.style(Role::Text),
            theme,
        );
        skip(&mut rest, 1);
    }
}

fn skip(rest: &mut Rect, rows: u16) {
    let rows = rows.min(rest.height);
    rest.y += rows;
    rest.height -= rows;
}

fn heading(overview: &Overview, index: usize, row: &TrialRow) -> Vec<(String, Role)> {
    let rank = match row.mean {
        Some(_) => format!("rank {}", index + 1),
        None => "not ranked yet".into(),
    };
    let metric = overview.summary.metric;
    let mean = match row.mean {
        Some(mean) => format!("{} {}", metric_name(metric), metric_text(metric, mean)),
        None => String::new(),
    };
    let values = row.runs.iter().filter(|run| run.value.is_some()).count();
    let of = match row.interval {
        Some(interval) => format!("{} (95 % over {values} seeds)", interval_text(metric, interval)),
        None if values == 1 => "one seed".into(),
        None => String::new(),
    };
    let part = if row.mean.is_some() && !row.is_complete { "not complete" } else { "" };
    vec![(rank, Role::Strong), (mean, Role::Text), (of, Role::Quiet), (part.into(), Role::Warning)]
}

/// Every axis by its whole name, with its value; a number with all its figures.
fn values(overview: &Overview, row: &TrialRow) -> Vec<(String, String)> {
    let axes = overview.axes.iter().zip(&row.point);
    axes.map(|(axis, value)| {
        let words = value.as_ref().map_or("means nothing here".into(), value_text);
        (printable(&axis.field).into_owned(), words)
    })
    .collect()
}

fn draw_runs(
    buffer: &mut Buffer,
    rest: &mut Rect,
    overview: &Overview,
    row: &TrialRow,
    chosen: Option<u64>,
    theme: &Theme,
) {
    let several = row.runs.len() > 1;
    let heads = ["", "run", "seed", "state", "epoch", "best", "(test)"].map(String::from);
    put_run(buffer, *rest, &heads, [Role::Quiet; 7], theme);
    skip(rest, 1);
    for run in &row.runs {
        if rest.height == 0 {
            return;
        }
        if several && Some(run.number) == chosen {
            text::put(buffer, (rest.x, rest.y), 1, theme.symbols.chosen, theme.style(Role::Accent), theme);
        }
        let (sign, role) = sign(run, theme);
        let roles = [role, Role::Text, Role::Quiet, role, Role::Quiet, Role::Text, Role::Faint];
        put_run(buffer, *rest, &cells(run, sign, overview), roles, theme);
        skip(rest, 1);
        let Some(reason) = &run.reason else { continue };
        let height = MOST_REASON.min(rest.height);
        let place = Rect { x: rest.x + 4, width: rest.width.saturating_sub(4), height, ..*rest };
        let most = usize::from(place.width) * usize::from(height);
        let lines = text::wrapped(&text::fit(reason, most, theme), place.width.into());
        text::put_wrapped(buffer, place, reason, role, theme);
        skip(rest, (lines.len() as u16).min(height));
    }
}

fn cells(run: &RunSeen, sign: &str, overview: &Overview) -> [String; 7] {
    let epoch = match (run.epoch, run.epochs) {
        (0, 0) => "-".into(),
        (epoch, 0) => epoch.to_string(),
        (epoch, epochs) => format!("{epoch}/{epochs}"),
    };
    [
        sign.into(),
        run.number.to_string(),
        run.seed.to_string(),
        Standing::of(run).name().into(),
        epoch,
        metric_words(overview.summary.metric, run.value),
        run.test_accuracy.map_or("-".into(), text::percent),
    ]
}

fn put_run(buffer: &mut Buffer, row: Rect, cells: &[String; 7], roles: [Role; 7], theme: &Theme) {
    if row.height == 0 {
        return;
    }
    let seed = if row.width >= WIDE { 10 } else { 6 };
    let widths = [1, 5, seed, 10, 8, 9, 7];
    let mut x = row.x + 2;
    for (i, ((cell, role), width)) in cells.iter().zip(roles).zip(widths).enumerate() {
        if x + width > row.right() {
            return;
        }
        match i {
            0 | 3 => text::put(buffer, (x, row.y), width, cell, theme.style(role), theme),
            _ => text::put_right(buffer, (x, row.y), width, cell, theme.style(role), theme),
        }
        x += width + 1;
    }
}
