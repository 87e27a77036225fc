use std::collections::BTreeSet;

/// So many runs that fail at once are no coincidence.
const ENOUGH: usize = 3;

/// Tells a search whose runs all fail at once, as where data or a driver is missing, from one with a few bad points.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failed: BTreeSet<u64>,
    /// Some run has made a step.
    proven: bool,
}

impl Breaker {
    pub(super) fn proved(&mut self) {
        self.proven = true;
    }

    /// A run failed after this many steps. Returns why the search should end, where it should.
    pub(super) fn failed(&mut self, number: u64, step: u64, reason: &str) -> Option<String> {
        self.proven |= step > 0;
        self.failed.insert(number);
        let trips = !self.proven && self.failed.len() >= ENOUGH;
        trips.then(|| format!("the first {ENOUGH} runs failed before their first step: {reason}"))
    }
}
