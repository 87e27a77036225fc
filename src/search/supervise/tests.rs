mod scene;

use super::super::{Record, SearchState};
use crate::run::{State, Status};
use scene::Scene;
use std::path::Path;

#[test]
fn runs_are_handed_over_in_order_as_slots_become_free_until_all_have_ended() {
    let scene = Scene::new(4, 2, 0);
    let mut supervisor = scene.supervisor();
    assert_eq!(supervisor.round().unwrap(), None);
    assert_eq!(scene.handed(), [1, 2]);
    scene.runs(1, 1);
    scene.ends(2, State::Finished);
    assert_eq!(supervisor.round().unwrap(), None);
    assert_eq!(scene.handed(), [1, 2, 3]);
    scene.ends(1, State::Finished);
    scene.ends(3, State::Finished);
    assert_eq!(supervisor.round().unwrap(), None);
    scene.ends(4, State::Finished);
    assert_eq!(supervisor.round().unwrap(), Some(SearchState::Finished));
    assert_eq!(scene.handed(), [1, 2, 3, 4]);
    assert_eq!(supervisor.ledger.ended.finished, 4);
}

#[test]
fn a_failing_run_is_begun_again_so_often_behind_the_others_and_then_left_failed() {
    let scene = Scene::new(2, 1, 2);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    scene.runs(1, 5);
    scene.ends(1, State::Failed);
    supervisor.round().unwrap();
    assert_eq!(scene.handed(), [1, 2]);
    scene.ends(2, State::Finished);
    supervisor.round().unwrap();
    scene.ends(1, State::Failed);
    supervisor.round().unwrap();
    assert_eq!((scene.handed(), supervisor.record.retried[&1]), (vec![1, 2, 1, 1], 2));
    scene.ends(1, State::Failed);
    assert_eq!(supervisor.round().unwrap(), Some(SearchState::Finished));
    assert_eq!((supervisor.ledger.ended.failed, supervisor.ledger.ended.finished), (1, 1));
}

#[test]
fn a_retry_counts_when_the_run_is_begun_again_and_not_while_it_waits() {
    let scene = Scene::new(2, 1, 1);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    scene.runs(1, 5);
    scene.ends(1, State::Failed);
    supervisor.round().unwrap();
    assert_eq!((scene.handed(), supervisor.record.retried.get(&1)), (vec![1, 2], None));
    scene.ends(2, State::Finished);
    scene.place().folders_left = Some(0);
    supervisor.round().unwrap();
    assert_eq!(supervisor.record.retried.get(&1), None, "the disk was full");
    scene.place().folders_left = None;
    supervisor.round().unwrap();
    assert_eq!((scene.handed(), supervisor.record.retried.get(&1)), (vec![1, 2, 1], Some(&1)));
}

#[test]
fn a_killed_run_goes_on_before_those_that_have_not_begun() {
    let scene = Scene::new(3, 1, 1);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    scene.runs(1, 7);
    supervisor.round().unwrap();
    scene.is_killed(1);
    supervisor.round().unwrap();
    assert_eq!(scene.handed(), [1, 1]);
    let status = Status::read(&scene.folder.run(1)).unwrap();
    assert_eq!((status.state, status.step), (State::Queued, 7), "it goes on from its checkpoint");
}

#[test]
fn preemption_is_no_failure_and_does_not_count() {
    let scene = Scene::new(1, 1, 0);
    let mut supervisor = scene.supervisor();
    for _ in 0..3 {
        supervisor.round().unwrap();
        scene.runs(1, 1);
        scene.ends(1, State::Preempted);
    }
    supervisor.round().unwrap();
    assert_eq!((scene.handed().len(), supervisor.record.retried.len()), (4, 0));
}

#[test]
fn a_run_that_a_scheduler_still_holds_is_not_begun_twice_whatever_its_folder_says() {
    let scene = Scene::new(1, 1, 3);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    scene.runs(1, 1);
    for state in [State::Preempted, State::Running] {
        scene.is_killed(1);
        scene.write(1, |status| status.state = state);
        scene.place().held.insert(1);
        supervisor.round().unwrap();
    }
    assert_eq!(scene.handed(), [1]);
    scene.place().held.remove(&1);
    supervisor.round().unwrap();
    assert_eq!(scene.handed(), [1, 1]);
}

#[test]
fn an_end_from_before_a_run_was_handed_over_again_is_no_news() {
    let scene = Scene::new(1, 1, 5);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    scene.ends(1, State::Failed);
    let failed = Status::read(&scene.folder.run(1)).unwrap();
    supervisor.round().unwrap();
    // As an engine leaves it whose task has not begun: the folder tells of the end before.
    failed.write(&scene.folder.run(1)).unwrap();
    supervisor.round().unwrap();
    supervisor.round().unwrap();
    assert_eq!(scene.handed(), [1, 1]);
    scene.ends(1, State::Failed);
    supervisor.round().unwrap();
    assert_eq!(scene.handed(), [1, 1, 1]);
}

#[test]
fn a_run_that_someone_stopped_stays_stopped_until_the_search_is_resumed() {
    let scene = Scene::new(1, 1, 3);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    scene.ends(1, State::Stopped);
    assert_eq!(supervisor.round().unwrap(), Some(SearchState::Finished));
    assert_eq!(supervisor.ledger.ended.stopped, 1);
    scene.supervisor().round().unwrap();
    assert_eq!(scene.handed(), [1, 1]);
}

#[test]
fn a_new_supervisor_adopts_what_is_trained_and_begins_nothing_twice() {
    let scene = Scene::new(5, 3, 1);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    scene.runs(1, 3);
    scene.runs(2, 3);
    scene.is_killed(2);
    scene.ends(3, State::Finished);
    drop(supervisor); // killed
    scene.place().held.clear();
    let mut supervisor = scene.supervisor();
    assert_eq!((supervisor.held(), supervisor.waiting()), (1, 3));
    supervisor.round().unwrap();
    assert_eq!(scene.handed(), [1, 2, 3, 2, 4], "run 1 goes on, 3 is done, 2 was killed with the supervisor");
    for number in [1, 2, 4] {
        scene.ends(number, State::Finished);
    }
    supervisor.round().unwrap();
    scene.ends(5, State::Finished);
    assert_eq!(supervisor.round().unwrap(), Some(SearchState::Finished));
}

#[test]
fn a_search_whose_first_runs_all_fail_at_once_ends_with_their_sentence() {
    let scene = Scene::new(50, 2, 3);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    scene.ends(1, State::Failed);
    scene.ends(2, State::Failed);
    assert_eq!(supervisor.round().unwrap(), None);
    scene.ends(3, State::Failed);
    assert_eq!(supervisor.round().unwrap(), None, "run 4 is still there");
    assert_eq!(scene.place().cancels, 1);
    scene.ends(4, State::Stopped);
    assert_eq!(supervisor.round().unwrap(), Some(SearchState::Failed));
    let problem = supervisor.record.problem.unwrap();
    assert!(problem.contains("before their first step") && problem.contains("no such picture"), "{problem}");
    assert_eq!(scene.handed(), [1, 2, 3, 4]);
}

#[test]
fn a_few_bad_points_do_not_end_a_search_that_has_made_steps() {
    let scene = Scene::new(5, 4, 0);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    scene.runs(4, 1);
    for number in 1..=3 {
        scene.ends(number, State::Failed);
    }
    supervisor.round().unwrap();
    supervisor.round().unwrap();
    assert_eq!(scene.handed(), [1, 2, 3, 4, 5]);
}

#[test]
fn a_stop_file_stops_the_runs_once_and_ends_the_search_when_they_have_ended() {
    let scene = Scene::new(4, 2, 0);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    scene.runs(1, 1);
    std::fs::write(scene.folder.stop_request(), "").unwrap();
    supervisor.round().unwrap();
    scene.ends(1, State::Stopped);
    assert_eq!(supervisor.round().unwrap(), None);
    scene.place().held.remove(&2); // it never began
    assert_eq!(supervisor.round().unwrap(), Some(SearchState::Stopped));
    assert_eq!(scene.place().cancels, 1);
    assert_eq!(scene.handed(), [1, 2]);
    supervisor.put_away();
}

#[test]
fn a_throttle_file_changes_how_many_run_at_once_and_is_taken_away() {
    let scene = Scene::new(9, 2, 0);
    let mut supervisor = scene.supervisor();
    std::fs::write(scene.folder.throttle_request(), "5\n").unwrap();
    supervisor.round().unwrap();
    assert_eq!((scene.handed().len(), supervisor.record.throttle), (5, Some(5)));
    assert!(!scene.folder.throttle_request().exists());
    for nonsense in ["0", "many", ""] {
        std::fs::write(scene.folder.throttle_request(), nonsense).unwrap();
        supervisor.round().unwrap();
        assert_eq!(supervisor.record.throttle, Some(5), "{nonsense}");
    }
}

#[test]
fn a_full_disk_pauses_the_search_with_a_sentence_and_it_goes_on_by_itself() {
    let scene = Scene::new(3, 3, 0);
    let mut supervisor = scene.supervisor();
    supervisor.free_bytes = |_: &Path| Some(1 << 20);
    assert_eq!(supervisor.round().unwrap(), None);
    assert_eq!((scene.handed(), supervisor.record.state), (vec![], SearchState::Paused));
    let problem = supervisor.record.problem.clone().unwrap();
    assert!(problem.contains("only 1 MB") && problem.contains("mien runs remove"), "{problem}");

    // Full while runs are begun: those that were begun are held, the others wait in their order.
    supervisor.free_bytes = |_| None;
    scene.place().folders_left = Some(1);
    supervisor.round().unwrap();
    assert_eq!((scene.handed(), supervisor.held(), supervisor.waiting()), (vec![1], 1, 2));
    assert_eq!(supervisor.record.state, SearchState::Paused);

    scene.place().folders_left = None;
    supervisor.round().unwrap();
    assert_eq!((scene.handed(), supervisor.record.state), (vec![1, 2, 3], SearchState::Running));
    assert_eq!(supervisor.record.problem, None);
}

#[test]
fn a_run_that_fails_for_want_of_room_does_not_use_up_its_retries() {
    let scene = Scene::new(1, 1, 0);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    scene.ends(1, State::Failed);
    supervisor.free_bytes = |_| Some(0);
    assert_eq!(supervisor.round().unwrap(), None);
    supervisor.free_bytes = |_| None;
    supervisor.round().unwrap();
    assert_eq!((scene.handed(), supervisor.record.retried.len()), (vec![1, 1], 0));

    // One that could not even write that it failed.
    scene.runs(1, 5);
    scene.is_killed(1);
    supervisor.free_bytes = |_| Some(0);
    assert_eq!(supervisor.round().unwrap(), None);
    supervisor.free_bytes = |_| None;
    supervisor.round().unwrap();
    assert_eq!((scene.handed(), supervisor.record.retried.len()), (vec![1, 1, 1], 0));
}

#[test]
fn a_scheduler_that_does_not_answer_pauses_the_search_and_loses_nothing() {
    let scene = Scene::new(2, 1, 0);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    scene.place().deaf = true;
    supervisor.round().unwrap();
    assert_eq!(supervisor.record.state, SearchState::Paused);
    scene.place().deaf = false;
    scene.ends(1, State::Finished);
    supervisor.round().unwrap();
    assert_eq!((supervisor.record.state, scene.handed()), (SearchState::Running, vec![1, 2]));
}

#[test]
fn a_run_that_cannot_be_begun_for_a_reason_of_its_own_is_failed_and_the_others_go_on() {
    let scene = Scene::new(2, 1, 3);
    scene.place().refused = Some(1);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    supervisor.round().unwrap();
    assert_eq!((scene.handed(), supervisor.ledger.ended.failed), (vec![2], 1));
    let why = "cannot be begun: its folder is torn";
    assert_eq!(supervisor.record.failed, [(1, why.to_string())].into());
    // The next supervisor knows, until the search is resumed.
    supervisor.record.write(&scene.folder).unwrap();
    let next = scene.supervisor();
    assert_eq!((next.waiting(), next.ledger.ended.failed), (0, 1));
}

#[test]
fn a_search_none_of_whose_runs_can_be_begun_ends_with_their_sentence() {
    let scene = Scene::new(9, 1, 0);
    scene.place().refuses_all = true;
    let mut supervisor = scene.supervisor();
    let end = (0..3).find_map(|_| supervisor.round().unwrap());
    assert_eq!(end, Some(SearchState::Failed));
    assert!(supervisor.record.problem.as_ref().unwrap().contains("its folder is torn"));
}

#[test]
fn a_run_that_is_given_up_without_a_word_of_its_own_is_in_the_record() {
    let scene = Scene::new(1, 1, 0);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    // Queued, and its trainer has gone.
    scene.place().held.clear();
    assert_eq!(supervisor.round().unwrap(), Some(SearchState::Finished));
    assert!(supervisor.record.failed[&1].contains("before it began"));
}

#[test]
fn a_long_plan_costs_a_round_no_more_than_what_is_held() {
    let scene = Scene::new(2000, 2, 0);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    assert_eq!((supervisor.held(), supervisor.waiting()), (2, 1998));
    assert_eq!(supervisor.ledger.waiting_with_folder().count(), 0);
}

#[test]
fn a_queued_run_without_a_trainer_is_begun_by_the_next_supervisor() {
    let scene = Scene::new(2, 2, 0);
    let mut supervisor = scene.supervisor();
    supervisor.round().unwrap();
    drop(supervisor);
    scene.place().held.clear();
    scene.supervisor().round().unwrap();
    assert_eq!(scene.handed(), [1, 2, 1, 2]);
}

#[test]
fn runs_that_wait_when_a_search_is_stopped_do_not_look_as_if_they_were_to_begin() {
    let scene = Scene::new(1, 1, 0);
    scene.supervisor().round().unwrap();
    scene.place().held.clear();
    let mut supervisor = scene.supervisor();
    supervisor.stop();
    assert_eq!(supervisor.round().unwrap(), Some(SearchState::Stopped));
    supervisor.put_away();
    assert_eq!(Status::read(&scene.folder.run(1)).unwrap().state, State::Stopped);
}

#[test]
fn a_search_that_was_stopped_before_its_supervisor_had_it_stays_stopped() {
    let scene = Scene::new(2, 1, 0);
    let stopped = Record { state: SearchState::Stopped, ..Record::read(&scene.folder).unwrap() };
    stopped.write(&scene.folder).unwrap();
    assert_eq!(super::supervise(&scene.folder).unwrap(), SearchState::Stopped);
    assert_eq!(Record::read(&scene.folder).unwrap(), stopped);
    assert_eq!(crate::run::list(&scene.folder.runs()).unwrap(), []);
}
