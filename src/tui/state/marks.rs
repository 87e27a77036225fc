//! Marked runs: their curves lie over each other, and some keys act on all of them.

use super::{Followed, Question, State};
use crate::run::RunFolder;
use crate::tui::action::Action;
use crate::tui::message::{Effect, Effects, FollowedRun, RunEntry};

/// As many as there are colours and markers that can be told apart.
pub const MOST_MARKS: usize = 8;
/// A question names so many runs.
const MOST_NAMES: usize = 4;

/// A marked run.
#[derive(Debug)]
pub struct Mark {
    /// Its colour and marker as long as it is marked.
    pub slot: usize,
    pub data: Followed,
}

/// The marked runs, in the order in which they were marked.
#[derive(Debug, Default)]
pub struct Marks {
    marks: Vec<Mark>,
    /// What was asked for last.
    followed: Vec<FollowedRun>,
}

impl Marks {
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Mark> {
        self.marks.iter()
    }

    pub fn len(&self) -> usize {
        self.marks.len()
    }

    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// The colour and marker of a run; `None` where it is not marked.
    pub fn slot(&self, folder: &RunFolder) -> Option<usize> {
        self.marks.iter().find(|mark| mark.data.folder == *folder).map(|mark| mark.slot)
    }

    pub(super) fn find(&mut self, request: FollowedRun) -> Option<&mut Followed> {
        self.marks.iter_mut().map(|mark| &mut mark.data).find(|data| data.request == request)
    }

    fn free_slot(&self) -> Option<usize> {
        (0..MOST_MARKS).find(|slot| self.marks.iter().all(|mark| mark.slot != *slot))
    }
}

impl State {
    pub(super) fn toggle_mark(&mut self) {
        let Some(folder) = self.list.chosen().map(|run| run.folder.clone()) else { return };
        if self.marks.slot(&folder).is_some() {
            self.marks.marks.retain(|mark| mark.data.folder != folder);
            return;
        }
        let Some(slot) = self.marks.free_slot() else {
            let unmark = self.hint_of(Action::UnmarkAll, "unmarks all");
            self.say(format!("{MOST_MARKS} runs are marked already{unmark}"), true);
            return;
        };
        self.requests += 1;
        self.marks.marks.push(Mark { slot, data: Followed::new(self.requests, folder) });
    }

    pub(super) fn unmark_all(&mut self) {
        self.marks.marks.clear();
    }

    /// Marks go with their runs.
    pub(super) fn forget_lost_marks(&mut self) {
        let list = &self.list;
        self.marks.marks.retain(|mark| list.find(&mark.data.folder).is_some());
    }

    /// Asks for the curves of the marked runs when these are others.
    pub(super) fn follow_marked(&mut self, effects: &mut Effects) {
        let marks = &mut self.marks;
        if marks.marks.iter().map(|mark| mark.data.request).eq(marks.followed.iter().copied()) {
            return;
        }
        marks.followed = marks.marks.iter().map(|mark| mark.data.request).collect();
        let wanted = marks.marks.iter().map(|mark| (mark.data.request, mark.data.folder.clone())).collect();
        effects.effects.push(Effect::FollowMarked(wanted));
    }

    /// The marked runs as lists know them; empty unless several are marked.
    pub fn several_marked(&self) -> Vec<&RunEntry> {
        let runs: Vec<_> = self.marks.iter().filter_map(|mark| self.list.find(&mark.data.folder)).collect();
        if runs.len() > 1 { runs } else { Vec::new() }
    }

    /// Compares the two marked runs, or the chosen one with the marked one, or with the one before it in time.
    pub(super) fn compare_marked(&mut self) {
        let Some(chosen) = self.list.chosen().map(|run| run.folder.clone()) else { return };
        let marked: Vec<RunFolder> = self.marks.iter().map(|mark| mark.data.folder.clone()).collect();
        match &marked[..] {
            [one, other] => self.compare(one.clone(), other.clone()),
            [one] if *one != chosen => self.compare(one.clone(), chosen),
            [] | [_] => self.compare_with_older(),
            _ => {
                self.say(format!("{} runs are marked: two can be compared", marked.len()), true);
            }
        }
    }

    /// Asks whether to stop the marked runs.
    pub(super) fn ask_to_stop_marked(&mut self) {
        let (active, others) = self.marked_by(|run| run.state.is_active());
        if active.is_empty() {
            let unmark = self.hint_of(Action::UnmarkAll, "unmarks all");
            self.say(format!("none of the marked runs is running: there is nothing to stop{unmark}"), true);
            return;
        }
        let names = self.names(&active);
        let text = match others {
            0 => format!("Stop the {} marked runs, {names}?", active.len()),
            _ => format!(
                "Stop {} of the {} marked runs, {names}? The others are not running.",
                active.len(),
                active.len() + others
            ),
        };
        let text = text + " Each ends its step and keeps a checkpoint to resume from.";
        self.ask(Question { text, effect: Effect::StopSeveral(active) });
    }

    /// Asks whether to delete the marked runs.
    pub(super) fn ask_to_delete_marked(&mut self) {
        let (ended, active) = self.marked_by(|run| !run.state.is_active());
        if ended.is_empty() {
            let stop = self.hint_of(Action::Stop, "stops them");
            self.say(format!("all marked runs are running or queued: stop them first{stop}"), true);
            return;
        }
        let names = self.names(&ended);
        let text = match active {
            0 => format!("Delete the {} marked runs, {names}, with their weights and scores?", ended.len()),
            _ => format!(
                "Delete {} of the {} marked runs, {names}, with their weights and scores? The others run or wait, and stay.",
                ended.len(),
                ended.len() + active
            ),
        };
        self.ask(Question { text: text + " This cannot be undone.", effect: Effect::RemoveSeveral(ended) });
    }

    /// The marked runs of which `is` is true, and the number of the others.
    fn marked_by(&self, is: impl Fn(&RunEntry) -> bool) -> (Vec<RunFolder>, usize) {
        let marked = self.several_marked();
        let meant: Vec<_> = marked.iter().filter(|run| is(run)).map(|run| run.folder.clone()).collect();
        let others = marked.len() - meant.len();
        (meant, others)
    }

    /// What runs are called in a question, as the one that is chosen may be none of them; and how many are not in view
    /// at all.
    fn names(&self, folders: &[RunFolder]) -> String {
        let mut names: Vec<String> =
            folders.iter().take(MOST_NAMES).map(|folder| self.name(folder)).collect();
        if folders.len() > MOST_NAMES {
            names.push(format!("{} more", folders.len() - MOST_NAMES));
        }
        let last = names.pop().unwrap_or_default();
        let names = if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) };
        let is_hidden = |folder: &&RunFolder| self.list.shown().all(|run| run.folder != **folder);
        match folders.iter().filter(is_hidden).count() {
            0 => names,
            hidden => format!("{names} ({hidden} hidden by the filter)"),
        }
    }

    /// The name of a run, or its id where others have the same name.
    fn name(&self, folder: &RunFolder) -> String {
        const LONGEST: usize = 32;
        let Some(run) = self.list.find(folder) else { return folder.id() };
        let is_alone = self.list.entries().iter().filter(|other| other.name == run.name).count() < 2;
        let name = if is_alone { &run.name } else { &run.id };
        let cut: String = name.chars().take(LONGEST).collect();
        if cut.len() < name.len() { cut + "..." } else { cut }
    }

    /// ` (u unmarks all)`, with the key that the action has.
    fn hint_of(&self, action: Action, does: &str) -> String {
        let key = self.keys.key_for(self.place_below(), action);
        key.map_or(String::new(), |key| format!(" ({key} {does})"))
    }

    fn ask(&mut self, question: Question) {
        self.overlay = Some(super::Overlay::Question(question));
    }
}
