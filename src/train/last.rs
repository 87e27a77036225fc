//! What the weights of a run's last checkpoint measure, beside the best ones that its folder holds.

use super::checkpoint;
use super::error::TrainError;
use crate::config::RunConfig;
use crate::data::{Dataset, Split};
use crate::evaluate::{self, EvaluateError, Evaluation, Wanted};
use crate::model::Network;
use crate::run::RunFolder;
use burn::prelude::Device;

/// The last checkpoint on the pictures of a split.
#[derive(Clone, Debug, PartialEq)]
pub struct LastEvaluation {
    /// Steps that the weights were trained for.
    pub step: usize,
    pub evaluation: Evaluation,
    /// The pictures have changed since the run was trained: some of the split may have been trained on.
    pub other_pictures: bool,
}

/// Scores a split of the run's pictures with the weights of its last checkpoint, on the CPU. `None` where there is no
/// checkpoint. `progress` hears how many pictures are done, of how many. Nothing is written but the pack of the
/// pictures, where that is missing.
///
/// # Errors
/// A checkpoint or pictures that cannot be read, and [`EvaluateError::GivenUp`] once it is not wanted.
pub fn evaluate_last(
    folder: &RunFolder,
    config: &RunConfig,
    split: Split,
    wanted: Wanted,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Option<LastEvaluation>, TrainError> {
    let device = Device::flex();
    let Some((step, network)) = last_network(folder, config, &device)? else { return Ok(None) };
    let dataset = Dataset::open(&config.data.root)?;
    let partition = dataset.partition(config.data.valid.fraction, config.train.seed);
    let indices = partition.of(split);
    let mut scores = Vec::with_capacity(indices.len());
    // The same passes as in one go, so that the scores are the same to the last bit.
    for batch in indices.chunks(evaluate::BATCH) {
        if !wanted() {
            return Err(EvaluateError::GivenUp.into());
        }
        scores.extend(evaluate::network_scores(&network, &dataset, batch, evaluate::BATCH, &device)?);
        progress(scores.len(), indices.len());
    }
    let labels: Vec<_> = indices.iter().map(|&index| dataset.label(index)).collect();
    let trained_on = config.provenance.as_ref().map_or("", |provenance| &provenance.data_fingerprint);
    Ok(Some(LastEvaluation {
        step,
        evaluation: evaluate::evaluate(&scores, &labels),
        other_pictures: !trained_on.is_empty() && trained_on != dataset.fingerprint(),
    }))
}

/// The newest checkpoint's step and network.
fn last_network(
    folder: &RunFolder,
    config: &RunConfig,
    device: &Device,
) -> Result<Option<(usize, Network)>, TrainError> {
    let load = || {
        let Some(newest) = checkpoint::newest(&folder.checkpoints()) else { return Ok(None) };
        let drawn = Network::new(&config.model, config.train.seed, device)?;
        let step = checkpoint::step_of(&newest).unwrap_or_default();
        Ok(Some((step, checkpoint::load_network(&newest, drawn)?)))
    };
    // A trainer that goes on may have replaced it meanwhile.
    load().or_else(|_: TrainError| load())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::data::drawn;
    use crate::train::{self, Claim, Stop};
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn after_one_epoch_the_last_weights_measure_what_the_best_do() {
        let place = tempfile::tempdir().unwrap();
        let faces = place.path().join("faces");
        drawn::write_set(&faces, 8, 3, &mut |_, _| {}).unwrap();
        let model = "[model]\narch = \"plain\"\ndepth = 2\nwidth = 4\nfc_depth = 1\n";
        let train = "[train]\nbatch_size = 16\nepochs = 1\ndevice = \"cpu\"\n";
        let root = format!("data.root={faces:?}");
        let sets = [root, "train.early_stopping.enabled=false".into()];
        let config = config::from_text(&format!("{model}{train}"), "a test", "x", &sets).unwrap();
        let prepared = train::prepare(config, None, &[], &mut |_, _| {}).unwrap();
        let run = prepared.create(&place.path().join("runs")).unwrap();
        let look = |wanted: Wanted, progress: &mut dyn FnMut(usize, usize)| {
            evaluate_last(&run, &prepared.config, Split::Test, wanted, progress)
        };
        assert_eq!(look(&|| true, &mut |_, _| {}).unwrap(), None, "there is no checkpoint yet");

        let mut stop = Stop::when(Arc::new(AtomicBool::new(false)), &run);
        train::train(&prepared, Claim::take(&run).unwrap(), &mut stop, &mut |_| {}).unwrap();
        let mut heard = Vec::new();
        let last = look(&|| true, &mut |done, all| heard.push((done, all))).unwrap().unwrap();
        let best = evaluate::read_evaluations(&run.evaluation()).unwrap();
        assert_eq!(last.evaluation.confusion, best["test"].confusion);
        assert_eq!((last.step, last.other_pictures), (prepared.steps(), false));
        assert_eq!(heard, [(12, 12)]);
        let given_up = look(&|| false, &mut |_, _| {});
        assert!(matches!(given_up, Err(TrainError::Evaluate(EvaluateError::GivenUp))));
    }
}
