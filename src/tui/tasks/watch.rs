//! The list of runs, kept up to date by looking again and again.

use crate::run::{self, RunFolder, RunSummary, RunsWatch, printable};
use crate::tui::message::{Message, RunEntry};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc::{Sender, UnboundedReceiver};
use tokio::task::spawn_blocking;

const EVERY: Duration = Duration::from_millis(500);
/// A process that dies changes no file, so active runs are looked at anyway every so many polls.
const LOOK_AT_ACTIVE: u32 = 4;

struct Watcher {
    runs: PathBuf,
    watch: RunsWatch,
    entries: Vec<RunEntry>,
    polls: u32,
    listed: bool,
}

/// Sends the list of runs whenever it changes; the runs that come by `changes` are looked at at once.
pub(crate) async fn watch(
    runs: PathBuf,
    mut changes: UnboundedReceiver<RunFolder>,
    messages: Sender<Message>,
) {
    let mut watcher =
        Watcher { watch: RunsWatch::new(&runs), runs, entries: Vec::new(), polls: 0, listed: false };
    let mut told = None;
    let mut known = Vec::new();
    loop {
        let looked = spawn_blocking(move || {
            let found = watcher.look(&known);
            (watcher, found)
        });
        // A panic in there has been told about by the panic hook.
        let Ok((back, found)) = looked.await else { return };
        watcher = back;
        if let Some(found) = found {
            let problem = found.as_ref().err().cloned();
            if (problem.is_none() || problem != told) && messages.send(Message::Runs(found)).await.is_err() {
                return;
            }
            told = problem;
        }
        known = tokio::select! {
            () = tokio::time::sleep(EVERY) => Vec::new(),
            Some(folder) = changes.recv() => vec![folder],
        };
    }
}

impl Watcher {
    /// The list, if it is not as it was.
    fn look(&mut self, known: &[RunFolder]) -> Option<Result<Vec<RunEntry>, String>> {
        let found = if self.listed { self.changes(known) } else { self.first() };
        match found {
            Ok(true) => Some(Ok(self.entries.clone())),
            Ok(false) => None,
            Err(error) => Some(Err(printable(&error.to_string()).into_owned())),
        }
    }

    fn first(&mut self) -> Result<bool, run::RunError> {
        // Looked at before it is listed, so that what changes in between is not missed.
        self.watch.poll()?;
        self.entries = run::list(&self.runs)?.into_iter().map(RunEntry::from).collect();
        self.listed = true;
        Ok(true)
    }

    fn changes(&mut self, known: &[RunFolder]) -> Result<bool, run::RunError> {
        let mut stale: Vec<RunFolder> = known.to_vec();
        for change in self.watch.poll()? {
            match change {
                run::Change::Metrics(_) | run::Change::Log(_) => {}
                run::Change::Appeared(folder)
                | run::Change::Status(folder)
                | run::Change::Vanished(folder) => {
                    stale.push(folder);
                }
            }
        }
        self.polls = self.polls.wrapping_add(1);
        if self.polls.is_multiple_of(LOOK_AT_ACTIVE) {
            let active = self.entries.iter().filter(|entry| entry.state.is_active());
            stale.extend(active.map(|entry| entry.folder.clone()));
        }
        let mut changed = false;
        for folder in stale {
            changed |= self.look_at(&folder);
        }
        if changed {
            self.entries.sort_by(|a, b| {
                let newest = b.created.unwrap_or(0.0).total_cmp(&a.created.unwrap_or(0.0));
                newest.then_with(|| b.id.cmp(&a.id))
            });
        }
        Ok(changed)
    }

    /// Reads one run anew; says whether it is not as it was.
    fn look_at(&mut self, folder: &RunFolder) -> bool {
        let known = self.entries.iter().position(|entry| entry.folder == *folder);
        let entry = folder.path().is_dir().then(|| RunEntry::from(RunSummary::read(folder)));
        match (known, entry) {
            (Some(i), Some(entry)) => {
                let changed = self.entries[i] != entry;
                self.entries[i] = entry;
                changed
            }
            (Some(i), None) => {
                self.entries.remove(i);
                true
            }
            (None, Some(entry)) => {
                self.entries.push(entry);
                true
            }
            (None, None) => false,
        }
    }
}
