//! What keys and clicks do in the table of scores.

use super::ColumnSet;
use crate::emotion::Emotion;
use crate::evaluate::{Query, SortBy};
use crate::tui::action::{Action, Tab};
use crate::tui::message::Effect;
use crate::tui::screens;
use crate::tui::screens::scores::Hit;
use crate::tui::state::{Purpose, State};

impl State {
    pub(in crate::tui::state) fn act_in_scores(&mut self, action: Action) -> Vec<Effect> {
        if self.move_in_scores(action) {
            return Vec::new();
        }
        let scores = &mut self.scores;
        let (by, descending) = (scores.arrangement.by, scores.arrangement.descending);
        match action {
            // A large picture has one left and one right of it.
            Action::Left if scores.is_large => return self.act_in_scores(Action::Up),
            Action::Right if scores.is_large => return self.act_in_scores(Action::Down),
            Action::Enter if scores.is_large => self.open_explain(),
            Action::Enter => scores.is_large = scores.row(scores.chosen).is_some(),
            Action::Sort => {
                let here = SortBy::ALL.iter().position(|sort| *sort == by).unwrap_or(0);
                let next = SortBy::ALL[(here + 1) % SortBy::ALL.len()];
                scores.sort_by(next, next.begins_high());
            }
            Action::Reverse => scores.sort_by(by, !descending),
            Action::OnlyWrong => self.only_wrong(),
            Action::Columns => {
                scores.columns = match scores.columns {
                    ColumnSet::All => ColumnSet::Outcome,
                    ColumnSet::Outcome => ColumnSet::Scores,
                    ColumnSet::Scores => ColumnSet::All,
                };
            }
            Action::NextSplit => self.next_split(),
            Action::Filter => {
                let filter = scores.filter.clone();
                self.ask_line(Purpose::FilterScores, filter);
            }
            Action::Jump => self.ask_line(Purpose::JumpToRow, String::new()),
            _ => return self.act_on_run(action),
        }
        Vec::new()
    }

    /// Moves the choice; `false` where the action is another one.
    pub(in crate::tui::state) fn move_in_scores(&mut self, action: Action) -> bool {
        let rows = screens::scores::rows(self.size);
        let by = match action {
            Action::Up => -1,
            Action::Down => 1,
            Action::PageUp => -(rows as isize),
            Action::PageDown => rows as isize,
            Action::First => isize::MIN,
            Action::Last => isize::MAX,
            _ => return false,
        };
        self.scores.step(by, rows);
        true
    }

    /// Closes what is open over the table, and what narrows it; `false` where nothing does.
    pub(in crate::tui::state) fn close_scores(&mut self) -> bool {
        let leads_back = self.scores.from_cell && !self.scores.is_large;
        let closed = self.scores.close();
        if closed && leads_back {
            self.tab = Tab::Confusion;
        }
        closed
    }

    /// Shows only rows that pass what was typed; a sentence where it cannot be understood.
    pub(in crate::tui::state) fn filter_scores(&mut self, text: &str) -> Result<(), String> {
        if text == self.scores.filter { Ok(()) } else { self.scores.set_filter(text) }
    }

    /// The filter is being typed: shows what it says so far; a sentence where it cannot be understood as it stands.
    pub(in crate::tui::state) fn type_scores_filter(&mut self, text: &str) -> Result<(), String> {
        self.filter_scores(Query::finished(text).trim_end())?;
        Query::parse(text).map(|_| ())
    }

    /// To the row with this number, counted from 1 as they are shown.
    pub(in crate::tui::state) fn jump_in_scores(&mut self, text: &str) -> Result<(), String> {
        let shown = self.scores.shown();
        let digits: String = text.chars().filter(|c| !matches!(c, ',' | '_' | ' ')).collect();
        let number = digits.parse::<usize>().ok().filter(|number| (1..=shown).contains(number));
        let Some(number) = number else {
            return Err(match shown {
                0 => "there are no rows".into(),
                _ => format!("rows are numbered from 1 to {shown}"),
            });
        };
        self.scores.chosen = number - 1;
        self.scores.keep_in_view(screens::scores::rows(self.size));
        Ok(())
    }

    /// The word in the filter, put there or taken away.
    fn only_wrong(&mut self) {
        let scores = &mut self.scores;
        let is_outcome = |word: &&str| matches!(*word, "wrong" | "right" | "unreadable");
        let is_on = scores.filter.split_whitespace().any(|word| word == "wrong");
        let mut words: Vec<&str> =
            scores.filter.split_whitespace().filter(|word| !is_outcome(word)).collect();
        if !is_on {
            words.push("wrong");
        }
        let (filter, from_cell) = (words.join(" "), scores.from_cell);
        // All of its words were understood before.
        if scores.set_filter(&filter).is_ok() {
            scores.from_cell = from_cell && !scores.filter.is_empty();
        }
    }

    pub(in crate::tui::state) fn next_split(&mut self) {
        let scores = &mut self.scores;
        let here = scores.splits.iter().position(|split| *split == scores.shown_split);
        let next = here.map_or(0, |here| (here + 1) % scores.splits.len());
        match scores.splits.get(next) {
            Some(next) if *next != scores.shown_split => {
                let next = next.clone();
                self.open_split(&next);
            }
            _ => {
                self.say("there are scores of no other split".into(), false);
            }
        }
    }

    fn open_split(&mut self, split: &str) {
        let scores = &mut self.scores;
        scores.split = Some(split.into());
        scores.shown_split = split.into();
        scores.seen = None;
        (scores.chosen, scores.top) = (0, 0);
    }

    /// Opens the table of a split with the pictures of one cell of the confusion: those of this truth that were taken for
    /// this, the most confident first. The confusion counts so many of them.
    pub(in crate::tui::state) fn show_scores_of(
        &mut self,
        split: &str,
        (truth, prediction): (Emotion, Emotion),
        count: usize,
    ) {
        let Some(run) = self.current().map(|run| run.folder.clone()) else { return };
        if self.scores.run.as_ref() != Some(&run) {
            self.scores.begin(run);
        }
        self.tab = Tab::Scores;
        if self.scores.shown_split != split {
            self.open_split(split);
        }
        let filter = format!("truth:{truth} prediction:{prediction}");
        let query = Query::parse(&filter).unwrap_or_default();
        let scores = &mut self.scores;
        scores.cell = Some((filter.clone(), count));
        (scores.filter, scores.from_cell, scores.is_large) = (filter, true, false);
        let by = SortBy::Confidence;
        scores.arrange(crate::evaluate::Arrangement { query, by, descending: by.begins_high() });
    }

    /// What a click at a column and a row of the terminal does; `None` where nothing stands there.
    pub(in crate::tui::state) fn click_in_scores(&mut self, at: (u16, u16)) -> Option<Vec<Effect>> {
        let hit = screens::scores::hit(self, at)?;
        let scores = &mut self.scores;
        match hit {
            Hit::Picture => scores.is_large = !scores.is_large,
            Hit::Row(place) if place == scores.chosen => scores.is_large = true,
            Hit::Row(place) => scores.chosen = place,
            Hit::Head(by) if by == scores.arrangement.by => {
                scores.sort_by(by, !scores.arrangement.descending)
            }
            Hit::Head(by) => scores.sort_by(by, by.begins_high()),
        }
        Some(Vec::new())
    }
}
