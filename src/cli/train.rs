use super::output::{note, print, print_json};
use super::progress::{self, Progress};
use super::{Failure, Outcome, trainer};
use crate::config::{self, RunConfig};
use crate::device::DeviceChoice;
use crate::run::{self, RunFolder, printable};
use crate::train::{self, Claim, Ending, Prepared, Report, Stop};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Trains a network from a config, or goes on with a run.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["config", "resume"]))]
pub(super) struct Arguments {
    /// A config, for example configs/gimefive-rafdb.toml.
    config: Option<PathBuf>,
    /// Go on with a run: its folder, id, a unique part of it, or `latest`.
    #[arg(long, value_name = "RUN")]
    resume: Option<String>,
    /// Override a field of the config, for example train.epochs=20; may be given often.
    #[arg(long = "set", value_name = "KEY=VALUE", conflicts_with = "resume")]
    sets: Vec<String>,
    /// auto, cpu or cuda:N; goes before the config's train.device.
    #[arg(long, value_name = "DEVICE", conflicts_with = "resume")]
    device: Option<DeviceChoice>,
    /// Start the trainer in a session of its own, print the run's id and return.
    #[arg(long)]
    detach: bool,
    /// Begin with these weights (.safetensors or .pth) instead of random ones.
    #[arg(long, value_name = "WEIGHTS", conflicts_with = "resume")]
    init: Option<PathBuf>,
    /// Print one JSON document on stdout at the end.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: Arguments, runs: &Path) -> Outcome {
    let (prepared, claim) = match (&arguments.resume, &arguments.config) {
        (Some(selector), _) => {
            let folder = run::find(runs, selector)?;
            if arguments.detach {
                run::prepare_resume(&folder)?;
                return detach(&folder, arguments.json);
            }
            train::prepare_again(&folder, &mut progress::pictures("packing pictures"))?
        }
        (None, Some(path)) => {
            let config = configured(path, &arguments)?;
            let (prepared, folder) = begin(config, arguments.init.as_deref(), runs)?;
            if arguments.detach {
                return detach(&folder, arguments.json);
            }
            (prepared, Claim::take(&folder).map_err(Failure::failed)?)
        }
        (None, None) => return Err(Failure::refused("name a config, or --resume a run")),
    };
    let folder = claim.folder().clone();
    let report = train_here(&prepared, claim)?;
    // A detached trainer has said it in its log.
    if arguments.json || !progress::is_stderr(&folder.log()) {
        tell(&folder, &report, arguments.json)?;
    }
    Ok(())
}

fn configured(path: &Path, arguments: &Arguments) -> Result<RunConfig, Failure> {
    let mut config = config::from_file(path, &arguments.sets)?;
    if let Some(device) = arguments.device {
        config.train.device = device;
    }
    Ok(config)
}

/// Checks everything, then makes the run's folder; what is refused leaves none.
pub(super) fn begin(
    config: RunConfig,
    init: Option<&Path>,
    runs: &Path,
) -> Result<(Prepared, RunFolder), Failure> {
    let busy = run::busy_devices(runs);
    let prepared = train::prepare(config, init, &busy, &mut progress::pictures("packing pictures"))?;
    if let Some(sentence) = &prepared.chosen.note {
        note(sentence);
    }
    let folder = prepared.create(runs)?;
    Ok((prepared, folder))
}

fn detach(folder: &RunFolder, json: bool) -> Outcome {
    let trainer = trainer::start(folder)?;
    trainer::report(folder, &trainer, json)
}

/// Trains in this process, drawing progress on stderr; Ctrl-C and TERM stop it after the step.
pub(super) fn train_here(prepared: &Prepared, claim: Claim) -> Result<Report, Failure> {
    let folder = claim.folder();
    let mut progress = Progress::new(&folder.log());
    let said = progress.sayer();
    let heard = move || said("stopping after this step; once more gives up without a checkpoint");
    let mut stop = Stop::on_signals(folder, heard).map_err(Failure::failed)?;
    let report = train::train(prepared, claim, &mut stop, &mut |event| progress.show(&event));
    progress.clear();
    report.map_err(Failure::failed)
}

fn tell(folder: &RunFolder, report: &Report, json: bool) -> Outcome {
    let id = folder.id();
    if json {
        return print_json(&json!({
            "run": id,
            "state": report.ending.state(),
            "epoch": report.epoch,
            "test_accuracy": report.test_accuracy,
            "valid_accuracy": report.valid_accuracy,
            "images_per_second": report.images_per_second,
        }));
    }
    let percent = |share: Option<f64>| share.map_or("-".into(), |share| format!("{:.2} %", share * 100.0));
    print(&match report.ending {
        ending @ (Ending::Finished | Ending::Halved) => format!(
            "{}: {} after epoch {}, test accuracy {}, validation accuracy {}\n",
            printable(&id),
            if ending == Ending::Halved { "ended by successive halving" } else { "finished" },
            report.epoch,
            percent(report.test_accuracy),
            percent(report.valid_accuracy),
        ),
        ending => unfinished(folder, ending),
    })
}

/// What is said of a run that ended before its last epoch.
pub(super) fn unfinished(folder: &RunFolder, ending: Ending) -> String {
    let id = folder.id();
    let id = printable(&id);
    format!("{id}: {}; mien train --resume {id} goes on\n", ending.state())
}
