//! What the form for a new search wants to know: which files there are, what one of them asks for, how long that would
//! take.

use super::orders::{sentence, toml_files};
use super::slot::Desk;
use crate::data::{printable, shown};
use crate::device;
use crate::search::{
    self, BeginOptions, Condition, EngineKind, Record, Sampler, Search, SearchFolder, Values, metric_name,
    value_words,
};
use crate::tui::message::Message;
use crate::tui::state::searches::new::{Beginning, Begun, Estimates, Order, Page, Report};
use std::path::{Path, PathBuf};

/// Of a long list so many values are shown.
const MOST_VALUES: usize = 24;

pub(super) fn work(runs: &Path) -> impl FnMut(Order, &Desk<Order>) + Send + use<> {
    let runs = runs.to_path_buf();
    move |order, desk| match order {
        Order::Files => {
            desk.send(Message::NewSearch(Report::Files(files(Path::new(".")))));
        }
        Order::Open(number, path) => match Search::from_file(&path) {
            Err(error) => {
                desk.send(Message::NewSearch(Report::Opened(number, Err(sentence(error)))));
            }
            Ok(search) => {
                let page = Box::new(page(&search, path, &runs));
                desk.send(Message::NewSearch(Report::Opened(number, Ok(page))));
                let estimates = Box::new(estimates(&search, &runs));
                desk.send(Message::NewSearch(Report::Estimated(number, estimates)));
            }
        },
    }
}

pub(super) fn begin(runs: &Path, beginning: &Beginning) -> Result<SearchFolder, String> {
    let options =
        BeginOptions { engine: Some(beginning.engine), again: beginning.again, ..BeginOptions::default() };
    search::begin(runs, &beginning.file, &options).map_err(sentence)
}

/// The searches of `configs/searches`, and files right here that are one.
fn files(here: &Path) -> Vec<PathBuf> {
    let mut found = toml_files(&here.join("configs/searches"));
    // Most files here are something else.
    found.extend(toml_files(here).into_iter().filter(|path| Search::from_file(path).is_ok()));
    found.iter().map(|path| path.strip_prefix(".").unwrap_or(path).to_path_buf()).collect()
}

fn page(search: &Search, path: PathBuf, runs: &Path) -> Page {
    let count = search.count();
    let data = &search.base.data.root;
    Page {
        path,
        name: printable(&search.name).into_owned(),
        network: printable(&search.base.model.arch).into_owned(),
        data: if data.as_os_str().is_empty() { "no data".into() } else { shown(data).to_string() },
        sampler: match search.sampler {
            Sampler::Grid => "grid: every point".into(),
            Sampler::Random { trials, .. } => format!("random: {trials} points"),
            Sampler::Asha { trials, eta, min_epochs, .. } => format!(
                "asha: {trials} random points; after {min_epochs}, {}, .. epochs one in {eta} goes on",
                min_epochs.saturating_mul(eta as usize)
            ),
        },
        metric: metric_name(search.metric),
        points: count / (search.seeds.len() as u64).max(1),
        seeds: search.seeds.clone(),
        runs: count,
        axes: search
            .axes
            .iter()
            .map(|axis| (printable(&axis.field).into_owned(), values(&axis.values)))
            .collect(),
        conditions: search.conditions.iter().map(condition).collect(),
        engine: match (&search.local, &search.slurm) {
            (None, Some(_)) => EngineKind::Slurm,
            _ => EngineKind::Local,
        },
        local: local(search),
        slurm: slurm(search),
        begun: begun(search, runs),
        estimates: None,
    }
}

fn values(values: &Values) -> String {
    match values {
        Values::List(list) => {
            let shown: Vec<String> =
                list.iter().take(MOST_VALUES).map(|value| value_words(Some(value))).collect();
            let more = if list.len() > MOST_VALUES { ", .." } else { "" };
            format!("{}{more}", shown.join(", "))
        }
        Values::Range { min, max, is_log, is_whole, points } => {
            let end = |number: f64| value_words(Some(&toml::Value::Float(number)));
            let mut words = format!("{} to {}", end(*min), end(*max));
            if *is_log {
                words += ", logarithmic";
            }
            if *is_whole {
                words += ", whole numbers";
            }
            if let Some(points) = points {
                words += &format!(", {points} points");
            }
            words
        }
    }
}

fn condition(condition: &Condition) -> String {
    let when = condition.when.iter().map(|(field, values)| {
        let values: Vec<String> = values.iter().map(|value| value_words(Some(value))).collect();
        format!("{} is {}", printable(field), values.join(" or "))
    });
    let when: Vec<String> = when.collect();
    let skip: Vec<_> = condition.skip.iter().map(|field| printable(field)).collect();
    format!("where {}: without {}", when.join(" and "), skip.join(", "))
}

fn local(search: &Search) -> String {
    let slots = search.local.as_ref().map(|engine| engine.slots.as_slice()).unwrap_or_default();
    match slots {
        [] => "a run on each GPU, or else one on the CPU".into(),
        slots => {
            let slots: Vec<_> = slots.iter().map(|slot| printable(slot)).collect();
            format!("slots: {}", slots.join(", "))
        }
    }
}

fn slurm(search: &Search) -> String {
    let Some(engine) = &search.slurm else {
        return "the file has no [engine.slurm]: sbatch is asked without options".into();
    };
    let throttle = match engine.throttle {
        Some(most) => format!("at most {most} at once"),
        None => "as many at once as Slurm likes".into(),
    };
    let options: Vec<_> = engine.sbatch.iter().map(|option| printable(option)).collect();
    match options.is_empty() {
        true => throttle,
        false => format!("{throttle}; sbatch {}", options.join(" ")),
    }
}

fn begun(search: &Search, runs: &Path) -> Option<Begun> {
    let folders = SearchFolder::list(runs).ok()?;
    folders.into_iter().find_map(|folder| {
        let record = Record::read(&folder).ok().filter(|record| record.file == search.file)?;
        let id = printable(&folder.id()).into_owned();
        Some(Begun { folder, id, state: record.observed_state() })
    })
}

fn estimates(search: &Search, runs: &Path) -> Estimates {
    let named = search.local.as_ref().map(|engine| engine.slots.clone()).unwrap_or_default();
    let slots = if named.is_empty() { devices() } else { named };
    let at_once = search.slurm.as_ref().and_then(|engine| engine.throttle).unwrap_or(1);
    Estimates {
        local: search::estimate(search, slots.len(), runs),
        slurm: search::estimate(search, at_once, runs),
        slots: slots.iter().map(|slot| printable(slot).into_owned()).collect(),
    }
}

/// What a search takes that names no slots. Tries each GPU, which takes seconds.
fn devices() -> Vec<String> {
    let usable = device::survey().into_iter().filter(|found| found.usable && found.device != "cpu");
    let gpus: Vec<String> = usable.map(|gpu| gpu.device).collect();
    if gpus.is_empty() { vec!["cpu".into()] } else { gpus }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const SEARCH: &str = "name = \"tiny\"\nbase = \"base.toml\"\nseeds = [1, 2]\n[axes]\n\
        \"train.learning_rate\" = { min = 1e-4, max = 1e-2, scale = \"log\", points = 3 }\n\
        \"train.optimizer\" = [\"sgd\", \"adam\"]\n\
        [engine.slurm]\nthrottle = 4\nsbatch = [\"--partition=gpu\"]\n";

    /// A folder with a search, a config, and something else.
    fn here() -> tempfile::TempDir {
        let here = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("base.toml", "[data]\nroot = \"faces\"\n"),
            ("mine.toml", SEARCH),
            ("Cargo.toml", "[package]\nname = \"x\"\n"),
            ("configs/searches/broken.toml", "name = 3"),
            ("configs/searches/readme.md", ""),
        ] {
            let path = here.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        here
    }

    #[test]
    fn files_are_those_for_searches_and_what_is_one_here() {
        let here = here();
        let found = files(here.path());
        let names: Vec<_> = found.iter().map(|path| path.strip_prefix(here.path()).unwrap()).collect();
        assert_eq!(names, ["configs/searches/broken.toml", "mine.toml"].map(Path::new));
    }

    #[test]
    fn a_page_says_what_a_file_asks_for() {
        let here = here();
        let path = here.path().join("mine.toml");
        let search = Search::from_file(&path).unwrap();
        let page = page(&search, path, &here.path().join("runs"));
        assert_eq!((page.name.as_str(), page.points, page.runs), ("tiny", 6, 12));
        assert_eq!((page.engine, page.begun), (EngineKind::Slurm, None));
        let axes: Vec<&str> = page.axes.iter().map(|(_, values)| values.as_str()).collect();
        assert_eq!(axes, ["0.0001 to 0.01, logarithmic, 3 points", "sgd, adam"]);
        assert_eq!(page.slurm, "at most 4 at once; sbatch --partition=gpu");
        assert_eq!(page.local, "a run on each GPU, or else one on the CPU");
    }

    #[test]
    fn what_is_refused_is_a_sentence_and_leaves_nothing() {
        let here = here();
        let runs = here.path().join("runs");
        let file = here.path().join("configs/searches/broken.toml");
        let beginning = Beginning { file, engine: EngineKind::Local, again: false };
        let refused = begin(&runs, &beginning).unwrap_err();
        assert!(refused.contains("broken.toml"), "{refused}");
        assert!(!runs.exists());
    }
}
