use super::error::TrainError;
use super::prepare::Prepared;
use crate::data::{Dataset, Split};
use crate::emotion::{CLASSES, Emotion};
use crate::evaluate::{self, Decimals, Evaluation, ScoreRow, Scores};
use crate::model;
use crate::run::RunFolder;
use burn::prelude::Device;

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
        let dataset = &prepared.dataset;
        let scores = evaluate::network_scores(&network, dataset, indices, evaluate::BATCH, device)?;
        Ok(write_evaluation(folder, dataset, split, indices, &scores)?.accuracy)
    };
    Ok(Accuracies {
        valid: accuracy(Split::Valid, &prepared.partition.valid)?,
        test: accuracy(Split::Test, &prepared.partition.test)?,
    })
}

/// Writes the scores of the pictures at `indices` as the run's `scores/<split>.csv` and what follows from them into its
/// `evaluation.json`, beside the other splits there.
pub fn write_evaluation(
    folder: &RunFolder,
    dataset: &Dataset,
    split: Split,
    indices: &[usize],
    scores: &[[f32; CLASSES]],
) -> Result<Evaluation, TrainError> {
    let labels: Vec<Emotion> = indices.iter().map(|&index| dataset.label(index)).collect();
    let evaluation = evaluate::evaluate(scores, &labels);
    let row = |(&index, scores): (&usize, &[f32; CLASSES])| ScoreRow {
        path: dataset.entry(index).path.to_string_lossy().into_owned(),
        scores: *scores,
        label: Some(dataset.label(index)),
    };
    let rows = Scores { rows: indices.iter().zip(scores).map(row).collect() };
    evaluate::write_scores(&folder.scores(split.name()), &rows, Decimals::Full)?;
    evaluate::write_evaluation(&folder.evaluation(), split.name(), &evaluation)?;
    Ok(evaluation)
}
