//! `mien faithfulness`: whether the maps of the methods are right, over many pictures.

mod document;
mod subjects;
mod table;

use super::evaluate::{Weights, pictures_of, split_parser, weights_of};
use super::output::{print, print_json};
use super::{Failure, Outcome, progress};
use crate::config::{self, RunConfig};
use crate::data::{Dataset, Split, shown};
use crate::device::DeviceChoice;
use crate::explain::{
    ExplainError, Explainer, Measured, Method, PASSES, Picture, Request, Sanity, check_sanity, measure,
};
use crate::model::{Architecture, summary};
use crate::run::{self, RunFolder};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::{Path, PathBuf};

/// Measures whether heat maps are right, method by method, beside two kinds of maps that know nothing.
///
/// deletion: the class's probability as the highest-ranked pixels are greyed, the area under it; lower is better.
/// insertion: as they become sharp in a blurred picture; higher is better.
/// average drop: what the probability loses, of itself, in the picture times the map; lower is better.
/// increase: how often it gains there; higher is better.
/// ROAD: without the lowest-ranked pixels less without the highest-ranked, filled in smoothly; higher is better.
/// energy: the share of the map in each part of the face, and in the class's own parts; higher is better there.
/// sanity: the map's likeness to itself as the layers forget, from the logits down; it must fall to about 0.
///
/// Each is a mean with the bootstrap's 95 % interval over pictures, about the class that the network predicts.
/// docs/faithfulness.md says more.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    override_usage = "mien faithfulness RUN [OPTIONS]\n       \
                      mien faithfulness --weights FILE [--arch NAME] --data DIR [OPTIONS]"
)]
pub(super) struct Arguments {
    /// A folder, an id, a part of one, or latest; not with --weights.
    #[arg(value_name = "RUN", required_unless_present = "weights", conflicts_with = "weights")]
    run: Option<String>,
    /// Weights instead of a run's: .safetensors, .pth or .pt.
    #[arg(long, value_name = "FILE", requires = "data")]
    weights: Option<PathBuf>,
    /// The network the weights are of, where the file does not say (mien models lists them).
    #[arg(long, value_name = "NAME", requires = "weights")]
    arch: Option<String>,
    /// Other pictures than the run's own: a folder that holds manifest.csv.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// train and valid are cut as the run cut them.
    #[arg(long, default_value = "test", value_parser = split_parser())]
    split: Split,
    /// Separated by commas [default: the methods of a layer, which pass through the network once for each picture; the
    /// methods of pixels, which take many passes, on request].
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = method_parser())]
    methods: Vec<Method>,
    /// The layer whose map it is [default: the last ReLU].
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// Pictures, as many of each class as there are [default: what a minute or two allow on two cores].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// What pictures, noise, random maps and fresh weights are drawn from.
    #[arg(long, value_name = "N", default_value = "0")]
    seed: u64,
    /// auto, cpu, cuda:0, ...
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

fn method_parser() -> impl TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::ALL.map(Method::name))
        .try_map(|name| Method::parse(&name).ok_or("the methods of mien explain are known"))
}

pub(super) fn run(arguments: Arguments, runs: &Path) -> Outcome {
    let source = Source::of(&arguments, runs)?;
    let architecture =
        arguments.arch.as_ref().map(|arch| Architecture { arch: arch.clone(), ..Architecture::default() });
    let weights = Weights::load(&source.weights, architecture.as_ref(), arguments.device, runs)?;
    let explainer = Explainer::new(&weights.architecture.arch, &weights.network, &weights.device);
    let requests = requests(&arguments, &explainer)?;
    let dataset = Dataset::open_with(&source.root, &mut progress::pictures("packing pictures"))?;
    let indices = source.pictures(&dataset, &arguments)?;
    let limit = match arguments.limit {
        Some(limit) => limit as usize,
        None => affordable(&weights.architecture, requests.len())?,
    };
    let chosen = subjects::balanced(&dataset, &indices, limit, arguments.seed);
    let found = Found::of(&explainer, &dataset, &chosen, &requests, arguments.seed)?;
    let report = Report {
        run: source.run.as_ref().map(RunFolder::id),
        dataset: &dataset,
        split: arguments.split,
        all: indices.len(),
        chosen: &chosen,
        layers: requests.iter().map(|request| explainer.layer_of(request)).collect::<Result<_, _>>()?,
        requests: &requests,
        seed: arguments.seed,
        found: &found,
    };
    match arguments.json {
        true => print_json(&document::of(&report)),
        false => print(&table::of(&report)),
    }
}

/// What is printed.
struct Report<'a> {
    run: Option<String>,
    dataset: &'a Dataset,
    split: Split,
    /// Pictures of the split.
    all: usize,
    /// Those that were measured.
    chosen: &'a [usize],
    requests: &'a [Request],
    /// Of each request; `None` for a method of pixels.
    layers: Vec<Option<String>>,
    seed: u64,
    found: &'a Found,
}

impl Report<'_> {
    /// The layer of the methods that are free to choose one.
    fn layer(&self) -> Option<&str> {
        let mut of_layers = self.requests.iter().zip(&self.layers);
        let free =
            of_layers.clone().find(|(request, layer)| layer.is_some() && request.method != Method::Cam);
        free.or_else(|| of_layers.find(|(_, layer)| layer.is_some())).and_then(|(_, layer)| layer.as_deref())
    }
}

/// The weights, the pictures' folder, and the run they are of.
struct Source {
    run: Option<RunFolder>,
    config: Option<RunConfig>,
    weights: PathBuf,
    root: PathBuf,
}

impl Source {
    fn of(arguments: &Arguments, runs: &Path) -> Result<Self, Failure> {
        match (&arguments.weights, &arguments.run, &arguments.data) {
            (Some(weights), _, Some(root)) => {
                Ok(Self { run: None, config: None, weights: weights.clone(), root: root.clone() })
            }
            (None, Some(run), data) => {
                let folder = run::find(runs, run)?;
                let config = config::complete(&folder.config())?;
                let root = data.clone().unwrap_or_else(|| config.data.root.clone());
                Ok(Self { weights: weights_of(&folder)?, root, config: Some(config), run: Some(folder) })
            }
            _ => Err(Failure::refused("name a run, or --weights and the --data to measure on")),
        }
    }

    fn pictures(&self, dataset: &Dataset, arguments: &Arguments) -> Result<Vec<usize>, Failure> {
        let split = arguments.split;
        if let Some(config) = &self.config {
            return pictures_of(dataset, config, split, arguments.data.is_some());
        }
        let indices = dataset.indices(split);
        if indices.is_empty() {
            let root = shown(dataset.root());
            return Err(Failure::refused(format!("there is no {} picture in {root}", split.name())));
        }
        Ok(indices)
    }
}

/// One for each method that was asked for; each can be met.
fn requests(arguments: &Arguments, explainer: &Explainer) -> Result<Vec<Request>, Failure> {
    let request = |method: Method| Request { method, layer: arguments.layer.clone(), ..Request::default() };
    if arguments.methods.is_empty() {
        let of_layers = Method::ALL.into_iter().filter(|method| method.is_of_layer());
        let can_be_met = |request: Request| match explainer.layer_of(&request) {
            Ok(_) => Some(Ok(request)),
            // Not every network has such a head.
            Err(ExplainError::NoCam { .. } | ExplainError::CamLayer { .. }) => None,
            Err(error) => Some(Err(error.into())),
        };
        return of_layers.map(request).filter_map(can_be_met).collect();
    }
    let mut methods: Vec<Method> = Vec::new();
    for method in &arguments.methods {
        if !methods.contains(method) {
            methods.push(*method);
        }
    }
    if arguments.layer.is_some() && !methods.iter().any(|method| method.is_of_layer()) {
        let methods: Vec<&str> = methods.iter().map(|method| method.name()).collect();
        let methods = methods.join(" and ");
        return Err(Failure::refused(format!(
            "--layer has no meaning here: {methods} can only be asked of the picture's pixels"
        )));
    }
    let requests: Vec<Request> = methods.into_iter().map(request).collect();
    requests.iter().try_for_each(|request| explainer.layer_of(request).map(|_| ()))?;
    Ok(requests)
}

/// Multiply-adds that two cores do in a minute or two: `gimefive` is measured on 18 pictures.
const BUDGET: f64 = 2.4e12;

/// Pictures at most: where a network is small, more of them tell little that these do not.
const MOST: usize = 60;

/// How many pictures the network's size allows, a multiple of six, so that every class has as many.
fn affordable(architecture: &Architecture, methods: usize) -> Result<usize, Failure> {
    let maps = methods + crate::explain::Control::ALL.len();
    let one = summary(architecture)?.macs as f64 * (PASSES * maps) as f64;
    Ok(((BUDGET / one) as usize / 6 * 6).clamp(6, MOST))
}

/// What was found of the methods, and how like their maps stay to themselves.
struct Found {
    measured: Measured,
    sanity: Vec<Sanity>,
}

impl Found {
    fn of(
        explainer: &Explainer,
        dataset: &Dataset,
        chosen: &[usize],
        requests: &[Request],
        seed: u64,
    ) -> Result<Self, Failure> {
        let subjects = subjects::of(dataset, chosen);
        let pictures: Vec<Picture> = subjects.iter().map(|subject| subject.picture).collect();
        let mut measuring = progress::pictures("measuring pictures");
        let mut tell = |done| measuring(done, subjects.len());
        let measured = measure(explainer, &subjects, requests, seed, &mut tell, &|| true)?;
        drop(measuring);
        let mut checking = progress::pictures("checking maps of networks that forget");
        let sanity = check_sanity(explainer, &pictures, requests, seed, &mut checking, &|| true)?;
        Ok(Self { measured, sanity })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_network_is_measured_on_fewer_pictures_all_classes_alike() {
        let of = |arch: &str| {
            affordable(&Architecture { arch: arch.into(), ..Architecture::default() }, 6).unwrap()
        };
        assert_eq!((of("gimefive"), of("gimefive-res")), (18, 6));
        let small = Architecture {
            arch: "plain".into(),
            depth: Some(2),
            width: Some(4),
            fc_depth: Some(1),
            ..Architecture::default()
        };
        assert_eq!(affordable(&small, 6).unwrap(), MOST);
    }
}
