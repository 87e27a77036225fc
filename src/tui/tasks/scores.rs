//! Scores files: opened, scanned, sorted and filtered while the loop goes on.

use super::slot::Desk;
use crate::evaluate::{EvaluateError, ScoreFile, ScoreLine, scored_splits};
use crate::run::printable;
use crate::tui::message::Message;
use crate::tui::state::scores::{Look, Order, Report, Row, Seen};
use std::time::{Duration, Instant};

/// Whether the file is still the same is looked at so often.
const EVERY: Duration = Duration::from_millis(500);
/// What is not done within this time is told about, although rows will still change.
const PATIENCE: Duration = Duration::from_millis(40);
/// While a file is read, the table is sent no more often.
const PAUSE: Duration = Duration::from_millis(250);

/// When an order is to be done again.
pub(super) fn again(order: &Order) -> Option<Duration> {
    matches!(order, Order::Show(_)).then_some(EVERY)
}

/// Does orders; the file stays open in between, with what is known of it.
pub(super) fn work() -> impl FnMut(Order, &Desk<Order>) + Send + 'static {
    let mut reader = Reader::default();
    move |order, desk| {
        if let Order::Show(look) = order {
            reader.show(&look, desk);
        }
    }
}

#[derive(Default)]
struct Reader {
    file: Option<ScoreFile>,
    /// What was told last.
    told: Option<Told>,
}

struct Told {
    look: Look,
    splits: Vec<String>,
    /// Nothing more is to be told of it; or what is wrong with it.
    end: Result<bool, String>,
}

impl Reader {
    fn show(&mut self, look: &Look, desk: &Desk<Order>) {
        let folder = look.run.scores("test").parent().map(scored_splits);
        let splits = folder.unwrap_or_default();
        let Some(split) = look.split.as_ref().or(splits.first()).cloned() else {
            self.file = None;
            let missing = "this run has no scores yet: they come with its end, or with mien evaluate";
            self.tell(look, &splits, "", Err(missing.into()), false, desk);
            return;
        };
        let path = look.run.scores(&split);
        let is_same = |file: &ScoreFile| file.path() == path;
        let anew = self.file.as_ref().is_some_and(|file| is_same(file) && !file.is_current());
        if anew || !self.file.as_ref().is_some_and(is_same) {
            self.file = None;
            match ScoreFile::open(&path) {
                Ok(file) => {
                    self.file = Some(file);
                    self.told = None;
                }
                Err(error) => {
                    self.tell(look, &splits, &split, Err(sentence(&error)), false, desk);
                    return;
                }
            }
        }
        if let Err(error) = self.read(look, &splits, &split, anew, desk) {
            // The next look opens it anew.
            self.file = None;
            self.tell(look, &splits, &split, Err(sentence(&error)), false, desk);
        }
    }

    /// Sends what there is to see at once, and then now and then until everything has been read.
    fn read(
        &mut self,
        look: &Look,
        splits: &[String],
        split: &str,
        anew: bool,
        desk: &Desk<Order>,
    ) -> Result<(), EvaluateError> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        let told = self.told.as_ref();
        let is_told = told.is_some_and(|told| told.look == *look && told.splits == splits);
        if is_told && told.is_some_and(|told| told.end == Ok(true)) {
            self.file = Some(file);
            return Ok(());
        }
        // Of the arrangement that is shown already, a page can be shown before the rest is read.
        let mut at_once =
            told.is_none_or(|told| told.look.arrangement == look.arrangement) && !is_told && !file.is_short();
        let mut due = Instant::now() + if is_told { PAUSE } else { PATIENCE };
        let mut anew = anew;
        file.arrange_by(&look.arrangement);
        at_once &= file.is_arranged();
        loop {
            let is_due = Instant::now() >= due;
            let mut is_complete = file.is_read();
            if at_once || is_due || is_complete {
                let begun = Instant::now();
                if is_due || is_complete {
                    file.arrange();
                }
                let rows = file.page(look.places.clone())?.into_iter().map(row).collect();
                // A first page may have been all of it.
                is_complete &= file.is_read();
                let (counts, progress, first) = (file.counts(), file.progress(), look.places.start);
                let seen = Seen { counts, progress, is_complete, first, rows };
                if !self.tell(look, splits, split, Ok(seen), anew, desk) || is_complete {
                    break;
                }
                (at_once, anew) = (false, false);
                // Sorting again and again must not take longer than reading.
                due = Instant::now() + PAUSE.max(4 * begun.elapsed());
            }
            if desk.is_abandoned() {
                break;
            }
            file.advance()?;
        }
        self.file = Some(file);
        Ok(())
    }

    /// Sends what was not sent just before; `false` when nobody wants it any more.
    fn tell(
        &mut self,
        look: &Look,
        splits: &[String],
        split: &str,
        seen: Result<Seen, String>,
        anew: bool,
        desk: &Desk<Order>,
    ) -> bool {
        let end = seen.as_ref().map(|seen| seen.is_complete).map_err(Clone::clone);
        if let Some(told) = &self.told
            && told.end.is_err()
            && told.end == end
            && told.look == *look
        {
            return true;
        }
        let report =
            Report { look: Box::new(look.clone()), splits: splits.to_vec(), split: split.into(), seen, anew };
        let is_sent = desk.send(Message::Scores(report));
        if is_sent {
            self.told = Some(Told { look: look.clone(), splits: splits.to_vec(), end });
        }
        is_sent
    }
}

fn sentence(error: &EvaluateError) -> String {
    printable(&error.to_string()).into_owned()
}

fn row(mut line: ScoreLine) -> Row {
    let name = match &mut line.content {
        Ok(row) => printable(&row.path).into_owned(),
        Err(unreadable) => {
            unreadable.reason = printable(&unreadable.reason).into_owned();
            unreadable.text = printable(&unreadable.text).into_owned();
            unreadable.text.clone()
        }
    };
    Row { name, line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emotion::Emotion;
    use crate::evaluate::{Arrangement, Decimals, Query, ScoreRow, Scores, SortBy, write_scores};
    use crate::run::RunFolder;
    use crate::tui::tasks::slot::Slot;
    use tokio::sync::mpsc::{Receiver, channel};

    /// More than is read before the first answer.
    const ROWS: usize = 30_000;

    fn run(folder: &std::path::Path) -> RunFolder {
        std::fs::write(folder.join("status.json"), "{}").unwrap();
        let run = RunFolder::open(folder).unwrap();
        let row = |row: usize| {
            let mut scores = [0.01; 6];
            scores[row % 6] = 0.5 + row as f32 / ROWS as f32 / 2.0;
            ScoreRow { path: format!("test/{row:05}.png"), scores, label: Some(Emotion::Anger) }
        };
        let scores = Scores { rows: (0..ROWS).map(row).collect() };
        write_scores(&run.scores("test"), &scores, Decimals::Full).unwrap();
        run
    }

    async fn next(found: &mut Receiver<Message>) -> (Look, Seen) {
        match found.recv().await {
            Some(Message::Scores(report)) => (*report.look, report.seen.unwrap()),
            other => panic!("{other:?}"),
        }
    }

    async fn last(found: &mut Receiver<Message>, wanted: &Look) -> Seen {
        loop {
            let (look, seen) = next(found).await;
            if look == *wanted && seen.is_complete {
                return seen;
            }
        }
    }

    #[tokio::test]
    async fn the_first_page_comes_before_the_scan_and_a_new_order_goes_on_where_the_old_one_was() {
        let folder = tempfile::tempdir().unwrap();
        let (messages, mut found) = channel(4);
        let slot = Slot::spawn_again(messages, again, work());
        let run = run(folder.path());
        let look = Look { run, split: None, arrangement: Arrangement::default(), places: 0..20 };
        slot.order(Order::Show(look.clone()));
        let (_, seen) = next(&mut found).await;
        assert_eq!((seen.rows.len(), seen.counts.rows, seen.is_complete), (20, 20, false));
        assert_eq!(seen.rows[19].name, "test/00019.png");

        let query = Query::parse("name:test/0 wrong").unwrap();
        let arrangement = Arrangement { query, by: SortBy::Confidence, descending: true };
        let sorted = Look { arrangement, places: 10..12, ..look.clone() };
        slot.order(Order::Show(sorted.clone()));
        let seen = last(&mut found, &sorted).await;
        assert_eq!((seen.counts.rows, seen.counts.shown, seen.first), (ROWS, 8333, 10));
        // Backwards from 9999, without those of anger.
        let names: Vec<&str> = seen.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["test/09986.png", "test/09985.png"]);

        // A page of what is known is the only answer.
        let deep = Look { places: 29_990..30_010, ..look };
        slot.order(Order::Show(deep.clone()));
        let (of, seen) = next(&mut found).await;
        assert_eq!((of, seen.rows.len(), seen.is_complete), (deep, 10, true));
        slot.order(Order::Rest);
        drop(slot);
        assert!(found.recv().await.is_none());
    }

    #[tokio::test]
    async fn what_is_sent_is_in_the_order_that_was_asked_for_from_the_first_rows_on() {
        let folder = tempfile::tempdir().unwrap();
        let (messages, mut found) = channel(4);
        let slot = Slot::spawn_again(messages, again, work());
        let arrangement = Arrangement { by: SortBy::Confidence, descending: true, ..Arrangement::default() };
        let sorted = Look { run: run(folder.path()), split: None, arrangement, places: 0..20 };
        slot.order(Order::Show(sorted));
        loop {
            let (_, seen) = next(&mut found).await;
            let confidences: Vec<f32> =
                seen.rows.iter().map(|row| row.line.content.as_ref().unwrap().confidence()).collect();
            assert_eq!(confidences.len(), 20);
            assert!(confidences.is_sorted_by(|a, b| a >= b), "{confidences:?}");
            if seen.is_complete {
                assert!(confidences[0] > 0.999);
                break;
            }
        }
    }
}
