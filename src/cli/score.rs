use super::evaluate::{Weights, weights_of};
use super::output::{note, print, say};
use super::progress;
use super::{Failure, Outcome};
use crate::data::{self, PIXELS, Skipped, printable, shown};
use crate::device::DeviceChoice;
use crate::emotion;
use crate::evaluate::{self, Decimals, ScoreRow, Scores, truth_in_name};
use crate::model::Architecture;
use crate::run;
use rayon::prelude::*;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Six scores for each picture, as a CSV.
///
/// PATH is a picture or a folder of them (png, jpg, jpeg, at any depth). Where a name ends in _<class> (17_3.jpg,
/// 17_anger.jpg), that is the picture's label.
#[derive(Debug, clap::Args)]
#[command(override_usage = "mien score RUN PATH... [--out FILE] [--round N]\n       \
                            mien score --weights FILE [--arch NAME] PATH... [--out FILE] [--round N]")]
pub(super) struct Arguments {
    /// The run (a folder, an id, a part of one, or latest), unless --weights is given; then pictures and folders.
    #[arg(required = true, value_name = "RUN|PATH")]
    names: Vec<String>,
    /// Weights instead of a run's: .safetensors, .pth or .pt.
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// The network the weights are of, where the file does not say (mien models lists them).
    #[arg(long, value_name = "NAME", requires = "weights")]
    arch: Option<String>,
    /// Where the CSV goes; stdout without it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// So many decimals, and the columns filepath and the six classes alone; 2 is the paper's form.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=9))]
    round: Option<u8>,
    /// auto, cpu, cuda:0, ...
    #[arg(long, default_value = "auto")]
    device: DeviceChoice,
}

/// Pictures that are in memory at once.
const CHUNK: usize = 2048;

/// Unreadable pictures that are named; the others are counted.
const NAMED: usize = 20;

pub(super) fn run(arguments: Arguments, runs: &Path) -> Outcome {
    let (weights, paths) = source(&arguments, runs)?;
    if paths.is_empty() {
        return Err(Failure::refused("name the pictures or folders to score after the run"));
    }
    if let Some(out) = &arguments.out {
        refuse_to_overwrite(out)?;
    }
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let (pictures, mut skipped) = evaluate::pictures_under(&paths).map_err(|missing| {
        Failure::refused(format!("{} {}", shown(&missing.path), printable(&missing.reason)))
    })?;
    if pictures.is_empty() {
        name(&skipped);
        let places: Vec<_> = paths.iter().map(|path| shown(path)).collect();
        return Err(Failure::refused(format!("there is no png, jpg or jpeg in {}", places.join(", "))));
    }
    let architecture =
        arguments.arch.as_ref().map(|arch| Architecture { arch: arch.clone(), ..Architecture::default() });
    let network = Weights::load(&weights, architecture.as_ref(), arguments.device, runs)?;

    let scores = score(&network, &pictures, &mut skipped)?;
    name(&skipped);
    if scores.rows.is_empty() {
        return Err(Failure::failed("no picture could be read, so nothing was written"));
    }
    let decimals = arguments.round.map_or(Decimals::Full, |places| Decimals::Round(places.into()));
    match &arguments.out {
        Some(out) => evaluate::write_scores(out, &scores, decimals)?,
        None => {
            let mut text = Vec::new();
            evaluate::scores_to(&mut text, &scores, decimals).map_err(Failure::failed)?;
            // What was written is text and numbers.
            print(&String::from_utf8_lossy(&text))?;
        }
    }
    say(summary(&scores, skipped.len()));
    Ok(())
}

/// Refuses an output that stands there and is no scores CSV: a picture or weights named by mistake.
fn refuse_to_overwrite(out: &Path) -> Outcome {
    if !out.metadata().is_ok_and(|there| there.is_file() && there.len() > 0) {
        return Ok(());
    }
    let mut begin = [0; 9];
    let read = std::fs::File::open(out).and_then(|mut file| file.read_exact(&mut begin));
    if read.is_ok() && &begin == b"filepath," {
        return Ok(());
    }
    let out = shown(out);
    Err(Failure::refused(format!(
        "{out} is there and is no CSV of scores: give --out another name, or remove it first"
    )))
}

/// The weights' file, and the names that are pictures.
fn source<'a>(arguments: &'a Arguments, runs: &Path) -> Result<(PathBuf, &'a [String]), Failure> {
    match (&arguments.weights, arguments.names.as_slice()) {
        (Some(weights), names) => Ok((weights.clone(), names)),
        (None, [run, names @ ..]) => {
            let folder = run::find(runs, run)?;
            Ok((weights_of(&folder)?, names))
        }
        (None, []) => Err(Failure::refused("name a run and the pictures to score")),
    }
}

fn score(network: &Weights, pictures: &[PathBuf], skipped: &mut Vec<Skipped>) -> Result<Scores, Failure> {
    let mut scored = progress::pictures("scoring pictures");
    // Filling up a batch for a few pictures would be time lost.
    let batch = pictures.len().clamp(1, evaluate::BATCH);
    let mut scores = Scores::default();
    for chunk in pictures.chunks(CHUNK) {
        let read: Vec<_> = chunk.par_iter().map(|path| data::read_picture(path)).collect();
        let mut pixels = Vec::with_capacity(chunk.len() * PIXELS);
        let mut readable = Vec::with_capacity(chunk.len());
        for (path, picture) in chunk.iter().zip(read) {
            match picture {
                Ok(picture) => {
                    pixels.extend(picture);
                    readable.push(path);
                }
                // The sentence names the picture.
                Err(error) => skipped.push(Skipped { path: path.clone(), reason: error.to_string() }),
            }
        }
        let before = scores.rows.len();
        let probabilities = evaluate::picture_scores(
            &network.network,
            pixels.chunks_exact(PIXELS),
            batch,
            &network.device,
            &mut |done| scored(before + done, pictures.len()),
        )?;
        scores.rows.extend(readable.into_iter().zip(probabilities).map(|(path, scores)| ScoreRow {
            path: path.to_string_lossy().into_owned(),
            scores,
            label: truth_in_name(path),
        }));
    }
    Ok(scores)
}

/// Says on stderr what could not be read.
pub(super) fn name(skipped: &[Skipped]) {
    for Skipped { path, reason } in skipped.iter().take(NAMED) {
        let path = shown(path);
        let reason = printable(reason);
        // A reason that comes from reading the picture begins with its name.
        let reason = reason.strip_prefix(&*path).map_or(&*reason, |rest| rest.trim_start_matches([':', ' ']));
        note(format_args!("{path}: {reason}"));
    }
    if skipped.len() > NAMED {
        note(format_args!("and {} more", skipped.len() - NAMED));
    }
}

fn summary(scores: &Scores, skipped: usize) -> String {
    let pictures = |count: usize| format!("{count} picture{}", if count == 1 { "" } else { "s" });
    let mut text = format!("scored {}", pictures(scores.rows.len()));
    if skipped > 0 {
        text += &format!(", {skipped} could not be read");
    }
    let known = scores.rows.iter().filter_map(ScoreRow::correct);
    let (correct, count) =
        known.fold((0, 0), |(correct, count), right| (correct + usize::from(right), count + 1));
    match count {
        0 => text + &format!(" (no name ends in a class: {})", emotion::names()),
        _ => {
            let percent = correct as f64 / count as f64 * 100.0;
            text + &format!("; {correct} of {count} with a label in their name are right ({percent:.1} %)")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(path: &str, label: Option<emotion::Emotion>) -> ScoreRow {
        ScoreRow { path: path.into(), scores: [0.9, 0.1, 0.0, 0.0, 0.0, 0.0], label }
    }

    #[test]
    fn the_summary_counts_only_pictures_whose_truth_is_known() {
        let rows = vec![
            row("a", Some(emotion::Emotion::Happiness)),
            row("b", Some(emotion::Emotion::Fear)),
            row("c", None),
        ];
        let text = summary(&Scores { rows }, 2);
        assert_eq!(
            text,
            "scored 3 pictures, 2 could not be read; 1 of 2 with a label in their name are right (50.0 %)"
        );
        let text = summary(&Scores { rows: vec![row("c", None)] }, 0);
        assert!(text.starts_with("scored 1 picture (no name ends in a class"), "{text}");
    }
}
