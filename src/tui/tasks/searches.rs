//! Searches: what their folders and those of their runs say, looked at again as long as someone looks.

use super::orders::sentence;
use super::slot::Desk;
use crate::run::RunFolder;
use crate::search::{Overview, SearchFolder, SearchSummary};
use crate::tui::message::Message;
use crate::tui::state::searches::{Act, Order, Report};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc::{Sender, UnboundedReceiver};
use tokio::task::spawn_blocking;

/// What is looked at is looked at again so often.
const EVERY: Duration = Duration::from_secs(2);
/// Of a search of which nothing goes on, each so manieth look is at its files.
const QUIET: u64 = 5;

/// When an order is done again: its search may go on.
pub(super) fn again(order: &Order) -> Option<Duration> {
    (!matches!(order, Order::Nothing)).then_some(EVERY)
}

/// Does orders about the searches of `runs`; keeps what it has read, so that what is as it was is neither read nor sent
/// again.
pub(super) fn work(runs: &Path) -> impl FnMut(Order, &Desk<Order>) + Send + use<> {
    let runs = runs.to_path_buf();
    let mut listed = Listed::default();
    let mut looked = None;
    move |order, desk| match order {
        Order::Nothing => looked = None,
        Order::List(number) => {
            if let Some(list) = listed.look(&runs, number, desk) {
                desk.send(Message::Searches(Report::List(list)));
            }
        }
        Order::Look(number, folder) => {
            let looked = looked.get_or_insert_with(|| Looked::new(&folder));
            if looked.folder != folder {
                *looked = Looked::new(&folder);
            }
            if let Some(found) = looked.look(number) {
                desk.send(Message::Searches(Report::Found(folder, found)));
            }
        }
    }
}

/// The list as it was last sent.
#[derive(Default)]
struct Listed {
    number: u64,
    sent: Option<Result<Vec<SearchSummary>, String>>,
    /// Searches of which nothing goes on, with what their files were like.
    quiet: HashMap<SearchFolder, (Stamp, SearchSummary)>,
}

impl Listed {
    /// The list, where it is not as it was or nobody has answered this order yet.
    fn look(
        &mut self,
        runs: &Path,
        number: u64,
        desk: &Desk<Order>,
    ) -> Option<Result<Vec<SearchSummary>, String>> {
        let folders = SearchFolder::list(runs).map_err(sentence);
        let list = folders.map(|folders| {
            let wanted = folders.iter().take_while(|_| !desk.is_abandoned());
            wanted.filter_map(|folder| self.summary(folder)).collect::<Vec<_>>()
        });
        let is_new = self.number != number || self.sent.as_ref() != Some(&list);
        if desk.is_abandoned() || !is_new {
            return None;
        }
        (self.number, self.sent) = (number, Some(list.clone()));
        Some(list)
    }

    fn summary(&mut self, folder: &SearchFolder) -> Option<SearchSummary> {
        let stamp = Stamp::of(folder, &[]);
        if let Some((before, summary)) = self.quiet.get(folder)
            && *before == stamp
        {
            return Some(summary.clone());
        }
        // One that cannot be read at all is gone meanwhile.
        let summary = SearchSummary::read(folder).ok()?;
        if goes_on(&summary) {
            self.quiet.remove(folder);
        } else {
            self.quiet.insert(folder.clone(), (stamp, summary.clone()));
        }
        Some(summary)
    }
}

/// One search as it was last sent.
struct Looked {
    folder: SearchFolder,
    number: u64,
    looks: u64,
    sent: Option<Result<Box<Overview>, String>>,
    /// Of its files, where nothing goes on.
    stamp: Option<Stamp>,
}

impl Looked {
    fn new(folder: &SearchFolder) -> Self {
        Self { folder: folder.clone(), number: 0, looks: 0, sent: None, stamp: None }
    }

    /// The search, where it is not as it was or nobody has answered this order yet.
    fn look(&mut self, number: u64) -> Option<Result<Box<Overview>, String>> {
        let is_asked = self.number != number;
        self.looks += 1;
        if let (false, Some(before)) = (is_asked, &self.stamp)
            && (!self.looks.is_multiple_of(QUIET) || *before == Stamp::of(&self.folder, &self.runs()))
        {
            return None;
        }
        // Before it is read: what is written meanwhile counts as changed.
        let stamp = Stamp::of(&self.folder, &self.runs());
        let found = Overview::read(&self.folder).map(Box::new).map_err(sentence);
        let is_quiet = found.as_ref().is_ok_and(|overview| !goes_on(&overview.summary));
        let is_new = self.sent.as_ref() != Some(&found);
        // The runs whose stamps count are those of what was read before.
        self.stamp = Some(stamp).filter(|_| is_quiet && !is_new);
        if !is_asked && !is_new {
            return None;
        }
        (self.number, self.sent) = (number, Some(found.clone()));
        Some(found)
    }

    fn runs(&self) -> Vec<RunFolder> {
        let Some(Ok(overview)) = &self.sent else { return Vec::new() };
        let begun = overview.rows.iter().flat_map(|row| &row.runs).filter(|run| run.state.is_some());
        begun.map(|run| run.folder.clone()).collect()
    }
}

/// By itself, something of it may be another one soon: also that a process is gone, which no file tells.
fn goes_on(summary: &SearchSummary) -> bool {
    summary.state.is_active() || summary.counts.running + summary.counts.queued > 0
}

/// When the files of a search and of some runs were last changed. Files are replaced, not written over, and so their
/// folder's time tells.
#[derive(PartialEq)]
struct Stamp(Vec<Option<SystemTime>>);

impl Stamp {
    fn of(folder: &SearchFolder, runs: &[RunFolder]) -> Self {
        let own = [folder.path().to_path_buf(), folder.record(), folder.plan(), folder.runs()];
        let runs = runs.iter().map(|run| run.path().to_path_buf());
        let changed = |path: PathBuf| path.metadata().and_then(|about| about.modified()).ok();
        Self(own.into_iter().chain(runs).map(changed).collect())
    }
}

/// Does what is ordered, one after the other: what was ordered last is what is so at the end.
pub(super) async fn act(mut orders: UnboundedReceiver<(SearchFolder, Act)>, messages: Sender<Message>) {
    let mut next = None;
    loop {
        let Some((folder, act)) = (match next.take() {
            Some(order) => Some(order),
            None => orders.recv().await,
        }) else {
            return;
        };
        // Of several limits in a row, the last one counts.
        next = orders.try_recv().ok();
        let is_outdated =
            |(later, act): &(SearchFolder, Act)| *later == folder && matches!(act, Act::Throttle(_));
        if matches!(act, Act::Throttle(_)) && next.as_ref().is_some_and(is_outdated) {
            continue;
        }
        let of = folder.clone();
        let Ok(said) = spawn_blocking(move || carry_out(&of, act)).await else { continue };
        if messages.send(Message::Searches(Report::Acted(folder, said))).await.is_err() {
            return;
        }
    }
}

fn carry_out(_folder: &SearchFolder, act: Act) -> Result<String, String> {
    Err(format!("{act:?} is not possible yet"))
}
