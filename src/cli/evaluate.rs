use super::output::{note, print};
use super::{Failure, Outcome, progress};
use crate::config::{self, RunConfig};
use crate::data::{Dataset, Split, printable, shown};
use crate::device::{self, DeviceChoice};
use crate::evaluate::{self, Colour, Evaluation};
use crate::explain::{self, Atlas, AtlasOf, Explainer};
use crate::model::{self, Architecture, Network};
use crate::run::{self, RunFolder};
use crate::train;
use burn::prelude::Device;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;
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
    /// Also draws where the network looks, as atlas-<split>.png: the mean heat map of each cell of the confusion.
    #[arg(long, conflicts_with = "data")]
    atlas: bool,
    /// auto, cpu, cuda:0, ...
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn split_parser() -> impl TypedValueParser<Value = Split> {
    PossibleValuesParser::new(Split::ALL.map(Split::name))
        .try_map(|name| Split::parse(&name).ok_or("train, valid and test are known"))
}

pub(super) fn run(arguments: Arguments, runs: &Path) -> Outcome {
    let folder = run::find(runs, &arguments.run)?;
    let config = config::complete(&folder.config())?;
    let weights = weights_of(&folder)?;
    let root = arguments.data.as_deref().unwrap_or(&config.data.root);
    let dataset = Dataset::open_with(root, &mut progress::pictures("packing pictures"))?;
    let indices = pictures_of(&dataset, &config, arguments.split, arguments.data.is_some())?;
    let network = Weights::load(&weights, None, arguments.device, runs)?;

    let mut scored = progress::pictures("scoring pictures");
    let probabilities = evaluate::network_scores_with(
        &network.network,
        &dataset,
        &indices,
        evaluate::BATCH,
        &network.device,
        &mut |done| scored(done, indices.len()),
    )?;
    drop(scored);
    if arguments.atlas {
        draw_atlas(&folder, &weights, &network, (&dataset, arguments.split, &indices))?;
    }

    let evaluation = if arguments.data.is_none() {
        train::write_evaluation(&folder, &dataset, arguments.split, &indices, &probabilities)?
    } else {
        let labels: Vec<_> = indices.iter().map(|index| dataset.label(*index)).collect();
        evaluate::evaluate(&probabilities, &labels)
    };
    if !dataset.skipped().is_empty() {
        note(format_args!(
            "{} pictures of {} could not be read and are in no split (mien data stats names them)",
            dataset.skipped().len(),
            shown(dataset.root())
        ));
    }
    let text = match arguments.json {
        true => Document::of(&folder, &dataset, arguments.split, &evaluation).line()?,
        false => evaluate::table(&evaluation, arguments.split.name(), Colour::of_stdout()),
    };
    print(&text)
}

/// The atlas of these pictures, into the run's folder; the dashboard finds it there, too.
fn draw_atlas(
    folder: &RunFolder,
    weights: &Path,
    Weights { network, architecture, device }: &Weights,
    (dataset, split, indices): (&Dataset, Split, &[usize]),
) -> Result<(), Failure> {
    let request = explain::Request::default();
    let of = AtlasOf { dataset, split: split.name(), indices, request: &request };
    let explainer = || Ok(Explainer::new(&architecture.arch, network, device));
    let mut explained = progress::pictures("mean maps");
    let mut tell = |done| explained(done, indices.len());
    let atlas = Atlas::find_or_make(folder.path(), weights, of, explainer, &|| true, &mut tell)?;
    drop(explained);
    let title = config::complete(&folder.config())?.name;
    let path = explain::export_atlas(folder.path(), &title, &atlas)?;
    note(format_args!("wrote {}", shown(&path)));
    Ok(())
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

/// The pictures of a split. A run's own train and valid pictures are those of its partition; another data set has
/// only the splits of its manifest.
pub(super) fn pictures_of(
    dataset: &Dataset,
    config: &RunConfig,
    split: Split,
    other: bool,
) -> Result<Vec<usize>, Failure> {
    let trained_on = config.provenance.as_ref().map(|provenance| provenance.data_fingerprint.as_str());
    let same =
        trained_on.is_none_or(|fingerprint| fingerprint.is_empty() || fingerprint == dataset.fingerprint());
    if !same && !other {
        note(format_args!(
            "the pictures in {} have changed since the run was trained: some of this split may have been trained on",
            shown(dataset.root())
        ));
    }
    // A moved copy of the run's own set is the run's own set; without a fingerprint it cannot be told.
    let own = !other || (same && trained_on.is_some_and(|fingerprint| !fingerprint.is_empty()));
    let indices = if own {
        dataset.partition(config.data.valid.fraction, config.train.seed).of(split).to_vec()
    } else {
        dataset.indices(split)
    };
    if indices.is_empty() {
        let [train, valid, test] = dataset.counts().map(|classes| classes.iter().sum::<usize>());
        return Err(Failure::refused(format!(
            "there is no {} picture to evaluate in {}: its manifest has {train} train, {valid} valid and {test} test \
             pictures, and the run's data.valid.fraction is {}",
            split.name(),
            shown(dataset.root()),
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
    pub architecture: Architecture,
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
        let chosen = device::choose(choice, &busy)?;
        if let Some(sentence) = &chosen.note {
            note(sentence);
        }
        let (network, architecture) = model::load(weights, architecture, &chosen.device)?;
        Ok(Self { architecture, network, device: chosen.device })
    }
}
