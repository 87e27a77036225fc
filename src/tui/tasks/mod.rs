//! What runs beside the loop and sends it messages: keys, the list of runs, the run that is looked at, and what was
//! ordered. Files are read on threads where waiting is allowed.

mod follow;
mod input;
mod orders;
mod pictures;
mod scores;
mod slot;
mod watch;

pub(super) use input::input;

use super::message::{Effect, Message};
use super::state::pictures::{Encoding, Order as PictureOrder};
use super::state::scores::Order as ScoresOrder;
use super::state::{compare, confusion, system};
use follow::Wish;
use slot::Slot;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::Sender;
use tokio::sync::watch::Sender as WatchSender;

/// All that runs beside the loop, but for the keys.
pub(super) struct Tasks {
    runs: PathBuf,
    messages: Sender<Message>,
    follow: WatchSender<Wish>,
    scores: Slot<ScoresOrder>,
    confusion: Slot<confusion::Order>,
    compare: Slot<compare::Order>,
    system: Slot<system::Order>,
    pictures: Slot<PictureOrder>,
    encoding: Slot<Encoding>,
}

impl Tasks {
    /// Begins to watch `runs` and to wait for orders.
    pub(super) fn spawn(runs: &Path, messages: &Sender<Message>) -> Self {
        let (follow, wished) = tokio::sync::watch::channel(None);
        tokio::spawn(watch::watch(runs.to_path_buf(), messages.clone()));
        tokio::spawn(follow::follow(wished, messages.clone()));
        Self {
            runs: runs.to_path_buf(),
            follow,
            scores: Slot::spawn_again(messages.clone(), scores::again, scores::work()),
            confusion: Slot::spawn(messages.clone(), |order: confusion::Order, _| match order {}),
            compare: Slot::spawn(messages.clone(), |order: compare::Order, _| match order {}),
            system: Slot::spawn(messages.clone(), |order: system::Order, _| match order {}),
            pictures: Slot::spawn(messages.clone(), pictures::work()),
            encoding: Slot::spawn(messages.clone(), pictures::encode),
            messages: messages.clone(),
        }
    }

    /// Has done what an effect asks for.
    pub(super) fn carry_out(&self, effect: Effect) {
        match effect {
            Effect::Follow(request, folder) => {
                self.follow.send_replace(Some((request, folder)));
            }
            Effect::Scores(order) => self.scores.order(order),
            Effect::Confusion(order) => self.confusion.order(order),
            Effect::Compare(order) => self.compare.order(order),
            Effect::System(order) => self.system.order(order),
            Effect::Pictures(PictureOrder::Encode(encoding)) => self.encoding.order(encoding),
            Effect::Pictures(order) => self.pictures.order(order),
            order => orders::carry_out(order, &self.runs, &self.messages),
        }
    }
}
