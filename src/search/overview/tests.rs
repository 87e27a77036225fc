use super::*;
use crate::run::{ProcessIdentity, Status, unix_seconds};
use crate::search::folder::tests::search_folder;
use crate::search::{Plan, PlannedRun, Record};
use std::fs;

/// Points of one axis, `train.batch_size`, each with each of the seeds.
fn planned(sizes: &[i64], seeds: &[u64]) -> Vec<PlannedRun> {
    let points = seeds.iter().flat_map(|&seed| sizes.iter().map(move |&size| (seed, size)));
    let run = |(number, (seed, size)): (u64, (u64, i64))| PlannedRun {
        number,
        seed,
        set: vec![("train.batch_size".into(), Value::Integer(size))],
    };
    (1..).zip(points).map(run).collect()
}

/// What was searched.
const FILE: &str =
    "name = \"tiny\"\nbase = \"base.toml\"\nretries = 1\n[axes]\n\"train.batch_size\" = [8, 16]\n";

fn search(sizes: &[i64], seeds: &[u64]) -> (tempfile::TempDir, SearchFolder) {
    let (keep, folder) = search_folder("tiny");
    fs::write(folder.file(), FILE).unwrap();
    Plan::append(&folder, &planned(sizes, seeds)).unwrap();
    (keep, folder)
}

fn running(folder: &SearchFolder) -> Record {
    let record = Record {
        state: SearchState::Running,
        process: ProcessIdentity::current(),
        slots: vec!["cuda:0".into(), "cuda:1".into()],
        ..Record::new("s.toml".into())
    };
    record.write(folder).unwrap();
    record
}

fn write(folder: &SearchFolder, number: u64, status: Status) {
    let run = folder.run(number);
    fs::create_dir_all(run.path()).unwrap();
    let status = Status { search: Some(folder.id()), ..status };
    status.write(&run).unwrap();
}

fn finished(accuracy: f64) -> Status {
    Status {
        valid_accuracy: Some(accuracy),
        test_accuracy: Some(1.0 - accuracy),
        trained_seconds: Some(100.0),
        epochs: Some(80),
        epoch: 80,
        ..Status::new(State::Finished)
    }
}

fn alive() -> Status {
    Status { process: ProcessIdentity::current(), ..Status::new(State::Running) }
}

#[test]
fn points_stand_best_first_with_a_run_for_each_seed() {
    let (_keep, folder) = search(&[8, 16, 32], &[42, 43]);
    for (number, accuracy) in [(1, 0.7), (2, 0.8), (4, 0.72), (5, 0.84)] {
        write(&folder, number, finished(accuracy));
    }
    write(&folder, 3, Status { epoch: 7, epochs: Some(80), valid_accuracy: Some(0.9), ..alive() });
    let overview = Overview::read(&folder).unwrap();
    assert_eq!(
        overview.axes.iter().map(|axis| axis.field.as_str()).collect::<Vec<_>>(),
        ["train.batch_size"]
    );
    let rows: Vec<_> = overview
        .rows
        .iter()
        .map(|row| (row.point[0].as_ref().unwrap().as_integer().unwrap(), row.mean, row.is_complete))
        .collect();
    assert_eq!(rows[0].0, 16);
    assert!((rows[0].1.unwrap() - 0.82).abs() < 1e-12);
    assert_eq!([rows[1].0, rows[2].0], [8, 32], "0.9 on the way comes behind what is complete");
    assert_eq!([rows[0].2, rows[1].2, rows[2].2], [true, true, false]);
    let runs: Vec<_> = overview.rows[0].runs.iter().map(|run| (run.number, run.seed, run.value)).collect();
    assert_eq!(runs, [(2, 42, Some(0.8)), (5, 43, Some(0.84))]);
    assert_eq!(overview.rows[0].runs[0].folder, folder.run(2));
    assert!(overview.rows[0].interval.is_some() && overview.rows[2].interval.is_none());
    assert_eq!(overview.summary.best, overview.rows[0].mean);
    assert_eq!(overview.best().map(|row| &row.point), Some(&overview.rows[0].point));
    let on_the_way = &overview.rows[2].runs[0];
    assert_eq!((on_the_way.epoch, on_the_way.epochs, on_the_way.test_accuracy), (7, 80, None));
}

/// Runs 1 to 10 in all states that there are.
fn in_every_state(folder: &SearchFolder) {
    let gone = ProcessIdentity { process_start: Some(1.0), ..ProcessIdentity::current() };
    let of = |state| Status { trained_seconds: Some(40.0), ..Status::new(state) };
    write(folder, 1, finished(0.5));
    write(folder, 2, Status { halved: Some(2), trained_seconds: Some(20.0), ..finished(0.4) });
    write(folder, 3, Status { eta_seconds: Some(30.0), trained_seconds: Some(10.0), ..alive() });
    write(folder, 4, of(State::Queued));
    write(folder, 5, of(State::Preempted));
    write(folder, 6, Status { error: Some("no \u{1b}[2J memory".into()), ..of(State::Failed) });
    write(folder, 7, Status { process: gone, ..of(State::Running) });
    write(folder, 8, of(State::Stopped));
    write(folder, 9, of(State::Queued));
    fs::write(folder.run(9).status(), "{\"state\":").unwrap();
}

#[test]
fn counts_add_up_to_the_plan() {
    let (_keep, folder) = search(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], &[42]);
    in_every_state(&folder);
    // The one that failed was begun again already; the lost one will be.
    let cancelled = Record { cancelled: [11].into(), retried: [(6, 1)].into(), ..running(&folder) };
    cancelled.write(&folder).unwrap();
    let counts = Overview::read(&folder).unwrap().summary.counts;
    let expected =
        Counts { waiting: 3, queued: 2, running: 1, finished: 1, halved: 1, failed: 2, stopped: 2 };
    assert_eq!(counts, expected);
    assert_eq!((counts.planned(), counts.ended()), (12, 6));

    Record { state: SearchState::Stopped, ..cancelled }.write(&folder).unwrap();
    let overview = Overview::read(&folder).unwrap();
    let stopped = Counts { waiting: 2, queued: 0, failed: 3, stopped: 4, ..expected };
    assert_eq!(overview.summary.counts, stopped, "nothing waits for its turn in a search that was stopped");
    let reason = |number| {
        let mut runs = overview.rows.iter().flat_map(|row| &row.runs);
        runs.find(|run| run.number == number).unwrap().reason.clone().unwrap_or_default()
    };
    assert_eq!(reason(6), "no [2J memory");
    assert!(reason(7).contains("is gone") && reason(9).contains("status.json"));
}

#[test]
fn the_time_left_comes_from_what_runs_took_and_from_how_many_there_are_at_once() {
    let (_keep, folder) = search(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], &[42]);
    let left = || Overview::read(&folder).unwrap().summary.seconds_left;
    assert_eq!(left(), None, "it has not begun");
    let record = running(&folder);
    assert_eq!(left(), None, "nothing is known of its runs");
    in_every_state(&folder);
    let record = Record { retried: [(6, 1), (7, 1)].into(), ..record };
    record.write(&folder).unwrap();
    // A run takes 60 s: 30 s for the running one, 20 s for each of the two begun ones, 60 s for the new one.
    assert_eq!(left(), Some(130.0 / 2.0));
    Record { throttle: Some(1), ..record.clone() }.write(&folder).unwrap();
    assert_eq!(left(), Some(130.0));
    Record { state: SearchState::Paused, ..record }.write(&folder).unwrap();
    assert_eq!(left(), None, "who knows when the disk has room");
}

#[test]
fn what_has_not_changed_is_not_made_anew_and_what_has_is_seen() {
    let (_keep, folder) = search(&[8, 16], &[42]);
    let record = running(&folder);
    write(&folder, 1, Status { error: Some("x".into()), ..Status::new(State::Failed) });
    let mut reader = OverviewReader::new(&folder);
    let first = reader.read().unwrap();
    Record { heartbeat: unix_seconds() + 1.0, ..record }.write(&folder).unwrap();
    assert!(Arc::ptr_eq(&first, &reader.read().unwrap()), "a sign of life is no news");

    write(&folder, 1, Status { epoch: 2, ..alive() });
    let resumed = reader.read().unwrap();
    assert_eq!((resumed.rows[0].runs[0].state, resumed.rows[0].runs[0].epoch), (Some(State::Running), 2));
    assert_eq!(first.rows[0].runs[0].state, Some(State::Failed), "who still shows it is not disturbed");
    write(&folder, 2, finished(0.5));
    assert_eq!(reader.read().unwrap().rows[0].runs[0].number, 2);
    fs::remove_dir_all(folder.run(2).path()).unwrap();
    let removed = reader.read().unwrap();
    assert_eq!((removed.rows[0].runs[0].number, removed.rows[1].runs[0].state), (1, None));

    let more = PlannedRun { number: 3, ..planned(&[32], &[42])[0].clone() };
    Plan::append(&folder, &[more]).unwrap();
    assert_eq!(reader.read().unwrap().summary.counts.planned(), 3);
    assert_eq!(reader.read().unwrap().as_ref(), &Overview::read(&folder).unwrap());
}

#[test]
fn a_search_whose_supervisor_is_gone_says_so() {
    let (_keep, folder) = search(&[8], &[42]);
    let gone = ProcessIdentity { process_start: Some(1.0), ..ProcessIdentity::current() };
    Record { process: gone, ..running(&folder) }.write(&folder).unwrap();
    let summary = SearchSummary::read(&folder).unwrap();
    assert_eq!((summary.state, summary.seconds_left), (SearchState::Lost, None));
    assert!(summary.problem.unwrap().contains("--resume"));
}

#[test]
fn what_is_wrong_in_a_searchs_folder_is_told_and_the_rest_is_shown() {
    let (_keep, folder) = search(&[8, 16], &[42]);
    write(&folder, 2, finished(0.5));
    let read = || {
        let overview = Overview::read(&folder).unwrap();
        (overview.rows.len(), overview.summary.problem.unwrap_or_default())
    };
    let whole = fs::read_to_string(folder.plan()).unwrap();
    fs::write(folder.plan(), format!("{whole}{{\"number\":3,\"se")).unwrap();
    assert_eq!(read().0, 2, "a torn last line");
    fs::write(folder.plan(), format!("{whole}\u{1b}[2J\n")).unwrap();
    let (rows, problem) = read();
    assert!(rows == 2 && problem.contains("plan.jsonl: line 3") && !problem.contains('\u{1b}'), "{problem}");
    let hostile = "{\"number\":1,\"seed\":1,\"set\":{\"a\\u001b[2J\":\"x\\u001by\"}}\n";
    fs::write(folder.plan(), hostile).unwrap();
    fs::write(folder.file(), "[axes").unwrap();
    assert!(read().1.contains("search.toml"), "{}", read().1);
    let overview = Overview::read(&folder).unwrap();
    assert_eq!(
        (overview.axes[0].field.as_str(), overview.rows[0].point[0].clone()),
        ("a[2J", Some("xy".into()))
    );
    fs::remove_file(folder.plan()).unwrap();
    let pipe = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, folder.plan(), pipe, 0o600.into(), 0).unwrap();
    let (rows, problem) = read();
    assert!(rows == 0 && problem.contains("not a regular file"), "{problem}");
    fs::write(folder.record(), "{").unwrap();
    assert_eq!(SearchSummary::read(&folder).unwrap().state, SearchState::Lost);
    fs::remove_dir_all(folder.path()).unwrap();
    assert!(Overview::read(&folder).unwrap_err().is_refusal());
}

#[test]
fn curves_are_those_of_the_first_rows() {
    let (_keep, folder) = search(&[8, 16], &[42, 43]);
    for (number, accuracy) in [(1, 0.5), (2, 0.7), (3, 0.6), (4, 0.8)] {
        write(&folder, number, finished(accuracy));
        let row = |epoch: u64, value: &str| {
            format!(
                "{{\"epoch\":{epoch},\"step\":{epoch},\"split\":\"valid\",\"loss\":2,\"accuracy\":{value}}}\n"
            )
        };
        let metrics = row(1, "0.25") + &row(2, "null") + &row(3, &accuracy.to_string());
        fs::write(folder.run(number).metrics(), metrics).unwrap();
    }
    let overview = Overview::read(&folder).unwrap();
    let top = curves(&overview, 1);
    assert_eq!(top.iter().map(|curve| (curve.row, curve.number)).collect::<Vec<_>>(), [(0, 2), (0, 4)]);
    assert_eq!((top[0].label.as_str(), &top[0].points), ("batch_size 16", &vec![(1, 0.25), (3, 0.7)]));
    fs::remove_file(folder.run(3).metrics()).unwrap();
    assert_eq!(curves(&overview, 100).len(), 3, "a run without metrics has no curve");
}

#[test]
fn a_run_that_could_not_be_begun_is_failed_with_its_reason() {
    let (_keep, folder) = search(&[8, 16, 32], &[42]);
    let failed = [1, 2, 3].map(|number| (number, format!("cannot be begun: {number}\x1b[31m")));
    Record { failed: failed.into(), ..running(&folder) }.write(&folder).unwrap();
    // One left a folder that waits for its turn, and someone trains another one by hand.
    write(&folder, 2, Status::new(State::Queued));
    write(&folder, 3, alive());
    let overview = Overview::read(&folder).unwrap();
    let counts = overview.summary.counts;
    assert_eq!((counts.failed, counts.running, counts.planned()), (2, 1, 3));
    let of =
        |number| overview.rows.iter().flat_map(|row| &row.runs).find(|run| run.number == number).unwrap();
    for number in [1, 2] {
        assert_eq!(of(number).state, Some(State::Failed), "{number}");
        let reason = of(number).reason.as_ref().unwrap();
        assert!(reason.starts_with("cannot be begun") && !reason.contains('\x1b'), "{reason}");
    }
    assert_eq!((of(3).state, &of(3).reason), (Some(State::Running), &None));
}
