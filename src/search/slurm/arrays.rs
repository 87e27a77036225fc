//! The job arrays of a search, and what became of their tasks.

use super::queue::{Condition, Tasks};
use crate::search::Holding;
use crate::search::record::Array;

/// An array that was submitted.
#[derive(Clone, Debug)]
pub(super) struct Submitted {
    pub array: Array,
    /// By task, from the first.
    pub runs: Vec<u64>,
    seen: Vec<Seen>,
    /// At most so many of its tasks at once, as Slurm was told last.
    pub throttle: Option<usize>,
    /// Slurm may have been told otherwise since, by a supervisor that is gone.
    pub is_throttle_old: bool,
}

/// What was seen of a task last.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// It was not looked at yet.
    Submitted,
    Waiting(String),
    Running,
    /// Slurm's word and the node.
    Over(String, String),
    /// Taken out of the queue.
    Cancelled,
    /// Slurm knows nothing of it any more.
    Forgotten,
}

impl Seen {
    fn is_live(&self) -> bool {
        matches!(self, Self::Submitted | Self::Waiting(_) | Self::Running)
    }
}

impl From<Condition> for Seen {
    fn from(condition: Condition) -> Self {
        match condition {
            Condition::Waiting(why) => Self::Waiting(why),
            Condition::Running => Self::Running,
            Condition::Over(word, _) if word == "CANCELLED" => Self::Cancelled,
            Condition::Over(word, node) => Self::Over(word, node),
        }
    }
}

impl Submitted {
    pub fn new(array: Array, runs: Vec<u64>, throttle: Option<usize>) -> Self {
        let seen = vec![Seen::Submitted; runs.len()];
        Self { array, runs, seen, throttle, is_throttle_old: false }
    }

    /// One that an earlier supervisor submitted.
    pub fn found(array: Array, runs: Vec<u64>, throttle: Option<usize>) -> Self {
        Self { is_throttle_old: true, ..Self::new(array, runs, throttle) }
    }

    /// Tasks that are in the queue or running.
    pub fn live(&self) -> usize {
        self.seen.iter().filter(|seen| seen.is_live()).count()
    }

    /// Runs whose tasks are in the queue or running.
    pub fn live_runs(&self) -> impl Iterator<Item = u64> {
        self.runs.iter().zip(&self.seen).filter(|(_, seen)| seen.is_live()).map(|(&run, _)| run)
    }

    /// As many of its tasks may run at once.
    pub fn at_once(&self) -> usize {
        self.throttle.map_or(self.live(), |most| most.min(self.live()))
    }

    /// `12_3`, as a run's status names it. Tasks count from 0 here, and from 1 in Slurm.
    pub fn job(&self, task: usize) -> String {
        format!("{}_{}", self.array.job, task + 1)
    }

    /// Its job's id is another's now: a Slurm that has lost all it knew counts from the beginning.
    pub fn forget(&mut self) {
        for seen in self.seen.iter_mut().filter(|seen| seen.is_live()) {
            *seen = Seen::Forgotten;
        }
    }

    pub fn is_cancelled(&self, task: usize) -> bool {
        self.seen.get(task) == Some(&Seen::Cancelled)
    }

    pub fn is_forgotten(&self, task: usize) -> bool {
        self.seen.get(task) == Some(&Seen::Forgotten)
    }

    pub fn is_live(&self, task: usize) -> bool {
        self.seen.get(task).is_some_and(Seen::is_live)
    }

    /// Takes what the queue says now. `has_begun` tells whether a run's own folder says that it was begun by this job.
    ///
    /// A task without a line is one of three. Slurm has forgotten the whole array. Or the task's time in the queue is over
    /// since longer than Slurm remembers. Or it was cancelled before its turn: Slurm drops such a task at once, while it still
    /// knows of its siblings.
    ///
    /// Returns the tasks that came to their end since the last look.
    pub fn take(&mut self, lines: &[&Tasks], has_begun: impl Fn(u64, &str) -> bool) -> Vec<usize> {
        let is_known = !lines.is_empty();
        let rest =
            lines.iter().find(|line| line.indices.is_none()).map(|line| Seen::from(line.condition.clone()));
        // One for each of `runs` and `seen`.
        let mut now = vec![None; self.runs.len()];
        for line in lines {
            for &index in line.indices.iter().flatten() {
                let place = usize::try_from(index).ok().and_then(|index| now.get_mut(index.checked_sub(1)?));
                if let Some(place) = place {
                    *place = Some(Seen::from(line.condition.clone()));
                }
            }
        }
        let mut ended = Vec::new();
        for (task, now) in now.into_iter().enumerate() {
            let before = &self.seen[task];
            let seen = match (now, before) {
                (Some(now), _) => now,
                (None, Seen::Running) => Seen::Forgotten,
                (None, before) if !before.is_live() => continue,
                (None, _) => match &rest {
                    Some(rest) => rest.clone(),
                    None if is_known && !has_begun(self.runs[task], &self.job(task)) => Seen::Cancelled,
                    None => Seen::Forgotten,
                },
            };
            if before.is_live() && !seen.is_live() {
                ended.push(task);
            }
            self.seen[task] = seen;
        }
        ended
    }

    /// Fills in what the accounting remembers of tasks that the queue has forgotten.
    pub fn recall(&mut self, remembered: impl Fn(u64) -> Option<Condition>) {
        for (index, seen) in (1..).zip(&mut self.seen) {
            if let (Seen::Forgotten, Some(Condition::Over(word, node))) = (&*seen, remembered(index)) {
                // A cancelled one may have been begun: its run knows more.
                *seen = if word == "CANCELLED" { Seen::Forgotten } else { Seen::Over(word, node) };
            }
        }
    }

    pub fn holding(&self, task: usize) -> Holding {
        match self.seen.get(task) {
            Some(Seen::Submitted) => Holding::Waiting("it was just submitted".into()),
            Some(Seen::Waiting(why)) => Holding::Waiting(why.clone()),
            Some(Seen::Running) => Holding::Running,
            Some(Seen::Cancelled) => Holding::Cancelled,
            Some(Seen::Over(..) | Seen::Forgotten) | None => Holding::Gone,
        }
    }

    /// Slurm's word for how a task ended, and the node.
    pub fn ending(&self, task: usize) -> Option<(&str, &str)> {
        match self.seen.get(task) {
            Some(Seen::Over(word, node)) => Some((word, node)),
            _ => None,
        }
    }
}

/// How many runs each array may have at once, oldest first, where `most` may go on in all. An array cannot be stopped by
/// its throttle: each that lives has 1.
pub(super) fn shares(most: usize, live: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut left = most;
    let mut share = |live: usize| {
        let share = live.min(left);
        left -= share;
        share.max(live.min(1))
    };
    live.map(&mut share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(tasks: u64) -> Submitted {
        let array = Array { job: "7".into(), list: "1.txt".into() };
        Submitted::new(array, (101..101 + tasks).collect(), Some(2))
    }

    fn line(indices: Option<Vec<u64>>, condition: Condition) -> Tasks {
        Tasks { job: "7".into(), indices, condition }
    }

    fn take(array: &mut Submitted, lines: &[Tasks], begun: &[u64]) -> Vec<Holding> {
        array.take(&lines.iter().collect::<Vec<_>>(), |run, _| begun.contains(&run));
        (0..array.runs.len()).map(|task| array.holding(task)).collect()
    }

    fn waiting() -> Condition {
        Condition::Waiting("why".into())
    }

    fn over(word: &str) -> Condition {
        Condition::Over(word.into(), "n".into())
    }

    #[test]
    fn tasks_are_followed_from_the_queue_to_their_end() {
        let mut array = array(3);
        let now = [line(Some(vec![1]), Condition::Running), line(Some(vec![2, 3]), waiting())];
        let held = take(&mut array, &now, &[]);
        assert_eq!(held, [Holding::Running, Holding::Waiting("why".into()), Holding::Waiting("why".into())]);
        assert_eq!((array.live(), array.at_once()), (3, 2));
        let now = [
            line(Some(vec![1]), over("TIMEOUT")),
            line(Some(vec![2]), Condition::Running),
            line(Some(vec![3]), waiting()),
        ];
        assert_eq!(take(&mut array, &now, &[])[0], Holding::Gone);
        assert_eq!(array.ending(0), Some(("TIMEOUT", "n")));
        // The first is too long ago for the queue, and its word is kept; the second is forgotten as it ran.
        let held = take(&mut array, &[line(Some(vec![3]), waiting())], &[]);
        assert_eq!(held, [Holding::Gone, Holding::Gone, Holding::Waiting("why".into())]);
        assert_eq!((array.ending(0), array.ending(1)), (Some(("TIMEOUT", "n")), None));
    }

    #[test]
    fn an_array_that_is_forgotten_whole_is_gone_and_not_cancelled() {
        let mut array = array(2);
        assert_eq!(take(&mut array, &[], &[]), [Holding::Gone, Holding::Gone]);
        assert_eq!(array.live(), 0);
    }

    #[test]
    fn a_task_that_vanishes_beside_its_siblings_was_cancelled_unless_its_run_has_begun() {
        let mut array = array(3);
        let held = take(&mut array, &[line(Some(vec![1]), Condition::Running)], &[102]);
        assert_eq!(held, [Holding::Running, Holding::Gone, Holding::Cancelled]);
    }

    #[test]
    fn a_line_that_names_no_task_stands_for_all_others() {
        let mut array = array(3);
        let now = [line(None, over("CANCELLED")), line(Some(vec![2]), Condition::Running)];
        assert_eq!(take(&mut array, &now, &[]), [Holding::Cancelled, Holding::Running, Holding::Cancelled]);
    }

    #[test]
    fn tasks_outside_of_the_list_change_nothing() {
        let mut array = array(1);
        assert_eq!(
            take(
                &mut array,
                &[line(Some(vec![0, 2, u64::MAX]), Condition::Running), line(Some(vec![1]), waiting())],
                &[]
            ),
            [Holding::Waiting("why".into())]
        );
    }

    #[test]
    fn the_accounting_fills_in_what_the_queue_forgot() {
        let mut array = array(2);
        take(&mut array, &[], &[]);
        assert!(array.is_forgotten(0) && array.is_forgotten(1));
        array.recall(|index| (index == 2).then(|| over("OUT_OF_MEMORY")));
        assert_eq!((array.ending(0), array.ending(1)), (None, Some(("OUT_OF_MEMORY", "n"))));
    }

    #[test]
    fn arrays_share_what_may_go_on_at_once() {
        assert_eq!(shares(4, [10].into_iter()), [4]);
        assert_eq!(shares(4, [1, 10].into_iter()), [1, 3]);
        assert_eq!(shares(4, [0, 10, 3].into_iter()), [0, 4, 1]);
        assert_eq!(shares(usize::MAX, [5, 2].into_iter()), [5, 2]);
    }
}
