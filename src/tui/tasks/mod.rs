//! What runs beside the loop and sends it messages: keys, the list of runs, the run that is looked at, and what was
//! ordered. Files are read on threads where waiting is allowed.

mod follow;
mod input;
mod notes;
mod orders;
mod slot;
mod values;
mod watch;

pub(super) use input::input;

use super::message::{Effect, Message};
use super::state::{self, compare, confusion, pictures, scores, system};
use follow::{Wish, Wishes};
use slot::Slot;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::{Sender, UnboundedSender, unbounded_channel};
use tokio::sync::watch::Sender as WatchSender;

/// All that runs beside the loop, but for the keys.
pub(super) struct Tasks {
    runs: PathBuf,
    messages: Sender<Message>,
    follow: WatchSender<Wish>,
    marked: WatchSender<Wishes>,
    values: Slot<state::values::Order>,
    notes: UnboundedSender<notes::Edit>,
    scores: Slot<scores::Order>,
    confusion: Slot<confusion::Order>,
    compare: Slot<compare::Order>,
    system: Slot<system::Order>,
    pictures: Slot<pictures::Order>,
}

impl Tasks {
    /// Begins to watch `runs` and to wait for orders.
    pub(super) fn spawn(runs: &Path, messages: &Sender<Message>) -> Self {
        let (follow, wished) = tokio::sync::watch::channel(None);
        let (marked, marks) = tokio::sync::watch::channel(Wishes::new());
        let (notes, edits) = unbounded_channel();
        let (changed, changes) = unbounded_channel();
        tokio::spawn(watch::watch(runs.to_path_buf(), changes, messages.clone()));
        tokio::spawn(notes::edit(edits, changed, messages.clone()));
        tokio::spawn(follow::follow_marked(marks, messages.clone()));
        tokio::spawn(follow::follow(wished, messages.clone()));
        Self {
            runs: runs.to_path_buf(),
            follow,
            marked,
            values: Slot::spawn(messages.clone(), values::read),
            notes,
            scores: Slot::spawn(messages.clone(), |order: scores::Order, _| match order {}),
            confusion: Slot::spawn(messages.clone(), |order: confusion::Order, _| match order {}),
            compare: Slot::spawn(messages.clone(), |order: compare::Order, _| match order {}),
            system: Slot::spawn(messages.clone(), |order: system::Order, _| match order {}),
            pictures: Slot::spawn(messages.clone(), |order: pictures::Order, _| match order {}),
            messages: messages.clone(),
        }
    }

    /// Has done what an effect asks for.
    pub(super) fn carry_out(&self, effect: Effect) {
        match effect {
            Effect::Follow(request, folder) => {
                self.follow.send_replace(Some((request, folder)));
            }
            Effect::FollowMarked(wanted) => {
                self.marked.send_replace(wanted);
            }
            Effect::ReadValues(order) => self.values.order(order),
            Effect::Annotate(folder, change) => {
                // Nobody takes it only when the dashboard is closing.
                let _ = self.notes.send((folder, change));
            }
            Effect::Scores(order) => self.scores.order(order),
            Effect::Confusion(order) => self.confusion.order(order),
            Effect::Compare(order) => self.compare.order(order),
            Effect::System(order) => self.system.order(order),
            Effect::Pictures(order) => self.pictures.order(order),
            order => orders::carry_out(order, &self.runs, &self.messages),
        }
    }
}
