use super::output::{print, print_json};
use super::train::{begin, train_here, unfinished};
use super::{Failure, Outcome, Shown, progress, trainer};
use crate::config;
use crate::data::drawn;
use crate::run::{self, RunFolder, printable};
use crate::train::{Claim, Ending, Report};
use etcetera::BaseStrategy;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The demo's recipe, as it stands among the configs that ship.
const RECIPE: &str = include_str!("../../configs/demo.toml");

/// Training pictures a class; a quarter as many to test.
const PER_CLASS: usize = 240;
const SEED: u64 = 42;

/// Draws a face set, trains a small network on it on this machine and shows it. Needs no data and no GPU.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Train here without the dashboard, with progress on stderr.
    #[arg(long)]
    headless: bool,
    /// With --headless: print one JSON document on stdout at the end.
    #[arg(long, requires = "headless")]
    json: bool,
    #[command(flatten)]
    shown: Shown,
}

pub(super) fn run(arguments: Arguments, shown: Shown, runs: &Path) -> Outcome {
    let began = Instant::now();
    if !arguments.headless && !crate::tui::has_terminal() {
        return Err(Failure::refused(
            "the demo's dashboard needs a terminal; mien demo --headless needs none",
        ));
    }
    let data = faces()?;
    let sets = [format!("data.root={}", quoted(&data))];
    let config = config::from_text(RECIPE, "configs/demo.toml", "demo", &sets)?;
    let (prepared, folder) = begin(config, None, runs)?;
    if !arguments.headless {
        trainer::start(&folder)?;
        crate::tui::run_at(runs, &arguments.shown.or(shown).settings(), folder.clone())?;
        return tell_of_rest(&folder);
    }
    let claim = Claim::take(&folder).map_err(Failure::failed)?;
    let report = train_here(&prepared, claim)?;
    tell(&folder, &data, &report, began.elapsed().as_secs_f64(), arguments.json)
}

/// What goes on when the dashboard is left.
fn tell_of_rest(folder: &RunFolder) -> Outcome {
    if !run::observe(folder).state.is_active() {
        return Ok(());
    }
    let id = folder.id();
    let id = printable(&id);
    print(&format!("{id} goes on in the background: mien shows it, mien runs stop {id} stops it\n"))
}

/// The face set in the user's cache folder, drawn if it is not there yet.
fn faces() -> Result<PathBuf, Failure> {
    let strategy = etcetera::choose_base_strategy().map_err(|_| {
        Failure::failed("there is no home folder to keep the drawn faces in: set HOME or XDG_CACHE_HOME")
    })?;
    // Another version may draw other faces.
    let name = format!("drawn-faces-{PER_CLASS}-{SEED}-v{}", env!("CARGO_PKG_VERSION"));
    let folder = strategy.cache_dir().join("mien").join(name);
    if folder.join("manifest.csv").is_file() {
        return Ok(folder);
    }
    draw(&folder).map_err(Failure::failed)?;
    Ok(folder)
}

/// Draws beside the folder and renames, so that an interrupted drawing is not taken for a set.
fn draw(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let above = folder.parent().unwrap_or(folder);
    std::fs::create_dir_all(above)?;
    let beside = tempfile::tempdir_in(above)?;
    let faces = beside.path().join("faces");
    drawn::write_set(&faces, PER_CLASS, SEED, &mut progress::pictures("drawing faces"))?;
    match std::fs::rename(&faces, folder) {
        // Another demo was quicker; both drew the same.
        Err(_) if folder.join("manifest.csv").is_file() => Ok(()),
        outcome => Ok(outcome?),
    }
}

/// A path as a TOML string.
fn quoted(path: &Path) -> String {
    toml::Value::String(path.to_string_lossy().into_owned()).to_string()
}

fn tell(folder: &RunFolder, data: &Path, report: &Report, seconds: f64, json: bool) -> Outcome {
    if json {
        return print_json(&json!({
            "run": folder.id(),
            "state": report.ending.state(),
            // A path need not be UTF-8, and JSON is.
            "data": data.to_string_lossy(),
            "test_accuracy": report.test_accuracy,
            "seconds": (seconds * 10.0).round() / 10.0,
        }));
    }
    if report.ending != Ending::Finished {
        return print(&unfinished(folder, report.ending));
    }
    let accuracy = report.test_accuracy.map_or("none".into(), |share| format!("{:.1} %", share * 100.0));
    print(&format!(
        "{}: test accuracy {accuracy} on six drawn emotions after {seconds:.0} s; mien shows the run\n",
        printable(&folder.id())
    ))
}
