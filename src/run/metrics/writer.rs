use super::MetricSplit;
use crate::run::append::AppendFile;
use crate::run::tensorboard::EventsFile;
use crate::run::{RunError, RunFolder, printable, unix_seconds};
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::os::unix::fs::FileExt;

/// A row of `metrics.jsonl` as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricRow {
    /// Rises by one with each row of the file, over all splits, also over resumes.
    pub seq: u64,
    /// Unix seconds.
    pub time: f64,
    /// From 1.
    pub epoch: u32,
    pub step: u64,
    pub split: MetricSplit,
    /// Values that are not finite are written as null and read as NaN.
    pub values: Vec<(String, f64)>,
}

/// What a row says beside its metrics; no metric can be called so.
const FIELDS: [&str; 5] = ["seq", "time", "epoch", "step", "split"];

impl MetricRow {
    /// The row's line, with its end. Values have the digits that give the same number back.
    fn line(&self) -> String {
        let Self { seq, time, epoch, step, split, values } = self;
        let mut line = format!(
            "{{\"seq\":{seq},\"time\":{time:.3},\"epoch\":{epoch},\"step\":{step},\"split\":\"{split}\""
        );
        for (key, value) in values {
            // A metric by the name of one of the fields above would make the row say two things.
            if !FIELDS.contains(&key.as_str()) {
                // JSON's own forms: a quoted key, and null for what is not finite.
                line.push_str(&format!(",{}:{}", serde_json::json!(key), serde_json::json!(value)));
            }
        }
        line.push_str("}\n");
        line
    }
}

/// Adds rows to a run's `metrics.jsonl`, and the same to an events file for TensorBoard. One at a time: hold the run's
/// [`RunLock`](crate::run::RunLock).
#[derive(Debug)]
pub struct MetricsWriter {
    file: AppendFile,
    seq: u64,
    events: Option<EventsFile>,
    complaint: Option<String>,
}

impl MetricsWriter {
    /// Goes on behind the rows that are there, after healing a last line that was torn. `next_step` is the first step
    /// that will be trained now: TensorBoard forgets what it knew from there on, as our readers do by themselves.
    pub fn open(folder: &RunFolder, next_step: u64) -> Result<Self, RunError> {
        let path = folder.metrics();
        let mut file = AppendFile::open(&path)?;
        let is_resume = file.length() > 0;
        let seq = heal(&mut file, &path)?;
        let (events, complaint) = match EventsFile::create(folder, is_resume.then_some(next_step)) {
            Ok(events) => (Some(events), None),
            Err(error) => (None, Some(error.to_string())),
        };
        Ok(Self { file, seq, events, complaint })
    }

    /// Adds one row with one write and returns it. `epoch` counts from 1; `step` must be above the last one of its
    /// split, or else rows from it on are dropped by readers, as after a resume. After a failure, as on a full disk, the
    /// file is as before, and the next row may be tried.
    pub fn append(
        &mut self,
        epoch: u32,
        step: u64,
        split: MetricSplit,
        values: &[(&str, f64)],
    ) -> Result<MetricRow, RunError> {
        let values = values.iter().map(|(key, value)| (key.to_string(), *value)).collect();
        let row = MetricRow { seq: self.seq, time: unix_seconds(), epoch, step, split, values };
        self.file.append(row.line().as_bytes())?;
        self.seq += 1;
        if let Some(events) = &mut self.events
            && let Err(error) = events.append(&row)
        {
            // A copy for another program is not worth a run: it ends here, and someone is told once.
            self.events = None;
            self.complaint = Some(error.to_string());
        }
        Ok(row)
    }

    /// Returns when all rows are on the disk, to be called beside a checkpoint.
    pub fn flush(&mut self) -> Result<(), RunError> {
        self.file.sync()
    }

    /// Why there are no more events for TensorBoard, the first time it is asked after that.
    pub fn take_complaint(&mut self) -> Option<String> {
        self.complaint
            .take()
            .map(|complaint| format!("no more TensorBoard events: {}", printable(&complaint)))
    }
}

/// Makes the file end with a whole line and returns the next row's `seq`.
fn heal(file: &mut AppendFile, path: &std::path::Path) -> Result<u64, RunError> {
    let length = file.length();
    let mut window = 64 << 10;
    loop {
        let start = length.saturating_sub(window);
        let mut content = vec![0; (length - start) as usize];
        file.file().read_exact_at(&mut content, start).map_err(RunError::read(path))?;
        let end = memchr::memrchr(b'\n', &content).map(|last| last + 1);
        // The first line in the window may be cut off at its front, unless the window begins with the file.
        let whole = if start == 0 { Some(0) } else { memchr::memchr(b'\n', &content).map(|first| first + 1) };
        let seq = whole.zip(end).and_then(|(from, to)| last_seq(content.get(from..to)?));
        if seq.is_some() || start == 0 {
            let end = end.unwrap_or(0);
            let torn = &content[end..];
            let mut next = seq.map_or(0, |seq| seq + 1);
            if is_object(torn) {
                // Everything was written but the line's end.
                file.append(b"\n")?;
                next = seq_of(torn).map_or(next, |seq| seq + 1);
            } else if !torn.is_empty() {
                file.cut(start + end as u64)?;
            }
            return Ok(next);
        }
        window *= 8;
    }
}

fn is_object(line: &[u8]) -> bool {
    serde_json::from_slice::<HashMap<&str, IgnoredAny>>(line).is_ok()
}

fn last_seq(lines: &[u8]) -> Option<u64> {
    lines.split(|&byte| byte == b'\n').rev().find_map(seq_of)
}

fn seq_of(line: &[u8]) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Numbered {
        seq: u64,
    }
    serde_json::from_slice::<Numbered>(line).ok().map(|row| row.seq)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::folder;
    use crate::run::{Metrics, MetricsReader};
    use MetricSplit::{Train, Valid};
    use std::fs;

    fn writer(folder: &RunFolder) -> MetricsWriter {
        MetricsWriter::open(folder, 1).unwrap()
    }

    fn read(folder: &RunFolder) -> Metrics {
        MetricsReader::read_all(folder).unwrap()
    }

    #[test]
    fn rows_are_read_back_as_they_were_written() {
        let (_keep, folder) = folder("a");
        let mut writer = writer(&folder);
        let value = 0.1 + 0.2;
        writer
            .append(1, 10, Train, &[("loss", value), ("odd \"key\"\n", -1e-300), ("bad", f64::NAN)])
            .unwrap();
        writer.append(1, 10, Valid, &[("loss", f64::INFINITY), ("step", 3.0)]).unwrap();
        writer.flush().unwrap();
        let text = fs::read_to_string(folder.metrics()).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(text.starts_with("{\"seq\":0,\"time\":") && text.contains("\"bad\":null"), "{text}");
        let metrics = read(&folder);
        assert_eq!(metrics.series(Train, "loss").unwrap().values, [value]);
        assert_eq!(metrics.series(Train, "odd \"key\"\n").unwrap().values, [-1e-300]);
        assert!(metrics.series(Train, "bad").unwrap().values[0].is_nan());
        assert!(metrics.series(Valid, "loss").unwrap().values[0].is_nan());
        assert_eq!((metrics.last_row(Valid), metrics.skipped_lines()), (Some((1, 10)), 0));
        assert_eq!(metrics.iter().count(), 4);
    }

    #[test]
    fn seq_goes_on_after_a_resume() {
        let (_keep, folder) = folder("a");
        assert_eq!(writer(&folder).append(1, 1, Train, &[]).unwrap().seq, 0);
        assert_eq!(writer(&folder).append(1, 2, Train, &[]).unwrap().seq, 1);
        // Behind what another program has added, also a lot of it.
        let mut text = fs::read_to_string(folder.metrics()).unwrap();
        text += &"not json\n".repeat(20_000);
        fs::write(folder.metrics(), text).unwrap();
        assert_eq!(writer(&folder).append(1, 3, Train, &[]).unwrap().seq, 2);
        assert_eq!(read(&folder).rows(), 3);
    }

    #[test]
    fn a_torn_last_line_is_healed_wherever_it_was_torn() {
        let (_keep, folder) = folder("a");
        let mut first = writer(&folder);
        first.append(1, 1, Train, &[("loss", 1.0)]).unwrap();
        let whole = fs::read(folder.metrics()).unwrap();
        first.append(1, 2, Train, &[("loss", 2.0)]).unwrap();
        let both = fs::read(folder.metrics()).unwrap();
        for length in 0..=both.len() {
            fs::write(folder.metrics(), &both[..length]).unwrap();
            let row = writer(&folder).append(1, 3, Train, &[("loss", 3.0)]).unwrap();
            let metrics = read(&folder);
            assert_eq!(metrics.skipped_lines(), 0, "torn after {length} bytes");
            let kept = u64::from(length + 1 >= whole.len()) + u64::from(length + 1 >= both.len());
            assert_eq!((metrics.rows(), row.seq), (kept + 1, kept), "torn after {length} bytes");
        }
    }

    #[test]
    fn a_reader_that_follows_is_not_disturbed_by_healing() {
        let (_keep, folder) = folder("a");
        writer(&folder).append(1, 1, Train, &[("loss", 1.0)]).unwrap();
        let mut text = fs::read_to_string(folder.metrics()).unwrap();
        text += "{\"seq\":1,\"ti";
        fs::write(folder.metrics(), text).unwrap();
        let (mut reader, mut metrics) = (MetricsReader::new(&folder), Metrics::default());
        metrics.apply(reader.read(1000).unwrap().unwrap());
        writer(&folder).append(1, 2, Train, &[("loss", 2.0)]).unwrap();
        let slice = reader.read(1000).unwrap().unwrap();
        assert!(!slice.restarted());
        metrics.apply(slice);
        assert_eq!(metrics.series(Train, "loss").unwrap().steps, [1, 2]);
    }

    #[test]
    fn a_disk_that_is_full_is_a_sentence_and_never_a_torn_row() {
        let (_keep, folder) = folder("a");
        // This device accepts no byte, as a full disk.
        std::os::unix::fs::symlink("/dev/full", folder.metrics()).unwrap();
        let mut writer = writer(&folder);
        let error = writer.append(1, 1, Train, &[("loss", 1.0)]).unwrap_err().to_string();
        assert!(error.contains("metrics.jsonl") && error.contains("free some space"), "{error}");
    }
}
