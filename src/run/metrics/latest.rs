//! Where a run stands, in numbers, without reading its whole history.

use super::parse::parse_lines;
use super::{Metrics, MetricsSlice};
use crate::run::RunFolder;
use crate::run::files::{open_regular, read_at, read_small};
use std::collections::BTreeMap;
use std::path::Path;

/// So much of the end of the metrics is read: a few rows of each split.
const TAIL: u64 = 64 << 10;

/// The last value of each metric as `split/key`, from the end of `metrics.jsonl`, and over them the numbers of
/// `evaluation.json`, which are those of the best weights. Empty where there is neither. Keys are not printable as
/// they stand.
pub fn latest(folder: &RunFolder) -> BTreeMap<String, f64> {
    let mut metrics = Metrics::default();
    metrics.apply(tail(&folder.metrics()).unwrap_or_default());
    let mut values: BTreeMap<String, f64> = metrics
        .iter()
        .filter_map(|(split, key, series)| Some((format!("{split}/{key}"), series.last()?)))
        .collect();
    values.extend(evaluated(&folder.evaluation()).unwrap_or_default());
    values
}

/// The rows in the last [`TAIL`] bytes, but for a torn one at either end.
fn tail(path: &Path) -> Option<MetricsSlice> {
    let file = open_regular(path).ok()?;
    let length = file.metadata().ok()?.len();
    let start = length.saturating_sub(TAIL);
    let mut bytes = vec![0; usize::try_from(length - start).ok()?];
    let read = read_at(&file, &mut bytes, start).ok()?;
    let end = memchr::memrchr(b'\n', &bytes[..read])?;
    let begin = if start == 0 { 0 } else { memchr::memchr(b'\n', &bytes[..read])? };
    let mut slice = MetricsSlice::default();
    parse_lines(bytes.get(begin..end)?, &mut slice);
    Some(slice)
}

fn evaluated(path: &Path) -> Option<Vec<(String, f64)>> {
    let evaluation: serde_json::Value = serde_json::from_slice(&read_small(path).ok()?).ok()?;
    let splits = evaluation.as_object()?.iter().filter_map(|(split, of)| Some((split, of.as_object()?)));
    let numbers = splits.flat_map(|(split, of)| {
        of.iter().filter_map(move |(key, value)| Some((format!("{split}/{key}"), value.as_f64()?)))
    });
    Some(numbers.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::folder;
    use std::fmt::Write;

    #[test]
    fn the_last_values_are_those_of_the_last_whole_rows() {
        let (_keep, folder) = folder("a");
        assert!(latest(&folder).is_empty());
        let mut text = String::new();
        for step in 1..=5000 {
            writeln!(text, "{{\"step\":{step},\"split\":\"train\",\"loss\":{step}.5}}").unwrap();
        }
        text += "{\"step\":5000,\"split\":\"valid\",\"loss\":1.25,\"accuracy\":0.5}\n";
        text += "{\"step\":5001,\"split\":\"train\",\"loss\":7";
        std::fs::write(folder.metrics(), text).unwrap();
        let values = latest(&folder);
        assert_eq!(
            (values["train/loss"], values["valid/loss"], values["valid/accuracy"]),
            (5000.5, 1.25, 0.5)
        );
    }

    #[test]
    fn an_evaluation_goes_over_the_metrics() {
        let (_keep, folder) = folder("a");
        std::fs::write(folder.metrics(), "{\"step\":1,\"split\":\"test\",\"accuracy\":0.5,\"loss\":2}\n")
            .unwrap();
        let evaluation = "{\"test\":{\"accuracy\":0.75,\"macro_f1\":0.7,\"confusion\":[[1]]},\"foreign\":3}";
        std::fs::write(folder.evaluation(), evaluation).unwrap();
        let values = latest(&folder);
        assert_eq!((values["test/accuracy"], values["test/macro_f1"], values["test/loss"]), (0.75, 0.7, 2.0));
        assert_eq!(values.len(), 3);
    }
}
