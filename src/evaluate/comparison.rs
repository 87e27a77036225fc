//! Two networks on the same pictures: what each measures, by how much they differ, and whether that is chance.

use super::bootstrap::{Interval, RESAMPLES, interval};
use super::confusion::Confusion;
use super::error::{EvaluateError, Wanted};
use super::mcnemar::McNemar;
use super::paired::{self, Change, PairedRow, Unpaired};
use crate::data::Draws;
use crate::emotion::{CLASSES, Emotion};
use rayon::prelude::*;
use serde::Serialize;
use std::path::Path;

/// A difference this unlikely between equals is called one.
const SIGNIFICANT: f64 = 0.05;
/// Truth, what A says, what B says.
const KINDS: usize = CLASSES * CLASSES * CLASSES;

/// Two runs on the pictures that both scored. Of pairs, the first is run A's and the second run B's.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Pictures compared.
    pub pictures: u64,
    pub unpaired: Unpaired,
    pub accuracy: PairedMetric,
    pub balanced_accuracy: PairedMetric,
    pub macro_f1: PairedMetric,
    pub mcnemar: McNemar,
    /// Pictures that both networks get wrong, each in its own way.
    pub other_mistakes: u64,
    pub confusions: [Confusion; 2],
}

/// A metric of both runs, 0..=1; `None` is what cannot be measured. Intervals are the middle 95 % of 2,000 resamples of
/// the pictures, the same for both runs, so that the difference's says what chance in the pictures could do to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct PairedMetric {
    pub a: Option<f64>,
    pub a_interval: Option<Interval>,
    pub b: Option<f64>,
    pub b_interval: Option<Interval>,
    /// B less A, -1..=1.
    pub difference: Option<f64>,
    pub difference_interval: Option<Interval>,
}

/// Compares two scores files. Also gives the first `most` pictures of each [`Change`], as they are met in the files.
///
/// # Errors
/// Files that are not as they should be, and [`EvaluateError::GivenUp`].
pub fn compare(
    files: [&Path; 2],
    most: usize,
    wanted: Wanted,
) -> Result<(Comparison, [Vec<PairedRow>; 3]), EvaluateError> {
    let mut counts = [0u64; KINDS];
    let mut changed: [Vec<PairedRow>; 3] = Default::default();
    let unpaired = paired::pair(files, wanted, &mut |row| {
        counts[kind(&row)] += 1;
        if let Some(change) = row.change()
            && changed[change as usize].len() < most
        {
            changed[change as usize].push(row);
        }
    })?;
    let comparison = Comparison::of(&counts, unpaired, wanted).ok_or(EvaluateError::GivenUp)?;
    Ok((comparison, changed))
}

/// Every picture of one [`Change`], however many, as they are met in the files.
///
/// # Errors
/// As [`compare`].
pub fn changed_pictures(
    files: [&Path; 2],
    change: Change,
    take: &mut dyn FnMut(PairedRow),
) -> Result<(), EvaluateError> {
    paired::pair(files, &|| true, &mut |row| {
        if row.change() == Some(change) {
            take(row);
        }
    })?;
    Ok(())
}

impl Comparison {
    /// All that is compared follows from how often each kind of picture is there. `None` once it is not wanted.
    fn of(counts: &[u64; KINDS], unpaired: Unpaired, wanted: Wanted) -> Option<Self> {
        let confusions = confusions(counts);
        let resamples = resample(counts, wanted)?;
        let measured = confusions
            .map(|confusion| [confusion.accuracy(), confusion.balanced_accuracy(), confusion.macro_f1()]);
        let metric = |metric: usize| {
            let [a, b] = [0, 1].map(|run: usize| measured[run][metric]);
            let between = |value: &dyn Fn(&Resample) -> f64| interval(resamples.iter().map(value));
            PairedMetric {
                a,
                a_interval: between(&|drawn| drawn[0][metric]),
                b,
                b_interval: between(&|drawn| drawn[1][metric]),
                difference: a.zip(b).map(|(a, b)| b - a),
                difference_interval: between(&|drawn| drawn[1][metric] - drawn[0][metric]),
            }
        };
        let mut changes = [0u64; 3];
        for (kind, count) in counts.iter().enumerate() {
            if let Some(change) = change_of(kind) {
                changes[change as usize] += count;
            }
        }
        let [fixed, broken, other_mistakes] = changes;
        Some(Self {
            pictures: counts.iter().sum(),
            unpaired,
            accuracy: metric(0),
            balanced_accuracy: metric(1),
            macro_f1: metric(2),
            mcnemar: McNemar::new(fixed, broken),
            other_mistakes,
            confusions,
        })
    }

    /// The three metrics and their names.
    pub fn metrics(&self) -> [(&'static str, PairedMetric); 3] {
        [
            ("accuracy", self.accuracy),
            ("balanced accuracy", self.balanced_accuracy),
            ("macro F1", self.macro_f1),
        ]
    }

    /// How many pictures there are of a change.
    pub fn count(&self, change: Change) -> u64 {
        match change {
            Change::Fixed => self.mcnemar.fixed,
            Change::Broken => self.mcnemar.broken,
            Change::OtherMistake => self.other_mistakes,
        }
    }

    /// Which run is right more often than chance would have it.
    pub fn better(&self) -> Option<usize> {
        let McNemar { fixed, broken, p, .. } = self.mcnemar;
        (p < SIGNIFICANT && fixed != broken).then_some(usize::from(fixed > broken))
    }

    /// The outcome in plain words, with the runs' names in it.
    pub fn verdict(&self, names: [&str; 2]) -> String {
        let McNemar { fixed, broken, p, .. } = self.mcnemar;
        let p = if p < 0.001 { "p < 0.001".into() } else { format!("p = {p:.3}") };
        match self.better() {
            _ if self.pictures == 0 => "the two runs have no picture with a truth in common".into(),
            _ if fixed + broken == 0 => "both are right about the very same pictures".into(),
            Some(better) => format!("{} is better: {p}", names[better]),
            None => format!("no difference that these pictures could show: {p}"),
        }
    }
}

/// Accuracy, balanced accuracy and macro F1 of both runs.
type Resample = [[f64; 3]; 2];

/// The same pictures are drawn for both runs; a picture is no more than its kind. Each resample has a generator of its own:
/// the same counts give the same result on any number of threads.
fn resample(counts: &[u64; KINDS], wanted: Wanted) -> Option<Vec<Resample>> {
    let mut kinds: Vec<u8> = Vec::new();
    for (kind, count) in counts.iter().enumerate() {
        kinds.extend(std::iter::repeat_n(kind as u8, *count as usize)); // below 216
    }
    if kinds.is_empty() {
        return Some(Vec::new());
    }
    (0..RESAMPLES)
        .into_par_iter()
        .map(|number| {
            if !wanted() {
                return None;
            }
            let mut draws = Draws::new(&[RESAMPLES, number]);
            let mut drawn = [0u64; KINDS];
            for _ in 0..kinds.len() {
                drawn[usize::from(kinds[draws.below(kinds.len())])] += 1;
            }
            // Never empty: as many pictures were drawn as there are, which is at least one.
            let [a, b] = confusions(&drawn)
                .map(|run| Some([run.accuracy()?, run.balanced_accuracy()?, run.macro_f1()?]));
            Some([a?, b?])
        })
        .collect()
}

fn kind(row: &PairedRow) -> usize {
    let [a, b] = row.predictions.map(Emotion::index);
    (row.truth.index() * CLASSES + a) * CLASSES + b
}

/// The truth of a kind, and what A and B say.
fn parts(kind: usize) -> (usize, [usize; 2]) {
    (kind / CLASSES / CLASSES, [kind / CLASSES % CLASSES, kind % CLASSES])
}

fn change_of(kind: usize) -> Option<Change> {
    let (truth, [a, b]) = parts(kind);
    match (a == truth, b == truth) {
        (false, true) => Some(Change::Fixed),
        (true, false) => Some(Change::Broken),
        (false, false) if a != b => Some(Change::OtherMistake),
        _ => None,
    }
}

fn confusions(counts: &[u64; KINDS]) -> [Confusion; 2] {
    let mut confusions = [Confusion::default(); 2];
    for (kind, count) in counts.iter().enumerate() {
        let (truth, said) = parts(kind);
        for (confusion, said) in confusions.iter_mut().zip(said) {
            confusion.0[truth][said] += count;
        }
    }
    confusions
}

#[cfg(test)]
mod tests {
    use super::super::paired::tests::file;
    use super::*;
    use Emotion::{Anger, Disgust, Fear};

    fn compared(rows: &[(u64, Emotion, [Emotion; 2])]) -> Comparison {
        let mut counts = [0; KINDS];
        for (count, truth, predictions) in rows {
            let row = PairedRow {
                path: String::new(),
                truth: *truth,
                predictions: *predictions,
                confidences: [0.5; 2],
            };
            counts[kind(&row)] += count;
        }
        Comparison::of(&counts, Unpaired::default(), &|| true).unwrap()
    }

    #[test]
    fn a_difference_and_its_interval_are_those_of_paired_proportions() {
        let comparison = compared(&[
            (700, Anger, [Anger, Anger]),
            (120, Anger, [Fear, Anger]),
            (60, Anger, [Anger, Fear]),
            (90, Anger, [Fear, Fear]),
            (30, Anger, [Fear, Disgust]),
        ]);
        let accuracy = comparison.accuracy;
        assert_eq!((accuracy.a, accuracy.b), (Some(0.76), Some(0.82)));
        assert!((accuracy.difference.unwrap() - 0.06).abs() < 1e-12);
        // Wald's interval of a paired difference: d +- 1.96 sqrt(b + c - (b - c)^2 / n) / n.
        let half = 1.96 * (180.0f64 - 60.0 * 60.0 / 1000.0).sqrt() / 1000.0;
        let Interval(low, high) = accuracy.difference_interval.unwrap();
        assert!((low - (0.06 - half)).abs() < 0.003, "{low}");
        assert!((high - (0.06 + half)).abs() < 0.003, "{high}");
        // The pictures are the same for both, so the difference is surer than two independent ones would be.
        let Interval(a_low, a_high) = accuracy.a_interval.unwrap();
        let Interval(b_low, b_high) = accuracy.b_interval.unwrap();
        assert!((high - low).powi(2) < (a_high - a_low).powi(2) + (b_high - b_low).powi(2));
        assert_eq!(comparison.other_mistakes, 30);
        assert_eq!((comparison.better(), comparison.mcnemar.p < 0.001), (Some(1), true));
        assert_eq!(comparison.verdict(["A", "B"]), "B is better: p < 0.001");
    }

    #[test]
    fn the_verdict_says_when_there_is_no_difference_to_be_seen() {
        let close =
            compared(&[(9, Anger, [Anger, Fear]), (7, Anger, [Fear, Anger]), (50, Fear, [Fear, Fear])]);
        assert_eq!(close.verdict(["A", "B"]), "no difference that these pictures could show: p = 0.804");
        let same = compared(&[(5, Anger, [Anger, Anger]), (2, Anger, [Fear, Disgust])]);
        assert_eq!(same.verdict(["A", "B"]), "both are right about the very same pictures");
        assert_eq!(same.accuracy.difference_interval, Some(Interval(0.0, 0.0)));
        let worse = compared(&[(9, Anger, [Anger, Fear]), (1, Anger, [Fear, Anger])]);
        assert_eq!(worse.verdict(["old", "new"]), "old is better: p = 0.021");
    }

    #[test]
    fn files_without_a_picture_in_common_are_compared_in_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let a = file(folder.path(), "a.csv", &[("1", Some(Anger), Anger), ("2", None, Anger)]);
        let b = file(folder.path(), "b.csv", &[("x", Some(Anger), Anger), ("2", None, Anger)]);
        let (comparison, changed) = compare([&a, &b], 9, &|| true).unwrap();
        assert_eq!(comparison.pictures, 0);
        assert_eq!(comparison.unpaired, Unpaired { only_a: 1, only_b: 1, unlabelled: 1, relabelled: 0 });
        assert_eq!(comparison.accuracy, PairedMetric::default());
        assert_eq!(comparison.verdict(["A", "B"]), "the two runs have no picture with a truth in common");
        assert!(changed.iter().all(Vec::is_empty));
    }

    #[test]
    fn changed_pictures_are_kept_up_to_a_number_and_counted_beyond() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..5).map(|i| format!("{i}.png")).collect();
        let rows = |said| -> Vec<_> { names.iter().map(|name| (name.as_str(), Some(Anger), said)).collect() };
        let a = file(folder.path(), "a.csv", &rows(Fear));
        let b = file(folder.path(), "b.csv", &rows(Anger));
        let (comparison, [fixed, broken, _]) = compare([&a, &b], 3, &|| true).unwrap();
        assert_eq!((fixed.len(), broken.len(), comparison.count(Change::Fixed)), (3, 0, 5));
        assert_eq!(fixed[0].path, "0.png");
        let mut all = 0;
        changed_pictures([&a, &b], Change::Fixed, &mut |_| all += 1).unwrap();
        assert_eq!(all, 5);
        assert!(matches!(compare([&a, &b], 3, &|| false), Err(EvaluateError::GivenUp)));
    }
}
