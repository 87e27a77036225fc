use super::columns::{Metrics, MetricsSlice};
use super::parse::parse_lines;
use crate::run::{RunError, RunFolder, files};
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// Bytes of a slice where no other size is asked for.
const SLICE: usize = 4 << 20;
/// A longer line is not a row of metrics; it is skipped without being held.
const LONGEST_LINE: usize = 1 << 20;
/// So much of the file's beginning, and of what stands before the place read last, is remembered: a
/// file that was replaced is known by other bytes there.
const REMEMBERED: usize = 64;

/// Follows a run's `metrics.jsonl`: each call reads what whole lines have come since the one before.
///
/// A line counts from the moment its end is there, so a torn last line is not read (again: not lost) until it is
/// whole. A file that was replaced or cut is read from its start.
#[derive(Debug)]
pub struct MetricsReader {
    path: PathBuf,
    /// Device and inode of the file that was read from.
    identity: Option<(u64, u64)>,
    offset: u64,
    /// Inside a line that is too long; its end has not come yet.
    in_long_line: bool,
    head: Vec<u8>,
    tail: Vec<u8>,
    buffer: Vec<u8>,
}

impl MetricsReader {
    pub fn new(folder: &RunFolder) -> Self {
        Self {
            path: folder.metrics(),
            identity: None,
            offset: 0,
            in_long_line: false,
            head: Vec::new(),
            tail: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// All that is there now, of a run that nobody follows.
    pub fn read_all(folder: &RunFolder) -> Result<Metrics, RunError> {
        let (mut reader, mut metrics) = (Self::new(folder), Metrics::default());
        while let Some(slice) = reader.read(SLICE)? {
            metrics.apply(slice);
        }
        Ok(metrics)
    }

    /// Reads up to about `bytes` more; `None` where nothing has come. A file that is not there yet has nothing.
    pub fn read(&mut self, bytes: usize) -> Result<Option<MetricsSlice>, RunError> {
        let fail = |path: &PathBuf, error| RunError::read(path)(error);
        let file = match files::open_regular(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(self.restart()),
            Err(error) => return Err(fail(&self.path, error)),
        };
        let mut slice = MetricsSlice::default();
        let is_same = self.is_same(&file).map_err(|error| fail(&self.path, error))?;
        if !is_same {
            slice.restarted = self.restart().is_some();
        }
        let before = self.offset;
        self.read_from(&file, bytes, &mut slice).map_err(|error| fail(&self.path, error))?;
        Ok((slice.restarted || self.offset > before).then_some(slice))
    }

    /// Forgets the file; a slice that says so where anything had been read.
    fn restart(&mut self) -> Option<MetricsSlice> {
        let had_read = self.offset > 0;
        self.identity = None;
        self.offset = 0;
        self.in_long_line = false;
        self.head.clear();
        self.tail.clear();
        had_read.then(|| MetricsSlice { restarted: true, ..MetricsSlice::default() })
    }

    /// Whether `file` still is the one read so far, with more behind it at most.
    fn is_same(&mut self, file: &File) -> io::Result<bool> {
        let metadata = file.metadata()?;
        let identity = (metadata.dev(), metadata.ino());
        let known = self.identity.replace(identity);
        if known.is_some_and(|known| known != identity) || metadata.len() < self.offset {
            return Ok(false);
        }
        // A new file may have the old one's inode, and an old one may have been written over.
        let mut seen = [0; REMEMBERED];
        for (expected, at) in [(&self.head, 0), (&self.tail, self.offset - self.tail.len() as u64)] {
            let seen = &mut seen[..expected.len()];
            if files::read_at(file, seen, at)? < expected.len() || seen != expected {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn read_from(&mut self, file: &File, bytes: usize, slice: &mut MetricsSlice) -> io::Result<()> {
        let metadata = file.metadata()?;
        self.identity = Some((metadata.dev(), metadata.ino()));
        let total = metadata.len();
        let mut wanted = bytes.max(1);
        loop {
            let left = usize::try_from(total.saturating_sub(self.offset)).unwrap_or(usize::MAX);
            self.buffer.resize(wanted.min(left), 0);
            let length = files::read_at(file, &mut self.buffer, self.offset)?;
            self.buffer.truncate(length);
            let Some(end) = memchr::memrchr(b'\n', &self.buffer) else {
                // A line longer than what was asked for: ask for more, up to the longest.
                if length < left && length <= LONGEST_LINE {
                    wanted = wanted.saturating_mul(2);
                    continue;
                }
                if length > LONGEST_LINE {
                    slice.skipped += u64::from(!self.in_long_line);
                    self.in_long_line = true;
                    self.advance(length);
                }
                break;
            };
            let mut lines = &self.buffer[..=end];
            if self.in_long_line {
                let rest = memchr::memchr(b'\n', lines).map_or(lines.len(), |first| first + 1);
                lines = &lines[rest..];
                self.in_long_line = false;
            }
            parse_lines(lines, slice);
            self.advance(end + 1);
            break;
        }
        slice.bytes = self.offset;
        slice.total_bytes = total;
        Ok(())
    }

    /// Moves past the first `length` bytes of the buffer.
    fn advance(&mut self, length: usize) {
        let read = &self.buffer[..length];
        if self.offset == 0 {
            self.head = read[..length.min(REMEMBERED)].to_vec();
        }
        self.tail = read[length.saturating_sub(REMEMBERED)..].to_vec();
        self.offset += length as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::super::MetricSplit::{self, System, Test, Train, Valid};
    use super::*;
    use crate::run::Series;
    use crate::run::tests::folder;
    use std::io::Write;

    fn append(folder: &RunFolder, text: &str) {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(folder.metrics()).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn row(step: u64, split: &str, loss: f64) -> String {
        format!(
            "{{\"seq\":0,\"time\":10.5,\"epoch\":2,\"step\":{step},\"split\":\"{split}\",\"loss\":{loss}}}\n"
        )
    }

    fn steps(metrics: &Metrics, split: MetricSplit) -> Vec<u64> {
        metrics.series(split, "loss").map(|series| series.steps.clone()).unwrap_or_default()
    }

    /// All of a text, read in slices of every given size; all must agree.
    fn read(text: &str) -> Metrics {
        let (_keep, folder) = folder("a");
        append(&folder, text);
        let whole = MetricsReader::read_all(&folder).unwrap();
        for bytes in [1, 7, 64, 1000] {
            let (mut reader, mut metrics) = (MetricsReader::new(&folder), Metrics::default());
            while let Some(slice) = reader.read(bytes).unwrap() {
                metrics.apply(slice);
            }
            assert!(same(&metrics, &whole), "slices of {bytes} bytes");
        }
        whole
    }

    /// Equal as far as a reader can see; a NaN equals itself.
    fn same(a: &Metrics, b: &Metrics) -> bool {
        let see = |metrics: &Metrics| {
            let series: Vec<_> =
                metrics.iter().map(|(split, key, s)| format!("{split}/{key} {s:?}")).collect();
            (series, metrics.rows(), metrics.skipped_lines(), Train.name(), metrics.last_row(Train))
        };
        see(a) == see(b)
    }

    #[test]
    fn a_file_of_ever_new_keys_has_no_more_metrics_than_can_be_held() {
        let row = |row: usize| {
            let keys: String = (0..3000).map(|key| format!(",\"{row}k{key}\":1")).collect();
            format!("{{\"step\":{row},\"split\":\"train\"{keys},\"loss\":{row}}}\n")
        };
        let metrics = read(&(0..4).map(row).collect::<String>());
        assert_eq!((metrics.rows(), metrics.iter().count()), (4, 4000));
        // What was there from the start goes on.
        assert_eq!(steps(&metrics, Train), [0, 1, 2, 3]);
    }

    #[test]
    fn rows_become_columns_by_split_and_key() {
        let text = [
            r#"{"seq":1,"time":1.5,"epoch":1,"step":10,"split":"train","loss":2.25,"accuracy":0.5}"#,
            r#"{"loss":2.0,"split":"train","step":20,"epoch":1,"time":2.5,"seq":2}"#,
            r#"{"seq":3,"time":3,"epoch":1,"step":20,"split":"valid","accuracy":1,"name":"x","on":true,"list":[{"a":1}]}"#,
            r#"{"step":20,"split":"system","gpu":null}"#,
        ]
        .join("\n")
            + "\n";
        let metrics = read(&text);
        let loss = metrics.series(Train, "loss").unwrap();
        assert_eq!(
            loss,
            &Series {
                steps: vec![10, 20],
                epochs: vec![1, 1],
                times: vec![1.5, 2.5],
                values: vec![2.25, 2.0]
            }
        );
        assert_eq!(metrics.series(Train, "accuracy").unwrap().steps, [10]);
        assert_eq!(metrics.series(Valid, "accuracy").unwrap().last(), Some(1.0));
        assert!(metrics.series(System, "gpu").unwrap().values[0].is_nan());
        assert!(metrics.series(Test, "loss").is_none());
        let names: Vec<_> = metrics.iter().map(|(split, key, _)| format!("{split}/{key}")).collect();
        assert_eq!(names, ["train/loss", "train/accuracy", "valid/accuracy", "system/gpu"]);
        assert_eq!((metrics.rows(), metrics.skipped_lines()), (4, 0));
        assert_eq!(metrics.last_row(Train), Some((1, 20)));
    }

    #[test]
    fn a_torn_last_line_is_ignored_until_it_is_whole() {
        let (_keep, folder) = folder("a");
        let line = row(2, "train", 0.5);
        append(&folder, &row(1, "train", 1.0));
        let (mut reader, mut metrics) = (MetricsReader::new(&folder), Metrics::default());
        metrics.apply(reader.read(1000).unwrap().unwrap());
        for part in [&line[..1], &line[1..20], &line[20..line.len() - 1]] {
            append(&folder, part);
            assert_eq!(reader.read(1000).unwrap(), None);
        }
        append(&folder, "\n");
        metrics.apply(reader.read(1000).unwrap().unwrap());
        assert_eq!(steps(&metrics, Train), [1, 2]);
        assert_eq!(metrics.skipped_lines(), 0);
    }

    #[test]
    fn a_resume_drops_its_splits_rows_from_there_on() {
        let mut text: String = (1..=10).map(|step| row(step, "train", step as f64)).collect();
        text += &row(5, "valid", 0.1);
        text += &row(10, "valid", 0.2);
        text += &row(7, "train", -7.0);
        text += &row(12, "train", -12.0);
        let metrics = read(&text);
        assert_eq!(steps(&metrics, Train), [1, 2, 3, 4, 5, 6, 7, 12]);
        assert_eq!(metrics.series(Train, "loss").unwrap().values[6..], [-7.0, -12.0]);
        assert_eq!(steps(&metrics, Valid), [5, 10]);
        // Back further than the row that began the second part, and then from the very start.
        assert_eq!(steps(&read(&(text.clone() + &row(3, "train", 0.0))), Train), [1, 2, 3]);
        assert_eq!(steps(&read(&(text + &row(0, "train", 0.0))), Train), [0]);
    }

    #[test]
    fn a_drop_of_points_already_shown_is_told() {
        let (_keep, folder) = folder("a");
        append(&folder, &(row(1, "train", 1.0) + &row(2, "train", 1.0)));
        let (mut reader, mut metrics) = (MetricsReader::new(&folder), Metrics::default());
        assert!(!metrics.apply(reader.read(1000).unwrap().unwrap()));
        append(&folder, &row(3, "train", 1.0));
        assert!(!metrics.apply(reader.read(1000).unwrap().unwrap()));
        append(&folder, &row(2, "train", 9.0));
        assert!(metrics.apply(reader.read(1000).unwrap().unwrap()));
        assert_eq!(steps(&metrics, Train), [1, 2]);
    }

    #[test]
    fn lines_that_are_no_rows_are_counted_and_skipped() {
        let good = row(1, "train", 1.0);
        let text = [
            good.trim(),
            "not json",
            "{\"step\":1",
            "[1,2]",
            "17",
            r#"{"step":2,"loss":1}"#,
            r#"{"split":"train","loss":1}"#,
            r#"{"step":-2,"split":"train","loss":1}"#,
            r#"{"step":2.5,"split":"train","loss":1}"#,
            r#"{"step":2,"split":"elsewhere","loss":1}"#,
            r#"{"step":3,"split":"train","loss":1} {}"#,
            r#"{"step":4,"split":"train","loss":1e999}"#,
            "",
            r#"{"step":5,"split":"train","loss":2}"#,
        ]
        .join("\n")
            + "\n";
        let metrics = read(&text);
        assert_eq!(steps(&metrics, Train), [1, 5]);
        assert_eq!((metrics.rows(), metrics.skipped_lines()), (2, 11));
    }

    #[test]
    fn hostile_rows_do_no_harm() {
        let deep = format!("{{\"step\":1,\"split\":\"train\",\"x\":{}}}\n", "[".repeat(100_000));
        let many: String = (0..3000).map(|key| format!("\"k{key}\":1,")).collect();
        let many = format!("{{{many}\"step\":9,\"split\":\"train\"}}\n");
        let twice = "{\"step\":10,\"split\":\"train\",\"loss\":1,\"loss\":2}\n";
        let escaped = "{\"step\":11,\"split\":\"train\",\"lo\\u0073s\":3}\n";
        let metrics = read(&(deep + &many + twice + escaped));
        assert_eq!(metrics.skipped_lines(), 1);
        assert_eq!(metrics.iter().count(), 3001);
        assert_eq!(metrics.series(Train, "loss").unwrap().values, [2.0, 3.0]);
        let (_keep, folder) = folder("a");
        std::fs::write(
            folder.metrics(),
            b"{\"step\":1,\"split\":\"train\",\"\xff\xfe\":1,\"loss\":1}\n\xff\n\0\n",
        )
        .unwrap();
        let metrics = MetricsReader::read_all(&folder).unwrap();
        assert_eq!(metrics.iter().count(), 1);
    }

    #[test]
    fn a_line_without_end_is_skipped_once_and_what_follows_is_read() {
        let (_keep, folder) = folder("a");
        append(&folder, &row(1, "train", 1.0));
        append(&folder, &"x".repeat(LONGEST_LINE * 3));
        append(&folder, "\n");
        append(&folder, &row(2, "train", 1.0));
        let (mut reader, mut metrics) = (MetricsReader::new(&folder), Metrics::default());
        while let Some(slice) = reader.read(4096).unwrap() {
            metrics.apply(slice);
            assert!(reader.buffer.capacity() < LONGEST_LINE * 3);
        }
        assert_eq!(steps(&metrics, Train), [1, 2]);
        assert_eq!(metrics.skipped_lines(), 1);
    }

    #[test]
    fn a_replaced_or_shrunken_file_is_read_from_its_start() {
        let (_keep, folder) = folder("a");
        let long: String = (1..=20).map(|step| row(step, "train", 1.0)).collect();
        let longer: String = (101..=140).map(|step| row(step, "valid", 1.0)).collect();
        let replacements: [&dyn Fn(); 3] = [
            // Shorter, in place.
            &|| std::fs::write(folder.metrics(), row(50, "valid", 1.0)).unwrap(),
            // Longer, in place.
            &|| std::fs::write(folder.metrics(), &longer).unwrap(),
            // Another file.
            &|| {
                std::fs::write(folder.path().join("new"), &longer).unwrap();
                std::fs::rename(folder.path().join("new"), folder.metrics()).unwrap();
            },
        ];
        for (which, replace) in replacements.iter().enumerate() {
            std::fs::write(folder.metrics(), &long).unwrap();
            let (mut reader, mut metrics) = (MetricsReader::new(&folder), Metrics::default());
            metrics.apply(reader.read(1 << 20).unwrap().unwrap());
            assert_eq!(steps(&metrics, Train).len(), 20);
            replace();
            let slice = reader.read(1 << 20).unwrap().unwrap();
            assert!(slice.restarted(), "{which}");
            assert!(metrics.apply(slice), "{which}");
            assert!(steps(&metrics, Train).is_empty(), "{which}");
            assert!(!steps(&metrics, Valid).is_empty(), "{which}");
            assert_eq!(reader.read(1 << 20).unwrap(), None, "{which}");
        }
    }

    #[test]
    fn a_file_that_vanishes_takes_its_rows_along_and_one_that_was_never_there_has_none() {
        let (_keep, folder) = folder("a");
        let (mut reader, mut metrics) = (MetricsReader::new(&folder), Metrics::default());
        assert_eq!(reader.read(100).unwrap(), None);
        append(&folder, &row(1, "train", 1.0));
        metrics.apply(reader.read(100).unwrap().unwrap());
        std::fs::remove_file(folder.metrics()).unwrap();
        metrics.apply(reader.read(100).unwrap().unwrap());
        assert!(metrics.is_empty());
        assert_eq!(reader.read(100).unwrap(), None);
        append(&folder, &row(1, "valid", 1.0));
        metrics.apply(reader.read(100).unwrap().unwrap());
        assert_eq!(steps(&metrics, Valid), [1]);
    }

    #[test]
    fn a_folder_in_place_of_the_file_is_an_error() {
        let (_keep, folder) = folder("a");
        std::fs::create_dir(folder.metrics()).unwrap();
        let error = MetricsReader::read_all(&folder).unwrap_err().to_string();
        assert!(error.contains("metrics.jsonl"), "{error}");
    }
}
