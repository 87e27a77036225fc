//! Runs trained on this machine: a slot per GPU, or slots on the CPU, and a process per run.

use super::{Engine, Holding, NotBegun, PlannedRun, Record, Search, SearchError, SearchFolder};
use std::time::Duration;

/// The engine of this machine.
#[derive(Debug)]
pub struct Local {}

impl Local {
    pub fn open(_search: &Search, _folder: &SearchFolder, _record: &Record) -> Result<Self, SearchError> {
        Ok(Self {})
    }
}

impl Engine for Local {
    fn room(&self, _held: usize) -> usize {
        0
    }

    fn hand_over(
        &mut self,
        _runs: &[&PlannedRun],
        _record: &mut Record,
    ) -> Result<Vec<NotBegun>, SearchError> {
        Ok(Vec::new())
    }

    fn look(&mut self, _record: &Record) -> Result<(), SearchError> {
        Ok(())
    }

    fn holding(&self, _run: &PlannedRun) -> Holding {
        Holding::Gone
    }

    fn cancel(&mut self, _record: &Record) -> Result<(), SearchError> {
        Ok(())
    }

    fn throttle(&mut self, _most: usize, _record: &mut Record) -> Result<(), SearchError> {
        Ok(())
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(500)
    }
}
