//! A point of a search written down as the config of a run.

use super::overview::{interval_text, metric_name, metric_text};
use super::{Overview, PlannedRun, SearchError, SearchFolder, TrialRow};
use crate::config::{self, RunConfig};
use crate::data::{new_file_in, shown};
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use toml::Value;

/// Writes the point of a row of `overview`, which is of the search in `folder`, as a config that `mien train` takes: what
/// the search's runs begin from, with the point's values and the first of its seeds, called after the file. Comments say
/// where it comes from. Fields that are as the defaults have them are left out, but for those that were searched and those
/// that a person looks for.
///
/// # Errors
/// Where `to` exists or its folder does not, and where the search has no such row.
pub fn promote(overview: &Overview, row: usize, folder: &SearchFolder, to: &Path) -> Result<(), SearchError> {
    check_free(to)?;
    let trial = overview
        .rows
        .get(row)
        .ok_or_else(|| SearchError::Refused(format!("{} has no point {}", overview.summary.id, row + 1)))?;
    let mut config = point_config(overview, trial, folder)?;
    config.name.clear();
    config::name_after(&mut config, &to.file_stem().unwrap_or_default().to_string_lossy());
    let text = origin(overview, row, trial, to) + &body(&config, overview)?;
    write_new(to, &text)
}

fn check_free(to: &Path) -> Result<(), SearchError> {
    let refused = |why: String| Err(SearchError::Refused(why));
    let parent = parent(to);
    if to.is_dir() {
        return refused(format!("{} is a folder; name a file in it", shown(to)));
    }
    if to.symlink_metadata().is_ok() {
        return refused(occupied(to));
    }
    if !parent.is_dir() {
        return refused(format!("there is no folder {} for {}; make it first", shown(parent), shown(to)));
    }
    Ok(())
}

fn occupied(to: &Path) -> String {
    format!("{} exists already; name another file", shown(to))
}

fn parent(to: &Path) -> &Path {
    to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What a run of the point is made from.
fn point_config(
    overview: &Overview,
    trial: &TrialRow,
    folder: &SearchFolder,
) -> Result<RunConfig, SearchError> {
    let values = overview.axes.iter().zip(&trial.point);
    let set = values.filter_map(|(axis, value)| Some((axis.field.clone(), value.clone()?))).collect();
    let (number, seed) = trial.runs.first().map_or((0, 0), |run| (run.number, run.seed));
    let mut base = config::complete(&folder.base())?;
    // It tells what another run found when it began.
    base.provenance = None;
    PlannedRun { number, seed, set }.config(&overview.summary.name, &base, overview.summary.metric)
}

/// The comment on top.
fn origin(overview: &Overview, row: usize, trial: &TrialRow, to: &Path) -> String {
    let summary = &overview.summary;
    let (metric, points) = (summary.metric, overview.rows.len());
    let rank = match row {
        _ if trial.mean.is_none() => format!("One of the {points} points"),
        0 => format!("The best of the {points} points"),
        row => format!("Number {} of the {points} points", row + 1),
    };
    let mut text = format!("# {rank} of the search {}, by {}:\n", summary.id, metric_name(metric));
    let values = trial.runs.iter().filter(|run| run.value.is_some()).count();
    let value = match (trial.mean, trial.interval) {
        (None, _) => "it has no value yet".into(),
        (Some(mean), None) => format!("{} with one seed", metric_text(metric, mean)),
        (Some(mean), Some(interval)) => {
            let (mean, interval) = (metric_text(metric, mean), interval_text(metric, interval));
            format!("{mean}, the mean of {values} seeds (95 % interval {interval})")
        }
    };
    let unfinished = if trial.is_complete { "" } else { "; not all of its runs were trained to their end" };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# {value}{unfinished}.");
    text += "# It was chosen on the validation pictures alone; no choice was made on the test pictures.\n";
    let _ = writeln!(text, "# mien train {}\n", shown(to));
    text
}

/// Fields that a person looks for, also where they are as the defaults have them.
const LOOKED_FOR: [&str; 10] = [
    "name",
    "model.arch",
    "data.root",
    "data.valid.fraction",
    "train.optimizer",
    "train.learning_rate",
    "train.batch_size",
    "train.epochs",
    "train.early_stopping.metric",
    "train.seed",
];

fn body(config: &RunConfig, overview: &Overview) -> Result<String, SearchError> {
    let defaults = config::flat(&RunConfig::default());
    let is_searched = |field: &str| overview.axes.iter().any(|axis| axis.field == field);
    let is_worth = |field: &str, value: &Value| {
        let default = defaults.iter().find(|(name, _)| name == field);
        is_searched(field)
            || LOOKED_FOR.contains(&field)
            || default.is_none_or(|(_, default)| default != value)
    };
    let values = config::flat(config);
    let mut text = String::new();
    let mut section = "";
    for about in config::fields() {
        let Some((field, value)) = values.iter().find(|(field, _)| field == about.key) else { continue };
        if !is_worth(field, value) {
            continue;
        }
        if about.section() != section {
            section = about.section();
            let _ = writeln!(text, "\n[{section}]");
        }
        let mark = if is_searched(field) { "  # searched" } else { "" };
        let _ = writeln!(text, "{} = {value}{mark}", about.label());
    }
    let read = config::from_text(&text, "the promoted config", "", &[])?;
    if read == *config { Ok(text) } else { Ok(config::to_text(config)?) }
}

/// Another file of that name is never replaced, and a disk that is full leaves no half.
fn write_new(to: &Path, text: &str) -> Result<(), SearchError> {
    let written = new_file_in(parent(to)).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.as_file().sync_data()?;
        file.persist_noclobber(to).map_err(|error| error.error)
    });
    match written {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(SearchError::Refused(occupied(to))),
        Err(error) => Err(SearchError::write(to)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::MonitoredMetric;
    use crate::run::{State, Status};
    use crate::search::Plan;
    use crate::search::folder::tests::search_folder;
    use std::fs;
    use std::path::PathBuf;

    /// A search of two points and two seeds, whose second point is the better one.
    fn search() -> (tempfile::TempDir, SearchFolder, RunConfig) {
        let (keep, folder) = search_folder("tiny");
        let mut base = RunConfig { name: "base".into(), ..RunConfig::default() };
        base.data.root = "/some where/faces \"raf\"".into();
        (base.train.epochs, base.augment.rotate.probability) = (7, 0.25);
        base.provenance = Some(config::Provenance { device: "cuda:7".into(), ..Default::default() });
        fs::write(folder.base(), config::to_text(&base).unwrap()).unwrap();
        let set = |rate: f64| {
            vec![
                ("train.learning_rate".into(), Value::Float(rate)),
                ("model.conv_dropout".into(), Value::Array(vec![Value::Float(0.1); 5])),
                ("train.early_stopping.enabled".into(), Value::Boolean(true)),
            ]
        };
        let runs = [(42, 0.01), (42, 0.001), (43, 0.01), (43, 0.001)];
        let run = |(number, (seed, rate))| PlannedRun { number, seed, set: set(rate) };
        Plan::append(&folder, &(1..).zip(runs).map(run).collect::<Vec<_>>()).unwrap();
        for (number, accuracy) in [(1, 0.7), (2, 0.8), (3, 0.7), (4, 0.84)] {
            fs::create_dir(folder.run(number).path()).unwrap();
            let status = Status { valid_accuracy: Some(accuracy), ..Status::new(State::Finished) };
            status.write(&folder.run(number)).unwrap();
        }
        (keep, folder, base)
    }

    fn promoted(folder: &SearchFolder, to: &Path) -> Result<String, String> {
        let overview = Overview::read(folder).unwrap();
        promote(&overview, 0, folder, to).map_err(|error| error.to_string())?;
        Ok(fs::read_to_string(to).unwrap())
    }

    #[test]
    fn the_best_point_is_read_back_as_exactly_what_its_runs_were_made_from() {
        let (keep, folder, base) = search();
        let to = keep.path().join("best one.toml");
        promoted(&folder, &to).unwrap();
        let read = config::from_file(&to, &[]).unwrap();
        let planned = Plan::read(&folder).unwrap().get(2).unwrap().clone();
        let mut expected = planned.config("tiny", &base, MonitoredMetric::ValidAccuracy).unwrap();
        (expected.name, expected.provenance) = ("best-one".into(), None);
        assert_eq!(read, expected);
        assert_eq!((read.train.learning_rate, read.train.seed, read.train.epochs), (0.001, 42, 7));
    }

    #[test]
    fn a_person_reads_where_it_comes_from_and_only_what_matters() {
        let (keep, folder, _) = search();
        let text = promoted(&folder, &keep.path().join("best.toml")).unwrap();
        insta::assert_snapshot!(text.replace(&folder.id(), "ID").replace(keep.path().to_str().unwrap(), ""));
    }

    #[test]
    fn a_point_that_is_not_the_best_or_not_trained_to_its_end_says_so() {
        let (keep, folder, _) = search();
        fs::remove_dir_all(folder.run(4).path()).unwrap();
        let overview = Overview::read(&folder).unwrap();
        let to = keep.path().join("second.toml");
        promote(&overview, 1, &folder, &to).unwrap();
        let text = fs::read_to_string(&to).unwrap();
        assert!(text.contains("# Number 2 of the 2 points of the search"), "{text}");
        assert!(text.contains("80.0 % with one seed; not all of its runs"), "{text}");
        assert!(promote(&overview, 2, &folder, &keep.path().join("x")).is_err());
    }

    #[test]
    fn nothing_that_is_there_is_replaced() {
        let (keep, folder, _) = search();
        let there = keep.path().join("there.toml");
        fs::write(&there, "mine").unwrap();
        let refusal = |to: PathBuf| promoted(&folder, &to).unwrap_err();
        assert!(refusal(there.clone()).contains("there.toml exists already"));
        assert_eq!(fs::read_to_string(&there).unwrap(), "mine");
        assert!(refusal(keep.path().into()).contains("is a folder"));
        assert!(refusal(keep.path().join("no/where.toml")).contains("there is no folder"));
        std::os::unix::fs::symlink("/nowhere", keep.path().join("link")).unwrap();
        assert!(refusal(keep.path().join("link")).contains("exists already"));
        assert_eq!(write_new(&there, "x").unwrap_err().to_string(), occupied(&there), "who comes second");
    }
}
