//! A task of a job array, where it runs.

use super::list::run_of;
use crate::data::printable;
use crate::run::{self, RunError, RunFolder, State, Status, observe};
use crate::search::ready::ready;
use crate::search::{Plan, Search, SearchError, SearchFolder};

/// What a task has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Train this run, from its last checkpoint.
    Train(RunFolder),
    /// Why there is nothing to do; one sentence.
    Nothing(String),
}

impl Task {
    /// The task that stands in `line`, `<list>:<line>`, of a search. The run's folder is there and `queued` afterwards.
    /// `job` is the Slurm job that this process is in, as a run's status names it.
    ///
    /// # Errors
    /// Where the line, the plan or the run's config cannot be understood.
    pub fn take(folder: &SearchFolder, line: &str, job: Option<&str>) -> Result<Self, SearchError> {
        let number = run_of(folder, line)?;
        let search = Search::of_folder(folder)?;
        let plan = Plan::read(folder)?;
        let missing = || SearchError::content(&folder.plan(), format!("run {number} is not in it"));
        let planned = plan.get(number).ok_or_else(missing)?;
        if let Some(why) = nothing_to_do(&folder.run(number), job)? {
            return Ok(Self::Nothing(why));
        }
        match ready(folder, &search, planned, None) {
            Ok(run) => Ok(Self::Train(run)),
            // Another task, or a person, was quicker.
            Err(SearchError::Run(error @ RunError::Locked { .. })) => Ok(Self::Nothing(error.to_string())),
            Err(error) => Err(error),
        }
    }
}

fn nothing_to_do(folder: &RunFolder, job: Option<&str>) -> Result<Option<String>, SearchError> {
    let id = folder.id();
    let id = printable(&id);
    let seen = observe(folder);
    let Some(status) = seen.status else { return Ok(None) };
    match seen.state {
        State::Finished => return Ok(Some(format!("{id} has finished already"))),
        // Slurm begins a task anew only when the process before is gone, though its last sign of life may be fresh.
        State::Running if job.is_some() && status.job.as_deref() == job => {
            run::disown(folder, status.clone())?
        }
        State::Running => return Ok(Some(format!("{id} is being trained by {} already", status.process))),
        _ => {}
    }
    // Whoever queued the run has taken back earlier requests: this one came since.
    if !folder.stop_requested() {
        return Ok(None);
    }
    let stopped = Status { process: run::ProcessIdentity::default(), ..status };
    Status { state: State::Stopped, ..stopped }.write(folder)?;
    Ok(Some(format!("{id} was stopped while it waited; mien train --resume {id} goes on")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{ProcessIdentity, unix_seconds};
    use std::fs;

    fn folder(status: Status) -> (tempfile::TempDir, RunFolder) {
        let keep = tempfile::tempdir().unwrap();
        let folder = RunFolder::of_id(keep.path(), "a");
        fs::create_dir(folder.path()).unwrap();
        status.write(&folder).unwrap();
        (keep, folder)
    }

    fn running_elsewhere(job: &str) -> Status {
        let process = ProcessIdentity { host: Some("elsewhere".into()), pid: Some(7), ..Default::default() };
        Status { process, heartbeat: unix_seconds(), job: Some(job.into()), ..Status::new(State::Running) }
    }

    #[test]
    fn a_run_that_has_finished_or_is_trained_by_another_is_left_alone() {
        let (_keep, finished) = folder(Status::new(State::Finished));
        assert!(nothing_to_do(&finished, None).unwrap().unwrap().contains("has finished"));
        let (_keep, running) = folder(running_elsewhere("4_1"));
        let why = nothing_to_do(&running, Some("5_1")).unwrap().unwrap();
        assert!(why.contains("being trained by process 7 on elsewhere"), "{why}");
        assert!(nothing_to_do(&running, None).unwrap().is_some());
    }

    #[test]
    fn a_task_that_was_requeued_after_its_node_vanished_goes_on_with_its_run() {
        let (_keep, run) = folder(running_elsewhere("4_1"));
        assert_eq!(nothing_to_do(&run, Some("4_1")).unwrap(), None);
        run::prepare_resume(&run).unwrap();
    }

    #[test]
    fn a_run_that_was_stopped_while_it_waited_is_not_begun() {
        for state in [State::Queued, State::Preempted] {
            let (_keep, run) = folder(Status { search: Some("s".into()), step: 7, ..Status::new(state) });
            run.request_stop().unwrap();
            assert!(nothing_to_do(&run, Some("4_1")).unwrap().unwrap().contains("was stopped"));
            let status = Status::read(&run).unwrap();
            assert_eq!((status.state, status.step), (State::Stopped, 7));
        }
    }

    #[test]
    fn a_run_without_a_folder_is_begun() {
        let keep = tempfile::tempdir().unwrap();
        assert_eq!(nothing_to_do(&RunFolder::of_id(keep.path(), "a"), None).unwrap(), None);
    }
}
