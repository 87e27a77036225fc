//! `mien explain`: where a network looked in a picture.

mod document;
mod in_terminal;
mod question;
mod saved;
mod truth;

use super::evaluate::{Weights, weights_of};
use super::output::{print, print_json, say};
use super::{Failure, Outcome, Shown, progress, score};
use crate::data::{self, Skipped, printable, shown};
use crate::device::DeviceChoice;
use crate::emotion::Emotion;
use crate::evaluate;
use crate::explain::{ExplainError, Explainer, Explanation, Look, Method, Picture, Request};
use crate::model::Architecture;
use crate::run::{self, RunFolder};
use document::{Document, line};
use in_terminal::InTerminal;
use question::Question;
use rayon::prelude::*;
use saved::Saved;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where a network looked, and what for: heat maps of pictures.
///
/// IMAGE is a picture or a folder of them (png, jpg, jpeg, at any depth). Each gets a line, and on a terminal the picture,
/// the map, and the map over the picture. docs/explain.md says which method is for what.
#[derive(Debug, clap::Args)]
#[command(override_usage = "mien explain RUN IMAGE... [OPTIONS]\n       \
                            mien explain --weights FILE [--arch NAME] IMAGE... [OPTIONS]\n       \
                            mien explain RUN --layers")]
pub(super) struct Arguments {
    /// The run (a folder, an id, a part of one, or latest), unless --weights is given; then pictures and folders.
    #[arg(value_name = "RUN|IMAGE")]
    names: Vec<String>,
    /// Weights instead of a run's: .safetensors, .pth or .pt.
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// The network the weights are of, where the file does not say (mien models lists them).
    #[arg(long, value_name = "NAME", requires = "weights")]
    arch: Option<String>,
    #[command(flatten)]
    question: Question,
    /// Lists the layers that a map can be of, with their sizes, and ends.
    #[arg(long)]
    layers: bool,
    /// Writes the panels picture | map | both as PNGs into this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// With --out: also writes the channels of the layer as a grid of small pictures.
    #[arg(long, requires = "out")]
    activations: bool,
    /// One line of JSON, and no pictures on the terminal.
    #[arg(long)]
    json: bool,
    /// auto, cpu, cuda:0, ...
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
    #[command(flatten)]
    shown: Shown,
}

/// Pictures in one pass over a layer's maps; a method of pixels takes many passes for each picture.
const CHUNK: usize = 32;
const CHUNK_OF_PIXELS: usize = 4;

pub(super) fn run(arguments: Arguments, shown: Shown, runs: &Path) -> Outcome {
    let request = arguments.question.request(arguments.activations)?;
    let source = Source::of(&arguments, runs)?;
    let lists_layers = arguments.layers || request.layer.as_deref() == Some("help");
    let paths: Vec<PathBuf> = source.images.iter().map(PathBuf::from).collect();
    if paths.is_empty() && !lists_layers {
        return Err(Failure::refused("name the pictures or folders to explain after the run"));
    }
    let (mut pictures, mut skipped) = if lists_layers { Default::default() } else { found(&paths)? };
    let truths = truth::of(&pictures, source.run.as_ref())?;
    arguments.question.refuse_unknown_truth(&pictures, &truths)?;
    let saved = arguments.out.as_deref().map(Saved::into_folder).transpose()?;
    let architecture =
        arguments.arch.as_ref().map(|arch| Architecture { arch: arch.clone(), ..Architecture::default() });
    let weights = Weights::load(&source.weights, architecture.as_ref(), arguments.device, runs)?;
    let explainer = Explainer::new(&weights.architecture.arch, &weights.network, &weights.device);
    if lists_layers {
        return print(&layers(&explainer));
    }
    let layer = explainer.layer_of(&request)?;
    let activations = Request { method: Method::GradCam, ..request.clone() };
    let activations = if arguments.activations { explainer.layer_of(&activations)? } else { None };

    let stopped = stop_on_interrupt().map_err(Failure::failed)?;
    let in_terminal = if arguments.json { None } else { InTerminal::of_stdout(arguments.shown.or(shown)) };
    let mut work = Work {
        explainer: &explainer,
        request: &request,
        look: arguments.question.look(),
        in_terminal,
        saved,
        activations,
        stopped: &stopped,
        json: arguments.json,
        documents: Vec::new(),
        done: 0,
    };
    let all = pictures.len();
    let pictures: Vec<(PathBuf, Option<Emotion>)> = pictures.drain(..).zip(truths).collect();
    let chunk = if layer.is_some() { CHUNK } else { CHUNK_OF_PIXELS };
    // A bar would be drawn over the pictures.
    let mut explained = work.in_terminal.is_none().then(|| progress::pictures("explaining pictures"));
    for chunk in pictures.chunks(chunk) {
        if work.is_stopped() {
            break;
        }
        work.explain(chunk, &mut skipped)?;
        if let Some(explained) = &mut explained {
            explained(work.done, all);
        }
    }
    drop(explained);
    work.end(all, &skipped)
}

/// What the names on the command line stand for.
struct Source<'a> {
    run: Option<RunFolder>,
    weights: PathBuf,
    images: &'a [String],
}

impl<'a> Source<'a> {
    fn of(arguments: &'a Arguments, runs: &Path) -> Result<Self, Failure> {
        match (&arguments.weights, arguments.names.as_slice()) {
            (Some(weights), images) => Ok(Self { run: None, weights: weights.clone(), images }),
            (None, [name, images @ ..]) => {
                let folder = run::find(runs, name)?;
                Ok(Self { weights: weights_of(&folder)?, run: Some(folder), images })
            }
            (None, []) => Err(Failure::refused("name a run and the pictures to explain")),
        }
    }
}

fn found(paths: &[PathBuf]) -> Result<(Vec<PathBuf>, Vec<Skipped>), Failure> {
    let (pictures, skipped) = evaluate::pictures_under(paths).map_err(|missing| {
        Failure::refused(format!("{} {}", shown(&missing.path), printable(&missing.reason)))
    })?;
    if pictures.is_empty() {
        score::name(&skipped);
        let places: Vec<_> = paths.iter().map(|path| shown(path)).collect();
        return Err(Failure::refused(format!("there is no png, jpg or jpeg in {}", places.join(", "))));
    }
    Ok((pictures, skipped))
}

/// One line for each layer that a map can be of.
fn layers(explainer: &Explainer) -> String {
    let layers = explainer.layers();
    let default = explainer.network().last_relu().to_string();
    let widest = layers.iter().map(|layer| layer.name.len()).max().unwrap_or(0);
    let line = |layer: &crate::model::LayerShape| {
        let [channels, height, width] = layer.output;
        let mark = if layer.name == default { "  default" } else { "" };
        format!("{:widest$}  {channels:>4} x {height:>2} x {width:>2}{mark}\n", layer.name)
    };
    layers.iter().map(line).collect()
}

/// A first Ctrl-C ends the work after the pictures at hand, a second one at once.
fn stop_on_interrupt() -> std::io::Result<Arc<AtomicBool>> {
    use signal_hook::{consts::SIGINT, flag};
    let stopped = Arc::new(AtomicBool::new(false));
    flag::register_conditional_shutdown(SIGINT, 130, stopped.clone())?;
    flag::register(SIGINT, stopped.clone())?;
    Ok(stopped)
}

/// Pictures on their way from files to lines, panels and documents.
struct Work<'a> {
    explainer: &'a Explainer,
    request: &'a Request,
    look: Look,
    in_terminal: Option<InTerminal>,
    saved: Option<Saved>,
    /// The layer whose channels are saved.
    activations: Option<String>,
    stopped: &'a AtomicBool,
    json: bool,
    documents: Vec<Document>,
    done: usize,
}

/// A picture that could be read.
struct Readable<'a> {
    path: &'a Path,
    truth: Option<Emotion>,
    pixels: Vec<u8>,
}

impl Work<'_> {
    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn explain(&mut self, chunk: &[(PathBuf, Option<Emotion>)], skipped: &mut Vec<Skipped>) -> Outcome {
        let read: Vec<_> = chunk.par_iter().map(|(path, _)| data::read_picture(path)).collect();
        let mut readable = Vec::with_capacity(chunk.len());
        for ((path, truth), picture) in chunk.iter().zip(read) {
            match picture {
                Ok(pixels) => readable.push(Readable { path, truth: *truth, pixels }),
                Err(error) => skipped.push(Skipped { path: path.clone(), reason: error.to_string() }),
            }
        }
        for (readable, explanation) in readable.iter().zip(self.explanations(&readable)?) {
            match explanation {
                Ok(explanation) => self.tell(readable, &explanation)?,
                Err(reason) => skipped.push(Skipped { path: readable.path.into(), reason }),
            }
            if self.is_stopped() {
                break;
            }
        }
        Ok(())
    }

    /// All in one pass; where the class held against is a picture's own, each alone, so that the others are done.
    fn explanations(&self, readable: &[Readable]) -> Result<Vec<Result<Explanation, String>>, Failure> {
        let pictures: Vec<Picture> = readable
            .iter()
            .map(|readable| Picture { pixels: &readable.pixels, truth: readable.truth })
            .collect();
        match self.explainer.explain(&pictures, self.request) {
            Ok(explanations) => Ok(explanations.into_iter().map(Ok).collect()),
            Err(ExplainError::SameClass(_)) => {
                let alone = |picture: &Picture| match self.explainer.explain(&[*picture], self.request) {
                    Ok(explanations) => Ok(explanations.into_iter().next().ok_or_else(String::new)),
                    Err(error @ ExplainError::SameClass(_)) => Ok(Err(error.to_string())),
                    Err(error) => Err(error.into()),
                };
                pictures.iter().map(alone).collect()
            }
            Err(error) => Err(error.into()),
        }
    }

    fn tell(&mut self, readable: &Readable, explanation: &Explanation) -> Outcome {
        let Readable { path, truth, pixels } = readable;
        self.done += 1;
        if self.json {
            self.documents.push(Document::of(path, *truth, self.request, self.look, explanation));
        } else {
            print(&(line(path, *truth, self.request, explanation) + "\n"))?;
        }
        if let Some(in_terminal) = &self.in_terminal {
            in_terminal.show(pixels, &explanation.map, self.look);
        }
        if let Some(saved) = &mut self.saved {
            saved.panels(path, self.request, explanation, pixels, self.look)?;
            if let Some(layer) = &self.activations {
                let activations = self.explainer.activations(pixels, Some(layer))?;
                saved.activations(path, &activations, self.look.colours)?;
            }
        }
        Ok(())
    }

    fn end(self, all: usize, skipped: &[Skipped]) -> Outcome {
        score::name(skipped);
        if self.json {
            print_json(&self.documents)?;
        }
        if let Some(saved) = &self.saved {
            say(saved.summary());
        }
        if self.is_stopped() {
            return Err(Failure::failed(format!("stopped after {} of {all} pictures", self.done)));
        }
        if !skipped.is_empty() {
            let (were, count) = if skipped.len() == 1 { ("was", 1) } else { ("were", skipped.len()) };
            return Err(Failure::failed(format!("{count} of {all} pictures {were} not explained")));
        }
        Ok(())
    }
}
