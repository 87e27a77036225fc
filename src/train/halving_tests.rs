use super::*;
use crate::config::RunConfig;
use crate::run::{State, Status};

/// A search's folder without runs, as it is when the first of them comes to a rung.
struct Siblings {
    folder: tempfile::TempDir,
}

impl Siblings {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Run `number`, compared after 1, 3 and 9 epochs.
    fn contest(&self, number: u64) -> Contest {
        self.contest_by(number, MonitoredMetric::ValidAccuracy)
    }

    fn contest_by(&self, number: u64, metric: MonitoredMetric) -> Contest {
        let halving = Halving { eta: 3, min_epochs: 1, metric };
        Contest { search: self.folder.path().into(), number, halving }
    }

    fn rung(&self, epochs: usize) -> PathBuf {
        self.folder.path().join("rungs").join(epochs.to_string())
    }

    /// Run `number` comes to the first rung with `value`; whether it goes on.
    fn come(&self, number: u64, value: f64) -> bool {
        verdict(&self.contest(number), value).goes_on
    }
}

fn verdict(contest: &Contest, value: f64) -> Verdict {
    contest.compare(1, 20, &best(value)).unwrap()
}

/// A best epoch of this accuracy or this loss, whichever counts.
fn best(value: f64) -> Best {
    Best { accuracy: Some(value), loss: Some(value), ..Best::default() }
}

#[test]
fn only_the_best_third_of_those_that_came_goes_on() {
    let siblings = Siblings::new();
    assert!(siblings.come(1, 0.3), "with fewer than three there is nothing to choose from");
    assert!(siblings.come(2, 0.2));
    assert!(!siblings.come(3, 0.25), "the second of three");
    assert!(siblings.come(4, 0.5), "the best of four");
    assert!(!siblings.come(5, 0.4), "the second of five");
    assert!(siblings.come(6, 0.45), "of six, two go on");
    assert!(!siblings.come(7, 0.42), "the third of seven");
}

#[test]
fn a_smaller_loss_is_the_better_one() {
    let siblings = Siblings::new();
    let come = |number, loss| verdict(&siblings.contest_by(number, MonitoredMetric::ValidLoss), loss).goes_on;
    assert_eq!([come(1, 1.0), come(2, 2.0), come(3, 1.5), come(4, 0.5)], [true, true, false, true]);
}

#[test]
fn of_equal_runs_the_lower_number_goes_on_whoever_came_first() {
    for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1]] {
        let siblings = Siblings::new();
        let came: Vec<_> = order.iter().map(|&number| (number, siblings.come(number, 0.5))).collect();
        assert_eq!(came[2].1, came[2].0 == 1, "{order:?}: only the last one chooses among three");
    }
}

#[test]
fn runs_are_compared_at_rungs_only_and_never_after_the_last_epoch() {
    let siblings = Siblings::new();
    let contest = siblings.contest(1);
    let compared: Vec<usize> = (0..=9).filter(|&n| contest.compare(n, 9, &best(0.5)).is_some()).collect();
    assert_eq!(compared, [1, 3]);
    assert!(!siblings.rung(9).exists());
}

#[test]
fn a_run_that_was_judged_is_not_judged_again_by_those_that_came_later() {
    let siblings = Siblings::new();
    assert!(siblings.come(1, 0.1));
    let before = fs::read(siblings.rung(1).join("1")).unwrap();
    for number in 2..9 {
        siblings.come(number, 0.9);
    }
    let again = verdict(&siblings.contest(1), 0.1);
    assert_eq!(again, Verdict { goes_on: true, note: None });
    assert_eq!(fs::read(siblings.rung(1).join("1")).unwrap(), before);

    assert!(!siblings.come(9, 0.5));
    assert!(!siblings.come(9, 1.0), "one that was to end ends, though it was killed before it had");
}

#[test]
fn a_run_that_was_killed_before_it_decided_decides_by_what_it_wrote() {
    let siblings = Siblings::new();
    siblings.come(1, 0.6);
    siblings.come(2, 0.7);
    write(&siblings.rung(1).join("3"), Mark { value: 0.2, goes_on: None }).unwrap();
    assert!(!siblings.come(3, 0.9));
    write(&siblings.rung(1).join("4"), Mark { value: 0.9, goes_on: None }).unwrap();
    assert!(siblings.come(4, 0.2));
}

#[test]
fn what_is_no_mark_of_a_sibling_is_passed_over() {
    let siblings = Siblings::new();
    siblings.come(1, 0.9);
    let rung = siblings.rung(1);
    for (name, content) in [
        ("2", "{\"value\":null}"),
        ("3", ""),
        ("4", "{\"value\":1e999}"),
        ("5", "NaN"),
        (".new-6", "{\"value\":1}"),
        ("notes", "{\"value\":1}"),
    ] {
        fs::write(rung.join(name), content).unwrap();
    }
    fs::create_dir(rung.join("8")).unwrap();
    assert!(siblings.come(9, 0.1), "the second of two");
    // One's own, torn by whatever, is written anew.
    fs::write(rung.join("10"), "{").unwrap();
    assert!(!siblings.come(10, 0.5), "the second of three");
}

#[test]
fn a_note_tells_rank_and_count() {
    let siblings = Siblings::new();
    let note = |number, value| verdict(&siblings.contest(number), value).note.unwrap();
    let first = note(1, 0.3);
    assert!(first.contains("number 1 of the 1 run ") && first.contains("too few"), "{first}");
    siblings.come(2, 0.4);
    let ended = note(3, 0.123_456);
    assert_eq!(
        ended,
        "ended by successive halving after epoch 1: its best validation accuracy, 0.1235, is number 3 of the 3 runs \
         that came so far; only the best goes on"
    );
    siblings.come(4, 0.2);
    siblings.come(5, 0.2);
    let goes_on = note(6, 0.5);
    assert!(
        goes_on.starts_with("goes on after epoch 1") && goes_on.contains("the best 2 go on"),
        "{goes_on}"
    );
}

#[test]
fn a_run_goes_on_with_a_note_where_the_folder_is_no_use() {
    let siblings = Siblings::new();
    fs::write(siblings.folder.path().join("rungs"), "").unwrap();
    let no_folder = verdict(&siblings.contest(1), 0.5);
    assert!(no_folder.goes_on && no_folder.note.unwrap().contains("rungs"));

    let gone = Siblings::new();
    let contest = gone.contest(1);
    let path = gone.folder.path().to_path_buf();
    drop(gone);
    let missing = verdict(&contest, 0.5);
    assert!(missing.goes_on && missing.note.unwrap().contains("not compared after epoch 1"));
    assert!(!path.exists(), "a search that was removed stays removed");

    let nothing = contest.compare(1, 20, &Best::default()).unwrap();
    assert!(nothing.goes_on && nothing.note.unwrap().contains("no value"));
}

#[test]
fn a_run_takes_part_where_its_trial_says_so() {
    let runs = tempfile::tempdir().unwrap();
    let make = |id: &str, halving| {
        let trial = Trial { search: "s".into(), number: 7, halving };
        let status = Status::new(State::Queued);
        RunFolder::create_trial(runs.path(), id, &status, &RunConfig::default(), &trial).unwrap().unwrap()
    };
    let halving = Halving { eta: 3, min_epochs: 1, metric: MonitoredMetric::ValidLoss };
    let halved = make("a", Some(halving));
    let search = runs.path().join("searches/s");
    assert_eq!(Contest::of(&halved), Ok(Some(Contest { search, number: 7, halving })));
    assert_eq!(Contest::of(&make("b", None)), Ok(None));
    fs::remove_file(halved.trial()).unwrap();
    assert_eq!(Contest::of(&halved), Ok(None), "an ordinary run");
    fs::write(halved.trial(), "{").unwrap();
    assert!(Contest::of(&halved).unwrap_err().contains("trial.json"));
}
