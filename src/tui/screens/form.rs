//! The form for a new run.

use crate::run::printable;
use crate::tui::state::{Field, Form, TextLine};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{panel, text};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::{Paragraph, Widget, Wrap};

const LABEL: u16 = 9;

/// Draws the form and gives the place of the cursor.
pub fn draw(buffer: &mut Buffer, area: Rect, form: &Form, theme: &Theme) -> Option<Position> {
    let files = u16::try_from(form.listed()).unwrap_or(u16::MAX).clamp(3, 12);
    let size = (area.width.min(92).saturating_sub(2), area.height.min(files + 9));
    let inside = panel::panel(buffer, area, size, "new run", theme);
    if inside.height < 10 {
        return None;
    }
    let row = |y: u16| Rect { y: inside.y + y, height: 1, ..inside };
    let config = field(buffer, row(0), "config", &form.query, form.field == Field::Config, theme);
    let list = Rect { y: inside.y + 1, height: inside.height - 7, ..inside };
    draw_files(buffer, list, form, theme);
    let bottom = inside.height;
    let sets = field(buffer, row(bottom - 5), "changes", &form.sets, form.field == Field::Sets, theme);
    let hint = "as in: train.epochs=20 train.device=cpu";
    let at = (inside.x + LABEL, inside.y + bottom - 4);
    text::put(buffer, at, inside.width - LABEL, hint, theme.style(Role::Quiet), theme);
    let message = Rect { y: inside.y + bottom - 3, height: 3, ..inside };
    match (&form.error, form.starting) {
        (_, true) => text::put(
            buffer,
            (message.x, message.y),
            message.width,
            "starting",
            theme.style(Role::Quiet),
            theme,
        ),
        (Some(error), _) => {
            Paragraph::new(text::fit(error, usize::from(message.width) * 3 - 20, theme).into_owned())
                .wrap(Wrap { trim: true })
                .style(theme.style(Role::Bad))
                .render(message, buffer)
        }
        (None, false) => {
            let config = form.config().map(|path| printable(&path.display().to_string()).into_owned());
            let sentence = match config {
                Some(config) if form.field == Field::Sets => format!("Enter starts {config}"),
                Some(config) => format!("Enter takes {config}"),
                None => String::new(),
            };
            text::put(
                buffer,
                (message.x, message.y),
                message.width,
                &sentence,
                theme.style(Role::Quiet),
                theme,
            );
        }
    }
    match form.field {
        Field::Config => config,
        Field::Sets => sets,
    }
}

fn field(
    buffer: &mut Buffer,
    row: Rect,
    label: &str,
    line: &TextLine,
    focused: bool,
    theme: &Theme,
) -> Option<Position> {
    let role = if focused { Role::Accent } else { Role::Quiet };
    text::put(buffer, (row.x, row.y), LABEL, label, theme.style(role), theme);
    let width = row.width.checked_sub(LABEL + 1)?;
    let (shown, cursor) = line.view(width.into());
    text::put(buffer, (row.x + LABEL, row.y), width, shown, theme.style(Role::Text), theme);
    Some(Position { x: row.x + LABEL + cursor, y: row.y })
}

fn draw_files(buffer: &mut Buffer, area: Rect, form: &Form, theme: &Theme) {
    let shown = form.shown();
    let height = usize::from(area.height);
    let at = (area.x + LABEL, area.y);
    let width = area.width.saturating_sub(LABEL);
    if shown.is_empty() {
        let typed = !form.query.text().trim().is_empty();
        let sentence = match (form.is_listed(), typed) {
            (false, _) => "",
            (true, true) => "no config listed here has this in its name: taken as a path",
            (true, false) => "no .toml files in configs/ or here: type the path of one",
        };
        text::put(buffer, at, width, sentence, theme.style(Role::Quiet), theme);
        return;
    }
    let top = form.position().saturating_sub(height / 2).min(shown.len().saturating_sub(height));
    for (i, path) in shown.iter().enumerate().skip(top).take(height) {
        let y = area.y + (i - top) as u16;
        let chosen = i == form.position();
        let role = if chosen { Role::Strong } else { Role::Text };
        if chosen {
            text::put(buffer, (at.0 - 2, y), 1, theme.symbols.chosen, theme.style(Role::Accent), theme);
        }
        let path = path.display().to_string();
        text::put(buffer, (at.0, y), width, &printable(&path), theme.style(role), theme);
    }
}
