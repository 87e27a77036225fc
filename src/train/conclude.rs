use super::error::TrainError;
use super::prepare::Prepared;
use crate::data::{Dataset, Split};
use crate::evaluate::{self, Evaluation, ScoreRow};
use crate::model::{self, Network};
use crate::run::RunFolder;
use burn::prelude::Device;
use std::path::Path;

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
        Ok(Some(evaluation.accuracy))
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
    let rows = evaluate::score_rows(network, dataset, indices, device);
    let evaluation = evaluate::of_rows(&rows);
    write_scores(&folder.scores(split.name()), &rows)?;
    evaluate::write_evaluation(&folder.evaluation(), split, &evaluation)?;
    Ok(evaluation)
}

fn write_scores(path: &Path, rows: &[ScoreRow]) -> Result<(), TrainError> {
    Ok(evaluate::write_scores(path, rows, None)?)
}
