use super::error::TrainError;
use super::prepare::Prepared;
use crate::data::{Dataset, Split};
use crate::emotion::{CLASSES, Emotion};
use crate::evaluate::{self, Decimals, Evaluation, ScoreRow, Scores};
use crate::model::{self, Network};
use crate::run::RunFolder;
use burn::prelude::Device;

/// Pictures scored at once. Always the same number, so that the same picture gets the same scores wherever it stands.
pub const EVALUATION_BATCH: usize = 64;

/// Accuracies of the best weights; none of a split without pictures.
pub(super) struct Accuracies {
    pub valid: Option<f64>,
    pub test: Option<f64>,
}

/// Scores and evaluation of a run's best weights on its validation and test pictures.
pub(super) fn conclude(
    prepared: &Prepared,
    folder: &RunFolder,
    device: &Device,
) -> Result<Accuracies, TrainError> {
    let (network, _) = model::load(&folder.model(), Some(&prepared.config.model), device)?;
    let accuracy = |split, indices: &[usize]| -> Result<Option<f64>, TrainError> {
        if indices.is_empty() {
            return Ok(None);
        }
        let evaluation = write_evaluation(folder, &network, &prepared.dataset, split, indices, device)?;
        Ok(evaluation.accuracy)
    };
    Ok(Accuracies {
        valid: accuracy(Split::Valid, &prepared.partition.valid)?,
        test: accuracy(Split::Test, &prepared.partition.test)?,
    })
}

/// Scores the pictures at `indices`, writes them as the run's `scores/<split>.csv` and what follows from them
/// into its `evaluation.json`, beside the other splits there.
pub fn write_evaluation(
    folder: &RunFolder,
    network: &Network,
    dataset: &Dataset,
    split: Split,
    indices: &[usize],
    device: &Device,
) -> Result<Evaluation, TrainError> {
    let scores = evaluate::network_scores(network, dataset, indices, EVALUATION_BATCH, device)?;
    let labels: Vec<Emotion> = indices.iter().map(|&index| dataset.label(index)).collect();
    let evaluation = evaluate::evaluate(&scores, &labels);
    let row = |(&index, scores): (&usize, [f32; CLASSES])| ScoreRow {
        path: dataset.entry(index).path.to_string_lossy().into_owned(),
        scores,
        label: Some(dataset.label(index)),
    };
    let rows = Scores { rows: indices.iter().zip(scores).map(row).collect() };
    evaluate::write_scores(&folder.scores(split.name()), &rows, Decimals::Full)?;
    evaluate::write_evaluation(&folder.evaluation(), split.name(), &evaluation)?;
    Ok(evaluation)
}
