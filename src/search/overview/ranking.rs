//! What a point came to, and which is better.

use super::TrialRow;
use crate::config::MonitoredMetric;
use crate::run::State;
use statrs::distribution::{ContinuousCDF, StudentsT};
use std::cmp::Ordering;

/// Computes a row's mean, interval and completeness from its runs.
pub(super) fn judge(row: &mut TrialRow) {
    let values: Vec<f64> = row.runs.iter().filter_map(|run| run.value).collect();
    row.mean = mean(&values);
    row.interval = row.mean.and_then(|mean| interval(mean, &values));
    row.is_complete = row.runs.iter().all(|run| run.state == Some(State::Finished) && !run.halved);
}

fn mean(values: &[f64]) -> Option<f64> {
    let first = *values.first()?;
    // Exactly: a sum of equal values divided by their count need not be that value.
    if values.iter().all(|&value| value == first) {
        return Some(first);
    }
    Some(values.iter().sum::<f64>() / values.len() as f64)
}

/// mean ± t(0.975, n - 1) s / √n, s with n - 1.
fn interval(mean: f64, values: &[f64]) -> Option<(f64, f64)> {
    let count = values.len() as f64;
    let student = StudentsT::new(0.0, 1.0, count - 1.0).ok()?;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let half = student.inverse_cdf(0.975) * (variance / count).sqrt();
    half.is_finite().then_some((mean - half, mean + half))
}

/// The order in which rows stand.
pub(super) fn order(metric: MonitoredMetric, a: &TrialRow, b: &TrialRow) -> Ordering {
    let group = |row: &TrialRow| match (row.mean, row.is_complete) {
        (Some(_), true) => 0,
        (Some(_), false) => 1,
        (None, _) => 2,
    };
    let by_mean = match (a.mean, b.mean) {
        (Some(a), Some(b)) if metric.improves(a, b) => Ordering::Less,
        (Some(a), Some(b)) if metric.improves(b, a) => Ordering::Greater,
        _ => Ordering::Equal,
    };
    let first = |row: &TrialRow| row.runs.first().map(|run| run.number);
    group(a).cmp(&group(b)).then(by_mean).then_with(|| first(a).cmp(&first(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::RunFolder;
    use crate::search::RunSeen;

    fn run(number: u64, state: Option<State>, value: Option<f64>) -> RunSeen {
        RunSeen {
            number,
            seed: number,
            folder: RunFolder::of_id("runs".as_ref(), "x"),
            state,
            reason: None,
            epoch: 0,
            epochs: 0,
            halved: false,
            value,
            test_accuracy: None,
        }
    }

    fn row(runs: Vec<RunSeen>) -> TrialRow {
        let mut row = TrialRow { point: Vec::new(), runs, mean: None, interval: None, is_complete: false };
        judge(&mut row);
        row
    }

    fn finished(number: u64, values: &[f64]) -> TrialRow {
        row(values.iter().map(|&value| run(number, Some(State::Finished), Some(value))).collect())
    }

    #[test]
    fn the_interval_is_students_over_seeds() {
        // By scipy.stats.t.interval(0.95, 2, loc=mean, scale=sem).
        let (low, high) = finished(1, &[0.80, 0.82, 0.87]).interval.unwrap();
        assert!((low - 0.740433).abs() < 1e-6 && (high - 0.919567).abs() < 1e-6, "{low} {high}");
        assert_eq!(finished(1, &[0.8]).interval, None);
        assert_eq!(finished(1, &[0.1, 0.1, 0.1]).interval, Some((0.1, 0.1)));
        assert_eq!(finished(1, &[]).mean, None);
    }

    #[test]
    fn complete_points_stand_first_then_what_has_a_value_then_the_plans_order() {
        let mut halved = run(2, Some(State::Finished), Some(0.95));
        halved.halved = true;
        let half_failed = vec![run(3, Some(State::Finished), Some(0.99)), run(13, Some(State::Failed), None)];
        let rows = [
            row(vec![run(9, None, None)]),
            row(vec![halved]),
            row(half_failed),
            finished(5, &[0.7]),
            row(vec![run(1, Some(State::Failed), None)]),
            finished(4, &[0.7]),
            finished(6, &[0.8]),
        ];
        let ranked = |metric| {
            let mut rows = rows.to_vec();
            rows.sort_by(|a, b| order(metric, a, b));
            rows.iter().map(|row| row.runs[0].number).collect::<Vec<_>>()
        };
        assert_eq!(ranked(MonitoredMetric::ValidAccuracy), [6, 4, 5, 3, 2, 1, 9]);
        assert_eq!(ranked(MonitoredMetric::ValidLoss), [4, 5, 6, 2, 3, 1, 9]);
    }
}
