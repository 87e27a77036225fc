//! Marked runs: their curves lie over each other, and some keys act on all of them.

use super::{Followed, Question, State};
use crate::run::RunFolder;
use crate::tui::message::{Effect, Effects, FollowedRun, RunEntry};

/// As many as there are colours and markers that can be told apart.
pub const MOST_MARKS: usize = 8;

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
            self.say(format!("{MOST_MARKS} runs are marked already: u unmarks all"), true);
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
            self.say("none of the marked runs is running: there is nothing to stop".into(), true);
            return;
        }
        let text = match others {
            0 => format!("Stop the {} marked runs?", active.len()),
            _ => format!(
                "Stop {} of the {} marked runs? The others are not running.",
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
            self.say("all marked runs are running or queued: stop them first (x)".into(), true);
            return;
        }
        let text = match active {
            0 => format!("Delete the {} marked runs with their weights and scores?", ended.len()),
            _ => format!(
                "Delete {} of the {} marked runs with their weights and scores? The others run or wait, and stay.",
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

    fn ask(&mut self, question: Question) {
        self.overlay = Some(super::Overlay::Question(question));
    }
}
