//! What runs beside the loop and sends it messages: keys, the list of runs, the run that is looked at, and what was
//! ordered. Files are read on threads where waiting is allowed.

mod follow;
mod input;
mod lines;
mod orders;
mod slot;
mod watch;

pub(super) use input::input;

use super::message::{Effect, Message};
use super::state::{compare, config, confusion, log, pictures, scores, search, system};
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
    scores: Slot<scores::Order>,
    confusion: Slot<confusion::Order>,
    compare: Slot<compare::Order>,
    system: Slot<system::Order>,
    pictures: Slot<pictures::Order>,
    config: Slot<config::Order>,
    log: Slot<log::Order>,
    search: Slot<search::Order>,
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
            scores: Slot::spawn(messages.clone(), |order: scores::Order, _| match order {}),
            confusion: Slot::spawn(messages.clone(), |order: confusion::Order, _| match order {}),
            compare: Slot::spawn(messages.clone(), |order: compare::Order, _| match order {}),
            system: Slot::spawn(messages.clone(), |order: system::Order, _| match order {}),
            pictures: Slot::spawn(messages.clone(), |order: pictures::Order, _| match order {}),
            config: Slot::spawn(messages.clone(), lines::compare),
            log: Slot::spawn(messages.clone(), lines::piece),
            search: Slot::spawn(messages.clone(), lines::search),
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
            Effect::Pictures(order) => self.pictures.order(order),
            Effect::Config(order) => self.config.order(order),
            Effect::Log(order) => self.log.order(order),
            Effect::Search(order) => self.search.order(order),
            order => orders::carry_out(order, &self.runs, &self.messages),
        }
    }
}
