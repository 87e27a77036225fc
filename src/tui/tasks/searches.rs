//! Searches: what their folders and those of their runs say, looked at again as long as someone looks.

use super::orders::sentence;
use super::slot::Desk;
use crate::data::{printable, shown};
use crate::search::{
    self, Overview, OverviewReader, ResumeOptions, Resumed, SearchFolder, SearchSummary, StopOutcome,
    TrialRow,
};
use crate::tui::message::Message;
use crate::tui::state::searches::{Act, Order, Report};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
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
    /// The others.
    going: HashMap<SearchFolder, OverviewReader>,
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
        // Before it is read: what is written meanwhile counts as changed.
        let stamp = Stamp::of(folder);
        if let Some((before, summary)) = self.quiet.get(folder)
            && *before == stamp
        {
            return Some(summary.clone());
        }
        let mut reader = self.going.remove(folder).unwrap_or_else(|| OverviewReader::new(folder));
        // One that cannot be read at all is gone meanwhile.
        let summary = reader.read().ok()?.summary.clone();
        if goes_on(&summary) {
            self.quiet.remove(folder);
            self.going.insert(folder.clone(), reader);
        } else {
            self.quiet.insert(folder.clone(), (stamp, summary.clone()));
        }
        Some(summary)
    }
}

/// One search as it was last sent.
struct Looked {
    folder: SearchFolder,
    reader: OverviewReader,
    number: u64,
    looks: u64,
    sent: Option<Result<Arc<Overview>, String>>,
}

impl Looked {
    fn new(folder: &SearchFolder) -> Self {
        let reader = OverviewReader::new(folder);
        Self { folder: folder.clone(), reader, number: 0, looks: 0, sent: None }
    }

    /// The search, where it is not as it was or nobody has answered this order yet.
    fn look(&mut self, number: u64) -> Option<Result<Arc<Overview>, String>> {
        let is_asked = self.number != number;
        self.looks += 1;
        let is_quiet = matches!(&self.sent, Some(Ok(overview)) if !goes_on(&overview.summary));
        if !is_asked && is_quiet && !self.looks.is_multiple_of(QUIET) {
            return None;
        }
        let found = self.reader.read().map_err(|error| match self.folder.path().try_exists() {
            Ok(false) => {
                format!(
                    "{} is gone: its folder was removed or moved; S lists the others",
                    printable(&self.folder.id())
                )
            }
            _ => sentence(error),
        });
        let is_same = match (&self.sent, &found) {
            (Some(Ok(before)), Ok(now)) => Arc::ptr_eq(before, now) || before == now,
            (Some(Err(before)), Err(now)) => before == now,
            _ => false,
        };
        if !is_asked && is_same {
            return None;
        }
        (self.number, self.sent) = (number, Some(found.clone()));
        Some(found)
    }
}

/// By itself, something of it may be another one soon: also that a process is gone, which no file tells.
fn goes_on(summary: &SearchSummary) -> bool {
    summary.state.is_active() || summary.counts.running + summary.counts.queued > 0
}

/// When a search's files and the folder of all runs were last changed. A file that is replaced changes the time of its
/// folder.
#[derive(PartialEq)]
struct Stamp([Option<SystemTime>; 4]);

impl Stamp {
    fn of(folder: &SearchFolder) -> Self {
        let paths = [folder.path().to_path_buf(), folder.record(), folder.plan(), folder.runs()];
        Self(paths.map(|path| path.metadata().and_then(|about| about.modified()).ok()))
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
        let (of, is_promotion) = (folder.clone(), matches!(act, Act::Promote { .. }));
        let Ok(said) = spawn_blocking(move || carry_out(&of, act)).await else { continue };
        let report = if is_promotion { Report::Promoted } else { Report::Acted };
        if messages.send(Message::Searches(report(folder, said))).await.is_err() {
            return;
        }
    }
}

fn carry_out(folder: &SearchFolder, act: Act) -> Result<String, String> {
    let name = || printable(&folder.id()).into_owned();
    match act {
        Act::Stop => match search::stop(folder).map_err(sentence)? {
            StopOutcome::Stopped => Ok(format!("{} is stopped", name())),
            StopOutcome::Stopping => Ok(format!("{} stops; its runs write their checkpoints", name())),
        },
        Act::Resume => {
            let resumed = search::resume(folder, &ResumeOptions::default()).map_err(sentence)?;
            Ok(went_on(&name(), resumed))
        }
        Act::Throttle(most) => {
            search::throttle(folder, most).map_err(sentence)?;
            Ok(format!("at most {most} run{} at once", if most == 1 { "" } else { "s" }))
        }
        Act::Promote { run, to } => promote(folder, run, &to),
    }
}

fn promote(folder: &SearchFolder, run: u64, to: &Path) -> Result<String, String> {
    let overview = Overview::read(folder).map_err(sentence)?;
    let is_of = |row: &TrialRow| row.runs.iter().any(|seen| seen.number == run);
    let row =
        overview.rows.iter().position(is_of).ok_or("this point is not in the search's plan any more")?;
    if let Some(around) = to.parent() {
        let failed = |error| format!("cannot make the folder {}: {error}", shown(around));
        std::fs::create_dir_all(around).map_err(failed)?;
    }
    search::promote(&overview, row, folder, to).map_err(sentence)?;
    Ok(format!("{0} is written; mien train {0} trains from it, and so does n in the runs", shown(to)))
}

fn went_on(name: &str, resumed: Resumed) -> String {
    let added = match resumed.added {
        0 => String::new(),
        added => format!(", {added} of them new in its file"),
    };
    match resumed.left {
        0 => format!("{name} has nothing left to train"),
        1 => format!("{name} goes on: 1 run is left{added}"),
        left => format!("{name} goes on: {left} runs are left{added}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::slot::Slot;
    use super::*;
    use crate::config::RunConfig;
    use crate::search::{Plan, PlannedRun, Record, SearchState};
    use tokio::sync::mpsc;

    const FILE: &str =
        "name = \"tiny\"\nbase = \"base.toml\"\nseeds = [1, 2]\n[engine.local]\nslots = [\"cpu\"]\n";

    fn search(runs: &Path, state: SearchState) -> SearchFolder {
        let record = Record { state, ..Record::new("s.toml".into()) };
        let run = PlannedRun { number: 1, seed: 1, set: Vec::new() };
        let fill = |folder: &SearchFolder| Plan::append(folder, std::slice::from_ref(&run));
        SearchFolder::create(runs, "tiny", FILE, &RunConfig::default(), &record, fill).unwrap()
    }

    async fn state_told(found: &mut mpsc::Receiver<Message>) -> Option<SearchState> {
        match found.recv().await {
            Some(Message::Searches(Report::List(Ok(list)))) => list.first().map(|summary| summary.state),
            Some(Message::Searches(Report::Found(_, Ok(overview)))) => Some(overview.summary.state),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn what_is_as_it_was_is_sent_once_to_each_who_asks() {
        use SearchState::{Failed, Finished, Stopped};
        let runs = tempfile::tempdir().unwrap();
        let folder = search(runs.path(), Stopped);
        let (messages, mut found) = mpsc::channel(8);
        let again = |order: &Order| again(order).map(|_| Duration::from_millis(1));
        let slot = Slot::spawn_again(messages, again, work(runs.path()));
        for order in [
            |number: u64, _: &SearchFolder| Order::List(number),
            |number: u64, folder: &SearchFolder| Order::Look(number, folder.clone()),
        ] {
            for (number, state) in [(1, Stopped), (2, Failed), (3, Finished)] {
                slot.order(order(number, &folder));
                let before = Record::read(&folder).unwrap();
                assert_eq!(state_told(&mut found).await, Some(before.state));
                // Nothing else comes until there is something new.
                Record { state, ..before.clone() }.write(&folder).unwrap();
                if state != before.state {
                    assert_eq!(state_told(&mut found).await, Some(state));
                }
            }
            Record { state: Stopped, ..Record::read(&folder).unwrap() }.write(&folder).unwrap();
            assert_eq!(state_told(&mut found).await, Some(Stopped));
        }
        std::fs::remove_dir_all(folder.path()).unwrap();
        slot.order(Order::Look(9, folder.clone()));
        let Some(Message::Searches(Report::Found(_, Err(said)))) = found.recv().await else {
            panic!("found")
        };
        assert!(said.contains("removed or moved"), "{said}");
        slot.order(Order::Nothing);
        drop(slot);
        assert!(found.recv().await.is_none());
    }

    #[tokio::test]
    async fn of_several_limits_in_a_row_the_last_one_is_set() {
        let runs = tempfile::tempdir().unwrap();
        let folder = search(runs.path(), SearchState::Stopped);
        let (orders, wanted) = mpsc::unbounded_channel();
        for most in [3, 5, 2] {
            orders.send((folder.clone(), Act::Throttle(most))).unwrap();
        }
        drop(orders);
        let (messages, mut told) = mpsc::channel(8);
        act(wanted, messages).await;
        let Some(Message::Searches(Report::Acted(of, said))) = told.recv().await else { panic!("nothing") };
        assert_eq!((of, said), (folder, Ok("at most 2 runs at once".into())));
        assert!(told.recv().await.is_none());
    }
}
