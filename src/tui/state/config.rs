//! The config of a run: the whole file, or what differs from the defaults or from another run.

use super::log::across_to;
use super::search::Needle;
use super::{Followed, Purpose, Screen, State};
use crate::config::Difference;
use crate::run::RunFolder;
use crate::tui::action::{Action, Tab};
use crate::tui::message::{Effect, RunEntry};
use crate::tui::screens;
use unicode_width::UnicodeWidthStr;

/// A longer value stands out of its column.
const WIDEST: usize = 40;

/// What the tab shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConfigView {
    #[default]
    Whole,
    FromDefaults,
    FromRun,
}

/// What a config is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    Defaults,
    Run(RunFolder),
}

/// Two configs to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub folder: RunFolder,
    pub other: Other,
    /// Another number whenever the run's config changed.
    pub revision: u64,
}

/// What differs, printable; a sentence where a config cannot be read.
#[derive(Debug)]
pub struct Report {
    pub order: Order,
    pub found: Result<Vec<Difference>, String>,
}

/// A line of the tab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigLine {
    pub text: String,
    pub kind: LineKind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineKind {
    #[default]
    Plain,
    /// Heads of columns, and what always differs.
    Quiet,
    Bad,
}

/// The config as it is looked at.
#[derive(Debug, Default)]
pub struct ConfigTab {
    pub view: ConfigView,
    /// The first line in view.
    pub top: usize,
    /// Cells of each line left of the view.
    pub across: usize,
    pub search: Option<Needle>,
    /// The line of the match that was jumped to last.
    pub current: Option<usize>,
    lines: Vec<ConfigLine>,
    asked: Option<Order>,
    revision: u64,
}

impl ConfigTab {
    pub fn lines(&self) -> &[ConfigLine] {
        &self.lines
    }

    /// How many lines match, and which of them was jumped to, counted from 1.
    pub fn matches(&self) -> (usize, Option<usize>) {
        let found = self.found();
        let position = self.current.and_then(|current| found.iter().position(|line| *line == current));
        (found.len(), position.map(|i| i + 1))
    }

    fn found(&self) -> Vec<usize> {
        let Some(needle) = &self.search else { return Vec::new() };
        let lines = self.lines.iter().enumerate();
        lines.filter(|(_, line)| needle.is_in(&line.text)).map(|(i, _)| i).collect()
    }

    fn show(&mut self, lines: Vec<ConfigLine>, rows: usize) {
        self.lines = lines;
        self.current = None;
        self.top = self.top.min(self.lines.len().saturating_sub(rows));
    }

    fn scroll(&mut self, rows: usize, by: isize) {
        self.top = self.top.saturating_add_signed(by).min(self.lines.len().saturating_sub(rows));
    }

    fn next(&mut self, (width, rows): (usize, usize)) {
        let found = self.found();
        let from = self.current.map_or(self.top, |current| current + 1);
        let next = found.iter().find(|line| **line >= from).or(found.first()).copied();
        self.current = next;
        let Some(at) = next else { return };
        if !(self.top..self.top + rows).contains(&at) {
            self.top = at.saturating_sub(rows / 3).min(self.lines.len().saturating_sub(rows));
        }
        if let Some(needle) = &self.search {
            self.across = across_to(needle, &self.lines[at].text, self.across, width);
        }
    }
}

impl State {
    pub(super) fn act_in_config(&mut self, action: Action) -> Vec<Effect> {
        let size = screens::run::text_size(self);
        let (width, rows) = size;
        let page = rows as isize;
        match action {
            Action::Up => self.config.scroll(rows, -1),
            Action::Down => self.config.scroll(rows, 1),
            Action::PageUp => self.config.scroll(rows, -page),
            Action::PageDown => self.config.scroll(rows, page),
            Action::First => self.config.scroll(rows, isize::MIN),
            Action::Last => self.config.scroll(rows, isize::MAX),
            Action::Left => self.config.across = self.config.across.saturating_sub(width / 2),
            Action::Right => {
                let longest = self.config.lines.iter().map(|line| line.text.width()).max().unwrap_or(0);
                self.config.across = (self.config.across + width / 2).min(longest.saturating_sub(width / 2));
            }
            Action::NextView => self.next_config_view(),
            Action::Filter => {
                let text = self.config.search.as_ref().map_or(String::new(), |needle| needle.text().into());
                self.ask_line_anew(Purpose::Search, text);
            }
            Action::NextMatch => self.config.next(size),
            _ => return self.act_on_run(action),
        }
        Vec::new()
    }

    fn next_config_view(&mut self) {
        let view = match self.config.view {
            ConfigView::Whole => ConfigView::FromDefaults,
            ConfigView::FromDefaults => ConfigView::FromRun,
            ConfigView::FromRun => ConfigView::Whole,
        };
        (self.config.view, self.config.top, self.config.across, self.config.asked) = (view, 0, 0, None);
        let lines = match (view, self.other_run()) {
            (ConfigView::Whole, _) => self.followed.as_ref().map_or(Vec::new(), whole),
            (ConfigView::FromRun, None) => {
                vec![line("there is no older run to compare this one with", LineKind::Quiet)]
            }
            _ => Vec::new(),
        };
        self.config.show(lines, 1);
    }

    /// Ends the search; `false` where there is none.
    pub(super) fn close_config(&mut self) -> bool {
        self.config.current = None;
        self.config.search.take().is_some()
    }

    pub(super) fn search_config(&mut self, text: &str) {
        self.config.search = Needle::new(text);
        self.config.current = None;
    }

    pub(super) fn next_in_config(&mut self) {
        let size = screens::run::text_size(self);
        self.config.next(size);
    }

    /// The file of the followed run is another one.
    pub(super) fn config_changed(&mut self) {
        self.config.revision += 1;
        if self.config.view == ConfigView::Whole {
            let rows = screens::run::text_size(self).1;
            let lines = self.followed.as_ref().map_or(Vec::new(), whole);
            self.config.show(lines, rows);
        }
    }

    /// The run that the open one is compared with: the first marked one that is another, else the next older one.
    pub fn other_run(&self) -> Option<&RunEntry> {
        let current = self.current()?;
        let mut marked = self.marks.iter().filter_map(|mark| self.list.find(&mark.data.folder));
        if let Some(marked) = marked.find(|run| run.folder != current.folder) {
            return Some(marked);
        }
        let mut runs = self.list.entries().iter();
        runs.find(|run| run.folder == current.folder)?;
        runs.next()
    }

    pub(super) fn take_config(&mut self, report: Report) -> bool {
        if self.config.asked.as_ref() != Some(&report.order) {
            return false;
        }
        let lines = match report.found {
            Ok(differences) => {
                let other = match self.other_run() {
                    Some(run) if self.config.view == ConfigView::FromRun => run.name.clone(),
                    _ => "default".into(),
                };
                compared(&differences, &other)
            }
            Err(problem) => vec![line(&problem, LineKind::Bad)],
        };
        let rows = screens::run::text_size(self).1;
        self.config.show(lines, rows);
        true
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_config(&mut self) -> Option<Effect> {
        if self.screen != Screen::Run || self.tab != Tab::Config {
            return None;
        }
        let other = match self.config.view {
            ConfigView::Whole => return None,
            ConfigView::FromDefaults => Other::Defaults,
            ConfigView::FromRun => Other::Run(self.other_run()?.folder.clone()),
        };
        let folder = self.followed.as_ref()?.folder.clone();
        let order = Order { folder, other, revision: self.config.revision };
        if self.config.asked.as_ref() == Some(&order) {
            return None;
        }
        self.config.asked = Some(order.clone());
        Some(Effect::Config(order))
    }
}

fn line(text: &str, kind: LineKind) -> ConfigLine {
    ConfigLine { text: text.into(), kind }
}

fn whole(data: &Followed) -> Vec<ConfigLine> {
    data.config.iter().map(|text| line(text, LineKind::Plain)).collect()
}

/// The differences in columns: the field, this run's value, the other one.
fn compared(differences: &[Difference], other: &str) -> Vec<ConfigLine> {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
    let rows: Vec<[String; 3]> =
        differences.iter().map(|row| [row.field.clone(), value(&row.this), value(&row.other)]).collect();
    let head = ["field".into(), "this run".into(), other.into()];
    let width = |column: usize| {
        let all = rows.iter().chain([&head]).map(|row: &[String; 3]| row[column].width());
        all.filter(|width| *width <= WIDEST).max().unwrap_or(0)
    };
    let (field, this) = (width(0), width(1));
    let pad = |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(text.width())));
    let text = |row: &[String; 3]| format!("{}  {}  {}", pad(&row[0], field), pad(&row[1], this), row[2]);

    let mut lines = vec![line(&text(&head), LineKind::Quiet)];
    let trained = differences.iter().filter(|row| !row.is_identity()).count();
    if trained == 0 {
        lines.push(line("nothing that matters for training", LineKind::Plain));
    }
    lines.extend(rows[..trained].iter().map(|row| line(&text(row), LineKind::Plain)));
    if trained < rows.len() {
        lines.push(ConfigLine::default());
        lines.extend(rows[trained..].iter().map(|row| line(&text(row), LineKind::Quiet)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(field: &str, this: Option<&str>, other: Option<&str>) -> Difference {
        Difference { field: field.into(), this: this.map(Into::into), other: other.map(Into::into) }
    }

    #[test]
    fn differences_stand_in_columns_and_what_always_differs_at_the_end() {
        let differences = [
            row("model.depth", Some("4"), None),
            row("train.batch_size", Some("128"), Some("16")),
            row("name", Some("\"a\""), Some("\"b\"")),
        ];
        let lines = compared(&differences, "older");
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        let expected = [
            "field             this run  older",
            "model.depth       4         -",
            "train.batch_size  128       16",
            "",
            "name              \"a\"       \"b\"",
        ];
        assert_eq!(texts, expected);
        assert_eq!(lines[4].kind, LineKind::Quiet);
    }

    #[test]
    fn two_runs_that_differ_in_their_name_alone_are_said_to_be_alike() {
        let lines = compared(&[row("name", Some("\"a\""), Some("\"b\""))], "older");
        assert_eq!(lines[1].text, "nothing that matters for training");
    }
}
