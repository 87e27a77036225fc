use super::{Failure, Outcome};
use crate::config::{self, RunConfig};
use crate::data::{DataError, Dataset, Split, printable};
use crate::device::{self, DeviceChoice};
use crate::evaluate::{self, Colour, Evaluation};
use crate::model::{self, Architecture, Network};
use crate::run::{self, RunFolder};
use crate::train;
use burn::prelude::Device;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Measures a run's best weights on a split: accuracy with intervals, each class, confusion, calibration.
///
/// Writes scores/<split>.csv and evaluation.json into the run's folder, unless --data names other pictures.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A folder, an id, a part of one, or latest.
    run: String,
    /// Other pictures than the run's own: a folder that holds manifest.csv. Nothing is written then.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// train and valid are cut as the run cut them.
    #[arg(long, default_value = "test", value_parser = split_parser())]
    split: Split,
    /// auto, cpu, cuda:0, ...
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

fn split_parser() -> impl TypedValueParser<Value = Split> {
    PossibleValuesParser::new(Split::ALL.map(Split::name))
        .try_map(|name| Split::parse(&name).ok_or("train, valid and test are known"))
}

pub(super) fn run(arguments: Arguments, runs: &Path) -> Outcome {
    let folder = run::find(runs, &arguments.run).map_err(Failure::refused)?;
    let config = config::complete(&folder.config()).map_err(Failure::refused)?;
    let weights = weights_of(&folder)?;
    let dataset = open(arguments.data.as_deref().unwrap_or(&config.data.root))?;
    let indices = pictures_of(&dataset, &config, arguments.split, arguments.data.is_some())?;
    let network = Weights::load(&weights, None, arguments.device, runs)?;

    let bar = progress_bar(indices.len());
    let probabilities = evaluate::network_scores_with(
        &network.network,
        &dataset,
        &indices,
        evaluate::BATCH,
        &network.device,
        &mut |done| bar.set_position(done as u64),
    )
    .map_err(Failure::failed)?;
    bar.finish_and_clear();

    let evaluation = if arguments.data.is_none() {
        train::write_evaluation(&folder, &dataset, arguments.split, &indices, &probabilities)
            .map_err(Failure::failed)?
    } else {
        let labels: Vec<_> = indices.iter().map(|index| dataset.label(*index)).collect();
        evaluate::evaluate(&probabilities, &labels)
    };
    if !dataset.skipped().is_empty() {
        eprintln!(
            "mien: {} pictures of {} could not be read and are in no split (mien data stats names them)",
            dataset.skipped().len(),
            printable(&dataset.root().to_string_lossy())
        );
    }
    let text = match arguments.json {
        true => Document::of(&folder, &dataset, arguments.split, &evaluation).line()?,
        false => evaluate::table(&evaluation, arguments.split.name(), Colour::of_stdout()),
    };
    print(&text)
}

/// What `--json` prints.
#[derive(Serialize)]
struct Document<'a> {
    run: String,
    data: String,
    split: &'a str,
    #[serde(flatten)]
    evaluation: &'a Evaluation,
    /// Rows of the manifest, of any split, whose picture could not be read.
    skipped: usize,
}

impl<'a> Document<'a> {
    fn of(folder: &RunFolder, dataset: &Dataset, split: Split, evaluation: &'a Evaluation) -> Self {
        Self {
            run: folder.id(),
            data: dataset.root().to_string_lossy().into_owned(),
            split: split.name(),
            evaluation,
            skipped: dataset.skipped().len(),
        }
    }

    fn line(&self) -> Result<String, Failure> {
        Ok(serde_json::to_string(self).map_err(Failure::failed)? + "\n")
    }
}

fn open(root: &Path) -> Result<Dataset, Failure> {
    let bar = progress_bar(0);
    let dataset = Dataset::open_with(root, &mut |done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    dataset.map_err(|error| match error {
        DataError::NoManifest { .. } => Failure::refused(error),
        _ => Failure::failed(error),
    })
}

/// The pictures of a split. A run's own train and valid pictures are those of its partition; another data set has
/// only the splits of its manifest.
fn pictures_of(
    dataset: &Dataset,
    config: &RunConfig,
    split: Split,
    other: bool,
) -> Result<Vec<usize>, Failure> {
    let trained_on = config.provenance.as_ref().map(|provenance| provenance.data_fingerprint.as_str());
    let same =
        trained_on.is_none_or(|fingerprint| fingerprint.is_empty() || fingerprint == dataset.fingerprint());
    if !same && !other {
        eprintln!(
            "mien: the pictures in {} have changed since the run was trained: some of this split may have been trained on",
            printable(&dataset.root().to_string_lossy())
        );
    }
    // A moved copy of the run's own set is the run's own set; without a fingerprint it cannot be told.
    let own = !other || (same && trained_on.is_some_and(|fingerprint| !fingerprint.is_empty()));
    let indices = if own {
        let partition = dataset.partition(config.data.valid.fraction, config.train.seed);
        match split {
            Split::Train => partition.train,
            Split::Valid => partition.valid,
            Split::Test => partition.test,
        }
    } else {
        dataset.indices(split)
    };
    if indices.is_empty() {
        let [train, valid, test] = dataset.counts().map(|classes| classes.iter().sum::<usize>());
        return Err(Failure::refused(format!(
            "there is no {} picture to evaluate in {}: its manifest has {train} train, {valid} valid and {test} test \
             pictures, and the run's data.valid.fraction is {}",
            split.name(),
            printable(&dataset.root().to_string_lossy()),
            config.data.valid.fraction
        )));
    }
    Ok(indices)
}

/// The file of a run's best weights.
pub(super) fn weights_of(folder: &RunFolder) -> Result<PathBuf, Failure> {
    let weights = folder.model();
    if weights.is_file() {
        return Ok(weights);
    }
    Err(Failure::refused(format!(
        "{} has no model.safetensors yet: the trainer writes it after the first epoch",
        printable(&folder.id())
    )))
}

/// A network that evaluates, and where.
pub(super) struct Weights {
    pub network: Network,
    pub device: Device,
}

impl Weights {
    pub fn load(
        weights: &Path,
        architecture: Option<&Architecture>,
        choice: DeviceChoice,
        runs: &Path,
    ) -> Result<Self, Failure> {
        let busy = if choice == DeviceChoice::Auto { run::busy_devices(runs) } else { Vec::new() };
        let chosen = device::choose(choice, &busy).map_err(Failure::refused)?;
        if let Some(note) = &chosen.note {
            eprintln!("mien: {note}");
        }
        let (network, _) = model::load(weights, architecture, &chosen.device).map_err(Failure::failed)?;
        Ok(Self { network, device: chosen.device })
    }
}

/// On stderr, and only where that is a terminal.
pub(super) fn progress_bar(length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {human_pos} of {human_len} pictures, {eta} left");
    ProgressBar::new(length as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// A reader that has seen enough (`| head`) is no failure.
pub(super) fn print(text: &str) -> Outcome {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::failed(error)),
        _ => Ok(()),
    }
}
