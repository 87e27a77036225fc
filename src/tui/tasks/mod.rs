//! What runs beside the loop and sends it messages: keys, the list of runs, the run that is looked at, and what was
//! ordered. Files are read on threads where waiting is allowed.

mod atlas;
mod compare;
mod confusion;
mod explain;
mod export;
mod follow;
mod input;
mod launch;
mod notes;
mod lines;
mod new_search;
mod orders;
mod pictures;
mod scores;
mod search_panes;
mod searches;
mod slot;
mod system;
mod timeline;
mod values;
mod watch;

pub(super) use input::{cell_size, input};

use super::message::{Effect, Message};
use super::state;
use super::state::launch::Order as LaunchOrder;
use super::state::pictures::{Encoding, Order as PictureOrder};
use super::state::scores::Order as ScoresOrder;
use super::state::system::Order as SystemOrder;
use super::state::values::Order as ValuesOrder;
use crate::run::RunFolder;
use crate::search::SearchFolder;
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
    values: Slot<ValuesOrder>,
    notes: UnboundedSender<notes::Edit>,
    scores: Slot<ScoresOrder>,
    confusion: Slot<state::confusion::Order>,
    atlas: Slot<state::atlas::Order>,
    explain: Slot<state::explain::Order>,
    compare: Slot<state::compare::Order>,
    timeline: Slot<state::timeline::Order>,
    system: Slot<SystemOrder>,
    searches: Slot<state::searches::Order>,
    new_search: Slot<state::searches::new::Order>,
    importance: Slot<state::searches::panes::ImportanceOrder>,
    best_curves: Slot<state::searches::panes::CurvesOrder>,
    acts: UnboundedSender<(SearchFolder, state::searches::Act)>,
    sizes: Slot<Vec<RunFolder>>,
    config: Slot<PathBuf>,
    look: Slot<String>,
    devices: Slot<()>,
    pictures: Slot<PictureOrder>,
    encoding: Slot<Encoding>,
    differences: Slot<state::config::Order>,
    log: Slot<state::log::Order>,
    search: Slot<state::search::Order>,
}

impl Tasks {
    /// Begins to watch `runs` and to wait for orders.
    pub(super) fn spawn(runs: &Path, messages: &Sender<Message>) -> Self {
        let (follow, wished) = tokio::sync::watch::channel(None);
        let (marked, marks) = tokio::sync::watch::channel(Wishes::new());
        let (notes, edits) = unbounded_channel();
        let (acts, wanted_acts) = unbounded_channel();
        let (changed, changes) = unbounded_channel();
        tokio::spawn(watch::watch(runs.to_path_buf(), changes, messages.clone()));
        tokio::spawn(notes::edit(edits, changed, messages.clone()));
        tokio::spawn(searches::act(wanted_acts, messages.clone()));
        tokio::spawn(follow::follow_marked(marks, messages.clone()));
        tokio::spawn(follow::follow(wished, messages.clone()));
        Self {
            runs: runs.to_path_buf(),
            follow,
            marked,
            values: Slot::spawn(messages.clone(), values::read),
            notes,
            scores: Slot::spawn_again(messages.clone(), scores::again, scores::work()),
            confusion: Slot::spawn(messages.clone(), confusion::work),
            atlas: Slot::spawn(messages.clone(), atlas::work),
            explain: Slot::spawn(messages.clone(), explain::work()),
            compare: Slot::spawn(messages.clone(), compare::work),
            timeline: Slot::spawn_again(messages.clone(), timeline::again, timeline::work()),
            system: Slot::spawn(messages.clone(), system::watcher(runs)),
            searches: Slot::spawn_again(messages.clone(), searches::again, searches::work(runs)),
            new_search: Slot::spawn(messages.clone(), new_search::work(runs)),
            importance: Slot::spawn(messages.clone(), search_panes::matter),
            best_curves: Slot::spawn_again(messages.clone(), search_panes::again, search_panes::curves()),
            acts,
            sizes: Slot::spawn(messages.clone(), system::measure),
            config: Slot::spawn(messages.clone(), launch::open),
            look: Slot::spawn(messages.clone(), launch::look),
            devices: Slot::spawn(messages.clone(), launch::devices),
            pictures: Slot::spawn(messages.clone(), pictures::work()),
            encoding: Slot::spawn(messages.clone(), pictures::encode),
            differences: Slot::spawn(messages.clone(), lines::compare),
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
            Effect::Atlas(order) => self.atlas.order(order),
            Effect::Explain(order) => self.explain.order(order),
            Effect::Compare(order) => self.compare.order(order),
            Effect::Timeline(order) => self.timeline.order(order),
            Effect::System(SystemOrder::Measure(runs)) => self.sizes.order(runs),
            Effect::System(order) => self.system.order(order),
            Effect::ActOnSearch(folder, act) => {
                // Nobody takes it only when the dashboard is closing.
                let _ = self.acts.send((folder, act));
            }
            Effect::Searches(order) => self.searches.order(order),
            Effect::NewSearch(order) => self.new_search.order(order),
            Effect::Importance(order) => self.importance.order(order),
            Effect::BestCurves(order) => self.best_curves.order(order),
            Effect::Pictures(PictureOrder::Encode(encoding)) => self.encoding.order(encoding),
            Effect::Launch(LaunchOrder::Open(path)) => self.config.order(path),
            Effect::Launch(LaunchOrder::Look(pictures)) => self.look.order(pictures),
            Effect::Launch(LaunchOrder::Devices) => self.devices.order(()),
            Effect::Pictures(order) => self.pictures.order(order),
            Effect::Config(order) => self.differences.order(order),
            Effect::Log(order) => self.log.order(order),
            Effect::Search(order) => self.search.order(order),
            order => orders::carry_out(order, &self.runs, &self.messages),
        }
    }
}
