//! How long a search will take.

/// What is known of the pace of a search's runs. All times in seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pace {
    /// What runs took that ended by themselves, halved ones included: as many of the runs to come will be halved, too.
    pub took: Vec<f64>,
    /// Running: how long trainers have had it, and how long it still takes to its last planned epoch.
    pub running: Vec<(Option<f64>, Option<f64>)>,
    /// Begun and waiting to go on: how long trainers have had it.
    pub interrupted: Vec<f64>,
    pub not_begun: usize,
    /// How many are trained at once.
    pub at_once: usize,
}

impl Pace {
    /// Seconds until the last run ends; none before a run has ended or can say how long it will take.
    pub fn seconds_left(&self) -> Option<f64> {
        let whole = self.whole_run()?;
        let rest = |trained: f64| (whole - trained).max(0.0);
        let running: Vec<f64> =
            self.running.iter().map(|&(trained, left)| self.rest(trained, left, whole)).collect();
        let waiting = self.not_begun as f64 * whole
            + self.interrupted.iter().map(|&trained| rest(trained)).sum::<f64>();
        let work = running.iter().sum::<f64>() + waiting;
        let at_once = self.at_once.max(running.len()).max(1) as f64;
        // A run is not shared out.
        let longest = running.iter().copied().fold(if self.not_begun > 0 { whole } else { 0.0 }, f64::max);
        Some((work / at_once).max(longest))
    }

    /// What a run takes: the mean of those that ended, or else of what the running ones expect.
    fn whole_run(&self) -> Option<f64> {
        if !self.took.is_empty() {
            return mean(&self.took);
        }
        let expected: Vec<f64> = self
            .running
            .iter()
            .filter_map(|&(trained, left)| Some(trained.unwrap_or_default() + left?))
            .collect();
        mean(&expected)
    }

    /// A running one's own forecast does not know that it may end early, as most did; the others do not know its pace.
    fn rest(&self, trained: Option<f64>, left: Option<f64>, whole: f64) -> f64 {
        let as_others = Some(whole - trained.unwrap_or_default()).filter(|rest| *rest > 0.0);
        match (left, as_others) {
            (Some(left), Some(as_others)) => left.min(as_others),
            (Some(left), None) => left,
            (None, as_others) => as_others.unwrap_or_default(),
        }
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    mean.is_finite().then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_before_a_run_has_ended_or_can_say_something() {
        let pace = Pace { not_begun: 10, at_once: 2, ..Pace::default() };
        assert_eq!(pace.seconds_left(), None);
        assert_eq!(Pace { running: vec![(Some(5.0), None)], ..pace.clone() }.seconds_left(), None);
        let first = Pace { running: vec![(Some(5.0), Some(15.0))], at_once: 1, ..pace };
        assert_eq!(first.seconds_left(), Some(15.0 + 10.0 * 20.0));
    }

    #[test]
    fn what_is_left_is_shared_by_the_runs_at_once() {
        let pace = Pace {
            took: vec![90.0, 110.0],
            running: vec![(Some(40.0), Some(500.0)), (Some(70.0), Some(20.0))],
            interrupted: vec![80.0],
            not_begun: 3,
            at_once: 4,
        };
        assert_eq!(pace.seconds_left(), Some((60.0 + 20.0 + 20.0 + 300.0) / 4.0));
        assert_eq!(Pace { at_once: 400, ..pace }.seconds_left(), Some(100.0), "no run is shared out");
    }

    #[test]
    fn the_last_run_takes_its_own_time() {
        let last = |trained, left| Pace {
            took: vec![100.0],
            running: vec![(trained, left)],
            at_once: 4,
            ..Pace::default()
        };
        assert_eq!(last(Some(30.0), Some(500.0)).seconds_left(), Some(70.0));
        assert_eq!(last(Some(130.0), Some(50.0)).seconds_left(), Some(50.0), "longer than the others took");
        assert_eq!(last(None, None).seconds_left(), Some(100.0), "it has just begun");
        assert_eq!(last(Some(130.0), None).seconds_left(), Some(0.0));
    }
}
