//! `plan.jsonl`: every run of a search, a line each. Lines are only ever added.

use super::{SearchError, SearchFolder};
use crate::config::{self, MonitoredMetric, RunConfig};
use crate::data::open_regular;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use toml::Value;

/// One run of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedRun {
    /// From 1: the line in the plan.
    pub number: u64,
    /// `train.seed`.
    pub seed: u64,
    /// The axes' values, in the axes' order; those that mean nothing at this point are left out.
    #[serde(serialize_with = "as_map", deserialize_with = "from_map")]
    pub set: Vec<(String, Value)>,
}

impl PlannedRun {
    /// The value of an axis; `None` where it means nothing at this point.
    pub fn value(&self, field: &str) -> Option<&Value> {
        self.set.iter().find(|(key, _)| key == field).map(|(_, value)| value)
    }

    /// The run as whoever reads the plan has it: JSON may bring a number back as its neighbour.
    ///
    /// # Errors
    /// Where a value has no form in JSON.
    pub(super) fn as_read(&self) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&serde_json::to_string(self)?)
    }

    /// Whether both are the same point of the space, whatever their seeds.
    pub fn is_same_point(&self, other: &Self) -> bool {
        self.set == other.set
    }

    /// The run's config. `search` is the search's name.
    pub fn config(
        &self,
        search: &str,
        base: &RunConfig,
        metric: MonitoredMetric,
    ) -> Result<RunConfig, SearchError> {
        let values = self.set.iter().map(|(key, value)| (key.as_str(), value));
        let mut config = config::with_values(base, values)?;
        config.name = run_name(search, self.number);
        config.train.seed = self.seed;
        config.train.early_stopping.metric = metric;
        Ok(config)
    }
}

/// `preliminary-017`.
pub(super) fn run_name(search: &str, number: u64) -> String {
    format!("{search}-{number:03}")
}

/// The runs of a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The first has the number 1.
    pub runs: Vec<PlannedRun>,
}

impl Plan {
    /// Reads a search's plan. A last line that was cut off while it was written is passed over.
    pub fn read(folder: &SearchFolder) -> Result<Self, SearchError> {
        Ok(Self { runs: Self::lines(folder)?.collect::<Result<_, _>>()? })
    }

    /// As [`Plan::read`], a line at a time, for who keeps only a part of each. Ends with the first line that is none.
    pub(super) fn lines(folder: &SearchFolder) -> Result<PlanLines, SearchError> {
        let path = folder.plan();
        let file = open_regular(&path).map_err(SearchError::read(&path))?;
        Ok(PlanLines { reader: BufReader::new(file), path, line: Vec::new(), number: 0 })
    }

    /// Adds runs at the end of a search's plan; on the disk when this returns.
    pub fn append(folder: &SearchFolder, runs: &[PlannedRun]) -> Result<(), SearchError> {
        let path = folder.plan();
        // A line that was cut off would join the first of these.
        let whole = Self::whole_bytes(folder)?;
        let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let mut file = file.map_err(SearchError::write(&path))?;
        let mut text = Vec::new();
        for run in runs {
            serde_json::to_writer(&mut text, run).map_err(|error| SearchError::content(&path, error))?;
            text.push(b'\n');
        }
        let written = file.set_len(whole).and_then(|()| {
            std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(whole))?;
            file.write_all(&text)?;
            file.sync_all()
        });
        written.map_err(SearchError::write(&path))
    }

    fn whole_bytes(folder: &SearchFolder) -> Result<u64, SearchError> {
        match fs::read(folder.plan()) {
            Ok(content) => Ok(memchr::memrchr(b'\n', &content).map_or(0, |end| end as u64 + 1)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(SearchError::read(&folder.plan())(error)),
        }
    }

    pub fn get(&self, number: u64) -> Option<&PlannedRun> {
        self.runs.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }
}

/// No run of a plan takes more room, in bytes.
const LONGEST_LINE: u64 = 1 << 20;

/// The runs of a plan that is being read.
pub(super) struct PlanLines {
    reader: BufReader<fs::File>,
    path: PathBuf,
    line: Vec<u8>,
    /// Of the run that was read last.
    number: u64,
}

impl Iterator for PlanLines {
    type Item = Result<PlannedRun, SearchError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.line.clear();
        match self.reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) => return Some(Err(SearchError::read(&self.path)(error))),
        }
        self.number += 1;
        // What is added next takes the place of a line without an end, also where nothing but the end is missing.
        if !self.line.ends_with(b"\n") {
            let is_long = self.line.len() as u64 == LONGEST_LINE;
            return is_long.then(|| Err(self.damaged("it is longer than 1 MiB")));
        }
        match serde_json::from_slice::<PlannedRun>(&self.line) {
            Ok(run) if run.number == self.number => Some(Ok(run)),
            Ok(run) => Some(Err(self.damaged(format!("it is run {}", run.number)))),
            Err(error) => Some(Err(self.damaged(error))),
        }
    }
}

impl PlanLines {
    fn damaged(&self, why: impl fmt::Display) -> SearchError {
        let reason = format!(
            "line {} is damaged ({why}): put the file back as it was, or begin another search with --new",
            self.number
        );
        SearchError::content(&self.path, reason)
    }
}

fn as_map<S: Serializer>(set: &[(String, Value)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(set.len()))?;
    for (key, value) in set {
        map.serialize_entry(key, value)?;
    }
    map.end()
}

/// In the order in which they stand.
fn from_map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, Value)>, D::Error> {
    struct Ordered;
    impl<'de> Visitor<'de> for Ordered {
        type Value = Vec<(String, Value)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of fields and values")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut set = Vec::with_capacity(map.size_hint().unwrap_or_default());
            while let Some(entry) = map.next_entry()? {
                set.push(entry);
            }
            Ok(set)
        }
    }
    deserializer.deserialize_map(Ordered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::folder::tests::search_folder;

    fn planned(number: u64, rate: f64) -> PlannedRun {
        let set = vec![
            ("train.learning_rate".into(), Value::Float(rate)),
            ("model.batch_norm".into(), Value::Boolean(true)),
            ("train.batch_size".into(), Value::Integer(16)),
        ];
        PlannedRun { number, seed: 42, set }
    }

    #[test]
    fn a_plan_is_read_as_it_was_written_with_its_axes_in_order() {
        let (_keep, folder) = search_folder("a");
        let runs: Vec<_> =
            [1e-4, 1.0, 0.1].iter().zip(1..).map(|(&rate, number)| planned(number, rate)).collect();
        Plan::append(&folder, &runs[..2]).unwrap();
        Plan::append(&folder, &runs[2..]).unwrap();
        assert_eq!(Plan::read(&folder).unwrap().runs, runs);
    }

    #[test]
    fn a_torn_last_line_is_passed_over_and_overwritten_by_the_next() {
        let (_keep, folder) = search_folder("a");
        Plan::append(&folder, &[planned(1, 0.1)]).unwrap();
        let whole = fs::read_to_string(folder.plan()).unwrap();
        fs::write(folder.plan(), whole.clone() + "{\"number\":2,\"se").unwrap();
        assert_eq!(Plan::read(&folder).unwrap().runs, [planned(1, 0.1)]);
        Plan::append(&folder, &[planned(2, 0.2)]).unwrap();
        assert_eq!(Plan::read(&folder).unwrap().runs, [planned(1, 0.1), planned(2, 0.2)]);
    }

    #[test]
    fn a_last_line_that_lacks_nothing_but_its_end_is_not_counted_and_then_overwritten() {
        let (_keep, folder) = search_folder("a");
        Plan::append(&folder, &[planned(1, 0.1), planned(2, 0.2)]).unwrap();
        let whole = fs::read_to_string(folder.plan()).unwrap();
        fs::write(folder.plan(), whole.trim_end()).unwrap();
        let known = Plan::read(&folder).unwrap().runs.len() as u64;
        Plan::append(&folder, &[planned(known + 1, 0.2), planned(known + 2, 0.3)]).unwrap();
        assert_eq!(Plan::read(&folder).unwrap().runs, [planned(1, 0.1), planned(2, 0.2), planned(3, 0.3)]);
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let (_keep, folder) = search_folder("a");
        fs::write(folder.plan(), vec![b' '; LONGEST_LINE as usize + 9]).unwrap();
        assert!(Plan::read(&folder).unwrap_err().to_string().contains("line 1 is damaged"));
    }

    #[test]
    fn a_plan_that_was_tampered_with_is_refused_with_its_line() {
        let (_keep, folder) = search_folder("a");
        Plan::append(&folder, &[planned(1, 0.1), planned(3, 0.1)]).unwrap();
        let error = Plan::read(&folder).unwrap_err().to_string();
        assert!(error.contains("plan.jsonl") && error.contains("line 2 is damaged (it is run 3)"), "{error}");
    }

    #[test]
    fn a_run_is_named_after_its_search_and_watches_what_the_search_compares() {
        let base = RunConfig { name: "base".into(), ..RunConfig::default() };
        let config = planned(17, 0.01).config("tiny", &base, MonitoredMetric::ValidLoss).unwrap();
        assert_eq!((config.name.as_str(), config.train.seed), ("tiny-017", 42));
        assert_eq!((config.train.learning_rate, config.train.batch_size), (0.01, 16));
        assert_eq!(config.model.batch_norm, Some(true));
        assert_eq!(config.train.early_stopping.metric, MonitoredMetric::ValidLoss);
    }
}
