//! The form for a new search: a file is chosen, and what it asks for is shown before it is begun.

use crate::data::{printable, shown};
use crate::search::{EngineKind, MAX_RUNS, SearchState};
use crate::tui::screens::launch::{ChooserWords, draw_chooser};
use crate::tui::state::State;
use crate::tui::state::launch::command_lines;
use crate::tui::state::searches::new::{NewSearch, Page};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr;

/// Rows above the form: the header, and two for what is wrong with the whole.
const ABOVE: u16 = 3;
/// Columns of a line's name.
const NAME: usize = 12;
const LONGEST_AXIS: usize = 34;

const WORDS: ChooserWords = ChooserWords {
    label: "search",
    listed: "type a part of the name, or the path of another search",
    unknown: "no search listed here has this in its name: taken as a path",
    none: "no search in configs/searches/ or here: type the path of one",
};

/// A line of the form: its name, what it says, and how.
pub struct Line {
    name: &'static str,
    text: String,
    role: Role,
}

/// Lines in view on a terminal of `size`.
pub fn rows(size: (u16, u16)) -> u16 {
    size.1.saturating_sub(ABOVE + 1).max(1)
}

/// Draws into `area`, the whole terminal but its last row, and gives the place of the cursor where there is one.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) -> Option<Position> {
    let form = &state.new_search;
    text::put(buffer, (area.x + 1, area.y), 4, "mien", theme.style(Role::Accent), theme);
    text::put(buffer, (area.x + 7, area.y), 10, "new search", theme.style(Role::Strong), theme);
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let note = Rect { y: area.y + 1, height: 2, ..inner };
    match (&form.problem, form.starting) {
        (_, true) => {
            let sentence = "beginning; pictures that are not packed yet are packed first";
            text::put_wrapped(buffer, note, sentence, Role::Accent, theme);
        }
        (Some(problem), _) => text::put_wrapped(buffer, note, problem, Role::Bad, theme),
        (None, false) => {}
    }
    let body = Rect { y: area.y + ABOVE, height: area.height.saturating_sub(ABOVE), ..inner };
    if let Some(chooser) = &form.chooser {
        if chooser.error.is_none() && form.opening().is_some() {
            text::put_wrapped(buffer, note, "reading the search", Role::Quiet, theme);
        }
        let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..inner };
        return Some(draw_chooser(buffer, body, chooser, &WORDS, theme));
    }
    let page = form.page()?;
    let path = shown(&page.path).to_string();
    let width = area.width.saturating_sub(20);
    text::put(buffer, (area.x + 19, area.y), width, &path, theme.style(Role::Quiet), theme);
    let lines = lines(form, state.size.0);
    for (line, y) in lines.iter().skip(form.top).zip(body.y..body.bottom()) {
        text::put(buffer, (body.x, y), NAME as u16, line.name, theme.style(Role::Quiet), theme);
        let at = (body.x + NAME as u16, y);
        let width = body.width.saturating_sub(NAME as u16);
        text::put(buffer, at, width, &line.text, theme.style(line.role), theme);
    }
    let below = lines.len().saturating_sub(form.top + usize::from(body.height));
    if below > 0 {
        let more = format!("j: {below} more");
        let y = body.bottom().saturating_sub(1);
        let blank = " ".repeat(more.width() + 1);
        text::put_right(buffer, (body.x, y), body.width, &blank, theme.style(Role::Text), theme);
        text::put_right(buffer, (body.x, y), body.width, &more, theme.style(Role::Accent), theme);
    }
    None
}

/// What the form says on a terminal of so many columns.
pub fn lines(form: &NewSearch, columns: u16) -> Vec<Line> {
    let Some(page) = form.page() else { return Vec::new() };
    let width = usize::from(columns).saturating_sub(NAME + 2).max(8);
    let mut lines = Vec::new();
    let mut say = |name: &'static str, text: &str, role| {
        let rows = text::wrapped(text, width);
        let named = rows.into_iter().enumerate().map(|(i, text)| (if i == 0 { name } else { "" }, text));
        lines.extend(named.map(|(name, text)| Line { name, text, role }));
    };
    say("name", &page.name, Role::Strong);
    say("base", &format!("{} on {}", page.network, page.data), Role::Text);
    say("sampler", &page.sampler, Role::Text);
    say("metric", page.metric, Role::Text);
    say("runs", &runs(page), Role::Strong);
    if page.runs > MAX_RUNS {
        let most = text::grouped(MAX_RUNS as usize);
        say("", &format!("more than {most} are begun with mien search --max-runs only"), Role::Warning);
    }
    // A name of a file may be thousands of letters long.
    let names: Vec<String> = page.axes.iter().map(|(axis, _)| beginning(axis, LONGEST_AXIS)).collect();
    let column = names.iter().map(|name| name.width()).max().unwrap_or(0).min(width / 2);
    for (i, (axis, (_, values))) in names.iter().zip(&page.axes).enumerate() {
        let name = if i == 0 { "axes" } else { "" };
        let pad = " ".repeat(column.saturating_sub(axis.width()));
        lines.push(Line { name, text: format!("{axis}{pad}  {values}"), role: Role::Text });
    }
    let mut say = |name: &'static str, text: &str, role| {
        let rows = text::wrapped(text, width);
        let named = rows.into_iter().enumerate().map(|(i, text)| (if i == 0 { name } else { "" }, text));
        lines.extend(named.map(|(name, text)| Line { name, text, role }));
    };
    for (i, condition) in page.conditions.iter().enumerate() {
        say(if i == 0 { "conditions" } else { "" }, condition, Role::Text);
    }
    let engine = match form.engine() {
        EngineKind::Local => "[this machine]  Slurm",
        EngineKind::Slurm => "this machine  [Slurm]",
    };
    say("trained on", engine, Role::Strong);
    say("", if form.engine() == EngineKind::Local { &page.local } else { &page.slurm }, Role::Text);
    say("takes", &takes(page, form.engine()), Role::Text);
    say("", "", Role::Text);
    let (note, role) = outlook(page);
    say("", &note, role);
    let command = command(page, form.engine());
    for (i, line) in command_lines(&command, width).into_iter().enumerate() {
        let name = if i == 0 { "the same as" } else { "" };
        lines.push(Line { name, text: printable(&line).into_owned(), role: Role::Quiet });
    }
    lines
}

fn beginning(text: &str, letters: usize) -> String {
    text.chars().take(letters).collect()
}

fn runs(page: &Page) -> String {
    let count = |count: u64, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{} {what}s", text::grouped(usize::try_from(count).unwrap_or(usize::MAX))),
    };
    let seeds: Vec<String> = page.seeds.iter().take(8).map(u64::to_string).collect();
    let more = if page.seeds.len() > 8 { ", .." } else { "" };
    let with = if page.seeds.len() == 1 { "seed" } else { "the seeds" };
    format!(
        "{}: {} with {with} {}{more}",
        count(page.runs, "run"),
        count(page.points, "point"),
        seeds.join(", ")
    )
}

fn takes(page: &Page, engine: EngineKind) -> String {
    let Some(estimates) = &page.estimates else { return "looking at devices and earlier runs".into() };
    let (seconds, at_once) = match engine {
        EngineKind::Local => {
            let slots = match estimates.slots.len() {
                0 => String::new(),
                1..=8 => format!(", on {}", estimates.slots.join(", ")),
                count => format!(", on {count} slots"),
            };
            (estimates.local, slots)
        }
        EngineKind::Slurm => (estimates.slurm, ", not counting the queue".into()),
    };
    match seconds.filter(|seconds| seconds.is_finite()) {
        Some(seconds) => {
            format!("about {}, from earlier runs of this network{at_once}", text::remaining(seconds))
        }
        None => format!("not known: there is no earlier run of this network to go by{at_once}"),
    }
}

/// What the keys would do.
fn outlook(page: &Page) -> (String, Role) {
    match &page.begun {
        None => ("Enter begins it; it goes on when the dashboard is closed".into(), Role::Accent),
        Some(begun) => {
            let resume = match begun.state {
                state if state.is_active() => "",
                SearchState::Finished => " r adds what the file has come to hold since,",
                _ => " r goes on with it,",
            };
            let name = begun.state.name();
            (
                format!(
                    "begun already as {}, {name}: Enter shows it,{resume} s begins another one",
                    begun.id
                ),
                Role::Warning,
            )
        }
    }
}

/// The command that begins the same search, in pieces that belong on one line.
fn command(page: &Page, engine: EngineKind) -> Vec<String> {
    let file = crate::tui::state::launch::quoted(&page.path.display().to_string());
    let mut pieces = vec!["mien".into(), "search".into(), file];
    if engine != page.engine {
        let name = match engine {
            EngineKind::Local => "local",
            EngineKind::Slurm => "slurm",
        };
        pieces.push(format!("--engine {name}"));
    }
    if page.begun.is_some() {
        pieces.push("--new".into());
    }
    pieces
}
