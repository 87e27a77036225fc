//! The run that is looked at: its metrics in slices, the end of its log, its config. And the metrics of the marked
//! ones.

use crate::run::{LogTail, MetricsReader, RunError, RunFolder, printable};
use crate::tui::message::{FollowedRun, Message};
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;

const EVERY: Duration = Duration::from_millis(250);
/// The first slice is small, so that the first chart comes soon.
const FIRST_SLICE: usize = 128 << 10;
/// Taking a slice in must not make a key wait.
const SLICE: usize = 384 << 10;
const CONFIG_BYTES: u64 = 256 << 10;
const LONGEST_LINE: usize = 2000;

/// Which run is wanted; only the newest wish counts.
pub(crate) type Wish = Option<(FollowedRun, RunFolder)>;

/// The marked runs.
pub(crate) type Wishes = Vec<(FollowedRun, RunFolder)>;

/// Sends what the wanted run has and gets, until nobody wishes any more.
pub(crate) async fn follow(mut wish: watch::Receiver<Wish>, messages: mpsc::Sender<Message>) {
    let mut following: Option<Following> = None;
    loop {
        if wish.has_changed().is_err() {
            return;
        }
        let wanted = wish.borrow_and_update().clone();
        if wanted.as_ref().map(|(request, _)| *request) != following.as_ref().map(|f| f.request) {
            following = wanted.map(|(request, folder)| Following::new(request, folder));
        }
        let mut more = false;
        if let Some(mut run) = following.take() {
            let read = spawn_blocking(move || {
                let found = run.read();
                (run, found)
            });
            // A panic in there has been told about by the panic hook; the next wish begins anew.
            if let Ok((run, found)) = read.await {
                more = run.more;
                following = Some(run);
                for message in found {
                    if messages.send(message).await.is_err() {
                        return;
                    }
                }
            }
        }
        if !more {
            tokio::select! {
                changed = wish.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }
}

/// Sends the metrics that the marked runs have and get, a slice of each in turn, until nobody wishes any more. The run
/// that is looked at has a task of its own and does not wait for them.
pub(crate) async fn follow_marked(mut wishes: watch::Receiver<Wishes>, messages: mpsc::Sender<Message>) {
    let mut followed: Vec<Following> = Vec::new();
    loop {
        if wishes.has_changed().is_err() {
            return;
        }
        let wanted = wishes.borrow_and_update().clone();
        followed.retain(|run| wanted.iter().any(|(request, _)| *request == run.request));
        for (request, folder) in wanted {
            if followed.iter().all(|run| run.request != request) {
                followed.push(Following::new(request, folder));
            }
        }
        let read = spawn_blocking(move || {
            let found: Vec<Message> = followed.iter_mut().flat_map(Following::read_metrics).collect();
            (followed, found)
        });
        let found;
        // After a panic, which the panic hook has told about, all begin anew.
        (followed, found) = read.await.unwrap_or_default();
        for message in found {
            if messages.send(message).await.is_err() {
                return;
            }
        }
        if !followed.iter().any(|run| run.more) {
            tokio::select! {
                changed = wishes.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(EVERY), if !followed.is_empty() => {}
            }
        }
    }
}

struct Following {
    request: FollowedRun,
    folder: RunFolder,
    metrics: MetricsReader,
    slice: usize,
    /// The reader has not come to the end of the file yet.
    more: bool,
    caught_up: bool,
    log: LogTail,
    config: Option<Stamp>,
    problem: Option<String>,
}

/// Inode, length and time of change of a file.
type Stamp = (u64, u64, i64, i64);

impl Following {
    fn new(request: FollowedRun, folder: RunFolder) -> Self {
        let (metrics, log) = (MetricsReader::new(&folder), LogTail::new(&folder));
        Self {
            request,
            folder,
            metrics,
            slice: FIRST_SLICE,
            more: true,
            caught_up: false,
            log,
            config: None,
            problem: None,
        }
    }

    /// One slice of the metrics, and log and config where they changed.
    fn read(&mut self) -> Vec<Message> {
        let mut found = self.read_metrics();
        // The log and the config are small, and the log is on the screen with the first charts.
        match self.log.poll() {
            Ok(Some(piece)) => found.push(Message::Log(self.request, piece)),
            Ok(None) => {}
            Err(error) => self.tell(&mut found, &error),
        }
        if let Some(lines) = changed_lines(&self.folder.config(), &mut self.config) {
            found.push(Message::Config(self.request, lines));
        }
        found
    }

    /// One slice of the metrics.
    fn read_metrics(&mut self) -> Vec<Message> {
        let mut found = Vec::new();
        match self.metrics.read(self.slice) {
            Ok(Some(slice)) => {
                self.more = slice.progress() < 1.0;
                self.slice = SLICE;
                found.push(Message::Metrics(self.request, Box::new(slice)));
            }
            Ok(None) => self.more = false,
            Err(error) => {
                self.more = false;
                self.tell(&mut found, &error);
            }
        }
        if !self.more && !self.caught_up {
            self.caught_up = true;
            found.push(Message::CaughtUp(self.request));
        }
        found
    }

    /// Once, not four times a second.
    fn tell(&mut self, found: &mut Vec<Message>, error: &RunError) {
        let problem = printable(&error.to_string()).into_owned();
        if self.problem.as_ref() != Some(&problem) {
            self.problem = Some(problem.clone());
            found.push(Message::Problem(problem));
        }
    }
}

/// The printable lines of a file that is not as it was, or of its beginning where it is longer than a config is.
fn changed_lines(path: &Path, stamp: &mut Option<Stamp>) -> Option<Vec<String>> {
    // Anything but a plain file could make a reader wait for ever.
    let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let now = (metadata.ino(), metadata.len(), metadata.mtime(), metadata.mtime_nsec());
    if *stamp == Some(now) {
        return None;
    }
    *stamp = Some(now);
    let mut bytes = vec![0; usize::try_from(metadata.len().min(CONFIG_BYTES)).ok()?];
    let read = File::open(path).ok()?.read_at(&mut bytes, 0).ok()?;
    bytes.truncate(read);
    let text = String::from_utf8_lossy(&bytes);
    Some(text.lines().map(printable_line).collect())
}

fn printable_line(line: &str) -> String {
    let spaced = line.replace('\t', "    ");
    let cut = spaced.char_indices().nth(LONGEST_LINE).map_or(spaced.len(), |(at, _)| at);
    printable(&spaced[..cut]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_printable_and_only_sent_when_they_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let mut stamp = None;
        assert_eq!(changed_lines(&path, &mut stamp), None);
        std::fs::write(&path, "a\tb\n\x1b[2Jc\r\nd").unwrap();
        assert_eq!(changed_lines(&path, &mut stamp).unwrap(), ["a    b", "[2Jc", "d"]);
        assert_eq!(changed_lines(&path, &mut stamp), None);
        std::fs::write(&path, "first line\n").unwrap();
        assert_eq!(changed_lines(&path, &mut stamp).unwrap(), ["first line"]);
    }
}
