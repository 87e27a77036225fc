use super::Outcome;
use std::path::Path;

pub(super) fn run(_search: &str, _runs: &Path) -> Outcome {
    Err(super::not_yet("--watch"))
}
