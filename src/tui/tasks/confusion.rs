//! Confusions: from `evaluation.json`, counted from a scores file, or of the last checkpoint, scored here.

use super::slot::Desk;
use crate::config;
use crate::data::Split;
use crate::evaluate::{self, EvaluateError, Evaluation};
use crate::run::{RunFolder, printable};
use crate::train::{self, LastEvaluation, TrainError};
use crate::tui::message::Message;
use crate::tui::state::confusion::{Found, Order, Report, Request, Weights};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Between two sentences about how far the scoring is.
const TELL: Duration = Duration::from_millis(250);
/// Names of splits that are taken for some.
const LONGEST_NAME: usize = 24;
const MOST_SPLITS: usize = 20;

/// Does an order.
pub(super) fn work(order: Order, desk: &Desk<Order>) {
    let Order::Look(request) = order else { return };
    let found = match request.weights {
        Weights::Best => best(&request, desk),
        Weights::Last => last(&request, desk),
    };
    let Some(found) = found.transpose() else { return };
    let found = found.map(Box::new).map_err(|sentence| printable(&sentence).into_owned());
    desk.send(Message::Confusion(Report::Found(request, found)));
}

/// What the run's folder holds; none where it was given up.
fn best(request: &Request, desk: &Desk<Order>) -> Result<Option<Found>, String> {
    let run = &request.run;
    let (evaluations, mut warning) = match evaluate::read_evaluations(&run.evaluation()) {
        Ok(evaluations) => (evaluations, None),
        Err(error) => (BTreeMap::new(), Some(error.to_string())),
    };
    let files = scored_splits(run);
    let splits = in_order(evaluations.keys().chain(&files));
    let Some(split) = chosen(&splits, request.split.as_deref()) else {
        return Err(warning.unwrap_or_else(|| {
            format!("{} is not evaluated yet: mien evaluate {} does it", run.id(), run.id())
        }));
    };
    let has_scores = files.contains(&split);
    let (evaluation, source) = match evaluations.get(&split) {
        Some(evaluation) => (evaluation.clone(), "best weights".to_string()),
        None => match counted(run, &split, desk)? {
            Some(evaluation) => (evaluation, format!("counted from scores/{split}.csv")),
            None => return Ok(None),
        },
    };
    warning = warning.or_else(|| {
        let counted = evaluation.confusion.total();
        (counted != evaluation.count as u64).then(|| "evaluation.json does not agree with itself".into())
    });
    let warning = warning.map(|text| printable(&text).into_owned());
    Ok(Some(Found { splits, split, evaluation, source, has_scores, warning }))
}

fn counted(run: &RunFolder, split: &str, desk: &Desk<Order>) -> Result<Option<Evaluation>, String> {
    match evaluate::evaluate_file(&run.scores(split), &|| !desk.is_abandoned()) {
        Ok(evaluation) => Ok(Some(evaluation)),
        Err(EvaluateError::GivenUp) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn last(request: &Request, desk: &Desk<Order>) -> Result<Option<Found>, String> {
    let run = &request.run;
    let config = config::complete(&run.config()).map_err(|error| error.to_string())?;
    let splits: Vec<String> = [Split::Test, Split::Valid, Split::Train].map(|it| it.name().into()).to_vec();
    let split = request.split.as_deref().and_then(Split::parse).unwrap_or(Split::Test);
    let mut told = Instant::now();
    let mut progress = |done, all| {
        if told.elapsed() >= TELL || done == 0 {
            told = Instant::now();
            desk.send(Message::Confusion(Report::Progress(request.clone(), done, all)));
        }
    };
    progress(0, 0);
    let scored = train::evaluate_last(run, &config, split, &|| !desk.is_abandoned(), &mut progress);
    let LastEvaluation { step, evaluation, other_pictures } = match scored {
        Ok(Some(last)) => last,
        Ok(None) => {
            return Err(format!("{} has no checkpoint: K goes back to the best weights", run.id()));
        }
        Err(TrainError::Evaluate(EvaluateError::GivenUp)) => return Ok(None),
        Err(error) => {
            return Err(format!("the last weights cannot be scored: {error}; K goes back to the best ones"));
        }
    };
    let warning = other_pictures.then(|| "the pictures have changed since the run was trained".into());
    Ok(Some(Found {
        splits,
        split: split.name().into(),
        evaluation,
        source: format!("last weights, step {step}"),
        has_scores: false,
        warning,
    }))
}

/// The splits that a run has scores of.
pub(super) fn scored_splits(run: &RunFolder) -> Vec<String> {
    run.scores("any").parent().map(evaluate::scored_splits).unwrap_or_default()
}

/// Each once: test, valid and train first, then whatever else there is.
pub(super) fn in_order<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let plain = |name: &&String| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(is_plain)
    };
    let rank = |name: &str| ["test", "valid", "train"].iter().position(|known| *known == name).unwrap_or(3);
    let mut splits: Vec<String> = names.filter(plain).cloned().collect();
    splits.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
    splits.dedup();
    splits.truncate(MOST_SPLITS);
    splits
}

/// The split that is wished for, or the first one.
pub(super) fn chosen(splits: &[String], wished: Option<&str>) -> Option<String> {
    let wished = splits.iter().find(|split| Some(split.as_str()) == wished);
    wished.or_else(|| splits.first()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_stand_once_the_test_split_first_and_strange_names_nowhere() {
        let names = ["valid", "extra", "test", "\u{1b}[2J", "../up", "valid"].map(String::from);
        let splits = in_order(names.iter());
        assert_eq!(splits, ["test", "valid", "extra"]);
        assert_eq!(chosen(&splits, Some("extra")).as_deref(), Some("extra"));
        assert_eq!(chosen(&splits, Some("gone")).as_deref(), Some("test"));
        assert_eq!(chosen(&[], None), None);
    }
}
